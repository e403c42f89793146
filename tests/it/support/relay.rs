//! A relay between a client and a PostgreSQL server that counts round trips.
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

mod protocol;

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use super::database::TestDatabase;
use protocol::{Frames, Turn};

/// How long an answer is held back unless a test says otherwise.
const DELAY: Duration = Duration::from_millis(150);

const CANCEL_REQUEST: u32 = 80_877_102;
const SSL_REQUEST: u32 = 80_877_103;
const GSS_REQUEST: u32 = 80_877_104;

/// A running relay. Dropping it stops it and ends its connections.
pub struct Relay {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    counts: Mutex<Counts>,
    connections: Mutex<Vec<TcpStream>>,
    stopping: AtomicBool,
    delay: Duration,
}

/// What was counted after each connection's login, over all connections.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Connections that logged in.
    pub logins: usize,
    /// See the module's words.
    pub round_trips: usize,
    /// The greatest depth, from each connection's login on; see the module's words.
    pub depth: usize,
    /// Query and Parse messages.
    pub statements: usize,
    /// Bytes from the client.
    pub bytes_sent: usize,
    /// Bytes to the client.
    pub bytes_received: usize,
    /// Messages from the client after which its connection is cut.
    cut_after: Option<usize>,
    messages: usize,
}

impl Relay {
    /// Starts a relay to a server's address.
    pub fn start(target: SocketAddr) -> Self {
        Self::with_delay(target, DELAY)
    }

    /// Starts a relay to the server of a test's database; see [`Relay::url`].
    pub fn before(database: &TestDatabase) -> Self {
        Self::start((Ipv4Addr::LOCALHOST, database.endpoint().port).into())
    }

    /// As [`Relay::start`], with answers held back for another time.
    pub fn with_delay(target: SocketAddr, delay: Duration) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
        let address = listener.local_addr().expect("the listener is bound");
        let shared = Arc::new(Shared {
            counts: Mutex::default(),
            connections: Mutex::default(),
            stopping: AtomicBool::new(false),
            delay,
        });
        let accepting = Arc::clone(&shared);
        std::thread::spawn(move || {
            for client in listener.incoming() {
                if accepting.stopping.load(Ordering::SeqCst) {
                    return;
                }
                // A client or a server that is gone ends its connection, not the relay.
                if let Ok(client) = client {
                    let _ = relay(client, target, &accepting);
                }
            }
        });
        Self { address, shared }
    }

    /// The relay's port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// The address of a test's database through this relay.
    pub fn url(&self, database: &TestDatabase) -> String {
        let mut endpoint = database.endpoint().clone();
        endpoint.port = self.port();
        endpoint.plain_url(database.name())
    }

    /// Round trips since the start or the last [`Relay::reset`], logins not counted.
    pub fn round_trips(&self) -> usize {
        self.counts().round_trips
    }

    /// Statements sent: Query and Parse messages.
    pub fn statements(&self) -> usize {
        self.counts().statements
    }

    /// Everything that was counted.
    pub fn counts(&self) -> Counts {
        *self.shared.lock_counts()
    }

    /// Counts from zero again.
    pub fn reset(&self) {
        let mut counts = self.shared.lock_counts();
        *counts = Counts {
            cut_after: counts.cut_after,
            ..Counts::default()
        };
    }

    /// From now on, ends a connection once `messages` more messages have come from the
    /// client: the last of them still reaches the server, its answer reaches nobody.
    pub fn cut_after(&self, messages: usize) {
        let mut counts = self.shared.lock_counts();
        counts.cut_after = Some(counts.messages + messages);
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.shared.stopping.store(true, Ordering::SeqCst);
        // Wakes the accepting thread. Connections that are gone need no end.
        let _ = TcpStream::connect(self.address);
        let connections = self
            .shared
            .connections
            .lock()
            .expect("no thread panics with it");
        for connection in connections.iter() {
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
}

/// Connects a client to the server and starts the threads that carry bytes.
fn relay(mut client: TcpStream, target: SocketAddr, shared: &Arc<Shared>) -> std::io::Result<()> {
    client.set_nodelay(true)?;
    let server = TcpStream::connect(target)?;
    server.set_nodelay(true)?;
    {
        let mut connections = shared.connections.lock().expect("no thread panics with it");
        connections.push(client.try_clone()?);
        connections.push(server.try_clone()?);
    }
    let turn = Arc::new(Mutex::new(Turn::default()));
    let (late, due) = channel();

    let from_server = server.try_clone()?;
    let delay = shared.delay;
    std::thread::spawn(move || hold_back(from_server, delay, &late));

    let (to_client, carrier, turn_there) =
        (client.try_clone()?, Arc::clone(shared), Arc::clone(&turn));
    std::thread::spawn(move || deliver(&due, to_client, &carrier, &turn_there));

    let shared = Arc::clone(shared);
    std::thread::spawn(move || {
        // Either side may go at any time; then both go.
        let _ = start_up(&mut client, &server)
            .and_then(|()| forward(&mut client, &server, &shared, &turn));
        let _ = server.shutdown(Shutdown::Write);
    });
    Ok(())
}

/// Carries the client's first packets, which have no type byte; declines encryption itself.
fn start_up(client: &mut TcpStream, mut server: &TcpStream) -> std::io::Result<()> {
    loop {
        let mut head = [0; 8];
        client.read_exact(&mut head)?;
        let [a, b, c, d, e, f, g, h] = head;
        let length = u32::from_be_bytes([a, b, c, d]) as usize;
        let code = u32::from_be_bytes([e, f, g, h]);
        if matches!(code, SSL_REQUEST | GSS_REQUEST) {
            client.write_all(b"N")?;
            continue;
        }
        let mut body = vec![0; length.saturating_sub(head.len())];
        client.read_exact(&mut body)?;
        server.write_all(&head)?;
        server.write_all(&body)?;
        if code != CANCEL_REQUEST {
            return Ok(());
        }
    }
}

/// Carries what the client sends and counts it, before the server can answer.
fn forward(
    client: &mut TcpStream,
    mut server: &TcpStream,
    shared: &Shared,
    turn: &Mutex<Turn>,
) -> std::io::Result<()> {
    let mut frames = Frames::default();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = client.read(&mut buffer)?;
        if read == 0 {
            return Ok(());
        }
        let mut cut = false;
        {
            let mut counts = shared.lock_counts();
            let mut turn = turn
                .lock()
                .expect("no thread panics while it holds the turn");
            if turn.logged_in {
                counts.bytes_sent += read;
            }
            frames.feed(&buffer[..read], |kind| {
                if turn.logged_in && kind != b'X' {
                    counts.round_trips += usize::from(turn.client_sends(kind));
                    counts.depth = counts.depth.max(turn.depth());
                    counts.statements += usize::from(matches!(kind, b'Q' | b'P'));
                    counts.messages += 1;
                    cut |= counts
                        .cut_after
                        .is_some_and(|limit| counts.messages >= limit);
                }
            });
        }
        if cut {
            // First, so that the answer comes too late.
            client.shutdown(Shutdown::Both)?;
        }
        server.write_all(&buffer[..read])?;
        if cut {
            return Ok(());
        }
    }
}

/// Reads what the server says and notes when the client may have it.
fn hold_back(mut server: TcpStream, delay: Duration, late: &Sender<(Instant, Vec<u8>)>) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(read @ 1..) = server.read(&mut buffer) {
        if late
            .send((Instant::now() + delay, buffer[..read].to_vec()))
            .is_err()
        {
            return;
        }
    }
}

/// Delivers what is due. The turn changes just before the client can see the answer, so
/// that what it sends thereupon is always counted.
fn deliver(
    due: &Receiver<(Instant, Vec<u8>)>,
    mut client: TcpStream,
    shared: &Shared,
    turn: &Mutex<Turn>,
) {
    let mut frames = Frames::default();
    for (at, bytes) in due {
        std::thread::sleep(at.saturating_duration_since(Instant::now()));
        {
            let mut counts = shared.lock_counts();
            let mut turn = turn
                .lock()
                .expect("no thread panics while it holds the turn");
            if turn.logged_in {
                counts.bytes_received += bytes.len();
            }
            frames.feed(&bytes, |kind| {
                let before = turn.logged_in;
                turn.client_receives(kind);
                counts.logins += usize::from(turn.logged_in && !before);
            });
        }
        if client.write_all(&bytes).is_err() {
            break;
        }
    }
    // The server has closed, or the client is gone: then nobody is there to tell.
    let _ = client.shutdown(Shutdown::Both);
}
