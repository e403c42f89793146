//! Connecting to Postgres, with retries and one deadline for all of them.
//!
//! A serverless database has to be woken, a laptop's network comes and goes, a pooler may be
//! full for a moment: such failures are transient. A wrong password is not. Each round tries
//! every endpoint of the connection string; each failure is classified, and the most specific
//! one is reported.

mod attempt;
mod failure;
mod guard;
mod happy_eyeballs;
mod remedy;
mod server_hello;
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
pub use self::failure::Stage;
use self::failure::{Failure, Retry, StageCell};
pub use self::guard::AnswerLimit;
pub use self::session::{ConnectionInfo, Peer, Phases, Session};
use self::tls::SharedConnector;
use super::options::{CONNECT_TIMEOUT, ConnectEvent, ConnectOptions};
use super::settings::Settings;
use crate::store::{Result, StoreError};

/// The time for which an endpoint where nothing answers is retried.
const BRIEF_RETRY_TIME: Duration = Duration::from_secs(3);
/// The delay before the second round; it doubles with each round, up to [`LONGEST_WAIT`].
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(3);
/// The longest timeout, as for `--connect-timeout`; a connection string may give any number.
const LONGEST_TIMEOUT: Duration = Duration::from_secs(3_600);
/// The timeout for fetching a server's certificate.
const CERTIFICATE_TIMEOUT: Duration = Duration::from_secs(5);
/// The timeout for a cancel request.
const CANCEL_TIMEOUT: Duration = Duration::from_secs(3);

/// The longest application_name; Postgres truncates a longer one, with a notice.
const APPLICATION_NAME_BYTES: usize = 63;

/// A factory for connections to one target.
pub struct Connector {
    settings: Settings,
    options: ConnectOptions,
    tls: SharedConnector,
    /// Set if the server turned out not to support direct TLS negotiation.
    asks_for_tls: AtomicBool,
    location: String,
    /// The application_name of this process's sessions, unique to the process.
    process_name: Option<String>,
    /// Set after the first connection: a server that was there before is probably restarting,
    /// and is retried until the deadline.
    was_connected: AtomicBool,
}

impl Connector {
    /// Prepares connections.
    pub fn new(mut settings: Settings, options: ConnectOptions) -> Self {
        let mut process_name = None;
        if settings.config.get_application_name().is_none() {
            // The name is shown to users who are blocked by this sync. Its suffix is unique to
            // this process, so that the process can find a session that it lost.
            let word = format!(
                " pid {} #{:06x}",
                std::process::id(),
                fastrand::u32(..1 << 24)
            );
            // The server replaces other characters, and the name would no longer match.
            let shown = |c: char| if matches!(c, ' '..='~') { c } else { '?' };
            let mut name = format!(
                "blogctl {}",
                options.actor.chars().map(shown).collect::<String>()
            );
            name.truncate(name.floor_char_boundary(APPLICATION_NAME_BYTES - word.len()));
            name.push_str(&word);
            settings.config.application_name(&name);
            process_name = Some(name);
        }
        Self {
            location: location(&settings),
            settings,
            options,
            tls: SharedConnector::default(),
            asks_for_tls: AtomicBool::new(false),
            process_name,
            was_connected: AtomicBool::new(false),
        }
    }

    /// Returns the target for users: everything except the password.
    pub fn location(&self) -> &str {
        &self.location
    }

    /// Returns the application_name that is unique to this process; `None` if the connection
    /// string sets another one.
    pub fn process_name(&self) -> Option<&str> {
        self.process_name.as_deref()
    }

    /// Returns the options that are not part of the connection string.
    pub fn options(&self) -> &ConnectOptions {
        &self.options
    }

    /// Returns the time limit for connecting, retries included.
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
                    self.was_connected.store(true, Ordering::Relaxed);
                    return Ok(session);
                }
                Err(failed) => failed,
            };
            // The deadline may cut the last round short. The failures of the round before are then
            // more specific than a timeout.
            if let Some(told) = told.take()
                && failed.is_cut_short_after(&told)
            {
                failed.failures = told.failures;
            }
            let wait = wait_before(attempts + 1);
            let patience = match failed.retry {
                Retry::Never => Duration::ZERO,
                // With a fallback, there is no reason to wait for an endpoint where nothing
                // answers.
                Retry::Briefly if self.options.patience < Duration::MAX => Duration::ZERO,
                Retry::Briefly if self.was_connected.load(Ordering::Relaxed) => self.timeout(),
                Retry::Briefly => BRIEF_RETRY_TIME.min(self.timeout()),
                Retry::UntilDeadline => self.timeout(),
            };
            if begun.elapsed() + wait >= patience {
                return Err(self.unreachable(failed, attempts, begun.elapsed()));
            }
            attempts += 1;
            self.options.watcher.tell(ConnectEvent::Retrying {
                attempt: attempts,
                cause: failed.failures[0].to_string(),
                waking: failed.retry == Retry::UntilDeadline,
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
        let mut retry = Retry::Never;
        for (n, endpoint) in endpoints.iter().enumerate() {
            // The remaining time is divided among the remaining endpoints.
            let left = u32::try_from(endpoints.len() - n).unwrap_or(1);
            let share = deadline.saturating_duration_since(Instant::now()) / left;
            let until = Instant::now() + share;
            let stage = StageCell::default();
            let attempt = self.at_endpoint(endpoint, &stage);
            match timeout_at(until.into(), attempt).await {
                Ok(Ok(session)) => return Ok(session),
                Ok(Err(failed)) => {
                    let ends = failed.iter().any(|failure| {
                        failure.state().is_some() && failure.retry() == Retry::Never
                    });
                    // The most optimistic failure decides. After a permanent refusal such as a
                    // wrong password, no other endpoint is tried, as in libpq.
                    retry = failed.iter().map(Failure::retry).fold(retry, Retry::max);
                    failures.extend(failed);
                    if ends {
                        retry = Retry::Never;
                        break;
                    }
                }
                Err(_) => {
                    retry = Retry::UntilDeadline;
                    failures.push(Failure {
                        place: place(&endpoint.host, endpoint.port),
                        stage: stage.get(),
                        cause: NoAnswer(share, stage.get()).into(),
                    });
                }
            }
        }
        failures.sort_by_key(|failure| std::cmp::Reverse(failure.specificity()));
        Err(Failed { failures, retry })
    }

    async fn at_endpoint(
        &self,
        endpoint: &super::settings::Endpoint,
        stage: &StageCell,
    ) -> std::result::Result<Session, Vec<Failure>> {
        let asked = self.settings.config.get_ssl_negotiation();
        let direct = asked == SslNegotiation::Direct && !self.asks_for_tls.load(Ordering::Relaxed);
        let attempt = |negotiation| Attempt {
            settings: &self.settings,
            tls: &self.tls,
            negotiation,
            stage: stage.clone(),
        };
        if !direct {
            return attempt(SslNegotiation::Postgres).connect(endpoint).await;
        }
        let failures = match attempt(SslNegotiation::Direct).connect(endpoint).await {
            Ok(session) => return Ok(session),
            Err(failures) => failures,
        };
        // A server before version 17 hangs up on direct TLS negotiation.
        let not_taken = |f: &Failure| f.stage == Stage::Tls && f.retry() == Retry::UntilDeadline;
        if !failures.iter().any(not_taken) {
            return Err(failures);
        }
        let session = attempt(SslNegotiation::Postgres).connect(endpoint).await?;
        self.asks_for_tls.store(true, Ordering::Relaxed);
        self.options.watcher.tell(ConnectEvent::NegotiationFellBack);
        Ok(session)
    }

    /// Returns the certificate of a session's server, in DER; `None` if there is none or it
    /// cannot be fetched.
    pub async fn certificate(&self, session: &Session) -> Option<Vec<u8>> {
        let asked = session.certificate(&self.settings, &self.tls);
        let limit = self.timeout().min(CERTIFICATE_TIMEOUT);
        let answered = tokio::time::timeout(limit, asked).await;
        answered.ok()?.ok().flatten()
    }

    /// Asks the server to cancel a session's statement. The result shows in the session.
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

/// A failed round: at least one failure, the most specific first.
struct Failed {
    failures: Vec<Failure>,
    retry: Retry,
}

impl Failed {
    /// Returns true if the round only timed out, or timed out where the round before had a failure
    /// that is at least as specific.
    fn is_cut_short_after(&self, before: &Self) -> bool {
        let is_timeout = |failure: &Failure| failure.cause.is::<NoAnswer>();
        self.failures.iter().all(is_timeout)
            || is_timeout(&self.failures[0])
                && before.failures[0].specificity() >= self.failures[0].specificity()
    }
}

/// Returns the delay before an attempt: exponential, half of it random, so that clients that
/// were turned away together do not come back together.
fn wait_before(attempt: u32) -> Duration {
    let doublings = attempt.saturating_sub(2).min(16);
    let longest = (FIRST_WAIT * 2_u32.pow(doublings)).min(LONGEST_WAIT);
    longest / 2 + longest.mul_f64(fastrand::f64() / 2.0)
}

/// A timeout of an attempt: its time, and the stage it had reached.
#[derive(Debug, thiserror::Error)]
#[error("no answer within {} s, while {}", .0.as_secs_f64().round(), .1)]
struct NoAnswer(Duration, Stage);

/// The failures of the last round, one per address.
#[derive(Debug)]
pub struct Unconnected {
    failures: Vec<Failure>,
    attempts: u32,
    took: Duration,
}

impl Unconnected {
    /// Returns the stage of the failure that is reported first.
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

/// `Display` includes the sources, so `source` returns none.
impl std::error::Error for Unconnected {}

fn place(host: &Host, port: u16) -> String {
    match host {
        Host::Tcp(name) if name.contains(':') => format!("[{name}]:{port}"),
        Host::Tcp(name) => format!("{name}:{port}"),
        #[cfg(unix)]
        Host::Unix(path) => format!("{}:{port}", path.display()),
    }
}

/// Returns the target of settings for users: everything except the password.
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
mod tests;
