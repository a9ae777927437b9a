-- Accounts as an office needs them: passwords with rules and lock-out, narrower tokens, sessions that say how they were
-- opened, and an audit that says what it was about.

alter table mutu.account
    -- What the person is called, for lists; the name is what they type.
    add column title text,
    -- Wrong passwords since the last right one. Counted here and not in memory: several nodes may serve one database.
    add column failed_sign_ins integer not null default 0,
    add column locked_until timestamptz,
    add column password_set_at timestamptz,
    add column last_sign_in_at timestamptz,
    -- Who the account is at the identity provider.
    add column oidc_issuer text collate "C",
    add column oidc_subject text collate "C",
    add constraint account_oidc_pair check (oidc_issuer is null or oidc_subject is not null);
-- Without an issuer the configured one is meant; two accounts for one subject are a mistake there too.
create unique index account_oidc on mutu.account (coalesce(oidc_issuer, ''), oidc_subject);

-- The age of a password of before this migration is not known: it counts from now.
update mutu.account set password_set_at = now() where password_hash is not null;

-- The last passwords, so that none of them is used again; older ones are removed.
create table mutu.password_history (
    password_id bigint generated always as identity primary key,
    account_id bigint not null references mutu.account,
    password_hash text not null,
    set_at timestamptz not null default now()
);
create index password_history_account on mutu.password_history (account_id, password_id);
insert into mutu.password_history (account_id, password_hash)
select account_id, password_hash from mutu.account where password_hash is not null;

alter table mutu.api_token
    -- Lower than the account's, or null: the token is then worth what the account is.
    add column role text collate "C" check (role in ('public', 'viewer', 'officer', 'steward', 'admin'));

alter table mutu.session
    add column session_id bigint generated always as identity unique,
    -- How those of before this migration were opened is not known: they get what the least of them may.
    add column means text collate "C" not null default 'token' check (means in ('token', 'password', 'link', 'oidc')),
    -- The token that opened it: what ends or narrows the token ends or narrows the session.
    add column token_id bigint references mutu.api_token,
    add column last_seen_at timestamptz not null default now(),
    add column view_as text collate "C" check (view_as in ('public', 'viewer', 'officer', 'steward', 'admin'));
alter table mutu.session alter column means drop default;
create index session_account on mutu.session (account_id);
create index session_token on mutu.session (token_id);
create index api_token_account on mutu.api_token (account_id);

alter table mutu.audit_event
    -- What the event is about: an account, a token's id, a layer.
    add column subject text not null default '',
    -- The address it came from; null at the console.
    add column client text,
    -- What changed, before and after; never a secret.
    add column before jsonb,
    add column after jsonb;
create index audit_event_account on mutu.audit_event (account, event_id);
create index audit_event_action on mutu.audit_event (action, event_id);

revoke select on mutu.password_history from mutu_reader;
