//! The passwords that this process was given, and taking them out of what it prints.
//!
//! No message is made of a password; this is the second wall, for messages made elsewhere. It
//! has two kinds of text to deal with:
//!
//! - **Messages** are made by blogctl, by libraries and by servers. A password has no place in
//!   them, so that every occurrence of a known one is masked, and with [`redacted`] also what
//!   looks like one.
//! - **Posts** are the user's data. An ordinary word may be a password as well, and must stay
//!   what it is; so that only a known password in the form of an address is masked.
//!
//! Everything that is printed goes through `output::stream`, which does this to a stream.

mod forms;
mod matcher;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use self::forms::{Reach, passwords};
pub(crate) use self::matcher::{Coding, Edit, Level, Matcher, current};

/// What stands for a password.
const MASK: &str = "***";

/// The fewest characters that a password has which is masked wherever it occurs: shorter ones
/// occur in harmless text, too.
const MINIMUM: usize = 6;

/// A secret and how it is masked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Secret {
    kind: Kind,
    /// True if messages are cleared of it wherever it occurs.
    in_lines: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Password,
    /// A part of a password between characters at which addresses and paths are split.
    Piece,
    /// An address with a password.
    Address,
}

/// The secrets of this process.
struct Registry {
    secrets: RwLock<BTreeMap<String, Secret>>,
    /// Counts the changes to the secrets, so that a stream notices them.
    version: AtomicU64,
    /// The last matcher of each kind.
    matchers: [RwLock<Option<Arc<Matcher>>>; 9],
}

impl Registry {
    const fn new() -> Self {
        Self {
            secrets: RwLock::new(BTreeMap::new()),
            version: AtomicU64::new(0),
            matchers: [const { RwLock::new(None) }; 9],
        }
    }
}

#[cfg(not(test))]
fn registry() -> &'static Registry {
    static REGISTRY: Registry = Registry::new();
    &REGISTRY
}

/// Each unit test runs in a thread of its own and has secrets of its own: what one registers,
/// at random even, must not be masked in the texts of another.
#[cfg(test)]
fn registry() -> &'static Registry {
    thread_local! {
        static REGISTRY: &'static Registry = Box::leak(Box::new(Registry::new()));
    }
    REGISTRY.with(|registry| *registry)
}

/// Remembers an address that may hold a password, in whatever form and however broken.
pub fn register_address(address: &str) {
    let mut is_masked = false;
    for range in passwords(address, Reach::Address) {
        let (before, after) = (&address[..range.start], &address[range.end..]);
        is_masked |= register_within(&address[range.clone()], |password| {
            before.contains(password) || after.contains(password)
        });
    }
    if address.chars().count() >= MINIMUM {
        let kind = if is_masked {
            Kind::Address
        } else {
            Kind::Piece
        };
        add(address, kind, false);
    }
}

/// Remembers a password. `shown` is what is shown beside it: where that holds the password,
/// as for the user `blog` with the password `blog`, lines are left as they are.
pub fn register(password: &[u8], shown: &[&str]) {
    register_within(&String::from_utf8_lossy(password), |password| {
        shown.iter().any(|text| text.contains(password))
    });
}

/// Remembers what may be a piece of a password.
pub fn register_piece(piece: &str) {
    if piece.chars().count() >= MINIMUM {
        add(piece, Kind::Piece, true);
    }
}

/// Returns whether a text holds a password, by its form.
pub fn holds_password(text: &str) -> bool {
    !passwords(text, Reach::Word).is_empty()
}

/// Adds a password and its pieces; returns whether it is masked wherever it occurs.
fn register_within(password: &str, is_shown: impl Fn(&str) -> bool) -> bool {
    let mut is_masked = false;
    for form in [password, &percent_decoded(password)] {
        let is_telling = |text: &str| text.chars().count() >= MINIMUM && !is_shown(text);
        is_masked |= is_telling(form);
        add(form, Kind::Password, is_telling(form));
        let is_border = |c: char| c.is_whitespace() || "/?#@:&;='\"\\`".contains(c);
        for piece in form.split(is_border).filter(|piece| *piece != form) {
            if is_telling(piece) {
                add(piece, Kind::Piece, true);
            }
        }
    }
    is_masked
}

fn add(secret: &str, kind: Kind, in_lines: bool) {
    if secret.trim().is_empty() {
        return;
    }
    // A writer that panicked has left what it had added.
    let mut secrets = registry()
        .secrets
        .write()
        .unwrap_or_else(PoisonError::into_inner);
    let new = Secret { kind, in_lines };
    if secrets.get(secret) != Some(&new) {
        secrets.insert(secret.to_owned(), new);
        registry().version.fetch_add(1, Ordering::SeqCst);
    }
}

/// Takes remembered passwords out of a line.
pub fn scrubbed(line: &str) -> String {
    current(Level::Messages, Coding::Text).replaced(line)
}

/// Takes remembered passwords in the form of an address out of a text that is data, before it
/// is cut: pieces are not known any more.
pub fn scrubbed_data(text: &str) -> Cow<'_, str> {
    let matcher = current(Level::Posts, Coding::Text);
    if matcher.is_empty() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(matcher.replaced(text))
}

/// Takes remembered passwords out of a message, and what looks like a password by its form:
/// messages quote files, servers and command lines. What shows how an address is written
/// (`postgresql://USER:PASSWORD@HOST/DATABASE`) stays.
pub fn redacted(message: &str) -> String {
    scrubbed(&without_forms(message, Reach::Word))
}

/// Takes out of a text of unknown making all that is remembered, and all that stands where
/// passwords do. Better too much than too little.
pub fn scrubbed_thoroughly(text: &str) -> String {
    let text = current(Level::Unknown, Coding::Text).replaced(text);
    without_forms(&text, Reach::Text)
}

fn without_forms(text: &str, reach: Reach) -> String {
    let mut left = String::with_capacity(text.len());
    let mut at = 0;
    for range in passwords(text, reach) {
        left.push_str(&text[at..range.start]);
        left.push_str(MASK);
        at = range.end;
    }
    left.push_str(&text[at..]);
    left
}

/// Decodes what is encoded, and leaves the rest as it is.
pub(crate) fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let digits = tail.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        let byte = digits.and_then(|two| u8::from_str_radix(two, 16).ok());
        match byte {
            Some(byte) if first == b'%' => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            _ => {
                bytes.push(first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_taken_out_in_every_form_it_was_given_in() {
        register_address("postgresql://me:zebra%40seven@h/d");
        register(b"walrus\"eight", &["me", "h"]);
        for text in [
            "a zebra%40seven b",
            "a zebra@seven b",
            "a walrus\"eight b",
            "a walrus\\\"eight b",
        ] {
            assert_eq!(scrubbed(text), "a *** b");
            assert!(scrubbed_thoroughly(text).contains(" *** "), "{text}");
        }
    }

    #[test]
    fn a_line_keeps_what_is_shown_anyhow_and_short_words() {
        register_address("postgresql://giraffe:giraffe@h/d");
        register(b"hippopotamus", &["the hippopotamus"]);
        register(b"emu", &[]);
        for line in ["cannot reach giraffe@h", "the hippopotamus", "an emu"] {
            assert_eq!(scrubbed(line), line);
            assert!(scrubbed_thoroughly(line).contains(MASK), "{line}");
        }
    }

    #[test]
    fn whatever_stands_where_passwords_do_is_taken_out_of_a_text_of_unknown_making() {
        for (text, expected) in [
            (
                "at postgresql://u:ostrich@h/d!",
                "at postgresql://u:***@h/d!",
            ),
            ("at postgresql://u:os@tri/ch x@h", "at postgresql://u:***@h"),
            ("at `postgresql://u:ostr", "at `postgresql://u:***"),
            (
                "host=h PassWord = 'os\\'tr ich' x",
                "host=h PassWord = *** x",
            ),
            ("?password=ostrich&a=b", "?password=***&a=b"),
            ("Password=ostrich;Pwd=ostrich", "Password=***;Pwd=***"),
            ("password='ostrich", "password=***"),
            ("no password at http://h/d", "no password at http://h/d"),
        ] {
            assert_eq!(without_forms(text, Reach::Text), expected);
        }
    }

    #[test]
    fn the_help_that_shows_how_to_write_an_address_stays() {
        let help = "write it as postgresql://USER:PASSWORD@HOST/DATABASE";
        assert_eq!(scrubbed(help), help);
    }
}
