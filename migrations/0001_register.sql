-- The register: what is known about land, buildings, enterprises and their figures.
--
-- Facts are bitemporal rows. `valid_from`/`valid_to` say when something was so in the world, `recorded_at`/`superseded_at`
-- when this database knew it. A change never edits a row: it closes the old one (`superseded_at`) and writes a new one, so
-- "what did we know on 30 June" stays answerable. The `*_current` views show the rows that are in force and not superseded.
--
-- Text that takes part in comparisons is collated "C", so that SQL and the in-memory evaluator order it alike.
-- Geometry is EPSG:4490 (CGCS2000), longitude before latitude. Areas are ellipsoidal, m². Money is 万元, energy tce.

create extension if not exists postgis;

create schema if not exists mutu;
create schema if not exists layer;

-- One row per import; every fact row points at the batch that wrote it.
create table mutu.import_batch (
    batch_id bigint generated always as identity primary key,
    target text collate "C" not null,
    file text not null,
    source_crs text,
    encoding text,
    mapping jsonb not null default '{}',
    rows_read bigint not null default 0,
    rows_written bigint not null default 0,
    rows_repaired bigint not null default 0,
    rows_rejected bigint not null default 0,
    report jsonb not null default '{}',
    recorded_by text not null,
    recorded_at timestamptz not null default now()
);

create table mutu.import_issue (
    issue_id bigint generated always as identity primary key,
    batch_id bigint not null references mutu.import_batch,
    severity text not null check (severity in ('error', 'warning')),
    rule text not null,
    source_row bigint,
    field text,
    value text,
    message text not null
);
create index import_issue_batch on mutu.import_issue (batch_id);

-- The stable identity of a parcel: the integer id of features and tiles survives every new version of the parcel.
create sequence mutu.parcel_id_seq as bigint;

create table mutu.parcel (
    row_id bigint generated always as identity primary key,
    parcel_id bigint not null,
    parcel_code text collate "C" not null,
    name text collate "C",
    address text collate "C",
    town_code text collate "C",
    -- Who answers for the land. Not always the legal town: 嘉定工业区 manages land of 徐行镇.
    responsible_unit text collate "C",
    village text collate "C",
    holder_uscc text collate "C",
    ownership text collate "C",
    tenure text collate "C",
    land_use_code text collate "C",
    use_actual text collate "C",
    status text collate "C",
    industry_code text collate "C",
    contract_no text collate "C",
    contract_start date,
    contract_finish date,
    contract_far numeric,
    contract_tax_wan_per_mu numeric,
    far_reported numeric,
    gfa_m2 numeric,
    -- An officer's decision on the class (104, 195, 198, scattered). No computation overwrites it.
    block_class_override text collate "C",
    override_reason text collate "C",
    -- The registered area is a legal figure and stands beside the measured one; neither is ever derived from the other.
    area_registered_m2 numeric,
    -- As given, where the source gave 亩; `area_registered_m2` is then its exact conversion rounded to 0.01 m².
    area_registered_mu numeric,
    area_geom_m2 numeric(18, 2) not null,
    -- 亩 of the legal area, or of the measured one where none is registered; exact, never rounded.
    area_mu numeric generated always as (coalesce(area_registered_m2, area_geom_m2) * 0.0015) stored,
    geom geometry(multipolygon, 4490) not null,
    -- What the source said, where `geom` had to be repaired; null otherwise.
    geom_original geometry(geometry, 4490),
    repaired boolean not null default false,
    extra jsonb,
    valid_from date,
    valid_to date,
    recorded_at timestamptz not null default now(),
    superseded_at timestamptz,
    batch_id bigint references mutu.import_batch,
    recorded_by text not null,
    check (area_geom_m2 >= 0),
    check (area_registered_m2 >= 0)
);
create unique index parcel_current_code on mutu.parcel (parcel_code) where superseded_at is null and valid_to is null;
create unique index parcel_current_id on mutu.parcel (parcel_id) where superseded_at is null and valid_to is null;
create index parcel_geom on mutu.parcel using gist (geom) where superseded_at is null;
create index parcel_batch on mutu.parcel (batch_id);
-- Officers remember the end of a code.
create index parcel_code_tail on mutu.parcel (reverse(parcel_code) text_pattern_ops) where superseded_at is null;

create view mutu.parcel_current as
select * from mutu.parcel where superseded_at is null and valid_to is null;

create table mutu.parcel_lineage (
    parent_parcel_id bigint not null,
    child_parcel_id bigint not null,
    kind text not null check (kind in ('split', 'merge', 'recode')),
    happened_on date,
    batch_id bigint references mutu.import_batch,
    primary key (parent_parcel_id, child_parcel_id)
);

create sequence mutu.building_id_seq as bigint;

create table mutu.building (
    row_id bigint generated always as identity primary key,
    building_id bigint not null,
    building_code text collate "C" not null,
    parcel_code text collate "C",
    name text collate "C",
    structure text collate "C",
    floors bigint,
    storey_height_m numeric,
    footprint_m2 numeric,
    floor_area_m2 numeric,
    vacant_area_m2 numeric,
    year_built bigint,
    area_geom_m2 numeric(18, 2) not null,
    geom geometry(multipolygon, 4490) not null,
    geom_original geometry(geometry, 4490),
    repaired boolean not null default false,
    extra jsonb,
    valid_from date,
    valid_to date,
    recorded_at timestamptz not null default now(),
    superseded_at timestamptz,
    batch_id bigint references mutu.import_batch,
    recorded_by text not null
);
create unique index building_current_code on mutu.building (building_code) where superseded_at is null and valid_to is null;
create index building_parcel on mutu.building (parcel_code) where superseded_at is null;
create index building_geom on mutu.building using gist (geom) where superseded_at is null;

create view mutu.building_current as
select * from mutu.building where superseded_at is null and valid_to is null;

create sequence mutu.enterprise_id_seq as bigint;

create table mutu.enterprise (
    row_id bigint generated always as identity primary key,
    enterprise_id bigint not null,
    uscc text collate "C" not null,
    name text collate "C" not null,
    industry_code text collate "C",
    -- 规上: above the designated size. Null where the source does not say.
    is_scale boolean,
    founded date,
    in_production date,
    town_code text collate "C",
    is_hightech boolean,
    is_key boolean,
    extra jsonb,
    valid_from date,
    valid_to date,
    recorded_at timestamptz not null default now(),
    superseded_at timestamptz,
    batch_id bigint references mutu.import_batch,
    recorded_by text not null
);
create unique index enterprise_current_uscc on mutu.enterprise (uscc) where superseded_at is null and valid_to is null;
create index enterprise_name on mutu.enterprise (name) where superseded_at is null;

create view mutu.enterprise_current as
select * from mutu.enterprise where superseded_at is null and valid_to is null;

-- A year's, quarter's or month's figures. A missing figure is null: it is never zero.
create table mutu.enterprise_period (
    row_id bigint generated always as identity primary key,
    uscc text collate "C" not null,
    year bigint not null,
    -- '2025', '2025Q1' or '2025-03'.
    period text collate "C" not null,
    output_wan numeric,
    revenue_wan numeric,
    value_added_wan numeric,
    tax_paid_wan numeric,
    tax_policy_adj_wan numeric,
    -- 评价税收: what the evaluation uses; local definitions differ, so it is a figure of its own.
    tax_wan numeric,
    energy_tce numeric,
    electricity_kwh numeric,
    water_m3 numeric,
    emission_t numeric,
    rd_wan numeric,
    employees numeric,
    investment_wan numeric,
    extra jsonb,
    valid_from date,
    valid_to date,
    recorded_at timestamptz not null default now(),
    superseded_at timestamptz,
    batch_id bigint references mutu.import_batch,
    recorded_by text not null
);
create unique index enterprise_period_current_key on mutu.enterprise_period (uscc, period) where superseded_at is null and valid_to is null;

create view mutu.enterprise_period_current as
select * from mutu.enterprise_period where superseded_at is null and valid_to is null;

-- Who uses which land: several enterprises on a parcel, several parcels to an enterprise.
create table mutu.occupancy (
    row_id bigint generated always as identity primary key,
    parcel_code text collate "C" not null,
    uscc text collate "C" not null,
    role text collate "C",
    floor_m2 numeric,
    land_m2 numeric,
    from_date date,
    to_date date,
    rent_wan numeric,
    extra jsonb,
    valid_from date,
    valid_to date,
    recorded_at timestamptz not null default now(),
    superseded_at timestamptz,
    batch_id bigint references mutu.import_batch,
    recorded_by text not null
);
create unique index occupancy_current_key on mutu.occupancy (parcel_code, uscc, coalesce(role, ''))
    where superseded_at is null and valid_to is null;
create index occupancy_uscc on mutu.occupancy (uscc) where superseded_at is null;

create view mutu.occupancy_current as
select * from mutu.occupancy where superseded_at is null and valid_to is null;

-- Figures that were reported for a parcel itself, not through its occupants.
create table mutu.parcel_period (
    row_id bigint generated always as identity primary key,
    parcel_code text collate "C" not null,
    year bigint not null,
    period text collate "C" not null,
    output_wan numeric,
    value_added_wan numeric,
    tax_wan numeric,
    energy_tce numeric,
    employees numeric,
    assessed_value_wan numeric,
    extra jsonb,
    valid_from date,
    valid_to date,
    recorded_at timestamptz not null default now(),
    superseded_at timestamptz,
    batch_id bigint references mutu.import_batch,
    recorded_by text not null
);
create unique index parcel_period_current_key on mutu.parcel_period (parcel_code, period) where superseded_at is null and valid_to is null;

create view mutu.parcel_period_current as
select * from mutu.parcel_period where superseded_at is null and valid_to is null;

create table mutu.target (
    row_id bigint generated always as identity primary key,
    unit text collate "C" not null,
    year bigint not null,
    period text collate "C" not null,
    -- mu, plants, plant_m2, enterprises or tce: what the quantity counts.
    kind text collate "C" not null,
    quantity numeric not null,
    extra jsonb,
    valid_from date,
    valid_to date,
    recorded_at timestamptz not null default now(),
    superseded_at timestamptz,
    batch_id bigint references mutu.import_batch,
    recorded_by text not null
);
create unique index target_current_key on mutu.target (unit, period, kind) where superseded_at is null and valid_to is null;

create view mutu.target_current as
select * from mutu.target where superseded_at is null and valid_to is null;
