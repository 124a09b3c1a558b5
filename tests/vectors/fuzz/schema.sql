-- One table with a column of every type that filters know, under names that the server would take for
-- something else, and the same again to write to. The rows come from the test.
create extension if not exists citext with schema public;
create extension if not exists hstore with schema public;
create extension if not exists ltree with schema public;

create type mood as enum ('happy', 'sad, very', 'say "hi"', 'back\slash', 'null', '(x)', '{y}', 'größe', ' ');

create type place as (lat numeric, label text, seen timestamptz);
create domain word as text check (length(value) < 5000);
create domain positive as int4 check (value >= 0);

create table specimens (
    id int4 primary key,
    c_text text,
    c_varchar varchar(5000),
    c_citext citext,
    "order" text,
    "limit" text,
    "select" text,
    "and" text,
    "not" text,
    "on_conflict" text,
    "two words" text,
    "dot.ted" text,
    "comma,ed" text,
    "say ""hi""" text,
    "par(en)" text,
    "back\slash" text,
    "größe" text,
    "arrow->x" text,
    "am&p=" text,
    "percent%41" text,
    c_int2 int2,
    c_int4 int4,
    c_int8 int8,
    c_float4 float4,
    c_float8 float8,
    c_numeric numeric,
    c_bool bool,
    c_uuid uuid,
    c_date date,
    c_time time,
    c_timestamp timestamp,
    c_timestamptz timestamptz,
    c_bytea bytea,
    c_mood mood,
    c_jsonb jsonb,
    c_texts text[],
    c_ints int4[],
    c_moods mood[],
    c_moments timestamptz[],
    c_int4range int4range,
    c_numrange numrange,
    c_daterange daterange,
    c_tsrange tsrange,
    c_tstzrange tstzrange,
    c_int4multirange int4multirange,
    c_bpchar char(6),
    c_name name,
    c_word word,
    c_positive positive,
    c_oid oid,
    c_timetz timetz,
    c_interval interval,
    c_span interval,
    c_money money,
    c_inet inet,
    c_cidr cidr,
    c_macaddr macaddr,
    c_macaddr8 macaddr8,
    c_bit bit(4),
    c_varbit varbit,
    c_tsvector tsvector,
    c_tsquery tsquery,
    c_ltree ltree,
    c_xml xml,
    c_json json,
    c_point point,
    c_hstore hstore,
    c_place place,
    c_bools bool[],
    c_longs int8[],
    c_doubles float8[],
    c_numerics numeric[],
    c_uuids uuid[],
    c_dates date[],
    c_blobs bytea[],
    c_documents jsonb[],
    c_spans int4range[],
    c_places place[],
    c_int8range int8range,
    c_int8multirange int8multirange,
    c_nummultirange nummultirange,
    c_datemultirange datemultirange,
    c_tsmultirange tsmultirange,
    c_tstzmultirange tstzmultirange
);

create table written (like specimens including all);

-- What is embedded.
create table parts (
    id int4 primary key,
    specimen_id int4 not null references specimens (id),
    c_text text,
    "order" text,
    "two words" text,
    c_numeric numeric,
    c_timestamptz timestamptz,
    c_mood mood,
    c_jsonb jsonb,
    c_texts text[],
    c_int4range int4range
);

grant usage on schema public to anon, service_role;
grant select, insert, update, delete on specimens, written, parts to anon, service_role;
