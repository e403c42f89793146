//! The address of a Postgres database, which may hold a password.

use std::fmt;

/// An address as it was given; shown, it is without its password and without its options.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretUrl(String);

impl SecretUrl {
    /// Takes an address in any form, without a look at it.
    pub fn new(address: impl Into<String>) -> Self {
        Self(address.into())
    }

    /// The address with its password: for connecting, never for output.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether it is an address of Postgres: a URL, or `key=value` pairs that name a host
    /// or a database.
    pub(super) fn is_postgres(&self) -> bool {
        after_scheme(&self.0).is_some()
            || pairs(&self.0).is_some_and(|pairs| {
                let names = ["host", "hostaddr", "dbname"];
                pairs.iter().any(|(key, _)| names.contains(&key.as_str()))
            })
    }
}

impl fmt::Display for SecretUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = shown_url(&self.0).or_else(|| shown_pairs(&self.0));
        // An address that cannot be taken apart is not shown: what looks like its host may
        // be a piece of its password.
        f.write_str(shown.as_deref().unwrap_or("postgresql://..."))
    }
}

impl fmt::Debug for SecretUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretUrl({self})")
    }
}

/// What follows `postgresql://` or `postgres://`.
fn after_scheme(address: &str) -> Option<&str> {
    let (scheme, rest) = address.split_once("://")?;
    let known = ["postgresql", "postgres"];
    known
        .iter()
        .any(|name| scheme.eq_ignore_ascii_case(name))
        .then_some(rest)
}

/// Shows `scheme://user@host:port/database`, or nothing where a password might hide in it.
fn shown_url(address: &str) -> Option<String> {
    let rest = after_scheme(address)?;
    // Passwords may hold unescaped `@`, `/`, `?` and `#`: all up to the last `@` is about
    // the user, as long as it stands before the options.
    let (before, options) = rest.split_once('?').unwrap_or((rest, ""));
    let (user, place) = match before.rsplit_once('@') {
        Some((user, place)) => (user.split(':').next(), place),
        None if options.contains('@') || !is_place(before) => return None,
        None => (None, before),
    };
    let user = match user {
        Some(user) if !user.is_empty() => format!("{user}@"),
        _ => String::new(),
    };
    Some(format!("postgresql://{user}{place}"))
}

/// Whether it is hosts with ports and not a user with the beginning of a password, as a
/// shell leaves of an address that was not quoted.
fn is_place(text: &str) -> bool {
    let hosts = text.split('/').next().unwrap_or_default();
    let port_is_a_number = |host: &str| {
        // Colons within brackets belong to an IPv6 address.
        let after = host.rsplit(']').next().unwrap_or_default();
        let port = after.split_once(':').map_or("", |(_, port)| port);
        port.bytes().all(|byte| byte.is_ascii_digit())
    };
    !text.contains('#') && hosts.split(',').all(port_is_a_number)
}

/// Shows the address that `key=value` pairs describe.
fn shown_pairs(address: &str) -> Option<String> {
    let pairs = pairs(address)?;
    let get = |key: &str| {
        let found = pairs.iter().rev().find(|(name, _)| name == key);
        found
            .map(|(_, value)| value.as_str())
            .filter(|v| !v.is_empty())
    };
    let user = get("user").map_or_else(String::new, |user| format!("{user}@"));
    let host = get("host").or(get("hostaddr")).unwrap_or_default();
    let port = get("port").map_or_else(String::new, |port| format!(":{port}"));
    let name = get("dbname").map_or_else(String::new, |name| format!("/{name}"));
    Some(format!("postgresql://{user}{host}{port}{name}"))
}

/// Takes `key=value` pairs apart, with libpq's quotes and escapes; `None` if it is not that.
fn pairs(address: &str) -> Option<Vec<(String, String)>> {
    let mut pairs = Vec::new();
    let mut rest = address.trim_start();
    while !rest.is_empty() {
        let (key, after) = rest.split_once('=')?;
        let key = key.trim_end();
        if key.is_empty() || !key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            return None;
        }
        let (value, after) = value(after.trim_start())?;
        pairs.push((key.to_owned(), value));
        rest = after.trim_start();
    }
    Some(pairs)
}

/// Reads one value and returns what follows it.
fn value(text: &str) -> Option<(String, &str)> {
    let quoted = text.starts_with('\'');
    let mut value = String::new();
    let mut chars = text.char_indices();
    if quoted {
        chars.next();
    }
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => value.push(chars.next()?.1),
            '\'' if quoted => return Some((value, &text[at + 1..])),
            c if !quoted && c.is_whitespace() => return Some((value, &text[at..])),
            c => value.push(c),
        }
    }
    (!quoted).then_some((value, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(address: &str) -> String {
        SecretUrl::new(address).to_string()
    }

    #[test]
    fn a_url_is_shown_without_password_and_options() {
        assert_eq!(
            shown("postgresql://me:hunter2@ep-x.neon.tech:5432/blog?sslmode=require"),
            "postgresql://me@ep-x.neon.tech:5432/blog"
        );
        assert_eq!(
            shown("postgres://db.example/blog"),
            "postgresql://db.example/blog"
        );
        assert_eq!(shown("postgresql:///blog"), "postgresql:///blog");
        assert_eq!(
            shown("postgresql://a:5432,[::1]:5433/blog"),
            "postgresql://a:5432,[::1]:5433/blog"
        );
        assert_eq!(
            shown("postgresql://:hunter2@[::1]:5432/blog"),
            "postgresql://[::1]:5432/blog"
        );
    }

    #[test]
    fn pairs_are_shown_as_a_url() {
        assert_eq!(
            shown("host=db.example port=5433 user=me password=hunter2 dbname=blog"),
            "postgresql://me@db.example:5433/blog"
        );
        assert_eq!(
            shown("host = /run/postgresql dbname='my blog' password='hun''ter2'"),
            "postgresql://..."
        );
        assert_eq!(
            shown(r"host='/run/postgresql' dbname='my\'s' password='hun\'ter2'"),
            "postgresql:///run/postgresql/my's"
        );
    }

    #[test]
    fn no_way_to_write_a_password_shows_it() {
        let secret = "hunter2";
        for address in [
            "postgresql://me:hunter2@db.example/blog",
            "postgresql://me:hun@hunter2@db.example/blog",
            "postgresql://me:x/hunter2@db.example/blog",
            "postgresql://me:x?hunter2@db.example/blog",
            "postgresql://me:x#hunter2@db.example/blog",
            "postgresql://me:hunter2?x@db.example/blog",
            "postgresql://me:hunter2#x",
            "postgresql://me:hunter2",
            "postgresql://me:hunter2/x",
            "postgresql://me:1:hunter2",
            "postgresql://me:hunter2#x?y@db.example/blog",
            "postgresql://me:a:hunter2@db.example/blog",
            "postgresql://db.example/blog?password=hunter2",
            "postgresql://db.example/blog?user=me&password=hunter2@x",
            "postgresql://me:one@db.example/blog?password=hunter2",
            "POSTGRES://me:hunter2@db.example/blog",
            "host=h dbname=d password=hunter2",
            "host=h dbname=d password = hunter2",
            "host=h dbname=d password=one hunter2",
            "host=h dbname=d password='one hunter2'",
            r"host=h dbname=d password=one\ hunter2",
            "host=h dbname=d password='hunter2",
            "hunter2",
            "mysql://me:hunter2@h/d",
        ] {
            let url = SecretUrl::new(address);
            assert!(!url.to_string().contains(secret), "{address} -> {url}");
            assert!(!format!("{url:?}").contains(secret), "{address} -> {url:?}");
            assert_eq!(url.expose(), address);
        }
    }

    #[test]
    fn urls_and_pairs_with_a_host_or_a_database_are_postgres() {
        for good in [
            "postgresql://h/d",
            "postgres://h/d",
            "Postgres://h/d",
            "host=h",
            "dbname = d user=me",
            "user=me hostaddr=127.0.0.1",
        ] {
            assert!(SecretUrl::new(good).is_postgres(), "{good}");
        }
        for bad in [
            "",
            "h",
            "mysql://h/d",
            "user=me",
            "content.db",
            "/a/host=x",
            "postgresql:h",
        ] {
            assert!(!SecretUrl::new(bad).is_postgres(), "{bad}");
        }
    }
}
