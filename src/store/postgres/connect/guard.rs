//! Bounds on what a server may send, checked before the driver collects it.
//!
//! The driver believes the length in a message's header and buffers until it has come. A server
//! that means harm, or something else that listens at the port, could so take all memory. The
//! guard reads the frames of the protocol as they pass (a type byte, a length that counts
//! itself, a body), keeps a few numbers, and ends the connection at the first message that no
//! server has a reason to send.
//! <https://www.postgresql.org/docs/current/protocol-message-formats.html>

use std::error::Error;
use std::io;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Bytes of messages up to the end of the login.
pub const LOGIN_BYTES: u64 = 64 << 10;
/// Bytes of one error, notice or notification.
pub const TEXT_BYTES: u64 = 1 << 20;
/// Bytes of one row.
const ROW_BYTES: u64 = 64 << 20;
/// Bytes of a message that describes columns or parameters.
const DESCRIPTION_BYTES: u64 = 64 << 10;
/// Bytes of a message that only says that something was done.
const MARK_BYTES: u64 = 1 << 10;
/// Bytes of notices and notifications during one statement. None is kept.
const NOTICES_BYTES: u64 = 64 << 20;
/// Bytes of reported settings, which the driver keeps, during one connection.
const SETTINGS_BYTES: u64 = 4 << 20;
/// Statements by which the driver may look up what types are. A type may be made of types.
const LOOKUPS: u32 = 256;

/// The bytes that the driver keeps for a row besides its own, and for each of its columns.
const ROW_OVERHEAD: u64 = 112;
const COLUMN_OVERHEAD: u64 = 24;

/// The bound of the answers that are waited for together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnswerLimit {
    /// Bytes that are sent.
    sent: u64,
    /// The same, and what the driver keeps of rows and columns besides.
    kept: u64,
}

impl AnswerLimit {
    /// The bound of answers that are a few values.
    pub const SHORT: Self = Self {
        sent: 1 << 20,
        kept: 1 << 20,
    };
    /// The bound of a page, or of a post.
    pub const READ: Self = Self {
        sent: 64 << 20,
        kept: 64 << 20,
    };
    /// The bound of what `doctor` asks for: names, plans and counts. A plan is JSON, which takes
    /// sixteen times its bytes once it is read.
    pub const EXAMINATION: Self = Self {
        sent: 8 << 20,
        kept: 8 << 20,
    };
    /// The bound of the index of a blog: some 700,000 posts, of which the driver keeps one row
    /// at a time.
    pub const INDEX: Self = Self {
        sent: 128 << 20,
        kept: 352 << 20,
    };
}

/// The first thing that a server sent and may not send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Breach {
    /// The login does not end.
    #[error("the server sent more than {} KiB before the login was done", LOGIN_BYTES >> 10)]
    Login,
    /// A length that no message has.
    #[error("the server sent a message of an impossible length ({0})")]
    Length(u32),
    /// A message that nothing asked for.
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
    /// Answers that are too long for their statements.
    #[error("the server's answer is longer than the {} MiB that are accepted", .0 >> 20)]
    Answer(u64),
    /// Notices without end.
    #[error(
        "the server sent more than {} MiB of notices during one statement",
        NOTICES_BYTES >> 20
    )]
    Notices,
    /// Settings without end.
    #[error("the server reported more than {} MiB of settings", SETTINGS_BYTES >> 20)]
    Settings,
    /// A message of the login whose body is not what its type says.
    #[error("the server sent a message that cannot be read")]
    Unreadable,
    /// Types made of types without end.
    #[error("the server describes types by other types without an end")]
    Types,
}

impl Breach {
    /// Finds the breach that an error is about.
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

/// The state of a guard that its connection's user sees and sets.
#[derive(Debug)]
pub struct Conduct {
    sent_limit: AtomicU64,
    kept_limit: AtomicU64,
    /// The bytes taken of the two limits.
    sent: AtomicU64,
    kept: AtomicU64,
    /// Bytes of statements and their answers.
    useful: AtomicU64,
    breach: OnceLock<Breach>,
    /// Set once the connection broke off.
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
    /// Bounds the answers from now on.
    pub fn accept(&self, limit: AnswerLimit) {
        self.sent_limit.store(limit.sent, Ordering::Relaxed);
        self.kept_limit.store(limit.kept, Ordering::Relaxed);
        self.sent.store(0, Ordering::Relaxed);
        self.kept.store(0, Ordering::Relaxed);
    }

    /// Takes a part of an answer from what may come.
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

    /// Notes that so many bytes of statements and answers have passed.
    fn pass(&self, bytes: u64) {
        self.useful.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Returns the number of bytes of statements and answers so far; what a server sends
    /// besides does not count.
    pub fn useful_bytes(&self) -> u64 {
        self.useful.load(Ordering::Relaxed)
    }

    /// Notes that the connection broke off.
    pub fn end(&self) {
        self.ended.store(true, Ordering::Relaxed);
    }

    /// Returns whether the connection broke off.
    pub fn has_ended(&self) -> bool {
        self.ended.load(Ordering::Relaxed)
    }

    /// Returns what ended the connection, if the guard did.
    pub fn breach(&self) -> Option<Breach> {
        self.breach.get().copied()
    }
}

/// The bounds of one connection; see the module.
#[derive(Debug, Default)]
pub struct Guard {
    server: Frames,
    client: Frames,
    /// Bytes of the login; `None` once it is done.
    login: Option<u64>,
    notices: u64,
    settings: u64,
    lookups: u32,
    /// True if the message that passes belongs to an answer. What is claimed has not passed yet.
    is_useful: bool,
}

impl Guard {
    /// Starts before the login.
    pub fn new() -> Self {
        Self {
            login: Some(0),
            ..Self::default()
        }
    }

    /// Checks what the server sent next.
    ///
    /// # Errors
    /// The breach, and how many of the bytes are part of the messages before it.
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
            // COPY, an answer to functions, a version of the protocol that was not asked for.
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

    /// Checks what was sent to the server. The driver asks what a type is that it does not
    /// know, and goes on asking while the answer names another one.
    ///
    /// # Errors
    /// [`Breach::Types`].
    pub fn check_client(&mut self, conduct: &Conduct, bytes: &[u8]) -> Result<(), Breach> {
        // The first message has no type byte, and none of the login is of interest.
        if self.login.is_some() {
            return Ok(());
        }
        conduct.pass(bytes.len() as u64);
        let mut rest = bytes;
        while let Some(Ok(header)) = self.client.next(&mut rest) {
            // Bind: the names of a portal and of a statement. Those of blogctl have none.
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

/// The beginning of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Header {
    kind: u8,
    /// The length, which counts itself.
    length: u32,
    /// The first two bytes of the body, of the types whose are looked at; else zeros.
    body: [u8; 2],
}

/// A parser of messages' beginnings in a stream that comes in pieces.
#[derive(Debug, Default)]
struct Frames {
    head: [u8; 7],
    have: usize,
    /// Bytes of the body that are to be passed over.
    left: usize,
}

impl Frames {
    /// Takes what is left of the last message's body.
    fn pass_over(&mut self, bytes: &mut &[u8]) {
        let passed = self.left.min(bytes.len());
        *bytes = &bytes[passed..];
        self.left -= passed;
    }

    /// Returns the next beginning, and takes what belongs to it from `bytes`; `None` once all
    /// are taken. The error is a length that no message has.
    fn next(&mut self, bytes: &mut &[u8]) -> Option<Result<Header, u32>> {
        const HEADER: usize = 5;
        loop {
            self.pass_over(bytes);
            if self.left > 0 || bytes.is_empty() {
                return None;
            }
            let length = |head: &[u8; 7]| u32::from_be_bytes([head[1], head[2], head[3], head[4]]);
            // As much of the body as is looked at: the columns of a row, the names of Bind.
            let looked_at = |head: &[u8; 7]| match head[0] {
                b'D' | b'B' => (length(head) as usize).saturating_sub(4).min(2),
                _ => 0,
            };
            let wanted = if self.have < HEADER {
                HEADER
            } else {
                HEADER + looked_at(&self.head)
            };
            let taken = (wanted - self.have).min(bytes.len());
            self.head[self.have..self.have + taken].copy_from_slice(&bytes[..taken]);
            self.have += taken;
            *bytes = &bytes[taken..];
            if self.have < HEADER {
                return None;
            }
            let [kind, .., first, second] = self.head;
            let length = length(&self.head);
            if !(4..=i32::MAX.unsigned_abs()).contains(&length) {
                return Some(Err(length));
            }
            let body = length as usize - 4;
            if self.have < HEADER + looked_at(&self.head) {
                continue;
            }
            self.left = body - (self.have - HEADER);
            self.have = 0;
            self.head = [0; 7];
            return Some(Ok(Header {
                kind,
                length,
                body: [first, second],
            }));
        }
    }
}

#[cfg(test)]
mod tests;
