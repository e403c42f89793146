//! Formats of timestamps.

use jiff::Timestamp;
use jiff::fmt::temporal::DateTimePrinter;
use jiff::tz::TimeZone;

/// Formats a timestamp as RFC 3339 in UTC: whole seconds, or six digits if the microseconds are
/// not zero.
pub fn rfc3339(at: Timestamp) -> String {
    const WHOLE: DateTimePrinter = DateTimePrinter::new().precision(Some(0));
    const MICROS: DateTimePrinter = DateTimePrinter::new().precision(Some(6));
    if at.subsec_nanosecond() / 1_000 == 0 {
        WHOLE.timestamp_to_string(&at)
    } else {
        MICROS.timestamp_to_string(&at)
    }
}

/// Returns the name of a zone for people: `Asia/Seoul`, or its offset where it has no name.
pub fn zone_name(zone: &TimeZone) -> String {
    const PRINTER: DateTimePrinter = DateTimePrinter::new();
    // A zone that neither has a name nor one offset is made by no setting.
    PRINTER
        .time_zone_to_string(zone)
        .unwrap_or_else(|_| "local time".to_owned())
}

/// Formats a timestamp for people, to the minute, with its offset and its zone:
/// `2025-11-28 09:00 +09:00 (Asia/Seoul)`.
pub fn zoned_minutes(at: Timestamp, zone: &TimeZone) -> String {
    let text = at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M %:z");
    match zone.iana_name() {
        Some(name) => format!("{text} ({name})"),
        None => text.to_string(),
    }
}

/// Formats a timestamp for a table, to the minute: `2025-11-28 09:00`.
pub(super) fn minutes(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone())
        .strftime("%Y-%m-%d %H:%M")
        .to_string()
}

/// Formats the day of a timestamp: `2025-11-28`.
pub(super) fn date(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).date().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_are_six_digits_or_absent() {
        let at = |text: &str| rfc3339(text.parse().unwrap());
        assert_eq!(at("2025-11-28T09:00:00+09:00"), "2025-11-28T00:00:00Z");
        assert_eq!(at("2025-11-28T00:00:00.5Z"), "2025-11-28T00:00:00.500000Z");
        assert_eq!(
            at("2025-11-28T00:00:00.000001Z"),
            "2025-11-28T00:00:00.000001Z"
        );
        assert_eq!(at("1969-12-31T23:59:59Z"), "1969-12-31T23:59:59Z");
    }

    #[test]
    fn people_read_the_zone_of_the_project() {
        let seoul = TimeZone::get("Asia/Seoul").unwrap();
        let at: Timestamp = "2025-11-27T15:30:00Z".parse().unwrap();
        assert_eq!(
            zoned_minutes(at, &seoul),
            "2025-11-28 00:30 +09:00 (Asia/Seoul)"
        );
        let nine = TimeZone::fixed(jiff::tz::offset(9));
        assert_eq!(zoned_minutes(at, &nine), "2025-11-28 00:30 +09:00");
        assert_eq!(zone_name(&seoul), "Asia/Seoul");
        assert_eq!(zone_name(&nine), "+09:00");
        assert_eq!(zone_name(&TimeZone::UTC), "UTC");
        assert_eq!(minutes(at, &seoul), "2025-11-28 00:30");
        assert_eq!(date(at, &seoul), "2025-11-28");
        assert_eq!(date(at, &TimeZone::UTC), "2025-11-27");
    }
}
