-- Sign-ins that are under way at the identity provider. Here and not in memory: the person may come back to another node.
-- The browser keeps the secret from which nonce and PKCE verifier are made; without it a row is worth nothing.
create table mutu.oidc_flow (
    -- SHA-256 of the `state` that the provider sends back.
    state_hash bytea primary key,
    -- SHA-256 of the browser's secret: a flow ends in the browser in which it began.
    browser_hash bytea not null,
    -- The page of ours to go to.
    to_page text not null,
    expires_at timestamptz not null
);
create index oidc_flow_expires_at on mutu.oidc_flow (expires_at);

-- One account for one subject. An account whose issuer is not known yet means the configured provider and is bound to it
-- with its first sign-in: no other provider's user of the same subject may come after.
drop index mutu.account_oidc;
create unique index account_oidc on mutu.account (oidc_subject);
