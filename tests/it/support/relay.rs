//! A relay between a client and a PostgreSQL server that counts round trips, and breaks
//! connections at a message of one's choice.
//!
//! It reads the protocol (version 3, without TLS) on its way through. Answers reach the
//! client a fixed time after the server gave them, in order: statements sent without
//! waiting are then answered long after the last was sent and count as one round trip, and
//! those that wait for the answer before count as one each. Time is never measured; only a
//! client that pauses for longer than the delay looks as if it had waited.
//!
//! A round trip begins when the client sends something while nothing is outstanding, that
//! is, while every Query and Sync it sent has been answered and the answer delivered. A
//! server's call for COPY data ends one, too, because the client waits for it. Closing a
//! prepared statement begins none: clients do it in passing and do not wait.
//!
//! A client that always has something in flight, and yet waits for an old answer before it
//! sends more, is not idle and waits all the same. The depth tells: that of a statement is one
//! more than the greatest of those whose answers the client had when it sent it. Where
//! nothing is sent on the strength of an early answer, it is the number of round trips.
//!
//! An opaque relay reads nothing, so that TLS passes, and counts from a connection's first
//! byte to its last: one round trip each time that something is delivered to a client that has
//! sent something since the last delivery. What a client sends before it closes the
//! connection counts as none, because nobody waits for an answer.

mod carry;
mod fault;
mod protocol;

use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use super::database::TestDatabase;
use fault::Armed;
pub use fault::{Counted, Direction, Fault, Kind, Messages, Then};

/// The default delay of each answer.
const DELAY: Duration = Duration::from_millis(300);

/// A running relay. Dropping it stops it and ends its connections.
pub struct Relay {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    counts: Mutex<Counts>,
    /// Locked after the counts, where both are.
    armed: Mutex<Armed>,
    connections: Mutex<Vec<TcpStream>>,
    stopping: AtomicBool,
    delay: Duration,
    opaque: bool,
}

/// The counts over all connections, from the end of each login on; in an opaque relay from the
/// first byte on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Connections that were made, for whatever purpose.
    pub connections: usize,
    /// Connections that logged in. An opaque relay cannot tell.
    pub logins: usize,
    /// Connections that asked to cancel what another does. Unseen where TLS hides them.
    pub cancels: usize,
    /// See the module's words.
    pub round_trips: usize,
    /// The greatest depth, from each connection's login on; see the module's words.
    pub depth: usize,
    /// Query and Parse messages.
    pub statements: usize,
    /// Messages of each direction.
    pub messages: Messages,
    /// The same, from each connection's first byte on.
    pub messages_from_connect: Messages,
    /// Bytes from the client.
    pub bytes_sent: usize,
    /// Bytes to the client.
    pub bytes_received: usize,
}

impl Relay {
    /// Starts a relay to a server's address.
    pub fn start(target: SocketAddr) -> Self {
        Self::with_delay(target, DELAY)
    }

    /// Starts a relay to the server of a test's database; see [`Relay::url`].
    pub fn before(database: &TestDatabase) -> Self {
        Self::start(address(database))
    }

    /// As [`Relay::start`], with answers held back for another time.
    pub fn with_delay(target: SocketAddr, delay: Duration) -> Self {
        Self::run(target, delay, false)
    }

    /// Starts a relay that holds nothing back: to break connections, not to count.
    pub fn breaking(target: SocketAddr) -> Self {
        Self::with_delay(target, Duration::ZERO)
    }

    /// Starts a relay that lets TLS pass and counts what it can without reading it; see
    /// [`Relay::tls_url`].
    pub fn opaque(database: &TestDatabase) -> Self {
        Self::run(address(database), DELAY, true)
    }

    fn run(target: SocketAddr, delay: Duration, opaque: bool) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
        let address = listener.local_addr().expect("the listener is bound");
        let shared = Arc::new(Shared {
            counts: Mutex::default(),
            armed: Mutex::default(),
            connections: Mutex::default(),
            stopping: AtomicBool::new(false),
            delay,
            opaque,
        });
        let accepting = Arc::clone(&shared);
        std::thread::spawn(move || {
            for client in listener.incoming() {
                if accepting.stopping.load(Ordering::SeqCst) {
                    return;
                }
                // A client or a server that is gone ends its connection, not the relay.
                if let Ok(client) = client {
                    let _ = carry::accept(client, target, &accepting);
                }
            }
        });
        Self { address, shared }
    }

    /// The relay's port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// The address of a test's database through this relay, without TLS.
    pub fn url(&self, database: &TestDatabase) -> String {
        let mut endpoint = database.endpoint().clone();
        endpoint.port = self.port();
        endpoint.plain_url(database.name())
    }

    /// The same over TLS, which only an opaque relay lets pass.
    pub fn tls_url(&self, database: &TestDatabase) -> String {
        let mut endpoint = database.endpoint().clone();
        endpoint.port = self.port();
        endpoint.url(database.name())
    }

    /// Round trips since the start or the last [`Relay::reset`]; logins are not counted,
    /// except by an opaque relay.
    pub fn round_trips(&self) -> usize {
        self.counts().round_trips
    }

    /// Statements sent: Query and Parse messages.
    pub fn statements(&self) -> usize {
        self.counts().statements
    }

    /// Requests to cancel a statement.
    pub fn cancels(&self) -> usize {
        self.counts().cancels
    }

    /// Everything that was counted.
    pub fn counts(&self) -> Counts {
        *self.shared.lock_counts()
    }

    /// Counts from zero again. What a [`Fault`] counts goes on.
    pub fn reset(&self) {
        *self.shared.lock_counts() = Counts::default();
    }

    /// From now on, breaks the first connection that comes to the fault's message. Takes the
    /// place of a fault told before, whether that has happened or not.
    pub fn arm(&self, fault: Fault) {
        assert!(!self.shared.opaque, "an opaque relay sees no messages");
        *self.shared.lock_armed() = Armed {
            fault: Some(fault),
            struck: false,
        };
    }

    /// Lets every connection pass that is not broken yet.
    pub fn disarm(&self) {
        *self.shared.lock_armed() = Armed::default();
    }

    /// Returns true if the fault has happened.
    pub fn has_struck(&self) -> bool {
        self.shared.lock_armed().struck
    }
}

fn address(database: &TestDatabase) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, database.endpoint().port).into()
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.shared.stopping.store(true, Ordering::SeqCst);
        // Wakes the accepting thread. Connections that are gone need no end.
        let _ = TcpStream::connect(self.address);
        for connection in self.shared.lock_connections().iter() {
            let _ = connection.shutdown(Shutdown::Both);
        }
    }
}

impl Shared {
    fn lock_counts(&self) -> MutexGuard<'_, Counts> {
        self.counts
            .lock()
            .expect("no thread panics while it holds the counts")
    }

    fn lock_armed(&self) -> MutexGuard<'_, Armed> {
        self.armed
            .lock()
            .expect("no thread panics while it holds the fault")
    }

    fn lock_connections(&self) -> MutexGuard<'_, Vec<TcpStream>> {
        self.connections
            .lock()
            .expect("no thread panics while it holds the connections")
    }
}
