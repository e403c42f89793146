//! What a failed attempt means: whether another may do better, and what the user can do.

use std::error::Error;
use std::fmt;
use std::io::ErrorKind;

use tokio_postgres::error::SqlState;

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

    /// Says what to do, where that is known.
    pub fn help(&self, own_authority: bool) -> Option<String> {
        let text = words(self.cause.as_ref());
        let has = |part: &str| text.contains(part);
        let help = if has("sslrootcert") {
            "sslrootcert names a PEM file with the authority of the server's certificate; \
             without it the system's authorities are trusted"
        } else if has("sslcert") || has("sslkey") {
            "sslcert and sslkey name PEM files with the client's certificate and its key in \
             PKCS #8 form"
        } else if has("endpoint id is not specified") {
            "this host tells its databases apart by the host's name: connect by that name, or \
             add options=endpoint%3DENDPOINT_ID to the connection string"
        } else if has("unsupported startup parameter") {
            "a pooler takes no options at the start: leave them out of the connection string, \
             or connect to the host without the pooler"
        } else if has("endpoint") && (has("is disabled") || has("be found")) {
            "check the host's name, and whether the database is enabled at the provider"
        } else if has("quota") {
            "raise the provider's limit, or wait for its next period"
        } else if has("ip address") && has("not allowed") {
            "let this machine's address in, in the provider's settings"
        } else if has("no pg_hba.conf entry") && has("no encryption") {
            "the server takes this user over TLS only: add sslmode=require"
        } else if has("no pg_hba.conf entry") {
            "let the server's pg_hba.conf admit this user, database and address"
        } else if has("channel binding") {
            "the server, or a pooler before it, cannot bind the login to TLS: connect without \
             channel_binding=require"
        } else if has("certificate has expired") {
            "renew the server's certificate, or correct this machine's clock"
        } else if has("hostname mismatch") || has("ip address mismatch") {
            "connect by the name that stands in the server's certificate"
        } else if has("certificate verify failed") && own_authority {
            "the server's certificate is not from the authority in sslrootcert"
        } else if has("certificate verify failed") {
            "give the authority of the server's certificate with sslrootcert=FILE"
        } else if has("server does not support tls") {
            "turn TLS on at the server; on this machine alone, sslmode=disable is accepted"
        } else if has("password missing") || has("password authentication failed") {
            "check the user and the password in the connection string"
        } else if let Some(state) = self.state() {
            return help_for_state(state);
        } else if self.stage == Stage::Name {
            "check the host's name in the connection string, and this machine's network"
        } else if has("no such file") {
            "check the socket's directory and port, and that the server runs"
        } else if has("permission denied") {
            "connect as a user who may use the socket, or by host=localhost"
        } else if has("read only") || has("allow writes") {
            "check target_session_attrs in the connection string"
        } else if has("connection refused") || self.stage == Stage::Reach {
            "check host and port, and that the server runs"
        } else if self.broke_off() {
            "check that a PostgreSQL server listens there, then try again"
        } else {
            return None;
        };
        Some(help.into())
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

fn help_for_state(state: &SqlState) -> Option<String> {
    let help = match *state {
        SqlState::INVALID_PASSWORD | SqlState::INVALID_AUTHORIZATION_SPECIFICATION => {
            "check the user and the password in the connection string"
        }
        SqlState::INVALID_CATALOG_NAME => "check the database's name, or create the database",
        SqlState::TOO_MANY_CONNECTIONS => "close other connections, or connect through the pooler",
        SqlState::CANNOT_CONNECT_NOW => "try again in a moment",
        _ => return None,
    };
    Some(help.into())
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
    let text = told.unwrap_or(error).to_string();
    // error:0A000086:SSL routines:NAME:REASON:FILE:LINE:DETAIL (VERDICT)
    match text.split_once("certificate verify failed") {
        Some((_, after)) if text.starts_with("error:") => {
            let verdict = after.rfind('(').map_or("", |at| &after[at..]);
            format!("certificate verify failed {verdict}")
                .trim_end()
                .into()
        }
        _ => text,
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
    fn who_came_further_weighs_more() {
        let unreachable = of_kind(Stage::Reach, ErrorKind::NetworkUnreachable);
        let refused = of_kind(Stage::Reach, ErrorKind::ConnectionRefused);
        let tls = failure(Stage::Tls, "certificate verify failed");
        assert!(tls.weight() > refused.weight());
        assert!(refused.weight() > unreachable.weight());
    }

    #[test]
    fn each_refusal_of_a_hosted_database_has_its_remedy() {
        for (text, help) in [
            ("Endpoint ID is not specified", "options=endpoint%3D"),
            ("unsupported startup parameter in options: x", "pooler"),
            (
                "IP address 192.0.2.1 is not allowed",
                "let this machine's address in",
            ),
            ("endpoint is disabled", "enabled at the provider"),
            ("exceeded the compute time quota", "limit"),
            (
                "no pg_hba.conf entry for host x, no encryption",
                "sslmode=require",
            ),
            ("sslrootcert /x: no", "PEM"),
        ] {
            let said = failure(Stage::Login, text).help(false).unwrap();
            assert!(said.contains(help), "{text}: {said}");
        }
    }
}
