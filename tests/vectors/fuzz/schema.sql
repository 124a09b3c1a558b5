-- One table with a column of every type that filters know, under names that the server would take for
-- something else, and the same again to write to. The rows come from the test.
create extension if not exists citext with schema public;

create type mood as enum ('happy', 'sad, very', 'say "hi"', 'back\slash', 'null', '(x)', '{y}', 'größe', ' ');

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
    c_int4multirange int4multirange
);

create table written (like specimens including all);

grant usage on schema public to anon, service_role;
grant select, insert, update, delete on specimens, written to anon, service_role;
