-- Attributes of composite types.
-- $1: OIDs of the relations behind them
select
  a.attrelid as relation,
  a.attname::text as name,
  a.atttypid as type,
  format_type(a.atttypid, a.atttypmod) as sql,
  col_description(a.attrelid, a.attnum) as comment
from pg_attribute a
where a.attrelid = any ($1) and a.attnum > 0 and not a.attisdropped
order by a.attrelid, a.attnum
