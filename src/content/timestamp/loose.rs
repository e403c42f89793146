//! The forms that people and other programs write, besides those of ISO 8601.

use jiff::civil::Weekday;
use jiff::tz::TimeZone;

use super::strict::Rest;
use super::{Clock, Moment, Parts, Proposal, TimestampError, Written, moment};

/// The offsets that the letters of zones usually mean. Letters that mean several are not here:
/// `CST` is the time of Chicago and of Beijing, `IST` that of India, Israel and Ireland.
const ZONES: [(&str, Written); 23] = [
    ("KST", (1, 9, 0)),
    ("JST", (1, 9, 0)),
    ("HKT", (1, 8, 0)),
    ("SGT", (1, 8, 0)),
    ("MSK", (1, 3, 0)),
    ("EET", (1, 2, 0)),
    ("EEST", (1, 3, 0)),
    ("CET", (1, 1, 0)),
    ("CEST", (1, 2, 0)),
    ("WET", (1, 0, 0)),
    ("WEST", (1, 1, 0)),
    ("EST", (-1, 5, 0)),
    ("EDT", (-1, 4, 0)),
    ("CDT", (-1, 5, 0)),
    ("MST", (-1, 7, 0)),
    ("MDT", (-1, 6, 0)),
    ("PST", (-1, 8, 0)),
    ("PDT", (-1, 7, 0)),
    ("AEST", (1, 10, 0)),
    ("AEDT", (1, 11, 0)),
    ("NZST", (1, 12, 0)),
    ("NZDT", (1, 13, 0)),
    ("HST", (-1, 10, 0)),
];

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

const WEEKDAYS: [(&str, Weekday); 7] = [
    ("monday", Weekday::Monday),
    ("tuesday", Weekday::Tuesday),
    ("wednesday", Weekday::Wednesday),
    ("thursday", Weekday::Thursday),
    ("friday", Weekday::Friday),
    ("saturday", Weekday::Saturday),
    ("sunday", Weekday::Sunday),
];

/// A text of which each part is known, and which parts may mean several things.
pub(super) struct Loose {
    dates: Dates,
    weekday: Option<Weekday>,
    tail: Tail,
}

/// The readings of a date.
enum Dates {
    /// The only one.
    One([u32; 3]),
    /// Those of numbers whose order is not known, or that are not written as a date.
    Guessed(Vec<[u32; 3]>),
}

/// The text after a date.
#[derive(Default)]
struct Tail {
    clock: Option<Clock>,
    zone: Option<Zone>,
    /// True for a form that is too short to be read, though its meaning is plain: `9:00 +9`.
    is_short: bool,
}

enum Zone {
    Offset(Written),
    Letters(String),
}

impl Loose {
    /// Returns the point in time, or the error with the readings.
    pub fn moment(&self, text: &str, zone: &TimeZone) -> Result<Moment, TimestampError> {
        let text = text.to_owned();
        let offset = match &self.tail.zone {
            Some(Zone::Letters(letters)) => {
                let usual = ZONES.iter().find(|(known, _)| known == letters);
                let parts = usual.map(|(_, offset)| self.parts(Some(*offset)));
                return Err(TimestampError::Zone {
                    text,
                    zone: letters.clone(),
                    proposals: proposals(&parts.unwrap_or_default(), zone),
                });
            }
            Some(Zone::Offset(offset)) => Some(*offset),
            None => None,
        };
        let all = self.parts(offset);
        let parts = match (&self.dates, all.as_slice()) {
            (Dates::One(_), [parts]) if !self.tail.is_short => parts,
            _ => {
                let proposals = proposals(&all, zone);
                return Err(match proposals.len() {
                    0 | 1 => TimestampError::Form { text, proposals },
                    _ => TimestampError::Ambiguous {
                        text,
                        readings: proposals,
                    },
                });
            }
        };
        let found = moment(parts, zone).map_err(|fault| fault.error(&text, parts, zone))?;
        let day = parts
            .date()
            .map_err(|fault| fault.error(&text, parts, zone))?;
        if self.weekday.is_some_and(|named| named != day.weekday()) {
            let proposals = proposals(&all, zone);
            return Err(TimestampError::Weekday {
                text,
                day,
                proposals,
            });
        }
        Ok(found)
    }

    fn parts(&self, offset: Option<Written>) -> Vec<Parts> {
        let dates = match &self.dates {
            Dates::One(date) => std::slice::from_ref(date),
            Dates::Guessed(dates) => dates,
        };
        let parts = |date: &[u32; 3]| Parts {
            date: *date,
            clock: self.tail.clock,
            offset,
        };
        dates.iter().map(parts).collect()
    }
}

fn proposals(parts: &[Parts], zone: &TimeZone) -> Vec<Proposal> {
    let mut proposals: Vec<Proposal> = Vec::new();
    for proposal in parts.iter().filter_map(|parts| parts.proposal(zone)) {
        if !proposals.contains(&proposal) {
            proposals.push(proposal);
        }
    }
    proposals
}

/// Takes a text apart; `None` if it is no date in any order.
pub(super) fn read(text: &str) -> Option<Loose> {
    if let Some(loose) = digits_only(text) {
        return Some(loose);
    }
    let mut rest = Rest(text);
    let weekday = weekday(&mut rest);
    rest.spaces();
    let dates = attempt(&mut rest, year_first)
        .or_else(|| attempt(&mut rest, year_marked))
        .or_else(|| attempt(&mut rest, month_first))
        .or_else(|| attempt(&mut rest, day_first))
        .map(Dates::One)
        .or_else(|| attempt(&mut rest, year_last).map(Dates::Guessed))?;
    let tail = tail(rest)?;
    Some(Loose {
        dates,
        weekday,
        tail,
    })
}

/// Reads what `form` does; nothing is taken where it finds nothing.
fn attempt<'a, T>(rest: &mut Rest<'a>, form: fn(&mut Rest<'a>) -> Option<T>) -> Option<T> {
    let mut ahead = Rest(rest.0);
    let found = form(&mut ahead)?;
    rest.0 = ahead.0;
    Some(found)
}

/// Guesses at digits alone: `20240105`, or seconds or milliseconds since 1970.
fn digits_only(text: &str) -> Option<Loose> {
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: i64 = text.parse().ok()?;
    if text.len() == 8 {
        let mut rest = Rest(text);
        let date = [rest.digits(4)?, rest.digits(2)?, rest.digits(2)?];
        return Some(Loose {
            dates: Dates::Guessed(vec![date]),
            weekday: None,
            tail: Tail::default(),
        });
    }
    let at = match text.len() {
        9 | 10 => jiff::Timestamp::from_second(number).ok()?,
        12 | 13 => jiff::Timestamp::from_millisecond(number).ok()?,
        _ => return None,
    };
    let utc = at.to_zoned(TimeZone::UTC).datetime();
    let small = |n: i8| u32::try_from(n).ok();
    let clock = Clock {
        hour: small(utc.hour())?,
        minute: small(utc.minute())?,
        second: small(utc.second())?,
        nanosecond: utc.subsec_nanosecond(),
    };
    let year = u32::try_from(utc.year()).ok()?;
    Some(Loose {
        dates: Dates::Guessed(vec![[year, small(utc.month())?, small(utc.day())?]]),
        weekday: None,
        tail: Tail {
            clock: Some(clock),
            zone: Some(Zone::Offset((1, 0, 0))),
            is_short: false,
        },
    })
}

/// Reads `Fri`, `Fri,` or `Friday,`.
fn weekday(rest: &mut Rest<'_>) -> Option<Weekday> {
    attempt(rest, |rest| {
        let word = rest.word().to_ascii_lowercase();
        let (_, day) = WEEKDAYS
            .iter()
            .find(|(name, _)| is_short_for(&word, name))?;
        let has_comma = rest.eat(',').is_some();
        (rest.spaces() || has_comma).then_some(*day)
    })
}

/// Returns whether a word is a name or its start, as names of days and months are shortened.
fn is_short_for(word: &str, name: &str) -> bool {
    word == name || (3..=5).contains(&word.len()) && name.starts_with(word)
}

/// Reads `2024-1-5`, `2024/01/05`, `2024.01.05`, `2024.01.05.` or `2024. 1. 5.`.
fn year_first(rest: &mut Rest<'_>) -> Option<[u32; 3]> {
    let year = rest.digits(4)?;
    let separator = rest.separator()?;
    let month = rest.one_or_two()?;
    if rest.separator()? != separator {
        return None;
    }
    let day = rest.one_or_two()?;
    if separator == '.' {
        let _ = rest.eat('.');
    }
    Some([year, month, day])
}

/// Reads `2024년 1월 5일` or `2024年1月5日`.
fn year_marked(rest: &mut Rest<'_>) -> Option<[u32; 3]> {
    let year = rest.digits(4)?;
    rest.marked(['년', '年'])?;
    let month = rest.one_or_two()?;
    rest.marked(['월', '月'])?;
    let day = rest.one_or_two()?;
    rest.marked(['일', '日'])?;
    Some([year, month, day])
}

/// Reads `Jan 5, 2024`, `January 5th 2024` or `Jan. 05 2024`.
fn month_first(rest: &mut Rest<'_>) -> Option<[u32; 3]> {
    let month = rest.month()?;
    rest.spaces();
    let day = rest.day()?;
    let has_comma = rest.eat(',').is_some();
    if !rest.spaces() && !has_comma {
        return None;
    }
    Some([rest.digits(4)?, month, day])
}

/// Reads `5 Jan 2024`, `5th January, 2024` or `05-Jan-2024`.
fn day_first(rest: &mut Rest<'_>) -> Option<[u32; 3]> {
    let day = rest.day()?;
    if rest.eat('-').is_some() {
        let month = rest.month()?;
        rest.eat('-')?;
        return Some([rest.digits(4)?, month, day]);
    }
    rest.spaces();
    let month = rest.month()?;
    let has_comma = rest.eat(',').is_some();
    if !rest.spaces() && !has_comma {
        return None;
    }
    Some([rest.digits(4)?, month, day])
}

/// Reads three numbers without a year of four digits at their start, in every order that
/// people use.
fn year_last(rest: &mut Rest<'_>) -> Option<Vec<[u32; 3]>> {
    let count = |rest: &Rest<'_>| rest.0.bytes().take_while(u8::is_ascii_digit).count();
    let first_digits = count(rest);
    let first = rest.one_or_two()?;
    let separator = rest.separator()?;
    let second = rest.one_or_two()?;
    if rest.separator()? != separator {
        return None;
    }
    let third_digits = count(rest);
    let third = match third_digits {
        4 => rest.digits(4)?,
        _ => rest.one_or_two()?,
    };
    if separator == '.' {
        let _ = rest.eat('.');
    }
    let century = |year: u32| if year < 70 { 2000 + year } else { 1900 + year };
    let with_year_last = match third_digits {
        4 => Some(third),
        2 => Some(century(third)),
        _ => None,
    };
    let mut dates = Vec::new();
    if let Some(year) = with_year_last {
        dates.extend([[year, second, first], [year, first, second]]);
    }
    if first_digits == 2 && third_digits < 4 {
        dates.push([century(first), second, third]);
    }
    Some(dates)
}

/// Reads the time and the zone after a date; all of the text must be one of them.
fn tail(mut rest: Rest<'_>) -> Option<Tail> {
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

impl<'a> Rest<'a> {
    /// Takes spaces and tabs; true if there were any.
    fn spaces(&mut self) -> bool {
        let before = self.0.len();
        self.0 = self.0.trim_start_matches([' ', '\t']);
        self.0.len() < before
    }

    /// Takes the ASCII letters that are next, maybe none.
    fn word(&mut self) -> &'a str {
        let end = self.0.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (word, rest) = self.0.split_at(end);
        self.0 = rest;
        word
    }

    /// Reads all of one or two digits.
    fn one_or_two(&mut self) -> Option<u32> {
        let count = self.0.bytes().take_while(u8::is_ascii_digit).count();
        (count <= 2).then(|| self.digits(count.max(1)))?
    }

    /// Reads what is between the numbers of a date, and the spaces after a point.
    fn separator(&mut self) -> Option<char> {
        let separator = ['-', '/', '.']
            .into_iter()
            .find(|separator| self.eat(*separator).is_some())?;
        if separator == '.' {
            self.spaces();
        }
        Some(separator)
    }

    /// Takes one of the words that mark a year, a month or a day, and the spaces around it.
    fn marked(&mut self, marks: [char; 2]) -> Option<()> {
        self.spaces();
        let rest = self.0.strip_prefix(marks)?;
        self.0 = rest;
        // The spaces after the last one are those before a time.
        if !marks.contains(&'일') {
            self.spaces();
        }
        Some(())
    }

    /// Reads a day of the month, maybe as an ordinal.
    fn day(&mut self) -> Option<u32> {
        let day = self.one_or_two()?;
        for suffix in ["st", "nd", "rd", "th"] {
            if let Some(rest) = self.0.strip_prefix(suffix) {
                self.0 = rest;
                break;
            }
        }
        Some(day)
    }

    /// Reads the name of a month, maybe shortened with a point.
    fn month(&mut self) -> Option<u32> {
        let word = self.word().to_ascii_lowercase();
        let at = MONTHS.iter().position(|name| is_short_for(&word, name))?;
        let _ = self.eat('.');
        u32::try_from(at + 1).ok()
    }

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
