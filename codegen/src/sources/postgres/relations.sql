-- Tables, views, materialized views, foreign tables and partitioned tables, without partitions.
-- The whole database: views of a selected schema may stand on tables of another one.
-- $1: names of the selected schemas
select
  c.oid,
  n.nspname::text as schema,
  c.relname::text as name,
  c.relkind::text as kind,
  d.description as comment,
  case when n.nspname = any ($1) and not w.has_no_handler then pg_relation_is_updatable(c.oid, true) else 0 end as events,
  case when n.nspname = any ($1) and not w.has_no_handler then pg_relation_is_updatable(c.oid, false) else 0 end as own_events,
  c.reltype as row_type,
  case when c.relkind in ('v', 'm') then r.ev_action::text end as definition
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
left join pg_description d on d.objoid = c.oid and d.objsubid = 0 and d.classoid = 'pg_class'::regclass
left join pg_rewrite r on r.ev_class = c.oid and r.rulename = '_RETURN'
-- Asking about a foreign table whose wrapper has no handler is an error.
cross join lateral (
  select exists (
    select
    from pg_foreign_table t
    join pg_foreign_server s on s.oid = t.ftserver
    join pg_foreign_data_wrapper f on f.oid = s.srvfdw
    where t.ftrelid = c.oid and f.fdwhandler = 0
  ) as has_no_handler
) w
where c.relkind in ('r', 'p', 'f', 'v', 'm')
  and not c.relispartition
  and (n.nspname = any ($1) or (n.nspname !~ '^pg_' and n.nspname <> 'information_schema'))
order by n.nspname collate "C", c.relname collate "C"
