-- Every schema, with its comment; the caller picks the selected ones and lists the others in its error.
select n.nspname::text as name, obj_description(n.oid, 'pg_namespace') as comment
from pg_namespace n
where n.nspname !~ '^pg_(toast|temp)'
order by n.nspname collate "C"
