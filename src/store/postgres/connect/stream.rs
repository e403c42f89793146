//! The socket's stream wrappers, which observe the traffic.
//!
//! The driver does not expose two things: how long the connection has been silent, which
//! detects a network that is gone without a reset; and the server's messages during the login,
//! which distinguish a pooler from a server.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
#[cfg(unix)]
use tokio::net::UnixStream;
use tokio_postgres::tls::{ChannelBinding, TlsStream};

use super::guard::{Breach, Conduct, Guard};
use super::server_hello::ServerHello;

/// The time of the last traffic, in either direction.
#[derive(Debug)]
pub struct Activity {
    since: Instant,
    last: AtomicU64,
}

impl Activity {
    /// Creates an activity record with traffic just now.
    pub fn new() -> Self {
        Self {
            since: Instant::now(),
            last: AtomicU64::new(0),
        }
    }

    /// Records traffic.
    pub fn touch(&self) {
        let elapsed = self.since.elapsed().as_millis();
        let elapsed = u64::try_from(elapsed).unwrap_or(u64::MAX);
        self.last.store(elapsed, Ordering::Relaxed);
    }

    /// Returns the time since the last traffic.
    pub fn silence(&self) -> Duration {
        let last = Duration::from_millis(self.last.load(Ordering::Relaxed));
        self.since.elapsed().saturating_sub(last)
    }
}

/// A TCP or Unix socket.
#[derive(Debug)]
pub enum Socket {
    /// A TCP connection.
    Tcp(TcpStream),
    /// A Unix domain socket.
    #[cfg(unix)]
    Unix(UnixStream),
}

/// A socket that records its activity.
#[derive(Debug)]
pub struct ActivityStream {
    socket: Socket,
    activity: Arc<Activity>,
}

impl ActivityStream {
    /// Wraps a socket and records its traffic in `activity`.
    pub fn new(socket: Socket, activity: Arc<Activity>) -> Self {
        Self { socket, activity }
    }

    fn note<T>(&self, polled: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if matches!(polled, Poll::Ready(Ok(_))) {
            self.activity.touch();
        }
        polled
    }
}

/// Calls a method of the inner socket.
macro_rules! forward {
    ($self:ident, $method:ident($($argument:expr),*)) => {
        match &mut $self.socket {
            Socket::Tcp(socket) => Pin::new(socket).$method($($argument),*),
            #[cfg(unix)]
            Socket::Unix(socket) => Pin::new(socket).$method($($argument),*),
        }
    };
}

impl AsyncRead for ActivityStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let polled = forward!(self, poll_read(context, buffer));
        self.note(polled)
    }
}

impl AsyncWrite for ActivityStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = forward!(self, poll_write(context, bytes));
        self.note(polled)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        forward!(self, poll_flush(context))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        forward!(self, poll_shutdown(context))
    }
}

/// Facts that the server revealed during startup.
#[derive(Debug, Default)]
pub struct StartupInfo {
    /// The server's process id from BackendKeyData; 0 if none was sent. A pooler sends a number
    /// of its own.
    process: AtomicI32,
    /// True if the login used channel binding: SCRAM-SHA-256-PLUS.
    channel_bound: AtomicBool,
    /// The server's TLS parameters; unset without TLS, and if they could not be parsed.
    pub(super) hello: OnceLock<ServerHello>,
}

impl StartupInfo {
    /// Returns the server's process id, if it sent one.
    pub fn process(&self) -> Option<i32> {
        Some(self.process.load(Ordering::Relaxed)).filter(|process| *process != 0)
    }

    /// Returns the TLS version and cipher, if they are known.
    pub fn hello(&self) -> Option<ServerHello> {
        self.hello.get().copied()
    }

    /// Returns true if channel binding proved that nothing intercepts the TLS connection.
    pub fn is_channel_bound(&self) -> bool {
        self.channel_bound.load(Ordering::Relaxed)
    }
}

/// A protocol stream in the clear that is guarded, and parsed until the login is done.
#[derive(Debug)]
pub struct StartupSniffer<S> {
    stream: S,
    startup: Arc<StartupInfo>,
    /// The guard and its shared state; `None` if the stream is not in the clear.
    guard: Option<(Guard, Arc<Conduct>)>,
    /// The guard's finding, after which nothing is read.
    breach: Option<Breach>,
    /// The bytes of an incomplete message; `None` once the login is done.
    received: Option<Vec<u8>>,
    /// True if closing waits until the other side has closed.
    waits_for_close: bool,
}

impl<S> StartupSniffer<S> {
    /// Parses the startup messages into `startup`, and enforces the bounds of `conduct`.
    pub fn new(stream: S, startup: Arc<StartupInfo>, conduct: Arc<Conduct>) -> Self {
        Self {
            stream,
            startup,
            guard: Some((Guard::new(), conduct)),
            breach: None,
            received: Some(Vec::new()),
            waits_for_close: false,
        }
    }

    /// Passes an encrypted stream through without parsing it.
    pub fn passthrough(stream: S, startup: Arc<StartupInfo>) -> Self {
        Self {
            stream,
            startup,
            guard: None,
            breach: None,
            received: None,
            waits_for_close: false,
        }
    }

    /// Waits on close until the other side has closed. A pooler drops the request of a client
    /// that is gone, and a cancel request has no other answer.
    pub fn waiting_for_close(mut self) -> Self {
        self.waits_for_close = true;
        self
    }

    /// Returns how many of the bytes the guard allows.
    fn check(&mut self, bytes: &[u8]) -> usize {
        let Some((guard, conduct)) = &mut self.guard else {
            return bytes.len();
        };
        match guard.check(conduct, bytes) {
            Ok(()) => bytes.len(),
            Err((good, breach)) => {
                self.breach = Some(breach);
                good
            }
        }
    }

    fn note_end(&self, is_end: bool) {
        if let Some((_, conduct)) = self.guard.as_ref().filter(|_| is_end) {
            conduct.end();
        }
    }

    /// Parses the server's messages: a type byte, a length that includes itself, a body.
    /// <https://www.postgresql.org/docs/current/protocol-message-formats.html>
    fn sniff(&mut self, bytes: &[u8]) {
        let Some(received) = &mut self.received else {
            return;
        };
        received.extend_from_slice(bytes);
        let mut rest = &received[..];
        while let [kind, a, b, c, d, after @ ..] = rest {
            let length = u32::from_be_bytes([*a, *b, *c, *d]) as usize;
            let Some(body) = length.checked_sub(4).and_then(|length| after.get(..length)) else {
                break;
            };
            match (kind, body) {
                // BackendKeyData: the process and its secret.
                (b'K', [a, b, c, d, ..]) => {
                    let process = i32::from_be_bytes([*a, *b, *c, *d]);
                    self.startup.process.store(process, Ordering::Relaxed);
                }
                // ReadyForQuery.
                (b'Z', _) => {
                    self.received = None;
                    return;
                }
                _ => {}
            }
            rest = &after[body.len()..];
        }
        let complete = received.len() - rest.len();
        received.drain(..complete);
    }

    /// Detects a SASLInitialResponse, which begins with the mechanism's name.
    fn sniff_client(&mut self, bytes: &[u8]) {
        const PLUS: &[u8] = b"SCRAM-SHA-256-PLUS\0";
        if self.received.is_some()
            && bytes.first() == Some(&b'p')
            && bytes.get(5..).is_some_and(|body| body.starts_with(PLUS))
        {
            self.startup.channel_bound.store(true, Ordering::Relaxed);
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for StartupSniffer<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if let Some(breach) = self.breach {
            return Poll::Ready(Err(breach.into()));
        }
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        let is_end = match &polled {
            Poll::Ready(Ok(())) => buffer.filled().len() == before && buffer.remaining() > 0,
            Poll::Ready(Err(_)) => true,
            Poll::Pending => false,
        };
        self.note_end(is_end);
        let good = self.check(&buffer.filled()[before..]);
        buffer.set_filled(before + good);
        if let Some(breach) = self.breach.filter(|_| good == 0) {
            return Poll::Ready(Err(breach.into()));
        }
        self.sniff(&buffer.filled()[before..]);
        polled
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for StartupSniffer<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.sniff_client(bytes);
        let written = ready!(Pin::new(&mut self.stream).poll_write(context, bytes));
        self.note_end(written.is_err());
        let written = written?;
        if let Some((guard, conduct)) = &mut self.guard {
            guard.check_client(conduct, &bytes[..written])?;
        }
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.waits_for_close {
            let mut bytes = [0; 64];
            let mut buffer = ReadBuf::new(&mut bytes);
            let read = ready!(Pin::new(&mut self.stream).poll_read(context, &mut buffer));
            self.waits_for_close = read.is_ok() && !buffer.filled().is_empty();
        }
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

impl<S: TlsStream + Unpin> TlsStream for StartupSniffer<S> {
    fn channel_binding(&self) -> ChannelBinding {
        self.stream.channel_binding()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(kind: u8, body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(body.len() + 4).unwrap();
        [&[kind], &length.to_be_bytes()[..], body].concat()
    }

    #[test]
    fn hears_the_process_however_the_messages_are_cut() {
        let said = [
            message(b'R', &[0, 0, 0, 0]),
            message(b'S', b"server_version\x0015.5\0"),
            message(b'K', &[0, 0, 1, 2, 9, 9, 9, 9]),
            message(b'Z', b"I"),
        ]
        .concat();
        for size in 1..=said.len() {
            let mut stream = StartupSniffer::new((), Arc::default(), Arc::default());
            for piece in said.chunks(size) {
                stream.sniff(piece);
            }
            assert_eq!(stream.startup.process(), Some(258), "{size}");
            assert_eq!(stream.received, None);
        }
    }

    #[test]
    fn hears_nothing_after_the_login() {
        let mut stream = StartupSniffer::new((), Arc::default(), Arc::default());
        stream.sniff(&message(b'Z', b"I"));
        stream.sniff(&message(b'K', &[0, 0, 1, 2, 9, 9, 9, 9]));
        assert_eq!(stream.startup.process(), None);
    }

    #[test]
    fn tells_whether_the_login_was_tied_to_the_channel() {
        for (mechanism, bound) in [
            (&b"SCRAM-SHA-256-PLUS\0rest"[..], true),
            (b"SCRAM-SHA-256\0rest", false),
        ] {
            let mut stream = StartupSniffer::new((), Arc::default(), Arc::default());
            stream.sniff_client(&message(b'p', mechanism));
            assert_eq!(stream.startup.is_channel_bound(), bound);
        }
    }

    #[test]
    fn silence_grows_until_something_passes() {
        let activity = Activity::new();
        std::thread::sleep(Duration::from_millis(20));
        assert!(activity.silence() >= Duration::from_millis(10));
        activity.touch();
        assert!(activity.silence() < Duration::from_secs(5));
    }
}
