//! `--since` and `--until`: from what is typed to a span of time.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::exit::Usage;

/// What stores keep of a timestamp: nothing is finer than this.
const TICK: SignedDuration = SignedDuration::from_micros(1);

/// A point or a day, as it was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bound {
    Instant(Timestamp),
    /// From the first moment of a day to the first of the next.
    Day(Timestamp, Timestamp),
}

/// Returns the times at and before which posts were created: from the first, inclusive, to
/// the second, exclusive. A day given as `--until` is included whole; an instant, itself.
///
/// # Errors
/// [`Usage`] that names the flag, if it holds no timestamp or the end is before the start.
pub fn span(
    since: Option<&str>,
    until: Option<&str>,
    zone: &TimeZone,
) -> Result<(Option<Timestamp>, Option<Timestamp>), Usage> {
    let start = since.map(|text| start("--since", text, zone)).transpose()?;
    let end = until.map(|text| end("--until", text, zone)).transpose()?;
    if let (Some(from), Some(to), Some(since), Some(until)) = (start, end, since, until)
        && from >= to
    {
        let message = format!("--since {since} is after --until {until}");
        return Err(Usage::new(message).help("exchange the two"));
    }
    Ok((start, end))
}

fn start(flag: &str, text: &str, zone: &TimeZone) -> Result<Timestamp, Usage> {
    match parse_bound(text, zone) {
        Some(Bound::Day(start, _)) => Ok(start),
        // Between two ticks: the later one is the first that is not before it.
        Some(Bound::Instant(at)) => match floor(at) {
            tick if tick == at => Ok(at),
            tick => tick.checked_add(TICK).map_err(|_| refuse(flag, text)),
        },
        None => Err(refuse(flag, text)),
    }
}

fn end(flag: &str, text: &str, zone: &TimeZone) -> Result<Timestamp, Usage> {
    match parse_bound(text, zone) {
        Some(Bound::Day(_, next)) => Ok(next),
        Some(Bound::Instant(at)) => floor(at).checked_add(TICK).map_err(|_| refuse(flag, text)),
        None => Err(refuse(flag, text)),
    }
}

fn refuse(flag: &str, text: &str) -> Usage {
    Usage::new(format!("{flag} \"{text}\" is not a time"))
        .help("write 2025-11-28, \"2025-11-28 09:00\", or 2025-11-28T09:00:00+09:00")
}

fn floor(at: Timestamp) -> Timestamp {
    // Every timestamp has a microsecond at or before it that is in range, too: the least
    // one is a whole second.
    Timestamp::from_microsecond(at.as_nanosecond().div_euclid(1_000) as i64).unwrap_or(at)
}

/// Reads the forms of the front matter; without an offset, in the given zone.
fn parse_bound(text: &str, zone: &TimeZone) -> Option<Bound> {
    let text = text.trim();
    // The reader below takes more forms (20251128, +002025-11-28) than the front matter.
    let shape = text.as_bytes();
    if shape.get(4) != Some(&b'-') || shape.get(7) != Some(&b'-') {
        return None;
    }
    if text.len() == "2025-11-28".len() {
        let day: Date = text.parse().ok()?;
        let next = day.tomorrow().ok()?;
        let first = |day: Date| day.to_zoned(zone.clone()).map(|start| start.timestamp());
        return Some(Bound::Day(first(day).ok()?, first(next).ok()?));
    }
    if shape.get(13) != Some(&b':') {
        return None;
    }
    let joined = text
        .replace(" +", "+")
        .replace(" -", "-")
        .replace(" Z", "Z");
    if let Ok(at) = joined.parse::<Timestamp>() {
        return Some(Bound::Instant(at));
    }
    let local: DateTime = joined.parse().ok()?;
    let at = local.to_zoned(zone.clone()).ok()?;
    Some(Bound::Instant(at.timestamp()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(name: &str) -> TimeZone {
        TimeZone::get(name).unwrap()
    }

    fn seoul(since: Option<&str>, until: Option<&str>) -> (String, String) {
        let (start, end) = span(since, until, &zone("Asia/Seoul")).unwrap();
        let text = |at: Option<Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
        (text(start), text(end))
    }

    #[test]
    fn a_day_is_included_whole_in_the_zone_of_the_project() {
        assert_eq!(
            seoul(Some("2025-11-28"), Some("2025-11-28")),
            ("2025-11-27T15:00:00Z".into(), "2025-11-28T15:00:00Z".into())
        );
    }

    #[test]
    fn an_instant_is_included_itself() {
        let end = |text| seoul(None, Some(text)).1;
        assert_eq!(
            end("2025-11-28T09:00:00+09:00"),
            "2025-11-28T00:00:00.000001Z"
        );
        assert_eq!(end("2025-11-28T00:00:00Z"), "2025-11-28T00:00:00.000001Z");
        assert_eq!(end("2025-11-28 09:00"), "2025-11-28T00:00:00.000001Z");
        assert_eq!(
            seoul(Some("2025-11-28 09:00"), Some("2025-11-28 09:00")).0,
            "2025-11-28T00:00:00Z"
        );
    }

    #[test]
    fn every_form_of_the_front_matter_is_read() {
        for text in [
            "2025-11-28T00:00:00Z",
            "2025-11-28T09:00:00+09:00",
            "2025-11-28T09:00:00.000+09:00",
            "2025-11-28 09:00:00.000 +0900",
            "2025-11-28 09:00:00 +09:00",
            "2025-11-27 19:00:00 -0500",
            "2025-11-28 09:00",
            "2025-11-28 09:00:00",
            "2025-11-28T09:00",
            " 2025-11-28 09:00 ",
        ] {
            assert_eq!(seoul(Some(text), None).0, "2025-11-28T00:00:00Z", "{text}");
        }
    }

    #[test]
    fn what_is_finer_than_a_microsecond_is_rounded_inwards() {
        let (start, end) = seoul(
            Some("2025-11-28T00:00:00.0000015Z"),
            Some("2025-11-28T00:00:01.0000015Z"),
        );
        assert_eq!(start, "2025-11-28T00:00:00.000002Z");
        assert_eq!(end, "2025-11-28T00:00:01.000002Z");
    }

    #[test]
    fn days_that_a_clock_change_makes_longer_or_shorter_are_whole() {
        let (start, end) = span(
            Some("2025-03-09"),
            Some("2025-03-09"),
            &zone("America/New_York"),
        )
        .unwrap();
        let hours = end.unwrap().duration_since(start.unwrap()).as_hours();
        assert_eq!(hours, 23);
        // In Beirut the day of 2023-03-26 began at one o'clock.
        let (start, _) = span(Some("2022-03-27"), None, &zone("Asia/Beirut")).unwrap();
        assert_eq!(start.unwrap().to_string(), "2022-03-26T22:00:00Z");
    }

    #[test]
    fn what_is_no_time_is_refused_by_its_flag() {
        for bad in [
            "",
            "yesterday",
            "20251128",
            "2025-13-01",
            "2025-02-30",
            "2025-11-28T25:00",
            "2025-11-28 09",
            "28-11-2025",
            "9999-12-31",
        ] {
            let error = span(None, Some(bad), &TimeZone::UTC).expect_err(bad);
            assert!(error.message.starts_with("--until \""), "{error}");
            assert!(error.help.unwrap().contains("2025-11-28"));
        }
        let error = span(Some("x"), None, &TimeZone::UTC).unwrap_err();
        assert!(error.message.starts_with("--since"), "{error}");
    }

    #[test]
    fn an_end_before_the_start_is_refused() {
        let error = span(Some("2025-11-29"), Some("2025-11-28"), &TimeZone::UTC).unwrap_err();
        assert_eq!(
            error.message,
            "--since 2025-11-29 is after --until 2025-11-28"
        );
        let equal = "2025-11-28T09:00:00Z";
        assert!(span(Some(equal), Some(equal), &TimeZone::UTC).is_ok());
    }
}
