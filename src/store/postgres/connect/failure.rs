//! Failed attempts: whether another one may succeed, and which of several to report first.

use std::error::Error;
use std::fmt;
use std::io::ErrorKind;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use tokio_postgres::error::SqlState;

use super::super::said;
use super::tls_errors;

/// Any error.
pub type Cause = Box<dyn Error + Send + Sync>;

/// A stage of an attempt to connect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Resolving the host's name.
    Name,
    /// Opening the connection to an address.
    Reach,
    /// Negotiating TLS.
    Tls,
    /// Logging in.
    Login,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Name => "looking up the host's name",
            Self::Reach => "opening the connection",
            Self::Tls => "negotiating TLS",
            Self::Login => "logging in",
        })
    }
}

/// The stage that a running attempt has reached, shared between its clones.
#[derive(Clone, Debug, Default)]
pub struct StageCell(Arc<AtomicU8>);

impl StageCell {
    const STAGES: [Stage; 4] = [Stage::Name, Stage::Reach, Stage::Tls, Stage::Login];

    /// Records that a stage begins.
    pub fn set(&self, stage: Stage) {
        self.0.store(stage as u8, Ordering::Relaxed);
    }

    /// Returns the stage that began last.
    pub fn get(&self) -> Stage {
        let number = usize::from(self.0.load(Ordering::Relaxed));
        // `set` stores only the numbers of stages.
        Self::STAGES.get(number).copied().unwrap_or(Stage::Name)
    }
}

/// One attempt that failed.
#[derive(Debug)]
pub struct Failure {
    /// The address that was tried.
    pub place: String,
    /// The stage that failed.
    pub stage: Stage,
    /// The error.
    pub cause: Cause,
}

/// The time for which a failed attempt is worth retrying.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Retry {
    /// A permanent failure: another attempt would fail in the same way.
    Never,
    /// Nothing answers: the server may be starting, the network may be coming back, or the
    /// address may be wrong. Retried for a few seconds.
    Briefly,
    /// A transient failure, according to the server or the network. Retried until the deadline.
    UntilDeadline,
}

/// Returns the messages of an error and all its sources, one per line, in lower case.
pub fn message_chain(error: &(dyn Error + 'static)) -> String {
    chain(error)
        .map(|error| error.to_string().to_lowercase() + "\n")
        .collect()
}

fn chain<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    let mut next = Some(error);
    std::iter::from_fn(move || {
        let error = next?;
        next = error.source();
        Some(error)
    })
}

/// Texts with which poolers and Neon's proxy report a permanent failure, whatever SQLSTATE they
/// send with it. They are checked first: a pooler wraps the server's refusal in an error of its
/// own.
const PERMANENT: &[&str] = &[
    "password authentication failed",
    "endpoint id is not specified",
    "is disabled",
    "cannot be found",
    "could not be found",
    "does not exist",
    "no such database",
    "no such user",
    "quota",
    "not allowed",
    "no pg_hba.conf entry",
    "unsupported startup parameter",
    "certificate",
];

/// Texts with which poolers and Neon's proxy report a transient failure.
const TRANSIENT: &[&str] = &[
    "couldn't connect to compute node",
    "control plane request failed",
    "failed to acquire permit",
    "too many connections",
    "too many clients",
    "no more connections allowed",
    "query_wait_timeout",
    "server conn crashed",
    "server login has been failing",
];

impl Failure {
    /// Returns the SQLSTATE that the server answered with, if it answered.
    pub fn state(&self) -> Option<&SqlState> {
        let source: &(dyn Error + 'static) = self.cause.as_ref();
        chain(source).find_map(|error| error.downcast_ref::<tokio_postgres::Error>()?.code())
    }

    fn io_kind(&self) -> Option<ErrorKind> {
        let source: &(dyn Error + 'static) = self.cause.as_ref();
        chain(source).find_map(|error| Some(error.downcast_ref::<std::io::Error>()?.kind()))
    }

    /// Returns the time for which a retry is worthwhile.
    pub fn retry(&self) -> Retry {
        let text = message_chain(self.cause.as_ref());
        if let Some(state) = self.state() {
            return retry_after_answer(state, &text);
        }
        match self.stage {
            // `EAI_AGAIN` of getaddrinfo. An unknown name is not expected to appear soon.
            Stage::Name if text.contains("temporary failure") || text.contains("try again") => {
                Retry::Briefly
            }
            Stage::Name => Retry::Never,
            Stage::Reach => match self.io_kind() {
                Some(ErrorKind::PermissionDenied | ErrorKind::InvalidInput) => Retry::Never,
                Some(ErrorKind::TimedOut) => Retry::UntilDeadline,
                _ => Retry::Briefly,
            },
            Stage::Tls | Stage::Login => {
                if text.contains("certificate") || text.contains("does not support tls") {
                    Retry::Never
                } else if text.contains("read only") {
                    // A failover may be in progress.
                    Retry::Briefly
                } else if self.is_disconnect() {
                    Retry::UntilDeadline
                } else {
                    Retry::Never
                }
            }
        }
    }

    /// Returns true if the connection was closed without an error message.
    pub fn is_disconnect(&self) -> bool {
        let text = message_chain(self.cause.as_ref());
        matches!(
            self.io_kind(),
            Some(
                ErrorKind::ConnectionReset
                    | ErrorKind::ConnectionAborted
                    | ErrorKind::BrokenPipe
                    | ErrorKind::UnexpectedEof
                    | ErrorKind::TimedOut
            )
        ) || ["unexpected eof", "connection closed", "connection reset"]
            .iter()
            .any(|words| text.contains(words))
    }

    /// Returns a key that orders failures by how specific they are; the greatest is reported
    /// first. A server's answer is more specific than an address where nothing answers.
    pub fn specificity(&self) -> (bool, Stage, bool) {
        let refused = self.io_kind() == Some(ErrorKind::ConnectionRefused);
        (self.state().is_some(), self.stage, refused)
    }
}

fn retry_after_answer(state: &SqlState, text: &str) -> Retry {
    let has = |parts: &[&str]| parts.iter().any(|part| text.contains(part));
    if has(PERMANENT) {
        return Retry::Never;
    }
    let passing = [
        SqlState::ADMIN_SHUTDOWN,
        SqlState::CRASH_SHUTDOWN,
        SqlState::CANNOT_CONNECT_NOW,
        SqlState::TOO_MANY_CONNECTIONS,
    ];
    if passing.contains(state) || state.code().starts_with("08") || has(TRANSIENT) {
        Retry::UntilDeadline
    } else {
        Retry::Never
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, summary(self.cause.as_ref()))
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(self.cause.as_ref())
    }
}

/// Returns the message of an error, without the prefix of the driver and without internals of
/// the TLS library.
fn summary(error: &(dyn Error + 'static)) -> String {
    let told =
        chain(error).find(|error| !error.is::<tokio_postgres::Error>() || error.source().is_none());
    let told = told.unwrap_or(error);
    let text = match told.downcast_ref() {
        Some(answer) => said::words(answer),
        None => said::shown(&told.to_string()).into_owned(),
    };
    match tls_errors::meaning(&text) {
        Some(meaning) => meaning.explanation(),
        None => text,
    }
}

#[cfg(test)]
mod tests;
