//! Bounds on what a server may send, checked before the driver collects it.
//!
//! The driver trusts the length in a message's header and buffers that many bytes. A malicious
//! server, or another service at the port, could use up all memory that way. The guard reads
//! the frames of the protocol as they pass (a type byte, a length that includes itself, a
//! body), keeps a few numbers, and ends the connection at the first message that no server has
//! a reason to send.
//! <https://www.postgresql.org/docs/current/protocol-message-formats.html>

mod frames;

use std::error::Error;
use std::io;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use self::frames::{Frames, Header};

/// The limit on the bytes of all messages up to the end of the login.
pub const LOGIN_BYTES: u64 = 64 << 10;
/// The limit on the bytes of one error, notice or notification.
pub const TEXT_BYTES: u64 = 1 << 20;
/// The limit on the bytes of one row.
const ROW_BYTES: u64 = 64 << 20;
/// The limit on the bytes of a message that describes columns or parameters.
const DESCRIPTION_BYTES: u64 = 64 << 10;
/// The limit on the bytes of a message that only confirms something.
const MARK_BYTES: u64 = 1 << 10;
/// The limit on the bytes of notices and notifications during one statement. None is kept.
const NOTICES_BYTES: u64 = 64 << 20;
/// The limit on the bytes of reported settings, which the driver keeps, during one connection.
const SETTINGS_BYTES: u64 = 4 << 20;
/// The limit on the statements by which the driver looks up types. A type may be composed of
/// types.
const LOOKUPS: u32 = 256;

/// The memory in bytes that the driver adds per row and per column.
const ROW_OVERHEAD: u64 = 112;
const COLUMN_OVERHEAD: u64 = 24;

/// The bound on the answers to statements that are in flight together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnswerLimit {
    /// The bytes on the wire.
    sent: u64,
    /// The bytes on the wire plus the driver's memory for rows and columns.
    kept: u64,
}

impl AnswerLimit {
    /// The bound for answers of a few values.
    pub const SHORT: Self = Self {
        sent: 1 << 20,
        kept: 1 << 20,
    };
    /// The bound for a page or a post.
    pub const READ: Self = Self {
        sent: 64 << 20,
        kept: 64 << 20,
    };
    /// The bound for `doctor`: names, plans and counts. A plan is JSON, which takes sixteen
    /// times its size once it is parsed.
    pub const EXAMINATION: Self = Self {
        sent: 8 << 20,
        kept: 8 << 20,
    };
    /// The bound for the index of a blog: some 700,000 posts, of which the driver keeps one row
    /// at a time.
    pub const INDEX: Self = Self {
        sent: 128 << 20,
        kept: 352 << 20,
    };
}

/// The first message that breaks a bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Breach {
    /// The login sends too much.
    #[error("the server sent more than {} KiB before the login was done", LOGIN_BYTES >> 10)]
    Login,
    /// A length that no message can have.
    #[error("the server sent a message of an impossible length ({0})")]
    Length(u32),
    /// A message that was not asked for.
    #[error("the server sent a message that does not belong here (type {:?})", char::from(*.0))]
    Unexpected(u8),
    /// A message that is too long for its type.
    #[error(
        "the server sent a message of {bytes} bytes (type {:?}), and at most {limit} are accepted",
        char::from(*.kind)
    )]
    Message {
        /// The type byte.
        kind: u8,
        /// The length as claimed.
        bytes: u64,
        /// The bound.
        limit: u64,
    },
    /// Answers that exceed the bound of their statements.
    #[error("the server's answer is longer than the {} MiB that are accepted", .0 >> 20)]
    Answer(u64),
    /// Too many notices.
    #[error(
        "the server sent more than {} MiB of notices during one statement",
        NOTICES_BYTES >> 20
    )]
    Notices,
    /// Too many reported settings.
    #[error("the server reported more than {} MiB of settings", SETTINGS_BYTES >> 20)]
    Settings,
    /// A message of the login whose body is not what its type says.
    #[error("the server sent a message that cannot be read")]
    Unreadable,
    /// Too many lookups of types.
    #[error("the server describes types by other types without an end")]
    Types,
}

impl Breach {
    /// Returns the breach that caused an error, if one did.
    pub fn of(error: &(dyn Error + 'static)) -> Option<Self> {
        let mut next = Some(error);
        while let Some(error) = next {
            let inner = error.downcast_ref::<io::Error>().and_then(|e| e.get_ref());
            let found = inner.and_then(|inner| inner.downcast_ref());
            if let Some(found) = found.or(error.downcast_ref()) {
                return Some(*found);
            }
            next = error.source();
        }
        None
    }
}

impl From<Breach> for io::Error {
    fn from(breach: Breach) -> Self {
        Self::new(io::ErrorKind::InvalidData, breach)
    }
}

/// The part of a guard's state that is shared with the connection's user.
#[derive(Debug)]
pub struct Conduct {
    sent_limit: AtomicU64,
    kept_limit: AtomicU64,
    /// The bytes used up of both limits.
    sent: AtomicU64,
    kept: AtomicU64,
    /// The number of bytes of statements and their answers.
    useful: AtomicU64,
    breach: OnceLock<Breach>,
    /// Set once the connection has ended.
    ended: AtomicBool,
}

impl Default for Conduct {
    fn default() -> Self {
        Self {
            sent_limit: AtomicU64::new(AnswerLimit::SHORT.sent),
            kept_limit: AtomicU64::new(AnswerLimit::SHORT.kept),
            sent: AtomicU64::new(0),
            kept: AtomicU64::new(0),
            useful: AtomicU64::new(0),
            breach: OnceLock::new(),
            ended: AtomicBool::new(false),
        }
    }
}

impl Conduct {
    /// Sets the bound on the answers from now on.
    pub fn accept(&self, limit: AnswerLimit) {
        self.sent_limit.store(limit.sent, Ordering::Relaxed);
        self.kept_limit.store(limit.kept, Ordering::Relaxed);
        self.sent.store(0, Ordering::Relaxed);
        self.kept.store(0, Ordering::Relaxed);
    }

    /// Deducts a part of an answer from the bound.
    fn take(&self, sent: u64, kept: u64) -> Result<(), Breach> {
        for (taken, more, limit) in [
            (&self.sent, sent, &self.sent_limit),
            (&self.kept, kept, &self.kept_limit),
        ] {
            let taken = taken.fetch_add(more, Ordering::Relaxed) + more;
            let limit = limit.load(Ordering::Relaxed);
            if taken > limit {
                return Err(Breach::Answer(limit));
            }
        }
        Ok(())
    }

    /// Adds to the number of bytes of statements and answers.
    fn pass(&self, bytes: u64) {
        self.useful.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Returns the number of bytes of statements and answers so far; what a server sends
    /// besides does not count.
    pub fn useful_bytes(&self) -> u64 {
        self.useful.load(Ordering::Relaxed)
    }

    /// Records that the connection has ended.
    pub fn end(&self) {
        self.ended.store(true, Ordering::Relaxed);
    }

    /// Returns true if the connection has ended.
    pub fn has_ended(&self) -> bool {
        self.ended.load(Ordering::Relaxed)
    }

    /// Returns the breach for which the guard ended the connection, if it did.
    pub fn breach(&self) -> Option<Breach> {
        self.breach.get().copied()
    }
}

/// The guard of one connection.
#[derive(Debug, Default)]
pub struct Guard {
    server: Frames,
    client: Frames,
    /// Bytes of the login; `None` once it is done.
    login: Option<u64>,
    notices: u64,
    settings: u64,
    lookups: u32,
    /// True if the current message belongs to an answer. Its claimed length may not have passed
    /// yet.
    is_useful: bool,
}

impl Guard {
    /// Creates a guard for a connection before its login.
    pub fn new() -> Self {
        Self {
            login: Some(0),
            ..Self::default()
        }
    }

    /// Checks the next bytes from the server.
    ///
    /// # Errors
    /// Returns the breach, and how many of the bytes belong to messages before it.
    pub fn check(&mut self, conduct: &Conduct, bytes: &[u8]) -> Result<(), (usize, Breach)> {
        let mut rest = bytes;
        loop {
            let ahead = rest.len();
            self.server.pass_over(&mut rest);
            if self.is_useful {
                conduct.pass((ahead - rest.len()) as u64);
            }
            let before = bytes.len() - rest.len();
            match self.server.next(&mut rest) {
                None => return Ok(()),
                Some(header) => {
                    let judged = header
                        .map_err(Breach::Length)
                        .and_then(|header| self.judge(conduct, header));
                    if let Err(breach) = judged {
                        let breach = *conduct.breach.get_or_init(|| breach);
                        return Err((before, breach));
                    }
                }
            }
        }
    }

    fn judge(&mut self, conduct: &Conduct, header: Header) -> Result<(), Breach> {
        let Header { kind, length, body } = header;
        let bytes = u64::from(length) + 1;
        if let Some(login) = &mut self.login {
            *login += bytes;
            if *login > LOGIN_BYTES {
                return Err(Breach::Login);
            }
        }
        let limit = match kind {
            b'E' | b'N' | b'A' | b'S' => TEXT_BYTES,
            b'T' | b't' => DESCRIPTION_BYTES,
            b'D' => ROW_BYTES.min(conduct.sent_limit.load(Ordering::Relaxed)),
            b'R' if self.login.is_some() => LOGIN_BYTES,
            b'1' | b'2' | b'3' | b'C' | b'I' | b'K' | b'Z' | b'n' | b's' => MARK_BYTES,
            // COPY, function call responses, protocol negotiation: blogctl asks for none of
            // them.
            _ => return Err(Breach::Unexpected(kind)),
        };
        if kind == b'D' && bytes > limit {
            return Err(Breach::Answer(limit));
        }
        if bytes > limit {
            return Err(Breach::Message { kind, bytes, limit });
        }
        self.is_useful = !matches!(kind, b'N' | b'A' | b'S' | b'Z');
        match kind {
            b'N' | b'A' => {
                self.notices += bytes;
                if self.notices > NOTICES_BYTES {
                    return Err(Breach::Notices);
                }
            }
            b'S' => {
                self.settings += bytes;
                if self.settings > SETTINGS_BYTES {
                    return Err(Breach::Settings);
                }
            }
            b'Z' => {
                self.login = None;
                self.notices = 0;
            }
            _ => {
                let columns = u64::from(u16::from_be_bytes(body));
                let row = match kind {
                    b'D' => ROW_OVERHEAD + COLUMN_OVERHEAD * columns,
                    _ => 0,
                };
                conduct.take(bytes, bytes + row)?;
            }
        }
        Ok(())
    }

    /// Checks the bytes that are sent to the server. The driver looks up unknown types, and
    /// repeats that as long as an answer names another unknown type.
    ///
    /// # Errors
    /// [`Breach::Types`].
    pub fn check_client(&mut self, conduct: &Conduct, bytes: &[u8]) -> Result<(), Breach> {
        // The startup message has no type byte, and nothing in the login matters here.
        if self.login.is_some() {
            return Ok(());
        }
        conduct.pass(bytes.len() as u64);
        let mut rest = bytes;
        while let Some(Ok(header)) = self.client.next(&mut rest) {
            // Bind: the names of a portal and of a statement. blogctl's own are unnamed.
            if header.kind == b'B' && header.body[0] == 0 && header.body[1] != 0 {
                self.lookups += 1;
                if self.lookups > LOOKUPS {
                    return Err(*conduct.breach.get_or_init(|| Breach::Types));
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
