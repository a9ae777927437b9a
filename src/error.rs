//! The one error of HTTP answers, as RFC 9457 problem details. Pure modules have error enums of their own where a caller
//! matches on them; start-up, commands and jobs use `anyhow`; whatever a person will read over HTTP ends here.

use std::time::Duration;

use axum::Json;
use axum::body::Body;
use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use serde_json::json;

/// What a request can fail with.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// `what` names the thing in both languages; `near` is the existing id most like the wrong one.
    #[error("未找到 / no such {what}: `{id}`{}", near.as_ref().map(|it| format!("；是否 / did you mean `{it}`?")).unwrap_or_default())]
    NotFound { what: &'static str, id: String, near: Option<String> },

    /// The caller's to mend; `at` is a place they can see: "parameter `bbox`", "row 14, 面积".
    #[error("{at}: {why}")]
    BadInput { at: String, why: String },

    #[error("此地址不支持 {0} / {0} is not supported here")]
    Method(String),

    #[error("请先登录 / sign in first: {0}")]
    SignIn(&'static str),

    /// Token, password or link; the same answer as [`Self::SignIn`] to those who did try.
    #[error("{0}")]
    Credentials(&'static str),

    #[error("当前角色无权读取 / your role may not read {0}")]
    Forbidden(String),

    /// Something that is not reading; says what and why.
    #[error("不允许 / not allowed: {0}")]
    NotAllowed(&'static str),

    /// Somebody could not be signed in; `kind` is the problem's, `why` the sentence for them.
    #[error("无法登录 / cannot sign in: {why}")]
    Refused { kind: &'static str, why: String },

    /// The password was right, and is too old to sign in with.
    #[error(
        "密码已过期，请同时提交新密码 / the password has expired: send a `new_password` with it"
    )]
    PasswordExpired,

    #[error("请求过于频繁 / too many requests: {why}")]
    TooMany { why: &'static str, retry_after: Duration },

    #[error("请求正文过大，至多 {most} 字节 / the body is too large: at most {most} bytes")]
    TooLarge { most: usize },

    #[error(
        "地址过长，至多 {most} 字节；请缩短筛选条件 / the address is too long: at most {most} bytes; shorten the filter"
    )]
    TooLong { most: usize },

    #[error("服务暂时繁忙，请稍后重试 / busy, try again in a moment: {0}")]
    Busy(&'static str),

    /// Of what was asked for something stands in the way, and `more` has what is needed to go on: members of the problem.
    #[error("{why}")]
    Told { status: StatusCode, kind: &'static str, why: String, more: serde_json::Value },

    /// Ours to mend. The cause is logged here, once, and never leaves the process.
    #[error("服务内部出错，已记录 / something failed on our side and was logged")]
    Internal(#[source] anyhow::Error),
}

/// The sentence of a problem, beside the answer that has it: for services with error documents of their own.
#[derive(Clone, Debug)]
pub struct Said(pub String);

/// The result of everything that answers a request.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// Something that is not there, with nothing like it.
    pub fn not_found(what: &'static str, id: impl Into<String>) -> Self {
        Self::NotFound { what, id: id.into(), near: None }
    }

    /// A bad query parameter or member, with what would be right.
    pub fn parameter(name: &str, why: impl Into<String>) -> Self {
        Self::BadInput { at: format!("参数 / parameter `{name}`"), why: why.into() }
    }

    /// Bad input whose place a map can show, too: `more` has members that say where.
    pub fn misplaced(at: &str, why: &str, mut more: serde_json::Value) -> Self {
        let told = format!("{at}: {why}");
        more["at"] = json!(at);
        Self::Told { status: StatusCode::BAD_REQUEST, kind: "bad-input", why: told, more }
    }

    /// What cannot be done in the state that the thing is in, and what to do first.
    pub fn not_now(why: impl Into<String>) -> Self {
        Self::conflict("conflict", why, serde_json::Value::Null)
    }

    /// The answer with another document than a problem, for protocols that have their own; status and headers are the same.
    pub fn with_document(self, media_type: &'static str, document: String) -> Response {
        let mut response = self.into_response();
        *response.body_mut() = Body::from(document);
        response.extensions_mut().remove::<Said>();
        let headers = response.headers_mut();
        headers.remove(header::CONTENT_LENGTH);
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
        response
    }

    /// Status and the stable last segment of the problem's `type`.
    pub fn kind(&self) -> (StatusCode, &'static str) {
        match self {
            Self::NotFound { .. } => (StatusCode::NOT_FOUND, "not-found"),
            Self::BadInput { .. } => (StatusCode::BAD_REQUEST, "bad-input"),
            Self::Method(_) => (StatusCode::METHOD_NOT_ALLOWED, "method"),
            Self::SignIn(_) | Self::Credentials(_) => (StatusCode::UNAUTHORIZED, "sign-in"),
            Self::Forbidden(_) => (StatusCode::FORBIDDEN, "forbidden"),
            Self::NotAllowed(_) => (StatusCode::FORBIDDEN, "not-allowed"),
            Self::Refused { kind, .. } => (StatusCode::FORBIDDEN, kind),
            Self::PasswordExpired => (StatusCode::FORBIDDEN, "password-expired"),
            Self::TooMany { .. } => (StatusCode::TOO_MANY_REQUESTS, "too-many"),
            Self::TooLarge { .. } => (StatusCode::PAYLOAD_TOO_LARGE, "too-large"),
            Self::TooLong { .. } => (StatusCode::URI_TOO_LONG, "too-long"),
            Self::Busy(_) => (StatusCode::SERVICE_UNAVAILABLE, "busy"),
            Self::Told { status, kind, .. } => (*status, kind),
            Self::Internal(_) => (StatusCode::INTERNAL_SERVER_ERROR, "internal"),
        }
    }

    /// It was there and is no more; `more` says where to go on.
    pub fn gone(why: impl Into<String>, more: serde_json::Value) -> Self {
        Self::Told { status: StatusCode::GONE, kind: "gone", why: why.into(), more }
    }

    /// It is not there, but `more` says where it may be looked for.
    pub fn absent(why: impl Into<String>, more: serde_json::Value) -> Self {
        Self::Told { status: StatusCode::NOT_FOUND, kind: "not-found", why: why.into(), more }
    }

    /// Bad input with several faults; `more` has each with its place.
    pub fn faulty(why: impl Into<String>, more: serde_json::Value) -> Self {
        Self::Told { status: StatusCode::BAD_REQUEST, kind: "bad-input", why: why.into(), more }
    }

    /// What there is stands in the way of what is asked for.
    pub fn conflict(kind: &'static str, why: impl Into<String>, more: serde_json::Value) -> Self {
        Self::Told { status: StatusCode::CONFLICT, kind, why: why.into(), more }
    }

    /// It was read well, and cannot be so.
    pub fn impossible(kind: &'static str, why: impl Into<String>, more: serde_json::Value) -> Self {
        Self::Told { status: StatusCode::UNPROCESSABLE_ENTITY, kind, why: why.into(), more }
    }

    /// A file of a kind that is not taken.
    pub fn unsupported(why: impl Into<String>) -> Self {
        Self::Told {
            status: StatusCode::UNSUPPORTED_MEDIA_TYPE,
            kind: "unsupported-type",
            why: why.into(),
            more: serde_json::Value::Null,
        }
    }

    /// Without a font there are no pictures, which the person at the machine has to mend.
    pub fn no_font(why: impl Into<String>) -> Self {
        Self::Told {
            status: StatusCode::SERVICE_UNAVAILABLE,
            kind: "no-font",
            why: why.into(),
            more: serde_json::Value::Null,
        }
    }

    /// A write that does not say which version it was made from.
    pub fn version_needed() -> Self {
        Self::Told {
            status: StatusCode::PRECONDITION_REQUIRED,
            kind: "version-needed",
            why: "请在 If-Match 中给出所改版本的 ETag（读取宗地时的响应头） / say in `If-Match` which version you change: the `ETag` with which the parcel was answered".to_owned(),
            more: serde_json::Value::Null,
        }
    }

    /// Somebody else was faster; `more` has both versions.
    pub fn overtaken(why: impl Into<String>, more: serde_json::Value) -> Self {
        Self::Told {
            status: StatusCode::PRECONDITION_FAILED,
            kind: "overtaken",
            why: why.into(),
            more,
        }
    }
}

/// What the values in a request, and nothing else, lead to: they are checked by type, but not computed, before the
/// database does so.
fn callers(error: &sqlx::Error) -> Option<Error> {
    let sqlx::Error::Database(it) = error else { return None };
    let why = match it.code().as_deref().unwrap_or_default() {
        // Out of range, division by zero, a root of a negative number, a date beyond the calendar, a NUL.
        "22003" | "22012" | "2201F" | "22008" | "22021" => {
            "其中的数值超出可计算范围 / a value in it goes beyond what can be computed"
        }
        // PostGIS has no code of its own for what GEOS refuses.
        "XX000" if it.message().contains("GEOS") || it.message().contains("TopologyException") => {
            "其中的几何无效 / a geometry in it is not valid"
        }
        "XX000" if it.message().starts_with("transform:") => {
            "坐标超出该参考系的适用范围 / coordinates lie beyond what that reference system is meant for"
        }
        _ => return None,
    };
    Some(Error::BadInput { at: "参数 / parameters".to_owned(), why: why.to_owned() })
}

/// What passes by itself: the database is full of work, restarts, or is not there for a moment.
fn passing(error: &sqlx::Error) -> Option<Error> {
    let busy = match error {
        sqlx::Error::PoolTimedOut => "the database is busy",
        sqlx::Error::Io(_) | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => AWAY,
        sqlx::Error::Database(it) => match it.code().as_deref().unwrap_or_default() {
            "57014" => "the query took too long; ask for a smaller area",
            "55P03" => "somebody else is writing there",
            "53100" => "the database's disk is full; tell the administrator",
            // Shut down by somebody, after a crash, not yet started; too many connections, or idle in a transaction for
            // too long; connection failures.
            "57P01" | "57P02" | "57P03" | "53300" | "25P03" => AWAY,
            it if it.starts_with("08") => AWAY,
            _ => return None,
        },
        _ => return None,
    };
    Some(Error::Busy(busy))
}

const AWAY: &str = "the database is away and expected back";

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        passing(&error).or_else(|| callers(&error)).unwrap_or_else(|| {
            Self::Internal(anyhow::Error::new(error).context("a database query"))
        })
    }
}

impl From<anyhow::Error> for Error {
    fn from(error: anyhow::Error) -> Self {
        let passing = error.downcast_ref::<sqlx::Error>().and_then(passing);
        passing.unwrap_or(Self::Internal(error))
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let (status, kind) = self.kind();
        if let Self::Internal(cause) = &self {
            tracing::error!(error = format!("{cause:#}"), "a request failed");
        }
        let at = match &self {
            Self::BadInput { at, .. } => Some(at.as_str()),
            _ => None,
        };
        let mut body = json!({
            "type": format!("/problems/{kind}"),
            "title": status.canonical_reason().unwrap_or("error"),
            "status": status.as_u16(),
            "detail": self.to_string(),
        });
        if let Some(at) = at {
            body["at"] = json!(at);
        }
        if let (Self::Told { more: serde_json::Value::Object(more), .. }, Some(body)) =
            (&self, body.as_object_mut())
        {
            body.extend(more.iter().map(|(name, it)| (name.clone(), it.clone())));
        }
        let mut response = (status, Json(body)).into_response();
        response.extensions_mut().insert(Said(self.to_string()));
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
        }
        if let Self::TooMany { retry_after, .. } = &self {
            // Whole seconds, rounded up: whoever comes at the time given is let in.
            let seconds = retry_after.as_secs() + u64::from(retry_after.subsec_nanos() > 0);
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
        }
        // `http` adds Basic for those whom it does not disturb.
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_many_says_when_to_come_back() {
        for (wait_ms, said) in [(0, "1"), (1000, "1"), (1001, "2"), (60_000, "60")] {
            let error = Error::TooMany { why: "", retry_after: Duration::from_millis(wait_ms) };
            let response = error.into_response();
            assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
            assert_eq!(response.headers()[header::RETRY_AFTER], said, "{wait_ms} ms");
        }
    }

    #[tokio::test]
    async fn a_database_failure_stays_inside() {
        let error = Error::from(sqlx::Error::Protocol("password of admin".to_owned()));
        let response = error.into_response();
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let body = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
        assert!(!String::from_utf8_lossy(&body).contains("password"), "{body:?}");
    }
}
