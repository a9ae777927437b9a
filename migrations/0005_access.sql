-- Who may read what, in PostgreSQL: one role for each of Mutu's, masking views, row security on drafts. The service decides
-- in Rust what a request may read; this stands behind it, so that a query that forgets to ask reads nothing it should not.
--
-- `mutu.units` holds the responsible units of the account that reads, parted by U+001F, '*' for all; unset means none.

do $$
declare
    it text;
begin
    foreach it in array array[
        'mutu_public', 'mutu_viewer', 'mutu_officer', 'mutu_steward', 'mutu_admin', 'mutu_census', 'mutu_writer'
    ] loop
        begin
            execute format('create role %I nologin', it);
        exception
            when duplicate_object or unique_violation then null;
        end;
    end loop;
end $$;

do $$
declare
    step text[];
begin
    -- Each may do what those before it may; the census reads what single enterprises contributed to a sum.
    foreach step slice 1 in array array[
        ['mutu_public', 'mutu_viewer'],
        ['mutu_viewer', 'mutu_officer'],
        ['mutu_officer', 'mutu_steward'],
        ['mutu_steward', 'mutu_admin'],
        ['mutu_officer', 'mutu_census'],
        ['mutu_admin', current_user::text],
        ['mutu_census', current_user::text],
        ['mutu_writer', current_user::text]
    ] loop
        if not exists (
            select from pg_auth_members
            where roleid = step[1]::regrole and member = step[2]::regrole
        ) then
            execute format('grant %I to %I', step[1], step[2]);
        end if;
    end loop;
end $$;

-- The one role that read everything.
revoke all on all tables in schema mutu, layer from mutu_reader;
alter default privileges in schema layer revoke select on tables from mutu_reader;
revoke usage on schema mutu, layer from mutu_reader;

-- Whether the account that reads answers for the unit.
create function mutu.reaches(unit text) returns boolean
    language sql stable parallel safe
    return coalesce(
        current_setting('mutu.units', true) = '*'
            or unit = any (string_to_array(current_setting('mutu.units', true), e'\x1f')),
        false);

-- Who answers for a parcel. Public by itself or not, it decides how far a role goes there.
create function mutu.unit_of(id bigint) returns text
    language sql stable parallel safe security definer set search_path = pg_catalog
    return (select it.responsible_unit from mutu.parcel_current it where it.parcel_id = id);

-- The role a layer needs, as its folder says; kept up at start. A layer that nobody told of is the administrator's.
alter table mutu.layer_revision add column access text collate "C" not null default 'admin'
    check (access in ('public', 'viewer', 'officer', 'steward', 'admin'));

create function mutu.may_read_layer(id text) returns boolean
    language sql stable parallel safe
    return exists (
        select from mutu.layer_revision it where it.layer = id and pg_has_role(('mutu_' || it.access)::name, 'usage'));

-- Findings carry the access of the layer they belong to.
create view mutu.overlay_share_readable with (security_barrier) as
select * from mutu.overlay_share where mutu.may_read_layer(layer);

create view mutu.parcel_class_readable with (security_barrier) as
select * from mutu.parcel_class where mutu.may_read_layer(layer);

create view mutu.parcel_result_readable with (security_barrier) as
select * from mutu.parcel_result where mutu.may_read_layer(layer);

-- Which overlays a run could not compute is public; how many parcels it found low is not.
alter table mutu.evaluation_run add column skipped jsonb
    generated always as (coalesce(counts -> 'skipped', '{}'::jsonb)) stored;

grant usage on schema mutu, layer to mutu_public, mutu_writer;
grant select on mutu.layer_revision, mutu.layer_change, mutu.current_run to mutu_public;
grant select (run_id, year, ruleset, finished_at, skipped) on mutu.evaluation_run to mutu_public;
grant select (batch_id, target, file, recorded_at) on mutu.import_batch to mutu_public;
grant select on mutu.overlay_share_readable, mutu.parcel_class_readable to mutu_public;

grant select on mutu.evaluation_run, mutu.parcel_result_readable, mutu.parcel_lineage, mutu.target_current to mutu_viewer;
grant select (uscc, name, industry_code, is_scale, founded, in_production, town_code, is_hightech, is_key)
    on mutu.enterprise_current to mutu_viewer;
grant select (parcel_code, uscc, role, floor_m2, land_m2, from_date, to_date) on mutu.occupancy_current to mutu_viewer;
grant select (run_id, parcel_id, year, complete, note) on mutu.parcel_year to mutu_viewer;

-- What enterprises yield, one by one: read only to decide which sums may be told. Parcels' own figures are granted column
-- by column at start, as the layer folders say.
grant select on mutu.enterprise_period_current, mutu.parcel_period_current, mutu.occupancy_current, mutu.parcel_current,
    mutu.enterprise_current, mutu.parcel_measure, mutu.parcel_year
    to mutu_census;

grant select on mutu.import_batch, mutu.import_issue, mutu.job to mutu_steward;
grant select on mutu.audit_event to mutu_admin;

-- Lists are drafts until they are frozen: an officer sees those of the own units.
grant select on mutu.reuse_list, mutu.reuse_case, mutu.case_event to mutu_viewer;
alter table mutu.reuse_list enable row level security;
alter table mutu.reuse_case enable row level security;
alter table mutu.case_event enable row level security;
create policy reading on mutu.reuse_list for select to mutu_viewer
    using (state = 'frozen' or (pg_has_role('mutu_officer', 'usage') and mutu.reaches(responsible_unit)));
create policy reading on mutu.reuse_case for select to mutu_viewer
    using (exists (select from mutu.reuse_list it where it.list_id = reuse_case.list_id));
create policy reading on mutu.case_event for select to mutu_viewer
    using (exists (select from mutu.reuse_case it where it.case_id = case_event.case_id));
create policy writing on mutu.reuse_list to mutu_writer using (true);
create policy writing on mutu.reuse_case to mutu_writer using (true);
create policy writing on mutu.case_event to mutu_writer using (true);

-- The service writes as a role that owns nothing: it cannot alter a table, and of the audit it can only add to the end.
grant select, insert, update, delete on all tables in schema mutu to mutu_writer;
grant usage on all sequences in schema mutu to mutu_writer;
revoke update, delete on mutu.audit_event from mutu_writer;
alter default privileges in schema mutu grant select, insert, update, delete on tables to mutu_writer;
alter default privileges in schema mutu grant usage on sequences to mutu_writer;
alter default privileges in schema layer grant select, insert, update, delete on tables to mutu_writer;
alter default privileges in schema layer grant usage on sequences to mutu_writer;
grant select, insert, update, delete on all tables in schema layer to mutu_writer;
grant usage on all sequences in schema layer to mutu_writer;

create function mutu.refuse_change() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' and current_setting('mutu.pruning', true) = 'on' then
        return null;
    end if;
    raise exception 'mutu.audit_event is only added to';
end $$;
create trigger append_only before update or delete or truncate on mutu.audit_event
    for each statement execute function mutu.refuse_change();

-- Forgets events older than `keep`, at least half a year of them stays (网络安全法 article 21: six months).
create function mutu.prune_audit(keep interval) returns bigint
    language plpgsql security definer set search_path = pg_catalog as $$
declare
    pruned bigint;
begin
    if now() - keep > now() - interval '6 months' then
        raise exception 'audit events are kept for six months at least';
    end if;
    perform set_config('mutu.pruning', 'on', true);
    delete from mutu.audit_event where happened_at < now() - keep;
    get diagnostics pruned = row_count;
    perform set_config('mutu.pruning', 'off', true);
    return pruned;
end $$;
revoke execute on function mutu.prune_audit from public;
grant execute on function mutu.prune_audit to mutu_writer;

-- Statistics are the owner's to make.
create function mutu.refresh_statistics(relation regclass) returns void
    language plpgsql security definer set search_path = pg_catalog as $$
begin
    execute format('analyze %s', relation);
end $$;
revoke execute on function mutu.refresh_statistics from public;
grant execute on function mutu.refresh_statistics to mutu_writer;
