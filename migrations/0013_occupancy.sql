-- Who uses which parcel or building, from when to when: a firm that left and came back is recorded twice, and a part of its
-- figures that was agreed on is said outright.
alter table mutu.occupancy
    add column building_code text collate "C",
    -- The part of the enterprise's figures that belongs to the parcel, 0 to 1; wins over land and floor.
    add column share numeric check (share between 0 and 1);

drop index mutu.occupancy_current_key;
create unique index occupancy_current_key
    on mutu.occupancy (parcel_code, uscc, coalesce(role, ''), coalesce(building_code, ''), coalesce(from_date, '-infinity'))
    where superseded_at is null and valid_to is null;

create or replace view mutu.occupancy_current as
select * from mutu.occupancy where superseded_at is null and valid_to is null;
grant select (building_code, share) on mutu.occupancy_current to mutu_viewer;
