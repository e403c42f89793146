//! The one place that turns an error into an exit status.

use std::error::Error;
use std::io::{self, Write};

use crate::command_error::CommandError;
pub use crate::command_error::Status;
use crate::interrupt::{Interrupted, WriteState};
use crate::model::SCHEMA_VERSION;
use crate::output;
use crate::output::error::in_one_line;
use crate::post::Field;
use crate::project::ConfigError;
use crate::store::StoreError;

/// The remedy if it is unknown what was written.
const FIND_OUT: &str = "run the sync again: it finds out, and does what is left to do";

/// The status, the message and the remedy of an error.
#[derive(Debug, PartialEq, Eq)]
struct Verdict {
    status: Status,
    help: Option<String>,
    /// True if there is a message.
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

    fn of_command(error: &CommandError) -> Self {
        Self {
            status: error.status,
            help: error.help.clone(),
            silent: error.message.is_empty(),
        }
    }
}

/// Writes what an error says to `err` and returns the status to end with.
///
/// A closed standard output is not an error: its reader has seen enough. Failing to write
/// to `err` is ignored, since there is nowhere left to say so.
pub fn report(error: &anyhow::Error, err: &mut dyn Write) -> Status {
    let verdict = judge(error);
    if !verdict.silent {
        let _ = output::error::write(error, verdict.help.as_deref(), err);
    }
    verdict.status
}

fn judge(error: &anyhow::Error) -> Verdict {
    if is_closed_stdout(error) {
        return Verdict::silent(Status::Done);
    }
    // An error that was added as context is in the chain under another type.
    if let Some(error) = error.downcast_ref::<CommandError>() {
        return Verdict::of_command(error);
    }
    if let Some(error) = error.downcast_ref::<ConfigError>() {
        return Verdict::new(Status::Usage, error.help.clone());
    }
    let known = error.chain().find_map(Known::among);
    match known {
        Some(Known::Command(error)) => Verdict::of_command(error),
        Some(Known::Config(error)) => Verdict::new(Status::Usage, error.help.clone()),
        Some(Known::Store(error)) => judge_store(error),
        Some(Known::Interrupted(error)) => {
            let is_unknown = error.write_state == WriteState::Committing;
            Verdict::new(error.into(), is_unknown.then(|| FIND_OUT.into()))
        }
        None => Verdict::new(Status::Store, None),
    }
}

/// An error whose exit status is known.
enum Known<'e> {
    Command(&'e CommandError),
    Config(&'e ConfigError),
    Store(&'e StoreError),
    Interrupted(&'e Interrupted),
}

impl<'e> Known<'e> {
    fn among(cause: &'e (dyn Error + 'static)) -> Option<Self> {
        let command = cause.downcast_ref().map(Self::Command);
        let config = || cause.downcast_ref().map(Self::Config);
        let store = || cause.downcast_ref().map(Self::Store);
        let interrupted = || cause.downcast_ref().map(Self::Interrupted);
        command.or_else(config).or_else(store).or_else(interrupted)
    }
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

fn judge_store(error: &StoreError) -> Verdict {
    let status = match error {
        StoreError::Busy { .. } => Status::Refused,
        StoreError::Refused(refused) if !refused.is_about_data() => Status::Store,
        StoreError::Refused(refused) if refused.is_removal() => Status::Refused,
        StoreError::Refused(_) => Status::Content,
        StoreError::Interrupted(interrupted) => interrupted.into(),
        StoreError::Target { .. } | StoreError::NotStored { .. } => Status::Usage,
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
        StoreError::Refused(refused) => Some(refused.help()),
        StoreError::Tables { help, .. } => Some((*help).into()),
        // Of several findings each has its remedy in the message.
        StoreError::Unfit { findings } => match &findings[..] {
            [finding] => finding.help.clone(),
            _ => None,
        },
        StoreError::NotStored { field: Field::Tags } => {
            Some("name the tables that hold the tags: [tables.tag] and [tables.post_tag]".into())
        }
        StoreError::NotStored { field } => Some(format!(
            "name the column that holds it: [tables.post.columns] {field} = \"...\""
        )),
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

/// Returns an error and its causes in one line, and the remedy.
pub fn words(error: &anyhow::Error) -> (String, Option<String>) {
    (in_one_line(error.as_ref()), judge(error).help)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use anyhow::Context as _;

    use super::*;
    use crate::store::{Action, Reason, RefusedWrite};

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

    fn refused(action: Action, reason: Reason) -> StoreError {
        StoreError::Refused(Box::new(RefusedWrite::new(None, action, reason)))
    }

    #[test]
    fn what_the_database_refuses_counts_as_content_removal_or_store() {
        let raised = || Reason::Raised("no".to_owned());
        let denied = || Reason::Permission("permission denied".to_owned());
        assert_eq!(status_of(refused(Action::Write, raised())), 1);
        assert_eq!(status_of(refused(Action::Commit, raised())), 1);
        assert_eq!(status_of(refused(Action::Remove, raised())), 4);
        assert_eq!(status_of(refused(Action::Remove, denied())), 3);
        let denied = reported(&refused(Action::Write, denied()).into()).1;
        assert_eq!(
            denied,
            "error: the database refuses what the sync writes: permission denied\n\
             help: ask the owner for this right; `blogctl doctor` names those that a sync needs\n"
        );
    }

    #[test]
    fn every_kind_of_error_has_its_status() {
        assert_eq!(status_of(CommandError::content("1 error")), 1);
        assert_eq!(status_of(CommandError::usage("no")), 2);
        assert_eq!(status_of(ConfigError::new("no")), 2);
        assert_eq!(status_of(unreachable()), 3);
        assert_eq!(status_of(StoreError::Stale), 3);
        assert_eq!(status_of(StoreError::failed("read")("x")), 3);
        assert_eq!(status_of(anyhow::anyhow!("the disk is full")), 3);
        assert_eq!(status_of(busy()), 4);
        assert_eq!(status_of(CommandError::refused("no")), 4);
        assert_eq!(status_of(CommandError::silent(Status::Changes)), 5);
        assert_eq!(status_of(CommandError::not_found("no post 7")), 6);
    }

    #[test]
    fn a_typed_error_counts_under_added_context() {
        let error = Err::<(), _>(busy()).context("cannot sync").unwrap_err();
        assert_eq!(reported(&error).0, Status::Refused);
    }

    #[test]
    fn a_usage_error_that_was_added_as_context_counts() {
        let cause = anyhow::Error::new(io::Error::other("no such file"));
        let error = cause.context(CommandError::usage("cannot read x").help("check the path"));
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
            reported(&CommandError::silent(Status::Changes).into()),
            (Status::Changes, String::new())
        );
    }

    #[test]
    fn what_doctor_found_is_not_said_twice() {
        let error = CommandError::silent(Status::Refused).into();
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
        let error =
            CommandError::usage("bad \u{1b}]0;title\u{7}\u{9b}2J\u{202e}value\nsecond line");
        let (_, text) = reported(&error.into());
        assert_eq!(
            text,
            "error: bad \\u{1b}]0;title\\u{7}\\u{9b}2J\\u{202e}value\n  second line\n"
        );
    }

    #[test]
    fn a_line_end_in_a_name_forges_no_line() {
        let error =
            CommandError::usage("cannot read a.md\ncaused by: x\n  error: all is lost\nfin");
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
        let (_, text) = reported(&CommandError::usage(long).into());
        assert!(text.len() < 4_200 && !text.contains("secret"), "{text}");
        let lines = "a line of some length\n".repeat(10_000);
        let (_, text) = reported(&CommandError::usage(lines).into());
        assert!(text.len() < 5_200 && text.ends_with("…\n"), "{text}");
    }

    #[test]
    fn an_address_in_a_message_loses_its_password_and_help_keeps_its_placeholder() {
        let error = CommandError::usage("no such file: postgresql:/u:hunter2@h/d")
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
