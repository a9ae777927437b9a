-- An import is a batch from the moment its file arrives: first looked at, then applied, perhaps undone. An undoing is a batch
-- of its own, whose rows are the earlier versions written anew, so that what was known in between stays answerable.

alter table mutu.import_batch
    add column state text collate "C" not null default 'applied'
        check (state in ('uploaded', 'previewed', 'applied', 'undone', 'discarded')),
    -- What the person asked for: layer name, CRS, encoding, mapping, replace.
    add column options jsonb not null default '{}',
    add column applied_at timestamptz,
    -- The batch that this one takes back.
    add column undoes bigint references mutu.import_batch;
update mutu.import_batch set applied_at = recorded_at;
create unique index import_batch_undone_once on mutu.import_batch (undoes);

-- What would make the finding go away, and where on the map it is.
alter table mutu.import_issue
    add column mend text,
    add column geom geometry(geometry, 4490);

-- What a batch changes, row by row: the first of each kind, counted all in the report.
create table mutu.import_change (
    batch_id bigint not null references mutu.import_batch on delete cascade,
    kind text collate "C" not null check (kind in ('added', 'changed', 'missing')),
    nth bigint not null,
    key text not null,
    -- Row of the file; null for what the file does not have.
    source_row bigint,
    -- [{"field", "before", "after"}], changed rows only.
    fields jsonb not null default '[]',
    -- Area of the symmetric difference of old and new geometry, m² on the ellipsoid; null where there is nothing to compare.
    changed_m2 numeric(18, 2),
    geom geometry(geometry, 4490),
    primary key (batch_id, kind, nth)
);
grant select on mutu.import_change to mutu_steward;

-- Area in which two polygons differ, m² on the ellipsoid. Null where the plane sweep gives up.
create function mutu.difference_m2(a geometry, b geometry) returns numeric
    language plpgsql immutable parallel safe set search_path = public, pg_catalog as $$
begin
    return round(st_area(st_symdifference(a, b)::geography)::numeric, 2);
exception
    when others then return null;
end $$;

-- Rows are looked up by the batch that wrote them when it is undone.
create index building_batch on mutu.building (batch_id);
create index enterprise_batch on mutu.enterprise (batch_id);
create index enterprise_period_batch on mutu.enterprise_period (batch_id);
create index occupancy_batch on mutu.occupancy (batch_id);
create index parcel_period_batch on mutu.parcel_period (batch_id);
create index target_batch on mutu.target (batch_id);
