//! The paths of sessions, tokens, accounts and the audit.

use schemars::SchemaGenerator;
use serde_json::Value;
use serde_json::json;

use crate::account::queries::Account;
use crate::audit::Action;
use crate::http::accounts;
use crate::http::audit_events;
use crate::http::session;
use crate::http::session::Session;
use crate::http::tokens;

use super::operation::Operation;
use super::operation::in_path;
use super::operation::in_query;
use super::operation::schema;

/// The paths, by path. `answers` makes schemas of what is answered, `bodies` of what is sent: they differ in which
/// members may be left out.
pub(super) fn paths(answers: &mut SchemaGenerator, bodies: &mut SchemaGenerator) -> Value {
    let name = in_path("name", &json!({"type": "string", "minLength": 1, "maxLength": 64}));
    let token_id = in_path("token_id", &json!({"type": "integer", "format": "int64"}));
    let mut paths = own(answers, bodies, &token_id);
    let all = of_others(answers, bodies, &name, &token_id);
    if let (Some(paths), Value::Object(all)) = (paths.as_object_mut(), all) {
        paths.extend(all);
    }
    paths
}

fn own(answers: &mut SchemaGenerator, bodies: &mut SchemaGenerator, token_id: &Value) -> Value {
    let session = schema::<Session>(answers);
    json!({
        "/api/v1/session": {
            "get": Operation {
                id: "session",
                summary: "Who this session is",
                parameters: vec![],
                body: None,
                success: (200, Some(session.clone())),
                refusals: &[],
            }.document(),
            "post": Operation {
                id: "sign_in",
                summary: "Sign in with a token, or with account and password",
                parameters: vec![],
                body: Some(schema::<session::SignInSchema>(bodies)),
                success: (200, Some(session.clone())),
                refusals: &[400],
            }.document(),
            "patch": Operation {
                id: "view_as",
                summary: "Read as a lower role, or as one's own again",
                parameters: vec![],
                body: Some(schema::<session::ViewAs>(bodies)),
                success: (200, Some(session)),
                refusals: &[400],
            }.document(),
            "delete": Operation {
                id: "sign_out",
                summary: "Sign out",
                parameters: vec![],
                body: None,
                success: (204, None),
                refusals: &[],
            }.document(),
        },
        "/api/v1/session/password": {
            "put": Operation {
                id: "change_password",
                summary: "Change one's own password; every other session of the account ends",
                parameters: vec![],
                body: Some(schema::<session::NewPassword>(bodies)),
                success: (204, None),
                refusals: &[400],
            }.document(),
        },
        "/api/v1/tokens": {
            "get": Operation {
                id: "tokens",
                summary: "One's own tokens, newest first",
                parameters: vec![],
                body: None,
                success: (200, Some(schema::<tokens::Tokens>(answers))),
                refusals: &[],
            }.document(),
            "post": Operation {
                id: "create_token",
                summary: "Make a token; its secret is shown once",
                parameters: vec![],
                body: Some(schema::<tokens::NewToken>(bodies)),
                success: (201, Some(schema::<tokens::MadeToken>(answers))),
                refusals: &[400],
            }.document(),
        },
        "/api/v1/tokens/{token_id}": {
            "delete": Operation {
                id: "revoke_token",
                summary: "End a token for good, and the sessions it opened",
                parameters: vec![token_id.clone()],
                body: None,
                success: (204, None),
                refusals: &[400, 404],
            }.document(),
        },
    })
}

fn of_others(
    answers: &mut SchemaGenerator,
    bodies: &mut SchemaGenerator,
    name: &Value,
    token_id: &Value,
) -> Value {
    let account = schema::<Account>(answers);
    json!({
        "/api/v1/accounts": {
            "get": Operation {
                id: "accounts",
                summary: "All accounts, by name",
                parameters: vec![],
                body: None,
                success: (200, Some(schema::<accounts::Accounts>(answers))),
                refusals: &[],
            }.document(),
            "post": Operation {
                id: "create_account",
                summary: "Make an account",
                parameters: vec![],
                body: Some(schema::<accounts::NewAccount>(bodies)),
                success: (201, Some(account.clone())),
                refusals: &[400],
            }.document(),
        },
        "/api/v1/accounts/{name}": {
            "patch": Operation {
                id: "change_account",
                summary: "Change an account, disable or unlock it",
                parameters: vec![name.clone()],
                body: Some(schema::<accounts::AccountChange>(bodies)),
                success: (200, Some(account)),
                refusals: &[400, 404],
            }.document(),
        },
        "/api/v1/accounts/{name}/link": {
            "post": Operation {
                id: "create_link",
                summary: "Make a link that signs the account in, once",
                parameters: vec![name.clone()],
                body: None,
                success: (201, Some(schema::<accounts::Link>(answers))),
                refusals: &[400, 404],
            }.document(),
        },
        "/api/v1/accounts/{name}/tokens": {
            "get": Operation {
                id: "account_tokens",
                summary: "An account's tokens, newest first",
                parameters: vec![name.clone()],
                body: None,
                success: (200, Some(schema::<tokens::Tokens>(answers))),
                refusals: &[404],
            }.document(),
        },
        "/api/v1/accounts/{name}/tokens/{token_id}": {
            "delete": Operation {
                id: "revoke_account_token",
                summary: "End an account's token for good",
                parameters: vec![name.clone(), token_id.clone()],
                body: None,
                success: (204, None),
                refusals: &[400, 404],
            }.document(),
        },
        "/api/v1/audit_events": {
            "get": Operation {
                id: "audit_events",
                summary: "What happened, newest first",
                parameters: vec![
                    in_query("before", &json!({"type": "integer", "format": "int64"}), "Only events older than the one with this id"),
                    in_query("limit", &json!({"type": "integer", "minimum": 1, "maximum": audit_events::MOST, "default": 100}), "Events on a page"),
                    in_query("account", &json!({"type": "string"}), "Who did it"),
                    in_query("action", &json!({"type": "string", "enum": Action::ALL.map(Action::name).to_vec()}), "What was done"),
                ],
                body: None,
                success: (200, Some(schema::<audit_events::AuditEvents>(answers))),
                refusals: &[400],
            }.document(),
        },
    })
}
