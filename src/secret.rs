//! The passwords that this process knows, and their redaction from output.
//!
//! No message of blogctl contains a password; this is the second line of defence, for messages
//! that were made elsewhere. There are two kinds of text:
//!
//! - **Messages** come from blogctl, libraries and servers. A password never belongs there, so
//!   every occurrence of a known one is masked; [`redact_message`] also masks text that has the
//!   form of one.
//! - **Posts** are the user's data. An ordinary word may also be a password and must stay, so a
//!   known password is masked only within an address.
//!
//! All output goes through `output::stream`, which redacts a stream.

mod forms;
mod matcher;
mod registry;

use std::borrow::Cow;

use self::forms::{Reach, passwords, without_forms};
use self::matcher::Kind;
pub(crate) use self::matcher::{Coding, Edit, Level, Matcher};
use self::registry::add;
pub(crate) use self::registry::{current, is_current};

/// The minimum length in characters of a password that is masked everywhere: shorter ones also
/// occur in harmless text.
const MINIMUM: usize = 6;

/// Registers an address that may contain a password, in any syntax and however broken.
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

/// Registers a password. `shown` is the text that is shown with it: if that contains the
/// password, as for the user `blog` with the password `blog`, lines are not masked.
pub fn register(password: &[u8], shown: &[&str]) {
    register_within(&String::from_utf8_lossy(password), |password| {
        shown.iter().any(|text| text.contains(password))
    });
}

/// Registers a text that may be a part of a password.
pub fn register_piece(piece: &str) {
    if piece.chars().count() >= MINIMUM {
        add(piece, Kind::Piece, true);
    }
}

/// Returns true if a text has the form of an address or option with a password.
pub fn holds_password(text: &str) -> bool {
    !passwords(text, Reach::Word).is_empty()
}

/// Registers a password and its parts; returns true if it is masked everywhere.
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

/// Masks known passwords in a line.
pub fn redact(line: &str) -> String {
    current(Level::Messages, Coding::Text).replaced(line)
}

/// Masks known passwords within addresses in the user's data. Must be called before the text is
/// cut, since a part of a password is not recognised.
pub fn redact_data(text: &str) -> Cow<'_, str> {
    let matcher = current(Level::Posts, Coding::Text);
    if matcher.is_empty() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(matcher.replaced(text))
}

/// Masks known passwords in a message, and text that has the form of one: messages quote files,
/// servers and command lines. Placeholders (`postgresql://USER:PASSWORD@HOST/DATABASE`) stay.
pub fn redact_message(message: &str) -> String {
    redact(&without_forms(message, Reach::Word))
}

/// Masks all known secrets in a text of unknown origin, and everything in the position of a
/// password. Masks too much rather than too little.
pub fn redact_thoroughly(text: &str) -> String {
    let text = current(Level::Unknown, Coding::Text).replaced(text);
    without_forms(&text, Reach::Text)
}

/// Decodes percent-encoding, and leaves invalid sequences as they are.
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
    use super::forms::MASK;
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
            assert_eq!(redact(text), "a *** b");
            assert!(redact_thoroughly(text).contains(" *** "), "{text}");
        }
    }

    #[test]
    fn a_line_keeps_what_is_shown_anyhow_and_short_words() {
        register_address("postgresql://giraffe:giraffe@h/d");
        register(b"hippopotamus", &["the hippopotamus"]);
        register(b"emu", &[]);
        for line in ["cannot reach giraffe@h", "the hippopotamus", "an emu"] {
            assert_eq!(redact(line), line);
            assert!(redact_thoroughly(line).contains(MASK), "{line}");
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
        assert_eq!(redact(help), help);
    }
}
