-- Primary keys, unique constraints and unique indexes that have neither expressions nor a condition.
-- Columns of INCLUDE are no part of the key.
-- $1: names of the selected schemas
select
  i.indrelid as relation,
  coalesce(k.conname, x.relname)::text as name,
  i.indisprimary as is_primary,
  k.oid is not null as is_constraint,
  i.indimmediate as is_immediate,
  array(
    select u.number::int2
    from unnest(i.indkey::int2[]) with ordinality as u (number, place)
    where u.place <= i.indnkeyatts
    order by u.place
  ) as columns
from pg_index i
join pg_class x on x.oid = i.indexrelid
join pg_class c on c.oid = i.indrelid
join pg_namespace n on n.oid = c.relnamespace
left join pg_constraint k on k.conindid = i.indexrelid and k.contype in ('p', 'u')
where i.indisunique
  and i.indisvalid
  and i.indpred is null
  and i.indexprs is null
  and c.relkind in ('r', 'p', 'f', 'm')
  and not c.relispartition
  and (n.nspname = any ($1) or (n.nspname !~ '^pg_' and n.nspname <> 'information_schema'))
order by i.indrelid, not i.indisprimary, coalesce(k.conname, x.relname) collate "C"
