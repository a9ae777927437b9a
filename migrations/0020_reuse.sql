-- Redevelopment lists. The first tables of this name were never written to; these take their place.
--
-- A case is kept in versions, as facts are: an edit ends the version (`superseded_at`) and writes a new one, so that a list
-- answers of any past moment, and a frozen version of it is a moment. What happened, by whom and why is in `case_event`,
-- which is only added to. Areas are counted in 亩, exactly: a list's total is the sum of its rows.

drop table mutu.case_event, mutu.reuse_case, mutu.reuse_list;

create table mutu.reuse_list (
    list_id bigint generated always as identity primary key,
    name text not null,
    kind text collate "C" not null check (kind in ('renewal', 'reduction')),
    year bigint not null,
    -- Null: the district's, with rows of several units.
    responsible_unit text collate "C",
    state text collate "C" not null default 'draft' check (state in ('draft', 'submitted', 'closed')),
    -- What the codes of its cases begin with.
    code_prefix text collate "C" not null,
    -- What it was made from: a layer and a filter, a town, a column of codes.
    selection jsonb,
    note text,
    row_version bigint not null default 1,
    created_by text not null,
    created_at timestamptz not null default now(),
    changed_by text,
    changed_at timestamptz
);

-- The last number given out; a code is never given twice.
create table mutu.case_serial (
    code_prefix text collate "C" not null,
    year bigint not null,
    last_number bigint not null,
    primary key (code_prefix, year)
);

create sequence mutu.reuse_case_id_seq as bigint;

create table mutu.reuse_case (
    row_id bigint generated always as identity primary key,
    reuse_case_id bigint not null,
    list_id bigint not null references mutu.reuse_list,
    case_code text collate "C" not null,
    year bigint not null,
    parcel_id bigint not null,
    parcel_code text collate "C" not null,
    name text collate "C",
    town_code text collate "C",
    responsible_unit text collate "C",
    state text collate "C" not null default 'candidate'
        check (state in ('candidate', 'verified', 'listed', 'in_progress', 'accepted', 'closed', 'removed')),
    held boolean not null default false,
    path text collate "C",
    leader text collate "C",
    person text collate "C",
    enterprise_name text collate "C",
    use_planned text collate "C",
    project text collate "C",
    measures text collate "C",
    basis text collate "C",
    problem_kind text collate "C",
    problem text collate "C",
    note text collate "C",
    plan_area_mu numeric check (plan_area_mu >= 0),
    plan_start date,
    plan_finish date,
    started_on date,
    finished_on date,
    -- Milestone of the path: the quarter in which it is planned, as 2027Q2.
    nodes jsonb not null default '{}',
    investment_plan_wan numeric check (investment_plan_wan >= 0),
    investment_actual_wan numeric check (investment_actual_wan >= 0),
    energy_freed_tce numeric check (energy_freed_tce >= 0),
    plants_freed numeric check (plants_freed >= 0),
    plant_freed_m2 numeric check (plant_freed_m2 >= 0),
    enterprises_cleared numeric check (enterprises_cleared >= 0),
    -- The parcel as it was listed: its legal area, or the measured one where none is registered, and its outline.
    area_mu numeric not null check (area_mu >= 0),
    area_geom_m2 numeric(18, 2) not null,
    disposed_mu numeric not null default 0 check (disposed_mu >= 0),
    counted_mu numeric not null default 0 check (counted_mu >= 0),
    remaining_mu numeric generated always as (area_mu - disposed_mu) stored,
    geom geometry(multipolygon, 4490) not null,
    valid_from date,
    valid_to date,
    recorded_at timestamptz not null default now(),
    superseded_at timestamptz,
    recorded_by text not null,
    constraint case_disposed_within check (disposed_mu <= area_mu),
    constraint case_counted_within check (counted_mu <= disposed_mu)
);
create unique index reuse_case_current_id on mutu.reuse_case (reuse_case_id) where superseded_at is null;
create unique index reuse_case_current_code on mutu.reuse_case (case_code) where superseded_at is null;
create unique index reuse_case_current_parcel on mutu.reuse_case (list_id, parcel_id) where superseded_at is null;
create index reuse_case_versions on mutu.reuse_case (reuse_case_id, row_id);
create index reuse_case_parcel on mutu.reuse_case (parcel_id) where superseded_at is null;
create index reuse_case_geom on mutu.reuse_case using gist (geom) where superseded_at is null;
create index reuse_case_geom_superseded on mutu.reuse_case using gist (geom) where superseded_at is not null;

-- The layer's rows: of the units that the reader answers for.
create view mutu.reuse_case_current with (security_barrier) as
select * from mutu.reuse_case
where superseded_at is null and valid_to is null and mutu.reaches(responsible_unit);

create table mutu.case_event (
    event_id bigint generated always as identity primary key,
    reuse_case_id bigint not null,
    list_id bigint not null references mutu.reuse_list,
    case_code text collate "C" not null,
    -- Who answered for it then: what is counted is counted for that unit.
    responsible_unit text collate "C",
    kind text collate "C" not null
        check (kind in ('created', 'changed', 'transition', 'milestone', 'disposal', 'comment')),
    step text collate "C",
    state_before text collate "C",
    state_after text collate "C",
    milestone text collate "C",
    area_mu numeric,
    reason text,
    -- The document that let somebody pass a hard stop.
    document text,
    before jsonb,
    after jsonb,
    evidence jsonb,
    -- What it adds to the targets; negative when an acceptance is taken back.
    counted_mu numeric not null default 0,
    counted_plants numeric not null default 0,
    counted_plant_m2 numeric not null default 0,
    counted_enterprises numeric not null default 0,
    counted_tce numeric not null default 0,
    happened_on date not null,
    recorded_by text not null,
    recorded_at timestamptz not null default now()
);
create index case_event_case on mutu.case_event (reuse_case_id, event_id);
create index case_event_counted on mutu.case_event (happened_on)
    where counted_mu <> 0 or counted_plants <> 0 or counted_plant_m2 <> 0 or counted_enterprises <> 0 or counted_tce <> 0;

-- A frozen version is a moment, and the run whose figures were the current ones then.
create table mutu.reuse_list_version (
    list_id bigint not null references mutu.reuse_list,
    version bigint not null,
    frozen_at timestamptz not null,
    run_id bigint,
    note text,
    frozen_by text not null,
    primary key (list_id, version)
);

create function mutu.refuse_rewriting() returns trigger language plpgsql as $$
begin
    raise exception '% is only added to', tg_relid::regclass;
end $$;
create trigger append_only before update or delete or truncate on mutu.case_event
    for each statement execute function mutu.refuse_rewriting();
create trigger append_only before update or delete or truncate on mutu.reuse_list_version
    for each statement execute function mutu.refuse_rewriting();

-- Whether the reader answers for a unit that has a case in the list.
create function mutu.reaches_case_of(list bigint) returns boolean
    language sql stable parallel safe security definer set search_path = pg_catalog
    return exists (
        select from mutu.reuse_case it
        where it.list_id = list and it.superseded_at is null and mutu.reaches(it.responsible_unit));

-- What every unit has counted, for the league that all of them are told: energy is one enterprise's figure where a unit has
-- one case, so it stays with those who answer for the unit.
create function mutu.counted_by_unit(known_at timestamptz, first_day date, last_day date)
    returns table (unit text, mu numeric, plants numeric, plant_m2 numeric, enterprises numeric, tce numeric)
    language sql stable security definer set search_path = pg_catalog as $$
    select it.responsible_unit, sum(it.counted_mu), sum(it.counted_plants), sum(it.counted_plant_m2),
           sum(it.counted_enterprises), case when mutu.reaches(it.responsible_unit) then sum(it.counted_tce) end
    from mutu.case_event it
    where it.recorded_at <= known_at and it.happened_on between first_day and last_day
    group by it.responsible_unit
$$;
revoke execute on function mutu.counted_by_unit from public;
grant execute on function mutu.counted_by_unit to mutu_officer;

-- Lists are for officers: each sees the rows of the own units.
grant select on mutu.reuse_list, mutu.reuse_case, mutu.case_event, mutu.reuse_list_version to mutu_officer;
alter table mutu.reuse_list enable row level security;
alter table mutu.reuse_case enable row level security;
alter table mutu.case_event enable row level security;
alter table mutu.reuse_list_version enable row level security;
create policy reading on mutu.reuse_list for select to mutu_officer
    using (mutu.reaches(responsible_unit) or mutu.reaches_case_of(list_id));
create policy reading on mutu.reuse_case for select to mutu_officer
    using (mutu.reaches(responsible_unit));
create policy reading on mutu.case_event for select to mutu_officer
    using (exists (
        select from mutu.reuse_case it
        where it.reuse_case_id = case_event.reuse_case_id and it.superseded_at is null));
create policy reading on mutu.reuse_list_version for select to mutu_officer
    using (exists (select from mutu.reuse_list it where it.list_id = reuse_list_version.list_id));
create policy writing on mutu.reuse_list to mutu_writer using (true);
create policy writing on mutu.reuse_case to mutu_writer using (true);
create policy writing on mutu.case_event to mutu_writer using (true);
create policy writing on mutu.reuse_list_version to mutu_writer using (true);
revoke update, delete on mutu.case_event, mutu.reuse_list_version from mutu_writer;
revoke delete on mutu.reuse_list, mutu.reuse_case from mutu_writer;

-- The past of targets, for progress as of a day.
create view mutu.target_version as select * from mutu.target;
grant select on mutu.target_version to mutu_viewer;
