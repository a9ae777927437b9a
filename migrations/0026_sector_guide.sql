-- What a sector is expected to yield, as an office publishes it by year: guides that measures of parcels name.
create table mutu.sector_guide (
    row_id bigint generated always as identity primary key,
    -- A code of GB/T 4754 of any length: C, C33, C3311. The longest that a parcel's code begins with holds.
    industry_code text collate "C" not null,
    year bigint not null,
    tax_wan_per_mu numeric,
    far_min numeric,
    basis text,
    extra jsonb,
    valid_from date,
    valid_to date,
    recorded_at timestamptz not null default now(),
    superseded_at timestamptz,
    batch_id bigint references mutu.import_batch,
    recorded_by text not null
);
create unique index sector_guide_current_key on mutu.sector_guide (industry_code, year)
    where superseded_at is null and valid_to is null;
create index sector_guide_batch on mutu.sector_guide (batch_id);

create view mutu.sector_guide_current as
select * from mutu.sector_guide where superseded_at is null and valid_to is null;

alter table mutu.parcel_measure
    add column vacancy numeric(18, 6),
    add column sector_far_min numeric(18, 6),
    add column sector_tax_guide_wan_per_mu numeric(18, 6),
    add column years_tax_below_guide numeric(18, 6);
