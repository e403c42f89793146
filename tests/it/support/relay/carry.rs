//! The threads that carry one connection's bytes, and what they count and break on the way.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use super::Shared;
use super::fault::{Direction, Kind, Link, State};
use super::protocol::{Frames, Piece};

const CANCEL_REQUEST: u32 = 80_877_102;
const SSL_REQUEST: u32 = 80_877_103;
const GSS_REQUEST: u32 = 80_877_104;

/// The StartupMessage has no type byte.
const STARTUP: u8 = 0;

/// Connects a client to the server and starts the threads that carry bytes.
pub(super) fn accept(
    client: TcpStream,
    target: SocketAddr,
    shared: &Arc<Shared>,
) -> io::Result<()> {
    client.set_nodelay(true)?;
    shared.lock_counts().connections += 1;
    let broken = shared.lock_armed().meets_connection();
    match broken {
        Some(Kind::Stall | Kind::Hole) => {
            shared.lock_connections().push(client.try_clone()?);
            std::thread::spawn(move || swallow(client));
            return Ok(());
        }
        // Ends with its last handle.
        Some(_) => return Ok(()),
        None => {}
    }
    let server = TcpStream::connect(target)?;
    server.set_nodelay(true)?;
    {
        let mut connections = shared.lock_connections();
        connections.push(client.try_clone()?);
        connections.push(server.try_clone()?);
    }
    let link = Arc::new(Mutex::new(Link::default()));
    let carrier = |direction| -> io::Result<Carrier> {
        Ok(Carrier {
            direction,
            frames: Frames::default(),
            ends_with_message: false,
            client: client.try_clone()?,
            server: server.try_clone()?,
            shared: Arc::clone(shared),
            link: Arc::clone(&link),
        })
    };
    let (to_server, to_client) = (carrier(Direction::ToServer)?, carrier(Direction::ToClient)?);
    let (late, due) = channel();
    let delay = shared.delay;
    std::thread::spawn(move || hold_back(server, delay, &late));
    std::thread::spawn(move || deliver(&due, to_client));
    std::thread::spawn(move || forward(client, to_server));
    Ok(())
}

/// Reads until the other side has closed; an error means the same.
fn swallow(mut stream: TcpStream) {
    let _ = io::copy(&mut stream, &mut io::sink());
}

/// Carries what the client sends.
fn forward(mut client: TcpStream, mut carrier: Carrier) {
    let mut carry = || -> io::Result<()> {
        if !carrier.shared.opaque {
            start_up(&mut client, &mut carrier)?;
        }
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let read = client.read(&mut buffer)?;
            if read == 0 {
                return Ok(());
            }
            carrier.carry(&buffer[..read])?;
        }
    };
    // Either side may go at any time; then both go.
    let _ = carry();
    let mut link = carrier.lock();
    link.client_gone = true;
    if link.state != State::Hole {
        let _ = carrier.server.shutdown(Shutdown::Write);
    }
}

/// Carries the client's first packets, which have no type byte; declines encryption itself.
fn start_up(client: &mut TcpStream, carrier: &mut Carrier) -> io::Result<()> {
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
        let mut packet = head.to_vec();
        packet.resize(length.max(head.len()), 0);
        client.read_exact(&mut packet[head.len()..])?;
        if code == CANCEL_REQUEST {
            carrier.shared.lock_counts().cancels += 1;
            return carrier.server.write_all(&packet);
        }
        return carrier.carry_pieces(vec![Piece {
            kind: Some(STARTUP),
            ends: true,
            bytes: packet,
        }]);
    }
}

/// Reads what the server says and notes when the client may have it. Goes on when nobody
/// wants it any more: a server must be able to say its last words, to see that it is over.
fn hold_back(mut server: TcpStream, delay: Duration, late: &Sender<(Instant, Vec<u8>)>) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(read @ 1..) = server.read(&mut buffer) {
        let _ = late.send((Instant::now() + delay, buffer[..read].to_vec()));
    }
}

/// Delivers what is due. The turn changes just before the client can see the answer, so
/// that what it sends thereupon is always counted.
fn deliver(due: &Receiver<(Instant, Vec<u8>)>, mut carrier: Carrier) {
    for (at, bytes) in due {
        std::thread::sleep(at.saturating_duration_since(Instant::now()));
        if carrier.carry(&bytes).is_err() {
            break;
        }
    }
    // The server has closed, or the client is gone: then nobody is there to tell. A client
    // whose connection is stalled learns nothing of that either.
    if !matches!(carrier.lock().state, State::Stalled | State::Hole) {
        let _ = carrier.client.shutdown(Shutdown::Both);
    }
}

/// One direction of a connection.
struct Carrier {
    direction: Direction,
    frames: Frames,
    /// The connection ends when the message that has begun is delivered.
    ends_with_message: bool,
    client: TcpStream,
    server: TcpStream,
    shared: Arc<Shared>,
    link: Arc<Mutex<Link>>,
}

impl Carrier {
    fn lock(&self) -> MutexGuard<'_, Link> {
        self.link
            .lock()
            .expect("no thread panics while it holds a connection's state")
    }

    /// Counts bytes and passes them on, until a fault stops it.
    fn carry(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.shared.opaque {
            self.count_opaque(bytes.len());
            return self.pass_on(bytes);
        }
        if self.lock().turn.logged_in {
            let mut counts = self.shared.lock_counts();
            *match self.direction {
                Direction::ToServer => &mut counts.bytes_sent,
                Direction::ToClient => &mut counts.bytes_received,
            } += bytes.len();
        }
        let pieces = self.frames.split(bytes);
        self.carry_pieces(pieces)
    }

    fn carry_pieces(&mut self, pieces: Vec<Piece>) -> io::Result<()> {
        if self.lock().state != State::Open {
            return Ok(());
        }
        let mut passing = Vec::new();
        for piece in pieces {
            let fault = piece.kind.and_then(|kind| self.count(kind));
            match fault {
                None => {}
                Some(Kind::CutBefore) => {
                    self.pass_on(&passing)?;
                    self.end();
                    return Ok(());
                }
                Some(Kind::Stall) => {
                    self.lock().state = State::Stalled;
                    return self.pass_on(&passing);
                }
                Some(Kind::Hole) => {
                    self.lock().state = State::Hole;
                    return self.pass_on(&passing);
                }
                Some(Kind::CutAfter) => self.ends_with_message = true,
            }
            passing.extend(piece.bytes);
            if self.ends_with_message && piece.ends {
                // First, so that what this message brings about comes too late.
                self.lock().state = State::Ended;
                if self.direction == Direction::ToServer {
                    let _ = self.client.shutdown(Shutdown::Write);
                }
                self.pass_on(&passing)?;
                self.end();
                return Ok(());
            }
        }
        self.pass_on(&passing)
    }

    /// Counts a message that begins, and tells what happens at it.
    fn count(&self, kind: u8) -> Option<Kind> {
        let mut counts = self.shared.lock_counts();
        let mut link = self.lock();
        let terminates = self.direction == Direction::ToServer && kind == b'X';
        if terminates {
            return None;
        }
        link.sees(self.direction);
        *counts.messages_from_connect.of(self.direction) += 1;
        let logged_in = link.turn.logged_in;
        if logged_in {
            *counts.messages.of(self.direction) += 1;
        }
        match self.direction {
            Direction::ToServer if logged_in => {
                counts.round_trips += usize::from(link.turn.client_sends(kind));
                counts.depth = counts.depth.max(link.turn.depth());
                counts.statements += usize::from(matches!(kind, b'Q' | b'P'));
            }
            Direction::ToServer => {}
            Direction::ToClient => {
                link.turn.client_receives(kind);
                if link.turn.logged_in && !logged_in {
                    link.logs_in();
                    counts.logins += 1;
                }
            }
        }
        self.shared
            .lock_armed()
            .meets_message(self.direction, &link)
    }

    fn count_opaque(&self, bytes: usize) {
        let mut counts = self.shared.lock_counts();
        let mut link = self.lock();
        match self.direction {
            Direction::ToServer => {
                counts.bytes_sent += bytes;
                link.turn.sends_unread();
            }
            Direction::ToClient => {
                counts.bytes_received += bytes;
                let awaited = link.turn.receives_unread() && !link.client_gone;
                counts.round_trips += usize::from(awaited);
            }
        }
    }

    fn pass_on(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self.direction {
            Direction::ToServer => self.server.write_all(bytes),
            Direction::ToClient => self.client.write_all(bytes),
        }
    }

    /// Ends the connection on both sides, after what was delivered. Both are read on, and
    /// what they say is dropped: closing over unread bytes would take back what is still on
    /// its way.
    fn end(&mut self) {
        self.lock().state = State::Ended;
        let _ = self.client.shutdown(Shutdown::Write);
        let _ = self.server.shutdown(Shutdown::Write);
    }
}
