//! What a trusted proxy says of the request that it passes on: `Forwarded` (RFC 7239) and the older `X-Forwarded-*`.
//!
//! A proxy writes one kind and lets the other through as the client sent it. So each fact is read from both, and where
//! both have it and do not say the same, somebody made one up: then neither is believed.

use std::net::IpAddr;
use std::net::SocketAddr;

use super::is_host;
use super::scheme_of;

/// Hops that are looked at, from our end; a header that goes on is no proxy's.
const HOPS: usize = 32;

/// What proxies say, as far as they are believed.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Told {
    pub client: Option<IpAddr>,
    pub scheme: Option<&'static str>,
    pub host: Option<String>,
}

/// Reads both kinds of headers; `trusts` says whose word counts.
pub fn read<'a>(header: impl Fn(&str) -> Vec<&'a str>, trusts: impl Fn(IpAddr) -> bool) -> Told {
    let standard = standard(&header("forwarded"), &trusts);
    let older = older(&header, &trusts);
    Told {
        client: agreed(standard.client, older.client),
        scheme: agreed(standard.scheme, older.scheme),
        host: agreed(standard.host, older.host),
    }
}

fn agreed<T: PartialEq>(one: Option<T>, other: Option<T>) -> Option<T> {
    match (one, other) {
        (Some(one), Some(other)) => (one == other).then_some(one),
        (one, other) => one.or(other),
    }
}

/// The right-most hop that is not trusted, and its place in `hops` (our end last). A hop that names nobody ends the
/// search: what stands before it was written by who knows whom.
fn client(hops: &[Option<IpAddr>], trusts: impl Fn(IpAddr) -> bool) -> Option<(usize, IpAddr)> {
    let mut last = None;
    for (nth, hop) in hops.iter().enumerate().rev().take(HOPS) {
        let Some(hop) = *hop else { break };
        last = Some((nth, hop));
        if !trusts(hop) {
            break;
        }
    }
    last
}

fn standard(values: &[&str], trusts: impl Fn(IpAddr) -> bool) -> Told {
    let mut hops: Vec<(Option<IpAddr>, Option<&'static str>, Option<String>)> = Vec::new();
    for value in values {
        for element in split(value, ',') {
            let (mut ip, mut scheme, mut host) = (None, None, None);
            for pair in split(element, ';') {
                let Some((name, value)) = pair.split_once('=') else { continue };
                let Some(value) = unquoted(value.trim()) else { continue };
                match name.trim().to_ascii_lowercase().as_str() {
                    "for" => ip = address(&value),
                    "proto" => scheme = scheme_of(&value),
                    "host" if is_host(&value) => host = Some(value.to_ascii_lowercase()),
                    _ => {}
                }
            }
            hops.push((ip, scheme, host));
        }
    }
    let addresses: Vec<Option<IpAddr>> = hops.iter().map(|it| it.0).collect();
    let client = client(&addresses, trusts);
    // The hop that spoke with the client knows which host and scheme it used.
    let nearest = client.map_or(hops.len().checked_sub(1), |it| Some(it.0));
    let (scheme, host) =
        nearest.map(|it| hops.swap_remove(it)).map_or((None, None), |it| (it.1, it.2));
    Told { client: client.map(|it| it.1), scheme, host }
}

fn older<'a>(header: impl Fn(&str) -> Vec<&'a str>, trusts: impl Fn(IpAddr) -> bool) -> Told {
    let list = |name: &str| -> Vec<&'a str> {
        header(name).into_iter().flat_map(|it| it.split(',')).map(str::trim).collect()
    };
    let hops: Vec<Option<IpAddr>> = list("x-forwarded-for").into_iter().map(address).collect();
    let scheme = list("x-forwarded-proto").last().and_then(|it| scheme_of(it));
    let host =
        list("x-forwarded-host").last().filter(|it| is_host(it)).map(|it| it.to_ascii_lowercase());
    Told { client: client(&hops, trusts).map(|it| it.1), scheme, host }
}

/// An address with or without port and brackets; `unknown` and names that hide one are nobody.
fn address(text: &str) -> Option<IpAddr> {
    let plain = text.strip_prefix('[').and_then(|it| it.strip_suffix(']')).unwrap_or(text);
    let ip =
        plain.parse::<IpAddr>().ok().or_else(|| Some(text.parse::<SocketAddr>().ok()?.ip()))?;
    Some(ip.to_canonical())
}

/// Splits outside quoted strings.
fn split(text: &str, at: char) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    text.split(move |it: char| {
        if escaped {
            escaped = false;
        } else if quoted && it == '\\' {
            escaped = true;
        } else if it == '"' {
            quoted = !quoted;
        } else {
            return it == at && !quoted;
        }
        false
    })
}

/// A token as it is, or a quoted string without its quotes.
fn unquoted(text: &str) -> Option<String> {
    let Some(rest) = text.strip_prefix('"') else {
        return (!text.contains('"')).then(|| text.to_owned());
    };
    let inner = rest.strip_suffix('"')?;
    let mut out = String::with_capacity(inner.len());
    let mut letters = inner.chars();
    while let Some(it) = letters.next() {
        match it {
            '\\' => out.push(letters.next()?),
            '"' => return None,
            other => out.push(other),
        }
    }
    Some(out)
}
