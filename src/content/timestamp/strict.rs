//! The forms of ISO 8601, and of those who put a space for its `T`.

use super::{Clock, Parts, Written};

/// Splits a text into its numbers.
pub(super) fn split(text: &str) -> Option<Parts> {
    let mut rest = Rest(text);
    let year = rest.digits(4)?;
    rest.eat('-')?;
    let month = rest.digits(2)?;
    rest.eat('-')?;
    let date = [year, month, rest.digits(2)?];
    if rest.0.is_empty() {
        return Some(Parts {
            date,
            clock: None,
            offset: None,
        });
    }
    if rest.eat('T').or_else(|| rest.eat('t')).is_none() {
        rest.eat(' ')?;
        rest.0 = rest.0.trim_start_matches(' ');
    }
    let hour = rest.digits(2)?;
    rest.eat(':')?;
    let minute = rest.digits(2)?;
    let (mut second, mut nanosecond) = (0, 0);
    if rest.eat(':').is_some() {
        second = rest.digits(2)?;
        if rest.eat('.').is_some() {
            nanosecond = rest.fraction()?;
        }
    }
    let offset = rest.offset()?;
    let clock = Clock {
        hour,
        minute,
        second,
        nanosecond,
    };
    rest.0.is_empty().then_some(Parts {
        date,
        clock: Some(clock),
        offset,
    })
}

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
