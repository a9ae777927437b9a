//! The identity provider, spoken to: its address book and keys (fetched when first needed, kept for an hour), where to
//! send a browser, and whom a code stands for. The only file that knows the library.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use moka::future::Cache;
use openidconnect::AdditionalClaims;
use openidconnect::AuthType;
use openidconnect::AuthenticationFlow;
use openidconnect::AuthorizationCode;
use openidconnect::ClaimsVerificationError;
use openidconnect::ClientId;
use openidconnect::ClientSecret;
use openidconnect::CsrfToken;
use openidconnect::EndpointMaybeSet;
use openidconnect::EndpointNotSet;
use openidconnect::EndpointSet;
use openidconnect::HttpClientError;
use openidconnect::IssuerUrl;
use openidconnect::Nonce;
use openidconnect::OAuth2TokenResponse;
use openidconnect::PkceCodeChallenge;
use openidconnect::PkceCodeVerifier;
use openidconnect::RedirectUrl;
use openidconnect::RequestTokenError;
use openidconnect::Scope;
use openidconnect::SignatureVerificationError;
use openidconnect::SubjectIdentifier;
use openidconnect::TokenResponse;
use openidconnect::UserInfoClaims;
use openidconnect::core::CoreClient;
use openidconnect::core::CoreClientAuthMethod;
use openidconnect::core::CoreErrorResponseType;
use openidconnect::core::CoreGenderClaim;
use openidconnect::core::CoreIdToken;
use openidconnect::core::CoreProviderMetadata;
use openidconnect::core::CoreResponseType;
use openidconnect::core::CoreTokenResponse;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Map;
use serde_json::Value;

use crate::config::Oidc;

use super::Flow;
use super::Refusal;

/// How long a person waits for the provider, whatever it takes to ask it.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long what it says of itself is believed. Its keys are asked for again before a signature by another is refused.
const KEPT: Duration = Duration::from_hours(1);

/// A provider; nothing is asked of it before somebody wants to sign in.
#[derive(Debug)]
pub struct Provider {
    pub(super) config: Oidc,
    /// One place: whoever comes while it is being asked waits for that answer, and a failure is not kept.
    known: Cache<(), Arc<Known>>,
}

/// What the provider says of itself, and the client that asked.
#[derive(Debug)]
struct Known {
    http: reqwest::Client,
    metadata: CoreProviderMetadata,
}

/// Somebody whom the provider vouches for.
#[derive(Debug)]
pub(super) struct Identity {
    pub subject: String,
    /// All that it says of them; the name is here or with `access`.
    pub claims: Map<String, Value>,
    response: CoreTokenResponse,
}

/// Claims that the library has no field for.
#[derive(Debug, Serialize, Deserialize)]
struct Others {
    #[serde(flatten)]
    all: Map<String, Value>,
}

impl AdditionalClaims for Others {}

type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

impl Provider {
    pub fn new(config: &Oidc) -> Self {
        let known = Cache::builder().max_capacity(1).time_to_live(KEPT).build();
        Self { config: config.clone(), known }
    }

    /// Where the browser goes to sign in.
    pub(super) async fn address(
        &self,
        flow: &Flow<'_>,
        redirect_uri: &str,
    ) -> Result<String, Refusal> {
        let known = patiently(self.known()).await?;
        let client = self.client(&known, redirect_uri)?;
        let (state, nonce) = (flow.state.reveal().to_owned(), flow.nonce());
        let verifier = PkceCodeVerifier::new(flow.verifier());
        let request = client
            .authorize_url(
                AuthenticationFlow::<CoreResponseType>::AuthorizationCode,
                || CsrfToken::new(state),
                || Nonce::new(nonce),
            )
            // The library says `openid` itself.
            .add_scopes(
                self.config.scopes.iter().filter(|it| *it != "openid").cloned().map(Scope::new),
            )
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
        Ok(request.url().0.into())
    }

    /// Whom the code stands for, if the ID token that it buys is signed by the provider, for us, for this flow and now.
    pub(super) async fn identify(
        &self,
        flow: &Flow<'_>,
        redirect_uri: &str,
        code: &str,
    ) -> Result<Identity, Refusal> {
        patiently(async {
            let known = self.known().await?;
            let client = self.client(&known, redirect_uri)?;
            let response = client
                .exchange_code(AuthorizationCode::new(code.to_owned()))
                .map_err(|it| not_verified(&it.into()))?
                .set_pkce_verifier(PkceCodeVerifier::new(flow.verifier()))
                .request_async(&known.http)
                .await
                .map_err(refused_code)?;
            let token = response
                .id_token()
                .ok_or_else(|| not_verified(&anyhow::anyhow!("there is no ID token")))?;
            let nonce = Nonce::new(flow.nonce());
            let subject = match subject_of(&client, token, &nonce) {
                // Providers change their keys.
                Err(ClaimsVerificationError::SignatureVerification(
                    SignatureVerificationError::NoMatchingKey,
                )) => {
                    self.known.invalidate(&()).await;
                    let client = self.client(&*self.known().await?, redirect_uri)?;
                    subject_of(&client, token, &nonce)
                }
                other => other,
            };
            let subject = subject.map_err(|it| not_verified(&it.into()))?;
            let claims = payload(token).map_err(|it| not_verified(&it))?;
            Ok(Identity { subject, claims, response })
        })
        .await
    }

    /// The claim as a text: of the ID token, else of the provider's userinfo, where most keep names.
    pub(super) async fn claim(
        &self,
        identity: &mut Identity,
        name: &str,
    ) -> Result<Option<String>, Refusal> {
        if !identity.claims.contains_key(name) {
            let more = patiently(self.ask_more(identity)).await?;
            identity.claims.extend(more);
        }
        Ok(identity.claims.get(name).and_then(Value::as_str).map(ToOwned::to_owned))
    }

    async fn ask_more(&self, identity: &Identity) -> Result<Map<String, Value>, Refusal> {
        let known = self.known().await?;
        if known.metadata.userinfo_endpoint().is_none() {
            return Ok(Map::new());
        }
        // Nobody is sent back from there.
        let client = self.client(&known, "http://localhost")?;
        let subject = SubjectIdentifier::new(identity.subject.clone());
        let claims: UserInfoClaims<Others, CoreGenderClaim> = client
            .user_info(identity.response.access_token().clone(), Some(subject))
            .map_err(|it| not_verified(&it.into()))?
            .request_async(&known.http)
            .await
            .map_err(|it| away(&anyhow::Error::from(it).context("userinfo")))?;
        match serde_json::to_value(&claims) {
            Ok(Value::Object(it)) => Ok(it),
            _ => Ok(Map::new()),
        }
    }

    async fn known(&self) -> Result<Arc<Known>, Refusal> {
        self.known
            .try_get_with((), async { Known::discover(&self.config).await.map(Arc::new) })
            .await
            .map_err(|it: Arc<anyhow::Error>| away(&it))
    }

    fn client(&self, known: &Known, redirect_uri: &str) -> Result<Client, Refusal> {
        let redirect = RedirectUrl::new(redirect_uri.to_owned())
            .with_context(|| format!("public_url makes `{redirect_uri}`"))
            .map_err(|it| Refusal::Other(it.into()))?;
        let id = ClientId::new(self.config.client_id.clone());
        let secret = self.config.client_secret.as_ref();
        let secret = secret.map(|it| ClientSecret::new(it.reveal().to_owned()));
        let metadata = known.metadata.clone();
        let ways = metadata.token_endpoint_auth_methods_supported();
        let has = |way| ways.is_some_and(|it| it.contains(&way));
        // Basic is what the standard assumes; some take the secret in the body only.
        let in_body = has(CoreClientAuthMethod::ClientSecretPost)
            && !has(CoreClientAuthMethod::ClientSecretBasic);
        let client = CoreClient::from_provider_metadata(metadata, id, secret);
        let client = client.set_redirect_uri(redirect);
        Ok(if in_body { client.set_auth_type(AuthType::RequestBody) } else { client })
    }
}

impl Known {
    async fn discover(config: &Oidc) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder()
            // Whoever follows them can be sent to addresses inside.
            .redirect(reqwest::redirect::Policy::none())
            // Its other addresses, which it announces itself, are not to be less safe than its own.
            .https_only(config.issuer.starts_with("https://"))
            .timeout(PATIENCE)
            .user_agent("mutu")
            .build()
            .context("making a client with the system's certificates")?;
        let issuer = IssuerUrl::new(config.issuer.clone())?;
        let metadata = CoreProviderMetadata::discover_async(issuer, &http)
            .await
            .with_context(|| format!("asking {} what it is", config.issuer))?;
        Ok(Self { http, metadata })
    }
}

/// The subject of an ID token of which signature, issuer, audience, time and nonce are right. The library takes the
/// algorithms that the provider announces, never `none`, and shared secrets from clients only that have one.
fn subject_of(
    client: &Client,
    token: &CoreIdToken,
    nonce: &Nonce,
) -> Result<String, ClaimsVerificationError> {
    let claims = token.claims(&client.id_token_verifier(), nonce)?;
    Ok(claims.subject().to_string())
}

/// All claims of a token that has been verified.
fn payload(token: &CoreIdToken) -> anyhow::Result<Map<String, Value>> {
    let text = token.to_string();
    let payload = text.split('.').nth(1).context("a token has three parts")?;
    Ok(serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload)?)?)
}

async fn patiently<T>(ask: impl Future<Output = Result<T, Refusal>>) -> Result<T, Refusal> {
    match tokio::time::timeout(PATIENCE, ask).await {
        Ok(it) => it,
        Err(_) => Err(away(&anyhow::anyhow!("no answer within {} s", PATIENCE.as_secs()))),
    }
}

/// The person reads that it does not answer; why not is for the administrator.
fn away(why: &anyhow::Error) -> Refusal {
    tracing::warn!(error = format!("{why:#}"), "the identity provider does not answer");
    Refusal::Away
}

fn not_verified(why: &anyhow::Error) -> Refusal {
    tracing::warn!(error = format!("{why:#}"), "the identity provider's answer is not accepted");
    Refusal::NotVerified
}

/// Why no token was given for a code.
fn refused_code(
    error: RequestTokenError<
        HttpClientError<reqwest::Error>,
        openidconnect::StandardErrorResponse<CoreErrorResponseType>,
    >,
) -> Refusal {
    match error {
        RequestTokenError::ServerResponse(it)
            if *it.error() == CoreErrorResponseType::InvalidGrant =>
        {
            Refusal::Expired
        }
        RequestTokenError::Request(it) => away(&it.into()),
        // Not the body itself: there may be a token in it.
        RequestTokenError::Parse(it, _) => not_verified(&it.into()),
        other => not_verified(&anyhow::anyhow!("{other}")),
    }
}
