//! Service files, whose sections hold connection settings.
//!
//! <https://www.postgresql.org/docs/current/libpq-pgservice.html>

use std::path::{Path, PathBuf};

use super::environment::Environment;
use super::params::{ParamSource, Params};
use super::refusal::refuse;
use crate::input_file::{self, Links, MAX_SETTINGS_FILE};
use crate::store::{Result, StoreError};

/// Reads the service `name` from `file`, or else from the user's file, or else from the
/// system's.
pub(super) fn read(name: &str, file: Option<PathBuf>, environment: &Environment) -> Result<Params> {
    let is_named = file.is_some();
    let home = environment.home.as_ref();
    let users = file.or_else(|| home.map(|home| home.join(".pg_service.conf")));
    let system = environment.variable("PGSYSCONFDIR");
    let system = system.map(|directory| PathBuf::from(directory).join("pg_service.conf"));
    let mut looked_at = Vec::new();
    for path in users.into_iter().chain(system) {
        match input_file::read_text(&path, Links::Follow, MAX_SETTINGS_FILE) {
            Ok(text) => {
                if let Some(params) = section(&text, name, &path)? {
                    return Ok(params);
                }
                looked_at.push(path.display().to_string());
            }
            // PGSERVICEFILE must exist; the default files need not.
            Err(error) if error.is_absent(&path) && !(is_named && looked_at.is_empty()) => {
                looked_at.push(format!("{} (not there)", path.display()));
            }
            Err(error) => {
                return Err(refuse(
                    format!("cannot read the service file {}: {error}", path.display()),
                    "make it a UTF-8 file of at most 1 MiB that you may read; PGSERVICEFILE names another",
                ));
            }
        }
    }
    let looked_at = match looked_at.as_slice() {
        [] => "no file, as there is no home directory".to_owned(),
        files => files.join(", "),
    };
    Err(refuse(
        format!("there is no service \"{name}\"; looked at: {looked_at}"),
        format!("write a section [{name}] with host=, dbname= and user= into that file"),
    ))
}

/// Parses one section; `None` if the file has none of that name.
fn section(text: &str, name: &str, path: &Path) -> Result<Option<Params>> {
    let mut found: Option<Params> = None;
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        let problem = |what: &str| bad_line(path, number, what);
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(title) = line.strip_prefix('[') {
            if found.is_some() {
                break;
            }
            if title.split(']').next() == Some(name) {
                found = Some(Params::new(ParamSource::Service));
            }
            continue;
        }
        let Some(params) = &mut found else { continue };
        if line.starts_with("ldap") {
            return Err(problem(
                "looks the service up by LDAP, which blogctl does not",
            ));
        }
        let (key, value) = line
            .split_once('=')
            .ok_or_else(|| problem("is not of the form KEY=VALUE"))?;
        if key.trim() == "service" {
            return Err(problem("names another service, which cannot be"));
        }
        params.put(key.trim(), value.trim().as_bytes().to_vec())?;
    }
    Ok(found)
}

/// Returns an error for a line, without showing it: it may contain a password.
fn bad_line(path: &Path, number: usize, what: &str) -> StoreError {
    refuse(
        format!("{}:{number}: the line {what}", path.display()),
        "write lines like host=HOST under a title like [NAME]",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "# all of them\n\
                        [other]\nhost=other\n\n\
                        [blog]\n  host = h \r\nport=6000\nhost=late\npassword=p=q\n# end\n\
                        [late]\nhost=late\n";

    fn of(text: &str, name: &str) -> Result<Option<Params>> {
        section(text, name, Path::new("/etc/file"))
    }

    #[test]
    fn a_section_ends_where_the_next_begins() {
        let params = of(FILE, "blog").unwrap().unwrap();
        assert_eq!(params.get("host"), Some("h"));
        assert_eq!(params.get("port"), Some("6000"));
        assert_eq!(params.password(), Some(&b"p=q"[..]));
        assert_eq!(of(FILE, "late").unwrap().unwrap().get("host"), Some("late"));
        assert!(of(FILE, "none").unwrap().is_none());
    }

    #[test]
    fn a_broken_line_is_named_by_its_number_and_not_shown() {
        for text in [
            "[s]\nhunter2",
            "[s]\nservice=hunter2",
            "[s]\nldap://hunter2",
        ] {
            let error = of(text, "s").err().expect(text).to_string();
            assert!(error.starts_with("/etc/file:2: the line"), "{error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
        // A broken line in another section is ignored.
        assert!(of("[t]\nhunter2\n[s]\nhost=h", "s").unwrap().is_some());
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_is_none_is_refused_at_once() {
        use std::os::unix::net::UnixListener;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(".pg_service.conf");
        let _socket = UnixListener::bind(&path).unwrap();
        let environment = Environment {
            home: Some(dir.path().to_owned()),
            ..Environment::default()
        };
        let error = read("blog", None, &environment).err().unwrap();
        assert!(error.to_string().contains("it is a socket"), "{error}");
    }
}
