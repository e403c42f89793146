//! Errors in timestamps, with the spelling that is read.

use std::fmt;

use jiff::civil::{Date, Weekday};

use crate::content::quote::quoted;

/// A spelling of a point in time that is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    spelling: String,
    day: Option<Date>,
}

impl Proposal {
    pub(super) fn new(spelling: String, day: Option<Date>) -> Self {
        Self { spelling, day }
    }

    /// Returns the text, which [`parse`](super::parse) reads.
    pub fn spelling(&self) -> &str {
        &self.spelling
    }
}

/// Shows the day in words, or else the spelling: `5 January 2024`.
impl fmt::Display for Proposal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.day {
            Some(day) => f.write_str(&in_words(day)),
            None => f.write_str(&self.spelling),
        }
    }
}

/// An error in a timestamp.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimestampError {
    /// It has none of the forms that are read.
    #[error("{} is not a date or a time that blogctl reads", quoted(.text))]
    Form {
        /// The text.
        text: String,
        /// The spelling of what it probably means.
        proposals: Vec<Proposal>,
    },
    /// It has the form, but there is no such day, hour or offset.
    #[error("{} does not exist: check the day, the time and the offset", quoted(.text))]
    Nonexistent {
        /// The text.
        text: String,
        /// The spelling of what it probably means.
        proposals: Vec<Proposal>,
    },
    /// It lies outside the years 1 to 9999 in UTC.
    #[error("{} lies outside the years 0001 to 9999", quoted(.text))]
    Range {
        /// The text.
        text: String,
    },
    /// Its numbers are different dates in different countries.
    #[error("{} can mean {}", quoted(.text), either(.readings))]
    Ambiguous {
        /// The text.
        text: String,
        /// Its readings, at least two.
        readings: Vec<Proposal>,
    },
    /// It names its zone with letters, which several zones may share.
    #[error("{} has a time zone in letters, {}, which blogctl does not read", quoted(.text), quoted(.zone))]
    Zone {
        /// The text.
        text: String,
        /// The letters.
        zone: String,
        /// The spelling with the offset that the letters usually mean.
        proposals: Vec<Proposal>,
    },
    /// Its date is on another day of the week.
    #[error("{} names the wrong weekday: {} is a {}", quoted(.text), in_words(*.day), weekday(.day.weekday()))]
    Weekday {
        /// The text.
        text: String,
        /// Its date.
        day: Date,
        /// The spelling of the date.
        proposals: Vec<Proposal>,
    },
    /// It holds characters that look like those of a date, or that show nothing.
    #[error("{} holds characters that only look like those of a date", quoted(.text))]
    Characters {
        /// The text.
        text: String,
        /// The spelling with ordinary characters.
        proposals: Vec<Proposal>,
    },
}

impl TimestampError {
    /// Returns the spellings of what the text may mean, the likeliest first.
    pub fn proposals(&self) -> &[Proposal] {
        match self {
            Self::Form { proposals, .. }
            | Self::Nonexistent { proposals, .. }
            | Self::Zone { proposals, .. }
            | Self::Weekday { proposals, .. }
            | Self::Characters { proposals, .. } => proposals,
            Self::Ambiguous { readings, .. } => readings,
            Self::Range { .. } => &[],
        }
    }

    /// Returns the spelling of what the text means, where that is one thing.
    pub fn proposal(&self) -> Option<String> {
        match self.proposals() {
            [proposal] => Some(proposal.spelling.clone()),
            _ => None,
        }
    }

    /// Returns the remedy as a sentence, where there is one that fits this text.
    pub fn remedy(&self) -> Option<String> {
        match (self, self.proposals()) {
            (Self::Zone { zone, .. }, []) => Some(format!(
                "write the offset from UTC in place of {}, like +09:00",
                quoted(zone)
            )),
            (_, []) => None,
            (_, [proposal]) => Some(format!("write `{}`", proposal.spelling)),
            (_, proposals) => {
                let each = proposals
                    .iter()
                    .map(|proposal| format!("`{}` for {proposal}", proposal.spelling));
                let each: Vec<String> = each.collect();
                Some(format!("write {}", each.join(", or ")))
            }
        }
    }
}

fn either(readings: &[Proposal]) -> String {
    let each: Vec<String> = readings.iter().map(Proposal::to_string).collect();
    each.join(" or ")
}

fn in_words(day: Date) -> String {
    day.strftime("%-d %B %Y").to_string()
}

fn weekday(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "Monday",
        Weekday::Tuesday => "Tuesday",
        Weekday::Wednesday => "Wednesday",
        Weekday::Thursday => "Thursday",
        Weekday::Friday => "Friday",
        Weekday::Saturday => "Saturday",
        Weekday::Sunday => "Sunday",
    }
}
