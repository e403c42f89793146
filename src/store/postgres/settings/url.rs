//! Connection URLs, parsed as in libpq but more strictly.
//!
//! <https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS>.
//! The driver's parser does not distinguish a missing port from 5432, so PGPORT could not
//! apply, and it accepts invalid percent-encoding.

use super::keys;
use super::params::Params;
use super::refusal::refuse;
use crate::store::{Result, StoreError};

/// Parses the part after `postgresql://`.
pub(super) fn read(rest: &str, params: &mut Params) -> Result<()> {
    refuse_unencoded(rest)?;
    let (before, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, path) = before.split_once('/').unwrap_or((before, ""));
    let places = match authority.split_once('@') {
        Some((user, places)) => {
            read_user(user, params)?;
            places
        }
        None => authority,
    };
    read_places(places, params)?;
    params.put("dbname", decoded(path)?)?;
    for option in query.split('&').filter(|option| !option.is_empty()) {
        let (key, value) = match option.split_once('=') {
            Some(pair) => pair,
            None if keys::is_known(option) => (option, ""),
            None => {
                return Err(refuse(
                    "the connection string has an option without a value",
                    "write options as ?KEY=VALUE&KEY=VALUE, and & within a value as %26",
                ));
            }
        };
        let key = String::from_utf8(decoded(key)?).map_err(|_| not_utf8())?;
        params.put(&key, decoded(value)?)?;
    }
    Ok(())
}

fn read_user(user: &str, params: &mut Params) -> Result<()> {
    let (user, password) = user.split_once(':').unwrap_or((user, ""));
    let user = decoded(user)?;
    if user.contains(&b':') {
        return Err(refuse(
            "the user in the connection string holds an encoded colon",
            "write the colon between the user and the password as it is",
        ));
    }
    params.put("user", user)?;
    params.put("password", decoded(password)?)
}

/// Parses `host:port,host:port`. If no host has a port, none is set: PGPORT may have one.
fn read_places(places: &str, params: &mut Params) -> Result<()> {
    let (mut hosts, mut ports) = (Vec::new(), Vec::new());
    for place in places.split(',') {
        let (host, port) = match place.strip_prefix('[') {
            Some(bracketed) => {
                let (host, after) = bracketed.split_once(']').ok_or_else(bad_brackets)?;
                match after.strip_prefix(':') {
                    Some(port) => (host, port),
                    None if after.is_empty() => (host, ""),
                    None => return Err(bad_brackets()),
                }
            }
            None if place.matches(':').count() > 1 => return Err(bad_brackets()),
            None => place.split_once(':').unwrap_or((place, "")),
        };
        hosts.push(decoded(host)?);
        ports.push(decoded(port)?);
    }
    for (key, values) in [("host", hosts), ("port", ports)] {
        if values.iter().any(|value| !value.is_empty()) {
            params.put(key, values.join(&b','))?;
        }
    }
    Ok(())
}

fn bad_brackets() -> StoreError {
    refuse(
        "the host in the connection string cannot be read",
        "write an IPv6 address in brackets, as in postgresql://[::1]:5432/DATABASE, and : in \
         a user or a password as %3A",
    )
}

/// Refuses a reserved character that is not encoded: the text after it would be taken for
/// another part, such as a piece of the password for the host, and shown.
fn refuse_unencoded(rest: &str) -> Result<()> {
    if rest.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err(refuse(
            "the connection string holds white space or a control character",
            "remove a line break that copying left; write a space that belongs there as %20",
        ));
    }
    let (before, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, path) = before.split_once('/').unwrap_or((before, ""));
    // In an option, an @ is unambiguous: a user may be named me@server, and a password may
    // contain @.
    let misplaced_in_option = |option: &str| {
        let (key, value) = option.split_once('=').unwrap_or((option, ""));
        key.contains('@') || value.contains('@') && !keys::is_known(key)
    };
    if rest.contains('#')
        || authority.matches('@').count() > 1
        || path.contains('@')
        || query.split('&').any(misplaced_in_option)
    {
        return Err(refuse(
            "the user or the password in the connection string holds a character that must be \
             percent-encoded",
            "write @ as %40, / as %2F, ? as %3F, # as %23, : as %3A and % as %25",
        ));
    }
    Ok(())
}

/// Decodes `%41` to `A`.
fn decoded(text: &str) -> Result<Vec<u8>> {
    let bad = || {
        refuse(
            "the connection string holds a % that encodes nothing",
            "write % itself as %25; anything else as % and two hexadecimal digits",
        )
    };
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes().iter();
    while let Some(&byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || (*rest.next()? as char).to_digit(16);
        let (high, low) = digit().zip(digit()).ok_or_else(bad)?;
        // Two hexadecimal digits fit into a byte.
        let byte = (high * 16 + low) as u8;
        if byte == 0 {
            return Err(bad());
        }
        bytes.push(byte);
    }
    Ok(bytes)
}

fn not_utf8() -> StoreError {
    refuse(
        "the connection string decodes to what is not UTF-8",
        "percent-encode the bytes of UTF-8",
    )
}

#[cfg(test)]
mod tests {
    use super::super::params::ParamSource;
    use super::*;

    fn params(rest: &str) -> Params {
        let mut params = Params::new(ParamSource::Text);
        read(rest, &mut params).unwrap_or_else(|e| panic!("{rest}: {e}"));
        params
    }

    fn refusal(rest: &str) -> String {
        match read(rest, &mut Params::new(ParamSource::Text)) {
            Err(StoreError::Target { message, help }) => format!("{message}; {help}"),
            Err(other) => panic!("{other:?}"),
            Ok(()) => panic!("accepted: {rest}"),
        }
    }

    #[test]
    fn a_port_counts_as_given_only_where_it_is() {
        assert_eq!(params("h/d").get("port"), None);
        assert_eq!(params("h:5432/d").get("port"), Some("5432"));
        assert_eq!(params("a,b:6000/d").get("port"), Some(",6000"));
        assert_eq!(params("/d").get("host"), None);
        assert_eq!(params(":6000/d").get("host"), None);
    }

    #[test]
    fn an_option_overrides_what_stands_before_it() {
        let params = params("u@h/d?host=/run/pg&dbname=e&user=v");
        assert_eq!(params.get("host"), Some("/run/pg"));
        assert_eq!(params.get("dbname"), Some("e"));
        assert_eq!(params.get("user"), Some("v"));
    }

    #[test]
    fn a_password_may_be_any_bytes_and_all_else_is_utf8() {
        assert_eq!(params("u:%ff%40@h").password(), Some(&b"\xff@"[..]));
        for bad in ["%ff@h", "h/%ff", "h?%ff=x", "h?options=%ff", "%ff"] {
            assert!(refusal(bad).contains("UTF-8"), "{bad}");
        }
    }

    #[test]
    fn what_encodes_nothing_is_refused() {
        for bad in [
            "u:a%@h",
            "u:a%4@h",
            "u:a%zz@h",
            "u:100%sure@h",
            "u:a%00@h",
            "h/%",
            "h?a=%",
        ] {
            assert!(refusal(bad).contains("%25"), "{bad}");
        }
    }

    #[test]
    fn an_unencoded_character_is_refused_wherever_it_stands() {
        for bad in [
            "u:p@q@h/d",
            "u:p/q@h/d",
            "u:p?q@h/d",
            "u:p#q@h/d",
            "u:p@q/r@h/d",
            "u:p@q?r@h/d",
            "u:p?q=r@h/d",
            "h/d#x",
            "h/d@x",
        ] {
            assert!(refusal(bad).contains("%40"), "{bad}");
        }
        for bad in ["u:p q@h/d", "u:p@h/d\nx", "u:p@h/d\tx", "u:\u{7}@h"] {
            assert!(refusal(bad).contains("%20"), "{bad}");
        }
        assert_eq!(
            params("h/d?user=me@server&password=p@q").get("user"),
            Some("me@server")
        );
    }

    #[test]
    fn ipv6_stands_in_brackets() {
        assert_eq!(
            params("[::1]:6000,[fe80::1%25eth0]/d").get("host"),
            Some("::1,fe80::1%eth0")
        );
        for bad in [
            "::1/d",
            "u@2001:db8::1/d",
            "[::1/d",
            "[::1]6000/d",
            "a:b:c/d",
        ] {
            assert!(refusal(bad).contains("[::1]"), "{bad}");
        }
    }

    #[test]
    fn an_option_without_a_value_is_refused_unless_its_name_is_known() {
        assert!(refusal("h/d?password=a&bcdefg").contains("%26"));
        assert_eq!(
            params("h/d?pgbouncer&sslmode=require&").get("dbname"),
            Some("d")
        );
    }
}
