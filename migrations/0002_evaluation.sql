-- Judgement: what a run found, with everything that is needed to say why.

create table mutu.evaluation_run (
    run_id bigint generated always as identity primary key,
    year bigint not null,
    ruleset text collate "C" not null,
    scheme text collate "C",
    -- The texts of overlay, rules and scheme as they were used, and the layer revisions that were read.
    config jsonb not null,
    layer_revisions jsonb not null,
    -- PROJ string of the equal-area plane in which shares were measured.
    projection text not null,
    area_basis text not null check (area_basis in ('registered', 'measured')),
    counts jsonb not null default '{}',
    started_at timestamptz not null default now(),
    finished_at timestamptz,
    recorded_by text not null
);

-- Which run the derived layers show: one row, so that a switch is one update.
create table mutu.current_run (
    only_one boolean primary key default true check (only_one),
    run_id bigint not null references mutu.evaluation_run
);

create table mutu.overlay_share (
    run_id bigint not null references mutu.evaluation_run on delete cascade,
    layer text collate "C" not null,
    parcel_id bigint not null,
    class text collate "C" not null,
    area_m2 numeric(18, 2) not null,
    share numeric(18, 6) not null,
    primary key (run_id, layer, parcel_id, class)
);

create table mutu.parcel_class (
    run_id bigint not null references mutu.evaluation_run on delete cascade,
    layer text collate "C" not null,
    parcel_id bigint not null,
    class text collate "C" not null,
    straddle boolean not null,
    source text collate "C" not null check (source in ('overlay', 'officer')),
    primary key (run_id, layer, parcel_id)
);

-- A ratio is computed once and stored rounded to six places; SQL and memory compare that value.
create table mutu.parcel_measure (
    run_id bigint not null references mutu.evaluation_run on delete cascade,
    parcel_id bigint not null,
    area_mu numeric(18, 6),
    tax_wan numeric(18, 6),
    output_wan numeric(18, 6),
    value_added_wan numeric(18, 6),
    energy_tce numeric(18, 6),
    employees numeric(18, 6),
    assessed_value_wan numeric(18, 6),
    tax_wan_per_mu numeric(18, 6),
    output_wan_per_mu numeric(18, 6),
    value_added_wan_per_mu numeric(18, 6),
    value_added_wan_per_tce numeric(18, 6),
    assessed_value_wan_per_mu numeric(18, 6),
    tax_wan_per_mu_prev1 numeric(18, 6),
    tax_wan_per_mu_prev2 numeric(18, 6),
    years_without_tax numeric(18, 6),
    far numeric(18, 6),
    coverage numeric(18, 6),
    gfa_m2 numeric(18, 6),
    enterprise_count numeric(18, 6),
    enterprises_reported numeric(18, 6),
    area_basis text collate "C",
    notes jsonb not null default '[]',
    primary key (run_id, parcel_id)
);

-- A parcel's figures of each year the run looked at, summed over its occupants. Null: not known, `note` says why.
create table mutu.parcel_year (
    run_id bigint not null references mutu.evaluation_run on delete cascade,
    parcel_id bigint not null,
    year bigint not null,
    tax_wan numeric(18, 6),
    output_wan numeric(18, 6),
    value_added_wan numeric(18, 6),
    energy_tce numeric(18, 6),
    employees numeric(18, 6),
    assessed_value_wan numeric(18, 6),
    tax_wan_per_mu numeric(18, 6),
    output_wan_per_mu numeric(18, 6),
    complete boolean not null,
    note jsonb,
    primary key (run_id, parcel_id, year)
);

create table mutu.parcel_result (
    run_id bigint not null references mutu.evaluation_run on delete cascade,
    layer text collate "C" not null,
    parcel_id bigint not null,
    verdict text collate "C" not null check (verdict in ('low', 'ok', 'unknown')),
    reasons text[] not null default '{}',
    evidence jsonb not null default '[]',
    primary key (run_id, layer, parcel_id)
);

create table mutu.enterprise_result (
    run_id bigint not null references mutu.evaluation_run on delete cascade,
    uscc text collate "C" not null,
    cohort text collate "C" not null,
    score numeric(18, 6),
    rank bigint,
    grade text collate "C",
    items jsonb not null default '[]',
    evidence jsonb not null default '[]',
    primary key (run_id, uscc)
);
