//! Where a request comes from and at which address it found us: client, scheme, host, and the path below which everything
//! lies. Pure: from the text of a request's headers and from what the configuration trusts. Links, redirects, cookies and
//! limits are made from it; nothing is ever granted for it.

use std::fmt;
use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::net::Ipv6Addr;
use std::net::SocketAddr;
use std::str::FromStr;

use ipnet::IpNet;
use serde::Deserialize;
use serde::Serialize;

mod forwarded;

/// The first segments of our own addresses: a public path may not begin with one, or `/ogc` could be both.
const OWN_SEGMENTS: [&str; 28] = [
    "account",
    "admin",
    "api",
    "arcgis",
    "assets",
    "board",
    "d",
    "healthz",
    "import",
    "index.html",
    "layers",
    "lists",
    "metrics",
    "ogc",
    "planning",
    "pmtiles",
    "print",
    "readyz",
    "runs",
    "scenarios",
    "sign-in",
    "sprites",
    "styles",
    "targets",
    "tiles",
    "wfs",
    "wms",
    "wmts",
];

/// The address that people use, where the configuration says it: `https://land.example/mutu`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PublicUrl {
    /// Scheme, host and port, without a slash at the end.
    pub origin: String,
    /// Empty, or segments that begin with a slash.
    pub path: String,
}

impl FromStr for PublicUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = |why: &str| {
            format!(
                "`{text}` 不是对外地址 / is no public address such as https://host or https://host/path: {why}"
            )
        };
        let (scheme, rest) = text.split_once("://").ok_or_else(|| wrong("http:// or https://"))?;
        let scheme = scheme_of(scheme).ok_or_else(|| wrong("http:// or https://"))?;
        let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        if !is_host(host) {
            return Err(wrong("主机名有误 / the host"));
        }
        let path = path.trim_end_matches('/');
        let mut segments = path.split('/').skip(1);
        let plain = |it: char| it.is_ascii_alphanumeric() || "-_.~".contains(it);
        if segments.clone().any(|it| it.is_empty() || it.starts_with('.') || !it.chars().all(plain))
        {
            return Err(wrong(
                "路径只能含字母、数字与 -_.~ / letters, digits and -_.~ in the path",
            ));
        }
        if let Some(first) = segments.next().filter(|it| OWN_SEGMENTS.contains(it)) {
            return Err(wrong(&format!("`/{first}` 是自己的地址 / is an address of our own")));
        }
        let origin = format!("{scheme}://{}", host.to_ascii_lowercase());
        Ok(Self { origin, path: path.to_owned() })
    }
}

impl TryFrom<String> for PublicUrl {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<PublicUrl> for String {
    fn from(it: PublicUrl) -> Self {
        it.to_string()
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.origin, self.path)
    }
}

/// What the configuration says of the way to us.
#[derive(Clone, Debug)]
pub struct Way<'a> {
    pub public_url: Option<&'a PublicUrl>,
    /// Networks whose word on who asks is believed.
    pub trusted_proxies: &'a [IpNet],
    pub listen: SocketAddr,
}

/// One request's place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// Scheme, host and port as the client knows them, without a slash at the end.
    pub origin: String,
    /// Below which everything lies: empty, or such as `/mutu`.
    pub path: String,
    /// Who asks, as far as that is known; a proxy that nobody trusts counts as the client.
    pub client: IpAddr,
    /// The `Host` that was asked, where no public address is known: a page of another site cannot choose it.
    host: Option<String>,
}

impl Site {
    /// Reads `peer` and headers: `header` gives all values of a header in order. What is not well-formed counts as absent.
    pub fn of<'a>(way: &Way<'_>, peer: IpAddr, header: impl Fn(&str) -> Vec<&'a str>) -> Self {
        let peer = peer.to_canonical();
        let trusts = |it: IpAddr| way.trusted_proxies.iter().any(|net| net.contains(&it));
        let told = if trusts(peer) {
            forwarded::read(&header, trusts)
        } else {
            forwarded::Told::default()
        };
        let host = match header("host")[..] {
            [one] if is_host(one) => Some(one.to_ascii_lowercase()),
            _ => None,
        };
        let (origin, path) = if let Some(it) = way.public_url {
            (it.origin.clone(), it.path.clone())
        } else {
            let scheme = told.scheme.unwrap_or("http");
            let host = told.host.or_else(|| host.clone());
            let host = host.unwrap_or_else(|| reachable(way.listen).to_string());
            (format!("{scheme}://{host}"), String::new())
        };
        // Where the public address is known, it is the only one; else a proxy may know a scheme that we do not.
        let host = host.filter(|_| way.public_url.is_none());
        Self { origin, path, client: told.client.unwrap_or(peer), host }
    }

    /// Where clients reach the service, without a slash at the end.
    pub fn url(&self) -> String {
        format!("{}{}", self.origin, self.path)
    }

    /// The path of the web map, with a slash at the end.
    pub fn root(&self) -> String {
        format!("{}/", self.path)
    }

    pub fn is_https(&self) -> bool {
        self.origin.starts_with("https://")
    }

    /// Whether an `Origin` is ours: that of our address, or, without a public one, that of the very host which was asked.
    pub fn is_own(&self, origin: &str) -> bool {
        let own = |it: &str| origin.eq_ignore_ascii_case(it);
        let host = origin.split_once("://").filter(|it| scheme_of(it.0).is_some()).map(|it| it.1);
        own(&self.origin)
            || self
                .host
                .as_deref()
                .is_some_and(|it| host.is_some_and(|asked| asked.eq_ignore_ascii_case(it)))
    }

    /// A `Set-Cookie` that stays below our path and never leaves TLS. Lax, so that a link from a colleague's mail opens
    /// signed in, while no other site can post with it.
    pub fn cookie(&self, name: &str, value: &str, seconds: u32) -> String {
        let secure = if self.is_https() { "; Secure" } else { "" };
        let path = self.root();
        format!("{name}={value}; Path={path}; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}")
    }
}

/// The path below the public one, if that is how it was asked for; a proxy may strip the public path or keep it.
pub fn below<'a>(public_path: &str, path: &'a str) -> Option<&'a str> {
    let rest = path.strip_prefix(public_path).filter(|_| !public_path.is_empty())?;
    match rest {
        "" => Some("/"),
        it if it.starts_with('/') => Some(it),
        _ => None,
    }
}

/// An address at which one that listens on all interfaces is reached from here.
pub fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(it) if it.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(it) if it.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        other => other,
    };
    SocketAddr::new(ip, listen.port())
}

fn scheme_of(text: &str) -> Option<&'static str> {
    ["http", "https"].into_iter().find(|it| text.eq_ignore_ascii_case(it))
}

/// Whether that is a host with perhaps a port, and nothing that means more in a link, a header or a page.
fn is_host(text: &str) -> bool {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (text, None),
    };
    let named = |it: &str| {
        (1..=253).contains(&it.len())
            && !it.starts_with(['.', '-'])
            && it.chars().all(|it| it.is_ascii_alphanumeric() || "-._".contains(it))
    };
    let numbered = |it: &str| {
        let inner = it.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
        inner.is_some_and(|it| it.parse::<Ipv6Addr>().is_ok())
    };
    let port_fits = port.is_none_or(|it| {
        it.chars().all(|it| it.is_ascii_digit()) && it.parse::<u16>().is_ok_and(|it| it > 0)
    });
    (named(host) || numbered(host)) && port_fits
}

#[cfg(test)]
mod tests;
