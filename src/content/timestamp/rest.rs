//! A text that is read from its start.

use super::Written;

/// The rest of a text that is still to be parsed.
pub(super) struct Rest<'a>(pub &'a str);

impl Rest<'_> {
    /// Takes a character if it is next.
    pub fn eat(&mut self, wanted: char) -> Option<()> {
        self.0 = self.0.strip_prefix(wanted)?;
        Some(())
    }

    /// Reads exactly `count` ASCII digits.
    pub fn digits(&mut self, count: usize) -> Option<u32> {
        let (digits, rest) = self.0.split_at_checked(count)?;
        if !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        self.0 = rest;
        digits.parse().ok()
    }

    /// Reads 1 to 9 digits as a fraction of a second, in nanoseconds.
    pub fn fraction(&mut self) -> Option<i32> {
        let count = self.0.bytes().take_while(u8::is_ascii_digit).count();
        if count > 9 {
            return None;
        }
        let digits = self.digits(count.max(1))?;
        i32::try_from(digits * 10_u32.pow(9 - count as u32)).ok()
    }

    /// Reads an offset; `Some(None)` where there is none, `None` where there is half of one.
    #[expect(
        clippy::option_option,
        reason = "absent and malformed are different things"
    )]
    pub fn offset(&mut self) -> Option<Option<Written>> {
        if self.0.is_empty() {
            return Some(None);
        }
        self.0 = self.0.trim_start_matches(' ');
        if self.eat('Z').or_else(|| self.eat('z')).is_some() {
            return Some(Some((1, 0, 0)));
        }
        let sign = if self.eat('-').is_some() {
            -1
        } else {
            self.eat('+')?;
            1
        };
        let hours = self.digits(2)?;
        let minutes = match self.eat(':') {
            Some(()) => self.digits(2)?,
            None if self.0.is_empty() => 0,
            None => self.digits(2)?,
        };
        Some(Some((sign, hours, minutes)))
    }
}

impl<'a> Rest<'a> {
    /// Takes spaces and tabs; true if there were any.
    pub fn spaces(&mut self) -> bool {
        let before = self.0.len();
        self.0 = self.0.trim_start_matches([' ', '\t']);
        self.0.len() < before
    }

    /// Takes the ASCII letters that are next, maybe none.
    pub fn word(&mut self) -> &'a str {
        let end = self.0.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (word, rest) = self.0.split_at(end);
        self.0 = rest;
        word
    }

    /// Reads all of one or two digits.
    pub fn one_or_two(&mut self) -> Option<u32> {
        let count = self.0.bytes().take_while(u8::is_ascii_digit).count();
        (count <= 2).then(|| self.digits(count.max(1)))?
    }
}

/// Reads what `form` does; nothing is taken where it finds nothing.
pub(super) fn attempt<'a, T>(
    rest: &mut Rest<'a>,
    form: fn(&mut Rest<'a>) -> Option<T>,
) -> Option<T> {
    let mut ahead = Rest(rest.0);
    let found = form(&mut ahead)?;
    rest.0 = ahead.0;
    Some(found)
}
