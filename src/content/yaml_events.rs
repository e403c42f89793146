//! The places of everything in a YAML text, from the parser that `serde_yaml` itself is made of.
//!
//! `serde_yaml` tells places only in errors. Its parser, libyaml, has them in each of its
//! events; as both see the same events, the n-th value of one is the n-th of the other. All
//! unsafe code of the reader is in this file.

use std::ffi::CStr;
use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::ops::Range;

use libyaml_rs as sys;

use super::steps;

/// The deepest nesting of lists and mappings, which is also that of `serde_yaml`. Without a
/// limit the parser takes time with the square of the depth.
pub(super) const DEEPEST: usize = 128;

/// The most `%TAG` lines: the parser compares each with all others.
const MOST_TAG_LINES: usize = 16;

/// One step of the parser; the range is in bytes of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Event {
    pub kind: Kind,
    pub range: Range<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Scalar,
    Alias,
    List,
    Map,
    /// The end of the innermost list or mapping; empty unless it is a bracket.
    End,
}

/// A reason for which a text is not one YAML document.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Problem {
    /// The parser's words and place, and those of what it was reading.
    Syntax {
        words: &'static str,
        at: usize,
        within: &'static str,
        within_at: usize,
    },
    /// Nested deeper than [`DEEPEST`], from this byte on.
    TooDeep(usize),
    /// A second document begins at this byte.
    SecondDocument(usize),
    /// More than [`MOST_TAG_LINES`], up to this byte.
    TagLines(usize),
}

/// Reads a text's only document; one of nothing but comments has no events.
pub(super) fn events(yaml: &str) -> Result<Vec<Event>, Problem> {
    if let Some(at) = too_many_tag_lines(yaml) {
        return Err(Problem::TagLines(at));
    }
    let mut parser = Parser::new(yaml);
    let mut events = Vec::new();
    let mut depth = 0;
    let mut documents = 0;
    loop {
        steps::count(1);
        let (kind, range) = parser.next()?;
        let kind = match kind {
            sys::YAML_STREAM_END_EVENT => return Ok(events),
            sys::YAML_DOCUMENT_START_EVENT => {
                documents += 1;
                if documents > 1 {
                    return Err(Problem::SecondDocument(range.start));
                }
                continue;
            }
            sys::YAML_SCALAR_EVENT => Kind::Scalar,
            sys::YAML_ALIAS_EVENT => Kind::Alias,
            sys::YAML_SEQUENCE_START_EVENT => Kind::List,
            sys::YAML_MAPPING_START_EVENT => Kind::Map,
            sys::YAML_SEQUENCE_END_EVENT | sys::YAML_MAPPING_END_EVENT => Kind::End,
            _ => continue,
        };
        match kind {
            Kind::List | Kind::Map => depth += 1,
            Kind::End => depth -= 1,
            Kind::Scalar | Kind::Alias => {}
        }
        if depth > DEEPEST {
            return Err(Problem::TooDeep(range.start));
        }
        events.push(Event { kind, range });
    }
}

fn too_many_tag_lines(yaml: &str) -> Option<usize> {
    let mut lines = 0;
    let mut line_start = true;
    for (at, byte) in yaml.bytes().enumerate() {
        if line_start && yaml.as_bytes()[at..].starts_with(b"%TAG") {
            lines += 1;
            if lines > MOST_TAG_LINES {
                return Some(at);
            }
        }
        line_start = matches!(byte, b'\n' | b'\r');
    }
    None
}

/// A libyaml parser over a borrowed text.
struct Parser<'a> {
    /// Boxed, since it must not move. Initialized from `new` to `drop`.
    parser: Box<MaybeUninit<sys::yaml_parser_t>>,
    text: PhantomData<&'a str>,
}

impl<'a> Parser<'a> {
    fn new(text: &'a str) -> Self {
        let mut parser = Box::new(MaybeUninit::<sys::yaml_parser_t>::uninit());
        // SAFETY: The parser is initialized by the first call (which fails only by aborting for
        // want of memory), and the text outlives it by the lifetime `'a`.
        unsafe {
            let _ = sys::yaml_parser_initialize(parser.as_mut_ptr());
            sys::yaml_parser_set_encoding(parser.as_mut_ptr(), sys::YAML_UTF8_ENCODING);
            sys::yaml_parser_set_input_string(
                parser.as_mut_ptr(),
                text.as_ptr(),
                text.len() as u64,
            );
        }
        Self {
            parser,
            text: PhantomData,
        }
    }

    /// Reads on to the next event. After an error or the end, it must not be called again.
    fn next(&mut self) -> Result<(sys::yaml_event_type_t, Range<usize>), Problem> {
        let mut event = MaybeUninit::<sys::yaml_event_t>::zeroed();
        // SAFETY: The parser is initialized. It fills the event unless it fails, and what the
        // event owns is freed after its kind and marks, which are plain numbers, were copied.
        unsafe {
            if sys::yaml_parser_parse(self.parser.as_mut_ptr(), event.as_mut_ptr()).fail {
                return Err(self.problem());
            }
            let filled = event.assume_init_ref();
            let kind = filled.type_;
            let range = index(&filled.start_mark)..index(&filled.end_mark);
            sys::yaml_event_delete(event.as_mut_ptr());
            Ok((kind, range))
        }
    }

    fn problem(&self) -> Problem {
        // SAFETY: The parser is initialized, and the texts of its errors are static.
        unsafe {
            let parser = self.parser.assume_init_ref();
            let words = |text: *const std::ffi::c_char| {
                if text.is_null() {
                    return "";
                }
                CStr::from_ptr::<'static>(text).to_str().unwrap_or("")
            };
            Problem::Syntax {
                words: words(parser.problem.cast()),
                at: index(&parser.problem_mark),
                within: words(parser.context.cast()),
                within_at: index(&parser.context_mark),
            }
        }
    }
}

impl Drop for Parser<'_> {
    fn drop(&mut self) {
        // SAFETY: The parser is initialized, and nobody uses it after this.
        unsafe { sys::yaml_parser_delete(self.parser.as_mut_ptr()) }
    }
}

/// A mark's byte. (A front matter is far shorter than any `usize`.)
fn index(mark: &sys::yaml_mark_t) -> usize {
    usize::try_from(mark.index).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(yaml: &str) -> Vec<(Kind, &str)> {
        events(yaml)
            .unwrap()
            .into_iter()
            .map(|event| (event.kind, &yaml[event.range]))
            .collect()
    }

    #[test]
    fn tells_the_bytes_of_each_event() {
        assert_eq!(
            shown("가: [\"나\", &x 다]  # c\nb: *x\n"),
            [
                (Kind::Map, ""),
                (Kind::Scalar, "가"),
                (Kind::List, "["),
                (Kind::Scalar, "\"나\""),
                (Kind::Scalar, "&x 다"),
                (Kind::End, "]"),
                (Kind::Scalar, "b"),
                (Kind::Alias, "*x"),
                (Kind::End, ""),
            ]
        );
        assert_eq!(shown("# nothing\n"), []);
    }

    #[test]
    fn stops_at_what_would_take_long() {
        let deep = "a: ".to_owned() + &"[\"]\",".repeat(10_000);
        assert!(matches!(events(&deep), Err(Problem::TooDeep(at)) if at < 700));
        let second = format!("a: 1\n--- \n{}", "[\"]\",".repeat(10_000));
        assert_eq!(events(&second), Err(Problem::SecondDocument(5)));
        let tags: String = (0..17).map(|n| format!("%TAG !{n}! x\n")).collect();
        assert!(matches!(events(&tags), Err(Problem::TagLines(_))));
    }

    #[test]
    fn tells_what_is_wrong_and_what_it_was_reading() {
        assert_eq!(
            events("id: 1\ntitle x\n"),
            Err(Problem::Syntax {
                words: "could not find expected ':'",
                at: 14,
                within: "while scanning a simple key",
                within_at: 6,
            })
        );
    }
}
