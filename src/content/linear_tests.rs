//! The work of reading a file, counted in steps and not in seconds, for texts that are made to
//! take long.

use std::time::Instant;

use super::front_matter::MAX_FRONT_MATTER;
use super::test_reading::{reading, settings};
use super::{ReadSettings, steps};

/// A kind of front matter, and how to make one of about so many bytes.
type Shape = (&'static str, fn(usize) -> String);

/// Repeats a piece up to a length.
fn fill(piece: &str, length: usize) -> String {
    piece.repeat(length / piece.len())
}

/// Lines made from a number, up to a length.
fn lines(length: usize, line: impl Fn(usize) -> String) -> String {
    let mut text = String::new();
    for number in 0.. {
        let line = line(number);
        if text.len() + line.len() > length {
            return text;
        }
        text.push_str(&line);
    }
    text
}

const SHAPES: &[Shape] = &[
    ("numbers for tags", |n| format!("tags: [{}]", fill("1,", n))),
    ("numbers for tags in lines", |n| {
        "tags:\n".to_owned() + &fill("- 1\n", n)
    }),
    ("one tag", |n| format!("tags: [{}]", fill("a,", n))),
    ("many tags", |n| {
        format!("tags: [{}]", lines(n, |i| format!("t{i},")))
    }),
    ("empty tags", |n| "tags:\n".to_owned() + &fill("-\n", n)),
    ("one key", |n| fill("id: 1\n", n)),
    ("unknown keys", |n| lines(n, |i| format!("k{i}: 1\n"))),
    ("unknown keys in braces", |n| {
        format!("{{{}}}", lines(n, |i| format!("k{i}: 1, ")))
    }),
    ("one unknown key", |n| fill("k: 1\n", n)),
    ("keys near another", |n| {
        lines(n, |i| format!("titel{}: 1\n", i % 1000))
    }),
    ("merge keys", |n| fill("<<: 1\n", n)),
    ("one nested key", |n| format!("a: {{{}}}", fill("k: 1,", n))),
    ("nested keys", |n| {
        format!("a: {{{}}}", lines(n, |i| format!("k{i}: 1, ")))
    }),
    ("NULs in keys and values", |n| {
        format!("a: {{{}}}", lines(n, |i| format!("\"k{i}\\0\": \"\\0\", ")))
    }),
    ("long keys", |n| {
        lines(n, |i| format!("{i}{}: 1\n", "k".repeat(900)))
    }),
    ("keys that are lists", |n| fill("[a, b]: 1\n", n)),
    ("keys with a question mark", |n| fill("? a\n: b\n", n)),
    ("question marks", |n| fill("? ", n)),
    ("hyphens", |n| fill("- ", n)),
    ("hyphens below a key", |n| {
        "a:\n ".to_owned() + &fill("- ", n)
    }),
    ("open brackets", |n| "a: ".to_owned() + &fill("[", n)),
    ("open braces", |n| "a: ".to_owned() + &fill("{", n)),
    ("brackets hidden in quotes", |n| {
        "a: ".to_owned() + &fill("[\"]\",", n)
    }),
    ("brackets hidden in comments", |n| {
        "a: ".to_owned() + &fill("[ #]\n ", n)
    }),
    ("pairs of brackets", |n| format!("a: [{}]", fill("[],", n))),
    ("128 brackets, then items", |n| {
        format!("a: {}{}", "[".repeat(127), fill("1,", n))
    }),
    ("127 lists with tags of YAML, again and again", |n| {
        lines(n, |i| {
            format!("k{i}: {}1{}\n", "!t [".repeat(127), "]".repeat(127))
        })
    }),
    ("commas", |n| format!("a: [{}]", fill(",", n))),
    ("colons", |n| "a: ".to_owned() + &fill(":", n)),
    ("colons and spaces", |n| fill(": ", n)),
    ("anchors", |n| {
        format!("a: [{}]", lines(n, |i| format!("&a{i} 1,")))
    }),
    ("anchors without a value", |n| {
        "a: ".to_owned() + &fill("&a ", n)
    }),
    ("aliases", |n| format!("b: &a 1\na: [{}]", fill("*a,", n))),
    ("aliases without an anchor", |n| {
        "a: ".to_owned() + &fill("*a ", n)
    }),
    ("aliases that multiply", |n| {
        format!("a: &a [{}]\nb: [{}]", fill("1,", n / 2), fill("*a,", n / 2))
    }),
    ("an alias within its own list", |n| {
        format!("a: &a [{}]", fill("*a,", n))
    }),
    ("tags of YAML", |n| format!("a: [{}]", fill("!t x,", n))),
    ("a long tag of YAML, repeated", |n| {
        format!("a: &a !{} x\nb: [{}]", fill("t", n / 2), fill("*a,", n / 2))
    }),
    ("exclamation marks", |n| "a: ".to_owned() + &fill("!", n)),
    ("%TAG lines", |n| lines(n, |i| format!("%TAG !{i}! x\n"))),
    ("%TAG lines of a second document", |n| {
        "a: 1\n...\n".to_owned() + &lines(n, |i| format!("%TAG !{i}! x\n"))
    }),
    ("percent signs", |n| fill("%\n", n)),
    ("percent signs in a row", |n| fill("%", n)),
    ("comments", |n| fill("#\n", n)),
    ("comments within a list", |n| {
        format!("a: [{}]", fill("1, #\n ", n))
    }),
    ("one comment", |n| "#".to_owned() + &fill("x", n)),
    ("blank lines", |n| "a: 1\n".to_owned() + &fill("\n", n)),
    ("spaces", |n| "a: 1".to_owned() + &fill(" ", n)),
    ("spaces within a text, then words", |n| {
        format!("a: b{}{}", fill(" ", n / 2), fill("c ", n / 2))
    }),
    ("blank lines within a text, then lines", |n| {
        format!("a: b\n{}{}", fill("\n", n / 2), fill(" c\n", n / 2))
    }),
    ("blank lines in quotes, then lines", |n| {
        format!("a: \"b{}{}\"", fill("\n", n / 2), fill("c\n", n / 2))
    }),
    ("a text over many lines", |n| {
        "a: b\n".to_owned() + &fill(" c\n", n)
    }),
    ("a block of text", |n| {
        "a: |\n".to_owned() + &fill(" c\n", n)
    }),
    ("a folded block of text", |n| {
        "a: >\n".to_owned() + &fill(" c\n\n", n)
    }),
    ("a block that gets deeper", |n| {
        "a: |\n".to_owned() + &lines(n, |i| format!(" {}x\n", " ".repeat(i)))
    }),
    ("indented keys", |n| {
        lines(n, |i| format!("{}k:\n", " ".repeat(i)))
    }),
    ("a long title", |n| {
        format!("id: 1\ntitle: {}", fill("x", n))
    }),
    ("a long number", |n| format!("id: {}", fill("9", n))),
    ("a long fraction", |n| format!("title: 0.{}", fill("9", n))),
    ("a long list for a text", |n| {
        format!("title: [{}]", fill("a, ", n))
    }),
    ("a long text for tags", |n| {
        format!("tags: {}", fill("a, ", n))
    }),
    ("a long time", |n| format!("created_at: {}", fill("2", n))),
    ("a long category", |n| {
        format!("category: {}", fill("가", n))
    }),
    ("a long unknown category", |n| {
        format!("category: {}", fill("c", n.min(250)))
    }),
    ("apostrophes", |n| format!("a: '{}'", fill("''", n))),
    ("quotes", |n| "a: ".to_owned() + &fill("\"", n)),
    ("escapes", |n| format!("a: \"{}\"", fill("\\u0041", n))),
    ("unfinished escapes", |n| format!("a: \"{}", fill("\\u", n))),
    ("NUL escapes for tags", |n| {
        format!("tags: [{}]", fill("\"\\0\",", n))
    }),
    ("control characters", |n| {
        "a: ".to_owned() + &fill("\u{1}", n)
    }),
    ("carriage returns", |n| "a: 1".to_owned() + &fill("\r", n)),
    ("tabs", |n| "a: 1\n".to_owned() + &fill("\t", n)),
    ("words", |n| fill("word ", n)),
    ("lines without a colon", |n| fill("word\n", n)),
    ("wide characters", |n| {
        format!("tags: [{}]", fill("가🎉,", n))
    }),
];

const TOML_SHAPES: &[Shape] = &[
    ("tags of TOML", |n| {
        format!("tags = [{}]", lines(n, |i| format!("\"t{i}\",")))
    }),
    ("tags without quotes", |n| {
        format!("tags = [{}]", fill("a,", n))
    }),
    ("keys of TOML", |n| lines(n, |i| format!("k{i} = 1\n"))),
    ("one key of TOML", |n| fill("k = 1\n", n)),
    ("dotted keys", |n| lines(n, |i| format!("a.k{i} = 1\n"))),
    ("very dotted keys", |n| {
        lines(n, |i| format!("{}k{i} = 1\n", "a.".repeat(70)))
    }),
    ("too dotted keys", |n| format!("{}k = 1\n", fill("a.", n))),
    ("tables", |n| lines(n, |i| format!("[t{i}]\n"))),
    ("one table", |n| fill("[t]\n", n)),
    ("tables in a table", |n| {
        lines(n, |i| format!("[t.t{i}]\na = 1\n"))
    }),
    ("deep tables", |n| {
        lines(n, |i| format!("[{}t{i}]\n", "a.".repeat(70)))
    }),
    ("tables of one name", |n| fill("[[t]]\n", n)),
    ("tables in tables of one name", |n| {
        fill("[[t]]\n[t.s]\n[[t.u]]\n", n)
    }),
    ("open brackets of TOML", |n| {
        "a = ".to_owned() + &fill("[", n)
    }),
    ("open braces of TOML", |n| "a = ".to_owned() + &fill("{", n)),
    ("pairs of brackets of TOML", |n| {
        format!("a = [{}]", fill("[],", n))
    }),
    ("a table in braces", |n| {
        format!("a = {{{}}}", lines(n, |i| format!("k{i} = 1, ")))
    }),
    ("commas of TOML", |n| format!("a = [{}]", fill(",", n))),
    ("equals signs", |n| "a ".to_owned() + &fill("=", n)),
    ("lines of YAML", |n| {
        "a = 1\n".to_owned() + &fill("k: v\n", n)
    }),
    ("a list of YAML", |n| {
        "a = 1\ntags:\n".to_owned() + &fill("- v\n", n)
    }),
    ("YAML alone", |n| fill("k: v\n", n)),
    ("unclosed quotes", |n| fill("a = \"b\n", n)),
    ("an unclosed text of many lines", |n| {
        "a = \"\"\"".to_owned() + &fill("b\n", n)
    }),
    ("escapes of TOML", |n| {
        format!("a = \"{}\"", fill("\\u0041", n))
    }),
    ("unfinished escapes of TOML", |n| {
        format!("a = \"{}\"", fill("\\u", n))
    }),
    ("a long number of TOML", |n| {
        format!("id = {}", fill("9", n))
    }),
    ("a long date", |n| {
        format!("created_at = 2025-01-0{}", fill("1", n))
    }),
    ("words of TOML", |n| fill("word ", n)),
    ("lines without an equals sign", |n| fill("word\n", n)),
    ("comments of TOML", |n| fill("#\n", n)),
    ("comments in a list of TOML", |n| {
        format!("a = [{}]", fill("1, #\n ", n))
    }),
    ("blank lines of TOML", |n| fill("\n", n)),
];

fn steps_for(settings: &ReadSettings, text: &str) -> u64 {
    steps::of(|| {
        reading(settings, text.as_bytes());
    })
}

/// All shapes, each with the line around it.
fn shapes() -> impl Iterator<Item = (&'static str, &'static Shape)> {
    let yaml = SHAPES.iter().map(|shape| ("---", shape));
    yaml.chain(TOML_SHAPES.iter().map(|shape| ("+++", shape)))
}

fn file(mark: &str, shape: fn(usize) -> String, length: usize) -> String {
    // Whatever is around it must not push it over the limit.
    let yaml = shape(length - length / 16);
    assert!(yaml.len() <= length, "{}", yaml.len());
    format!("{mark}\n{yaml}\n{mark}\nBody\n")
}

#[test]
fn reads_any_front_matter_in_steps_linear_in_its_size() {
    let settings = ReadSettings {
        categories: Some((0..50).map(|n| format!("{n}{}", "c".repeat(200))).collect()),
        ..settings()
    };
    for (mark, (name, shape)) in shapes() {
        let half = file(mark, *shape, MAX_FRONT_MATTER / 2);
        let whole = file(mark, *shape, MAX_FRONT_MATTER);
        let (few, many) = (steps_for(&settings, &half), steps_for(&settings, &whole));
        // Up to 256 KiB may come of aliases, however small the text is.
        let aliases = 4 * 256 * 1024;
        assert!(
            many <= 2 * few + few / 5 + 2_000 && many <= 24 * whole.len() as u64 + aliases,
            "{name}: {few} steps for {} bytes, {many} for {}",
            half.len(),
            whole.len()
        );
    }
}

#[test]
fn reads_a_body_in_steps_linear_in_its_size() {
    let shapes: [fn(usize) -> String; 7] = [
        |n| fill("word ", n),
        |n| fill("\r\n", n),
        |n| fill("---\n", n),
        |n| fill("+++\n", n),
        |n| fill("x", n) + "\0",
        |n| fill("x\n", n) + "\0",
        |n| fill("\r", n) + "\0\r\r\r",
    ];
    for shape in shapes {
        let steps = |length| {
            let text = format!(
                "---\nid: 1\ntitle: T\nword_count: 1\n---\n{}",
                shape(length)
            );
            steps_for(&settings(), &text)
        };
        let (few, many) = (steps(100_000), steps(200_000));
        assert!(many <= 2 * few + few / 5, "{few} steps, then {many}");
    }
}

#[test]
fn takes_a_bounded_number_of_findings_of_a_file() {
    for (mark, (name, shape)) in shapes() {
        let half = file(mark, *shape, MAX_FRONT_MATTER / 2);
        let text = file(mark, *shape, MAX_FRONT_MATTER);
        let start = Instant::now();
        reading(&settings(), half.as_bytes());
        let of_half = start.elapsed();
        let start = Instant::now();
        let reading = reading(&settings(), text.as_bytes());
        let size: usize = reading
            .findings
            .iter()
            .map(|found| {
                found.message.len()
                    + found.help.as_ref().map_or(0, String::len)
                    + found
                        .location
                        .as_ref()
                        .map_or(0, |location| location.excerpt.len())
            })
            .sum();
        let of_all = start.elapsed();
        eprintln!("figure: {of_half:>7.1?} for 32 KiB, {of_all:>7.1?} for 64 KiB: {name}");
        assert!(
            reading.findings.len() <= 30 && size < 30_000,
            "{name}: {} findings of {size} bytes",
            reading.findings.len(),
        );
    }
}

#[test]
fn looks_for_the_end_of_a_front_matter_in_steps_linear_in_its_size() {
    let shapes: [fn(usize) -> String; 4] = [
        |n| fill("a: b\n", n),
        |n| fill("\n", n),
        |n| fill("# c\n\n", n),
        |n| fill("+++\n", n),
    ];
    for shape in shapes {
        let steps = |length| steps_for(&settings(), &format!("---\n{}", shape(length)));
        let (few, many) = (steps(100_000), steps(200_000));
        assert!(many <= 2 * few + few / 5, "{few} steps, then {many}");
    }
}
