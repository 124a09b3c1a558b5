-- Plain functions (no procedures, aggregates and window functions), without those of extensions, without
-- triggers, and without those that only the server itself can call.
-- $1: names of the selected schemas
select
  p.oid,
  n.nspname::text as schema,
  p.proname::text as name,
  obj_description(p.oid, 'pg_proc') as comment,
  coalesce(p.proargnames, '{}')::text[] as names,
  coalesce(p.proargmodes, '{}')::text[] as modes,
  coalesce(p.proallargtypes, p.proargtypes::oid[]) as types,
  array(
    select format_type(u.type, null)
    from unnest(coalesce(p.proallargtypes, p.proargtypes::oid[])) with ordinality as u (type, place)
    order by u.place
  ) as type_names,
  p.pronargdefaults as defaults,
  p.prorettype as returns,
  coalesce(pg_get_function_result(p.oid), 'void') as returns_sql,
  p.proretset as returns_set,
  p.prorows as rows,
  p.provolatile::text as volatility
from pg_proc p
join pg_namespace n on n.oid = p.pronamespace
join pg_type t on t.oid = p.prorettype
where n.nspname = any ($1)
  and p.prokind = 'f'
  and not (
    t.typtype = 'p'
    and t.typname in (
      'trigger', 'event_trigger', 'internal', 'cstring', 'language_handler', 'fdw_handler',
      'index_am_handler', 'table_am_handler', 'tsm_handler', 'pg_ddl_command'
    )
  )
  and not exists (
    select
    from pg_type a
    where a.oid = any (p.proargtypes::oid[]) and a.typtype = 'p' and a.typname in ('internal', 'cstring', 'pg_ddl_command')
  )
  and not exists (
    select
    from pg_depend d
    where d.classid = 'pg_proc'::regclass
      and d.objid = p.oid
      and d.refclassid = 'pg_extension'::regclass
      and d.deptype = 'e'
  )
order by n.nspname collate "C", p.proname collate "C", pg_get_function_identity_arguments(p.oid) collate "C"
