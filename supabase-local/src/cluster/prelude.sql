-- What every database of a hosted Supabase project has before the first migration: roles, schemas, default
-- privileges, the auth helpers and `auth.users`. Applied to template1, so that each new database has it.

-- ---- roles ------------------------------------------------------------------------------------------------
-- The superuser of the cluster is `postgres`. Passwords are set anew at each start.
create role anon nologin noinherit;
create role authenticated nologin noinherit;
create role service_role nologin noinherit bypassrls;
create role authenticator login noinherit;
grant anon, authenticated, service_role to authenticator;
grant anon, authenticated, service_role to postgres;

-- Roles of the services, which migrations dumped from hosted projects name in GRANT and OWNER TO.
create role supabase_admin nologin superuser createdb createrole replication bypassrls;
create role supabase_auth_admin nologin noinherit createrole;
create role supabase_storage_admin nologin noinherit createrole;
create role supabase_realtime_admin nologin noinherit;
create role supabase_functions_admin nologin noinherit createrole;
create role dashboard_user nologin createdb createrole replication;
grant authenticator, anon, authenticated, service_role to supabase_storage_admin;

-- ---- schemas ----------------------------------------------------------------------------------------------
create schema auth authorization supabase_auth_admin;
create schema storage authorization supabase_storage_admin;
create schema realtime authorization supabase_realtime_admin;
create schema extensions;
grant usage on schema public, auth, storage, realtime, extensions to anon, authenticated, service_role;
grant usage, create on schema auth to postgres;
grant all on schema extensions to dashboard_user;

-- Whatever `postgres` makes in public, the API roles may use; row level security decides about rows.
alter default privileges for role postgres in schema public
    grant all on tables to anon, authenticated, service_role;
alter default privileges for role postgres in schema public
    grant all on sequences to anon, authenticated, service_role;
alter default privileges for role postgres in schema public
    grant all on functions to anon, authenticated, service_role;

alter role all set search_path to "$user", public, extensions;

-- ---- extensions -------------------------------------------------------------------------------------------
-- A server without contrib has none of them; migrations that need one then fail in their own words.
do $body$
declare
    wanted text;
begin
    foreach wanted in array array['pgcrypto', 'uuid-ossp'] loop
        if exists (select from pg_available_extensions where name = wanted) then
            execute format('create extension %I with schema extensions', wanted);
        end if;
    end loop;
end
$body$;

-- ---- auth -------------------------------------------------------------------------------------------------
set search_path to '';

-- The claims of the request's token. PostgREST sets `request.jwt.claims`; the setting per claim is older, and
-- tests still use it.
create function auth.jwt() returns jsonb
    language sql stable
    as $$ select nullif(current_setting('request.jwt.claims', true), '')::jsonb $$;

create function auth.uid() returns uuid
    language sql stable
    as $$
        select coalesce(
            nullif(current_setting('request.jwt.claim.sub', true), ''),
            nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'
        )::uuid
    $$;

create function auth.role() returns text
    language sql stable
    as $$
        select coalesce(
            nullif(current_setting('request.jwt.claim.role', true), ''),
            nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role'
        )
    $$;

create function auth.email() returns text
    language sql stable
    as $$
        select coalesce(
            nullif(current_setting('request.jwt.claim.email', true), ''),
            nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'email'
        )
    $$;

grant execute on function auth.jwt(), auth.uid(), auth.role(), auth.email()
    to anon, authenticated, service_role, postgres;

create table auth.users (
    instance_id uuid,
    id uuid not null primary key,
    aud varchar(255),
    role varchar(255),
    email varchar(255),
    encrypted_password varchar(255),
    email_confirmed_at timestamptz,
    invited_at timestamptz,
    confirmation_token varchar(255),
    confirmation_sent_at timestamptz,
    recovery_token varchar(255),
    recovery_sent_at timestamptz,
    email_change_token_new varchar(255),
    email_change varchar(255),
    email_change_sent_at timestamptz,
    last_sign_in_at timestamptz,
    raw_app_meta_data jsonb,
    raw_user_meta_data jsonb,
    is_super_admin boolean,
    created_at timestamptz,
    updated_at timestamptz,
    phone text unique default null,
    phone_confirmed_at timestamptz,
    phone_change text default '',
    phone_change_token varchar(255) default '',
    phone_change_sent_at timestamptz,
    confirmed_at timestamptz generated always as (least(email_confirmed_at, phone_confirmed_at)) stored,
    email_change_token_current varchar(255) default '',
    email_change_confirm_status smallint default 0 check (email_change_confirm_status between 0 and 2),
    banned_until timestamptz,
    reauthentication_token varchar(255) default '',
    reauthentication_sent_at timestamptz,
    is_sso_user boolean not null default false,
    deleted_at timestamptz,
    is_anonymous boolean not null default false
);
-- Single-sign-on users may share an address with others.
create unique index users_email_partial_key on auth.users (email) where not is_sso_user;
create index users_instance_id_idx on auth.users (instance_id);
alter table auth.users owner to supabase_auth_admin;
alter table auth.users enable row level security;
grant all on auth.users to postgres, dashboard_user;

-- The rest of what the auth service keeps, by the names that hosted projects have.
create table auth.identities (
    provider_id text not null,
    user_id uuid not null references auth.users on delete cascade,
    identity_data jsonb not null,
    provider text not null,
    last_sign_in_at timestamptz,
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    email text generated always as (lower(identity_data ->> 'email')) stored,
    id uuid not null primary key default gen_random_uuid(),
    unique (provider_id, provider)
);
create index identities_user_id_idx on auth.identities (user_id);

create table auth.sessions (
    id uuid not null primary key default gen_random_uuid(),
    user_id uuid not null references auth.users on delete cascade,
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    factor_id uuid,
    aal text not null default 'aal1',
    not_after timestamptz,
    refreshed_at timestamptz,
    user_agent text,
    ip inet,
    tag text
);
create index sessions_user_id_idx on auth.sessions (user_id);

create table auth.refresh_tokens (
    instance_id uuid,
    id bigserial primary key,
    token varchar(255) unique,
    user_id varchar(255),
    revoked boolean not null default false,
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    parent varchar(255),
    session_id uuid references auth.sessions on delete cascade
);
create index refresh_tokens_session_id_idx on auth.refresh_tokens (session_id, revoked);

create table auth.mfa_amr_claims (
    session_id uuid not null references auth.sessions on delete cascade,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    authentication_method text not null,
    id uuid not null primary key default gen_random_uuid(),
    unique (session_id, authentication_method)
);

create table auth.mfa_factors (
    id uuid not null primary key default gen_random_uuid(),
    user_id uuid not null references auth.users on delete cascade,
    friendly_name text,
    factor_type text not null,
    status text not null default 'unverified',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    secret text,
    phone text,
    last_challenged_at timestamptz
);
create unique index mfa_factors_user_friendly_name_unique on auth.mfa_factors (friendly_name, user_id) where trim(friendly_name) <> '';

create table auth.mfa_challenges (
    id uuid not null primary key default gen_random_uuid(),
    factor_id uuid not null references auth.mfa_factors on delete cascade,
    created_at timestamptz not null default now(),
    verified_at timestamptz,
    ip_address inet not null default '127.0.0.1',
    otp_code text
);

create table auth.mfa_recovery_codes (
    id uuid not null primary key default gen_random_uuid(),
    factor_id uuid not null references auth.mfa_factors on delete cascade,
    code_hash text not null,
    used_at timestamptz
);

create table auth.one_time_tokens (
    id uuid not null primary key default gen_random_uuid(),
    user_id uuid not null references auth.users on delete cascade,
    token_type text not null,
    token_hash text not null,
    relates_to text not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    unique (user_id, token_type)
);
create index one_time_tokens_token_hash_idx on auth.one_time_tokens (token_hash);

create table auth.flow_state (
    id uuid not null primary key default gen_random_uuid(),
    user_id uuid,
    auth_code text,
    code_challenge_method text,
    code_challenge text,
    provider_type text not null default '',
    provider_access_token text,
    provider_refresh_token text,
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    authentication_method text not null default '',
    auth_code_issued_at timestamptz,
    referrer text,
    linking_target_id uuid,
    email_optional boolean not null default false
);

do $body$
declare
    made text;
begin
    foreach made in array array['identities', 'sessions', 'refresh_tokens', 'mfa_amr_claims', 'mfa_factors', 'mfa_challenges',
                                'mfa_recovery_codes', 'one_time_tokens', 'flow_state'] loop
        execute format('alter table auth.%I owner to supabase_auth_admin', made);
        execute format('alter table auth.%I enable row level security', made);
        execute format('grant all on auth.%I to postgres, dashboard_user', made);
    end loop;
end
$body$;

-- ---- realtime ---------------------------------------------------------------------------------------------
-- Empty: tables are added by whoever wants their changes.
create publication supabase_realtime;

-- ---- PostgREST --------------------------------------------------------------------------------------------
-- Hosted projects tell PostgREST about every change of the schema.
create function extensions.pgrst_ddl_watch() returns event_trigger
    language plpgsql
    as $$
    begin
        if exists (
            select from pg_catalog.pg_event_trigger_ddl_commands() as command
            where command.schema_name is distinct from 'pg_temp'
        ) then
            notify pgrst, 'reload schema';
        end if;
    end
    $$;

create function extensions.pgrst_drop_watch() returns event_trigger
    language plpgsql
    as $$
    begin
        if exists (
            select from pg_catalog.pg_event_trigger_dropped_objects() as dropped
            where not dropped.is_temporary
        ) then
            notify pgrst, 'reload schema';
        end if;
    end
    $$;

create event trigger pgrst_ddl_watch on ddl_command_end execute function extensions.pgrst_ddl_watch();
create event trigger pgrst_drop_watch on sql_drop execute function extensions.pgrst_drop_watch();

-- ---- realtime.messages ------------------------------------------------------------------------------------
-- Broadcasts from the database; the policies on it decide about private channels.
create table realtime.messages (
    topic text not null,
    extension text not null,
    payload jsonb,
    event text,
    private boolean default false,
    updated_at timestamp not null default now(),
    inserted_at timestamp not null default now(),
    id uuid not null default gen_random_uuid() primary key,
    binary_payload bytea
);
create index messages_inserted_at_topic_index on realtime.messages (inserted_at desc, topic)
    where extension = 'broadcast' and private is true;
alter table realtime.messages owner to supabase_realtime_admin;
alter table realtime.messages enable row level security;
grant select, insert, update on realtime.messages to anon, authenticated, service_role;
grant all on realtime.messages to postgres, dashboard_user;
create publication supabase_realtime_messages_publication for table realtime.messages;

create function realtime.topic() returns text
    language sql stable
    as $$ select nullif(current_setting('realtime.topic', true), '')::text $$;

create function realtime.send(payload jsonb, event text, topic text, private boolean default true) returns void
    language plpgsql
    as $$
    declare
        generated_id uuid := gen_random_uuid();
    begin
        insert into realtime.messages (id, payload, event, topic, private, extension)
        values (
            generated_id,
            case when payload ? 'id' then payload else jsonb_set(payload, '{id}', to_jsonb(generated_id)) end,
            event, topic, private, 'broadcast'
        );
    end
    $$;

create function realtime.broadcast_changes(
    topic_name text, event_name text, operation text, table_name text, table_schema text,
    new record, old record, level text default 'ROW'
) returns void
    language plpgsql
    as $$
    begin
        if level = 'STATEMENT' then
            raise exception 'function can only be triggered for each row, not for each statement';
        end if;
        perform realtime.send(
            jsonb_build_object(
                'schema', table_schema, 'table', table_name, 'operation', operation,
                'record', to_jsonb(new), 'old_record', to_jsonb(old)
            ),
            event_name, topic_name
        );
    end
    $$;
grant execute on function realtime.topic(), realtime.send(jsonb, text, text, boolean)
    to anon, authenticated, service_role, postgres;

-- ---- storage ----------------------------------------------------------------------------------------------
create table storage.buckets (
    id text not null primary key,
    name text not null unique,
    owner uuid,
    owner_id text,
    public boolean default false,
    avif_autodetection boolean default false,
    file_size_limit bigint,
    allowed_mime_types text[],
    created_at timestamptz default now(),
    updated_at timestamptz default now()
);

create table storage.objects (
    id uuid not null default gen_random_uuid() primary key,
    bucket_id text references storage.buckets (id),
    name text collate "C",
    owner uuid,
    owner_id text,
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    last_accessed_at timestamptz default now(),
    metadata jsonb,
    path_tokens text[] generated always as (string_to_array(name, '/')) stored,
    version text,
    user_metadata jsonb,
    constraint bucketid_objname unique (bucket_id, name)
);

create function storage.foldername(name text) returns text[]
    language sql immutable
    as $$ select (string_to_array(name, '/'))[1 : array_length(string_to_array(name, '/'), 1) - 1] $$;

create function storage.filename(name text) returns text
    language sql immutable
    as $$ select (string_to_array(name, '/'))[array_length(string_to_array(name, '/'), 1)] $$;

create function storage.extension(name text) returns text
    language sql immutable
    as $$ select reverse(split_part(reverse(storage.filename(name)), '.', 1)) $$;

alter table storage.buckets owner to supabase_storage_admin;
alter table storage.objects owner to supabase_storage_admin;
alter table storage.buckets enable row level security;
alter table storage.objects enable row level security;
grant all on storage.buckets, storage.objects to anon, authenticated, service_role, postgres;
grant execute on function storage.foldername(text), storage.filename(text), storage.extension(text)
    to anon, authenticated, service_role, postgres;
