//! The forms in which people write points in time, so that another one is written alike.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};

use super::timestamp;

/// The form of a written date or time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct TimeForm {
    date: DateForm,
    /// `None` for a date without a time of day.
    clock: Option<ClockForm>,
}

/// The form of a date that begins with its year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct DateForm {
    /// `-`, `/` or `.`, between the numbers.
    separator: char,
    /// True for months and days of two digits.
    is_padded: bool,
    /// True for a space after each separator, as in `2024. 1. 5.`.
    is_spaced: bool,
    /// True for a separator after the day, too.
    is_ended: bool,
}

/// The form of a time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct ClockForm {
    /// `T`, `t` or a space, between the date and the time.
    separator: char,
    /// True for hours of two digits.
    is_padded: bool,
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

impl DateForm {
    /// The form of ISO 8601.
    const ISO: Self = Self {
        separator: '-',
        is_padded: true,
        is_spaced: false,
        is_ended: false,
    };

    /// Returns the form of the date that a text begins with, and the rest of the text; `None`
    /// if it does not begin with a year and two other numbers.
    fn of(text: &str) -> Option<(Self, &str)> {
        let rest = text.get("0000".len()..)?;
        let separator = rest.chars().next().filter(|c| "-/.".contains(*c))?;
        let after_number = |rest: &str| {
            let count = rest.bytes().take_while(u8::is_ascii_digit).count();
            (count, rest.len() - count)
        };
        let rest = &rest[separator.len_utf8()..];
        let month = rest.trim_start_matches(' ');
        let is_spaced = month.len() < rest.len();
        let (month_digits, left) = after_number(month);
        let rest = month[month.len() - left..].strip_prefix(separator)?;
        let day = rest.trim_start_matches(' ');
        let (day_digits, left) = after_number(day);
        let rest = &day[day.len() - left..];
        let ended = rest.strip_prefix('.').filter(|_| separator == '.');
        let form = Self {
            separator,
            is_padded: month_digits == 2 && day_digits == 2,
            is_spaced,
            is_ended: ended.is_some(),
        };
        Some((form, ended.unwrap_or(rest)))
    }

    fn text(self, date: Date) -> String {
        let (year, month, day) = (date.year(), date.month(), date.day());
        let between = match (self.separator, self.is_spaced) {
            (separator, true) => format!("{separator} "),
            (separator, false) => separator.to_string(),
        };
        let width = if self.is_padded { 2 } else { 1 };
        let mut text = format!("{year:04}{between}{month:0width$}{between}{day:0width$}");
        if self.is_ended {
            text.push(self.separator);
        }
        text
    }
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
            is_padded: true,
            has_seconds,
            fraction: 0,
            offset: Some(offset),
        };
        Self {
            date: DateForm::ISO,
            clock: Some(clock),
        }
    }

    /// Returns the form of a text that is read as a point in time and begins with the numbers of
    /// its year, its month and its day; `None` for any other text.
    pub fn of(text: &str, zone: &TimeZone) -> Option<Self> {
        let at = timestamp::parse(text, zone).ok()?.at;
        let text = text.trim_matches([' ', '\t']);
        let form = Self::guess(text, at, zone)?;
        // Such a text is written back as it is; ISO 8601 also with other spaces.
        let is_iso = form.date == DateForm::ISO
            && form.clock.is_none_or(|clock| clock.is_padded)
            && timestamp::is_iso(text);
        let is_exact = || form.text(at, zone).as_deref() == Some(text);
        (is_iso || is_exact()).then_some(form)
    }

    fn guess(text: &str, at: Timestamp, zone: &TimeZone) -> Option<Self> {
        let (date, rest) = DateForm::of(text)?;
        let Some(separator) = rest.chars().next() else {
            return Some(Self { date, clock: None });
        };
        let rest = rest.get(separator.len_utf8()..)?.trim_start_matches(' ');
        let hour = rest.bytes().take_while(u8::is_ascii_digit).count();
        let rest = rest[hour..].strip_prefix(':')?.get("00".len()..)?;
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
            is_padded: hour == 2,
            has_seconds,
            fraction,
            offset,
        };
        Some(Self {
            date,
            clock: Some(clock),
        })
    }

    /// Returns a point in time in this form, or in the nearest one that is exact; `None` for one
    /// outside the years that are read.
    pub fn write(self, at: Timestamp, zone: &TimeZone) -> Option<String> {
        let clock = self.clock.unwrap_or(ClockForm {
            separator: ' ',
            is_padded: true,
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
        let with = |offset| Self {
            clock: Some(ClockForm { offset, ..exact }),
            ..self
        };
        [
            self,
            with(exact.offset),
            with(Some(offset(OffsetLook::Colon, None))),
            with(Some(offset(OffsetLook::Zulu, Some(0)))),
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
        let mut text = self.date.text(local.date());
        let Some(clock) = self.clock else {
            return Some(text);
        };
        text.push(clock.separator);
        let width = if clock.is_padded { 2 } else { 1 };
        text += &format!("{:0width$}:{:02}", local.hour(), local.minute());
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
            ("2025/11/28", "2024/02/03"),
            ("2025/1/28", "2024/2/3"),
            ("2025-1-5", "2024-2-3"),
            ("2025.11.08", "2024.02.03"),
            ("2025.11.08.", "2024.02.03."),
            ("2025. 1. 8.", "2024. 2. 3."),
            ("2025/1/5 9:00", "2024/2/3 0:00"),
            ("2025-01-05 9:00:00", "2024-02-03 0:00:00"),
            ("2016-4-26 12:53:12 +0900", "2024-2-3 00:00:00 +0900"),
        ] {
            assert_eq!(like(text, "2024-02-02T15:00:00Z", &seoul()), expected);
        }
    }

    #[test]
    fn a_form_that_would_lose_something_is_extended() {
        for (text, at, expected) in [
            ("2025-11-28", "2024-02-03T01:30:00Z", "2024-02-03 10:30"),
            ("2025-11-28", "2024-02-03T01:30:07Z", "2024-02-03 10:30:07"),
            ("2025/1/5", "2024-02-03T01:30:00Z", "2024/2/3 10:30"),
            ("2025. 1. 5.", "2024-02-03T01:30:00Z", "2024. 2. 3. 10:30"),
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
        for text in ["", "soon", "2025-13-01", "2025-11-28 25:00", "05/01/2024"] {
            assert_eq!(TimeForm::of(text, &TimeZone::UTC), None, "{text}");
        }
    }

    #[test]
    fn a_text_that_cannot_be_written_alike_has_no_form() {
        for text in [
            "Jan 5, 2024",
            "5 January 2024",
            "Fri, 05 Jan 2024 10:00:00 GMT",
            "2024년 1월 5일",
            "2024-01-05 10:00:00 UTC",
            "2018-08-21 +0800",
            "2024/1/05",
            "2024. 1. 5. 오후 3:00",
        ] {
            timestamp::parse(text, &seoul()).unwrap();
            assert_eq!(TimeForm::of(text, &seoul()), None, "{text}");
        }
    }

    #[test]
    fn a_time_outside_the_years_that_are_read_is_not_written() {
        let at = Timestamp::MIN;
        assert_eq!(TimeForm::default().write(at, &TimeZone::UTC), None);
    }
}
