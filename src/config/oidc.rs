//! `[oidc]`: the identity provider (OpenID Connect) at which people may sign in, where there is one.

use std::net::IpAddr;

use anyhow::Context;
use anyhow::ensure;
use reqwest::Url;
use serde::Deserialize;
use serde::Serialize;

use crate::access::Role;
use crate::layer::Text;

/// Where the client's secret may stand instead of the file.
const SECRET: &str = "MUTU_OIDC_CLIENT_SECRET";

/// The identity provider and what becomes of those whom it knows.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Oidc {
    /// The provider's address exactly as it calls itself: `…/.well-known/openid-configuration` lies below it.
    pub issuer: String,
    pub client_id: String,
    /// `None`: a public client, whom PKCE alone protects.
    #[serde(default, skip_serializing)]
    pub client_secret: Option<ClientSecret>,
    /// What the button says after "sign in with".
    #[serde(default = "title")]
    pub title: Text,
    #[serde(default = "scopes")]
    pub scopes: Vec<String>,
    /// The role of a new account for somebody whom the provider knows and Mutu does not; `None`: an administrator makes it.
    #[serde(default)]
    pub create_as: Option<Role>,
    /// What such an account is called.
    #[serde(default = "name_claim")]
    pub name_claim: String,
}

/// Shown to the provider and to nobody else.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub struct ClientSecret(String);

impl ClientSecret {
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<String> for ClientSecret {
    fn from(secret: String) -> Self {
        Self(secret)
    }
}

impl std::fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ClientSecret(…)")
    }
}

fn title() -> Text {
    Text::new("统一身份认证", "single sign-on")
}

fn scopes() -> Vec<String> {
    vec!["openid".to_owned(), "profile".to_owned()]
}

fn name_claim() -> String {
    "preferred_username".to_owned()
}

impl Oidc {
    /// The secret of the environment comes before the file's.
    pub fn read_environment(&mut self) {
        if let Some(secret) = std::env::var(SECRET).ok().filter(|it| !it.is_empty()) {
            self.client_secret = Some(secret.into());
        }
    }

    /// Settings that could not work, or would let a stranger on the way say who somebody is.
    pub(super) fn check(&self) -> anyhow::Result<()> {
        let issuer = Url::parse(&self.issuer).with_context(|| {
            format!("[oidc] issuer: `{}` 不是地址 / is no address", self.issuer)
        })?;
        let plain = issuer.query().is_none() && issuer.fragment().is_none();
        let anonymous = issuer.username().is_empty() && issuer.password().is_none();
        ensure!(
            plain && anonymous && issuer.has_host(),
            "[oidc] issuer: 不能含账户、查询参数或片段 / has no account, query or fragment"
        );
        ensure!(
            issuer.scheme() == "https" || issuer.scheme() == "http" && is_loopback(&issuer),
            "[oidc] issuer: 须为 https；只有本机回环地址可用 http / must be https, and may be http on a loopback address only: whoever is on the way could sign in as anybody"
        );
        ensure!(!self.client_id.trim().is_empty(), "[oidc] client_id 为空 / is empty");
        ensure!(
            self.scopes.iter().any(|it| it == "openid"),
            "[oidc] scopes 须含 openid / must contain openid"
        );
        ensure!(
            !matches!(self.create_as, Some(Role::Public | Role::Admin)),
            "[oidc] create_as: 只能是 viewer、officer 或 steward / is viewer, officer or steward: administrators are made by one"
        );
        Ok(())
    }
}

/// Whether only this machine can be at the other end. A name other than `localhost` is anybody's whom DNS says.
fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|it| it.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> anyhow::Result<Oidc> {
        let oidc: Oidc = toml::from_str(text)?;
        oidc.check()?;
        Ok(oidc)
    }

    #[test]
    fn two_lines_are_enough() {
        let oidc = read("issuer = 'https://id.example/realms/land'\nclient_id = 'mutu'").unwrap();
        assert_eq!(oidc.scopes, ["openid", "profile"]);
        assert!(oidc.create_as.is_none() && oidc.client_secret.is_none());
    }

    #[test]
    fn what_cannot_work_or_is_not_safe_is_refused_at_the_start() {
        for issuer in ["http://127.0.0.1:9000", "http://[::1]:9000/a", "http://localhost:9000"] {
            assert!(read(&format!("issuer = '{issuer}'\nclient_id = 'mutu'")).is_ok(), "{issuer}");
        }
        for wrong in [
            "issuer = 'http://id.example'\nclient_id = 'mutu'",
            "issuer = 'http://localhost.example'\nclient_id = 'mutu'",
            "issuer = 'http://127.0.0.1.example'\nclient_id = 'mutu'",
            "issuer = 'id.example'\nclient_id = 'mutu'",
            "issuer = 'ftp://id.example'\nclient_id = 'mutu'",
            "issuer = 'https://id.example?a=b'\nclient_id = 'mutu'",
            "issuer = 'https://li:secret@id.example'\nclient_id = 'mutu'",
            "issuer = 'https://id.example'\nclient_id = ' '",
            "issuer = 'https://id.example'",
            "issuer = 'https://id.example'\nclient_id = 'mutu'\nscopes = ['profile']",
            "issuer = 'https://id.example'\nclient_id = 'mutu'\ncreate_as = 'admin'",
            "issuer = 'https://id.example'\nclient_id = 'mutu'\ncreate_as = 'public'",
            "issuer = 'https://id.example'\nclient_id = 'mutu'\nsecret = 'x'",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_secret_is_neither_logged_nor_written() {
        let text =
            "issuer = 'https://id.example'\nclient_id = 'mutu'\nclient_secret = 'rose-garden'";
        let oidc = read(text).unwrap();
        assert_eq!(oidc.client_secret.as_ref().unwrap().reveal(), "rose-garden");
        assert!(!format!("{oidc:?}").contains("rose"));
        assert!(!toml::to_string(&oidc).unwrap().contains("rose"));
    }
}
