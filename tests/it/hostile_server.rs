//! Servers that mean harm: whatever one sends, every command ends soon, says why, and takes no
//! more memory than it may.

use std::fs::File;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::support::figure;
use crate::support::hostile::{From, Hostile, Saying, claim, message, said};
use crate::support::memory::peak_rss;
use crate::support::project::{Output, Project};

/// Far more than any of these may take, and far less than waiting for all eternity.
const SOON: Duration = Duration::from_secs(30);

/// The memory limit that the documentation promises.
const MEMORY: u64 = 512 << 20;

fn project() -> Project {
    let project = Project::new();
    project.post(1, "One");
    project
}

/// Runs a command against a server, in a time and with a memory that are bounded; returns what
/// it said.
#[track_caller]
fn ends(server: &Hostile, args: &[&str]) -> String {
    let project = project();
    let said = project.path("said.txt");
    let output = File::create(&said).expect("the project is writable");
    let url = server.url();
    let args = [args, &["--database", &url]].concat();
    let begun = Instant::now();
    let peak = peak_rss(project.command(&args).stderr(Stdio::from(output)));
    let said = std::fs::read_to_string(said).expect("the file was written");
    assert_eq!(peak.status.code(), Some(3), "{args:?}: {said}");
    assert!(begun.elapsed() < SOON, "{args:?}: {said}");
    assert!(peak.bytes < MEMORY, "{args:?}: {} bytes", peak.bytes);
    assert!(said.len() < 16 << 10, "{args:?}: {} bytes", said.len());
    assert!(!said.contains("secret"), "{said}");
    figure(format_args!(
        "hostile server: {} with at most {} MiB",
        args[0],
        peak.bytes >> 20
    ));
    said
}

#[track_caller]
fn says(said: &str, parts: &[&str]) {
    for part in parts {
        assert!(said.contains(part), "no {part:?} in {said}");
    }
}

#[test]
fn a_login_that_does_not_end_is_ended() {
    let setting = format!("name\0{}\0", "x".repeat(1_000));
    let setting = message(b'S', setting.as_bytes());
    let notice = said(b'N', "NOTICE", "00000", &"x".repeat(1_000));
    // More than may be at once, after a password was not asked for.
    let many = |words: Vec<u8>| [message(b'R', &[0; 4]), words.repeat(100)].concat();
    for (saying, words) in [
        (Saying::WithoutEnd, many(setting.clone())),
        (Saying::WithoutEnd, many(notice)),
        (Saying::Once, claim(b'S', i32::MAX.unsigned_abs())),
        (Saying::Once, claim(b'E', 64 << 20)),
    ] {
        let server = Hostile::serving(From::TheStart, saying, words);
        for command in ["list", "sync"] {
            says(
                &ends(&server, &[command]),
                &["more than 64 KiB before the login was done", "help: "],
            );
        }
    }
    let server = Hostile::serving(From::TheStart, Saying::BytesSlowly, setting);
    says(
        &ends(&server, &["list", "--connect-timeout", "1"]),
        &["no answer within 1 s, while logging in"],
    );
}

#[test]
fn a_message_of_the_login_that_cannot_be_read_is_not_tried_again() {
    let ok = message(b'R', &[0; 4]);
    for words in [
        message(b'R', &[0]),
        message(b'R', &[0, 0, 0, 5, b's']),
        message(b'E', b"Sabc"),
        [ok.clone(), message(b'S', b"abc")].concat(),
        [ok.clone(), message(b'K', b"a")].concat(),
        [ok, message(b'Z', b"")].concat(),
    ] {
        let server = Hostile::serving(From::TheStart, Saying::Once, words);
        let said = ends(&server, &["list"]);
        says(
            &said,
            &[
                "a message that cannot be read",
                "help: check that the address",
            ],
        );
        assert!(!said.contains("attempts"), "{said}");
    }
}

#[test]
fn an_answer_that_does_not_end_is_ended() {
    let notice = said(b'N', "NOTICE", "00000", &"x".repeat(1_000)).repeat(100);
    for (saying, words, why) in [
        (Saying::WithoutEnd, notice, "of notices"),
        (
            Saying::WithoutEnd,
            message(b'D', &[0, 0]).repeat(1_000),
            "answer is longer than",
        ),
        (
            Saying::WithoutEnd,
            message(b'S', b"name\0value\0").repeat(1_000),
            "of settings",
        ),
        (
            Saying::Once,
            claim(b'T', i32::MAX.unsigned_abs()),
            "a message of",
        ),
        (Saying::Once, claim(b'E', 64 << 20), "a message of"),
        (
            Saying::Once,
            [claim(b'D', i32::MAX.unsigned_abs()), vec![0; 2]].concat(),
            "answer is longer than",
        ),
        (
            Saying::Once,
            message(b'G', &[0, 0, 0]),
            "does not belong here",
        ),
        (Saying::Once, claim(b'Z', 0), "impossible length"),
    ] {
        let server = Hostile::serving(From::TheFirstStatement, saying, words);
        for (command, operation) in [("list", "list"), ("sync", "read the index")] {
            let said = ends(&server, &[command]);
            says(&said, &[operation, "is not accepted", why, "help: "]);
        }
    }
}

#[test]
fn a_server_that_keeps_talking_is_not_waited_for() {
    let notice = said(b'N', "NOTICE", "00000", "still here");
    let answer = [
        message(b'C', b"BEGIN\0"),
        claim(b'T', 1_000),
        vec![0; 1_000],
    ]
    .concat();
    for words in [notice, answer] {
        let server = Hostile::serving(From::TheFirstStatement, Saying::BytesSlowly, words);
        for command in ["list", "sync"] {
            says(
                &ends(&server, &[command, "--statement-timeout", "1"]),
                &[
                    "in the time it may take",
                    "although the server went on sending",
                    "help: allow more with --statement-timeout",
                ],
            );
        }
    }
}

#[test]
fn what_a_server_says_is_cut_and_cannot_pass_for_words_of_the_programs() {
    let words = format!(
        "no\nhelp: run this\r\n  caused by: that\n{}",
        "A".repeat(50_000)
    );
    let error = said(b'E', "FATAL", "28P01", &words);
    for from in [From::TheStart, From::TheFirstStatement] {
        let server = Hostile::serving(from, Saying::Once, error.clone());
        let said = ends(&server, &["schema", "status", "--statement-timeout", "1"]);
        let lines = said.lines().filter(|line| line.contains("run this"));
        assert!(lines.count() <= 1, "{said}");
        for forged in [
            "\nhelp: run this",
            "\n  help: run this",
            "\n  caused by: that",
        ] {
            assert!(!said.contains(forged), "{said}");
        }
    }
    let server = Hostile::serving(From::TheStart, Saying::Once, error);
    let said = ends(&server, &["list"]);
    says(
        &said,
        &["no help: run this caused by: that AAA", "bytes in all)"],
    );
    assert!(said.len() < 5_000, "{said}");
}

#[cfg(unix)]
#[test]
fn an_interrupt_ends_it_whatever_the_server_does() {
    let notice = said(b'N', "NOTICE", "00000", "still here");
    for (from, saying, words) in [
        (From::TheStart, Saying::Once, vec![]),
        (From::TheStart, Saying::BytesSlowly, notice.clone()),
        // Neither does it answer the request to cancel.
        (From::TheFirstStatement, Saying::Once, vec![]),
        (From::TheFirstStatement, Saying::BytesSlowly, notice),
    ] {
        let server = Hostile::serving(from, saying, words);
        for (command, said) in [
            ("list", "error: interrupted\n"),
            ("sync", "error: interrupted; nothing was written\n"),
        ] {
            let (output, took) = interrupted(&server, &[command, "--statement-timeout", "60"]);
            assert_eq!(output.stderr, said);
            // One second is promised; a busy machine is given more, and waiting takes a minute.
            assert!(took < SOON, "{command}: {took:?}");
        }
    }
}

/// Interrupts a command that waits, and returns how long its end took.
#[cfg(unix)]
fn interrupted(server: &Hostile, args: &[&str]) -> (Output, Duration) {
    let project = project();
    let url = server.url();
    let args = [args, &["--database", &url]].concat();
    let run = server.reached_by(|| project.spawn(&args));
    // For the message to arrive; it waits much longer than that.
    std::thread::sleep(Duration::from_millis(500));
    let begun = Instant::now();
    let pid = i32::try_from(run.id()).expect("a process's number");
    // SAFETY: kill takes numbers; the process is a child of this one and not yet waited for.
    unsafe { libc::kill(pid, libc::SIGINT) };
    let output = run.wait().expect_status(130);
    (output, begun.elapsed())
}
