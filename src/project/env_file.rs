//! Reading the project's `.env.local` and `.env`, bounded in time and memory.

use std::cell::Cell;
use std::collections::HashSet;
use std::path::Path;
use std::{env, fmt, io};

use super::ConfigError;
use super::SecretUrl;
use crate::input_file::{self, Links, MAX_SETTINGS_FILE};

mod expansion;

/// The name of the file, at the project's root.
pub(super) const ENV_FILE: &str = ".env";

/// The name of the file of this machine alone, which comes before [`ENV_FILE`].
pub(super) const ENV_LOCAL_FILE: &str = ".env.local";

/// The names of both files, the stronger one first.
pub const ENV_FILES: [&str; 2] = [ENV_LOCAL_FILE, ENV_FILE];

/// The most `$` in the file. Each may expand to a whole value, so they bound what one line can
/// grow to while it is read.
const MAX_DOLLARS: usize = 500;

/// The longest value, in bytes, with every `$NAME` expanded.
const MAX_VALUE: usize = 64 * 1024;

/// The most white space at the start of a line, in bytes. The parser goes through it again for
/// every line of a quoted value.
const MAX_INDENT: usize = 100;

/// A line of a `.env` file that is looked for.
pub(super) struct EnvLine {
    /// The variable.
    pub name: &'static str,
    /// The alternative to correcting the file.
    pub instead: &'static str,
    /// True if a line that cannot be read is taken for it where no other is.
    pub is_expected: bool,
}

/// Reads a variable from a file of [`ENV_FILES`] at the root without touching the environment; the
/// last one counts, as in a shell. The file may have at most 1 MiB, [`MAX_DOLLARS`] `$`, and
/// values of [`MAX_VALUE`].
///
/// A `$NAME` in its value that is set nowhere is an error: it may be a part of the password,
/// which would be without it.
pub(super) fn env_file(
    root: &Path,
    file: &str,
    wanted: &EnvLine,
) -> Result<Option<SecretUrl>, ConfigError> {
    let path = root.join(file);
    let cannot = |error: &dyn fmt::Display| {
        ConfigError::new(format!("cannot read {}: {error}", path.display()))
            .help(format!("correct it, or {}", wanted.instead))
    };
    let text = match input_file::read_text(&path, Links::Follow, MAX_SETTINGS_FILE) {
        Ok(text) => text,
        Err(error) if error.is_absent(&path) => return Ok(None),
        Err(error) => return Err(cannot(&error)),
    };
    find(&text, wanted).map_err(|refusal| {
        if refusal.line == 0 {
            return cannot(&refusal.what);
        }
        let Refusal { line, what, remedy } = refusal;
        let remedy = remedy.unwrap_or_else(|| "correct the line".to_owned());
        ConfigError::new(format!("{}:{line}: {what}", path.display()))
            .help(format!("{remedy}, or {}", wanted.instead))
    })
}

/// A problem, its line, and the remedy. The line is 0 for the file as a whole. Holds none of the
/// text but the names of variables.
#[derive(Debug, PartialEq)]
struct Refusal {
    line: usize,
    what: String,
    remedy: Option<String>,
}

impl Refusal {
    fn new(line: usize, what: impl Into<String>) -> Self {
        Self {
            line,
            what: what.into(),
            remedy: None,
        }
    }
}

fn find(text: &str, wanted: &EnvLine) -> Result<Option<SecretUrl>, Refusal> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    check_bounds(text)?;
    let read = Cell::default();
    let lines = dotenvy::from_read_iter(Lines {
        rest: text.as_bytes(),
        read: &read,
    });
    let mut found = None;
    let mut broken = None;
    let mut unset = None;
    let mut names = HashSet::new();
    let mut from = 0;
    for entry in lines {
        let Read { lines: line, bytes } = read.get();
        let written = text.get(from..bytes).unwrap_or_default();
        from = bytes;
        match entry {
            Ok((_, value)) if value.len() > MAX_VALUE => {
                return Err(Refusal::new(line, "the value is longer than 64 KiB"));
            }
            Ok((key, value)) => {
                if key == wanted.name {
                    found = Some(SecretUrl::new(value));
                    let is_set = |name: &str| names.contains(name) || env::var(name).is_ok();
                    unset = expansion::unset(written, is_set).map(|unset| (unset, line));
                }
                names.insert(key);
            }
            // Other programs may read more into a line than this one; it matters only
            // where it may be the line that is looked for. The line is not shown.
            Err(dotenvy::Error::LineParse(text, _)) => {
                broken = Some((text.contains(wanted.name), line));
            }
            Err(_) => return Err(Refusal::new(line, "the line cannot be read")),
        }
    }
    let is_missed = || found.is_none() && (wanted.is_expected || is_set(text, wanted.name));
    match (broken, unset) {
        (Some((about_it, line)), _) if about_it || is_missed() => Err(Refusal::new(
            line,
            "the line is not of the form NAME=\"value\"",
        )),
        (_, Some((unset, line))) => Err(Refusal {
            line,
            what: unset.what,
            remedy: Some(unset.remedy),
        }),
        _ => Ok(found),
    }
}

/// Refuses input that would cost the parser far more than the file's size.
fn check_bounds(text: &str) -> Result<(), Refusal> {
    if text.bytes().filter(|byte| *byte == b'$').count() > MAX_DOLLARS {
        return Err(Refusal::new(0, "it holds more than 500 `$`"));
    }
    let is_indented = |line: &str| line.len() - line.trim_start().len() > MAX_INDENT;
    match text.split('\n').position(is_indented) {
        Some(before) => Err(Refusal::new(
            before + 1,
            "the line begins with more than 100 bytes of white space",
        )),
        None => Ok(()),
    }
}

/// Returns whether a line begins as one that sets the variable, whatever follows.
fn is_set(text: &str, name: &str) -> bool {
    text.lines().any(|line| {
        let line = line.trim_start();
        let line = line.strip_prefix("export ").unwrap_or(line);
        line.trim_start().starts_with(name)
    })
}

/// A reader that gives at most one line at a time, and counts those that it gave: the parser
/// does not say where it is.
struct Lines<'a> {
    rest: &'a [u8],
    read: &'a Cell<Read>,
}

/// The lines and bytes that were read.
#[derive(Clone, Copy, Default)]
struct Read {
    lines: usize,
    bytes: usize,
}

impl io::Read for Lines<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let window = &self.rest[..self.rest.len().min(buffer.len())];
        let end = window.iter().position(|byte| *byte == b'\n');
        let (given, rest) = self.rest.split_at(end.map_or(window.len(), |at| at + 1));
        buffer[..given.len()].copy_from_slice(given);
        let Read { lines, bytes } = self.read.get();
        let is_line = end.is_some() || rest.is_empty() && !given.is_empty();
        self.read.set(Read {
            lines: lines + usize::from(is_line),
            bytes: bytes + given.len(),
        });
        self.rest = rest;
        Ok(given.len())
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    const WANTED: EnvLine = EnvLine {
        name: "DATABASE_URL",
        instead: "name the database with --database",
        is_expected: true,
    };

    fn found(text: &str) -> Option<String> {
        let found = find(text, &WANTED).unwrap();
        found.map(|url| url.expose().to_owned())
    }

    fn refused(text: &str) -> (usize, String) {
        let refusal = find(text, &WANTED).unwrap_err();
        (refusal.line, refusal.what)
    }

    fn at(line: usize, what: &str) -> (usize, String) {
        (line, what.to_owned())
    }

    #[test]
    fn the_forms_of_a_shell_are_read() {
        for (text, expected) in [
            ("export DATABASE_URL=a", "a"),
            ("DATABASE_URL = 'a $B' # note", "a $B"),
            ("# DATABASE_URL=b\n\nDATABASE_URL=a\r\n", "a"),
            ("DATABASE_URL=\"one\ntwo\"\nOTHER=x", "one\ntwo"),
            (
                "BLOGCTL_TEST_USER=me\nDATABASE_URL=pg://${BLOGCTL_TEST_USER}@h",
                "pg://me@h",
            ),
            ("DATABASE_URL=a\nDATABASE_URL=b", "b"),
            ("DATABASE_URL=한글", "한글"),
        ] {
            assert_eq!(found(text).as_deref(), Some(expected), "{text}");
        }
        assert_eq!(found("DATABASE_URLS=a"), None);
        let long = format!("DATABASE_URL={}가", "a".repeat(9_000));
        assert_eq!(found(&long).map(|url| url.len()), Some(9_003));
    }

    #[test]
    fn a_file_that_refers_to_itself_is_refused_before_it_grows() {
        let mut text = String::from("A0=aaaaaaaaaaaaaaaa\n");
        for i in 1..30 {
            writeln!(text, "A{i}=${{A{0}}}${{A{0}}}${{A{0}}}${{A{0}}}", i - 1).unwrap();
        }
        // 16 bytes, four times as many with each line: 64 KiB are exceeded with A7.
        assert_eq!(refused(&text), at(8, "the value is longer than 64 KiB"));
    }

    #[test]
    fn one_line_cannot_grow_without_bound() {
        let (value, many) = ("v".repeat(MAX_VALUE), "$A".repeat(MAX_DOLLARS));
        let text = format!("A={value}\nDATABASE_URL={many}\n");
        assert_eq!(refused(&text), at(2, "the value is longer than 64 KiB"));
        assert_eq!(
            refused(&format!("A={many}$")),
            at(0, "it holds more than 500 `$`")
        );
        assert_eq!(
            found(&format!("A={value}\nDATABASE_URL=a")).as_deref(),
            Some("a")
        );
    }

    #[test]
    fn a_line_is_named_by_its_number() {
        let what = "the line is not of the form NAME=\"value\"";
        assert_eq!(refused("A=1\n# note\n\nnonsense hunter2"), at(4, what));
        assert_eq!(refused("A=\"1\n2\"\nDATABASE_URL=a b\nB=1\n"), at(3, what));
        let indented = format!("A=1\n{}B=1\n", " ".repeat(MAX_INDENT + 1));
        let what = "the line begins with more than 100 bytes of white space";
        assert_eq!(refused(&indented), at(2, what));
    }

    #[test]
    fn a_name_that_is_set_nowhere_is_refused_with_its_line() {
        let dir = tempfile::tempdir().unwrap();
        let refused = |text: &str| {
            std::fs::write(dir.path().join(ENV_FILE), text).unwrap();
            let error = env_file(dir.path(), ENV_FILE, &WANTED).unwrap_err();
            let place = error.message.rsplit_once(".env:").unwrap().1.to_owned();
            (place, error.help.unwrap())
        };
        let (message, help) = refused("A=1\nDATABASE_URL=pg://me:${BLOGCTL_NO_SUCH}@h\n");
        assert_eq!(message, "2: `${BLOGCTL_NO_SUCH}` is set nowhere");
        assert!(help.contains("single quotes") && help.contains("--database"));
        let (message, help) = refused("\u{feff}DATABASE_URL=\"pg://me:hunter$two2@h\"\n");
        assert!(message.starts_with("1: a `$` of the value"), "{message}");
        assert!(!message.contains("two") && !help.contains("two"));
        let local = "DB_USER=me\nDATABASE_URL=pg://$DB_USER@h\n";
        assert_eq!(refused(local).0, "2: `$DB_USER` is read as `$DB`");
        // What another line, a comment or quotes hold is in nobody's way.
        for fine in [
            "A=$BLOGCTL_NO_SUCH\nDATABASE_URL=a",
            "DATABASE_URL=a # $BLOGCTL_NO_SUCH",
            "DATABASE_URL='pa$BLOGCTL_NO_SUCH'",
            "DATABASE_URL=\"pa\\$BLOGCTL_NO_SUCH\"",
            "B=\nDATABASE_URL=a$B",
            "# $X\nDATABASE_URL=$BLOGCTL_NO_SUCH\nDATABASE_URL=b",
        ] {
            assert!(found(fine).is_some(), "{fine}");
        }
    }

    #[test]
    fn an_absent_file_is_none_and_every_other_failure_is_an_error() {
        let dir = tempfile::tempdir().unwrap();
        assert!(env_file(dir.path(), ENV_FILE, &WANTED).unwrap().is_none());
        std::fs::create_dir(dir.path().join(ENV_FILE)).unwrap();
        let error = env_file(dir.path(), ENV_FILE, &WANTED).unwrap_err();
        assert!(
            error
                .message
                .ends_with("it is a directory, not a regular file"),
            "{error}"
        );
        assert!(error.help.unwrap().contains("--database"));
        std::fs::remove_dir(dir.path().join(ENV_FILE)).unwrap();
        std::fs::write(dir.path().join(ENV_FILE), b"A=1\nB=\xff").unwrap();
        let error = env_file(dir.path(), ENV_FILE, &WANTED).unwrap_err();
        assert!(error.message.ends_with("line 2 is not UTF-8"), "{error}");
    }

    #[test]
    fn no_file_makes_the_reader_panic_or_grow() {
        let corpus: [&[u8]; 4] = [
            b"# note\nexport DATABASE_URL=\"postgresql://me:hunter2@h/d\" # end\nA=1\n",
            b"A='one\ntwo'\nB=${A}${A}$A\nDATABASE_URL=$B\nC=a\\ b\n",
            b"A=aaaaaaaaaaaaaaaa\nA=$A$A$A$A\nA=$A$A$A$A\nA=$A$A$A$A\nDATABASE_URL=$A\r\n",
            "DATABASE_URL=한글\n\n  A = b  \nnonsense\n".as_bytes(),
        ];
        let dictionary: [&[u8]; 12] = [
            b"\n",
            b"=",
            b"\"",
            b"'",
            b"\\",
            b"$A",
            b"${A}",
            b"#",
            b" ",
            b"export ",
            b"\r\n",
            b"DATABASE_URL",
        ];
        crate::fuzz::run(".env", &corpus, &dictionary, |bytes| {
            let text = String::from_utf8_lossy(bytes);
            match find(&text, &WANTED) {
                Ok(found) => assert!(found.is_none_or(|url| url.expose().len() <= MAX_VALUE)),
                Err(refusal) => assert!(refusal.line <= text.split('\n').count()),
            }
        });
    }
}
