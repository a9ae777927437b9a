-- Uploads and jobs. A file that arrived over HTTP lies here in pieces until it is applied or discarded: whichever node comes
-- to it can go on with it. Jobs are a queue: claimed under a lease, by one node at a time.

-- A file may arrive before anybody says what it goes into.
alter table mutu.import_batch alter column target drop not null;

-- A file of a batch. Its pieces go when they are no longer needed; the row stays and says what the batch was made from.
create table mutu.upload (
    upload_id bigint generated always as identity primary key,
    -- Null while the file is arriving; what stays so is swept.
    batch_id bigint references mutu.import_batch on delete cascade,
    name text not null,
    bytes bigint not null default 0,
    -- SHA-256 of the whole file, once it is there.
    sha256 bytea,
    touched_at timestamptz not null default now()
);
create index upload_batch on mutu.upload (batch_id);
create index upload_sha256 on mutu.upload (sha256);

create table mutu.upload_chunk (
    upload_id bigint not null references mutu.upload on delete cascade,
    nth bigint not null,
    content bytea not null,
    primary key (upload_id, nth)
);
-- Most of what arrives is compressed already.
alter table mutu.upload_chunk alter column content set storage external;

grant select on mutu.upload to mutu_steward;

alter table mutu.job
    add constraint job_kind check (kind in ('preview', 'apply', 'undo')),
    add column batch_id bigint references mutu.import_batch on delete cascade,
    -- What the work goes by: the options of an import.
    add column options jsonb not null default '{}',
    -- {"title", "detail", "parameter", "choices"} of what failed
    add column error jsonb,
    add column attempts bigint not null default 0,
    -- The runner that has it, and until when it is believed to be alive.
    add column worker uuid,
    add column lease_until timestamptz,
    add column cancel_requested boolean not null default false,
    -- The address it was asked for from, for the audit.
    add column client text,
    add column started_at timestamptz;
create index job_waiting on mutu.job (created_at) where state in ('queued', 'running');
create index job_batch on mutu.job (batch_id);
-- Two jobs of one batch would be in each other's way.
create unique index job_one_of_batch on mutu.job (batch_id) where state in ('queued', 'running');
