-- Columns of the relations that relations.sql lists.
-- $1: names of the selected schemas
select
  a.attrelid as relation,
  a.attnum as number,
  a.attname::text as name,
  a.atttypid as type,
  format_type(a.atttypid, a.atttypmod) as sql,
  a.attndims::int2 as dimensions,
  a.attnotnull as not_null,
  pg_get_expr(e.adbin, e.adrelid) as default_expression,
  a.attidentity::text as identity,
  a.attgenerated::text as generated,
  case when n.nspname = any ($1) and c.relkind = 'v' then pg_column_is_updatable(a.attrelid, a.attnum, true) else false end as updatable,
  d.description as comment
from pg_attribute a
join pg_class c on c.oid = a.attrelid
join pg_namespace n on n.oid = c.relnamespace
left join pg_attrdef e on e.adrelid = a.attrelid and e.adnum = a.attnum
left join pg_description d on d.objoid = a.attrelid and d.objsubid = a.attnum and d.classoid = 'pg_class'::regclass
where a.attnum > 0
  and not a.attisdropped
  and c.relkind in ('r', 'p', 'f', 'v', 'm')
  and not c.relispartition
  and (n.nspname = any ($1) or (n.nspname !~ '^pg_' and n.nspname <> 'information_schema'))
order by a.attrelid, a.attnum
