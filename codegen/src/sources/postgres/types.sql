-- Every type that the selected relations and functions lead to, through arrays, domains, ranges and composites,
-- and the enums, domains and stand-alone composites of the selected schemas.
-- `to_jsonb(pg_range)` because the column of multiranges exists since PostgreSQL 14 only.
-- $1: names of the selected schemas
with recursive seeds (oid) as (
  select a.atttypid
  from pg_attribute a
  join pg_class c on c.oid = a.attrelid
  join pg_namespace n on n.oid = c.relnamespace
  where n.nspname = any ($1)
    and c.relkind in ('r', 'p', 'f', 'v', 'm')
    and not c.relispartition
    and a.attnum > 0
    and not a.attisdropped
  union
  select argument.type
  from pg_proc p
  join pg_namespace n on n.oid = p.pronamespace
  cross join lateral unnest(coalesce(p.proallargtypes, p.proargtypes::oid[]) || p.prorettype) as argument (type)
  where n.nspname = any ($1) and p.prokind = 'f'
  union
  select t.oid
  from pg_type t
  join pg_namespace n on n.oid = t.typnamespace
  left join pg_class c on c.oid = t.typrelid
  where n.nspname = any ($1) and (t.typtype in ('e', 'd') or c.relkind = 'c')
),
ranges as (
  select r.rngtypid as range, r.rngsubtype as subtype, (to_jsonb(r) ->> 'rngmultitypid')::oid as multirange
  from pg_range r
),
reached (oid) as (
  select oid from seeds
  union
  select follow.oid
  from reached
  join pg_type t on t.oid = reached.oid
  cross join lateral (
    select t.typelem where t.typelem <> 0 and t.typlen = -1
    union all
    select t.typbasetype where t.typbasetype <> 0
    union all
    select r.subtype from ranges r where r.range = t.oid
    union all
    select r.range from ranges r where r.multirange = t.oid
    union all
    select a.atttypid
    from pg_attribute a
    where t.typtype = 'c' and a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped
  ) as follow (oid)
)
select
  t.oid,
  n.nspname::text as schema,
  t.typname::text as name,
  t.typtype::text as kind,
  nullif(case when t.typlen = -1 then t.typelem else 0 end, 0) as element,
  nullif(t.typbasetype, 0) as base,
  case when t.typbasetype <> 0 then format_type(t.typbasetype, t.typtypmod) end as base_sql,
  t.typnotnull as not_null,
  t.typdefault is not null as has_default,
  nullif(t.typrelid, 0) as relation,
  coalesce(c.relkind = 'c', false) as stand_alone,
  (select r.subtype from ranges r where r.range = t.oid) as subtype,
  (select r.range from ranges r where r.multirange = t.oid) as range,
  array(select e.enumlabel::text from pg_enum e where e.enumtypid = t.oid order by e.enumsortorder) as labels,
  array(
    select pg_get_constraintdef(k.oid)
    from pg_constraint k
    where k.contypid = t.oid and k.contype = 'c'
    order by k.conname collate "C"
  ) as checks,
  (
    select x.extname::text
    from pg_depend d
    join pg_extension x on x.oid = d.refobjid
    where d.classid = 'pg_type'::regclass
      and d.objid = t.oid
      and d.refclassid = 'pg_extension'::regclass
      and d.deptype = 'e'
  ) as extension,
  coalesce(obj_description(t.oid, 'pg_type'), obj_description(nullif(t.typrelid, 0), 'pg_class')) as comment
from reached
join pg_type t on t.oid = reached.oid
join pg_namespace n on n.oid = t.typnamespace
left join pg_class c on c.oid = t.typrelid
order by n.nspname collate "C", t.typname collate "C"
