-- Scores of enterprises, and the life of a run: draft, published for objection, final.
--
-- What a run read is kept as the numbers of the rows, which are never edited: the same facts can be read again for ever.
-- From the day it is published nobody changes what it found; what was found wrong is corrected by another run.

-- What was found of an enterprise in a year: a veto or a bonus names the kind and quotes the document.
create table mutu.enterprise_mark (
    row_id bigint generated always as identity primary key,
    uscc text collate "C" not null,
    year bigint not null,
    kind text collate "C" not null,
    reference text,
    happened_on date,
    extra jsonb,
    valid_from date,
    valid_to date,
    recorded_at timestamptz not null default now(),
    superseded_at timestamptz,
    batch_id bigint references mutu.import_batch,
    recorded_by text not null
);
create unique index enterprise_mark_current_key on mutu.enterprise_mark (uscc, year, kind, coalesce(reference, ''))
    where superseded_at is null and valid_to is null;

create view mutu.enterprise_mark_current as
select * from mutu.enterprise_mark where superseded_at is null and valid_to is null;

alter table mutu.evaluation_run
    add column state text collate "C" not null default 'draft' check (state in ('draft', 'published', 'final')),
    add column published_at timestamptz,
    add column published_by text,
    -- The last day on which it may be objected to.
    add column objections_until date,
    add column finalised_at timestamptz,
    add column finalised_by text,
    -- SHA-256 of what it found, by table, hexadecimal.
    add column digest jsonb not null default '{}';

-- The rows of facts that a run read, by table.
create table mutu.run_fact (
    run_id bigint not null references mutu.evaluation_run on delete cascade,
    relation text collate "C" not null,
    row_ids bigint[] not null,
    primary key (run_id, relation)
);

alter table mutu.enterprise_result
    alter column cohort drop not null,
    -- How many of the cohort have a rank.
    add column ranked bigint,
    -- Bonus and malus together.
    add column points numeric(18, 6),
    -- Other enterprises' figures went into the score: it tells of them.
    add column relative boolean not null default false,
    -- The responsible units of its land: who answers for all of them reads its figures. A parcel of none makes an empty one.
    add column units text[] not null default '{}',
    -- Its measures, fields and notes, as they were scored.
    add column inputs jsonb not null default '{}',
    -- In which quarter of its cohort each of its figures is.
    add column quarters jsonb not null default '{}';

-- What is said against a published result, and what became of it.
create table mutu.objection (
    objection_id bigint generated always as identity primary key,
    run_id bigint not null references mutu.evaluation_run,
    uscc text collate "C" not null,
    units text[] not null,
    -- What is wrong, in the enterprise's words.
    reason text not null,
    -- The stamped document that shows it.
    evidence text not null,
    recorded_by text not null,
    recorded_at timestamptz not null default now(),
    state text collate "C" not null default 'open' check (state in ('open', 'accepted', 'refused')),
    decision text,
    decided_by text,
    decided_at timestamptz,
    check ((state = 'open') = (decided_at is null))
);
create index objection_run on mutu.objection (run_id, uscc);

-- Somebody chose the run that is shown; nobody: it is the latest final one, or the latest while none is final.
alter table mutu.current_run add column chosen_by text;

-- Whether the account that reads answers for every one of the units. Of none at all: only who answers for all there are.
create function mutu.reaches_all(units text[]) returns boolean
    language sql stable parallel safe
    return coalesce(
        current_setting('mutu.units', true) = '*'
            or (cardinality(units) > 0 and units <@ string_to_array(current_setting('mutu.units', true), e'\x1f')),
        false);

-- A result as it may be read: the figures by officers who answer for all its land, what tells of other enterprises by
-- those who answer for every unit, the grade by everybody with an account once it is published.
create view mutu.enterprise_result_readable with (security_barrier) as
select it.run_id, it.uscc, it.cohort, it.grade, reader.knows, reader.knows and not it.relative or reader.knows_all as scores,
    case when reader.knows then it.rank end as rank,
    case when reader.knows then it.ranked end as ranked,
    case when reader.knows and not it.relative or reader.knows_all then it.score end as score,
    case when reader.knows and not it.relative or reader.knows_all then it.points end as points,
    case when reader.knows and not it.relative or reader.knows_all then it.items end as items,
    case when reader.knows then it.inputs end as inputs,
    case when reader.knows then it.quarters end as quarters,
    case when reader.knows then it.evidence end as evidence
from mutu.enterprise_result it
join mutu.evaluation_run run using (run_id)
cross join lateral (
    select pg_has_role('mutu_officer', 'usage') and mutu.reaches_all(it.units) as knows,
        pg_has_role('mutu_officer', 'usage') and coalesce(current_setting('mutu.units', true) = '*', false) as knows_all
) reader
where reader.knows or run.state <> 'draft';

create view mutu.objection_readable with (security_barrier) as
select objection_id, run_id, uscc, reason, evidence, recorded_by, recorded_at, state, decision, decided_by, decided_at
from mutu.objection
where pg_has_role('mutu_officer', 'usage') and mutu.reaches_all(units);

grant select on mutu.enterprise_result_readable, mutu.objection_readable to mutu_viewer;

-- From the day a run is published its findings stay as they are; when it is final, so does the run itself.
create function mutu.refuse_published() returns trigger language plpgsql as $$
declare
    changed bigint := case when tg_op = 'INSERT' then new.run_id else old.run_id end;
begin
    if exists (select from mutu.evaluation_run it where it.run_id = changed and it.state <> 'draft') then
        raise exception 'evaluation run % is published: its findings cannot be changed', changed using errcode = 'MU001';
    end if;
    return case when tg_op = 'DELETE' then old else new end;
end $$;

create function mutu.refuse_truncate() returns trigger language plpgsql as $$
begin
    if exists (select from mutu.evaluation_run it where it.state <> 'draft') then
        raise exception 'there are published evaluation runs' using errcode = 'MU001';
    end if;
    return null;
end $$;

create function mutu.refuse_final() returns trigger language plpgsql as $$
begin
    if old.state = 'final' or (tg_op = 'DELETE' and old.state <> 'draft') then
        raise exception 'evaluation run % is %: it cannot be changed', old.run_id, old.state using errcode = 'MU001';
    end if;
    if tg_op = 'DELETE' then
        return old;
    end if;
    -- Forward only, and when it is published all that it is made of stays.
    if (old.state, new.state) not in (('draft', 'draft'), ('draft', 'published'), ('published', 'published'), ('published', 'final'))
        or old.state = 'published' and (new.year, new.ruleset, new.scheme, new.config, new.layer_revisions, new.projection, new.area_basis, new.counts)
            is distinct from (old.year, old.ruleset, old.scheme, old.config, old.layer_revisions, old.projection, old.area_basis, old.counts)
    then
        raise exception 'evaluation run % cannot go from % to %', old.run_id, old.state, new.state using errcode = 'MU001';
    end if;
    return new;
end $$;
create trigger published before update or delete on mutu.evaluation_run
    for each row execute function mutu.refuse_final();

do $$
declare
    it text;
begin
    foreach it in array array[
        'overlay_share', 'parcel_class', 'parcel_measure', 'parcel_year', 'parcel_result', 'parcel_contribution',
        'enterprise_result', 'run_fact'
    ] loop
        execute format(
            'create trigger published before update or delete on mutu.%I
                 for each row execute function mutu.refuse_published()', it);
        execute format(
            'create trigger kept before truncate on mutu.%I
                 for each statement execute function mutu.refuse_truncate()', it);
    end loop;
    -- Of what is written by the million an added row is found by the digest.
    foreach it in array array['enterprise_result', 'run_fact'] loop
        execute format(
            'create trigger closed before insert on mutu.%I
                 for each row execute function mutu.refuse_published()', it);
    end loop;
end $$;

-- Objections are made while a run is published and decided once.
create function mutu.refuse_objection() returns trigger language plpgsql as $$
declare
    run text;
begin
    select state into run from mutu.evaluation_run it
    where it.run_id = case when tg_op = 'DELETE' then old.run_id else new.run_id end;
    if tg_op = 'DELETE' or run <> 'published' or (tg_op = 'UPDATE' and old.state <> 'open') then
        raise exception 'an objection is made to a published run and decided once' using errcode = 'MU001';
    end if;
    return new;
end $$;
create trigger kept before insert or update or delete on mutu.objection
    for each row execute function mutu.refuse_objection();
