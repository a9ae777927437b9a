-- Files of cases and the workbooks that offices want their lists in. Both lie in the database: one backup has everything, every
-- node has the same, and row security is that of the cases. What was given is never changed; a file that was withdrawn stays
-- with its hash, so that what a decision rested on can be shown.

create table mutu.attachment (
    attachment_id bigint generated always as identity primary key,
    reuse_case_id bigint not null,
    case_code text collate "C" not null,
    name text not null,
    -- Found in the content, not in the name.
    kind text collate "C" not null check (kind in ('pdf', 'jpg', 'png', 'xlsx', 'docx')),
    bytes bigint not null check (bytes > 0),
    -- Of the content.
    sha256 bytea not null,
    note text,
    recorded_by text not null,
    recorded_at timestamptz not null default now(),
    withdrawn_by text,
    withdrawn_at timestamptz,
    withdrawn_reason text,
    check ((withdrawn_at is null) = (withdrawn_by is null) and (withdrawn_at is null) = (withdrawn_reason is null))
);
create index attachment_case on mutu.attachment (reuse_case_id, attachment_id);
create unique index attachment_once on mutu.attachment (reuse_case_id, sha256) where withdrawn_at is null;

create table mutu.attachment_content (
    attachment_id bigint primary key references mutu.attachment,
    content bytea not null
);
-- What arrives is compressed already.
alter table mutu.attachment_content alter column content set storage external;

create trigger append_only before update or delete or truncate on mutu.attachment_content
    for each statement execute function mutu.refuse_rewriting();

grant select on mutu.attachment, mutu.attachment_content to mutu_officer;
alter table mutu.attachment enable row level security;
alter table mutu.attachment_content enable row level security;
create policy reading on mutu.attachment for select to mutu_officer
    using (exists (
        select from mutu.reuse_case it
        where it.reuse_case_id = attachment.reuse_case_id and it.superseded_at is null));
create policy reading on mutu.attachment_content for select to mutu_officer
    using (exists (select from mutu.attachment it where it.attachment_id = attachment_content.attachment_id));
create policy writing on mutu.attachment to mutu_writer using (true);
create policy writing on mutu.attachment_content to mutu_writer using (true);
revoke update, delete on mutu.attachment from mutu_writer;
grant update (withdrawn_by, withdrawn_at, withdrawn_reason) on mutu.attachment to mutu_writer;
revoke update, delete on mutu.attachment_content from mutu_writer;

alter table mutu.case_event
    drop constraint case_event_kind_check,
    add constraint case_event_kind_check check (kind in (
        'created', 'changed', 'transition', 'milestone', 'disposal', 'comment', 'attached', 'withdrawn'));

-- An office's own workbook, with placeholders where the figures of a list go.
create table mutu.list_template (
    template_id bigint generated always as identity primary key,
    name text not null,
    -- Null: for all units.
    responsible_unit text collate "C",
    content bytea not null,
    sha256 bytea not null,
    -- [{"sheet", "cell", "text"}]
    placeholders jsonb not null,
    recorded_by text not null,
    recorded_at timestamptz not null default now(),
    withdrawn_by text,
    withdrawn_at timestamptz
);
alter table mutu.list_template alter column content set storage external;
grant select on mutu.list_template to mutu_officer;
alter table mutu.list_template enable row level security;
create policy reading on mutu.list_template for select to mutu_officer
    using (responsible_unit is null or mutu.reaches(responsible_unit));
create policy writing on mutu.list_template to mutu_writer using (true);
revoke update, delete on mutu.list_template from mutu_writer;
grant update (withdrawn_by, withdrawn_at) on mutu.list_template to mutu_writer;
