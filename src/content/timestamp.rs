//! Points in time as people write them.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};
use jiff::{RoundMode, Timestamp, TimestampRound, Unit};

pub use self::error::{Proposal, TimestampError};

mod error;
mod loose;
mod plain;
mod rest;
mod strict;
mod tail;

/// The forms of [`parse`] that messages recommend.
pub const FORMS: &str =
    "2025-11-28, 2025-11-28 09:00, 2025-11-28 09:00:00.000 +0900 or 2025-11-28T09:00:00Z";

/// The longest text that may be one of the forms that only people write, in bytes.
const LONGEST: usize = 100;

/// A point in time, and whether it was given as a whole day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The point, to the microsecond; for a date, the day's first.
    pub at: Timestamp,
    /// The day, where only a date was given.
    pub day: Option<Date>,
    /// The offset that was given with a day.
    day_offset: Option<Offset>,
}

impl Moment {
    /// The first point after it: for a date, the start of the next day in `zone`, or in the
    /// offset that it was given with; else the next microsecond. `None` past the end of the
    /// year 9999.
    pub fn end(&self, zone: &TimeZone) -> Option<Timestamp> {
        let Some(day) = self.day else {
            return Timestamp::from_microsecond(self.at.as_microsecond() + 1).ok();
        };
        let next = day.tomorrow().ok()?.at(0, 0, 0, 0);
        match self.day_offset {
            Some(offset) => offset.to_timestamp(next).ok().and_then(to_microsecond),
            None => in_zone(next, zone),
        }
    }
}

/// Reads a point in time: a date, then maybe a time to the minute or finer (`T` or a space
/// between), then maybe an offset (`Z`, `UTC`, `GMT`, `+09:00`, `+0900` or `+09`).
///
/// The date begins with its year, in numbers with `-`, `/` or `.` between them, or names its month:
/// `2025-11-28`, `2025/1/5`, `2025. 1. 5.`, `2025년 1월 5일`, `Jan 5, 2025`, `5 January 2025`, or
/// `Sun, 05 Jan 2025 10:00:00 GMT` as in e-mail and feeds.
///
/// Without an offset it is in `zone`. If clocks were set back, so that two points in time have
/// it, it is the earlier one. If they were set forward, so that none has it, it is as much later
/// as they were set. It is rounded to the nearest microsecond.
///
/// # Errors
/// [`TimestampError`], naming the text, with the spelling that is read where one can be made.
pub fn parse(text: &str, zone: &TimeZone) -> Result<Moment, TimestampError> {
    let written = text.trim_matches([' ', '\t']);
    if let Some(parts) = strict::split(written) {
        return moment(&parts, zone).map_err(|fault| fault.error(text, &parts, zone));
    }
    let unread = || TimestampError::Form {
        text: text.to_owned(),
        proposals: Vec::new(),
    };
    if written.len() > LONGEST {
        return Err(unread());
    }
    if let Some(loose) = loose::read(written) {
        return loose.moment(text, zone);
    }
    let Some(plain) = plain::plain(written) else {
        return Err(unread());
    };
    let proposals = match parse(&plain, zone) {
        Ok(_) => vec![Proposal::new(plain, None)],
        Err(error) => error.proposals().to_vec(),
    };
    if proposals.is_empty() {
        return Err(unread());
    }
    Err(TimestampError::Characters {
        text: text.to_owned(),
        proposals,
    })
}

/// Returns whether a text has the form of ISO 8601, maybe with spaces.
pub(super) fn is_iso(text: &str) -> bool {
    strict::split(text).is_some()
}

/// The numbers of a text, not yet known to make sense.
#[derive(Clone, Copy, Debug)]
struct Parts {
    /// Year, month and day.
    date: [u32; 3],
    clock: Option<Clock>,
    offset: Option<Written>,
}

/// A time of day.
#[derive(Clone, Copy, Debug)]
struct Clock {
    hour: u32,
    minute: u32,
    second: u32,
    nanosecond: i32,
}

/// An offset from UTC: sign, hours and minutes.
type Written = (i32, u32, u32);

/// The reason why numbers are no point in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    Nonexistent,
    Range,
}

impl Fault {
    /// Makes it an error, with the proposal of the day and the month exchanged, or of midnight.
    fn error(self, text: &str, parts: &Parts, zone: &TimeZone) -> TimestampError {
        let text = text.to_owned();
        if self == Self::Range {
            return TimestampError::Range { text };
        }
        let [year, month, day] = parts.date;
        let exchanged = Parts {
            date: [year, day, month],
            ..*parts
        };
        let midnight = parts.at_midnight();
        let candidates = [Some(exchanged).filter(|_| month > 12), midnight];
        let proposals = candidates
            .iter()
            .flatten()
            .filter_map(|parts| parts.proposal(zone));
        TimestampError::Nonexistent {
            text,
            proposals: proposals.collect(),
        }
    }
}

impl Parts {
    fn date(&self) -> Result<Date, Fault> {
        let [year, month, day] = self.date;
        if year == 0 {
            return Err(Fault::Range);
        }
        let year = i16::try_from(year).map_err(|_| Fault::Range)?;
        Date::new(year, small(month)?, small(day)?).map_err(|_| Fault::Nonexistent)
    }

    /// Returns the first point of the next day for one whose time is 24:00.
    fn at_midnight(&self) -> Option<Self> {
        let clock = self.clock?;
        if (clock.hour, clock.minute, clock.second) != (24, 0, 0) || clock.nanosecond != 0 {
            return None;
        }
        let next = self.date().ok()?.tomorrow().ok()?;
        let number = |n: i8| u32::try_from(n).ok();
        Some(Self {
            date: [
                u32::try_from(next.year()).ok()?,
                number(next.month())?,
                number(next.day())?,
            ],
            clock: Some(Clock { hour: 0, ..clock }),
            ..*self
        })
    }

    /// Returns the spelling that messages propose; `None` if it is no point in time.
    fn proposal(&self, zone: &TimeZone) -> Option<Proposal> {
        moment(self, zone).ok()?;
        Some(Proposal::new(self.spelling(), self.date().ok()))
    }

    fn spelling(&self) -> String {
        let [year, month, day] = self.date;
        let mut text = format!("{year:04}-{month:02}-{day:02}");
        if let Some(clock) = self.clock {
            text += &format!(" {:02}:{:02}", clock.hour, clock.minute);
            if clock.second != 0 || clock.nanosecond != 0 {
                text += &format!(":{:02}", clock.second);
            }
            if clock.nanosecond != 0 {
                let digits = format!("{:09}", clock.nanosecond);
                text.push('.');
                text += digits.trim_end_matches('0');
            }
        }
        match self.offset {
            None => {}
            Some((_, 0, 0)) => text += " Z",
            Some((sign, hours, minutes)) => {
                let sign = if sign < 0 { '-' } else { '+' };
                text += &format!(" {sign}{hours:02}:{minutes:02}");
            }
        }
        text
    }
}

fn moment(parts: &Parts, zone: &TimeZone) -> Result<Moment, Fault> {
    let date = parts.date()?;
    let offset = parts.offset.map(offset).transpose()?;
    let time = parts.clock.map_or(Ok(Time::midnight()), time)?;
    let local = DateTime::from_parts(date, time);
    let at = match offset {
        None => in_zone(local, zone),
        Some(offset) => offset.to_timestamp(local).ok().and_then(to_microsecond),
    };
    let is_day = parts.clock.is_none();
    Ok(Moment {
        at: at.ok_or(Fault::Range)?,
        day: is_day.then_some(date),
        day_offset: offset.filter(|_| is_day),
    })
}

fn time(clock: Clock) -> Result<Time, Fault> {
    // A leap second, which RFC 3339 allows, is the second before it.
    let second = if clock.second == 60 { 59 } else { clock.second };
    Time::new(
        small(clock.hour)?,
        small(clock.minute)?,
        small(second)?,
        clock.nanosecond,
    )
    .map_err(|_| Fault::Nonexistent)
}

fn offset((sign, hours, minutes): Written) -> Result<Offset, Fault> {
    if hours > 23 || minutes > 59 {
        return Err(Fault::Nonexistent);
    }
    // Below one day, so that it fits.
    let seconds = sign * (hours as i32 * 3600 + minutes as i32 * 60);
    Offset::from_seconds(seconds).map_err(|_| Fault::Nonexistent)
}

fn small(n: u32) -> Result<i8, Fault> {
    i8::try_from(n).map_err(|_| Fault::Nonexistent)
}

fn in_zone(local: DateTime, zone: &TimeZone) -> Option<Timestamp> {
    zone.to_timestamp(local).ok().and_then(to_microsecond)
}

/// Rounds, and refuses what would be in the year 0 in UTC: databases write it as 1 BC.
fn to_microsecond(at: Timestamp) -> Option<Timestamp> {
    let round = TimestampRound::new()
        .smallest(Unit::Microsecond)
        .mode(RoundMode::HalfExpand);
    let at = at.round(round).ok()?;
    (at.to_zoned(TimeZone::UTC).year() >= 1).then_some(at)
}

#[cfg(test)]
mod tests;
