//! Points in time as people write them.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};
use jiff::{RoundMode, Timestamp, TimestampRound, Unit};

use super::quote::quoted;

/// The forms that [`parse`] takes, for messages.
pub const FORMS: &str =
    "2025-11-28, 2025-11-28 09:00, 2025-11-28 09:00:00.000 +0900 or 2025-11-28T09:00:00Z";

/// A point in time, and whether it was given as a whole day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The point, to the microsecond; for a date, the day's first.
    pub at: Timestamp,
    /// The day, where only a date was given.
    pub day: Option<Date>,
}

impl Moment {
    /// The first point after it: for a date, the start of the next day in `zone`; else the
    /// next microsecond. `None` past the end of the year 9999.
    pub fn end(&self, zone: &TimeZone) -> Option<Timestamp> {
        match self.day {
            Some(day) => in_zone(day.tomorrow().ok()?.at(0, 0, 0, 0), zone),
            None => Timestamp::from_microsecond(self.at.as_microsecond() + 1).ok(),
        }
    }
}

/// An error in a timestamp.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimestampError {
    /// It has none of the [`FORMS`].
    #[error("{} is not a date or a time that blogctl reads", quoted(.0))]
    Form(String),
    /// It has the form, but there is no such day, hour or offset.
    #[error("{} does not exist: check the day, the time and the offset", quoted(.0))]
    Nonexistent(String),
    /// It lies outside the years 1 to 9999 in UTC.
    #[error("{} lies outside the years 0001 to 9999", quoted(.0))]
    Range(String),
}

/// Reads a point in time in one of the [`FORMS`]: a date, then maybe a time to the minute or
/// finer (`T` or a space between), then maybe an offset (`Z`, `+09:00`, `+0900` or `+09`).
///
/// Without an offset it is in `zone`. If clocks were set back, so that two points in time have
/// it, it is the earlier one. If they were set forward, so that none has it, it is as much later
/// as they were set. It is rounded to the nearest microsecond.
///
/// # Errors
/// [`TimestampError`], naming the text.
pub fn parse(text: &str, zone: &TimeZone) -> Result<Moment, TimestampError> {
    let parts = split(text).ok_or_else(|| TimestampError::Form(text.to_owned()))?;
    let nonexistent = || TimestampError::Nonexistent(text.to_owned());
    let range = || TimestampError::Range(text.to_owned());

    let [year, month, day] = parts.date;
    if year == 0 {
        return Err(range());
    }
    let small = |n: u32| i8::try_from(n).map_err(|_| nonexistent());
    let year = i16::try_from(year).map_err(|_| range())?;
    let date = Date::new(year, small(month)?, small(day)?).map_err(|_| nonexistent())?;
    let Some(clock) = parts.clock else {
        let at = in_zone(date.at(0, 0, 0, 0), zone).ok_or_else(range)?;
        return Ok(Moment {
            at,
            day: Some(date),
        });
    };
    // A leap second, which RFC 3339 allows, is the second before it.
    let second = if clock.second == 60 { 59 } else { clock.second };
    let time = Time::new(
        small(clock.hour)?,
        small(clock.minute)?,
        small(second)?,
        clock.nanosecond,
    )
    .map_err(|_| nonexistent())?;
    let local = DateTime::from_parts(date, time);
    let at = match clock.offset {
        None => in_zone(local, zone),
        Some((sign, hours, minutes)) => {
            if hours > 23 || minutes > 59 {
                return Err(nonexistent());
            }
            let seconds = sign * (hours as i32 * 3600 + minutes as i32 * 60);
            let offset = Offset::from_seconds(seconds).map_err(|_| nonexistent())?;
            offset.to_timestamp(local).ok().and_then(to_microsecond)
        }
    };
    Ok(Moment {
        at: at.ok_or_else(range)?,
        day: None,
    })
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

/// A text's numbers, not yet known to make sense.
struct Parts {
    date: [u32; 3],
    clock: Option<Clock>,
}

struct Clock {
    hour: u32,
    minute: u32,
    second: u32,
    nanosecond: i32,
    /// Sign, hours, minutes.
    offset: Option<(i32, u32, u32)>,
}

fn split(text: &str) -> Option<Parts> {
    let mut rest = Rest(text.trim_matches([' ', '\t']));
    let year = rest.digits(4)?;
    rest.eat('-')?;
    let month = rest.digits(2)?;
    rest.eat('-')?;
    let date = [year, month, rest.digits(2)?];
    if rest.0.is_empty() {
        return Some(Parts { date, clock: None });
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
        offset,
    };
    rest.0.is_empty().then_some(Parts {
        date,
        clock: Some(clock),
    })
}

/// The rest of a text that is still to be parsed.
struct Rest<'a>(&'a str);

impl Rest<'_> {
    fn eat(&mut self, wanted: char) -> Option<()> {
        self.0 = self.0.strip_prefix(wanted)?;
        Some(())
    }

    /// Reads exactly `count` ASCII digits.
    fn digits(&mut self, count: usize) -> Option<u32> {
        let (digits, rest) = self.0.split_at_checked(count)?;
        if !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        self.0 = rest;
        digits.parse().ok()
    }

    /// Reads 1 to 9 digits as a fraction of a second, in nanoseconds.
    fn fraction(&mut self) -> Option<i32> {
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
    fn offset(&mut self) -> Option<Option<(i32, u32, u32)>> {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn seoul() -> TimeZone {
        TimeZone::get("Asia/Seoul").unwrap()
    }

    fn utc(text: &str, zone: &TimeZone) -> String {
        parse(text, zone).unwrap().at.to_string()
    }

    #[test]
    fn takes_every_form_with_an_offset() {
        for text in [
            "2025-11-28T09:00:00+09:00",
            "2025-11-28T09:00:00.000+09:00",
            "2025-11-28 09:00:00.000 +0900",
            "2025-11-28 09:00:00 +09:00",
            "2025-11-28 09:00 +09",
            "2025-11-28T09:00+0900",
            "2025-11-28t00:00:00z",
            "2025-11-28 00:00Z",
            "2025-11-27T19:00:00-05:00",
            "  2025-11-28  00:00:00  Z ",
        ] {
            assert_eq!(utc(text, &seoul()), "2025-11-28T00:00:00Z", "{text}");
        }
    }

    #[test]
    fn puts_a_time_without_an_offset_in_the_zone() {
        for text in [
            "2025-11-28 09:00",
            "2025-11-28T09:00",
            "2025-11-28 09:00:00",
        ] {
            assert_eq!(utc(text, &seoul()), "2025-11-28T00:00:00Z");
            assert_eq!(utc(text, &TimeZone::UTC), "2025-11-28T09:00:00Z");
        }
    }

    #[test]
    fn tells_a_date_from_a_time_and_knows_where_it_ends() {
        let day = parse("2025-11-28", &seoul()).unwrap();
        assert_eq!(day.at.to_string(), "2025-11-27T15:00:00Z");
        assert_eq!(
            day.day.map(|day| day.to_string()).as_deref(),
            Some("2025-11-28")
        );
        assert_eq!(
            day.end(&seoul()).unwrap().to_string(),
            "2025-11-28T15:00:00Z"
        );
        let time = parse("2025-11-28 00:00", &seoul()).unwrap();
        assert_eq!((time.at, time.day), (day.at, None));
        assert_eq!(
            time.end(&seoul()).unwrap().to_string(),
            "2025-11-27T15:00:00.000001Z"
        );
    }

    #[test]
    fn rounds_to_the_nearest_microsecond() {
        let at = |fraction| utc(&format!("2025-01-01T00:00:00.{fraction}Z"), &seoul());
        assert_eq!(at("1"), "2025-01-01T00:00:00.1Z");
        assert_eq!(at("123456499"), "2025-01-01T00:00:00.123456Z");
        assert_eq!(at("123456500"), "2025-01-01T00:00:00.123457Z");
        assert_eq!(at("9999999"), "2025-01-01T00:00:01Z");
    }

    #[test]
    fn takes_the_earlier_of_two_and_the_later_of_none() {
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        assert_eq!(utc("2025-10-26 02:30", &berlin), "2025-10-26T00:30:00Z");
        assert_eq!(utc("2025-03-30 02:30", &berlin), "2025-03-30T01:30:00Z");
    }

    #[test]
    fn takes_a_leap_second_as_the_one_before() {
        assert_eq!(
            utc("2016-12-31T23:59:60Z", &seoul()),
            "2016-12-31T23:59:59Z"
        );
    }

    #[test]
    fn takes_the_years_1_to_9999() {
        assert_eq!(utc("0001-01-01", &TimeZone::UTC), "0001-01-01T00:00:00Z");
        assert_eq!(utc("9999-12-30", &TimeZone::UTC), "9999-12-30T00:00:00Z");
        for text in ["0000-12-31", "0001-01-01T00:00:00+09:00"] {
            let error = parse(text, &TimeZone::UTC).unwrap_err();
            assert!(matches!(error, TimestampError::Range(_)), "{text}: {error}");
        }
    }

    #[test]
    fn fails_for_days_and_times_that_do_not_exist() {
        for text in [
            "2025-02-29",
            "2025-13-01",
            "2025-00-10",
            "2025-11-28 24:00",
            "2025-11-28 23:60",
            "2025-11-28 23:59:61",
            "2025-11-28T09:00:00+24:00",
            "2025-11-28T09:00:00+09:60",
        ] {
            let error = parse(text, &TimeZone::UTC).unwrap_err();
            assert!(
                matches!(error, TimestampError::Nonexistent(_)),
                "{text}: {error}"
            );
        }
    }

    #[test]
    fn fails_for_other_forms() {
        for text in [
            "",
            "yesterday",
            "2025",
            "2025-11",
            "28.11.2025",
            "11/28/2025",
            "2025-1-1",
            "20251128",
            "-2025-11-28",
            "2025-11-28 9:00",
            "2025-11-28 09",
            "2025-11-28T",
            "2025-11-28 09:00:00.",
            "2025-11-28 09:00:00.1234567890",
            "2025-11-28 09:00 KST",
            "2025-11-28 09:00 +9",
            "2025-11-28 09:00 +09:",
            "2025-11-28 09:00 +",
            "2025-11-28Z",
            "２０２５-11-28",
            "2025-11-28 09:00Zjunk",
        ] {
            let error = parse(text, &TimeZone::UTC).unwrap_err();
            assert!(matches!(error, TimestampError::Form(_)), "{text}: {error}");
        }
    }
}
