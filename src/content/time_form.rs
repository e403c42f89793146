//! The forms in which people write points in time, so that another one is written alike.

use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, civil::DateTime};

use super::timestamp;

/// The form of a written date or time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct TimeForm {
    /// `None` for a date without a time of day.
    clock: Option<ClockForm>,
}

/// The form of a time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct ClockForm {
    /// `T`, `t` or a space, between the date and the time.
    separator: char,
    has_seconds: bool,
    /// The number of digits after the point.
    fraction: usize,
    offset: Option<OffsetForm>,
}

/// The form of an offset from UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct OffsetForm {
    is_spaced: bool,
    look: OffsetLook,
    /// The offset; `None` for that of the blog's zone.
    seconds: Option<i32>,
}

/// The spelling of an offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum OffsetLook {
    /// `Z`.
    Zulu,
    /// `+09:00`.
    Colon,
    /// `+0900`.
    Digits,
    /// `+09`.
    Hours,
}

impl Default for TimeForm {
    /// Returns that of RFC 3339, in the blog's zone: `2025-11-28T09:00:00+09:00`.
    fn default() -> Self {
        Self::with_offset('T', true, OffsetLook::Colon, None)
    }
}

impl TimeForm {
    fn with_offset(
        separator: char,
        has_seconds: bool,
        look: OffsetLook,
        seconds: Option<i32>,
    ) -> Self {
        let offset = OffsetForm {
            is_spaced: false,
            look,
            seconds,
        };
        let clock = ClockForm {
            separator,
            has_seconds,
            fraction: 0,
            offset: Some(offset),
        };
        Self { clock: Some(clock) }
    }

    /// Returns the form of a text that is read as a point in time; `None` for any other text.
    pub fn of(text: &str, zone: &TimeZone) -> Option<Self> {
        let at = timestamp::parse(text, zone).ok()?.at;
        let text = text.trim_matches([' ', '\t']);
        let rest = text.get("0000-00-00".len()..)?;
        let Some(separator) = rest.chars().next() else {
            return Some(Self { clock: None });
        };
        let rest = rest[1..].trim_start_matches(' ');
        let rest = rest.get("00:00".len()..)?;
        let (has_seconds, rest) = match rest.strip_prefix(':') {
            Some(rest) => (true, rest.get("00".len()..)?),
            None => (false, rest),
        };
        let (fraction, rest) = match rest.strip_prefix('.') {
            Some(rest) => {
                let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
                (digits, &rest[digits..])
            }
            None => (0, rest),
        };
        let offset = rest.trim_start_matches(' ');
        let look = match offset.len() {
            0 => None,
            _ if offset.eq_ignore_ascii_case("z") => Some(OffsetLook::Zulu),
            3 => Some(OffsetLook::Hours),
            5 => Some(OffsetLook::Digits),
            _ => Some(OffsetLook::Colon),
        };
        let offset = look.map(|look| OffsetForm {
            is_spaced: rest.starts_with(' '),
            look,
            seconds: written_offset(offset).filter(|seconds| *seconds != offset_of(zone, at)),
        });
        let clock = ClockForm {
            separator,
            has_seconds,
            fraction,
            offset,
        };
        Some(Self { clock: Some(clock) })
    }

    /// Returns a point in time in this form, or in the nearest one that is exact; `None` for one
    /// outside the years that are read.
    pub fn write(self, at: Timestamp, zone: &TimeZone) -> Option<String> {
        let clock = self.clock.unwrap_or(ClockForm {
            separator: ' ',
            has_seconds: false,
            fraction: 0,
            offset: None,
        });
        let micros = at.as_microsecond().rem_euclid(1_000_000);
        let digits = format!("{micros:06}").trim_end_matches('0').len();
        let has_second = at.as_second().rem_euclid(60) != 0 || micros != 0;
        let exact = ClockForm {
            has_seconds: clock.has_seconds || has_second,
            fraction: clock.fraction.max(digits),
            ..clock
        };
        let offset = |look, seconds| OffsetForm {
            is_spaced: false,
            look,
            seconds,
        };
        let with = |form| ClockForm {
            offset: Some(form),
            ..exact
        };
        [
            self,
            Self { clock: Some(exact) },
            Self {
                clock: Some(with(offset(OffsetLook::Colon, None))),
            },
            Self {
                clock: Some(with(offset(OffsetLook::Zulu, Some(0)))),
            },
        ]
        .into_iter()
        .filter_map(|form| form.text(at, zone))
        .find(|text| timestamp::parse(text, zone).is_ok_and(|read| read.at == at))
    }

    /// Returns a point in time in this form, which may lose a part of it.
    fn text(self, at: Timestamp, zone: &TimeZone) -> Option<String> {
        let local = |seconds: i32| -> Option<DateTime> {
            Some(Offset::from_seconds(seconds).ok()?.to_datetime(at))
        };
        let in_zone = offset_of(zone, at);
        let offset = self.clock.and_then(|clock| clock.offset);
        let seconds = match offset {
            Some(OffsetForm {
                look: OffsetLook::Zulu,
                ..
            }) => 0,
            Some(offset) => offset.seconds.unwrap_or(in_zone),
            None => in_zone,
        };
        let local = local(seconds)?;
        let (year, month, day) = (local.year(), local.month(), local.day());
        let mut text = format!("{year:04}-{month:02}-{day:02}");
        let Some(clock) = self.clock else {
            return Some(text);
        };
        text.push(clock.separator);
        text += &format!("{:02}:{:02}", local.hour(), local.minute());
        if clock.has_seconds {
            text += &format!(":{:02}", local.second());
        }
        if clock.fraction > 0 {
            let nanos = format!("{:09}", local.subsec_nanosecond());
            text.push('.');
            text += &nanos[..clock.fraction.min(nanos.len())];
        }
        if let Some(offset) = offset {
            if offset.is_spaced {
                text.push(' ');
            }
            text += &offset.look.text(seconds);
        }
        Some(text)
    }
}

impl OffsetLook {
    fn text(self, seconds: i32) -> String {
        let sign = if seconds < 0 { '-' } else { '+' };
        let minutes = seconds.abs() / 60;
        let (hours, minutes) = (minutes / 60, minutes % 60);
        match self {
            Self::Zulu => "Z".to_owned(),
            Self::Colon if seconds == 0 => "Z".to_owned(),
            Self::Hours if minutes == 0 => format!("{sign}{hours:02}"),
            Self::Digits => format!("{sign}{hours:02}{minutes:02}"),
            Self::Colon | Self::Hours => format!("{sign}{hours:02}:{minutes:02}"),
        }
    }
}

/// Returns the offset of a zone at a point in time, in seconds.
fn offset_of(zone: &TimeZone, at: Timestamp) -> i32 {
    zone.to_offset(at).seconds()
}

/// Returns a written offset in seconds.
fn written_offset(text: &str) -> Option<i32> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    if digits.is_empty() {
        return Some(0);
    }
    let number = |range| digits.get(range).map_or(Ok(0), str::parse::<i32>);
    let seconds = number(0..2).ok()? * 3600 + number(2..4).ok()? * 60;
    Some(if text.starts_with('-') {
        -seconds
    } else {
        seconds
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seoul() -> TimeZone {
        TimeZone::get("Asia/Seoul").unwrap()
    }

    /// Writes a point in time, given in UTC, as another text is written.
    fn like(text: &str, at: &str, zone: &TimeZone) -> String {
        let form = TimeForm::of(text, zone).unwrap();
        form.write(at.parse().unwrap(), zone).unwrap()
    }

    #[test]
    fn a_time_is_written_as_another_one_is() {
        for (text, expected) in [
            ("2025-11-28", "2024-02-03"),
            ("2025-11-28 09:00", "2024-02-03 00:00"),
            ("2025-11-28T09:00:01", "2024-02-03T00:00:00"),
            (
                "2025-11-28 09:00:00.000 +0900",
                "2024-02-03 00:00:00.000 +0900",
            ),
            ("2025-11-28T09:00:00Z", "2024-02-02T15:00:00Z"),
            ("2025-11-28T09:00:00+09:00", "2024-02-03T00:00:00+09:00"),
            ("2025-11-28 09:00 +09", "2024-02-03 00:00 +09"),
            ("2025-11-28 09:00:00 -0330", "2024-02-02 11:30:00 -0330"),
            ("2025-11-28 09:00+02:00", "2024-02-02 17:00+02:00"),
        ] {
            assert_eq!(like(text, "2024-02-02T15:00:00Z", &seoul()), expected);
        }
    }

    #[test]
    fn a_form_that_would_lose_something_is_extended() {
        for (text, at, expected) in [
            ("2025-11-28", "2024-02-03T01:30:00Z", "2024-02-03 10:30"),
            ("2025-11-28", "2024-02-03T01:30:07Z", "2024-02-03 10:30:07"),
            (
                "2025-11-28 09:00",
                "2024-02-02T15:00:00.25Z",
                "2024-02-03 00:00:00.25",
            ),
            (
                "2025-11-28T09:00:00.1Z",
                "2024-02-02T15:00:00.000001Z",
                "2024-02-02T15:00:00.000001Z",
            ),
        ] {
            assert_eq!(like(text, at, &seoul()), expected);
        }
    }

    #[test]
    fn a_time_that_two_offsets_share_has_its_offset() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        // The second 02:30 of the night in which clocks were set back.
        assert_eq!(
            like("2025-11-28 09:00", "2025-10-26T01:30:00Z", &zone),
            "2025-10-26 02:30+01:00"
        );
        assert_eq!(
            like("2025-11-28 09:00", "2025-10-26T00:30:00Z", &zone),
            "2025-10-26 02:30"
        );
        // Summer time, although the text is of winter.
        assert_eq!(
            like("2025-11-28T09:00:00+01:00", "2025-07-01T10:00:00Z", &zone),
            "2025-07-01T12:00:00+02:00"
        );
    }

    #[test]
    fn the_default_is_that_of_rfc_3339() {
        let at = "2024-02-02T15:00:00Z".parse().unwrap();
        let form = TimeForm::default();
        assert_eq!(
            form.write(at, &TimeZone::UTC).unwrap(),
            "2024-02-02T15:00:00Z"
        );
        assert_eq!(
            form.write(at, &seoul()).unwrap(),
            "2024-02-03T00:00:00+09:00"
        );
    }

    #[test]
    fn a_text_that_is_no_time_has_no_form() {
        for text in ["", "soon", "2025-13-01", "2025-11-28 9:00"] {
            assert_eq!(TimeForm::of(text, &TimeZone::UTC), None, "{text}");
        }
    }

    #[test]
    fn a_time_outside_the_years_that_are_read_is_not_written() {
        let at = Timestamp::MIN;
        assert_eq!(TimeForm::default().write(at, &TimeZone::UTC), None);
    }
}
