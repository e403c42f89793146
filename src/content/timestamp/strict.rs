//! The forms of ISO 8601, and of those who put a space for its `T`.

use super::rest::Rest;
use super::{Clock, Parts};

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
