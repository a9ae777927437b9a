-- A first load goes straight into the table of facts: its rows come by COPY with a number of their own and get their stable
-- number here, the reference to the batch is checked once for all of them, and the indexes are built at the end.

alter table mutu.parcel alter column parcel_id set default nextval('mutu.parcel_id_seq');
alter table mutu.building alter column building_id set default nextval('mutu.building_id_seq');

-- Takes the indexes of an empty table away, but those behind constraints, and where the owner may do so the checks of
-- references row by row. Returns whether it did.
create or replace function mutu.suspend_indexes(target regclass) returns boolean
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
    -- Somebody may have been faster, and been waited for by the first of these locks.
    execute format('lock table %s in access exclusive mode', target);
    execute format('select exists (select from %s)', target) into filled;
    if filled then
        perform mutu.resume_indexes(target);
        return false;
    end if;
    if (select rolsuper from pg_roles where rolname = current_user) then
        for it in
            select t.tgname as name
            from pg_trigger t
            join pg_constraint c on c.oid = t.tgconstraint
            where t.tgrelid = target and c.contype = 'f' and c.conrelid = target and c.confrelid <> target
                and cardinality(c.conkey) = 1
        loop
            execute format('alter table %s disable trigger %I', target, it.name);
        end loop;
    end if;
    return true;
end $$;

-- Builds them again, makes up for the checks, and moves the numbers of rows on.
create or replace function mutu.resume_indexes(target regclass) returns void
    language plpgsql security definer set search_path = pg_catalog as $$
declare
    it record;
    broken boolean;
    last bigint;
    numbers text;
begin
    for it in
        select c.conname as name, c.confrelid::regclass as relation, mine.attname as mine, theirs.attname as theirs,
            array_agg(t.tgname) as triggers
        from pg_constraint c
        join pg_trigger t on t.tgconstraint = c.oid and t.tgrelid = target and t.tgenabled = 'D'
        join pg_attribute mine on mine.attrelid = target and mine.attnum = c.conkey[1]
        join pg_attribute theirs on theirs.attrelid = c.confrelid and theirs.attnum = c.confkey[1]
        where c.conrelid = target and c.contype = 'f'
        group by 1, 2, 3, 4
    loop
        execute format(
            'select exists (select from %s f where f.%I is not null and not exists (select from %s k where k.%I = f.%I))',
            target, it.mine, it.relation, it.theirs, it.mine
        ) into broken;
        if broken then
            raise foreign_key_violation using message = format('%s: no such row in %s', it.name, it.relation);
        end if;
        for last in 1..cardinality(it.triggers) loop
            execute format('alter table %s enable trigger %I', target, it.triggers[last]);
        end loop;
    end loop;
    numbers := pg_get_serial_sequence(target::text, 'row_id');
    execute format('select max(row_id) from %s', target) into last;
    if last is not null then
        perform setval(numbers, greatest(last, nextval(numbers)));
    end if;
    for it in delete from mutu.suspended_index where relation = target returning definition
    loop
        execute it.definition;
    end loop;
end $$;

-- Fresh statistics of what joins and maps go by; those of the other columns autovacuum makes within a minute.
create function mutu.refresh_key_statistics(relation regclass) returns void
    language plpgsql security definer set search_path = pg_catalog as $$
declare
    keys text;
begin
    select string_agg(quote_ident(attname), ', ' order by attnum) into keys
    from pg_attribute a
    where attrelid = relation and attnum > 0 and not attisdropped
        and (attname in ('geom', 'superseded_at', 'valid_to', 'town_code', 'responsible_unit')
            or exists (select from pg_index i where i.indrelid = relation and a.attnum = any (i.indkey)));
    execute format('analyze %s (%s)', relation, keys);
end $$;
revoke execute on function mutu.refresh_key_statistics from public;
grant execute on function mutu.refresh_key_statistics to mutu_writer;
