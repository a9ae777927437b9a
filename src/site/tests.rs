//! Headers as proxies, clients and liars write them.

use super::*;
use proptest::prelude::*;

const PROXY: &str = "10.0.0.1";
const STRANGER: &str = "203.0.113.9";

/// The site of a request from `peer` with those headers, `10.0.0.0/8` being trusted.
fn site(public: Option<&str>, peer: &str, headers: &[(&str, &str)]) -> Site {
    let public_url = public.map(|it| it.parse::<PublicUrl>().unwrap());
    let way = Way {
        public_url: public_url.as_ref(),
        trusted_proxies: &["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()],
        listen: "0.0.0.0:8080".parse().unwrap(),
    };
    Site::of(&way, peer.parse().unwrap(), |name| {
        headers.iter().filter(|it| it.0 == name).map(|it| it.1).collect()
    })
}

fn client(peer: &str, headers: &[(&str, &str)]) -> String {
    site(None, peer, headers).client.to_string()
}

#[test]
fn nobody_is_believed_who_is_not_trusted() {
    let lies = [
        ("host", "own.example"),
        ("forwarded", "for=192.0.2.1;proto=https;host=evil.example"),
        ("x-forwarded-for", "192.0.2.1"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-host", "evil.example"),
    ];
    let it = site(None, STRANGER, &lies);
    assert_eq!(
        (it.url().as_str(), it.client.to_string().as_str()),
        ("http://own.example", STRANGER)
    );
    // Being of the same machine is no reason either.
    assert_eq!(site(None, "127.0.0.1", &lies).client.to_string(), "127.0.0.1");
}

#[test]
fn a_trusted_proxy_says_who_asks_and_for_which_address() {
    for headers in [
        vec![("forwarded", "for=192.0.2.1;proto=https;host=\"land.example:8443\"")],
        vec![("forwarded", "For=\"192.0.2.1:4711\" ; Proto=HTTPS;by=_x;host=LAND.example:8443")],
        vec![
            ("x-forwarded-for", "192.0.2.1"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "land.example:8443"),
        ],
    ] {
        let it = site(None, PROXY, &[vec![("host", "inner:8080")], headers.clone()].concat());
        assert_eq!(it.url(), "https://land.example:8443", "{headers:?}");
        assert_eq!(it.client.to_string(), "192.0.2.1", "{headers:?}");
    }
}

#[test]
fn the_client_is_the_rightmost_hop_that_is_not_trusted() {
    for (list, expected) in [
        ("192.0.2.1", "192.0.2.1"),
        ("198.51.100.7, 192.0.2.1, 10.2.3.4", "192.0.2.1"),
        ("10.9.9.9, 10.2.3.4", "10.9.9.9"),
        ("192.0.2.1, unknown", PROXY),
        ("192.0.2.1, unknown, 10.2.3.4", "10.2.3.4"),
        ("192.0.2.1,,", PROXY),
        ("'; drop table", PROXY),
        ("192.0.2.1:1234", "192.0.2.1"),
        ("[2001:db8::7]:99", "2001:db8::7"),
        ("2001:db8::7", "2001:db8::7"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
    ] {
        assert_eq!(client(PROXY, &[("x-forwarded-for", list)]), expected, "{list}");
    }
    assert_eq!(client("::ffff:10.0.0.1", &[("x-forwarded-for", "192.0.2.1")]), "192.0.2.1");
    // Several lines are one list.
    assert_eq!(
        client(PROXY, &[("x-forwarded-for", "1.1.1.1"), ("x-forwarded-for", "192.0.2.1")]),
        "192.0.2.1"
    );
    for (list, expected) in [
        ("for=\"[2001:db8::1]:47\"", "2001:db8::1"),
        ("for=192.0.2.1, for=10.1.1.1", "192.0.2.1"),
        ("for=\"a,b\";by=\"x;for=9.9.9.9\", for=192.0.2.1", "192.0.2.1"),
        ("for=_hidden", PROXY),
        ("for=\"192.0.2.1", PROXY),
        ("", PROXY),
    ] {
        assert_eq!(client(PROXY, &[("forwarded", list)]), expected, "{list}");
    }
}

#[test]
fn two_headers_that_contradict_each_other_are_both_made_up() {
    let it = site(
        None,
        PROXY,
        &[
            ("host", "own.example"),
            ("x-forwarded-for", "192.0.2.1"),
            ("x-forwarded-proto", "https"),
            ("forwarded", "for=198.51.100.1;host=evil.example;proto=http"),
            ("x-forwarded-host", "land.example"),
        ],
    );
    assert_eq!(it.client.to_string(), PROXY);
    assert_eq!(it.url(), "http://own.example");
    let agreeing = [("x-forwarded-for", "192.0.2.1"), ("forwarded", "for=192.0.2.1;proto=https")];
    assert_eq!(site(None, PROXY, &agreeing).client.to_string(), "192.0.2.1");
}

#[test]
fn the_hop_that_met_the_client_knows_host_and_scheme() {
    let chain = "for=1.1.1.1;host=forged.example;proto=http, for=192.0.2.1;host=land.example;proto=https, \
                 for=10.0.0.7;host=inner;proto=http";
    assert_eq!(site(None, PROXY, &[("forwarded", chain)]).url(), "https://land.example");
}

#[test]
fn without_a_public_address_links_follow_the_host() {
    assert_eq!(
        site(None, STRANGER, &[("host", "192.168.1.5:8080")]).url(),
        "http://192.168.1.5:8080"
    );
    assert_eq!(
        site(None, STRANGER, &[("host", "[2001:db8::1]:80")]).url(),
        "http://[2001:db8::1]:80"
    );
    for garbage in [
        "",
        "a b",
        "a/b",
        "a<script>",
        "a\"b",
        "a@b",
        "a:0",
        "a:99999",
        "a:8a",
        "[::1",
        "[zz]",
        "-a",
        "a:1:2",
        "名字",
        "a%00",
        "x?y",
        "x#y",
        &"a".repeat(300),
    ] {
        assert_eq!(
            site(None, STRANGER, &[("host", garbage)]).url(),
            "http://127.0.0.1:8080",
            "{garbage}"
        );
    }
    // Two hosts are none.
    assert_eq!(
        site(None, STRANGER, &[("host", "a"), ("host", "b")]).url(),
        "http://127.0.0.1:8080"
    );
}

#[test]
fn the_public_address_wins_over_everything() {
    let it = site(
        Some("https://land.example/mutu/"),
        PROXY,
        &[("host", "other"), ("x-forwarded-host", "third"), ("x-forwarded-proto", "http")],
    );
    assert_eq!((it.url().as_str(), it.root().as_str()), ("https://land.example/mutu", "/mutu/"));
    assert_eq!(
        it.cookie("mutu_session", "x", 5),
        "mutu_session=x; Path=/mutu/; HttpOnly; SameSite=Lax; Max-Age=5; Secure"
    );
    assert!(!site(None, STRANGER, &[("host", "a")]).cookie("c", "x", 5).contains("Secure"));
}

#[test]
fn public_addresses_are_checked() {
    for (text, origin, path) in [
        ("https://land.example", "https://land.example", ""),
        ("HTTPS://land.example/", "https://land.example", ""),
        ("http://10.0.0.5:8080/maps/mutu", "http://10.0.0.5:8080", "/maps/mutu"),
    ] {
        let it: PublicUrl = text.parse().unwrap();
        assert_eq!((it.origin.as_str(), it.path.as_str()), (origin, path));
    }
    for wrong in [
        "land.example",
        "ftp://a",
        "https://",
        "https://a b",
        "https://a/..",
        "https://a//b",
        "https://a/x?y",
        "https://a/<b>",
        "https://a/ogc",
        "https://a/api/x",
        "https://user@a",
        "https://a/%2e",
    ] {
        assert!(wrong.parse::<PublicUrl>().is_err(), "{wrong}");
    }
}

#[test]
fn only_what_lies_below_the_public_path_is_below_it() {
    assert_eq!(below("/mutu", "/mutu"), Some("/"));
    assert_eq!(below("/mutu", "/mutu/ogc"), Some("/ogc"));
    assert_eq!(below("/mutu", "/mutuality"), None);
    assert_eq!(below("/mutu", "/ogc"), None);
    assert_eq!(below("", "/ogc"), None);
}

#[test]
fn an_origin_is_own_by_the_public_address_or_by_the_host_that_was_asked() {
    let it = site(Some("https://land.example/mutu"), STRANGER, &[("host", "10.0.0.5:8080")]);
    for (origin, own) in [
        ("https://land.example", true),
        ("http://10.0.0.5:8080", false),
        ("https://LAND.example", true),
        ("http://land.example", false),
        ("https://land.example.evil.example", false),
        ("https://evil.example", false),
        ("null", false),
        ("", false),
        ("file://10.0.0.5:8080", false),
    ] {
        assert_eq!(it.is_own(origin), own, "{origin}");
    }
    let it = site(None, STRANGER, &[("host", "10.0.0.5:8080")]);
    assert!(it.is_own("http://10.0.0.5:8080") && !it.is_own("http://10.0.0.5"));
    // Behind a proxy that nobody configured the browser's scheme is not ours to know.
    assert!(site(None, STRANGER, &[("host", "land.example")]).is_own("https://land.example"));
}

proptest! {
    #[test]
    fn no_header_breaks_it_or_gets_into_a_link(host in ".{0,40}", forwarded in ".{0,80}", list in "[-\\[\\]:.,;=\" a-f0-9]{0,60}") {
        let it = site(None, PROXY, &[("host", &host), ("forwarded", &forwarded), ("x-forwarded-for", &list), ("x-forwarded-host", &forwarded)]);
        let plain = |it: char| it.is_ascii_alphanumeric() || "-._:/[]".contains(it);
        prop_assert!(it.url().chars().all(plain), "{}", it.url());
    }
}
