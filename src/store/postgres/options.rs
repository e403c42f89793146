//! Options and timeouts of connections, besides the connection string.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::settings::Note;
use crate::interrupt::Interrupt;
use crate::locale::Locale;
use crate::tables::TableMap;

/// The default timeout for connecting, retries included.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);
/// The default timeout of a reader's statement.
pub const READ_TIMEOUT: Duration = Duration::from_secs(5);
/// The default timeout of a statement that writes or creates the tables.
pub const WRITE_TIMEOUT: Duration = Duration::from_secs(60);

/// The default timeout of a wait for a lock.
pub const LOCK_TIMEOUT: Duration = Duration::from_secs(10);

/// Options of a connection, besides the connection string.
#[derive(Clone, Debug)]
pub struct ConnectOptions {
    /// True if `sslmode=disable` is allowed for a host that is not this machine.
    pub allow_plaintext: bool,
    /// The user, shown to others who look at the server's sessions.
    pub actor: String,
    /// The timeout for connecting: names, network, TLS, login, and every further attempt.
    /// `None` leaves it to the connection string, and that to [`CONNECT_TIMEOUT`].
    pub connect_timeout: Option<Duration>,
    /// An upper limit of the timeout for connecting, whatever sets that.
    pub patience: Duration,
    /// The timeout of a statement that only reads; zero is no limit.
    pub read_timeout: Duration,
    /// The timeout of any other statement; zero is no limit. Waiting for another sync to end is
    /// not counted.
    pub write_timeout: Duration,
    /// The timeout of a wait for a lock while the index is read; zero is no limit.
    pub lock_timeout: Duration,
    /// The interrupt that ends every wait.
    pub interrupt: Interrupt,
    /// The observer of connecting.
    pub watcher: Watcher,
    /// The names of the tables that hold the posts.
    pub tables: TableMap,
    /// The locale to read, in a blog with locales; its default if none is named.
    pub locale: Option<Locale>,
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
            lock_timeout: LOCK_TIMEOUT,
            interrupt: Interrupt::never(),
            watcher: Watcher::default(),
            tables: TableMap::default(),
            locale: None,
        }
    }
}

/// An event while connecting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConnectEvent {
    /// There is something to say about how the string was read. It comes before the first
    /// attempt, since it may be why that fails.
    Noted(Note),
    /// It begins.
    Begun {
        /// The address, without a password.
        location: String,
    },
    /// An attempt failed, and another one follows.
    Retrying {
        /// The number of the one that follows; the first was 1.
        attempt: u32,
        /// The failure of the attempt before.
        cause: String,
        /// True if the failure is transient, as of a waking database.
        waking: bool,
    },
    /// The server takes no TLS that begins without a question; it is asked.
    NegotiationFellBack,
    /// The connection is open, or all attempts failed.
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
