-- In which polygon of its class a parcel lies: the block of 104 by its name, so that sums can be had by block.
alter table mutu.parcel_class add column name text;

-- Its columns were those of the day it was made.
create or replace view mutu.parcel_class_readable with (security_barrier) as
select * from mutu.parcel_class where mutu.may_read_layer(layer);
