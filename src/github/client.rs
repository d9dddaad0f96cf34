//! One call to the server: address, headers, time limits, tries. Knows no route.

use super::Secret;
use super::error::{ApiError, ErrorKind, Needs};
use super::retry::{self, Answer};
use crate::words::sentences;
use http::header::{ACCEPT, CONTENT_TYPE, LINK, LOCATION};
use http::{HeaderMap, Method, Request, StatusCode, Uri};
use octocrab::Octocrab;
use octocrab::service::middleware::retry::RetryConfig;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The version of the API that is spoken: newer ones drop fields, and servers of one's own do not know
/// them.
const API_VERSION: &str = "2022-11-28";
/// What a run spends on waiting at most.
const PATIENCE: Duration = Duration::from_secs(180);
/// The server asks for a second between writes (*Best practices for using the REST API*).
const BETWEEN_WRITES: Duration = Duration::from_secs(1);
/// No listing that a gate needs has more pages.
const MAX_PAGES: usize = 100;
const MAX_REDIRECTS: usize = 3;
/// Longest part of a server's message that is passed on.
const MAX_MESSAGE: usize = 300;

/// Time, passed in so that tests need not wait.
pub trait Clock: Send + Sync {
    /// Seconds since 1970.
    fn now(&self) -> u64;
    /// Waits.
    fn pause(&self, time: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

/// How to reach the server.
#[derive(Clone)]
pub struct Connection {
    /// REST base, without a slash at the end.
    pub api_url: String,
    /// Certificates in PEM to trust beside the built-in roots.
    pub ca: Option<Vec<u8>>,
    /// The longest time for one answer.
    pub timeout: Duration,
    /// Time.
    pub clock: Arc<dyn Clock>,
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").field("api_url", &self.api_url).finish_non_exhaustive()
    }
}

pub(super) struct Client {
    octocrab: Octocrab,
    base: Uri,
    token: Secret,
    clock: Arc<dyn Clock>,
    waited: AtomicU64,
    written: AtomicU64,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("base", &self.base).finish_non_exhaustive()
    }
}

struct Reply {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Client {
    /// A client. To be called inside the runtime.
    pub(super) fn new(connection: &Connection, token: &Secret) -> Result<Self, String> {
        let base: Uri =
            connection.api_url.trim_end_matches('/').parse().map_err(|_| {
                "the address of the API (`GITHUB_API_URL`, `--api-url`) is no address; it looks like `https://HOST/api/v3`".to_owned()
            })?;
        if base.authority().is_none() || !matches!(base.scheme_str(), Some("https" | "http")) {
            return Err("the address of the API (`GITHUB_API_URL`, `--api-url`) is no address; it looks like `https://HOST/api/v3`".to_owned());
        }
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls(connection.ca.as_deref())?)
            .connect_timeout(connection.timeout.min(Duration::from_secs(10)))
            .timeout(connection.timeout)
            // A redirected write could turn into a read that succeeds: redirects are followed here.
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .build()
            .map_err(|e| format!("cannot set up the connection: {e}; check the proxy variables"))?;
        let octocrab = Octocrab::builder()
            .base_uri(base.clone())
            .and_then(|builder| {
                builder
                    .personal_token(token.expose().to_owned())
                    .add_retry_config(RetryConfig::None)
                    .build_with_reqwest(http)
            })
            .map_err(|_| {
                "cannot set up the connection; check the address of the API (`GITHUB_API_URL`, `--api-url`)"
                    .to_owned()
            })?;
        Ok(Client {
            octocrab,
            base,
            token: token.clone(),
            clock: Arc::clone(&connection.clock),
            waited: AtomicU64::new(0),
            written: AtomicU64::new(0),
        })
    }

    /// Reads one value. Repeated when the server fails.
    pub(super) async fn get<T: DeserializeOwned>(&self, what: &str, route: &str) -> Result<T, ApiError> {
        let reply = self.call(what, Method::GET, route, None, true).await?;
        self.decode(what, &reply.body)
    }

    /// Reads a list to its last page; `items` takes the list out of a page.
    pub(super) async fn list<T: DeserializeOwned>(
        &self,
        what: &str,
        route: &str,
        items: fn(Value) -> Value,
    ) -> Result<Vec<T>, ApiError> {
        let (mut all, mut next) = (Vec::new(), Some(route.to_owned()));
        for _ in 0..MAX_PAGES {
            let Some(route) = next else { return Ok(all) };
            let reply = self.call(what, Method::GET, &route, None, true).await?;
            let page: Value = self.decode(what, &reply.body)?;
            let page: Vec<T> = serde_json::from_value(items(page)).map_err(|_| malformed(what))?;
            all.extend(page);
            next = reply.headers.get(LINK).and_then(|v| v.to_str().ok()).and_then(next_page);
        }
        if next.is_none() {
            return Ok(all);
        }
        Err(ApiError::new(what, ErrorKind::Malformed(sentences::MAKES_NO_SENSE.to_owned())))
    }

    /// Writes. `repeatable` when doing it twice is the same as once.
    pub(super) async fn write<B: Serialize + Sync, T: DeserializeOwned>(
        &self,
        what: &str,
        method: Method,
        route: &str,
        body: &B,
        repeatable: bool,
    ) -> Result<T, ApiError> {
        if self.written.fetch_add(1, Ordering::Relaxed) > 0 {
            self.clock.pause(BETWEEN_WRITES).await;
        }
        let body = serde_json::to_string(body).map_err(|_| malformed(what))?;
        let reply = self.call(what, method, route, Some(body), repeatable).await?;
        self.decode(what, &reply.body)
    }

    /// Asks GraphQL, which reports its errors with status 200.
    pub(super) async fn graphql(&self, what: &str, url: &str, body: &Value) -> Result<Value, ApiError> {
        let reply = self.call(what, Method::POST, url, Some(body.to_string()), true).await?;
        let mut answer: Value = self.decode(what, &reply.body)?;
        if let Some(first) = answer.get("errors").and_then(|e| e.get(0)) {
            let message = first.get("message").and_then(Value::as_str).unwrap_or("an error");
            return Err(ApiError::new(what, ErrorKind::Malformed(self.tidy(message))));
        }
        Ok(answer.get_mut("data").map(Value::take).unwrap_or_default())
    }

    async fn call(
        &self,
        what: &str,
        method: Method,
        route: &str,
        body: Option<String>,
        repeatable: bool,
    ) -> Result<Reply, ApiError> {
        let (mut uri, mut redirects, mut tries) = (self.address(what, route)?, 0, 0);
        loop {
            tries += 1;
            let reply = self.send(&method, &uri, body.as_deref()).await;
            let error = match &reply {
                Ok(reply) if reply.status.is_success() => None,
                Ok(reply) if reply.status.is_redirection() && redirects < MAX_REDIRECTS => {
                    let target = reply.headers.get(LOCATION).and_then(|l| l.to_str().ok());
                    let keeps_method = method == Method::GET
                        || matches!(
                            reply.status,
                            StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT
                        );
                    match target {
                        Some(target) if keeps_method => {
                            uri = self.address(what, target)?;
                            (redirects, tries) = (redirects + 1, tries - 1);
                            continue;
                        }
                        _ => Some(self.status_error(what, reply)),
                    }
                }
                Ok(reply) => Some(self.status_error(what, reply)),
                // Asking again makes no certificate known.
                Err(why) if *why == sentences::CERTIFICATE_IS_NOT_TRUSTED => {
                    return Err(ApiError::new(what, ErrorKind::Network(why)));
                }
                Err(why) => Some(ApiError::new(what, ErrorKind::Network(why))),
            };
            let Some(error) = error else {
                return reply.map_err(|why| ApiError::new(what, ErrorKind::Network(why)));
            };
            let left = PATIENCE.saturating_sub(Duration::from_secs(self.waited.load(Ordering::Relaxed)));
            let answer = reply.as_ref().map(answer).unwrap_or_default();
            let Some(wait) = retry::wait(&answer, repeatable, tries, self.clock.now(), left) else {
                return Err(error);
            };
            self.waited.fetch_add(wait.as_secs(), Ordering::Relaxed);
            self.clock.pause(wait).await;
        }
    }

    async fn send(&self, method: &Method, uri: &Uri, body: Option<&str>) -> Result<Reply, &'static str> {
        let request = Request::builder()
            .method(method.clone())
            .uri(uri.clone())
            .header(ACCEPT, "application/vnd.github+json")
            .header(CONTENT_TYPE, "application/json")
            .header("x-github-api-version", API_VERSION)
            .body(body.unwrap_or_default().to_owned())
            .map_err(|_| sentences::NO_CONNECTION)?;
        let response = self.octocrab.execute(request).await.map_err(|e| in_words(&e))?;
        let (status, headers) = (response.status(), response.headers().clone());
        let body = self.octocrab.body_to_string(response).await.map_err(|e| in_words(&e))?;
        Ok(Reply { status, headers, body })
    }

    /// A route below the base, or an address that the server gave. The token goes to no other server.
    fn address(&self, what: &str, route: &str) -> Result<Uri, ApiError> {
        let full = if route.starts_with('/') {
            format!("{}{route}", self.base.to_string().trim_end_matches('/'))
        } else {
            route.to_owned()
        };
        let uri: Option<Uri> = full.parse().ok();
        let ours = |uri: &Uri| uri.authority() == self.base.authority() && uri.scheme() == self.base.scheme();
        uri.filter(ours)
            .ok_or_else(|| ApiError::new(what, ErrorKind::Malformed(sentences::POINTS_ELSEWHERE.to_owned())))
    }

    fn decode<T: DeserializeOwned>(&self, what: &str, body: &str) -> Result<T, ApiError> {
        let body = if body.is_empty() { "null" } else { body };
        serde_json::from_str(body).map_err(|_| malformed(what))
    }

    fn status_error(&self, what: &str, reply: &Reply) -> ApiError {
        let value: Value = serde_json::from_str(&reply.body).unwrap_or_default();
        let text = |v: &Value| match v {
            Value::String(text) => text.clone(),
            other => {
                other.get("message").or(other.get("code")).and_then(Value::as_str).unwrap_or("").to_owned()
            }
        };
        let errors = value.get("errors").and_then(Value::as_array).into_iter().flatten();
        let errors = errors.map(text).filter(|t| !t.is_empty()).take(5).map(|t| self.tidy(&t)).collect();
        let message = value.get("message").and_then(Value::as_str).map(|m| self.tidy(m));
        let header = |name: &str| {
            let value = reply.headers.get(name).and_then(|v| v.to_str().ok()).map(|v| self.tidy(v));
            value.filter(|v| !v.trim().is_empty())
        };
        // Only a classic token has scopes.
        let needs = match (header("x-oauth-scopes").is_some(), header("x-accepted-oauth-scopes")) {
            (true, Some(scopes)) => Needs::Scopes(scopes),
            (true, None) => Needs::Unknown,
            (false, _) => header("x-accepted-github-permissions").map_or(Needs::Unknown, Needs::Permissions),
        };
        ApiError::new(
            what,
            ErrorKind::Status {
                status: reply.status.as_u16(),
                message: message.unwrap_or_else(|| "no message".to_owned()),
                errors,
                needs,
                limited: answer(reply).is_limit(),
            },
        )
    }

    /// Someone else's words without the token and the password of a proxy, short.
    fn tidy(&self, text: &str) -> String {
        let text = text.replace(self.token.expose(), "***");
        let mut out = String::new();
        for word in text.split_inclusive(' ') {
            match (word.find("://"), word.rfind('@')) {
                (Some(scheme), Some(at)) if scheme < at => {
                    out.push_str(&word[..scheme + 3]);
                    out.push_str("***");
                    out.push_str(&word[at..]);
                }
                _ => out.push_str(word),
            }
        }
        out.lines().next().unwrap_or_default().chars().take(MAX_MESSAGE).collect()
    }
}

fn malformed(what: &str) -> ApiError {
    ApiError::new(what, ErrorKind::Malformed(sentences::MAKES_NO_SENSE.to_owned()))
}

/// Why there was no answer, as a sentence of ours: what the libraries say names them and not the cause.
fn in_words(error: &octocrab::Error) -> &'static str {
    let mut causes = String::new();
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = cause {
        causes.push_str(&error.to_string().to_ascii_lowercase());
        cause = error.source();
    }
    let says = |words: &[&str]| words.iter().any(|word| causes.contains(word));
    if says(&["certificate", "tls"]) {
        sentences::CERTIFICATE_IS_NOT_TRUSTED
    } else if says(&["timed out", "timeout", "deadline"]) {
        sentences::NO_ANSWER_IN_TIME
    } else if says(&["tunnel", "proxy"]) {
        sentences::PROXY_REFUSES
    } else if says(&["dns", "lookup"]) {
        sentences::NAME_IS_NOT_FOUND
    } else if says(&["refused", "unreachable", "no route"]) {
        sentences::NO_CONNECTION
    } else {
        sentences::BROKE_OFF
    }
}

fn answer(reply: &Reply) -> Answer<'_> {
    let number = |name: &str| reply.headers.get(name)?.to_str().ok()?.trim().parse().ok();
    Answer {
        status: Some(reply.status.as_u16()),
        retry_after: number("retry-after"),
        remaining: number("x-ratelimit-remaining"),
        reset: number("x-ratelimit-reset"),
        message: &reply.body,
    }
}

/// The address of `rel="next"`.
fn next_page(link: &str) -> Option<String> {
    let next = link.split(',').find(|part| part.contains("rel=\"next\""))?;
    let address = next.split_once('<')?.1.split_once('>')?.0;
    Some(address.to_owned())
}

fn tls(ca: Option<&[u8]>) -> Result<rustls::ClientConfig, String> {
    let mut roots = rustls::RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    if let Some(pem) = ca {
        let broken = || "input `ca-file` holds no certificate in PEM; name another file".to_owned();
        let certificates: Vec<_> =
            CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>().map_err(|_| broken())?;
        let (added, _) = roots.add_parsable_certificates(certificates);
        if added == 0 {
            return Err(broken());
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| format!("cannot set up TLS: {e}"))?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}
