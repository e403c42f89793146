use super::*;
use crate::fuzz;

/// Returns the output of a stream for input that is written in pieces.
fn passed(pieces: &[&[u8]], level: Level, coding: Coding, by_line: bool) -> String {
    let mut out = Vec::new();
    let mut stream = Masked::new(&mut out, level, coding, by_line);
    for piece in pieces {
        stream.write_all(piece).unwrap();
    }
    drop(stream);
    String::from_utf8(out).unwrap()
}

fn messages(text: &str) -> String {
    passed(&[text.as_bytes()], Level::Messages, Coding::Text, false)
}

fn posts(text: &str, coding: Coding) -> String {
    passed(&[text.as_bytes()], Level::Posts, coding, false)
}

#[test]
fn a_password_is_masked_however_it_is_cut() {
    secret::register_address("postgresql://me:elephant-11@h/d");
    let text = b"at elephant-11, elephant-1, and elephant-11";
    for first in 0..text.len() {
        for by_line in [false, true] {
            let pieces = [&text[..first], b"", &text[first..]];
            let out = passed(&pieces, Level::Messages, Coding::Text, by_line);
            assert_eq!(out, "at ***, elephant-1, and ***");
        }
    }
}

#[test]
fn a_flush_passes_on_all_but_what_may_become_a_password() {
    secret::register(b"pelican-22", &[]);
    let mut out = Vec::new();
    let mut stream = Masked::new(&mut out, Level::Messages, Coding::Text, false);
    stream.write_all(b"one line\nsome pelican-").unwrap();
    stream.flush().unwrap();
    assert_eq!(stream.inner, b"one line\nsome ");
    stream.write_all(b"22\n").unwrap();
    stream.flush().unwrap();
    assert_eq!(stream.inner, b"one line\nsome ***\n");
}

#[test]
fn a_style_within_a_password_hides_nothing() {
    secret::register(b"flamingo-33", &[]);
    let text = "a \u{1b}[1mfla\u{1b}[32mmingo\u{1b}[0m-33 b";
    assert_eq!(messages(text), "a \u{1b}[1m***\u{1b}[32m\u{1b}[0m b");
    // An incomplete style is held back.
    let (first, second) = text.split_at(text.find("2m").unwrap());
    let out = passed(
        &[first.as_bytes(), second.as_bytes()],
        Level::Messages,
        Coding::Text,
        true,
    );
    assert_eq!(out, "a \u{1b}[1m***\u{1b}[32m\u{1b}[0m b");
}

#[test]
fn posts_keep_words_that_happen_to_be_passwords() {
    secret::register_address("postgresql://me:cormorant@h/d");
    for text in [
        "the cormorant dives",
        "password cormorants",
        "password=cormorants",
        ":cormorant:",
    ] {
        assert_eq!(posts(text, Coding::Text), text);
    }
    for (text, masked) in [
        (
            "x postgresql://u:cormorant@g/e y",
            "x postgresql://u:***@g/e y",
        ),
        ("a password=cormorant b", "a password=*** b"),
        ("Pwd=cormorant;", "Pwd=***;"),
        ("password=cormorant", "password=***"),
    ] {
        assert_eq!(posts(text, Coding::Text), masked);
    }
}

#[test]
fn posts_keep_short_and_common_passwords_everywhere() {
    secret::register_address("postgresql://stork:stork@h/d");
    secret::register_address("postgresql://kiwibird:kiwibird@h/d");
    for text in [
        "postgresql://u:stork@g/e",
        "postgresql://kiwibird:kiwibird@localhost/x",
    ] {
        assert_eq!(posts(text, Coding::Text), text);
    }
}

#[test]
fn an_address_in_a_post_is_masked_in_any_form() {
    let address = "host=h dbname=d password = 'ibis \"seven\"'";
    secret::register_address(address);
    assert_eq!(
        posts(&format!("a {address} b"), Coding::Text),
        "a host=h dbname=d password = *** b"
    );
    let json = serde_json::to_string(&format!("a {address} b")).unwrap();
    assert_eq!(
        posts(&json, Coding::Json),
        r#""a host=h dbname=d password = *** b""#
    );
    let field = format!("\"a {} b\"", address.replace('"', "\"\""));
    assert_eq!(
        posts(&field, Coding::Csv),
        "\"a host=h dbname=d password = *** b\""
    );
}

#[test]
fn json_stays_json_whatever_the_password() {
    for password in [
        "n-heron-\\",
        "\"heron\"",
        "001bheron",
        "u001bheron",
        "heron\n\u{1b}x",
        "\\\\\\\\\\\\",
    ] {
        secret::register(password.as_bytes(), &[]);
    }
    for text in [
        "\n-heron-\\",
        "n-heron-\\",
        "x\"heron\"",
        "\u{1b}heron",
        "heron\n\u{1b}x!",
        "\\",
        "\\\\\\\\\\\\n",
        "\\n-heron-\\",
    ] {
        let mut json = Vec::new();
        crate::output::json::write_line(&mut json, &text).unwrap();
        let out = passed(&[&json], Level::Messages, Coding::Json, false);
        let back: String =
            serde_json::from_str(&out).unwrap_or_else(|e| panic!("{text:?}: {out}: {e}"));
        for password in ["n-heron-\\", "heron\n\u{1b}x"] {
            assert!(!back.contains(password), "{text:?} -> {back:?}");
        }
    }
}

#[test]
fn csv_keeps_its_records_whatever_the_password() {
    for password in ["bittern\"", "\"bittern", "bit,tern"] {
        secret::register(password.as_bytes(), &[]);
    }
    let fields = [
        "password=bittern\"",
        ":\"bittern@",
        "x",
        ":bit,tern@",
        "tern\"",
    ];
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(fields).unwrap();
    let csv = String::from_utf8(csv.into_inner().unwrap()).unwrap();
    let out = posts(&csv, Coding::Csv);
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(out.as_bytes());
    let record = reader.records().next().unwrap().unwrap();
    let expected = ["password=***", ":***@", "x", ":***@", "tern\""];
    assert_eq!(record.iter().collect::<Vec<_>>(), expected);
}

#[test]
fn a_long_line_is_passed_on_in_bounded_pieces() {
    struct Largest(usize, usize);
    impl Write for Largest {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 = self.0.max(bytes.len());
            self.1 += bytes.len();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    secret::register(b"albatross-44", &[]);
    let mut largest = Largest(0, 0);
    let mut stream = Masked::new(&mut largest, Level::Messages, Coding::Json, false);
    let line = "a long line albatross-44 ".repeat(200_000);
    stream.write_all(line.as_bytes()).unwrap();
    assert!(
        stream.pending.capacity() <= 4 * CHUNK,
        "{}",
        stream.pending.capacity()
    );
    drop(stream);
    assert!(largest.0 <= 2 * CHUNK, "{}", largest.0);
    assert_eq!(largest.1, "a long line *** ".len() * 200_000);
}

#[test]
fn a_closed_pipe_is_told_as_one() {
    struct Closed;
    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    secret::register(b"kingfisher", &[]);
    let mut stream = Masked::new(Closed, Level::Posts, Coding::Text, false);
    stream.write_all(b"a line\n").unwrap();
    assert_eq!(
        stream.flush().unwrap_err().kind(),
        io::ErrorKind::BrokenPipe
    );
}

#[test]
fn however_a_text_is_cut_the_same_is_masked() {
    secret::register(b"nightjar-55", &[]);
    secret::register(b"nightjar-5566", &[]);
    let corpus: &[&[u8]] = &[
        b"a nightjar-55 b",
        b"nightjar-5566",
        b"plain\ntext",
        "한글".as_bytes(),
    ];
    let dictionary: &[&[u8]] = &[
        b"nightjar-55",
        b"nightjar-5566",
        b"night",
        b"\x1b[1m",
        b"\n",
    ];
    fuzz::run("stream", corpus, dictionary, |text| {
        let whole = |bytes: &[&[u8]], by_line| {
            let mut out = Vec::new();
            let mut stream = Masked::new(&mut out, Level::Messages, Coding::Text, by_line);
            for piece in bytes {
                stream.write_all(piece).unwrap();
                if by_line {
                    stream.flush().unwrap();
                }
            }
            drop(stream);
            out
        };
        let expected = whole(&[text], false);
        assert!(!expected.windows(11).any(|piece| piece == b"nightjar-55"));
        let pieces: Vec<&[u8]> = text.chunks(3).collect();
        assert_eq!(whole(&pieces, true), expected, "{}", text.escape_ascii());
        assert_eq!(whole(&pieces, false), expected, "{}", text.escape_ascii());
    });
}
