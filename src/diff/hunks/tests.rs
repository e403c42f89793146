//! Tests of hunks.

use proptest::prelude::*;

use super::*;

fn unified(row: &str, file: &str) -> String {
    let mut text = String::new();
    for hunk in hunks(row, file) {
        text.push_str(&format!("{hunk}\n"));
        for piece in hunk.pieces {
            for line in piece.lines() {
                text.push_str(&format!("{}{line}\n", piece.side.sign()));
            }
        }
    }
    text
}

#[test]
fn shows_three_lines_around_a_change() {
    let row = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
    assert_eq!(
        unified(row, &row.replace('5', "five")),
        "@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n"
    );
    assert_eq!(
        unified(row, &row.replace("1\n", "").replace("9\n", "9\n10\n")),
        "@@ -1,4 +1,3 @@\n-1\n 2\n 3\n 4\n@@ -7,3 +6,4 @@\n 7\n 8\n 9\n+10\n"
    );
}

#[test]
fn shows_a_body_that_one_side_alone_has() {
    assert_eq!(unified("", "a\nb\n"), "@@ -0,0 +1,2 @@\n+a\n+b\n");
    assert_eq!(unified("a\n", ""), "@@ -1,1 +0,0 @@\n-a\n");
}

#[test]
fn line_ends_around_a_body_do_not_count() {
    assert_eq!(unified("\r\n\na\n\nb", "a\n\nb\n\n"), "");
    // Spaces do, since they may indent code.
    assert_eq!(unified("  a\n", "a\n"), "@@ -1,1 +1,1 @@\n-  a\n+a\n");
}

#[test]
fn both_kinds_of_line_ends_are_the_same() {
    assert_eq!(unified("a\r\nb\r\nc", "a\nb\nc\n"), "");
    assert_eq!(
        unified("a\r\nb\r\n", "a\nc\n"),
        "@@ -1,2 +1,2 @@\n a\n-b\n+c\n"
    );
}

/// Searching for the smallest difference of such bodies would take hours.
#[test]
fn replaces_very_many_lines_as_a_whole() {
    let many = |name: &str| -> String {
        let line = |number| format!("{name} {number}\n");
        (0..200_000).map(line).collect()
    };
    let row = format!("first\n{}last\n", many("row"));
    let file = format!("first\n{}last\n", many("file"));
    let found = hunks(&row, &file);
    assert_eq!(found.len(), 1);
    assert_eq!(
        (&found[0].old, &found[0].new),
        (&(0..200_002), &(0..200_002))
    );
    let pieces: Vec<_> = found[0]
        .pieces
        .iter()
        .map(|piece| (piece.side, piece.lines().count()))
        .collect();
    let expected = [
        (Side::Both, 1),
        (Side::Old, 200_000),
        (Side::New, 200_000),
        (Side::Both, 1),
    ];
    assert_eq!(pieces, expected);
    assert!(found[0].pieces[1].text.starts_with("row 0\nrow 1\n"));
    assert!(found[0].pieces[1].text.ends_with("\nrow 199999"));
}

#[test]
fn lines_that_are_found_further_down_are_shown_in_their_place() {
    assert_eq!(
        unified("b\na\nc", "a\n\n\na\n\n\n\nc"),
        "@@ -1,3 +1,8 @@\n-b\n a\n+\n+\n+a\n+\n+\n+\n c\n"
    );
}

#[test]
fn empty_lines_are_lines() {
    assert_eq!(
        unified("a\n\nb\n", "a\n\n\n\nb\n"),
        "@@ -1,3 +1,5 @@\n a\n \n+\n+\n b\n"
    );
    let row: String = "\n".repeat(30_000);
    let row = format!("a{row}b");
    let found = hunks(&row, "c");
    assert_eq!((found[0].old.len(), found[0].new.len()), (30_001, 1));
    assert_eq!(found[0].pieces[0].lines().count(), 30_001);
}

/// Returns a body made of the lines that a side has, where all hunks are shown.
fn lines_of(found: &[Hunk<'_>], side: Side, other: &[&str]) -> Vec<String> {
    let mut lines = Vec::new();
    let mut at = 0;
    for hunk in found {
        // Between hunks both bodies are equal.
        let theirs = if side == Side::New {
            &hunk.old
        } else {
            &hunk.new
        };
        lines.extend(other[at..theirs.start].iter().map(ToString::to_string));
        at = theirs.end;
        let own = hunk.pieces.iter();
        let own = own.filter(|piece| piece.side == side || piece.side == Side::Both);
        lines.extend(own.flat_map(|piece| piece.lines()).map(str::to_owned));
    }
    lines.extend(other[at..].iter().map(ToString::to_string));
    lines
}

proptest! {
    #[test]
    fn hunks_make_each_body_of_the_other(row in "[ab\n]{0,60}", file in "[ab\n]{0,60}") {
        let found = hunks(&row, &file);
        let lines = |text| -> Vec<&str> { Text::of_body(text).keys().collect() };
        let (row, file) = (lines(&row), lines(&file));
        prop_assert_eq!(lines_of(&found, Side::New, &row), &*file);
        prop_assert_eq!(lines_of(&found, Side::Old, &file), &*row);
    }
}

fn file_unified(old: &str, new: &str) -> String {
    let hunks = file_hunks(old, new);
    let unified = Unified {
        hunks: &hunks,
        keeps_returns: true,
    };
    unified.to_string()
}

#[test]
fn every_line_end_of_a_file_counts() {
    assert_eq!(file_unified("a\nb\n", "a\nb\n"), "");
    assert_eq!(
        file_unified("a\nb\n", "a\nb"),
        "@@ -1,2 +1,2 @@\n a\n-b\n+b\n\\ No newline at end of file\n"
    );
    assert_eq!(
        file_unified("a\r\nb\r\n", "a\r\nb\n"),
        "@@ -1,2 +1,2 @@\n a\r\n-b\r\n+b\n"
    );
    assert_eq!(file_unified("", "\na\n\n"), "@@ -0,0 +1,3 @@\n+\n+a\n+\n");
    assert_eq!(
        file_unified("a", "a\n\n"),
        "@@ -1,1 +1,2 @@\n-a\n\\ No newline at end of file\n+a\n+\n"
    );
}

/// Applies a unified diff as `patch` does.
fn patched(old: &str, diff: &str) -> String {
    let mut lines = old.split_inclusive('\n');
    let (mut at, mut new) = (0, String::new());
    let mut last = ' ';
    for line in diff.split_inclusive('\n') {
        let (sign, text) = line.split_at(1);
        match sign {
            "@" => {
                let numbers = line.split(['-', ',', ' ']).filter(|part| !part.is_empty());
                let mut numbers = numbers.filter_map(|part| part.parse::<usize>().ok());
                let (first, count) = (numbers.next().unwrap(), numbers.next().unwrap());
                let start = first - usize::from(count > 0);
                new.extend(lines.by_ref().take(start - at));
                at = start;
            }
            " " | "-" => {
                let was = lines.next().unwrap();
                at += 1;
                assert_eq!(was.trim_end_matches('\n'), text.trim_end_matches('\n'));
                if sign == " " {
                    new.push_str(was);
                }
            }
            "+" => new.push_str(text),
            // The line feed that a diff adds is none of the file's.
            _ if last == '+' => drop(new.pop()),
            _ => {}
        }
        last = line.chars().next().unwrap();
    }
    new.extend(lines);
    new
}

proptest! {
    #[test]
    fn a_diff_of_a_file_makes_the_new_one_of_the_old(
        old in "[ab\r\n]{0,60}",
        new in "[ab\r\n]{0,60}",
    ) {
        prop_assert_eq!(patched(&old, &file_unified(&old, &new)), new);
    }
}
