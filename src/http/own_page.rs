//! Where somebody goes after signing in at another service. The address is given in a link, which anybody can forge: it
//! must never lead to another host, nor out of the path that the service has on its own.

/// Longer ones are no address of a map's view.
const LONGEST: usize = 2000;

/// The page of ours that a link asks for; the map where it asks for anything else.
pub(super) fn own_page(to: Option<&str>) -> &str {
    to.filter(|it| is_own(it)).unwrap_or("/")
}

fn is_own(to: &str) -> bool {
    let path = to.split(['?', '#']).next().unwrap_or_default();
    // Browsers read `\` as `/`, skip tabs and line ends, and take `%2e` for a dot.
    let plain = to.len() <= LONGEST && to.chars().all(|it| it.is_ascii_graphic() && it != '\\');
    let climbs = path.split('/').any(|it| {
        let it = it.to_ascii_lowercase().replace("%2e", ".");
        it == "." || it == ".."
    });
    let begins = to.starts_with('/') && !to.starts_with("//");
    let signs_in = path == "/sign-in" || path.starts_with("/sign-in/");
    plain && begins && !climbs && !signs_in
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_ours_are_kept() {
        for to in ["/", "/d/123?run=4#14/31.3/121.2", "/?q=%E5%AE%89%E4%BA%AD&to=//b", "/account"] {
            assert_eq!(own_page(Some(to)), to);
        }
    }

    #[test]
    fn everything_else_is_the_map() {
        for to in [
            "",
            "d/123",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            " //evil.example",
            "https://evil.example",
            "https:evil.example",
            "javascript:alert(1)",
            "/..//evil.example",
            "/%2E%2e//evil.example",
            "/a/.%2e/b",
            "/./b",
            "/d/安亭",
            "/sign-in",
            "/sign-in/oidc?to=/",
            "/sign-in?to=/",
            "/a\r\nSet-Cookie: a=b",
        ] {
            assert_eq!(own_page(Some(to)), "/", "{to:?}");
        }
        assert_eq!(own_page(None), "/");
        assert_eq!(own_page(Some(&format!("/{}", "a".repeat(LONGEST)))), "/");
    }
}
