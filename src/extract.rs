//! From a request to types, refusing in problem+json: [`Caller`] and [`Scope`] from token, password or session, [`Query`] that knows its members
//! and refuses others, [`Json`]. axum's own rejections are plain text, so they are wrapped here once.

use std::convert::Infallible;
use std::fmt;
use std::marker::PhantomData;
use std::net::IpAddr;

use axum::extract::FromRequest;
use axum::extract::FromRequestParts;
use axum::extract::Request;
use axum::http::HeaderMap;
use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::http::Uri;
use axum::http::header;
use axum::http::request::Parts;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde::Deserializer;
use serde::de::DeserializeOwned;
use serde::de::MapAccess;
use serde::de::Visitor;
use serde::de::value::MapAccessDeserializer;

use crate::access::Scope;
use crate::account;
use crate::account::Caller;
use crate::account::Secret;
use crate::account::TOKEN_PREFIX;
use crate::account::sign_in::Door;
use crate::app::App;
use crate::error::Error;
use crate::error::Result;
use crate::site::Site;

mod ending;
mod given;
mod site;

pub use ending::Ending;
pub use given::Given;
pub use site::site;
pub use site::site_of;

/// Who asks, as the edge found out before any handler runs: the record is asked once per request.
#[derive(Clone, Debug)]
pub struct Known(pub Caller);

/// The cookie of a browser session.
pub const SESSION_COOKIE: &str = "mutu_session";

/// Reads that come as POST because what they ask for is too long for an address: they change nothing.
const READS_BY_POST: [&str; 7] = [
    "/api/v1/stats",
    "/api/v1/scenarios/preview",
    "/api/v1/conformity",
    "/api/v1/assemblies",
    "/api/v1/sites/search",
    "/print/map.pdf",
    "/wfs",
];

/// Whether a POST there only reads: the queries of `ArcGIS` and searches of the OGC API do so at every layer.
pub fn is_read(path: &str) -> bool {
    READS_BY_POST.contains(&path)
        || path.starts_with("/arcgis/") && path.ends_with("/query")
        || path.starts_with("/ogc/collections/") && path.ends_with("/search")
}

/// Where "view as" is changed back and signed out of.
const SESSION_PATH: &str = "/api/v1/session";

impl FromRequestParts<App> for Scope {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        Ok(Caller::from_request_parts(parts, app).await?.scope)
    }
}

impl FromRequestParts<App> for Caller {
    type Rejection = Error;

    /// A token in `Authorization: Bearer`, a token or a password in HTTP Basic (all that QGIS can send), else the session
    /// cookie, else the public. Credentials that are not valid are refused: falling back to public would hide the mistake.
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        if let Some(Known(caller)) = parts.extensions.get() {
            return Ok(caller.clone());
        }
        let Ok(site) = Site::from_request_parts(parts, app).await;
        let client = Some(site.client);
        let changes = !parts.method.is_safe();
        match credentials(&parts.headers)? {
            Some(Credentials::Token(token)) => {
                let found = account::queries::find_by_token(&app.db.write, &token, client).await?;
                return found.map(|(_, caller)| caller).ok_or(Error::Credentials(
                    "令牌无效或已过期 / the token is unknown, expired or revoked",
                ));
            }
            Some(Credentials::Password { account, password }) => {
                // A browser that was given a password sends it along with other sites' requests too.
                if changes && is_foreign(&site, &parts.headers) {
                    return Err(FOREIGN);
                }
                return door(app, client, None).by_basic(&account, &password).await;
            }
            None => {}
        }
        let found = match session(&parts.headers) {
            Some(it) => {
                let rules = &app.config.accounts;
                account::queries::find_by_session(&app.db.write, &it, rules, client).await?
            }
            None => None,
        };
        let Some(caller) = found else {
            return Ok(Self { scope: Scope { client, ..Scope::public() }, ..Self::default() });
        };
        if changes && !is_ours(&site, &parts.headers) {
            return Err(FOREIGN);
        }
        let path = parts.uri.path();
        let writes = changes && path != SESSION_PATH && !is_read(path);
        if writes && caller.views_as_lower() {
            return Err(Error::NotAllowed(
                "正以较低角色查看，不能修改；请先恢复自己的角色 / nothing can be changed while viewing as a lower role: change back to your own first",
            ));
        }
        Ok(caller)
    }
}

/// Whether the request says who asks, rightly or not: then the record is asked.
pub fn has_credentials(headers: &HeaderMap) -> bool {
    headers.contains_key(header::AUTHORIZATION) || session(headers).is_some()
}

const FOREIGN: Error = Error::NotAllowed(
    "请求须来自本站页面（Origin 与服务地址不符）；脚本请使用令牌 / the request must come from this site's own pages (`Origin` is not its address; the administrator may have to set public_url): scripts use a token",
);

/// Where somebody signs in, who has the `old` session now.
pub fn door<'a>(app: &'a App, client: Option<IpAddr>, old: Option<&'a Secret>) -> Door<'a> {
    Door { db: &app.db, gate: &app.gate, rules: &app.config.accounts, client, old }
}

/// The address that a request came from, for those who have no scope yet.
#[derive(Clone, Copy, Debug)]
pub struct Client(pub Option<IpAddr>);

impl FromRequestParts<App> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        Ok(Self(Some(Site::from_request_parts(parts, app).await?.client)))
    }
}

/// Where a browser says that a request comes from: `Some(true)` a page of ours, `Some(false)` somewhere else, `None`
/// nothing, as programs that are no browsers. Pages can set neither header.
fn origin_is_ours(site: &Site, headers: &HeaderMap) -> Option<bool> {
    let text = |name: &str| headers.get(name).map(|it| it.to_str().unwrap_or("null"));
    match (text("origin"), text("sec-fetch-site")) {
        // Browsers compare the address they see, which no proxy has rewritten.
        (_, Some("same-origin")) => Some(true),
        (_, Some(_)) => Some(false),
        (Some(origin), None) => Some(site.is_own(origin)),
        (None, None) => None,
    }
}

/// Whether a request that brings a cookie along was surely made by a page of ours.
fn is_ours(site: &Site, headers: &HeaderMap) -> bool {
    origin_is_ours(site, headers) == Some(true)
}

/// Whether a page of somebody else made the request.
fn is_foreign(site: &Site, headers: &HeaderMap) -> bool {
    origin_is_ours(site, headers) == Some(false)
}

/// Refuses what a page of somebody else asks for: to sign its visitor in as somebody, for one.
pub fn refuse_foreign(site: &Site, headers: &HeaderMap) -> Result<()> {
    if is_foreign(site, headers) { Err(FOREIGN) } else { Ok(()) }
}

/// What `Authorization` says.
enum Credentials {
    Token(Secret),
    Password { account: String, password: String },
}

/// The credentials of `Authorization`, where there are any; other kinds are a mistake like a wrong token.
fn credentials(headers: &HeaderMap) -> Result<Option<Credentials>> {
    let Some(value) = headers.get(header::AUTHORIZATION) else { return Ok(None) };
    let read = value.to_str().ok().and_then(|it| {
        let (kind, rest) = it.split_once(' ')?;
        let rest = rest.trim();
        if kind.eq_ignore_ascii_case("bearer") {
            return (!rest.is_empty()).then(|| Credentials::Token(Secret::presented(rest)));
        }
        let decoded = kind.eq_ignore_ascii_case("basic").then(|| STANDARD.decode(rest));
        let text = String::from_utf8(decoded?.ok()?).ok()?;
        let (account, password) = text.split_once(':')?;
        if password.starts_with(TOKEN_PREFIX) {
            return Some(Credentials::Token(Secret::presented(password)));
        }
        let given = !account.is_empty() && !password.is_empty();
        given.then(|| Credentials::Password {
            account: account.to_owned(),
            password: password.to_owned(),
        })
    });
    read.map(Some).ok_or(Error::Credentials(
        "Authorization 应为 Bearer 令牌，或 Basic 账户与密码（密码处也可填令牌） / `Authorization` is `Bearer TOKEN`, or Basic with account and password or with a token as password",
    ))
}

/// The session that the browser's cookie names.
pub fn session(headers: &HeaderMap) -> Option<Secret> {
    cookie(headers, SESSION_COOKIE)
}

/// The secret in one of our cookies.
pub fn cookie(headers: &HeaderMap, cookie: &str) -> Option<Secret> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|it| it.to_str().ok());
    let found = cookies.flat_map(|it| it.split(';')).find_map(|it| {
        let (name, value) = it.trim().split_once('=')?;
        (name == cookie && !value.is_empty()).then(|| Secret::presented(value))
    })?;
    Some(found)
}

/// No name, code or filter has a NUL, and `PostgreSQL` takes none: said here once for every resource.
fn refuse_nul(uri: &Uri) -> Result<()> {
    let has = |it: &str| it.contains("%00");
    let at = if has(uri.path()) {
        "路径 / path"
    } else if uri.query().is_some_and(has) {
        "查询参数 / query parameters"
    } else {
        return Ok(());
    };
    Err(Error::BadInput {
        at: at.to_owned(),
        why: "不允许空字符 / a NUL character is not allowed".to_owned(),
    })
}

/// Query parameters; types use `#[serde(deny_unknown_fields)]` so that a misspelt one is refused, not ignored.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        refuse_nul(&parts.uri)?;
        let query = axum::extract::Query::<T>::try_from_uri(&parts.uri).map_err(|rejection| {
            let why = rejection.body_text();
            let why =
                why.strip_prefix("Failed to deserialize query string: ").unwrap_or(&why).to_owned();
            Error::BadInput { at: "查询参数 / query parameters".to_owned(), why }
        })?;
        Ok(Self(query.0))
    }
}

/// All query parameters as they came, in order, for resources whose parameters depend on the layer.
#[derive(Clone, Debug, Default)]
pub struct Parameters(pub Vec<(String, String)>);

impl<S: Send + Sync> FromRequestParts<S> for Parameters {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        Self::of(&parts.uri)
    }
}

impl Parameters {
    /// Those of an address.
    pub fn of(uri: &Uri) -> Result<Self> {
        refuse_nul(uri)?;
        let query =
            axum::extract::Query::<Vec<(String, String)>>::try_from_uri(uri).map_err(|it| {
                Error::BadInput {
                    at: "查询参数 / query parameters".to_owned(),
                    why: it.body_text(),
                }
            })?;
        Ok(Self(query.0))
    }
}

/// Parameters that came as a form, for clients that have more to say than fits an address.
#[derive(Clone, Debug, Default)]
pub struct Form(pub Vec<(String, String)>);

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        let most = request.extensions().get::<BodyLimit>().map_or(0, |it| it.0);
        let form = axum::Form::<Vec<(String, String)>>::from_request(request, state).await;
        form.map(|it| Self(it.0)).map_err(|it| {
            if it.status() == StatusCode::PAYLOAD_TOO_LARGE {
                return Error::TooLarge { most };
            }
            Error::BadInput { at: "请求正文 / body".to_owned(), why: it.body_text() }
        })
    }
}

/// How many bytes the body of this request may have.
#[derive(Clone, Copy, Debug)]
pub struct BodyLimit(pub usize);

/// A JSON body.
#[derive(Debug)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        let most = request.extensions().get::<BodyLimit>().map_or(0, |it| it.0);
        let body = axum::Json::<Object<T>>::from_request(request, state).await.map_err(|it| {
            if it.status() == StatusCode::PAYLOAD_TOO_LARGE {
                return Error::TooLarge { most };
            }
            Error::BadInput { at: "请求正文 / body".to_owned(), why: it.body_text() }
        })?;
        Ok(Self(body.0.0))
    }
}

/// Members with names. By themselves types would be read from a list as well, its values taken in order.
struct Object<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Members<T> {
            type Value = Object<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Object<T>, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(Object)
            }
        }

        deserializer.deserialize_map(Members(PhantomData))
    }
}

/// The `ETag` that names a version of a row: what a client has read, and says again in `If-Match` when it writes.
pub fn version_tag(row_id: i64) -> Option<HeaderValue> {
    HeaderValue::try_from(format!("\"{row_id}\"")).ok()
}

/// The version that such an `ETag` names. A proxy that compresses makes it a weak one; it names the version all the same.
pub fn version_of(tag: &str) -> Option<i64> {
    let tag = tag.trim();
    let tag = tag.strip_prefix("W/").unwrap_or(tag);
    let digits = tag.strip_prefix('"')?.strip_suffix('"')?;
    digits.parse().ok().filter(|it| *it > 0)
}

/// The parts of a path.
#[derive(Debug)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        refuse_nul(&parts.uri)?;
        let path =
            axum::extract::Path::<T>::from_request_parts(parts, state).await.map_err(|it| {
                Error::BadInput { at: "路径 / path".to_owned(), why: it.body_text() }
            })?;
        Ok(Self(path.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Change {
        title: Option<String>,
    }

    #[test]
    fn a_body_is_an_object_and_not_a_list_of_its_values() {
        let read = |text: &str| serde_json::from_str::<Object<Change>>(text).map(|it| it.0.title);
        assert_eq!(read(r#"{"title":"a"}"#).unwrap().as_deref(), Some("a"));
        assert_eq!(read("{}").unwrap(), None);
        for wrong in ["[null]", r#"["a"]"#, "null", r#""a""#, r#"{"titel":"a"}"#, "{} {}"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
