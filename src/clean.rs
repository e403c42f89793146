//! Text from files, servers and posts on its way to a terminal.

pub mod json;

use std::borrow::Cow;

use unicode_normalization::char::is_combining_mark;
use unicode_segmentation::UnicodeSegmentation;

use crate::invisible::is_invisible;

/// The most combining marks on one letter: biblical Hebrew needs five, and more smear over the
/// lines around.
const MOST_MARKS: usize = 5;

/// The most bytes of one text that is shown to people as a part of a message.
const LONGEST: usize = 4096;

/// Makes text safe to print on one line: line ends and tabs become spaces; what a terminal may
/// act on, what nobody can see and what each font shows otherwise are escaped: `\u{1b}`.
///
/// A control sequence could move the cursor, set the window's title or forge the lines of
/// another post; a bidirectional override shows text other than it is; an invisible character
/// makes two texts look alike; a pile of combining marks covers other lines. Characters that
/// their script or an emoji needs stay.
pub fn clean(text: &str) -> Cow<'_, str> {
    cleaned(text, Breaks::Spaces)
}

/// Makes text of many lines safe to print, as [`clean`] does; line feeds and tabs stay.
pub fn clean_block(text: &str) -> Cow<'_, str> {
    cleaned(text, Breaks::Kept)
}

/// Makes text a part of one record of a file: line ends and tabs become spaces; control and
/// bidirectional formatting characters are dropped; everything else stays as it is.
pub(crate) fn one_line(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unsafe) {
        return Cow::Borrowed(text);
    }
    // CRLF is one line end.
    let text = text.replace("\r\n", "\n");
    let kept = text.chars().filter_map(|c| match c {
        '\t' => Some(' '),
        c if is_line_break(c) => Some(' '),
        c if is_unsafe(c) => None,
        c => Some(c),
    });
    Cow::Owned(kept.collect())
}

/// Cuts a text for people to 4 KiB, and says how much was left out.
pub(crate) fn shortened(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.len() <= LONGEST {
        return text;
    }
    let end = text.floor_char_boundary(LONGEST);
    let left_out = text.len() - end;
    Cow::Owned(format!("{}… ({left_out} bytes left out)", &text[..end]))
}

/// The treatment of line ends and tabs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Breaks {
    /// Each becomes a space; CRLF is one.
    Spaces,
    /// Line feeds and tabs stay; a carriage return before a line feed is dropped.
    Kept,
}

fn cleaned(text: &str, breaks: Breaks) -> Cow<'_, str> {
    if !text.chars().any(is_suspect) {
        return Cow::Borrowed(text);
    }
    // Filled from the first character on that does not stay.
    let mut clean: Option<String> = None;
    let mut before = None;
    let mut marks = 0;
    for (start, cluster) in text.grapheme_indices(true) {
        let is_flag = is_subdivision_flag(cluster);
        let mut is_whole = true;
        for (at, c) in cluster.char_indices() {
            let after = cluster[at + c.len_utf8()..].chars().next();
            marks = if is_combining_mark(c) || is_skin_tone(c) {
                marks + 1
            } else {
                0
            };
            let stays = match c {
                '\n' | '\t' => breaks == Breaks::Kept,
                c if is_unsafe(c) => false,
                '\u{200c}' | '\u{200d}' if is_trailing(&text[start + at + c.len_utf8()..]) => {
                    before.is_some_and(|before| is_joining(before) && is_combining_mark(before))
                }
                c if is_private(c) => false,
                c if is_invisible(c) => is_flag || is_needed(before, c, after.filter(|_| is_whole)),
                _ => marks <= MOST_MARKS,
            };
            // What is shown as an escape carries nothing that follows.
            before = Some(if stays { c } else { '}' });
            if stays {
                if let Some(clean) = &mut clean {
                    clean.push(c);
                }
                continue;
            }
            // An escape takes what follows apart from what it belonged to.
            is_whole = false;
            let clean = clean.get_or_insert_with(|| text[..start + at].to_owned());
            match c {
                '\r' if after == Some('\n') => {}
                c if breaks == Breaks::Spaces && (c == '\t' || is_line_break(c)) => clean.push(' '),
                c => clean.extend(c.escape_unicode()),
            }
        }
    }
    clean.map_or(Cow::Borrowed(text), Cow::Owned)
}

/// Returns whether it may depend on its neighbours if the character stays.
fn is_suspect(c: char) -> bool {
    is_unsafe(c)
        || c >= '\u{ad}'
            && (is_invisible(c) || is_private(c) || is_combining_mark(c) || is_skin_tone(c))
}

/// Returns whether a terminal may act on the character instead of showing it.
pub(crate) fn is_unsafe(c: char) -> bool {
    c.is_control() || is_bidi_control(c) || matches!(c, '\u{2028}' | '\u{2029}')
}

fn is_line_break(c: char) -> bool {
    matches!(
        c,
        '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}

/// Returns whether it has Unicode's property `Bidi_Control`.
fn is_bidi_control(c: char) -> bool {
    matches!(
        c,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    )
}

/// Returns whether an invisible character does something to the character before it; `after` is
/// the next one of the same grapheme.
fn is_needed(before: Option<char>, c: char, after: Option<char>) -> bool {
    let Some(before) = before else {
        return false;
    };
    match c {
        // Within a grapheme only emoji, and consonants of Indic scripts, are joined.
        '\u{200d}' if after.is_some_and(|c| !is_combining_mark(c) && !is_invisible(c)) => {
            let is_style = matches!(before, '\u{fe00}'..='\u{fe0f}');
            !before.is_ascii() && (is_style || !is_invisible(before))
        }
        '\u{200c}' | '\u{200d}' => is_joining(before),
        // The space of braille.
        '\u{2800}' => matches!(before, '\u{2801}'..='\u{28ff}'),
        '\u{200b}' => is_written_without_spaces(before),
        '\u{180b}'..='\u{180f}' => matches!(before, '\u{1820}'..='\u{18aa}'),
        '\u{fe0e}' | '\u{fe0f}' => match before {
            '0'..='9' | '#' | '*' => after == Some('\u{20e3}'),
            '\u{a9}' | '\u{ae}' | '\u{1f000}'..='\u{1faff}' => true,
            '\u{3030}' | '\u{303d}' | '\u{3297}' | '\u{3299}' => true,
            before => is_symbol(before),
        },
        '\u{fe00}'..='\u{fe0d}' => {
            is_ideograph(before)
                || is_symbol(before)
                || matches!(before,
                    '\u{1000}'..='\u{109f}' | '\u{3000}'..='\u{3002}' | '\u{a840}'..='\u{a87f}'
                    | '\u{ff00}'..='\u{ff60}')
        }
        '\u{e0100}'..='\u{e01ef}' => is_ideograph(before),
        _ => false,
    }
}

/// Returns whether a joiner before this text has nothing to join.
fn is_trailing(rest: &str) -> bool {
    !rest.chars().next().is_some_and(|c| {
        is_joining(c)
            || c >= '\u{2010}'
                && !c.is_whitespace()
                && !is_unsafe(c)
                && !is_invisible(c)
                && !is_private(c)
    })
}

/// Returns whether the character is for private use: each font shows it as something else.
fn is_private(c: char) -> bool {
    matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{ffffd}' | '\u{100000}'..='\u{10fffd}')
}

/// Returns whether the character changes the colour of the emoji before it.
fn is_skin_tone(c: char) -> bool {
    matches!(c, '\u{1f3fb}'..='\u{1f3ff}')
}

/// Returns whether it is in one of the blocks of symbols, punctuation and letterlike forms.
fn is_symbol(c: char) -> bool {
    matches!(c, '\u{2010}'..='\u{2bff}') && !is_unsafe(c) && !is_invisible(c)
}

fn is_ideograph(c: char) -> bool {
    matches!(c,
        '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}')
}

/// Returns whether letters of its script join, or form conjuncts, so that joiners choose a form.
fn is_joining(c: char) -> bool {
    matches!(c,
        '\u{600}'..='\u{8ff}' | '\u{900}'..='\u{dff}' | '\u{f00}'..='\u{109f}'
        | '\u{1780}'..='\u{18af}' | '\u{1a20}'..='\u{1bff}' | '\u{1cd0}'..='\u{1cff}'
        | '\u{a800}'..='\u{a8ff}' | '\u{a930}'..='\u{a9ff}' | '\u{abc0}'..='\u{abff}'
        | '\u{fb50}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}' | '\u{10a00}'..='\u{10fff}'
        | '\u{11000}'..='\u{11fff}' | '\u{1e900}'..='\u{1e95f}')
        && !is_unsafe(c)
        && !is_invisible(c)
}

/// Returns true if lines of the script break at a space without width.
fn is_written_without_spaces(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}')
        && !is_invisible(c)
}

/// Returns whether it is the flag of a part of a country: a black flag, its code in tag
/// characters, and their end.
fn is_subdivision_flag(cluster: &str) -> bool {
    let code = cluster
        .strip_prefix('\u{1f3f4}')
        .and_then(|tags| tags.strip_suffix('\u{e007f}'));
    let is_tag = |c| matches!(c, '\u{e0030}'..='\u{e0039}' | '\u{e0061}'..='\u{e007a}');
    code.is_some_and(|code| code.chars().all(is_tag) && (3..=6).contains(&code.chars().count()))
}

/// Leaves out the numbers that the language's library adds to the words of the system:
/// `No such file or directory (os error 2)`.
pub(crate) fn without_os_numbers(text: &str) -> Cow<'_, str> {
    const START: &str = " (os error ";
    let mut kept = Cow::Borrowed(text);
    let mut from = 0;
    while let Some(start) = kept[from..].find(START).map(|at| from + at) {
        let number = &kept[start + START.len()..];
        let digits = number.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 || !number[digits..].starts_with(')') {
            from = start + START.len();
            continue;
        }
        kept.to_mut()
            .replace_range(start..start + START.len() + digits + 1, "");
        from = start;
    }
    kept
}

#[cfg(test)]
mod tests;
