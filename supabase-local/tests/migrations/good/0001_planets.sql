create table planets (
    id bigint generated always as identity primary key,
    name text not null unique
);

create table notes (
    id bigint generated always as identity primary key,
    owner uuid not null default auth.uid(),
    body text not null
);
alter table notes enable row level security;
create policy "own notes" on notes using (owner = auth.uid()) with check (owner = auth.uid());

create function planet_count() returns bigint language sql stable begin atomic
    select count(*) from planets;
end;

create table ".." (id int primary key, name text);
insert into ".." values (1, 'dots');
create table "a/b" (id int primary key, name text);
insert into "a/b" values (1, 'slash');

create function path_of_request() returns text language sql stable as
    $$ select current_setting('request.path', true) $$;
