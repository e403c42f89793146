//! Connecting: bounded as a whole, tried again while that may help, with the error that says
//! most.
//!
//! A serverless database sleeps and has to be woken, a laptop's network comes and goes, a
//! pooler is full for a moment: all of that passes. A wrong password does not. Attempts go
//! round the endpoints of the connection string; what came of each is judged, and of all that
//! failed the user is shown what weighs most.

mod attempt;
mod guard;
mod hello;
mod judge;
mod reach;
mod remedy;
mod session;
mod stream;
mod tls;
mod tls_errors;

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::time::{sleep, timeout_at};
use tokio_postgres::config::{Host, LoadBalanceHosts, SslNegotiation};

use self::attempt::Attempt;
pub use self::guard::AnswerLimit;
pub use self::judge::Stage;
use self::judge::{CameTo, Failure, Outlook};
pub use self::session::{Link, Peer, Phases, Session};
use self::tls::SharedConnector;
use super::options::{CONNECT_TIMEOUT, ConnectEvent, ConnectOptions};
use super::settings::Settings;
use crate::store::{Result, StoreError};

/// How long somebody who is not there is waited for.
const ABSENT_PATIENCE: Duration = Duration::from_secs(3);
/// The first wait between two rounds; each is twice the one before, up to [`LONGEST_WAIT`].
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(3);
/// As long as the option allows; a connection string may say anything.
const LONGEST_TIMEOUT: Duration = Duration::from_secs(3_600);
/// The time for asking for a server's certificate.
const CERTIFICATE_TIMEOUT: Duration = Duration::from_secs(5);
/// How long asking a server to cancel may take.
const CANCEL_TIMEOUT: Duration = Duration::from_secs(3);

/// Postgres cuts a longer name, with a notice.
const APPLICATION_NAME_BYTES: usize = 63;

/// Makes connections to one place.
pub struct Connector {
    settings: Settings,
    options: ConnectOptions,
    tls: SharedConnector,
    /// Set when the server turned out not to take TLS that begins without a question.
    asks_for_tls: AtomicBool,
    location: String,
    /// The name that this process alone bears at the server.
    own_name: Option<String>,
    /// Set once a connection stood: who was there is being started again, and is waited for.
    was_there: AtomicBool,
}

impl Connector {
    /// Prepares connections.
    pub fn new(mut settings: Settings, options: ConnectOptions) -> Self {
        let mut own_name = None;
        if settings.config.get_application_name().is_none() {
            // Shown to whoever finds this sync in their way; the word at the end is of this
            // process alone, so that it finds what it left behind.
            let word = format!(
                " pid {} #{:06x}",
                std::process::id(),
                fastrand::u32(..1 << 24)
            );
            // The server puts something else for other characters, and would know this
            // process by another name.
            let shown = |c: char| if matches!(c, ' '..='~') { c } else { '?' };
            let mut name = format!(
                "blogctl {}",
                options.actor.chars().map(shown).collect::<String>()
            );
            name.truncate(name.floor_char_boundary(APPLICATION_NAME_BYTES - word.len()));
            name.push_str(&word);
            settings.config.application_name(&name);
            own_name = Some(name);
        }
        Self {
            location: location(&settings),
            settings,
            options,
            tls: SharedConnector::default(),
            asks_for_tls: AtomicBool::new(false),
            own_name,
            was_there: AtomicBool::new(false),
        }
    }

    /// Where this leads, for users: everything but the password.
    pub fn location(&self) -> &str {
        &self.location
    }

    /// The name that sessions of this process, and no others, bear at the server; `None`
    /// where the connection string gives another one.
    pub fn own_name(&self) -> Option<&str> {
        self.own_name.as_deref()
    }

    /// What was asked for beside the connection string.
    pub fn options(&self) -> &ConnectOptions {
        &self.options
    }

    /// How long connecting may take in all.
    pub fn timeout(&self) -> Duration {
        let asked = self.options.connect_timeout;
        asked
            .or(self.settings.connect_timeout)
            .unwrap_or(CONNECT_TIMEOUT)
            .min(self.options.patience)
            .min(LONGEST_TIMEOUT)
    }

    /// Connects, and drives the connection in a task of the current runtime.
    ///
    /// # Errors
    /// [`StoreError::Unreachable`].
    pub async fn connect(&self) -> Result<Session> {
        let watcher = &self.options.watcher;
        watcher.tell(ConnectEvent::Begun {
            location: self.location.clone(),
        });
        let connected = self.rounds().await;
        watcher.tell(ConnectEvent::Ended);
        connected
    }

    async fn rounds(&self) -> Result<Session> {
        let begun = Instant::now();
        let deadline = begun + self.timeout();
        let mut attempts = 1;
        let mut told: Option<Failed> = None;
        loop {
            let mut failed = match self.round(deadline).await {
                Ok(mut session) => {
                    session.link.attempts = attempts;
                    self.was_there.store(true, Ordering::Relaxed);
                    return Ok(session);
                }
                Err(failed) => failed,
            };
            // The last round may be cut short: what was said before says more than silence.
            if let Some(told) = told.take()
                && failed.is_silent()
            {
                failed.failures = told.failures;
            }
            let wait = wait_before(attempts + 1);
            let patience = match failed.outlook {
                Outlook::Hopeless => Duration::ZERO,
                // Where somebody else can be asked, nobody there is no reason to wait.
                Outlook::Absent if self.options.patience < Duration::MAX => Duration::ZERO,
                Outlook::Absent if self.was_there.load(Ordering::Relaxed) => self.timeout(),
                Outlook::Absent => ABSENT_PATIENCE.min(self.timeout()),
                Outlook::Passing => self.timeout(),
            };
            if begun.elapsed() + wait >= patience {
                return Err(self.unreachable(failed, attempts, begun.elapsed()));
            }
            attempts += 1;
            self.options.watcher.tell(ConnectEvent::Retrying {
                attempt: attempts,
                cause: failed.failures[0].to_string(),
                waking: failed.outlook == Outlook::Passing,
            });
            told = Some(failed);
            sleep(wait).await;
        }
    }

    /// Tries each endpoint once.
    async fn round(&self, deadline: Instant) -> std::result::Result<Session, Failed> {
        let mut endpoints: Vec<_> = self.settings.endpoints.iter().collect();
        if self.settings.config.get_load_balance_hosts() == LoadBalanceHosts::Random {
            fastrand::shuffle(&mut endpoints);
        }
        if self.settings.config.get_ssl_mode() != tokio_postgres::config::SslMode::Disable {
            self.tls.prepare(&self.settings);
        }
        let mut failures = Vec::new();
        let mut outlook = Outlook::Hopeless;
        for (n, endpoint) in endpoints.iter().enumerate() {
            // What is left of the time is shared with those that come after.
            let left = u32::try_from(endpoints.len() - n).unwrap_or(1);
            let share = deadline.saturating_duration_since(Instant::now()) / left;
            let until = Instant::now() + share;
            let came_to = CameTo::default();
            let attempt = self.at_endpoint(endpoint, &came_to);
            match timeout_at(until.into(), attempt).await {
                Ok(Ok(session)) => return Ok(session),
                Ok(Err(failed)) => {
                    let ends = failed.iter().any(|failure| {
                        failure.state().is_some() && failure.outlook() == Outlook::Hopeless
                    });
                    // As hopeful as the most hopeful of them; but who was let know that the
                    // password is wrong need not ask the others, as libpq does not.
                    outlook = failed
                        .iter()
                        .map(Failure::outlook)
                        .fold(outlook, Outlook::max);
                    failures.extend(failed);
                    if ends {
                        outlook = Outlook::Hopeless;
                        break;
                    }
                }
                Err(_) => {
                    outlook = Outlook::Passing;
                    failures.push(Failure {
                        place: place(&endpoint.host, endpoint.port),
                        stage: came_to.get(),
                        cause: Silence(share, came_to.get()).into(),
                    });
                }
            }
        }
        failures.sort_by_key(|failure| std::cmp::Reverse(failure.weight()));
        Err(Failed { failures, outlook })
    }

    async fn at_endpoint(
        &self,
        endpoint: &super::settings::Endpoint,
        came_to: &CameTo,
    ) -> std::result::Result<Session, Vec<Failure>> {
        let asked = self.settings.config.get_ssl_negotiation();
        let direct = asked == SslNegotiation::Direct && !self.asks_for_tls.load(Ordering::Relaxed);
        let attempt = |negotiation| Attempt {
            settings: &self.settings,
            tls: &self.tls,
            negotiation,
            came_to: came_to.clone(),
        };
        if !direct {
            return attempt(SslNegotiation::Postgres).connect(endpoint).await;
        }
        let failures = match attempt(SslNegotiation::Direct).connect(endpoint).await {
            Ok(session) => return Ok(session),
            Err(failures) => failures,
        };
        // A server before version 17 takes it for garbage and hangs up.
        let not_taken = |f: &Failure| f.stage == Stage::Tls && f.outlook() == Outlook::Passing;
        if !failures.iter().any(not_taken) {
            return Err(failures);
        }
        let session = attempt(SslNegotiation::Postgres).connect(endpoint).await?;
        self.asks_for_tls.store(true, Ordering::Relaxed);
        self.options.watcher.tell(ConnectEvent::NegotiationFellBack);
        Ok(session)
    }

    /// Asks for the certificate of the server that a session talks to, in DER; `None` where
    /// there is none or it cannot be had.
    pub async fn certificate(&self, session: &Session) -> Option<Vec<u8>> {
        let asked = session.certificate(&self.settings, &self.tls);
        let limit = self.timeout().min(CERTIFICATE_TIMEOUT);
        let answered = tokio::time::timeout(limit, asked).await;
        answered.ok()?.ok().flatten()
    }

    /// Asks the server to give up what it does for a session. What comes of it shows in the
    /// session.
    pub async fn cancel(&self, session: &Session) {
        let cancelled = session.cancel(&self.settings, &self.tls);
        let _ = tokio::time::timeout(CANCEL_TIMEOUT, cancelled).await;
    }

    fn unreachable(&self, failed: Failed, attempts: u32, took: Duration) -> StoreError {
        let own_authority = self.settings.root_certificates.is_some();
        StoreError::Unreachable {
            location: self.location.clone(),
            help: failed.failures[0].help(own_authority),
            source: Box::new(Unconnected {
                failures: failed.failures,
                attempts,
                took,
            }),
        }
    }
}

/// A round that failed: at least one failure, the weightiest first.
struct Failed {
    failures: Vec<Failure>,
    outlook: Outlook,
}

impl Failed {
    /// Whether nobody said anything.
    fn is_silent(&self) -> bool {
        self.failures
            .iter()
            .all(|failure| failure.cause.is::<Silence>())
    }
}

/// How long to wait before an attempt: half of it for sure, the rest by chance, so that many
/// who were sent away together do not come back together.
fn wait_before(attempt: u32) -> Duration {
    let doublings = attempt.saturating_sub(2).min(16);
    let longest = (FIRST_WAIT * 2_u32.pow(doublings)).min(LONGEST_WAIT);
    longest / 2 + longest.mul_f64(fastrand::f64() / 2.0)
}

/// Nothing came back.
#[derive(Debug, thiserror::Error)]
#[error("no answer within {} s, while {}", .0.as_secs_f64().round(), .1)]
struct Silence(Duration, Stage);

/// Why no connection could be made: what came of each address in the last round.
#[derive(Debug)]
pub struct Unconnected {
    failures: Vec<Failure>,
    attempts: u32,
    took: Duration,
}

impl Unconnected {
    /// How far the attempt came that is shown first.
    pub fn stage(&self) -> Option<Stage> {
        self.failures.first().map(|failure| failure.stage)
    }
}

impl fmt::Display for Unconnected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [first, others @ ..] = &self.failures[..] else {
            return f.write_str("there was nobody to ask");
        };
        write!(f, "{first}")?;
        for failure in others {
            write!(f, "\nand {failure}")?;
        }
        if self.attempts > 1 {
            let seconds = self.took.as_secs_f64();
            write!(f, "\n({} attempts in {seconds:.1} s)", self.attempts)?;
        }
        Ok(())
    }
}

/// Its causes stand in its words.
impl std::error::Error for Unconnected {}

fn place(host: &Host, port: u16) -> String {
    match host {
        Host::Tcp(name) if name.contains(':') => format!("[{name}]:{port}"),
        Host::Tcp(name) => format!("{name}:{port}"),
        #[cfg(unix)]
        Host::Unix(path) => format!("{}:{port}", path.display()),
    }
}

/// Where settings point, for users: everything but the password.
fn location(settings: &Settings) -> String {
    let config = &settings.config;
    let user = config
        .get_user()
        .map_or(String::new(), |user| format!("{user}@"));
    let database = config
        .get_dbname()
        .or(config.get_user())
        .unwrap_or_default();
    let places: Vec<String> = settings
        .endpoints
        .iter()
        .map(|endpoint| place(&endpoint.host, endpoint.port))
        .collect();
    format!("postgresql://{user}{}/{database}", places.join(","))
}

#[cfg(test)]
mod tests {
    use super::super::settings::Surroundings;
    use super::*;

    fn settings(connection: &str) -> Settings {
        Settings::parse(connection, &Surroundings::default(), true).unwrap()
    }

    fn shown(connection: &str) -> String {
        location(&settings(connection))
    }

    #[test]
    fn a_location_never_shows_the_password() {
        assert_eq!(
            shown("postgresql://ann:secret@db.example.com/blog?sslmode=require"),
            "postgresql://ann@db.example.com:5432/blog"
        );
        assert_eq!(
            shown("host=/run/pg user=ann password=secret port=5433"),
            "postgresql://ann@/run/pg:5433/ann"
        );
        assert_eq!(
            shown("postgresql://u:secret@[::1]:6000/b"),
            "postgresql://u@[::1]:6000/b"
        );
    }

    #[test]
    fn waits_grow_to_a_bound_and_differ() {
        for (attempt, longest) in [(2, 100), (3, 200), (4, 400), (8, 3_000), (1_000, 3_000)] {
            for _ in 0..100 {
                let wait = wait_before(attempt).as_millis();
                assert!(wait >= longest / 2 && wait <= longest, "{attempt}: {wait}");
            }
        }
        let waits: std::collections::HashSet<_> = (0..20).map(|_| wait_before(5)).collect();
        assert!(waits.len() > 1);
    }

    #[test]
    fn the_name_at_the_server_is_short_and_of_this_process_alone() {
        let named = |actor: &str| {
            let settings = settings("postgresql://u@h/b");
            let options = ConnectOptions {
                actor: actor.into(),
                ..ConnectOptions::default()
            };
            let connector = Connector::new(settings, options);
            connector
                .settings
                .config
                .get_application_name()
                .unwrap()
                .to_owned()
        };
        assert!(named("ann@laptop").starts_with("blogctl ann@laptop pid "));
        assert!(named("ann@laptop") != named("ann@laptop"));
        let long = named(&"안녕".repeat(40));
        assert!(long.len() <= APPLICATION_NAME_BYTES, "{long}");
        assert!(long.contains(" pid "), "{long}");
        // Only such characters reach the server as they are.
        assert!(
            long.bytes().all(|byte| (b' '..=b'~').contains(&byte)),
            "{long}"
        );
    }
}
