//! The password file, `.pgpass`.
//!
//! <https://www.postgresql.org/docs/current/libpq-pgpass.html>

use std::fs;
use std::path::Path;

use super::endpoints::{Endpoint, pgpass_names};
use super::environment::{Environment, SOCKET_DIRECTORIES};
use super::merged::MergedParams;
use super::note::Note;
use crate::input_file::{self, Links, MAX_SETTINGS_FILE, ReadError};

/// Sets each endpoint's password from the file. An unusable file is a note and not an error,
/// since the server may not ask for a password.
pub(super) fn fill(
    endpoints: &mut [Endpoint],
    (database, user): (&str, &str),
    params: &MergedParams,
    environment: &Environment,
) -> Option<Note> {
    let named = params.path("passfile");
    let is_named = named.is_some();
    let home = environment.home.as_ref();
    let path = named.or_else(|| home.map(|home| home.join(".pgpass")))?;
    let text = match read(&path) {
        Ok(text) => text,
        Err(Unusable::NotThere) if !is_named => return None,
        Err(why) => return Some(why.note(&path)),
    };
    for endpoint in endpoints {
        let port = endpoint.port.to_string();
        let names = pgpass_names(&endpoint.host, &SOCKET_DIRECTORIES);
        endpoint.password = text
            .split(|byte| *byte == b'\n')
            .find_map(|line| password(line, &names, [&port, database, user]));
    }
    None
}

enum Unusable {
    NotThere,
    Unreadable(ReadError),
    OpenToOthers,
}

impl Unusable {
    fn note(self, path: &Path) -> Note {
        let path = path.display();
        Note::warning(match self {
            Self::NotThere => format!("the password file {path} is not there"),
            Self::Unreadable(error) => {
                format!("cannot read the password file {path}: {error}; it is ignored")
            }
            Self::OpenToOthers => format!(
                "the password file {path} can be read by others, and is ignored as libpq would; \
                 run `chmod 600 {path}`"
            ),
        })
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Unusable> {
    let unusable = |error: ReadError| match error {
        error if error.is_absent(path) => Unusable::NotThere,
        error => Unusable::Unreadable(error),
    };
    let (file, metadata) = input_file::open(path, Links::Follow).map_err(unusable)?;
    if is_open_to_others(&metadata) {
        return Err(Unusable::OpenToOthers);
    }
    input_file::read_open(file, &metadata, MAX_SETTINGS_FILE).map_err(unusable)
}

#[cfg(unix)]
fn is_open_to_others(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o077 != 0
}

/// On other systems libpq does not check the file's permissions.
#[cfg(not(unix))]
fn is_open_to_others(_: &fs::Metadata) -> bool {
    false
}

/// Returns the password of a line `host:port:database:user:password` if it matches.
fn password(line: &[u8], hosts: &[String], others: [&str; 3]) -> Option<Vec<u8>> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if line.starts_with(b"#") {
        return None;
    }
    let (host, mut rest) = field(line)?;
    if !hosts.iter().any(|name| host.is(name)) {
        return None;
    }
    for wanted in others {
        let (found, after) = field(rest)?;
        if !found.is(wanted) {
            return None;
        }
        rest = after;
    }
    let password = unescaped(rest);
    (!password.is_empty()).then_some(password)
}

enum Field {
    Any,
    Text(Vec<u8>),
}

impl Field {
    fn is(&self, wanted: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Text(text) => text == wanted.as_bytes(),
        }
    }
}

/// Splits a line at the next colon that is not escaped.
fn field(line: &[u8]) -> Option<(Field, &[u8])> {
    let mut at = 0;
    while *line.get(at)? != b':' {
        at += if line[at] == b'\\' { 2 } else { 1 };
    }
    let text = &line[..at];
    let field = if text == b"*" {
        Field::Any
    } else {
        Field::Text(unescaped(text))
    };
    Some((field, &line[at + 1..]))
}

/// Removes escapes: a backslash escapes the next character; at the end of a line it is itself.
fn unescaped(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.iter();
    while let Some(&byte) = rest.next() {
        let next = if byte == b'\\' { rest.next() } else { None };
        bytes.push(next.copied().unwrap_or(byte));
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(line: &str) -> Option<String> {
        let hosts = ["h".to_owned(), "localhost".to_owned()];
        let password = password(line.as_bytes(), &hosts, ["5432", "a:b", "me"])?;
        Some(String::from_utf8(password).unwrap())
    }

    #[test]
    fn a_line_is_for_the_place_that_all_its_fields_name() {
        for line in [
            r"h:5432:a\:b:me:pw",
            r"localhost:5432:a\:b:me:pw",
            "*:*:*:*:pw",
            "h:*:*:me:pw\r",
            r"\h:5432:\a\:b:me:p\w",
        ] {
            assert_eq!(found(line).as_deref(), Some("pw"), "{line}");
        }
        for line in [
            "other:*:*:*:pw",
            "*:5433:*:*:pw",
            "*:*:a:*:pw",
            "*:*:*:you:pw",
            "#*:*:*:*:pw",
            "h*:*:*:*:pw",
            "*:*:*:*:",
            "*:*:*:pw",
            "",
            r"h\",
        ] {
            assert_eq!(found(line), None, "{line}");
        }
    }

    #[test]
    fn a_password_may_hold_colons_and_escapes() {
        assert_eq!(found(r"*:*:*:*:a:b\:c\\d").as_deref(), Some(r"a:b:c\d"));
        assert_eq!(found(r"*:*:*:*: spaced \").as_deref(), Some(r" spaced \"));
    }

    #[cfg(unix)]
    #[test]
    fn only_a_private_regular_file_up_to_the_limit_is_read() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        let note = |name: &str| read(&at(name)).err().map(|why| why.note(&at(name)).text);
        let private = fs::Permissions::from_mode(0o600);
        fs::write(at("own"), "*:*:*:*:pw").unwrap();
        fs::set_permissions(at("own"), private.clone()).unwrap();
        symlink(at("own"), at("link")).unwrap();
        assert_eq!(note("link"), None);
        symlink("/dev/zero", at("zero")).unwrap();
        assert!(note("zero").unwrap().contains("it is a device"));
        assert!(note(".").unwrap().contains("it is a directory"));
        assert!(note("gone").unwrap().contains("is not there"));
        let large = fs::File::create(at("large")).unwrap();
        large.set_permissions(private).unwrap();
        large.set_len(MAX_SETTINGS_FILE + 1).unwrap();
        assert!(
            note("large")
                .unwrap()
                .contains("it is larger than 1024 KiB")
        );
    }
}
