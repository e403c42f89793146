//! How to connect and how long to wait, beside what the connection string says.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::settings::Note;
use crate::interrupt::Interrupt;

/// How long connecting may take in all, unless something else is said.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);
/// How long a reader's statement may take, unless something else is said.
pub const READ_TIMEOUT: Duration = Duration::from_secs(5);
/// How long one of a sync's statements, or of those that make the tables, may take, unless
/// something else is said.
pub const WRITE_TIMEOUT: Duration = Duration::from_secs(60);

/// How to connect, beside what the connection string says.
#[derive(Clone, Debug)]
pub struct ConnectOptions {
    /// Whether `sslmode=disable` is granted for a host that is not this machine.
    pub allow_plaintext: bool,
    /// Who runs this, for others who look at the server.
    pub actor: String,
    /// How long connecting may take in all: names, network, TLS, login, and every further
    /// attempt. `None` leaves it to the connection string, and that to [`CONNECT_TIMEOUT`].
    pub connect_timeout: Option<Duration>,
    /// Whatever allows more, connecting takes no longer than this.
    pub patience: Duration,
    /// How long a statement that only reads may take; zero is no limit.
    pub read_timeout: Duration,
    /// How long any other statement may take; zero is no limit. Waiting for another sync to
    /// end is not counted.
    pub write_timeout: Duration,
    /// What calls off whatever is waited for.
    pub interrupt: Interrupt,
    /// Who is told how connecting goes.
    pub watcher: Watcher,
}

impl Default for ConnectOptions {
    fn default() -> Self {
        Self {
            allow_plaintext: false,
            actor: "unknown".into(),
            connect_timeout: None,
            patience: Duration::MAX,
            read_timeout: READ_TIMEOUT,
            write_timeout: WRITE_TIMEOUT,
            interrupt: Interrupt::never(),
            watcher: Watcher::default(),
        }
    }
}

/// What happens while connecting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConnectEvent {
    /// There is something to say about how the string was read. It comes before the first
    /// attempt, since it may be why that fails.
    Noted(Note),
    /// It begins.
    Begun {
        /// Where, without a password.
        location: String,
    },
    /// An attempt failed, and another one follows.
    Retrying {
        /// The number of the one that follows; the first was 1.
        attempt: u32,
        /// Why the last one failed.
        cause: String,
        /// Whether somebody answered: a database that wakes, rather than nobody there.
        waking: bool,
    },
    /// The server takes no TLS that begins without a question; it is asked.
    NegotiationFellBack,
    /// The connection stands, or all attempts failed.
    Ended,
}

type Tell = dyn Fn(&ConnectEvent) + Send + Sync;

/// Is told how connecting goes; the default is nobody.
#[derive(Clone, Default)]
pub struct Watcher(Option<Arc<Tell>>);

impl Watcher {
    /// Calls a function with each event.
    pub fn new(tell: impl Fn(&ConnectEvent) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(tell)))
    }

    pub(super) fn tell(&self, event: ConnectEvent) {
        if let Some(tell) = &self.0 {
            tell(&event);
        }
    }
}

impl fmt::Debug for Watcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() {
            "Watcher(..)"
        } else {
            "Watcher"
        })
    }
}
