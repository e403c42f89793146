//! The forms that an address of Postgres comes in, and what of it may be shown.

use super::layer::{Layer, Source};
use super::{keys, pairs, refuse, url};
use crate::store::Result;

/// The schemes that programs write for Postgres, before a `+driver` that some add.
const SCHEMES: [&str; 5] = ["postgresql", "postgres", "pgsql", "postgis", "psql"];

/// A key that one of must be among pairs for them to be taken for an address: it says where.
const PLACES: [&str; 4] = ["host", "hostaddr", "dbname", "service"];

enum Form<'a> {
    /// What follows `postgresql://`.
    Url(&'a str),
    /// `key=value key=value`, as libpq writes them.
    Pairs(&'a str),
    /// `Key=value;Key=value`, as .NET writes them.
    Semicolons(&'a str),
    /// `psql -h HOST -d DATABASE`.
    PsqlOptions,
    /// A quote before it that does not end, or the other way round.
    HalfQuoted,
}

/// Whether a text is meant for an address of Postgres, in whatever form, well written or not.
pub fn is_address(text: &str) -> bool {
    match form(text) {
        Some(Form::Pairs(text)) => match pairs::read(text) {
            Ok(pairs) => pairs.iter().any(|(key, _)| is_place(key)),
            // The reader says what is wrong with it.
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

/// Returns an address as a URL without its password and its options; `None` where it cannot
/// be taken apart: what looks like its host may then be a piece of its password.
pub fn shown(text: &str) -> Option<String> {
    let layer = read(text).ok()?;
    let list = |key| {
        let value = layer.get(key).unwrap_or_default();
        value.split(',').map(str::trim).collect::<Vec<_>>()
    };
    let hosts = match layer.get("host") {
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
    let user = layer
        .get("user")
        .map_or_else(String::new, |user| format!("{user}@"));
    let database = layer
        .get("dbname")
        .map_or_else(String::new, |name| format!("/{name}"));
    Some(format!("postgresql://{user}{places}{database}"))
}

/// Reads an address in any of the forms.
pub(super) fn read(text: &str) -> Result<Layer> {
    let mut layer = Layer::new(Source::Text);
    match form(text) {
        Some(Form::Url(rest)) => url::read(rest, &mut layer)?,
        Some(Form::Pairs(text)) => {
            for (key, value) in pairs::read(text)? {
                layer.put(&key, value.into_bytes())?;
            }
        }
        Some(Form::Semicolons(text)) => {
            for (key, value) in pairs::read_semicolons(text).unwrap_or_default() {
                layer.put(&key, value.into_bytes())?;
            }
        }
        Some(Form::PsqlOptions) => {
            return Err(refuse(
                "the connection string is a command line with options of psql",
                "write it as postgresql://USER:PASSWORD@HOST/DATABASE, or as `host=HOST \
                 dbname=DATABASE user=USER`",
            ));
        }
        Some(Form::HalfQuoted) => {
            return Err(refuse(
                "the connection string has a quote at one end and not at the other",
                "remove the quote, or write it at both ends",
            ));
        }
        None => return Err(pairs::unreadable()),
    }
    Ok(layer)
}

fn form(text: &str) -> Option<Form<'_>> {
    let text = unwrapped(text);
    if let Some(rest) = after_word(text, "psql") {
        // What a vendor's console puts on the clipboard: psql 'postgresql://...'.
        return match form(rest) {
            None if rest.starts_with('-') => Some(Form::PsqlOptions),
            found => found,
        };
    }
    if let Some(rest) = after_scheme(text) {
        // At the end of a name or an option; a quote within a password is one.
        if text.ends_with(['\'', '"', '`']) {
            return Some(Form::HalfQuoted);
        }
        return Some(Form::Url(rest));
    }
    if let Some(rest) = text.strip_prefix(['\'', '"', '`']) {
        return after_scheme(rest).map(|_| Form::HalfQuoted);
    }
    if pairs::read_semicolons(text).is_some() {
        return Some(Form::Semicolons(text));
    }
    let (key, _) = text.split_once('=')?;
    pairs::is_key(key.trim()).then_some(Form::Pairs(text))
}

/// Takes off what copying and other files' syntax leave around an address.
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

/// What follows `postgresql://` in one of its spellings.
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
