-- What follows a final run (its hits, the notices of them), schemes that were saved, evaluations as jobs, and which runs
-- have ever been on the map.

-- Parcels that a final run found low and the one before of the same rules had not, and the other way round. Written once,
-- with the run's last step.
create table mutu.run_hit (
    hit_id bigint generated always as identity primary key,
    run_id bigint not null references mutu.evaluation_run,
    layer text collate "C" not null,
    parcel_id bigint not null,
    change text collate "C" not null check (change in ('entered', 'gone')),
    parcel_code text collate "C" not null,
    name text collate "C",
    responsible_unit text collate "C",
    area_mu numeric(18, 6),
    -- What this run found; null: the parcel is no more.
    verdict text collate "C" check (verdict in ('low', 'ok', 'unknown')),
    -- Of a parcel that went, the rules that had fitted before.
    reasons text[] not null default '{}',
    -- The case that was opened for it.
    reuse_case_id bigint,
    unique (run_id, layer, parcel_id)
);

-- With which final run one was compared, by layer. Null: it was the first of its rules.
create table mutu.run_sequel (
    run_id bigint not null references mutu.evaluation_run,
    layer text collate "C" not null,
    against_run_id bigint references mutu.evaluation_run,
    primary key (run_id, layer)
);

-- What a unit is told of. The words are kept as they were said.
create table mutu.notice (
    notice_id bigint generated always as identity primary key,
    kind text collate "C" not null,
    -- Null: land of no unit, for those who answer for all.
    responsible_unit text collate "C",
    -- {"zh", "en"}
    title jsonb not null,
    text jsonb not null,
    -- What it is about: numbers of runs, lists, cases.
    detail jsonb not null default '{}',
    recorded_by text not null,
    created_at timestamptz not null default now()
);
create index notice_unit on mutu.notice (responsible_unit, notice_id);

create table mutu.notice_read (
    notice_id bigint not null references mutu.notice,
    account text collate "C" not null,
    read_at timestamptz not null default now(),
    primary key (notice_id, account)
);

create trigger append_only before update or delete or truncate on mutu.run_hit
    for each statement execute function mutu.refuse_rewriting();
create trigger append_only before update or delete or truncate on mutu.run_sequel
    for each statement execute function mutu.refuse_rewriting();
create trigger append_only before update or delete or truncate on mutu.notice
    for each statement execute function mutu.refuse_rewriting();

-- Officers see what concerns the own units.
grant select on mutu.run_hit, mutu.run_sequel, mutu.notice, mutu.notice_read to mutu_officer;
alter table mutu.run_hit enable row level security;
alter table mutu.notice enable row level security;
alter table mutu.notice_read enable row level security;
create policy reading on mutu.run_hit for select to mutu_officer using (mutu.reaches(responsible_unit));
create policy reading on mutu.notice for select to mutu_officer using (mutu.reaches(responsible_unit));
create policy reading on mutu.notice_read for select to mutu_officer
    using (exists (select from mutu.notice it where it.notice_id = notice_read.notice_id));
create policy writing on mutu.run_hit to mutu_writer using (true);
create policy writing on mutu.notice to mutu_writer using (true);
create policy writing on mutu.notice_read to mutu_writer using (true);
revoke update, delete on mutu.run_hit, mutu.run_sequel, mutu.notice from mutu_writer;

-- A scheme that somebody put in force: its text never changes, another text is another version. Files are version 0.
create table mutu.scheme (
    scheme_id bigint generated always as identity primary key,
    id text collate "C" not null,
    version bigint not null check (version > 0),
    text text not null,
    -- SHA-256 of the text, hex.
    digest text collate "C" not null,
    valid_from date not null,
    -- The first day on which it no longer holds.
    valid_to date,
    -- The document that it rests on.
    document text not null,
    recorded_by text not null,
    recorded_at timestamptz not null default now(),
    unique (id, version),
    check (valid_to > valid_from)
);
create trigger append_only before update or delete or truncate on mutu.scheme
    for each statement execute function mutu.refuse_rewriting();
grant select on mutu.scheme to mutu_viewer;
revoke update, delete on mutu.scheme from mutu_writer;

-- Evaluations are jobs too, one at a time.
alter table mutu.job
    drop constraint job_kind,
    add constraint job_kind check (kind in ('preview', 'apply', 'undo', 'evaluate'));
create unique index job_one_evaluation on mutu.job (kind) where kind = 'evaluate' and state in ('queued', 'running');

-- The job that made a run: a node that dies between the two does not make it again.
alter table mutu.evaluation_run add column job_id uuid unique;

-- Runs that were ever on the map: whoever looked then knows their verdicts still, so what is told later must not close in
-- on a figure together with them.
create table mutu.run_shown (
    run_id bigint primary key references mutu.evaluation_run on delete cascade,
    shown_at timestamptz not null default now()
);
insert into mutu.run_shown (run_id) select run_id from mutu.current_run;
create function mutu.note_shown() returns trigger language plpgsql as $$
begin
    insert into mutu.run_shown (run_id) values (new.run_id) on conflict do nothing;
    return null;
end $$;
create trigger noted after insert or update of run_id on mutu.current_run
    for each row execute function mutu.note_shown();
grant select on mutu.run_shown to mutu_viewer;
revoke update, delete on mutu.run_shown from mutu_writer;
