-- Rule sets as they were used, scenarios, and the version of each parcel that a run read.

-- A run measures a parcel as it was in one version; its fields are asked again when thresholds are tried out.
alter table mutu.parcel_measure add column parcel_row_id bigint;

-- What the rules on idle land ask (闲置土地处置办法).
alter table mutu.parcel
    add column construction_started boolean,
    add column developed_share numeric check (developed_share >= 0),
    add column invested_share numeric check (invested_share >= 0),
    add column suspended_since date,
    add column delay_cause text collate "C";

create or replace view mutu.parcel_current as
select * from mutu.parcel where superseded_at is null and valid_to is null;
create or replace view mutu.parcel_version as select * from mutu.parcel;

-- A rule set that a run used or that was adopted: its text never changes, another text is another version.
create table mutu.rule_set (
    rule_set_id bigint generated always as identity primary key,
    layer text collate "C" not null,
    id text collate "C" not null,
    version bigint not null,
    text text not null,
    -- SHA-256 of the text, hex.
    digest text collate "C" not null,
    valid_from date not null,
    valid_to date,
    -- `file`: a folder's, noted when a run used it. `adopted`: somebody put it in force.
    origin text collate "C" not null check (origin in ('file', 'adopted')),
    scenario_id bigint,
    -- Of an adopted one, the document that it rests on.
    basis text,
    recorded_by text not null,
    recorded_at timestamptz not null default now(),
    unique (layer, id, version),
    check (valid_to > valid_from)
);
create unique index rule_set_digest on mutu.rule_set (layer, id, digest, origin);

-- Which versions a run applied.
create table mutu.evaluation_rule_set (
    run_id bigint not null references mutu.evaluation_run on delete cascade,
    layer text collate "C" not null,
    rule_set_id bigint not null references mutu.rule_set,
    primary key (run_id, layer)
);

-- Thresholds and rules that somebody tried out: what was changed, never what came out, which each reader works out anew.
create table mutu.scenario (
    scenario_id bigint generated always as identity primary key,
    layer text collate "C" not null,
    title text not null,
    note text,
    ruleset text collate "C" not null,
    -- The text that the changes were made to.
    base_text text not null,
    changes jsonb not null,
    filter text,
    target jsonb,
    recorded_by text not null,
    recorded_at timestamptz not null default now(),
    withdrawn_at timestamptz,
    withdrawn_by text
);
alter table mutu.rule_set add foreign key (scenario_id) references mutu.scenario;

grant select on mutu.rule_set, mutu.evaluation_rule_set to mutu_viewer;
grant select on mutu.scenario to mutu_officer;
