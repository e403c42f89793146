//! Faults that a relay can inject, at any message of a connection.

use super::protocol::Turn;

/// The way a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the client.
    ToServer,
    /// From the server.
    ToClient,
}

/// From where on a connection's messages are counted. The first is number 1; what ends a
/// session (Terminate) has no number, because a client that is done may send it or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// After the server's first ReadyForQuery.
    FromLogin,
    /// From the first byte on: the client's first message is its StartupMessage. Requests
    /// for encryption, which the relay answers itself, have no number.
    FromConnect,
}

/// The effect at the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The connection ends, and the message reaches nobody.
    CutBefore,
    /// The message is delivered, then the connection ends. An answer to it reaches nobody.
    CutAfter,
    /// The message and all after it, in both directions, are never delivered. The connection
    /// stays open until the client ends it; only then does the server's side end.
    Stall,
    /// As a stall, and the server never learns that the client has gone: what it holds for
    /// it, a lock say, it goes on holding.
    Hole,
}

/// The effect on later connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// They pass.
    Once,
    /// They are ended as soon as they are made, or after a stall: nothing of them passes.
    Forever,
}

/// A fault at one message of the first connection that comes so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The side whose messages are counted.
    pub direction: Direction,
    /// The message's number on its connection, from 1.
    pub message: usize,
    /// From where on that counts.
    pub counted: Counted,
    /// The effect at that message.
    pub kind: Kind,
    /// The effect on later connections.
    pub then: Then,
}

impl Fault {
    /// A fault that happens once, counted from the login.
    pub fn new(kind: Kind, direction: Direction, message: usize) -> Self {
        Self {
            direction,
            message,
            counted: Counted::FromLogin,
            kind,
            then: Then::Once,
        }
    }

    /// The same, counted from the connection's first byte.
    pub fn counted_from_connect(self) -> Self {
        Self {
            counted: Counted::FromConnect,
            ..self
        }
    }

    /// The same, and no later connection passes.
    pub fn forever(self) -> Self {
        Self {
            then: Then::Forever,
            ..self
        }
    }
}

/// A fault that waits for its message, or has happened.
#[derive(Debug, Default)]
pub(super) struct Armed {
    pub(super) fault: Option<Fault>,
    pub(super) struck: bool,
}

impl Armed {
    /// Returns the effect on a new connection; `None` if it passes.
    pub(super) fn meets_connection(&self) -> Option<Kind> {
        self.fault
            .filter(|fault| self.struck && fault.then == Then::Forever)
            .map(|fault| fault.kind)
    }

    /// Returns the effect at the message that a connection has just counted.
    pub(super) fn meets_message(&mut self, direction: Direction, link: &Link) -> Option<Kind> {
        let fault = self.fault.filter(|_| !self.struck)?;
        let number = match fault.counted {
            Counted::FromConnect => Some(link.seen(direction)),
            Counted::FromLogin => link.seen_since_login(direction),
        };
        self.struck = fault.direction == direction && number == Some(fault.message);
        self.struck.then_some(fault.kind)
    }
}

/// The number of messages in each direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Messages {
    /// From the client.
    pub to_server: usize,
    /// From the server.
    pub to_client: usize,
}

impl Messages {
    pub(super) fn of(&mut self, direction: Direction) -> &mut usize {
        match direction {
            Direction::ToServer => &mut self.to_server,
            Direction::ToClient => &mut self.to_client,
        }
    }

    fn get(mut self, direction: Direction) -> usize {
        *self.of(direction)
    }
}

/// One connection.
#[derive(Debug, Default)]
pub(super) struct Link {
    pub(super) turn: Turn,
    pub(super) state: State,
    /// The client has ended its side.
    pub(super) client_gone: bool,
    seen: Messages,
    /// The counts at the end of the login.
    at_login: Messages,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum State {
    #[default]
    Open,
    Stalled,
    /// Stalled, and the server is not to know.
    Hole,
    Ended,
}

impl Link {
    /// Counts a message.
    pub(super) fn sees(&mut self, direction: Direction) {
        *self.seen.of(direction) += 1;
    }

    /// The last message counted was the login's end.
    pub(super) fn logs_in(&mut self) {
        self.at_login = self.seen;
    }

    fn seen(&self, direction: Direction) -> usize {
        self.seen.get(direction)
    }

    fn seen_since_login(&self, direction: Direction) -> Option<usize> {
        let since = self.seen.get(direction) - self.at_login.get(direction);
        self.turn.logged_in.then_some(since)
    }
}
