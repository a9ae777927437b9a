-- A first load builds its indexes once, from all rows: that takes a third of growing them row by row, and GiST comes out better
-- packed. Only for a table without rows: dropping an index keeps readers out until the transaction ends, and of such a table
-- there is nothing to read. If the load fails, the rollback brings the indexes back.

create table mutu.suspended_index (
    relation regclass not null,
    definition text not null
);
revoke all on mutu.suspended_index from mutu_writer;

-- Takes the indexes of an empty table away, but those behind constraints. Returns whether it did.
create function mutu.suspend_indexes(target regclass) returns boolean
    language plpgsql security definer set search_path = pg_catalog as $$
declare
    filled boolean;
    it record;
begin
    if (select relnamespace::regnamespace::text from pg_class where oid = target) not in ('mutu', 'layer')
        or not exists (select from pg_attribute where attrelid = target and attname = 'superseded_at')
    then
        raise exception '% is not a table of facts', target;
    end if;
    execute format('select exists (select from %s)', target) into filled;
    if filled then
        return false;
    end if;
    for it in
        select i.indexrelid::regclass as name, pg_get_indexdef(i.indexrelid) as definition
        from pg_index i
        where i.indrelid = target and not exists (select from pg_constraint c where c.conindid = i.indexrelid)
    loop
        insert into mutu.suspended_index values (target, it.definition);
        execute format('drop index %s', it.name);
    end loop;
    return true;
end $$;

-- Builds them again.
create function mutu.resume_indexes(target regclass) returns void
    language plpgsql security definer set search_path = pg_catalog as $$
declare
    it text;
begin
    for it in delete from mutu.suspended_index where relation = target returning definition
    loop
        execute it;
    end loop;
end $$;

revoke execute on function mutu.suspend_indexes, mutu.resume_indexes from public;
grant execute on function mutu.suspend_indexes, mutu.resume_indexes to mutu_writer;
