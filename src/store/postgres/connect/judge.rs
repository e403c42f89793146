//! What a failed attempt means: whether another may do better, and what the user can do.

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

/// How far an attempt came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Asking for the addresses of a name.
    Name,
    /// Reaching an address.
    Reach,
    /// Agreeing on TLS.
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

/// How far an attempt has come, for whoever stops waiting for it; clones tell the same.
#[derive(Clone, Debug, Default)]
pub struct CameTo(Arc<AtomicU8>);

impl CameTo {
    const STAGES: [Stage; 4] = [Stage::Name, Stage::Reach, Stage::Tls, Stage::Login];

    /// Notes what begins.
    pub fn set(&self, stage: Stage) {
        self.0.store(stage as u8, Ordering::Relaxed);
    }

    /// What has begun.
    pub fn get(&self) -> Stage {
        let number = usize::from(self.0.load(Ordering::Relaxed));
        // Only numbers of stages are stored.
        Self::STAGES.get(number).copied().unwrap_or(Stage::Name)
    }
}

/// One attempt that failed.
#[derive(Debug)]
pub struct Failure {
    /// The address that was tried.
    pub place: String,
    /// How far it came.
    pub stage: Stage,
    /// Why it ended.
    pub cause: Cause,
}

/// Whether to try again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outlook {
    /// The same would come of it.
    Hopeless,
    /// Nobody is there: a server that is being started, a network that comes and goes, or a
    /// wrong address. Worth a few seconds.
    Absent,
    /// Somebody is there and says, or shows, that it will pass. Worth all the time there is.
    Passing,
}

/// The words of an error and all its causes, a line each, in lower case.
pub fn words(error: &(dyn Error + 'static)) -> String {
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

/// Words of poolers and of Neon's proxy for what does not pass, whatever state they send with
/// it. They are looked at first: a pooler wraps the server's refusal in an error of its own.
const HOPELESS: &[&str] = &[
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

/// The same for what does.
const PASSING: &[&str] = &[
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
    /// What the server answered, if it did.
    pub fn state(&self) -> Option<&SqlState> {
        let source: &(dyn Error + 'static) = self.cause.as_ref();
        chain(source).find_map(|error| error.downcast_ref::<tokio_postgres::Error>()?.code())
    }

    fn io_kind(&self) -> Option<ErrorKind> {
        let source: &(dyn Error + 'static) = self.cause.as_ref();
        chain(source).find_map(|error| Some(error.downcast_ref::<std::io::Error>()?.kind()))
    }

    /// Whether to try again.
    pub fn outlook(&self) -> Outlook {
        let text = words(self.cause.as_ref());
        if let Some(state) = self.state() {
            return outlook_of_answer(state, &text);
        }
        match self.stage {
            // getaddrinfo's EAI_AGAIN; a name that is not there will not be there soon.
            Stage::Name if text.contains("temporary failure") || text.contains("try again") => {
                Outlook::Absent
            }
            Stage::Name => Outlook::Hopeless,
            Stage::Reach => match self.io_kind() {
                Some(ErrorKind::PermissionDenied | ErrorKind::InvalidInput) => Outlook::Hopeless,
                Some(ErrorKind::TimedOut) => Outlook::Passing,
                _ => Outlook::Absent,
            },
            Stage::Tls | Stage::Login => {
                if text.contains("certificate") || text.contains("does not support tls") {
                    Outlook::Hopeless
                } else if text.contains("read only") {
                    // Another server is being put in its place, perhaps.
                    Outlook::Absent
                } else if self.broke_off() {
                    Outlook::Passing
                } else {
                    Outlook::Hopeless
                }
            }
        }
    }

    /// Whether the connection ended without a word.
    pub fn broke_off(&self) -> bool {
        let text = words(self.cause.as_ref());
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

    /// How much it tells the user: the greater of several is shown first. What a server
    /// answered tells more than an address that nobody answers at.
    pub fn weight(&self) -> (bool, Stage, bool) {
        let refused = self.io_kind() == Some(ErrorKind::ConnectionRefused);
        (self.state().is_some(), self.stage, refused)
    }
}

fn outlook_of_answer(state: &SqlState, text: &str) -> Outlook {
    let has = |parts: &[&str]| parts.iter().any(|part| text.contains(part));
    if has(HOPELESS) {
        return Outlook::Hopeless;
    }
    let passing = [
        SqlState::ADMIN_SHUTDOWN,
        SqlState::CRASH_SHUTDOWN,
        SqlState::CANNOT_CONNECT_NOW,
        SqlState::TOO_MANY_CONNECTIONS,
    ];
    if passing.contains(state) || state.code().starts_with("08") || has(PASSING) {
        Outlook::Passing
    } else {
        Outlook::Hopeless
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

/// What went wrong, without the driver's announcement of it and without the library's notes
/// to its authors.
fn summary(error: &(dyn Error + 'static)) -> String {
    let told =
        chain(error).find(|error| !error.is::<tokio_postgres::Error>() || error.source().is_none());
    let told = told.unwrap_or(error);
    let text = match told.downcast_ref() {
        Some(answer) => said::words(answer),
        None => said::shown(&told.to_string()).into_owned(),
    };
    match tls_errors::meaning(&text) {
        Some(meaning) => meaning.words(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    fn failure(stage: Stage, cause: impl Into<Cause>) -> Failure {
        Failure {
            place: "db.example:5432".into(),
            stage,
            cause: cause.into(),
        }
    }

    fn of_kind(stage: Stage, kind: ErrorKind) -> Failure {
        failure(stage, io::Error::from(kind))
    }

    fn answer(code: &str, text: &str) -> Outlook {
        outlook_of_answer(&SqlState::from_code(code), &text.to_lowercase())
    }

    #[test]
    fn what_a_server_says_of_itself_passes() {
        for (code, text) in [
            ("57P03", "the database system is starting up"),
            (
                "57P01",
                "terminating connection due to administrator command",
            ),
            ("53300", "sorry, too many clients already"),
            ("08006", "server closed the connection"),
            ("08P01", "query_wait_timeout"),
            ("08P01", "no more connections allowed (max_client_conn)"),
            ("XX000", "Couldn't connect to compute node"),
            ("XX000", "Control plane request failed"),
            (
                "XX000",
                "Failed to acquire permit to connect to the database. Too many database connection attempts are currently ongoing.",
            ),
        ] {
            assert_eq!(answer(code, text), Outlook::Passing, "{text}");
        }
    }

    #[test]
    fn a_refusal_does_not_pass_whoever_hands_it_on() {
        for (code, text) in [
            ("28P01", "password authentication failed for user \"u\""),
            (
                "08P01",
                "server login has been failing, cached error: FATAL: password authentication failed for user \"u\"",
            ),
            ("3D000", "database \"x\" does not exist"),
            ("08P01", "no such database: x"),
            (
                "08P01",
                "unsupported startup parameter in options: statement_timeout",
            ),
            (
                "28000",
                "no pg_hba.conf entry for host \"192.0.2.1\", user \"u\", database \"d\", no encryption",
            ),
            (
                "XX000",
                "Endpoint ID is not specified. Either please upgrade the postgres client library",
            ),
            (
                "XX000",
                "The requested endpoint could not be found, or you don't have access to it.",
            ),
            (
                "XX000",
                "Endpoint is disabled. Enable it using the console and retry",
            ),
            (
                "XX000",
                "Your project has exceeded the data transfer quota.",
            ),
            (
                "XX000",
                "This IP address 192.0.2.1 is not allowed to connect to this endpoint.",
            ),
            ("XX000", "something never seen"),
        ] {
            assert_eq!(answer(code, text), Outlook::Hopeless, "{text}");
        }
    }

    #[test]
    fn a_connection_that_breaks_off_passes_and_one_that_is_refused_may() {
        assert_eq!(
            of_kind(Stage::Reach, ErrorKind::ConnectionRefused).outlook(),
            Outlook::Absent
        );
        assert_eq!(
            of_kind(Stage::Reach, ErrorKind::NetworkUnreachable).outlook(),
            Outlook::Absent
        );
        assert_eq!(
            of_kind(Stage::Reach, ErrorKind::NotFound).outlook(),
            Outlook::Absent
        );
        assert_eq!(
            of_kind(Stage::Reach, ErrorKind::PermissionDenied).outlook(),
            Outlook::Hopeless
        );
        for stage in [Stage::Tls, Stage::Login] {
            assert_eq!(
                of_kind(stage, ErrorKind::ConnectionReset).outlook(),
                Outlook::Passing
            );
            assert_eq!(
                of_kind(stage, ErrorKind::UnexpectedEof).outlook(),
                Outlook::Passing
            );
        }
    }

    #[test]
    fn a_name_that_is_not_there_is_not_asked_for_again() {
        let unknown = "failed to lookup address information: Name or service not known";
        let offline = "failed to lookup address information: Temporary failure in name resolution";
        assert_eq!(failure(Stage::Name, unknown).outlook(), Outlook::Hopeless);
        assert_eq!(failure(Stage::Name, offline).outlook(), Outlook::Absent);
    }

    #[test]
    fn a_certificate_is_not_tried_again() {
        let text = "certificate verify failed: unexpected eof while reading";
        assert_eq!(failure(Stage::Tls, text).outlook(), Outlook::Hopeless);
        assert_eq!(
            failure(Stage::Tls, "server does not support TLS").outlook(),
            Outlook::Hopeless
        );
    }

    #[test]
    fn each_stage_is_told_as_it_was_noted() {
        let came_to = CameTo::default();
        assert_eq!(came_to.get(), Stage::Name);
        for stage in CameTo::STAGES {
            came_to.clone().set(stage);
            assert_eq!(came_to.get(), stage);
        }
    }

    #[test]
    fn who_came_further_weighs_more() {
        let unreachable = of_kind(Stage::Reach, ErrorKind::NetworkUnreachable);
        let refused = of_kind(Stage::Reach, ErrorKind::ConnectionRefused);
        let tls = failure(Stage::Tls, "certificate verify failed");
        assert!(tls.weight() > refused.weight());
        assert!(refused.weight() > unreachable.weight());
    }
}
