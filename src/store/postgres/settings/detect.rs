//! Detection of the syntax of a connection string, and its display without secrets.

use super::params::{ParamSource, Params};
use super::refusal::refuse;
use super::{keys, keyword_value, url};
use crate::store::Result;

/// The URL schemes for Postgres, before an optional `+driver`.
const SCHEMES: [&str; 5] = ["postgresql", "postgres", "pgsql", "postgis", "psql"];

/// The keys of which a list of pairs must have at least one to count as a connection string.
const PLACES: [&str; 4] = ["host", "hostaddr", "dbname", "service"];

enum Syntax<'a> {
    /// A URL: the part after `postgresql://`.
    Url(&'a str),
    /// `key=value key=value`, as in libpq.
    Pairs(&'a str),
    /// `Key=value;Key=value`, as in .NET.
    Semicolons(&'a str),
    /// `psql -h HOST -d DATABASE`.
    PsqlOptions,
    /// A string with a quote at one end only.
    HalfQuoted,
}

/// Returns true if a text is meant as a Postgres connection string, valid or not.
pub fn is_address(text: &str) -> bool {
    match syntax(text) {
        Some(Syntax::Pairs(text)) => match keyword_value::read(text) {
            Ok(pairs) => pairs.iter().any(|(key, _)| is_place(key)),
            // `read` returns the error.
            Err(_) => {
                let key = text.split('=').next().unwrap_or_default().trim();
                is_place(key) || key == "user"
            }
        },
        form => form.is_some(),
    }
}

fn is_place(key: &str) -> bool {
    keys::canonical(key).is_some_and(|name| PLACES.contains(&name))
}

/// Returns a connection string as a URL without password and options; `None` if it cannot be
/// parsed: the apparent host may then be part of the password.
pub fn shown(text: &str) -> Option<String> {
    let params = read(text).ok()?;
    let list = |key| {
        let value = params.get(key).unwrap_or_default();
        value.split(',').map(str::trim).collect::<Vec<_>>()
    };
    let hosts = match params.get("host") {
        Some(_) => list("host"),
        None => list("hostaddr"),
    };
    let ports = list("port");
    let places = hosts.iter().enumerate().map(|(n, host)| {
        let port = ports.get(n).or(ports.first()).copied().unwrap_or_default();
        let host = match host.strip_prefix('[') {
            None if host.contains(':') && !host.starts_with('/') => format!("[{host}]"),
            _ => (*host).to_owned(),
        };
        if port.is_empty() {
            host
        } else {
            format!("{host}:{port}")
        }
    });
    let places = places.collect::<Vec<_>>().join(",");
    let user = params
        .get("user")
        .map_or_else(String::new, |user| format!("{user}@"));
    let database = params
        .get("dbname")
        .map_or_else(String::new, |name| format!("/{name}"));
    Some(format!("postgresql://{user}{places}{database}"))
}

/// Parses a connection string in any syntax.
pub(super) fn read(text: &str) -> Result<Params> {
    let mut params = Params::new(ParamSource::Text);
    match syntax(text) {
        Some(Syntax::Url(rest)) => url::read(rest, &mut params)?,
        Some(Syntax::Pairs(text)) => {
            for (key, value) in keyword_value::read(text)? {
                params.put(&key, value.into_bytes())?;
            }
        }
        Some(Syntax::Semicolons(text)) => {
            for (key, value) in keyword_value::read_semicolons(text).unwrap_or_default() {
                params.put(&key, value.into_bytes())?;
            }
        }
        Some(Syntax::PsqlOptions) => {
            return Err(refuse(
                "the connection string is a command line with options of psql",
                "write it as postgresql://USER:PASSWORD@HOST/DATABASE, or as `host=HOST \
                 dbname=DATABASE user=USER`",
            ));
        }
        Some(Syntax::HalfQuoted) => {
            return Err(refuse(
                "the connection string has a quote at one end and not at the other",
                "remove the quote, or write it at both ends",
            ));
        }
        None => return Err(keyword_value::unreadable()),
    }
    Ok(params)
}

fn syntax(text: &str) -> Option<Syntax<'_>> {
    let text = unwrapped(text);
    if let Some(rest) = after_word(text, "psql") {
        // Consoles of hosted databases copy a command: psql 'postgresql://...'.
        return match syntax(rest) {
            None if rest.starts_with('-') => Some(Syntax::PsqlOptions),
            found => found,
        };
    }
    if let Some(rest) = after_scheme(text) {
        // A quote at the end of a name or an option; one within a password is part of it.
        if text.ends_with(['\'', '"', '`']) {
            return Some(Syntax::HalfQuoted);
        }
        return Some(Syntax::Url(rest));
    }
    if let Some(rest) = text.strip_prefix(['\'', '"', '`']) {
        return after_scheme(rest).map(|_| Syntax::HalfQuoted);
    }
    if keyword_value::read_semicolons(text).is_some() {
        return Some(Syntax::Semicolons(text));
    }
    let (key, _) = text.split_once('=')?;
    keyword_value::is_key(key.trim()).then_some(Syntax::Pairs(text))
}

/// Removes quotes and white space that copying leaves around a connection string.
fn unwrapped(text: &str) -> &str {
    let mut text = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    for quote in ['\'', '"', '`'] {
        if let Some(inner) = text.strip_prefix(quote).and_then(|t| t.strip_suffix(quote)) {
            text = inner;
            return unwrapped(text);
        }
    }
    text
}

fn after_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let rest = text.strip_prefix(word)?;
    rest.starts_with(char::is_whitespace)
        .then(|| rest.trim_start())
}

/// Returns the part after `postgresql://` in any of its spellings.
fn after_scheme(text: &str) -> Option<&str> {
    let (scheme, rest) = text.split_once("://")?;
    let scheme = scheme.to_ascii_lowercase();
    let scheme = scheme.strip_prefix("jdbc:").unwrap_or(&scheme);
    let (scheme, driver) = scheme.split_once('+').unwrap_or((scheme, ""));
    let is_word = driver
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    (SCHEMES.contains(&scheme) && is_word).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_write_the_scheme_is_an_address() {
        for good in [
            "postgresql://h/d",
            "postgres://h/d",
            "Postgres://h/d",
            "POSTGRESQL://h/d",
            "postgresql+psycopg2://h/d",
            "postgresql+asyncpg://h/d",
            "jdbc:postgresql://h/d",
            "JDBC:postgresql://h/d",
            "pgsql://h/d",
            "postgis://h/d",
            "psql://h/d",
            "postgresql://",
            " 'postgresql://h/d' \n",
            "\"postgresql://h/d\"",
            "psql 'postgresql://h/d'",
            "psql postgresql://h/d",
            "psql \"host=h dbname=d\"",
            "psql -h h -d d",
            "'postgresql://h/d",
            "postgresql://h/d'",
            "\u{feff}postgresql://h/d",
            "host=h",
            "dbname = d user=me",
            "service=blog",
            "user=me hostaddr=127.0.0.1",
            "host=h password='unfinished",
            "Host=h;nonsense=x",
            "Host=h;Database=d;Username=me;Password=x",
            "Server=h;Port=5432;User Id=me;Database=d;",
        ] {
            assert!(is_address(good), "{good}");
        }
    }

    #[test]
    fn what_is_meant_for_something_else_is_no_address() {
        for bad in [
            "",
            "h",
            "psql",
            "mysql://h/d",
            "mysql+pymysql://h/d",
            "prisma+postgres://h/?api_key=x",
            "jdbc:mysql://h/d",
            "user=me",
            "content.db",
            "/a/host=x",
            "postgresql:h",
            "'h'",
            "postgresql+a/b://h",
        ] {
            assert!(!is_address(bad), "{bad}");
        }
    }

    #[test]
    fn an_address_is_shown_as_a_url_without_password_and_options() {
        for (text, expected) in [
            ("psql 'postgresql://me:x@h:1/d?sslmode=require'", "me@h:1/d"),
            ("postgresql+asyncpg://me:x@h/d", "me@h/d"),
            (
                "jdbc:postgresql://h:5432/d?user=me&password=x",
                "me@h:5432/d",
            ),
            ("Host=h;Username=me;Password=x;Database=d", "me@h/d"),
            ("host=::1 port=5433 dbname=d", "[::1]:5433/d"),
            ("host=a,b port=1,2 dbname=d", "a:1,b:2/d"),
            ("postgresql://a:1,b/d", "a:1,b/d"),
            ("hostaddr=127.0.0.1 dbname=d", "127.0.0.1/d"),
            ("postgresql://%2Frun%2Fpg/d", "/run/pg/d"),
            ("postgresql://", ""),
        ] {
            let expected = format!("postgresql://{expected}");
            assert_eq!(shown(text), Some(expected), "{text}");
        }
        for broken in ["psql -h h", "'postgresql://h", "postgresql://a:x"] {
            assert_eq!(shown(broken), None);
        }
    }
}
