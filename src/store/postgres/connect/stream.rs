//! The socket, and what is noticed of what passes through it.
//!
//! Two things are not told by the driver: how long the connection has been silent, which is
//! how a network that went away without a word is found out; and what the server said of
//! itself at the login, which tells a pooler from a server.

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
use super::hello::ServerHello;

/// When bytes last passed, in either direction.
#[derive(Debug)]
pub struct Activity {
    since: Instant,
    last: AtomicU64,
}

impl Activity {
    /// Starts as if bytes had just passed.
    pub fn new() -> Self {
        Self {
            since: Instant::now(),
            last: AtomicU64::new(0),
        }
    }

    /// Notes that bytes pass.
    pub fn touch(&self) {
        let elapsed = self.since.elapsed().as_millis();
        let elapsed = u64::try_from(elapsed).unwrap_or(u64::MAX);
        self.last.store(elapsed, Ordering::Relaxed);
    }

    /// For how long none have.
    pub fn silence(&self) -> Duration {
        let last = Duration::from_millis(self.last.load(Ordering::Relaxed));
        self.since.elapsed().saturating_sub(last)
    }
}

/// A connection of whatever kind.
#[derive(Debug)]
pub enum Socket {
    /// Over a network.
    Tcp(TcpStream),
    /// On this machine.
    #[cfg(unix)]
    Unix(UnixStream),
}

/// A socket that notes when bytes pass.
#[derive(Debug)]
pub struct Watched {
    socket: Socket,
    activity: Arc<Activity>,
}

impl Watched {
    /// Notes in `activity` what passes through the socket.
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

/// Calls a method of whichever socket it is.
macro_rules! forward {
    ($self:ident, $method:ident($($argument:expr),*)) => {
        match &mut $self.socket {
            Socket::Tcp(socket) => Pin::new(socket).$method($($argument),*),
            #[cfg(unix)]
            Socket::Unix(socket) => Pin::new(socket).$method($($argument),*),
        }
    };
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let polled = forward!(self, poll_read(context, buffer));
        self.note(polled)
    }
}

impl AsyncWrite for Watched {
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

/// What the server said of itself as the connection began.
#[derive(Debug, Default)]
pub struct Greeting {
    /// The process that answers, as told for cancelling; 0 where none was. A pooler tells a
    /// number of its own.
    process: AtomicI32,
    /// Whether the login was tied to the TLS channel: SCRAM-SHA-256-PLUS.
    channel_bound: AtomicBool,
    /// What the server chose for the channel; unset without TLS, and where it was not
    /// understood.
    pub(super) hello: OnceLock<ServerHello>,
}

impl Greeting {
    /// The server process's number, if one was told.
    pub fn process(&self) -> Option<i32> {
        Some(self.process.load(Ordering::Relaxed)).filter(|process| *process != 0)
    }

    /// The version and the cipher of the channel, if they are known.
    pub fn hello(&self) -> Option<ServerHello> {
        self.hello.get().copied()
    }

    /// Whether the login proved that nobody stands between the two ends of the channel.
    pub fn is_channel_bound(&self) -> bool {
        self.channel_bound.load(Ordering::Relaxed)
    }
}

/// A stream of the protocol in the clear, guarded, and listened to until the login is done.
#[derive(Debug)]
pub struct Overheard<S> {
    stream: S,
    greeting: Arc<Greeting>,
    /// The guard and what it shares; `None` for a stream that carries something else.
    guard: Option<(Guard, Arc<Conduct>)>,
    /// Set once the guard found something: what follows is not read.
    breach: Option<Breach>,
    /// What came of a message that is not complete; `None` once the login is done.
    received: Option<Vec<u8>>,
    /// Whether closing leaves it to the other side to hang up first.
    lingers: bool,
}

impl<S> Overheard<S> {
    /// Listens, and notes in `greeting` what it hears; guards by the bounds of `conduct`.
    pub fn new(stream: S, greeting: Arc<Greeting>, conduct: Arc<Conduct>) -> Self {
        Self {
            stream,
            greeting,
            guard: Some((Guard::new(), conduct)),
            breach: None,
            received: Some(Vec::new()),
            lingers: false,
        }
    }

    /// Passes on a stream that carries something else.
    pub fn deaf(stream: S, greeting: Arc<Greeting>) -> Self {
        Self {
            stream,
            greeting,
            guard: None,
            breach: None,
            received: None,
            lingers: false,
        }
    }

    /// Leaves it to the other side to hang up first. A pooler forgets what it was asked by
    /// somebody who is gone, and a request to cancel has no other answer.
    pub fn lingering(mut self) -> Self {
        self.lingers = true;
        self
    }

    /// Asks the guard, and returns how many of the bytes may be passed on.
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

    /// Looks at the server's messages: a type byte, a length that counts itself, a body.
    /// <https://www.postgresql.org/docs/current/protocol-message-formats.html>
    fn hear(&mut self, bytes: &[u8]) {
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
                    self.greeting.process.store(process, Ordering::Relaxed);
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

    /// Looks for SASLInitialResponse, which begins with the mechanism's name.
    fn hear_client(&mut self, bytes: &[u8]) {
        const PLUS: &[u8] = b"SCRAM-SHA-256-PLUS\0";
        if self.received.is_some()
            && bytes.first() == Some(&b'p')
            && bytes.get(5..).is_some_and(|body| body.starts_with(PLUS))
        {
            self.greeting.channel_bound.store(true, Ordering::Relaxed);
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Overheard<S> {
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
        self.hear(&buffer.filled()[before..]);
        polled
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Overheard<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.hear_client(bytes);
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
        while self.lingers {
            let mut bytes = [0; 64];
            let mut buffer = ReadBuf::new(&mut bytes);
            let read = ready!(Pin::new(&mut self.stream).poll_read(context, &mut buffer));
            self.lingers = read.is_ok() && !buffer.filled().is_empty();
        }
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

impl<S: TlsStream + Unpin> TlsStream for Overheard<S> {
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
            let mut stream = Overheard::new((), Arc::default(), Arc::default());
            for piece in said.chunks(size) {
                stream.hear(piece);
            }
            assert_eq!(stream.greeting.process(), Some(258), "{size}");
            assert_eq!(stream.received, None);
        }
    }

    #[test]
    fn hears_nothing_after_the_login() {
        let mut stream = Overheard::new((), Arc::default(), Arc::default());
        stream.hear(&message(b'Z', b"I"));
        stream.hear(&message(b'K', &[0, 0, 1, 2, 9, 9, 9, 9]));
        assert_eq!(stream.greeting.process(), None);
    }

    #[test]
    fn tells_whether_the_login_was_tied_to_the_channel() {
        for (mechanism, bound) in [
            (&b"SCRAM-SHA-256-PLUS\0rest"[..], true),
            (b"SCRAM-SHA-256\0rest", false),
        ] {
            let mut stream = Overheard::new((), Arc::default(), Arc::default());
            stream.hear_client(&message(b'p', mechanism));
            assert_eq!(stream.greeting.is_channel_bound(), bound);
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
