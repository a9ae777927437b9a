-- What a run found about plans: how far each parcel's present use conforms, and which low-efficiency land lies together.

create table mutu.parcel_conformity (
    run_id bigint not null references mutu.evaluation_run on delete cascade,
    layer text collate "C" not null,
    parcel_id bigint not null,
    outcome text collate "C" not null check (outcome in ('pass', 'needs_plan_change', 'fail', 'unknown')),
    -- The clauses that are not kept, and those that nobody can decide.
    broken text[] not null default '{}',
    undecided text[] not null default '{}',
    -- m² of the run's equal-area plane; null where the plan is missing. The 亩 follow exactly.
    area_m2 numeric(18, 2) not null,
    protected_m2 numeric(18, 2),
    protected_mu numeric(18, 6) generated always as (protected_m2 * 0.0015) stored,
    outside_m2 numeric(18, 2),
    outside_mu numeric(18, 6) generated always as (outside_m2 * 0.0015) stored,
    plan_use text collate "C",
    plan_far numeric(18, 6),
    -- Clause by clause: areas, plots, limits, plan revision and date.
    evidence jsonb not null default '[]',
    primary key (run_id, layer, parcel_id)
);

create table mutu.assembly (
    run_id bigint not null references mutu.evaluation_run on delete cascade,
    layer text collate "C" not null,
    -- Both made of the members' codes alone, so that the same land has the same ids in every run.
    assembly_id bigint not null,
    assembly_code text collate "C" not null,
    rank bigint not null,
    area_mu numeric(18, 6) not null,
    parcels bigint not null,
    -- Members without a known area or holder.
    without_area bigint not null,
    holders bigint,
    without_holder bigint not null,
    compactness numeric(18, 6),
    plan_fit numeric(18, 6),
    plan_unknown numeric(18, 6),
    -- The unit of all members; null where they have several.
    responsible_unit text collate "C",
    members text[] not null,
    geom geometry(multipolygon, 4490) not null,
    primary key (run_id, layer, assembly_id)
);

create table mutu.assembly_member (
    run_id bigint not null,
    layer text collate "C" not null,
    assembly_id bigint not null,
    parcel_id bigint not null,
    primary key (run_id, layer, parcel_id),
    foreign key (run_id, layer, assembly_id) references mutu.assembly on delete cascade
);
