//! Signing in at an identity provider: OpenID Connect's authorization code flow with PKCE. A flow begins and ends in one
//! browser, once, within ten minutes. Who somebody is there is said by issuer and subject, never by a name or an address
//! of mail, which may be given to somebody else.

use sha2::Digest;
use sha2::Sha256;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use crate::access::Means;
use crate::access::Role;
use crate::access::Scope;
use crate::error::Error;

use super::Opening;
use super::Secret;
use super::manage;
use super::manage::New;
use super::name;
use super::queries;
use super::queries::Known;
use super::sign_in::Door;

mod provider;

use provider::Identity;
pub use provider::Provider;

/// A sign-in under way: `state` comes back by way of the provider, `browser` stays in a cookie. Only both together make
/// the secrets of the flow, which so are stored nowhere.
#[derive(Debug)]
pub(super) struct Flow<'a> {
    pub state: &'a Secret,
    pub browser: &'a Secret,
}

impl Flow<'_> {
    fn nonce(&self) -> String {
        self.derived("nonce")
    }

    /// 43 characters of the kind that RFC 7636 asks for.
    fn verifier(&self) -> String {
        self.derived("verifier")
    }

    fn derived(&self, what: &str) -> String {
        let mut digest = Sha256::new();
        for part in [what, self.browser.reveal(), self.state.reveal()] {
            digest.update(part.len().to_be_bytes());
            digest.update(part.as_bytes());
        }
        URL_SAFE_NO_PAD.encode(digest.finalize())
    }
}

/// Why nobody was signed in.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    #[error(
        "身份认证未完成：已取消或被拒绝 / it was cancelled or refused at the identity provider"
    )]
    Denied,
    #[error(
        "身份认证服务无法访问，请稍后重试 / the identity provider does not answer, try again later"
    )]
    Away,
    #[error(
        "登录已过期、已使用，或不是从此浏览器开始，请重新登录 / this sign-in has expired, was used, or began in another browser: begin again"
    )]
    Expired,
    #[error(
        "身份认证服务的答复未通过核验，详见服务日志 / the identity provider's answer was not accepted, the service's log says why"
    )]
    NotVerified,
    #[error(
        "没有与此身份对应的账户，请把认证标识告知管理员 / no account belongs to this identity: tell the administrator its subject, `{subject}`"
    )]
    Unknown { subject: String },
    #[error("账户已停用 / the account is disabled")]
    Disabled,
    #[error(
        "无法以此用户名建立账户（已被占用或不合规则），请把认证标识告知管理员 / no account can be made under this name, which is taken or not fit for one: tell the administrator the subject, `{subject}`"
    )]
    Name { subject: String },
    #[error(transparent)]
    Other(#[from] Error),
}

impl Refusal {
    /// Its stable name, for the sign-in page and the audit.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Denied => "oidc-denied",
            Self::Away => "oidc-away",
            Self::Expired => "oidc-expired",
            Self::NotVerified => "oidc-not-verified",
            Self::Unknown { .. } => "oidc-unknown",
            Self::Disabled => "oidc-disabled",
            Self::Name { .. } => "oidc-name",
            Self::Other(it) => it.kind().1,
        }
    }

    /// Who it was at the provider, for the administrator to enter.
    pub fn subject(&self) -> Option<&str> {
        match self {
            Self::Unknown { subject } | Self::Name { subject } => Some(subject),
            _ => None,
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Other(it) => it,
            Refusal::Away => {
                Self::Busy("身份认证服务无法访问 / the identity provider does not answer")
            }
            other => Self::Refused { kind: other.code(), why: other.to_string() },
        }
    }
}

/// What the provider sent a browser back with.
#[derive(Clone, Copy, Debug)]
pub enum Answer<'a> {
    Code(&'a str),
    /// `access_denied` and the like.
    Error(&'a str),
}

/// A sign-in that has begun: where the browser goes, and the secret that it keeps.
#[derive(Debug)]
pub struct Begun {
    pub address: String,
    pub browser: Secret,
}

impl Door<'_> {
    /// Begins a sign-in that will lead to `to_page`. A browser that has begun others, in other tabs, keeps their secret.
    pub async fn begin_oidc(
        &self,
        provider: &Provider,
        redirect_uri: &str,
        to_page: &str,
        browser: Option<Secret>,
    ) -> Result<Begun, Refusal> {
        let state = Secret::new("").map_err(Error::from)?;
        let browser = browser.map_or_else(|| Secret::new(""), Ok).map_err(Error::from)?;
        let flow = Flow { state: &state, browser: &browser };
        let address = provider.address(&flow, redirect_uri).await?;
        queries::begin_flow(&self.db.write, &state, &browser, to_page)
            .await
            .map_err(Error::from)?;
        Ok(Begun { address, browser })
    }

    /// Uses up the flow that a browser comes back from, and says which page it was to lead to.
    pub async fn end_oidc(
        &self,
        state: Option<&Secret>,
        browser: Option<&Secret>,
    ) -> Result<String, Refusal> {
        self.gate.attempt(self.client)?;
        let to_page = match state.zip(browser) {
            Some((state, browser)) => {
                queries::end_flow(&self.db.write, state, browser).await.map_err(Error::from)?
            }
            None => None,
        };
        match to_page {
            Some(it) => Ok(it),
            None => Err(self.refused(Refusal::Expired, None).await?),
        }
    }

    /// Opens a session for whom the provider's answer stands, in a flow that [`Self::end_oidc`] has let through.
    pub async fn by_oidc(
        &self,
        provider: &Provider,
        redirect_uri: &str,
        state: &Secret,
        browser: &Secret,
        iss: Option<&str>,
        answer: Answer<'_>,
    ) -> Result<Secret, Refusal> {
        let issuer = provider.config.issuer.as_str();
        if iss.is_some_and(|it| it != issuer) {
            return Err(self.refused(Refusal::NotVerified, None).await?);
        }
        let code = match answer {
            Answer::Code(code) => code,
            Answer::Error(error) => {
                let refusal = match error {
                    "access_denied" => Refusal::Denied,
                    "temporarily_unavailable" | "server_error" => Refusal::Away,
                    other => {
                        tracing::warn!(error = ?other, "the identity provider refused to sign in");
                        Refusal::NotVerified
                    }
                };
                return Err(self.refused(refusal, None).await?);
            }
        };
        let flow = Flow { state, browser };
        let mut identity = match provider.identify(&flow, redirect_uri, code).await {
            Ok(it) => it,
            Err(refusal) => return Err(self.refused(refusal, None).await?),
        };
        let found = queries::find_by_subject(&self.db.write, issuer, &identity.subject)
            .await
            .map_err(Error::from)?;
        let account = match (found, provider.config.create_as) {
            (Some(account), _) => account,
            (None, Some(role)) => match self.create(provider, &mut identity, role).await {
                Ok(it) => it,
                Err(refusal) => return Err(self.refused(refusal, None).await?),
            },
            (None, None) => {
                let refusal = Refusal::Unknown { subject: identity.subject };
                return Err(self.refused(refusal, None).await?);
            }
        };
        if account.disabled {
            return Err(self.refused(Refusal::Disabled, Some(&account)).await?);
        }
        self.gate.was_right(self.client);
        queries::bind_issuer(&self.db.write, account.account_id, issuer)
            .await
            .map_err(Error::from)?;
        Ok(self.open(&account, Opening::Oidc, None).await?)
    }

    /// An account for somebody new. Under a name that somebody has there is none: it may be another person.
    async fn create(
        &self,
        provider: &Provider,
        identity: &mut Identity,
        role: Role,
    ) -> Result<Known, Refusal> {
        let called = provider.claim(identity, &provider.config.name_claim).await?;
        let title = identity.claims.get("name").and_then(|it| it.as_str()).map(str::trim);
        let title = title.filter(|it| name::check_text("title", it).is_ok());
        let subject = identity.subject.as_str();
        let unfit = || Refusal::Name { subject: subject.to_owned() };
        let called = called.filter(|it| name::check_account(it).is_ok()).ok_or_else(unfit)?;
        let scope = Scope {
            account: Some(called.clone()),
            means: Means::Session,
            client: self.client,
            ..Scope::public()
        };
        let new = New {
            name: &called,
            role,
            title,
            responsible_units: None,
            oidc_subject: Some(subject),
        };
        match manage::create_account(self.db, &scope, new).await {
            Ok(_) => Ok(manage::find(self.db, &called).await?),
            Err(Error::BadInput { .. }) => Err(unfit()),
            Err(other) => Err(other.into()),
        }
    }

    /// Records a refusal and gives it back.
    async fn refused(&self, refusal: Refusal, account: Option<&Known>) -> Result<Refusal, Refusal> {
        let why = json!({
            "means": Opening::Oidc.name(),
            "why": refusal.code(),
            "oidc_subject": refusal.subject(),
        });
        self.failed(account, why).await?;
        Ok(refusal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flows_secrets_belong_to_state_and_browser() {
        let (a, b) = (Secret::presented("a"), Secret::presented("b"));
        let flow = Flow { state: &a, browser: &b };
        assert_eq!(flow.verifier().len(), 43);
        assert_ne!(flow.verifier(), flow.nonce());
        assert_ne!(flow.nonce(), Flow { state: &b, browser: &a }.nonce());
        assert_eq!(flow.nonce(), Flow { state: &a, browser: &b }.nonce());
    }
}
