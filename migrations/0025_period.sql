-- Runs of a quarter or a month: scores of enterprises by the figures of that very period. Parcels are judged by years only, so
-- such a run has no rows of parcels and is never on the map.

alter table mutu.evaluation_run add column period text collate "C";
alter table mutu.evaluation_run disable trigger published;
update mutu.evaluation_run set period = year::text;
alter table mutu.evaluation_run enable trigger published;

-- Who names no period means the year.
create function mutu.whole_year() returns trigger language plpgsql as $$
begin
    new.period := coalesce(new.period, new.year::text);
    return new;
end $$;
create trigger whole_year before insert on mutu.evaluation_run
    for each row execute function mutu.whole_year();
alter table mutu.evaluation_run
    alter column period set not null,
    add constraint period_of_year check (
        period = year::text or period ~ '^[0-9]{4}(Q[1-4]|-(0[1-9]|1[0-2]))$' and left(period, 4) = year::text);

-- A map of a part of a year would lay its figures beside those of years.
create function mutu.refuse_part_of_year() returns trigger language plpgsql as $$
begin
    if exists (select from mutu.evaluation_run it where it.run_id = new.run_id and it.period <> it.year::text) then
        raise exception 'evaluation run % is of a part of a year: it judges no parcels', new.run_id using errcode = 'MU001';
    end if;
    return new;
end $$;
create trigger of_a_year before insert or update of run_id on mutu.current_run
    for each row execute function mutu.refuse_part_of_year();

-- As migration 0017 has it, with the period among what a published run keeps.
create or replace function mutu.refuse_final() returns trigger language plpgsql as $$
begin
    if old.state = 'final' or (tg_op = 'DELETE' and old.state <> 'draft') then
        raise exception 'evaluation run % is %: it cannot be changed', old.run_id, old.state using errcode = 'MU001';
    end if;
    if tg_op = 'DELETE' then
        return old;
    end if;
    -- Forward only, and when it is published all that it is made of stays.
    if (old.state, new.state) not in (('draft', 'draft'), ('draft', 'published'), ('published', 'published'), ('published', 'final'))
        or old.state = 'published' and (new.year, new.period, new.ruleset, new.scheme, new.config, new.layer_revisions, new.projection, new.area_basis, new.counts)
            is distinct from (old.year, old.period, old.ruleset, old.scheme, old.config, old.layer_revisions, old.projection, old.area_basis, old.counts)
    then
        raise exception 'evaluation run % cannot go from % to %', old.run_id, old.state, new.state using errcode = 'MU001';
    end if;
    return new;
end $$;

-- What was found of plans stays as it is from the day a run is published, as its other findings do.
do $$
declare
    it text;
begin
    foreach it in array array['parcel_conformity', 'assembly', 'assembly_member'] loop
        execute format(
            'create trigger published before update or delete on mutu.%I
                 for each row execute function mutu.refuse_published()', it);
        execute format(
            'create trigger kept before truncate on mutu.%I
                 for each statement execute function mutu.refuse_truncate()', it);
    end loop;
end $$;
