-- The audit as a layer of its own: a view with the columns that a register layer has, and no shapes. Times are text in
-- ISO 8601, which sorts and compares as time does.

create view mutu.audit_event_current as
select event_id as audit_event_id, event_id,
       to_char(happened_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') collate "C" as happened_at,
       account collate "C" as account, action, subject collate "C" as subject, client collate "C" as client,
       before::text collate "C" as before, after::text collate "C" as after, detail::text collate "C" as detail,
       null::geometry(multipoint, 4490) as geom
from mutu.audit_event;

-- What seals the places of next pages: made once, the same for every node of the installation.
create table mutu.installation (
    only_one boolean primary key default true check (only_one),
    secret bytea not null check (octet_length(secret) = 32),
    -- Where it was last served: links that a command makes lead there.
    url text
);
revoke all on mutu.installation from mutu_writer;
