-- Foreign keys of the whole database; those that a partition inherits are left out (as PostgREST does).
-- $1: names of the selected schemas
select
  k.conname::text as name,
  k.conrelid as relation,
  k.conkey as columns,
  k.confrelid as target,
  k.confkey as target_columns,
  k.convalidated as validated
from pg_constraint k
join pg_class c on c.oid = k.conrelid
join pg_namespace n on n.oid = c.relnamespace
where k.contype = 'f'
  and k.conparentid = 0
  and not c.relispartition
  and (n.nspname = any ($1) or (n.nspname !~ '^pg_' and n.nspname <> 'information_schema'))
order by n.nspname collate "C", c.relname collate "C", k.conname collate "C"
