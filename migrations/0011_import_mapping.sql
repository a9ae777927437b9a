-- How a file was read when it was imported with a mapping of its own, for the next file with the same headers into the same
-- target. A later import under the same headers takes its place.
create table mutu.import_mapping (
    mapping_id bigint generated always as identity primary key,
    target text collate "C" not null,
    -- SHA-256 of the headers, normalised and in order of the alphabet: an index has no room for hundreds of them.
    headers_digest text collate "C" not null,
    headers text[] not null,
    mapping jsonb not null,
    -- layer_name, source_crs, encoding, swap_axes, as far as they were stated.
    options jsonb not null,
    file text not null,
    batch_id bigint references mutu.import_batch on delete set null,
    saved_by text not null,
    saved_at timestamptz not null default now(),
    unique (target, headers_digest)
);
grant select on mutu.import_mapping to mutu_steward;

-- Findings of a batch are read page by page, in the order in which they were found.
create index import_issue_page on mutu.import_issue (batch_id, issue_id);
drop index mutu.import_issue_batch;
