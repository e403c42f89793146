//! `--since` and `--until`: from what is typed to a span of time.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::command_error::CommandError;
use crate::content::timestamp::{self, Moment};
use crate::output::zone_name;

/// Returns the times at and before which posts were created: from the first, inclusive, to
/// the second, exclusive. A day given as `--until` is included whole; an instant, itself.
///
/// # Errors
/// [`CommandError`] that names the flag, if it holds no timestamp or the end is before the start.
pub fn span(
    since: Option<&str>,
    until: Option<&str>,
    zone: &TimeZone,
) -> Result<(Option<Timestamp>, Option<Timestamp>), CommandError> {
    let start = since.map(|text| start("--since", text, zone)).transpose()?;
    let end = until.map(|text| end("--until", text, zone)).transpose()?;
    if let (Some(from), Some(to), Some(since), Some(until)) = (start, end, since, until)
        && from >= to
    {
        let message = format!("--since {since} is after --until {until}");
        let zone = zone_name(zone);
        return Err(CommandError::usage(message).help(format!(
            "exchange the two; a time without an offset is one of {zone}"
        )));
    }
    Ok((start, end))
}

fn start(flag: &str, text: &str, zone: &TimeZone) -> Result<Timestamp, CommandError> {
    Ok(moment(flag, text, zone)?.at)
}

fn end(flag: &str, text: &str, zone: &TimeZone) -> Result<Timestamp, CommandError> {
    let past_the_end =
        || CommandError::usage(format!("{flag}: {text:?} is the last there is")).help(forms());
    moment(flag, text, zone)?.end(zone).ok_or_else(past_the_end)
}

fn moment(flag: &str, text: &str, zone: &TimeZone) -> Result<Moment, CommandError> {
    timestamp::parse(text.trim(), zone).map_err(|error| {
        let remedy = error.remedy().unwrap_or_else(forms);
        CommandError::usage(format!("{flag}: {error}")).help(remedy)
    })
}

fn forms() -> String {
    format!("write it as {}", timestamp::FORMS)
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
            "2025/11/28 9:00",
            "Nov 28, 2025 9:00",
            "2025. 11. 28. 09:00",
        ] {
            assert_eq!(seoul(Some(text), None).0, "2025-11-28T00:00:00Z", "{text}");
        }
    }

    #[test]
    fn the_last_day_there_is_may_be_a_start() {
        assert!(span(Some("9999-12-30"), None, &TimeZone::UTC).is_ok());
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
        // In Beirut that day began at one o'clock.
        let (start, _) = span(Some("2022-03-27"), None, &zone("Asia/Beirut")).unwrap();
        assert_eq!(start.unwrap().to_string(), "2022-03-26T22:00:00Z");
    }

    #[test]
    fn what_is_no_time_is_refused_by_its_flag() {
        for bad in [
            "",
            "yesterday",
            "20251128",
            "2025-02-30",
            "2025-11-28T25:00",
            "2025-11-28 09",
            "28-11-2025",
            "9999-12-31",
        ] {
            let error = span(None, Some(bad), &TimeZone::UTC).expect_err(bad);
            assert!(error.message.starts_with("--until: "), "{error}");
            assert!(error.help.unwrap().contains("2025-11-28"));
        }
        let error = span(Some("05/01/2024"), None, &TimeZone::UTC).unwrap_err();
        assert_eq!(
            error.message,
            "--since: \"05/01/2024\" can mean 5 January 2024 or 1 May 2024"
        );
        assert_eq!(
            error.help.unwrap(),
            "write `2024-01-05` for 5 January 2024, or `2024-05-01` for 1 May 2024"
        );
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
