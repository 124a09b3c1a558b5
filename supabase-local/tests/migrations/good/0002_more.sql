-- A file has a session of its own: this setting must not reach the next one.
set search_path to pg_catalog;
insert into public.planets (name) values ('Earth; not Moon'), ('a/b'), ('a b'), ('a+b'), ('..'), ('100%'), ('"q"');
