//! The frames of the protocol: a type byte, a length that includes itself, a body.

/// The header of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// The type byte.
    pub kind: u8,
    /// The length, which includes itself.
    pub length: u32,
    /// The first two bytes of the body, for the types where they matter; otherwise zeros.
    pub body: [u8; 2],
}

/// A parser of message headers in a stream that arrives in pieces.
#[derive(Debug, Default)]
pub struct Frames {
    head: [u8; 7],
    have: usize,
    /// The number of bytes of the body that are still to be skipped.
    left: usize,
}

impl Frames {
    /// Skips the rest of the last message's body.
    pub fn pass_over(&mut self, bytes: &mut &[u8]) {
        let passed = self.left.min(bytes.len());
        *bytes = &bytes[passed..];
        self.left -= passed;
    }

    /// Returns the next header, and removes its bytes from `bytes`; `None` once all are
    /// consumed. The error is a length that no message can have.
    pub fn next(&mut self, bytes: &mut &[u8]) -> Option<Result<Header, u32>> {
        const HEADER: usize = 5;
        loop {
            self.pass_over(bytes);
            if self.left > 0 || bytes.is_empty() {
                return None;
            }
            let length = |head: &[u8; 7]| u32::from_be_bytes([head[1], head[2], head[3], head[4]]);
            // The part of the body that matters: the columns of a row, the names of Bind.
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
