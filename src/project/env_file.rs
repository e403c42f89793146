//! Reading the project's `.env`, bounded in time and memory.

use std::cell::Cell;
use std::fmt;
use std::io::{self, Read};
use std::path::Path;

use super::ConfigError;
use super::SecretUrl;
use crate::input_file::{self, Links, MAX_SETTINGS_FILE};

/// The name of the file, at the project's root.
pub(super) const ENV_FILE: &str = ".env";

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

/// Reads a variable from the `.env` file at the root without touching the environment; the
/// last one counts, as in a shell. The file may have at most 1 MiB, [`MAX_DOLLARS`] `$`, and
/// values of [`MAX_VALUE`].
pub(super) fn env_file(root: &Path, wanted: &EnvLine) -> Result<Option<SecretUrl>, ConfigError> {
    let path = root.join(ENV_FILE);
    let cannot = |error: &dyn fmt::Display| {
        ConfigError::new(format!("cannot read {}: {error}", path.display()))
            .help(format!("correct it, or {}", wanted.instead))
    };
    let text = match input_file::read_text(&path, Links::Follow, MAX_SETTINGS_FILE) {
        Ok(text) => text,
        Err(error) if error.is_absent(&path) => return Ok(None),
        Err(error) => return Err(cannot(&error)),
    };
    find(&text, wanted).map_err(|refusal| match refusal {
        Refusal { line: 0, what } => cannot(&what),
        Refusal { line, what } => ConfigError::new(format!("{}:{line}: {what}", path.display()))
            .help(format!("correct the line, or {}", wanted.instead)),
    })
}

/// A problem and its line; 0 for the file as a whole. Holds none of the text.
#[derive(Debug, PartialEq)]
struct Refusal {
    line: usize,
    what: &'static str,
}

fn find(text: &str, wanted: &EnvLine) -> Result<Option<SecretUrl>, Refusal> {
    check_bounds(text)?;
    let read = Cell::new(0);
    let lines = dotenvy::from_read_iter(Lines {
        rest: text.as_bytes(),
        read: &read,
    });
    let mut found = None;
    let mut broken = None;
    for entry in lines {
        let line = read.get();
        match entry {
            Ok((_, value)) if value.len() > MAX_VALUE => {
                let what = "the value is longer than 64 KiB";
                return Err(Refusal { line, what });
            }
            Ok((key, value)) if key == wanted.name => found = Some(SecretUrl::new(value)),
            Ok(_) => {}
            // Other programs may read more into a line than this one; it matters only
            // where it may be the line that is looked for. The line is not shown.
            Err(dotenvy::Error::LineParse(text, _)) => {
                broken = Some((text.contains(wanted.name), line));
            }
            Err(_) => {
                let what = "the line cannot be read";
                return Err(Refusal { line, what });
            }
        }
    }
    let is_missed = || found.is_none() && (wanted.is_expected || is_set(text, wanted.name));
    match broken {
        Some((about_it, line)) if about_it || is_missed() => Err(Refusal {
            line,
            what: "the line is not of the form NAME=\"value\"",
        }),
        _ => Ok(found),
    }
}

/// Refuses input that would cost the parser far more than the file's size.
fn check_bounds(text: &str) -> Result<(), Refusal> {
    if text.bytes().filter(|byte| *byte == b'$').count() > MAX_DOLLARS {
        return Err(Refusal {
            line: 0,
            what: "it holds more than 500 `$`",
        });
    }
    let is_indented = |line: &str| line.len() - line.trim_start().len() > MAX_INDENT;
    match text.split('\n').position(is_indented) {
        Some(before) => Err(Refusal {
            line: before + 1,
            what: "the line begins with more than 100 bytes of white space",
        }),
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
    read: &'a Cell<usize>,
}

impl Read for Lines<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let window = &self.rest[..self.rest.len().min(buffer.len())];
        let end = window.iter().position(|byte| *byte == b'\n');
        let (given, rest) = self.rest.split_at(end.map_or(window.len(), |at| at + 1));
        buffer[..given.len()].copy_from_slice(given);
        if end.is_some() || rest.is_empty() && !given.is_empty() {
            self.read.set(self.read.get() + 1);
        }
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

    fn refused(text: &str) -> (usize, &'static str) {
        let refusal = find(text, &WANTED).unwrap_err();
        (refusal.line, refusal.what)
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
        assert_eq!(refused(&text), (8, "the value is longer than 64 KiB"));
    }

    #[test]
    fn one_line_cannot_grow_without_bound() {
        let (value, many) = ("v".repeat(MAX_VALUE), "$A".repeat(MAX_DOLLARS));
        let text = format!("A={value}\nDATABASE_URL={many}\n");
        assert_eq!(refused(&text), (2, "the value is longer than 64 KiB"));
        assert_eq!(
            refused(&format!("A={many}$")),
            (0, "it holds more than 500 `$`")
        );
        assert_eq!(
            found(&format!("A={value}\nDATABASE_URL=a")).as_deref(),
            Some("a")
        );
    }

    #[test]
    fn a_line_is_named_by_its_number() {
        let what = "the line is not of the form NAME=\"value\"";
        assert_eq!(refused("A=1\n# note\n\nnonsense hunter2"), (4, what));
        assert_eq!(refused("A=\"1\n2\"\nDATABASE_URL=a b\nB=1\n"), (3, what));
        let indented = format!("A=1\n{}B=1\n", " ".repeat(MAX_INDENT + 1));
        let what = "the line begins with more than 100 bytes of white space";
        assert_eq!(refused(&indented), (2, what));
    }

    #[test]
    fn an_absent_file_is_none_and_every_other_failure_is_an_error() {
        let dir = tempfile::tempdir().unwrap();
        assert!(env_file(dir.path(), &WANTED).unwrap().is_none());
        std::fs::create_dir(dir.path().join(ENV_FILE)).unwrap();
        let error = env_file(dir.path(), &WANTED).unwrap_err();
        assert!(
            error
                .message
                .ends_with("it is a directory, not a regular file"),
            "{error}"
        );
        assert!(error.help.unwrap().contains("--database"));
        std::fs::remove_dir(dir.path().join(ENV_FILE)).unwrap();
        std::fs::write(dir.path().join(ENV_FILE), b"A=1\nB=\xff").unwrap();
        let error = env_file(dir.path(), &WANTED).unwrap_err();
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
