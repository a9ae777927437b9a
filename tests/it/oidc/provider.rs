//! An identity provider that signs whatever a test wants, right or forged, and is as strict with its client as a real one.
//! How Mutu gets on with a certified one is seen in the browser (`web-map/e2e/oidc.spec.ts`).

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::time::Duration;

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::get;
use axum::routing::post;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openidconnect::JsonWebKeyId;
use openidconnect::PrivateSigningKey;
use openidconnect::core::CoreEdDsaPrivateSigningKey;
use openidconnect::core::CoreHmacKey;
use openidconnect::core::CoreJwsSigningAlgorithm;
use serde_json::Value;
use serde_json::json;
use sha2::Digest;
use sha2::Sha256;
use tokio::net::TcpListener;

pub const CLIENT: &str = "mutu";
pub const SECRET: &str = "rose-garden";

/// Who signs an ID token, and how.
#[derive(Clone, Copy, PartialEq)]
pub enum Signer {
    /// The key that the provider publishes.
    Provider,
    /// Another one under the same name.
    Stranger,
    /// Nobody: `alg` is `none`.
    Nobody,
    /// The published key's bytes, taken for a shared secret.
    PublicKeyAsSecret,
}

/// What the provider does next.
pub struct Conduct {
    pub signer: Signer,
    /// Laid over the claims that would be right.
    pub claims: Value,
    /// Laid over the right claims of userinfo.
    pub userinfo: Value,
    /// Says `invalid_grant` to every code.
    pub refuses: bool,
    /// Never answers anything.
    pub hangs: bool,
    /// What it calls itself, if not by its own address.
    pub issuer: Option<String>,
    /// Which of its keys it signs with and publishes.
    pub key: u8,
}

struct Grant {
    nonce: String,
    challenge: String,
    redirect_uri: String,
    subject: String,
}

pub struct Provider {
    pub issuer: String,
    state: Arc<Mutex<Inner>>,
}

struct Inner {
    issuer: String,
    conduct: Conduct,
    grants: HashMap<String, Grant>,
    discoveries: u32,
}

type Shared = Arc<Mutex<Inner>>;

impl Provider {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let conduct = Conduct {
            signer: Signer::Provider,
            claims: json!({}),
            userinfo: json!({}),
            refuses: false,
            hangs: false,
            issuer: None,
            key: 1,
        };
        let inner =
            Inner { issuer: issuer.clone(), conduct, grants: HashMap::new(), discoveries: 0 };
        let state = Arc::new(Mutex::new(inner));
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(discover))
            .route("/keys", get(keys))
            .route("/token", post(token))
            .route("/me", get(userinfo))
            .layer(axum::middleware::from_fn_with_state(
                state.clone(),
                async |State(state): State<Shared>, request, next: axum::middleware::Next| {
                    if lock(&state).conduct.hangs {
                        tokio::time::sleep(Duration::from_secs(60)).await;
                    }
                    next.run(request).await
                },
            ))
            .with_state(state.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { issuer, state }
    }

    pub fn conduct(&self, change: impl FnOnce(&mut Conduct)) {
        change(&mut lock(&self.state).conduct);
    }

    pub fn discoveries(&self) -> u32 {
        lock(&self.state).discoveries
    }

    /// Lets somebody sign in who came with these parameters, and gives the code to send them back with.
    pub fn sign_in(&self, subject: &str, asked: &HashMap<String, String>) -> String {
        assert_eq!(asked["response_type"], "code");
        assert_eq!(asked["client_id"], CLIENT);
        assert_eq!(asked["code_challenge_method"], "S256");
        assert!(asked["scope"].split(' ').eq(["openid", "profile"]), "{}", asked["scope"]);
        let grant = Grant {
            nonce: asked["nonce"].clone(),
            challenge: asked["code_challenge"].clone(),
            redirect_uri: asked["redirect_uri"].clone(),
            subject: subject.to_owned(),
        };
        let mut inner = lock(&self.state);
        let code = format!("code{}", inner.grants.len());
        inner.grants.insert(code.clone(), grant);
        code
    }
}

fn lock(state: &Shared) -> MutexGuard<'_, Inner> {
    state.lock().unwrap()
}

fn key(seed: u8) -> CoreEdDsaPrivateSigningKey {
    // PKCS #8 around the 32 bytes of an Ed25519 key (RFC 8410).
    let mut der = vec![0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
    der.extend([seed; 32]);
    let pem = format!(
        "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
        STANDARD.encode(der)
    );
    CoreEdDsaPrivateSigningKey::from_ed25519_pem(&pem, Some(JsonWebKeyId::new(format!("k{seed}"))))
        .unwrap()
}

async fn discover(State(state): State<Shared>) -> Json<Value> {
    let mut inner = lock(&state);
    inner.discoveries += 1;
    let at = &inner.issuer;
    Json(json!({
        "issuer": inner.conduct.issuer.as_ref().unwrap_or(at),
        "authorization_endpoint": format!("{at}/authorize"),
        "token_endpoint": format!("{at}/token"),
        "userinfo_endpoint": format!("{at}/me"),
        "jwks_uri": format!("{at}/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["EdDSA"],
    }))
}

async fn keys(State(state): State<Shared>) -> Json<Value> {
    let key = key(lock(&state).conduct.key);
    Json(json!({ "keys": [key.as_verification_key()] }))
}

async fn token(State(state): State<Shared>, headers: HeaderMap, body: String) -> Response {
    let form = reqwest::Url::parse(&format!("http://form/?{body}")).unwrap();
    let form: HashMap<String, String> = form.query_pairs().into_owned().collect();
    let mut inner = lock(&state);
    let refused =
        |error: &str| (StatusCode::BAD_REQUEST, Json(json!({ "error": error }))).into_response();
    let basic = format!("Basic {}", STANDARD.encode(format!("{CLIENT}:{SECRET}")));
    if headers.get(header::AUTHORIZATION).is_none_or(|it| it != basic.as_str()) {
        return refused("invalid_client");
    }
    let grant = form.get("code").and_then(|it| inner.grants.remove(it));
    let Some(grant) = grant.filter(|_| !inner.conduct.refuses) else {
        return refused("invalid_grant");
    };
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&form["code_verifier"]));
    if challenge != grant.challenge || form["redirect_uri"] != grant.redirect_uri {
        return refused("invalid_grant");
    }
    let now = chrono::Utc::now().timestamp();
    let mut claims = json!({
        "iss": inner.issuer,
        "aud": CLIENT,
        "sub": grant.subject,
        "nonce": grant.nonce,
        "iat": now,
        "exp": now + 300,
    });
    lay_over(&mut claims, &inner.conduct.claims);
    let answer = json!({
        "access_token": grant.subject,
        "token_type": "Bearer",
        "id_token": signed(&inner.conduct, &claims),
    });
    Json(answer).into_response()
}

async fn userinfo(State(state): State<Shared>, headers: HeaderMap) -> Json<Value> {
    let bearer = headers[header::AUTHORIZATION].to_str().unwrap();
    let mut claims = json!({ "sub": bearer.strip_prefix("Bearer ").unwrap() });
    lay_over(&mut claims, &lock(&state).conduct.userinfo);
    Json(claims)
}

fn lay_over(claims: &mut Value, changes: &Value) {
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
}

fn signed(conduct: &Conduct, claims: &Value) -> String {
    let own = key(conduct.key);
    let public = own.as_verification_key();
    let alg = match conduct.signer {
        Signer::Provider | Signer::Stranger => "EdDSA",
        Signer::Nobody => "none",
        Signer::PublicKeyAsSecret => "HS256",
    };
    let part = |it: &Value| URL_SAFE_NO_PAD.encode(it.to_string());
    let header = json!({ "alg": alg, "kid": format!("k{}", conduct.key) });
    let text = format!("{}.{}", part(&header), part(claims));
    let signature = match conduct.signer {
        Signer::Provider => own.sign(&CoreJwsSigningAlgorithm::EdDsa, text.as_bytes()).unwrap(),
        Signer::Stranger => key(99).sign(&CoreJwsSigningAlgorithm::EdDsa, text.as_bytes()).unwrap(),
        Signer::Nobody => Vec::new(),
        Signer::PublicKeyAsSecret => {
            let public = serde_json::to_value(public).unwrap();
            let bytes = URL_SAFE_NO_PAD.decode(public["x"].as_str().unwrap()).unwrap();
            let secret = CoreHmacKey::new(bytes);
            secret.sign(&CoreJwsSigningAlgorithm::HmacSha256, text.as_bytes()).unwrap()
        }
    };
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
}
