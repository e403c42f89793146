//! Output of the program, which has no password, wherever a string is given.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::case::Case;
use super::table::{ROWS, Row};
use crate::support::figure;
use crate::support::project::Project;

/// Runs the program with a string in one of the places where one can stand.
fn run(case: &Case, way: &str) -> String {
    let project = Project::new();
    project.post(1, "Never published");
    let text = case.filled(case.row.text);
    let args: &[&str] = match way {
        "as a flag" => &["--database", &text, "list", "--verbose"],
        "as a variable" => &["sync", "content/", "--verbose"],
        "as an argument" => &["list", &text, "--verbose"],
        "to the doctor" => &["doctor", "--verbose", "--database", &text],
        "to the doctor, as JSON" => &["doctor", "--format", "json", "--database", &text],
        _ => &["list", "--verbose"],
    };
    let variables = case.variables();
    let mut variables: Vec<(&str, &str)> = variables
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    variables.extend([
        ("HOME", case.home_name()),
        ("PGCONNECT_TIMEOUT", "1"),
        // Loading the system's authorities takes most of a run, and nobody is reached.
        ("SSL_CERT_FILE", "/dev/null"),
        ("SSL_CERT_DIR", "/nowhere"),
        // A resolver that does not answer is waited for five seconds by default.
        ("RES_OPTIONS", "timeout:1 attempts:1"),
        ("RUST_BACKTRACE", "1"),
    ]);
    match way {
        "as a variable" => variables.push(("DATABASE_URL", &text)),
        "as a replica" => variables.push(("DATABASE_READ_URL", &text)),
        // As somebody would write it who knows nothing of the file's syntax.
        "in .env" => {
            project.write(".env", format!("DATABASE_URL={text}\n"));
        }
        "in blogctl.toml" => {
            project.write("blogctl.toml", format!("database = \"{text}\"\n"));
        }
        _ => {}
    }
    let output = project.run_with(args, &variables);
    assert_ne!(output.status, 0, "{text:?} {way}: {output:#?}");
    assert_ne!(output.status, 101, "{text:?} {way}: {output:#?}");
    format!("{}{}", output.stdout, output.stderr)
}

#[test]
fn no_password_is_printed_wherever_the_string_stands() {
    const WAYS: [&str; 8] = [
        "as a flag",
        "as a variable",
        "as a replica",
        "in .env",
        "in blogctl.toml",
        "as an argument",
        "to the doctor",
        "to the doctor, as JSON",
    ];
    let next = AtomicUsize::new(0);
    let begun = std::time::Instant::now();
    thread::scope(|scope| {
        // Most of the time is spent on waiting for those that do not answer.
        for _ in 0..24 {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(row) = ROWS.get(number / WAYS.len()) else {
                        break;
                    };
                    let (case, way) = (Case::new(row), WAYS[number % WAYS.len()]);
                    let output = run(&case, way);
                    case.keeps_its_secrets(&output, way);
                }
            });
        }
    });
    figure(format_args!(
        "{} runs in {:.1} s",
        ROWS.len() * WAYS.len(),
        begun.elapsed().as_secs_f32()
    ));
}

/// Command lines with an address, `$A`, in the place of something else.
const MISPLACED: &[&[&str]] = &[
    &["$A"],
    &["--$A"],
    &["--color", "$A", "list"],
    &["--connect-timeout=$A", "list"],
    &["--database", "sqlite:$A", "list"],
    &["sync", "$A"],
    &["sync", "content/$A", "--format", "json"],
    &["sync", "content/", "--lock-timeout", "$A"],
    &["list", "--since", "$A"],
    &["list", "--until", "$A"],
    &["list", "--tag", "$A", "--format", "json"],
    &["list", "--category=$A"],
    &["list", "--cursor", "$A"],
    &["list", "--format", "$A"],
    &["show", "$A"],
    &["search", "$A", "--verbose"],
    &["search", "-$A"],
    &["search", "a", "--tag", "$A"],
    &["history", "--limit", "$A"],
    &["doctor", "$A", "--format", "json"],
    &["schema", "print", "--dialect", "$A"],
];

#[test]
fn no_password_is_printed_of_an_address_in_the_place_of_something_else() {
    let next = AtomicUsize::new(0);
    let begun = std::time::Instant::now();
    let project = Project::new();
    project.post(1, "Never published");
    // So that a search finds nothing, rather than no tables.
    assert_eq!(project.run(&["schema", "apply"]).status, 0);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(row) = ROWS.get(number / MISPLACED.len()) else {
                        break;
                    };
                    let (case, line) = (Case::new(row), MISPLACED[number % MISPLACED.len()]);
                    let text = case.filled(row.text);
                    let line: Vec<String> =
                        line.iter().map(|word| word.replace("$A", &text)).collect();
                    let line: Vec<&str> = line.iter().map(|word| &**word).collect();
                    let output = project.run_with(&line, &[("HOME", case.home_name())]);
                    assert_ne!(output.status, 101, "{line:?}: {output:#?}");
                    let output = format!("{}{}", output.stdout, output.stderr);
                    case.keeps_its_secrets(&output, &format!("in {line:?}"));
                }
            });
        }
    });
    figure(format_args!(
        "{} misplaced addresses in {:.1} s",
        ROWS.len() * MISPLACED.len(),
        begun.elapsed().as_secs_f32()
    ));
}

#[test]
fn no_password_is_printed_of_an_address_in_a_file_of_the_content() {
    // What is no address is no more than a text, and a password ends at a space.
    let is_whole = |row: &Row| {
        let has_space = row.text.contains(" hunter2=") || row.password.concat().contains(' ');
        row.expected.is_ok() && !has_space
    };
    let rows = ROWS.iter().enumerate().filter(|(_, row)| is_whole(row));
    for (number, row) in rows {
        let case = Case::new(row);
        let text = case.filled(row.text);
        let project = Project::new();
        for (name, content) in [
            ("id", format!("---\nid: {text}\n---\n")),
            ("key", format!("---\nid: 2\n{text}: 1\n---\n")),
            (
                "tag",
                format!("---\nid: 3\ntags: [{text}, {text}]\ncreated_at: {text}\n---\n"),
            ),
            ("env", format!("DATABASE_URL=\"{text}\"\n")),
        ] {
            project.write(format!("content/{number}-{name}.md"), content);
        }
        let mut all = String::new();
        for line in [
            &["sync", "content/"] as &[&str],
            &["sync", "content/", "--format", "json"],
            &["doctor", "--format", "json"],
        ] {
            let output = project.run(line);
            assert_ne!(output.status, 101, "{output:#?}");
            all += &format!("{}{}", output.stdout, output.stderr);
        }
        case.keeps_its_secrets(&all, "in a file of the content");
    }
}
