//! The time of day and the zone after a date.

use super::rest::{Rest, attempt};
use super::{Clock, Written};

/// The text after a date.
#[derive(Default)]
pub(super) struct Tail {
    pub clock: Option<Clock>,
    pub zone: Option<Zone>,
    /// True for a form that is too short to be read, though its meaning is plain: `9:00 +9`.
    pub is_short: bool,
}

pub(super) enum Zone {
    Offset(Written),
    Letters(String),
}

/// Reads the time and the zone after a date; all of the text must be one of them.
pub(super) fn tail(mut rest: Rest<'_>) -> Option<Tail> {
    let mut tail = Tail::default();
    let t = attempt(&mut rest, |rest| rest.eat('T').or_else(|| rest.eat('t')));
    let has_comma = t.is_none() && rest.eat(',').is_some();
    let has_space = t.is_none() && rest.spaces();
    if has_space {
        rest.comment();
    }
    if rest.0.is_empty() {
        return (t.is_none() && !has_comma).then_some(tail);
    }
    if t.is_some() || has_space || has_comma {
        let before = rest.half();
        match attempt(&mut rest, clock) {
            Some((mut clock, is_short)) => {
                let half = before.or_else(|| {
                    attempt(&mut rest, |rest| {
                        rest.spaces();
                        rest.half()
                    })
                });
                if let Some(half) = half {
                    clock.hour = half.hour(clock.hour)?;
                }
                tail.is_short = is_short;
                tail.clock = Some(clock);
            }
            None if before.is_some() || t.is_some() || has_comma => return None,
            None => {}
        }
    }
    let is_apart = rest.spaces() || has_space && tail.clock.is_none();
    if rest.0.is_empty() {
        return Some(tail);
    }
    if tail.clock.is_none() && !is_apart && rest.0.starts_with('-') {
        return None;
    }
    if !rest.comment() {
        let (zone, is_short) = zone(&mut rest)?;
        tail.zone = Some(zone);
        tail.is_short |= is_short;
        rest.spaces();
        rest.comment();
    }
    rest.0.is_empty().then_some(tail)
}

/// Reads `10:00`, `9:00:00.5`, or an hour alone, of which it returns true.
fn clock(rest: &mut Rest<'_>) -> Option<(Clock, bool)> {
    let mut clock = Clock {
        hour: rest.one_or_two()?,
        minute: 0,
        second: 0,
        nanosecond: 0,
    };
    if rest.eat(':').is_none() {
        return Some((clock, true));
    }
    clock.minute = rest.digits(2)?;
    if rest.eat(':').is_some() {
        clock.second = rest.digits(2)?;
        if rest.eat('.').is_some() {
            clock.nanosecond = rest.fraction()?;
        }
    }
    let is_over = !rest.0.starts_with(|c: char| c.is_ascii_digit());
    is_over.then_some((clock, false))
}

/// Reads an offset or letters; true for an offset that is too short, as `+9` is.
fn zone(rest: &mut Rest<'_>) -> Option<(Zone, bool)> {
    let name = rest.word();
    let is_utc = ["z", "utc", "gmt"]
        .iter()
        .any(|utc| name.eq_ignore_ascii_case(utc));
    if !name.is_empty() && !is_utc {
        let is_zone = (2..=5).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_uppercase());
        return is_zone.then(|| (Zone::Letters(name.to_owned()), false));
    }
    let utc = (Zone::Offset((1, 0, 0)), false);
    if is_utc && (name.len() == 1 || !rest.0.starts_with(['+', '-'])) {
        return Some(utc);
    }
    let sign = if rest.eat('-').is_some() { -1 } else { 1 };
    if sign > 0 {
        rest.eat('+')?;
    }
    let count = rest.0.bytes().take_while(u8::is_ascii_digit).count();
    let (hours, minutes) = match count {
        1 | 2 => {
            let hours = rest.one_or_two()?;
            let minutes = rest.eat(':').map(|()| rest.digits(2));
            (hours, minutes.unwrap_or(Some(0))?)
        }
        3 => (rest.digits(1)?, rest.digits(2)?),
        4 => (rest.digits(2)?, rest.digits(2)?),
        _ => return None,
    };
    let is_over = !rest.0.starts_with(|c: char| c.is_ascii_digit());
    is_over.then_some((Zone::Offset((sign, hours, minutes)), matches!(count, 1 | 3)))
}

/// A half of the day.
#[derive(Clone, Copy)]
enum Half {
    Morning,
    Afternoon,
}

impl Half {
    /// Returns the hour of the day for one of the twelve of the half.
    fn hour(self, hour: u32) -> Option<u32> {
        if !(1..=12).contains(&hour) {
            return None;
        }
        let hour = hour % 12;
        Some(match self {
            Self::Morning => hour,
            Self::Afternoon => hour + 12,
        })
    }
}

impl Rest<'_> {
    /// Takes a remark in brackets, as JavaScript and e-mail add the name of a zone.
    fn comment(&mut self) -> bool {
        let Some((_, rest)) = self
            .0
            .strip_prefix('(')
            .and_then(|rest| rest.split_once(')'))
        else {
            return false;
        };
        self.0 = rest.trim_start_matches([' ', '\t']);
        true
    }

    /// Reads the half of the day that hours are in.
    fn half(&mut self) -> Option<Half> {
        const HALVES: [(&str, Half); 6] = [
            ("am", Half::Morning),
            ("a.m.", Half::Morning),
            ("오전", Half::Morning),
            ("pm", Half::Afternoon),
            ("p.m.", Half::Afternoon),
            ("오후", Half::Afternoon),
        ];
        let (word, half) = HALVES.into_iter().find(|(word, _)| {
            let start = self.0.get(..word.len());
            start.is_some_and(|start| start.eq_ignore_ascii_case(word))
        })?;
        self.0 = &self.0[word.len()..];
        self.spaces();
        Some(half)
    }
}
