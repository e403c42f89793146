//! The terms under which a store indexes a post.

use std::collections::HashSet;

use super::normalise::{Folded, MAX_FOLDED};
use super::text::{Document, of_markdown, plain, plain_lines, segments};
use super::tokens::{
    STEM_MARK, Token, WINDOW, end_of_name, end_of_part, end_of_word, push_term, tokens, with_stem,
};

/// The version of the terms; raised whenever [`terms`] changes, so that a store rebuilds its
/// index.
pub const TERMS_VERSION: i32 = 1;

/// The most terms of a post.
pub const MAX_TERMS: usize = 30_000;

/// The most bytes of a post's terms together: PostgreSQL 15 stores more than 1 MB corrupt and
/// says nothing.
pub const MAX_TERMS_BYTES: usize = 700_000;

/// The most bytes of a category's or tag's term.
const MAX_LABEL_BYTES: usize = 255;

/// The terms of a post.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// The terms, sorted by bytes, unique, 1 to 255 bytes long, without white space or control
    /// characters except in the names of categories and tags.
    pub terms: Vec<String>,
    /// True if terms were left out because there are more than [`MAX_TERMS`] or
    /// [`MAX_TERMS_BYTES`], or because a field has more than [`MAX_FOLDED`] characters; those
    /// of the category, tags, title and description come first.
    pub truncated: bool,
}

/// Returns a post's terms.
pub fn terms(document: &Document<'_>, category: Option<&str>) -> Terms {
    let mut maker = Maker::default();
    maker.label(category.map(category_term));
    for tag in document.tags {
        maker.label(Some(tag_term(tag)));
    }
    maker.text(&plain(document.title));
    maker.text(&plain_lines(document.tags.iter().map(String::as_str)));
    maker.text(&plain(document.description.unwrap_or_default()));
    // One segment at a time, so that the whole text is never in memory.
    let mut characters = 0;
    for segment in segments(document.markdown) {
        if maker.truncated {
            break;
        }
        characters += maker.text(&of_markdown(segment));
        maker.truncated |= characters >= MAX_FOLDED;
    }
    let mut terms: Vec<String> = maker.seen.into_iter().collect();
    terms.sort_unstable();
    Terms {
        terms,
        truncated: maker.truncated,
    }
}

/// Returns the term of a category: `c:` and its name.
pub fn category_term(name: &str) -> String {
    label("c:", name)
}

/// Returns the term of a tag: `t:` and its name.
pub fn tag_term(name: &str) -> String {
    label("t:", name)
}

/// Returns a term for a name. A long name is cut and gets its digest appended, so that two
/// names never share a term.
fn label(mark: &str, name: &str) -> String {
    if mark.len() + name.len() <= MAX_LABEL_BYTES {
        return format!("{mark}{name}");
    }
    let digest = &blake3::hash(name.as_bytes()).to_hex()[..32];
    let room = MAX_LABEL_BYTES - mark.len() - 1 - digest.len();
    format!("{mark}{}:{digest}", &name[..name.floor_char_boundary(room)])
}

#[derive(Default)]
struct Maker {
    seen: HashSet<String>,
    bytes: usize,
    truncated: bool,
    /// Words that are already stemmed: stemming takes most of the time.
    stemmed: HashSet<String>,
    scratch: String,
}

impl Maker {
    fn label(&mut self, term: Option<String>) {
        self.scratch = term.unwrap_or_default();
        self.add_scratch();
    }

    /// Adds the terms of a text, and returns how many characters it has when folded.
    fn text(&mut self, text: &str) -> usize {
        let folded = Folded::new(text);
        for run in tokens(&folded.kinds) {
            match run {
                Token::Windows(range) => {
                    for at in range.clone() {
                        self.add(&folded.chars[at..range.end.min(at + WINDOW)]);
                    }
                }
                Token::Symbol(at) => self.add(&folded.chars[at..=at]),
                Token::Name(range) => {
                    let end = end_of_name(&folded.chars, &folded.kinds, range.clone());
                    self.name(&folded, range.start, end);
                }
            }
            if self.truncated {
                break;
            }
        }
        self.truncated |= folded.len() >= MAX_FOLDED;
        folded.len()
    }

    /// Adds every suffix of a name that a search may start at: a word, a part of one, or the
    /// joiner before it. A prefix search then finds it.
    fn name(&mut self, folded: &Folded, start: usize, end: usize) {
        let chars = &folded.chars;
        let mut at = start;
        while at < end && !self.truncated {
            let word_end = end_of_word(&folded.kinds, at);
            if word_end == at {
                // A joiner.
                if end_of_word(&folded.kinds, at + 1) > at + 1 && at + 1 < end {
                    self.add(&chars[at..end]);
                }
                at += 1;
                continue;
            }
            self.stem(&chars[at..word_end], true);
            for part in (at..word_end).filter(|i| folded.part_starts[*i]) {
                self.add(&chars[part..word_end]);
                if word_end < end {
                    self.add(&chars[part..end]);
                }
                let part_end = end_of_part(chars, &folded.part_starts, part, word_end);
                if (part, part_end) != (at, word_end) {
                    self.stem(&chars[part..part_end], part_end == word_end);
                }
            }
            at = word_end;
        }
    }

    /// Adds a word's stem, unless the word is its own stem and already a term (`last`).
    fn stem(&mut self, word: &[char], last: bool) {
        if word.len() < 3 || word.len() > 32 {
            return;
        }
        self.scratch.clear();
        self.scratch.extend(word);
        if last && self.stemmed.contains(&self.scratch) {
            return;
        }
        let differs = with_stem(word, |stem| {
            let differs = stem != self.scratch;
            if last {
                self.stemmed.insert(std::mem::take(&mut self.scratch));
            }
            self.scratch.clear();
            self.scratch.push(STEM_MARK);
            self.scratch.push_str(stem);
            differs
        });
        if differs.is_some_and(|differs| differs || !last) {
            self.add_scratch();
        }
    }

    fn add(&mut self, chars: &[char]) {
        self.scratch.clear();
        push_term(&mut self.scratch, chars);
        self.add_scratch();
    }

    fn add_scratch(&mut self) {
        if self.scratch.is_empty() || self.seen.contains(&self.scratch) {
            return;
        }
        let bytes = self.bytes + self.scratch.len();
        if self.seen.len() == MAX_TERMS || bytes > MAX_TERMS_BYTES {
            self.truncated = true;
            return;
        }
        self.bytes = bytes;
        self.seen.insert(self.scratch.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(markdown: &str) -> Vec<String> {
        let document = Document {
            markdown,
            ..Document::default()
        };
        terms(&document, None).terms
    }

    fn check(markdown: &str, expected: &[&str]) {
        let mut expected = expected.to_vec();
        expected.sort_unstable();
        assert_eq!(of(markdown), expected, "{markdown}");
    }

    #[test]
    fn windows_cover_every_position() {
        check(
            "복합인덱스를",
            &["복합인", "합인덱", "인덱스", "덱스를", "스를", "를"],
        );
        check("쿼리", &["쿼리", "리"]);
        check("日本語の", &["日本語", "本語の", "語の", "の"]);
        check("ｶﾞﾁｬ", &["ガチャ", "チャ", "ャ"]);
        check("ไทย", &["ไทย", "ทย", "ย"]);
    }

    #[test]
    fn scripts_are_split_first() {
        check("PostgreSQL의", &["postgresql", "sql", "의", "=postgr"]);
        check("20만", &["20", "만"]);
    }

    #[test]
    fn words_give_their_stems_apart() {
        check("Indexes", &["indexes", "=index"]);
        check("index", &["index"]);
        check("Привет Ελλάς", &["привет", "ελλάσ"]);
    }

    #[test]
    fn identifiers_give_every_end_and_the_stems_of_their_parts() {
        check(
            "max_connections",
            &["max_connections", "connections", "=connect", "=max"],
        );
        check("useEffect", &["useeffect", "effect", "=use"]);
    }

    #[test]
    fn names_keep_their_punctuation() {
        check("15.18.", &["15", "15.18", ".18", "18"]);
        check("C++, C#", &["c", "c++", "c#"]);
        check("`.NET`", &["net", ".net"]);
        check(
            "`--dry-run`",
            &["-dry-run", "dry-run", "dry", "-run", "run", "=dri"],
        );
        check(
            "a@b.io",
            &["a", "a@b.io", "@b.io", "b", "b.io", ".io", "io"],
        );
        check("O(log n)", &["o", "log", "n"]);
        check("a → 👍🏽", &["a", "→", "👍", "🏽"]);
    }

    #[test]
    fn category_and_tags_have_terms_of_their_own() {
        let document = Document {
            title: "c:x",
            tags: &["Rust 언어".to_owned()],
            ..Document::default()
        };
        assert_eq!(
            terms(&document, Some("CASE_STUDY")).terms,
            [
                "c",
                "c:CASE_STUDY",
                "rust",
                "t:Rust 언어",
                "x",
                "어",
                "언어"
            ]
        );
    }

    #[test]
    fn long_names_share_no_term() {
        let long = "가".repeat(99);
        let (one, other) = (tag_term(&format!("{long}a")), tag_term(&format!("{long}b")));
        assert_ne!(one, other);
        assert!(one.len() <= 255 && other.len() <= 255);
        assert_eq!(tag_term("x"), "t:x");
    }

    #[test]
    fn too_many_words_are_cut_and_told() {
        let many: String = (0..100_000).map(|i| format!("w{i} ")).collect();
        let made = terms(
            &Document {
                title: "제목",
                markdown: &many,
                ..Document::default()
            },
            Some("C"),
        );
        assert!(made.truncated);
        assert_eq!(made.terms.len(), MAX_TERMS);
        assert!(made.terms.iter().any(|term| term == "c:C"));
        assert!(made.terms.iter().any(|term| term == "제목"));
        let long: String = (0..29_000).map(|i| format!("{i:x>60} ")).collect();
        let made = terms(
            &Document {
                markdown: &long,
                ..Document::default()
            },
            None,
        );
        assert!(made.truncated);
        let bytes: usize = made.terms.iter().map(String::len).sum();
        assert!(bytes <= MAX_TERMS_BYTES && bytes > MAX_TERMS_BYTES - 64);
    }
}
