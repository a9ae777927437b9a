-- Lists, accounts, revisions and jobs.

create table mutu.reuse_list (
    list_id bigint generated always as identity primary key,
    name text not null,
    kind text collate "C" not null check (kind in ('renewal', 'reduction')),
    year bigint not null,
    responsible_unit text collate "C",
    state text collate "C" not null default 'draft' check (state in ('draft', 'submitted', 'frozen')),
    selection jsonb,
    row_version bigint not null default 1,
    created_by text not null,
    created_at timestamptz not null default now()
);

create table mutu.reuse_case (
    case_id bigint generated always as identity primary key,
    list_id bigint not null references mutu.reuse_list,
    parcel_id bigint not null,
    state text collate "C" not null default 'found'
        check (state in ('found', 'verified', 'listed', 'in_progress', 'accepted', 'closed', 'removed')),
    path text collate "C",
    responsible_unit text collate "C",
    plan_area_m2 numeric(18, 2),
    row_version bigint not null default 1,
    created_by text not null,
    created_at timestamptz not null default now(),
    unique (list_id, parcel_id)
);

create table mutu.case_event (
    event_id bigint generated always as identity primary key,
    case_id bigint not null references mutu.reuse_case,
    kind text collate "C" not null,
    detail jsonb not null default '{}',
    counted_area_m2 numeric(18, 2),
    happened_on date,
    recorded_by text not null,
    recorded_at timestamptz not null default now()
);
create index case_event_case on mutu.case_event (case_id);

create table mutu.account (
    account_id bigint generated always as identity primary key,
    name text collate "C" not null unique,
    -- argon2id; null for an account that signs in by link or token only.
    password_hash text,
    role text collate "C" not null check (role in ('viewer', 'officer', 'steward', 'admin')),
    -- Units an officer answers for; null means all.
    responsible_units text[],
    disabled_at timestamptz,
    created_at timestamptz not null default now()
);

-- Tokens, sessions and links are stored as SHA-256: a stolen backup signs nobody in.
create table mutu.api_token (
    token_id bigint generated always as identity primary key,
    account_id bigint not null references mutu.account,
    name text not null,
    token_hash bytea not null unique,
    created_at timestamptz not null default now(),
    expires_at timestamptz,
    revoked_at timestamptz,
    last_used_at timestamptz
);

create table mutu.session (
    session_hash bytea primary key,
    account_id bigint not null references mutu.account,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null
);

create table mutu.sign_in_link (
    link_hash bytea primary key,
    account_id bigint not null references mutu.account,
    expires_at timestamptz not null,
    used_at timestamptz
);

create table mutu.audit_event (
    event_id bigint generated always as identity primary key,
    account text not null,
    action text collate "C" not null,
    detail jsonb not null default '{}',
    happened_at timestamptz not null default now()
);

-- A writer bumps its layer's row in its own transaction, so a revision means the same rows on every node.
create table mutu.layer_revision (
    layer text collate "C" primary key,
    revision bigint not null default 0,
    updated_at timestamptz not null default now(),
    -- SHA-256 of the folder's declaration, to see at start whether table or view must change.
    declaration text,
    row_count bigint,
    -- west, south, east, north in degrees
    extent double precision[],
    file text
);

create table mutu.layer_change (
    layer text collate "C" not null,
    revision bigint not null,
    -- Null ids: everything changed.
    ids bigint[],
    changed_at timestamptz not null default now(),
    primary key (layer, revision)
);

create table mutu.job (
    job_id uuid primary key,
    kind text collate "C" not null,
    state text collate "C" not null check (state in ('queued', 'running', 'done', 'failed', 'cancelled')),
    progress jsonb not null default '{}',
    result jsonb,
    recorded_by text not null,
    created_at timestamptz not null default now(),
    finished_at timestamptz
);

-- The role of every read. Writing is not granted, and secrets are not readable with it.
do $$
begin
    create role mutu_reader nologin;
exception
    when duplicate_object or unique_violation then null;
end $$;

grant usage on schema mutu, layer to mutu_reader;
grant select on all tables in schema mutu to mutu_reader;
revoke select on mutu.account, mutu.api_token, mutu.session, mutu.sign_in_link, mutu.audit_event from mutu_reader;
alter default privileges in schema layer grant select on tables to mutu_reader;
