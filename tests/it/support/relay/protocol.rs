//! The relay's parser of the protocol: the bounds of messages, and whose turn it is.

use std::collections::VecDeque;

/// The protocol state of one connection.
#[derive(Debug, Default)]
pub(super) struct Turn {
    /// The first ReadyForQuery has been delivered.
    pub(super) logged_in: bool,
    /// The client has sent something that it may wait for.
    busy: bool,
    /// Query and Sync messages whose ReadyForQuery the client does not have yet, and of each
    /// whether the client may wait for it, and its depth.
    pending: VecDeque<(bool, usize)>,
    /// The greatest depth of an answer that the client has.
    answered: usize,
    /// The messages since the last Sync.
    batch: Batch,
    /// The last statement came as a Query: its COPY ends without a Sync.
    simple: bool,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum Batch {
    #[default]
    Empty,
    Closes,
    Work,
}

impl Turn {
    /// Takes a message of the client and tells whether a round trip begins with it.
    pub(super) fn client_sends(&mut self, kind: u8) -> bool {
        match kind {
            b'X' => return false,
            // Clients close statements in passing and wait for no answer.
            b'C' if self.batch != Batch::Work => {
                self.batch = Batch::Closes;
                return false;
            }
            b'S' => {
                let awaited = std::mem::take(&mut self.batch) != Batch::Closes;
                self.push(awaited);
                if !awaited {
                    return false;
                }
            }
            b'Q' | b'F' => {
                self.simple = true;
                self.push(true);
            }
            // The server answers a simple COPY's end as it answers a Query.
            b'c' | b'f' if self.simple => {
                self.batch = Batch::Empty;
                self.push(true);
            }
            _ => {
                self.simple &= kind != b'E';
                self.batch = Batch::Work;
            }
        }
        !std::mem::replace(&mut self.busy, true)
    }

    fn push(&mut self, awaited: bool) {
        self.pending.push_back((awaited, self.depth()));
    }

    /// The depth of what the client sends now: one more than that of any answer it has.
    pub(super) fn depth(&self) -> usize {
        self.answered + 1
    }

    /// The client sends something that nobody here can read.
    pub(super) fn sends_unread(&mut self) {
        self.busy = true;
    }

    /// Something unreadable is delivered: tells whether a round trip ends with it.
    pub(super) fn receives_unread(&mut self) -> bool {
        std::mem::take(&mut self.busy)
    }

    /// Takes a message that is delivered to the client.
    pub(super) fn client_receives(&mut self, kind: u8) {
        match kind {
            b'Z' if !self.logged_in => self.logged_in = true,
            b'Z' => {
                if let Some((true, depth)) = self.pending.pop_front() {
                    self.answered = self.answered.max(depth);
                }
                self.busy = self.pending.iter().any(|(awaited, _)| *awaited);
            }
            // A call for COPY data. The server ignores a Sync sent before the data.
            b'G' => {
                let depths = self.pending.drain(..).map(|(_, depth)| depth);
                self.answered = depths.fold(self.answered, usize::max);
                self.busy = false;
            }
            _ => {}
        }
    }
}

/// Splits a stream into messages: a type byte, then a length that counts itself.
#[derive(Default)]
pub(super) struct Frames {
    /// Of the next message, until its length is known.
    head: Vec<u8>,
    body_left: usize,
}

/// A run of bytes that belong to one message.
pub(super) struct Piece {
    /// The type, where the message begins here.
    pub(super) kind: Option<u8>,
    /// Returns true if the message ends here.
    pub(super) ends: bool,
    pub(super) bytes: Vec<u8>,
}

impl Frames {
    /// Takes bytes as they come, and gives those of which the message is known: the first
    /// few of a message are held back until its length is complete.
    pub(super) fn split(&mut self, mut bytes: &[u8]) -> Vec<Piece> {
        let mut pieces: Vec<Piece> = Vec::new();
        while !bytes.is_empty() {
            let (kind, mut piece) = if self.body_left > 0 {
                (None, Vec::new())
            } else {
                self.head.push(bytes[0]);
                bytes = &bytes[1..];
                let [kind, a, b, c, d] = self.head[..] else {
                    continue;
                };
                self.body_left = (u32::from_be_bytes([a, b, c, d]) as usize).saturating_sub(4);
                (Some(kind), std::mem::take(&mut self.head))
            };
            let (body, rest) = bytes.split_at(self.body_left.min(bytes.len()));
            piece.extend_from_slice(body);
            self.body_left -= body.len();
            bytes = rest;
            pieces.push(Piece {
                kind,
                ends: self.body_left == 0,
                bytes: piece,
            });
        }
        pieces
    }
}
