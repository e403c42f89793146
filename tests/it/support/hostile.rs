//! A server that means harm: it says what a test wants said, and reads what it is sent.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// The moment from which a hostile server misbehaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum From {
    /// As the answer to the first message.
    TheStart,
    /// After a login without a password, as the answer to the first statement.
    TheFirstStatement,
}

/// The way in which a hostile server sends its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Saying {
    /// Once, and nothing more.
    Once,
    /// Again and again.
    WithoutEnd,
    /// A byte, a pause, a byte.
    BytesSlowly,
}

/// A running hostile server. Dropping it shuts it for new clients.
pub struct Hostile {
    address: SocketAddr,
    stopping: Arc<AtomicBool>,
    /// Counts the clients that are now waiting for an answer.
    reached: Arc<AtomicUsize>,
}

impl Hostile {
    /// Starts one.
    pub fn serving(from: From, saying: Saying, words: Vec<u8>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
        let address = listener.local_addr().expect("the listener is bound");
        let stopping = Arc::new(AtomicBool::new(false));
        let accepting = Arc::clone(&stopping);
        let words = Arc::new(words);
        let reached = Arc::new(AtomicUsize::new(0));
        let counting = Arc::clone(&reached);
        std::thread::spawn(move || {
            for client in listener.incoming() {
                if accepting.load(Ordering::SeqCst) {
                    return;
                }
                let (words, stopping) = (Arc::clone(&words), Arc::clone(&accepting));
                let reached = Arc::clone(&counting);
                // A client that goes away ends its connection, not the server.
                if let Ok(client) = client {
                    std::thread::spawn(move || {
                        serve(client, from, saying, &words, &stopping, &reached)
                    });
                }
            }
        });
        Self {
            address,
            stopping,
            reached,
        }
    }

    /// Runs `start`, and waits until a client has come to where this server says its own.
    pub fn reached_by<T>(&self, start: impl FnOnce() -> T) -> T {
        let before = self.reached.load(Ordering::SeqCst);
        let started = start();
        let begun = Instant::now();
        while self.reached.load(Ordering::SeqCst) == before {
            assert!(begun.elapsed() < Duration::from_secs(60), "no client came");
            std::thread::sleep(Duration::from_millis(10));
        }
        started
    }

    /// The address of a database there.
    pub fn url(&self) -> String {
        format!("postgresql://me:secret@{}/db", self.address)
    }
}

impl Drop for Hostile {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
    }
}

fn serve(
    mut client: TcpStream,
    from: From,
    saying: Saying,
    words: &[u8],
    stopping: &AtomicBool,
    reached: &AtomicUsize,
) -> std::io::Result<()> {
    let mut length = [0; 4];
    client.read_exact(&mut length)?;
    let mut startup = vec![0; u32::from_be_bytes(length) as usize - 4];
    client.read_exact(&mut startup)?;
    if from == From::TheFirstStatement {
        client.write_all(&login())?;
        client.read_exact(&mut [0])?;
    }
    reached.fetch_add(1, Ordering::SeqCst);
    // It reads what it is sent, so that nobody waits for it to.
    let mut ear = client.try_clone()?;
    std::thread::spawn(move || std::io::copy(&mut ear, &mut std::io::sink()));
    while !stopping.load(Ordering::SeqCst) {
        match saying {
            Saying::Once => {
                client.write_all(words)?;
                let gone = || client.peek(&mut [0]);
                while !stopping.load(Ordering::SeqCst) && gone().is_ok() {
                    std::thread::sleep(Duration::from_millis(50));
                }
            }
            Saying::WithoutEnd => client.write_all(words)?,
            Saying::BytesSlowly => {
                for byte in words {
                    client.write_all(&[*byte])?;
                    std::thread::sleep(Duration::from_millis(100));
                }
            }
        }
    }
    Ok(())
}

fn login() -> Vec<u8> {
    [
        message(b'R', &[0, 0, 0, 0]),
        message(b'S', b"server_version\x0015.5\0"),
        message(b'K', &[0, 0, 0, 1, 0, 0, 0, 2]),
        message(b'Z', b"I"),
    ]
    .concat()
}

/// A message: a type byte, a length that counts itself, a body.
pub fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).expect("a message that is not absurd");
    [&[kind], &length.to_be_bytes()[..], body].concat()
}

/// The header of a message that claims a length.
pub fn claim(kind: u8, length: u32) -> Vec<u8> {
    [&[kind], &length.to_be_bytes()[..]].concat()
}

/// An error or a notice: fields of a type byte and a string, then an end.
pub fn said(kind: u8, severity: &str, state: &str, words: &str) -> Vec<u8> {
    let fields = format!("S{severity}\0V{severity}\0C{state}\0M{words}\0\0");
    message(kind, fields.as_bytes())
}
