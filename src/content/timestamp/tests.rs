use proptest::prelude::*;

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
        assert!(
            matches!(error, TimestampError::Range { .. }),
            "{text}: {error}"
        );
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
            matches!(error, TimestampError::Nonexistent { .. }),
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
        "January 2025",
        "28.11.2025",
        "11/28/2025",
        "20251128",
        "-2025-11-28",
        "2025-11/28",
        "2025-11-281",
        "2025-11-28 09",
        "2025-11-28T",
        "2025-11-28,",
        "2025-11-28 09:00:00.",
        "2025-11-28 09:00:00.1234567890",
        "2025-11-28 09:00 +9",
        "2025-11-28 09:00 +09:",
        "2025-11-28 09:00 +",
        "2025-11-28 +",
        "2025-11-28-05:00",
        "2025-11-28 09:00Zjunk",
        "2025-11-28 and more",
        "09:00",
        "9:00 am",
        "2025-W48-5",
        "2025-11-28 13:00 pm",
        "Nov 28 2025 (",
    ] {
        let error = parse(text, &TimeZone::UTC).unwrap_err();
        assert!(
            matches!(error, TimestampError::Form { .. }),
            "{text}: {error}"
        );
    }
    let long = format!("2025-11-28 ({})", "x".repeat(200));
    let error = parse(&long, &TimeZone::UTC).unwrap_err();
    assert!(matches!(error, TimestampError::Form { .. }), "{error}");
}

#[test]
fn takes_dates_as_people_write_them() {
    for text in [
        "2024-1-5",
        "2024-01-5",
        "2024/01/05",
        "2024/1/5",
        "2024.01.05",
        "2024.01.05.",
        "2024. 1. 5.",
        "2024. 1. 5",
        "2024. 1. 5. (금)",
        "2024년 1월 5일",
        "2024년1월5일",
        "2024年1月5日",
        "Jan 5, 2024",
        "Jan. 5, 2024",
        "jan 5 2024",
        "January 5, 2024",
        "January 5th, 2024",
        "5 January 2024",
        "5 Jan 2024",
        "05-Jan-2024",
        "Fri Jan 05 2024",
        "Fri, 5 Jan 2024",
        "Friday, January 5, 2024",
        " 2024/01/05\t",
    ] {
        let moment = parse(text, &seoul()).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(moment, parse("2024-01-05", &seoul()).unwrap(), "{text}");
    }
}

#[test]
fn takes_times_as_people_and_programs_write_them() {
    for (text, expected) in [
        ("2016-4-26 12:53:12 +0800", "2016-04-26T04:53:12Z"),
        ("2024-01-05 8:01:55", "2024-01-04T23:01:55Z"),
        ("2024-01-05T9:14:26+09:00", "2024-01-05T00:14:26Z"),
        ("2024/1/5 10:00", "2024-01-05T01:00:00Z"),
        ("2024. 1. 5. 10:00", "2024-01-05T01:00:00Z"),
        ("2024. 1. 5. 오후 3:00:07", "2024-01-05T06:00:07Z"),
        ("2024년 1월 5일 10:00", "2024-01-05T01:00:00Z"),
        ("2024-01-05 10:00:00 UTC", "2024-01-05T10:00:00Z"),
        ("2024-01-05 10:00:00 GMT", "2024-01-05T10:00:00Z"),
        ("2024-01-05 10:00:00 Z", "2024-01-05T10:00:00Z"),
        ("2024-01-05 10:00 utc", "2024-01-05T10:00:00Z"),
        ("Fri, 05 Jan 2024 10:00:00 GMT", "2024-01-05T10:00:00Z"),
        ("Fri, 05 Jan 2024 10:00:00 +0900", "2024-01-05T01:00:00Z"),
        ("5 Jan 2024 10:00 -0330", "2024-01-05T13:30:00Z"),
        (
            "Fri Jan 05 2024 10:00:00 GMT+0900 (Korean Standard Time)",
            "2024-01-05T01:00:00Z",
        ),
        ("January 5, 2024, 10:00", "2024-01-05T01:00:00Z"),
        ("January 5, 2024 12:30 AM", "2024-01-04T15:30:00Z"),
        ("January 5, 2024 12:30 p.m.", "2024-01-05T03:30:00Z"),
        ("1979-05-27T07:32:00Z", "1979-05-27T07:32:00Z"),
        ("1979-05-27 07:32:00", "1979-05-26T22:32:00Z"),
        (
            "1979-05-27T00:32:00.999999-07:00",
            "1979-05-27T07:32:00.999999Z",
        ),
    ] {
        let moment = parse(text, &seoul()).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(moment.at.to_string(), expected, "{text}");
        assert_eq!(moment.day, None, "{text}");
    }
}

#[test]
fn takes_a_date_with_an_offset_as_the_day_there() {
    for text in ["2018-08-21 +0800", "2018-08-21+08:00", "2018/8/21 +08"] {
        let day = parse(text, &seoul()).unwrap();
        assert_eq!(day.at.to_string(), "2018-08-20T16:00:00Z", "{text}");
        assert!(day.day.is_some());
        let end = day.end(&seoul()).unwrap();
        assert_eq!(end.to_string(), "2018-08-21T16:00:00Z", "{text}");
    }
    assert_eq!(utc("2018-08-21 UTC", &seoul()), "2018-08-21T00:00:00Z");
    assert_eq!(utc("2018-08-21Z", &seoul()), "2018-08-21T00:00:00Z");
}

/// Returns what is said about a text, and the remedy.
fn said(text: &str) -> (String, String) {
    let error = parse(text, &TimeZone::UTC).unwrap_err();
    (error.to_string(), error.remedy().unwrap_or_default())
}

#[test]
fn says_all_readings_of_an_ambiguous_date() {
    for (text, message, remedy) in [
        (
            "05/01/2024",
            "\"05/01/2024\" can mean 5 January 2024 or 1 May 2024",
            "write `2024-01-05` for 5 January 2024, or `2024-05-01` for 1 May 2024",
        ),
        (
            "5.1.2024 9:00 +0900",
            "\"5.1.2024 9:00 +0900\" can mean 5 January 2024 or 1 May 2024",
            "write `2024-01-05 09:00 +09:00` for 5 January 2024, \
             or `2024-05-01 09:00 +09:00` for 1 May 2024",
        ),
        (
            "05-01-24",
            "\"05-01-24\" can mean 5 January 2024 or 1 May 2024 or 24 January 2005",
            "write `2024-01-05` for 5 January 2024, or `2024-05-01` for 1 May 2024, \
             or `2005-01-24` for 24 January 2005",
        ),
        (
            "24.01.05",
            "\"24.01.05\" can mean 24 January 2005 or 5 January 2024",
            "write `2005-01-24` for 24 January 2005, or `2024-01-05` for 5 January 2024",
        ),
    ] {
        assert_eq!(said(text), (message.to_owned(), remedy.to_owned()));
        let error = parse(text, &TimeZone::UTC).unwrap_err();
        assert!(matches!(error, TimestampError::Ambiguous { .. }));
        assert_eq!(error.proposal(), None);
    }
}

#[test]
fn proposes_what_a_text_means() {
    for (text, expected) in [
        ("25/12/2024", "2024-12-25"),
        ("12/25/2024", "2024-12-25"),
        ("05/05/2024", "2024-05-05"),
        ("28.11.2025", "2025-11-28"),
        ("24. 1. 5.", "2024-01-05"),
        ("20251128", "2025-11-28"),
        ("1764320400", "2025-11-28 09:00 Z"),
        ("1764320400123", "2025-11-28 09:00:00.123 Z"),
        ("2025-13-01", "2025-01-13"),
        ("2025-11-30 24:00", "2025-12-01 00:00"),
        ("2025-11-28 09", "2025-11-28 09:00"),
        ("2025-11-28 9 pm", "2025-11-28 21:00"),
        ("2025-11-28 09:00 +9", "2025-11-28 09:00 +09:00"),
        ("2025-11-28 09:00 KST", "2025-11-28 09:00 +09:00"),
        ("2025-7-28 09:00:01 CEST", "2025-07-28 09:00:01 +02:00"),
        ("Fri, 05 Jan 2024 10:00:00 EST", "2024-01-05 10:00 -05:00"),
        ("Mon, 05 Jan 2024", "2024-01-05"),
        ("２０２４－０１－０５", "2024-01-05"),
        ("2024-01-05\u{a0}10:00", "2024-01-05 10:00"),
        ("\u{feff}2024\u{2013}01\u{2013}05\u{200b}", "2024-01-05"),
        ("２５／１２／２０２４", "2024-12-25"),
    ] {
        let error = parse(text, &seoul()).unwrap_err();
        assert_eq!(
            error.proposal().as_deref(),
            Some(expected),
            "{text}: {error}"
        );
        parse(expected, &seoul()).unwrap();
    }
    for text in [
        "",
        "soon",
        "2025-02-30",
        "0000-01-01",
        "10:00",
        "2025-11-28 25:00",
    ] {
        assert_eq!(said(text).1, "", "{text}");
    }
}

#[test]
fn says_why_letters_and_weekdays_are_not_read() {
    let (message, remedy) = said("2025-11-28 09:00 CST");
    assert!(
        message.contains("a time zone in letters, \"CST\""),
        "{message}"
    );
    assert_eq!(
        remedy,
        "write the offset from UTC in place of \"CST\", like +09:00"
    );
    let (message, remedy) = said("Mon, 05 Jan 2024");
    assert!(message.ends_with("5 January 2024 is a Friday"), "{message}");
    assert_eq!(remedy, "write `2024-01-05`");
    let (message, _) = said("２０２４-01-05");
    assert!(message.contains("only look like"), "{message}");
}

proptest! {
    #[test]
    fn every_proposal_is_read(
        text in "(Mon,? )?[0-9]{1,4}[-/.年 ] ?([0-9]{1,2}|Jan)[-/. ,] ?[0-9]{1,4}[.]?\
                 ([ T,\u{a0}](오후 )?[0-9]{1,2}(:[0-9]{2}){0,2}([.][0-9]{1,9})?( ?[ap]m)?)?\
                 ( ?(Z|UTC|KST|CST|EST|[-+][0-9]{1,2}:?([0-9]{2})?))?",
        zone in prop::sample::select(vec!["UTC", "Asia/Seoul", "America/New_York"]),
    ) {
        let zone = TimeZone::get(zone).unwrap();
        if let Err(error) = parse(&text, &zone) {
            for proposal in error.proposals() {
                prop_assert!(parse(proposal.spelling(), &zone).is_ok(), "{text}: {proposal:?}");
            }
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in "[-0-9TZ:/.+, ()\u{a0}년월일오후전가-나a-zA-Z０-９]{0,40}") {
        let _ = parse(&text, &TimeZone::UTC);
    }

    #[test]
    fn every_form_of_a_day_is_that_day(days in 0_i32..3_000_000, zone in prop::bool::ANY) {
        let zone = if zone { seoul() } else { TimeZone::UTC };
        let day = Date::new(1, 1, 2).unwrap().checked_add(jiff::Span::new().days(days)).unwrap();
        let expected = parse(&day.to_string(), &zone).unwrap();
        for form in [
            "%Y/%m/%d", "%Y-%-m-%-d", "%Y.%m.%d.", "%Y. %-m. %-d.", "%Y년 %-m월 %-d일",
            "%b %-d, %Y", "%B %d, %Y", "%-d %b %Y", "%a, %d %b %Y", "%a %b %d %Y",
        ] {
            let text = day.strftime(form).to_string();
            let read = parse(&text, &zone);
            prop_assert_eq!(read.as_ref(), Ok(&expected), "{}", text);
        }
    }
}
