//! Dates that TOML does not take, and how to write them.

use jiff::civil::Date;

/// The parts of a text that is meant for a date: its three numbers, and what follows them.
struct Parts<'a> {
    year: i16,
    month: i8,
    day: i8,
    rest: &'a str,
}

/// Returns whether a text without quotes is meant for a date.
pub(super) fn is_like(text: &str) -> bool {
    parts(text).is_some()
}

fn parts(text: &str) -> Option<Parts<'_>> {
    let mut pieces = text.splitn(3, '-');
    let year = pieces.next().filter(|year| year.len() == 4)?;
    let month = pieces.next().filter(|month| matches!(month.len(), 1 | 2))?;
    let tail = pieces.next()?;
    let digits = tail.bytes().take_while(u8::is_ascii_digit).count();
    let (day, rest) = tail.split_at(digits);
    if !matches!(digits, 1 | 2)
        || !year
            .bytes()
            .chain(month.bytes())
            .all(|b| b.is_ascii_digit())
    {
        return None;
    }
    Some(Parts {
        year: year.parse().ok()?,
        month: month.parse().ok()?,
        day: day.parse().ok()?,
        rest,
    })
}

/// Says what is wrong with a date and what to do; `shown` returns the help that shows its line with
/// another value, if that line is valid.
pub(super) fn explain(text: &str, shown: impl Fn(&str) -> Option<String>) -> (String, String) {
    let Some(date) = parts(text) else {
        return ("the date is not one of TOML".into(), quoted(text, shown));
    };
    if !(1..=12).contains(&date.month) {
        let message = format!("there is no month {}", date.month);
        return (message, "write a month from 01 to 12".into());
    }
    if Date::new(date.year, date.month, date.day).is_err() {
        let first = Date::new(date.year, date.month, 1);
        let days = first.map_or(31, Date::days_in_month);
        let Parts {
            year, month, day, ..
        } = date;
        return (
            format!("the day {year:04}-{month:02}-{day:02} does not exist"),
            format!("write a day from 01 to {days}"),
        );
    }
    let day = format!("{:04}-{:02}-{:02}", date.year, date.month, date.day);
    let rest = date.rest.trim_start_matches(['T', 't', ' ']);
    let exact = match rest.is_empty() {
        true => day,
        false => format!("{day}T{}", with_colon(rest)),
    };
    let help = shown(&exact).unwrap_or_else(|| quoted(text, shown));
    ("the date is not written as TOML has it".into(), help)
}

fn quoted(text: &str, shown: impl Fn(&str) -> Option<String>) -> String {
    let help = shown(&super::quote::double_quoted(text));
    help.unwrap_or_else(|| "put it in double quotes".into())
}

/// Writes the offset of a time as TOML has it: `09:00:00 +0900` becomes `09:00:00+09:00`.
fn with_colon(time: &str) -> String {
    let Some(sign) = time.rfind(['+', '-']) else {
        return time.replace(' ', "");
    };
    let (clock, offset) = time.split_at(sign);
    let offset = match offset.len() {
        _ if !offset.is_ascii() => offset.to_owned(),
        3 => format!("{offset}:00"),
        5 => format!("{}:{}", &offset[..3], &offset[3..]),
        _ => offset.to_owned(),
    };
    format!("{}{offset}", clock.trim_end())
}
