-- Reports of redevelopment lists: asked for, made as a job, kept as they were made. A report is never made again under the
-- same number: figures of a past day are asked for by a report of its own.

create table mutu.report (
    report_id bigint generated always as identity primary key,
    kind text collate "C" not null check (kind in ('weekly', 'monthly', 'quarterly', 'half_year')),
    -- 2026-W47, 2026-05, 2026Q2, 2026H1
    period text collate "C" not null,
    -- What was known then.
    as_of timestamptz not null,
    format text collate "C" not null check (format in ('docx', 'pdf')),
    -- The units whose officer asked; null: all. It holds what such an officer may read.
    responsible_units text[],
    job_id uuid,
    title text,
    content bytea,
    sha256 bytea,
    recorded_by text not null,
    recorded_at timestamptz not null default now(),
    finished_at timestamptz
);
alter table mutu.report alter column content set storage external;

-- How far a job is, for those who may not read jobs but wait for their report.
create function mutu.report_state(report bigint) returns jsonb
    language sql stable parallel safe security definer set search_path = pg_catalog
    return (select jsonb_build_object('state', j.state, 'error', j.error)
            from mutu.report r join mutu.job j using (job_id) where r.report_id = report);
revoke execute on function mutu.report_state from public;
grant execute on function mutu.report_state to mutu_officer;

grant select on mutu.report to mutu_officer;
alter table mutu.report enable row level security;
create policy reading on mutu.report for select to mutu_officer using (mutu.reaches_all(responsible_units));
create policy writing on mutu.report to mutu_writer using (true);
revoke update, delete on mutu.report from mutu_writer;
grant update (job_id, title, content, sha256, finished_at) on mutu.report to mutu_writer;

alter table mutu.job
    drop constraint job_kind,
    add constraint job_kind check (kind in ('preview', 'apply', 'undo', 'evaluate', 'report'));
