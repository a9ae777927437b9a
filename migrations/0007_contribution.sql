-- What each enterprise contributed to a parcel's figures, as the run shared them out: sums are told only where enough
-- enterprises stand behind them, and the run knows best who they are. Nobody reads it but the census.
create table mutu.parcel_contribution (
    run_id bigint not null references mutu.evaluation_run on delete cascade,
    parcel_id bigint not null,
    -- Null: a figure reported for the parcel itself, of which nobody knows whose it is.
    uscc text collate "C",
    tax_wan numeric(18, 6),
    output_wan numeric(18, 6),
    value_added_wan numeric(18, 6),
    energy_tce numeric(18, 6),
    employees numeric(18, 6),
    assessed_value_wan numeric(18, 6)
);
create index parcel_contribution_run on mutu.parcel_contribution (run_id, parcel_id);

grant select on mutu.parcel_contribution to mutu_census;
