-- Reading the past, and editing parcels one by one.

-- Every version of a parcel, for its dossier at another time and its history; granted by column as the current ones are.
create view mutu.parcel_version as select * from mutu.parcel;

-- Who answered for a parcel in that version: it decides how far a role goes there.
create function mutu.unit_of_version(id bigint) returns text
    language sql stable parallel safe security definer set search_path = pg_catalog
    return (select it.responsible_unit from mutu.parcel it where it.row_id = id);

-- Wider than those on what is in force, or the planner might read the present through them.
create index parcel_versions on mutu.parcel (parcel_id, row_id);
create index parcel_code_past on mutu.parcel (parcel_code) where superseded_at is not null or valid_to is not null;
create index building_versions on mutu.building (building_id, row_id);
-- With the index on what is not superseded, one for each arm of "not superseded, or later than that day".
create index parcel_geom_superseded on mutu.parcel using gist (geom) where superseded_at is not null;
create index building_geom_superseded on mutu.building using gist (geom) where superseded_at is not null;

-- Descent is recorded as facts are: by whom, and when this database came to know it.
alter table mutu.parcel_lineage
    add column recorded_at timestamptz not null default now(),
    add column recorded_by text;
create index parcel_lineage_child on mutu.parcel_lineage (child_parcel_id);
