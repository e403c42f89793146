//! The body of a file, and the line ends in it and around it.

use std::borrow::Cow;

/// Makes all line ends LF, also those that a row has from a form in a browser.
pub(super) fn unified(text: &str) -> Cow<'_, str> {
    if !text.contains("\r\n") {
        return Cow::Borrowed(text);
    }
    let mut unified = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        match line.strip_suffix('\n') {
            Some(line) => {
                unified.push_str(line.trim_end_matches('\r'));
                unified.push('\n');
            }
            None => unified.push_str(line),
        }
    }
    Cow::Owned(unified)
}

/// Returns a body without the line ends around it, and with LF line ends.
pub(super) fn inner(body: &str) -> Cow<'_, str> {
    match unified(body) {
        Cow::Borrowed(body) => Cow::Borrowed(body.trim_matches('\n')),
        Cow::Owned(body) => Cow::Owned(body.trim_matches('\n').to_owned()),
    }
}

/// Ends the line that closes the front matter, and adds a blank line where one is wanted or the body
/// would lose its first line without it.
pub(super) fn open_body(head: &mut String, body: &str, wants_blank_line: bool) {
    if body.is_empty() {
        return;
    }
    let line_end = if head.contains("\r\n") { "\r\n" } else { "\n" };
    if !head.ends_with('\n') {
        head.push_str(line_end);
    }
    let first = body.lines().next().unwrap_or_default();
    let lines = head.trim_end_matches([' ', '\t', '\r', '\n']).len();
    let has_blank_line = head[lines..].matches('\n').count() > 1;
    if !has_blank_line && (wants_blank_line || first.trim().is_empty()) {
        head.push_str(line_end);
    }
}
