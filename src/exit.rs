//! The one place that turns an error into what the user reads and into an exit status.

use std::error::Error;
use std::fmt;
use std::io::{self, Write};
use std::process::ExitCode;

use crate::interrupt::{Interrupted, Leaves};
use crate::model::SCHEMA_VERSION;
use crate::output;
use crate::output::style;
use crate::store::StoreError;

/// What the process ends with. The numbers are a documented contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// 0: what was asked for is done.
    Done = 0,
    /// 1: the content has errors, and nothing was written.
    Content = 1,
    /// 2: the command line, a setting or a file given to blogctl is not usable.
    Usage = 2,
    /// 3: the store could not be reached, or it or the system failed.
    Store = 3,
    /// 4: a guard refused: removal, conflict, another sync running.
    Refused = 4,
    /// 5: `--dry-run --exit-code` found changes.
    Changes = 5,
    /// 6: the post that was asked for does not exist.
    NotFound = 6,
    /// 130: interrupted by the user, as shells say it: 128 and the signal's number.
    Interrupted = 130,
    /// 143: the system asked to end.
    Terminated = 143,
}

impl From<&Interrupted> for Status {
    fn from(interrupted: &Interrupted) -> Self {
        match interrupted.signal {
            15 => Self::Terminated,
            _ => Self::Interrupted,
        }
    }
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        Self::from(status as u8)
    }
}

/// What was asked for cannot be understood or used: status 2.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Usage {
    /// What is wrong, naming the flag, the variable or the file.
    pub message: String,
    /// The remedy.
    pub help: Option<String>,
}

impl Usage {
    /// Makes the error without a help.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: None,
        }
    }

    /// Says what to do about it.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// A guard refused what would have been done: status 4.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refused {
    /// What was refused, and why.
    pub message: String,
    /// How to go on, where that is safe.
    pub help: Option<String>,
}

/// The content has errors, which were already shown: status 1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ContentErrors {
    /// The sum of it: `2 errors in 1 file; nothing was written`.
    pub message: String,
}

/// `--dry-run --exit-code` found changes, which were already shown: status 5, no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there are changes")]
pub struct ChangesFound;

/// `doctor` found something wrong, which was already shown: no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("something is wrong")]
pub struct Unhealthy(
    /// What a sync would end with that meets it.
    pub Status,
);

/// What was asked for by its id does not exist: status 6.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct NotFound {
    /// What does not exist, and where it was looked for.
    pub message: String,
    /// Where to look instead.
    pub help: Option<String>,
}

/// What to do where nobody knows what was written.
const FIND_OUT: &str = "run the sync again: it finds out, and does what is left to do";

/// What an error means to the user.
#[derive(Debug, PartialEq, Eq)]
struct Verdict {
    status: Status,
    help: Option<String>,
    /// Whether there is anything to say.
    silent: bool,
}

impl Verdict {
    fn new(status: Status, help: Option<String>) -> Self {
        Self {
            status,
            help,
            silent: false,
        }
    }

    fn silent(status: Status) -> Self {
        Self {
            status,
            help: None,
            silent: true,
        }
    }
}

/// Writes what an error says to `err` and returns the status to end with.
///
/// A closed standard output is no error: whoever read it has seen enough. Failing to write
/// to `err` is ignored, since there is nowhere left to say so.
pub fn report(error: &anyhow::Error, err: &mut dyn Write) -> Status {
    let verdict = judge(error);
    if !verdict.silent {
        let _ = print(error, verdict.help.as_deref(), err);
    }
    verdict.status
}

fn judge(error: &anyhow::Error) -> Verdict {
    if is_closed_stdout(error) {
        return Verdict::silent(Status::Done);
    }
    // As context it stands in the chain under another type.
    if let Some(usage) = error.downcast_ref::<Usage>() {
        return Verdict::new(Status::Usage, usage.help.clone());
    }
    error
        .chain()
        .find_map(judge_one)
        .unwrap_or_else(|| Verdict::new(Status::Store, None))
}

fn is_closed_stdout(error: &anyhow::Error) -> bool {
    // The connection to a server may break as a pipe does, and that is no success.
    !error.chain().any(|cause| cause.is::<StoreError>()) && error.chain().any(is_broken_pipe)
}

fn is_broken_pipe(cause: &(dyn Error + 'static)) -> bool {
    let kind = match cause.downcast_ref::<io::Error>() {
        Some(error) => Some(error.kind()),
        None => cause
            .downcast_ref::<serde_json::Error>()
            .and_then(serde_json::Error::io_error_kind),
    };
    kind == Some(io::ErrorKind::BrokenPipe)
}

fn judge_one(cause: &(dyn Error + 'static)) -> Option<Verdict> {
    if let Some(error) = cause.downcast_ref::<StoreError>() {
        return Some(judge_store(error));
    }
    if let Some(error) = cause.downcast_ref::<Interrupted>() {
        let unknown = error.leaves == Leaves::EitherState;
        return Some(Verdict::new(error.into(), unknown.then(|| FIND_OUT.into())));
    }
    if let Some(error) = cause.downcast_ref::<Usage>() {
        return Some(Verdict::new(Status::Usage, error.help.clone()));
    }
    if let Some(error) = cause.downcast_ref::<Refused>() {
        return Some(Verdict::new(Status::Refused, error.help.clone()));
    }
    if let Some(error) = cause.downcast_ref::<NotFound>() {
        return Some(Verdict::new(Status::NotFound, error.help.clone()));
    }
    if cause.is::<ContentErrors>() {
        return Some(Verdict::new(Status::Content, None));
    }
    if cause.is::<ChangesFound>() {
        return Some(Verdict::silent(Status::Changes));
    }
    if let Some(Unhealthy(status)) = cause.downcast_ref::<Unhealthy>() {
        return Some(Verdict::silent(*status));
    }
    None
}

fn judge_store(error: &StoreError) -> Verdict {
    let status = match error {
        StoreError::Busy { .. } => Status::Refused,
        StoreError::Interrupted(interrupted) => interrupted.into(),
        StoreError::Target { .. } => Status::Usage,
        _ => Status::Store,
    };
    let help = match error {
        StoreError::Target { help, .. } => Some(help.clone()),
        StoreError::Unreachable { help, .. } => help.clone(),
        StoreError::SchemaAbsent { .. } => {
            Some("run `blogctl sync content/` or `blogctl schema apply`".into())
        }
        StoreError::SchemaVersion { found, .. } if *found < SCHEMA_VERSION => {
            Some("run `blogctl schema apply`".into())
        }
        StoreError::SchemaVersion { .. } => Some("upgrade blogctl".into()),
        StoreError::Tables { help, .. } => Some((*help).into()),
        StoreError::Busy { .. } => {
            Some("run it again when the other has ended, or wait longer with --lock-timeout".into())
        }
        StoreError::Stale => Some("run the sync again".into()),
        StoreError::Replaced { .. } => {
            Some("end what replaces the file, then run the sync again".into())
        }
        StoreError::UnknownOutcome { .. } => Some(FIND_OUT.into()),
        StoreError::Lost { .. } => Some("check the network, then run it again".into()),
        StoreError::Protocol { .. } => Some(
            "check that the address leads to your PostgreSQL server; docs/connecting.md has the \
             limits of what is accepted"
                .into(),
        ),
        StoreError::TimedOut { option, .. } => Some(format!("allow more with {option} SECONDS")),
        StoreError::Interrupted(_) | StoreError::Failed { .. } => None,
    };
    Verdict::new(status, help)
}

/// Says what an error says, its causes after it on the same line, and what to do about it.
pub fn words(error: &anyhow::Error) -> (String, Option<String>) {
    (in_one_line(error.as_ref()), judge(error).help)
}

/// An error and its causes in one line.
pub fn in_one_line(error: &(dyn Error + 'static)) -> String {
    causes(error).collect::<Vec<_>>().join(": ")
}

/// The error's message and those of its causes that add something.
fn causes<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = String> + use<'e> {
    let mut said: Option<String> = None;
    anyhow::Chain::new(error).filter_map(move |cause| {
        let text = cause.to_string();
        // Some libraries repeat their cause in their own message, and the driver of Postgres
        // only announces the server's.
        let adds = match &said {
            Some(said) => !said.contains(&text) && text != "db error",
            None => true,
        };
        said = Some(text.clone());
        adds.then_some(text)
    })
}

fn print(error: &anyhow::Error, help: Option<&str>, err: &mut dyn Write) -> io::Result<()> {
    let (bad, good, off) = (style::ERROR, style::HELP, style::ERROR.render_reset());
    for (depth, text) in causes(error.as_ref()).enumerate() {
        match depth {
            0 => writeln!(err, "{bad}error{off}: {}", Lines(&text))?,
            _ => writeln!(err, "  caused by: {}", Lines(&text))?,
        }
    }
    if let Some(help) = help {
        writeln!(err, "{good}help{off}: {}", Lines(help))?;
    }
    err.flush()
}

/// The beginnings of this program's own lines.
const LABELS: [&str; 7] = [
    "error",
    "warning",
    "hint",
    "note",
    "help",
    "caused by",
    "internal error",
];

/// After so many bytes a message of many lines is cut.
const LONGEST: usize = 4096;

/// A message that may have several lines, without what could move a terminal's cursor;
/// later lines are indented below the first.
struct Lines<'a>(&'a str);

impl fmt::Display for Lines<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut room = LONGEST;
        for (number, line) in self.0.trim_end().lines().enumerate() {
            if number > 0 {
                f.write_str("\n  ")?;
                // A name with a line end in it must not pass for a line of this program.
                if LABELS
                    .iter()
                    .any(|label| line.trim_start().starts_with(label))
                {
                    f.write_str("| ")?;
                }
            }
            if room == 0 {
                return f.write_str("…");
            }
            let line = output::message(line);
            room = room.saturating_sub(line.len());
            f.write_str(&line)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use anyhow::Context as _;

    use super::*;

    fn reported(error: &anyhow::Error) -> (Status, String) {
        let mut plain = anstream::StripStream::new(Vec::new());
        let status = report(error, &mut plain);
        (status, String::from_utf8(plain.into_inner()).unwrap())
    }

    fn status_of(error: impl Into<anyhow::Error>) -> u8 {
        reported(&error.into()).0 as u8
    }

    fn unreachable() -> StoreError {
        StoreError::Unreachable {
            location: "postgresql://me@db.example/blog".into(),
            help: Some("is the server running?".into()),
            source: "connection refused".into(),
        }
    }

    fn busy() -> StoreError {
        StoreError::Busy {
            holder: Some("ada@laptop since 09:00".into()),
            waited: Duration::from_secs(10),
        }
    }

    #[test]
    fn every_kind_of_error_has_its_status() {
        assert_eq!(
            status_of(ContentErrors {
                message: "1 error".into()
            }),
            1
        );
        assert_eq!(status_of(Usage::new("no")), 2);
        assert_eq!(status_of(unreachable()), 3);
        assert_eq!(status_of(StoreError::Stale), 3);
        assert_eq!(status_of(StoreError::failed("read")("x")), 3);
        assert_eq!(status_of(anyhow::anyhow!("the disk is full")), 3);
        assert_eq!(status_of(busy()), 4);
        assert_eq!(
            status_of(Refused {
                message: "no".into(),
                help: None
            }),
            4
        );
        assert_eq!(status_of(ChangesFound), 5);
        assert_eq!(
            status_of(NotFound {
                message: "no post 7".into(),
                help: None
            }),
            6
        );
    }

    #[test]
    fn a_typed_error_counts_under_added_context() {
        let error = Err::<(), _>(busy()).context("cannot sync").unwrap_err();
        assert_eq!(reported(&error).0, Status::Refused);
    }

    #[test]
    fn a_usage_error_that_was_added_as_context_counts() {
        let cause = anyhow::Error::new(io::Error::other("no such file"));
        let error = cause.context(Usage::new("cannot read x").help("check the path"));
        insta::assert_snapshot!(reported(&error).1, @r"
        error: cannot read x
          caused by: no such file
        help: check the path
        ");
        assert_eq!(reported(&error).0, Status::Usage);
    }

    #[test]
    fn prints_the_message_then_the_causes_then_the_help() {
        insta::assert_snapshot!(reported(&unreachable().into()).1, @r"
        error: cannot connect to postgresql://me@db.example/blog
          caused by: connection refused
        help: is the server running?
        ");
    }

    #[test]
    fn says_who_holds_the_lock() {
        insta::assert_snapshot!(reported(&busy().into()).1, @r"
        error: another sync is running: ada@laptop since 09:00; waited 10 s
        help: run it again when the other has ended, or wait longer with --lock-timeout
        ");
    }

    #[test]
    fn each_state_of_the_schema_has_its_remedy() {
        let location = || "here".to_owned();
        let help = |error: StoreError| judge(&error.into()).help.unwrap();
        let absent = StoreError::SchemaAbsent {
            location: location(),
        };
        assert!(help(absent).contains("blogctl schema apply"));
        let version = |found| StoreError::SchemaVersion {
            location: location(),
            found,
        };
        assert_eq!(
            help(version(SCHEMA_VERSION - 1)),
            "run `blogctl schema apply`"
        );
        assert_eq!(help(version(SCHEMA_VERSION + 1)), "upgrade blogctl");
    }

    #[test]
    fn a_closed_pipe_ends_quietly_however_deep_it_lies() {
        let pipe = || io::Error::from(io::ErrorKind::BrokenPipe);
        for error in [
            anyhow::Error::from(pipe()),
            anyhow::Error::from(pipe()).context("cannot write the page"),
            anyhow::Error::from(serde_json::Error::io(pipe())),
        ] {
            assert_eq!(reported(&error), (Status::Done, String::new()));
        }
    }

    #[test]
    fn a_connection_that_breaks_is_not_a_closed_pipe() {
        let pipe = io::Error::from(io::ErrorKind::BrokenPipe);
        let (status, text) = reported(&StoreError::failed("read the index")(pipe).into());
        assert_eq!(status, Status::Store);
        assert!(text.starts_with("error: cannot read the index\n  caused by: "));
    }

    #[test]
    fn found_changes_are_not_an_error_to_read_about() {
        assert_eq!(
            reported(&ChangesFound.into()),
            (Status::Changes, String::new())
        );
    }

    #[test]
    fn what_doctor_found_is_not_said_twice() {
        let error = Unhealthy(Status::Refused).into();
        assert_eq!(reported(&error), (Status::Refused, String::new()));
    }

    #[test]
    fn the_words_of_an_error_are_one_line_and_its_help() {
        let (message, help) = words(&unreachable().into());
        let expected = "cannot connect to postgresql://me@db.example/blog: connection refused";
        assert_eq!(message, expected);
        assert_eq!(help.as_deref(), Some("is the server running?"));
    }

    #[test]
    fn control_characters_in_a_message_do_not_reach_the_terminal() {
        let error = Usage::new("bad \u{1b}]0;title\u{7}\u{9b}2J\u{202e}value\nsecond line");
        let (_, text) = reported(&error.into());
        assert_eq!(
            text,
            "error: bad \\u{1b}]0;title\\u{7}\\u{9b}2J\\u{202e}value\n  second line\n"
        );
    }

    #[test]
    fn a_line_end_in_a_name_forges_no_line() {
        let error = Usage::new("cannot read a.md\ncaused by: x\n  error: all is lost\nfin");
        assert_eq!(
            reported(&error.into()).1,
            "error: cannot read a.md\n  | caused by: x\n  |   error: all is lost\n  fin\n"
        );
    }

    #[test]
    fn a_message_is_cut_and_its_passwords_are_not_shown_in_part() {
        let long = format!(
            "{} postgresql://u:{}@h",
            "x".repeat(4_090),
            "secret".repeat(900)
        );
        let (_, text) = reported(&Usage::new(long).into());
        assert!(text.len() < 4_200 && !text.contains("secret"), "{text}");
        let lines = "a line of some length\n".repeat(10_000);
        let (_, text) = reported(&Usage::new(lines).into());
        assert!(text.len() < 5_200 && text.ends_with("…\n"), "{text}");
    }

    #[test]
    fn an_address_in_a_message_loses_its_password_and_help_keeps_its_placeholder() {
        let error = Usage::new("no such file: postgresql:/u:hunter2@h/d")
            .help("write postgresql://USER:PASSWORD@HOST/DATABASE");
        insta::assert_snapshot!(reported(&error.into()).1, @r"
        error: no such file: postgresql:/u:***@h/d
        help: write postgresql://USER:PASSWORD@HOST/DATABASE
        ");
    }

    #[test]
    fn a_cause_that_its_parent_repeats_is_printed_once() {
        let error = anyhow::anyhow!("no such file").context("cannot open x: no such file");
        assert_eq!(reported(&error).1, "error: cannot open x: no such file\n");
    }
}
