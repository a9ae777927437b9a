-- What a dossier says about where a figure comes from: files and days, never the figures.

-- Why a measure of a parcel is missing, or what it was taken from: as open as the notes on its years.
create view mutu.parcel_note_readable with (security_barrier) as
select run_id, parcel_id, notes from mutu.parcel_measure;
grant select on mutu.parcel_note_readable to mutu_viewer;

-- The rows now in force that the measures of a parcel rest on, by table, year and file. A run that began before such a row was
-- recorded read another one.
create function mutu.parcel_origins(run bigint, parcel bigint)
    returns table (facts text, year bigint, file text, recorded_at timestamptz, is_newer boolean)
    language sql stable parallel safe security definer set search_path = pg_catalog as $$
    with judged as (
        select r.started_at, r.year, p.parcel_code, p.batch_id, p.recorded_at
        from mutu.evaluation_run r
        join mutu.parcel_current p on p.parcel_id = $2
        where r.run_id = $1
    ), used as (
        select o.uscc, o.batch_id, o.recorded_at
        from judged
        join mutu.occupancy_current o using (parcel_code)
    ), facts (facts, year, batch_id, recorded_at) as (
        select 'register', null::bigint, batch_id, recorded_at from judged
        union all
        select 'building', null, b.batch_id, b.recorded_at
        from judged
        join mutu.building_current b using (parcel_code)
        union all
        select 'occupancy', null, batch_id, recorded_at from used
        union all
        select 'enterprise_year', e.year, e.batch_id, e.recorded_at
        from judged
        cross join (select distinct uscc from used) u
        join mutu.enterprise_period_current e using (uscc)
        where e.period = e.year::text and e.year between judged.year - 4 and judged.year
        union all
        select 'parcel_year', f.year, f.batch_id, f.recorded_at
        from judged
        join mutu.parcel_period_current f using (parcel_code)
        where f.period = f.year::text and f.year between judged.year - 4 and judged.year
    )
    select facts.facts, facts.year, b.file, max(facts.recorded_at), bool_or(facts.recorded_at > judged.started_at)
    from facts
    cross join judged
    left join mutu.import_batch b on b.batch_id = facts.batch_id
    group by facts.facts, facts.year, b.file
    order by facts.facts, facts.year desc, max(facts.recorded_at) desc
$$;
revoke execute on function mutu.parcel_origins from public;
grant execute on function mutu.parcel_origins to mutu_viewer;
