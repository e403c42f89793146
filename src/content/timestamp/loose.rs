//! The dates that people and other programs write, besides those of ISO 8601.

use jiff::civil::Weekday;
use jiff::tz::TimeZone;

use super::rest::{Rest, attempt};
use super::tail::{Tail, Zone, tail};
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

impl Rest<'_> {
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
}
