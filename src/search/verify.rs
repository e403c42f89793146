//! Verification of a query against a text, with the places of its matches.

use std::ops::{ControlFlow, Range};

use super::normalise::{Folded, Kind};
use super::query::{Literal, Pattern, Query, Word};
use super::text::{Document, of_markdown, plain, plain_lines};
use super::tokens::{end_of_part, end_of_word, with_stem};

/// A post's text prepared for [`Query::matches`], [`super::snippet`] and [`super::score`].
///
/// Takes about ten bytes of memory per character of the post.
#[derive(Clone, Debug)]
pub struct SearchableText {
    pub(super) title: Field,
    pub(super) tags: Field,
    pub(super) description: Field,
    pub(super) body: Field,
}

/// One field's text, as shown and folded.
#[derive(Clone, Debug)]
pub(super) struct Field {
    /// Plain text, a line for each block.
    pub text: String,
    pub folded: Folded,
}

impl From<String> for Field {
    fn from(text: String) -> Self {
        let folded = Folded::new(&text);
        Self { text, folded }
    }
}

impl SearchableText {
    /// Parses a post's Markdown and folds its text, once for all uses.
    pub fn new(document: &Document<'_>) -> Self {
        Self {
            title: plain(document.title).into(),
            tags: plain_lines(document.tags.iter().map(String::as_str)).into(),
            description: plain(document.description.unwrap_or_default()).into(),
            body: of_markdown(document.markdown).into(),
        }
    }

    /// Returns the fields, the short ones first.
    fn fields(&self) -> [&Field; 4] {
        [&self.title, &self.tags, &self.description, &self.body]
    }
}

impl Query {
    /// Returns true if every required word and phrase occurs, in any field, and no excluded
    /// one.
    pub fn matches(&self, prepared: &SearchableText) -> bool {
        self.clauses.iter().all(|clause| {
            let fields = prepared.fields();
            let occurs = fields.iter().any(|field| clause.pattern.occurs(field));
            occurs != clause.excluded
        })
    }
}

impl Pattern {
    fn occurs(&self, field: &Field) -> bool {
        self.find(&field.folded, |_| ControlFlow::Break(()))
            .is_break()
    }

    /// Calls `found` with the folded characters of each occurrence, in order; occurrences of
    /// a literal may overlap.
    pub fn find(
        &self,
        folded: &Folded,
        found: impl FnMut(Range<usize>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        match self {
            Self::Word(word) => word.find(folded, found),
            Self::Literal(literal) => literal.find(folded, found),
        }
    }
}

impl Word {
    fn find(
        &self,
        folded: &Folded,
        mut found: impl FnMut(Range<usize>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let mut start = 0;
        while let Some(kind) = folded.kinds.get(start) {
            if *kind != Kind::Word {
                start += 1;
                continue;
            }
            let word = start..end_of_word(&folded.kinds, start);
            // Stemming never changes a word's first letter.
            let may_start =
                |at: &usize| folded.chars[*at] == self.chars[0] && folded.part_starts[*at];
            for at in word.clone().filter(may_start) {
                if let Some(end) = self.end_at(folded, at, &word) {
                    found(at..end)?;
                }
            }
            start = word.end;
        }
        ControlFlow::Continue(())
    }

    /// Returns the end of the occurrence that starts at `at`, a part of `word`.
    fn end_at(&self, folded: &Folded, at: usize, word: &Range<usize>) -> Option<usize> {
        let chars = &folded.chars;
        let end = word.end;
        if chars[at..end].starts_with(&self.chars) && (!self.is_whole() || end == at + 1) {
            return Some(at + self.chars.len());
        }
        let stem = self.stem.as_deref()?;
        let has_stem = |word: &[char]| with_stem(word, |other| other == stem) == Some(true);
        let part_end = end_of_part(chars, &folded.part_starts, at, end);
        if has_stem(&chars[at..part_end]) {
            return Some(part_end);
        }
        let is_stem = || chars[at..end].iter().copied().eq(stem.chars());
        (at == word.start && has_stem(&chars[at..end]) || is_stem()).then_some(end)
    }
}

impl Literal {
    fn find(
        &self,
        folded: &Folded,
        mut found: impl FnMut(Range<usize>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let length = self.chars.len();
        let mut matched = 0;
        for (at, c) in folded.chars.iter().enumerate() {
            while matched > 0 && (matched == length || self.chars[matched] != *c) {
                matched = self.borders[matched - 1];
            }
            if self.chars[matched] == *c {
                matched += 1;
            }
            if matched == length {
                let range = at + 1 - length..at + 1;
                if self.stands_free(folded, &range) {
                    found(range)?;
                }
            }
        }
        ControlFlow::Continue(())
    }

    /// Returns true if letters at the ends are at word boundaries as required: of whole words
    /// if quoted, otherwise at a start of a word or of a part of one.
    fn stands_free(&self, folded: &Folded, range: &Range<usize>) -> bool {
        let is_word = |at: usize| folded.kinds.get(at) == Some(&Kind::Word);
        let left = !is_word(range.start)
            || if self.quoted {
                range.start == 0 || !is_word(range.start - 1)
            } else {
                folded.part_starts[range.start]
            };
        left && !(self.quoted && is_word(range.end - 1) && is_word(range.end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(query: &str, markdown: &str) -> bool {
        let prepared = SearchableText::new(&Document {
            markdown,
            ..Document::default()
        });
        Query::parse(query).unwrap().matches(&prepared)
    }

    #[track_caller]
    fn check(query: &str, found: &[&str], missed: &[&str]) {
        for text in found {
            assert!(matches(query, text), "{query} misses {text}");
        }
        for text in missed {
            assert!(!matches(query, text), "{query} finds {text}");
        }
    }

    #[test]
    fn scripts_without_spaces_are_found_inside_words() {
        check("인덱스", &["복합인덱스를", "B인덱스"], &["인 덱스", "덱스"]);
        check("리", &["쿼리를"], &["쿼"]);
        check(
            "데이터베이스",
            &["내데이터베이스의"],
            &["데이터 베이스", "데이터베이"],
        );
        check("カ", &["ｶﾅ"], &["ガ"]);
    }

    #[test]
    fn words_are_found_by_start_stem_and_part() {
        check(
            "index",
            &["Indexes", "reindex_index", "an index"],
            &["reindex"],
        );
        check("indexing", &["indexes", "index", "index_all"], &["indent"]);
        check(
            "connections",
            &["max_connections", "MaxConnection"],
            &["disconnections"],
        );
        check("effect", &["useEffect"], &["useeffect"]);
        check("server", &["HTTPServer"], &["HTTPSERVER"]);
        check("n", &["O(log n)", "a_n"], &["net", "n_a"]);
        check("lying", &["lie", "lies"], &["lip"]);
    }

    #[test]
    fn names_are_found_as_written() {
        check(
            "15.18",
            &["on 15.18.", "v 15.18-3"],
            &["15 18", "115.18", "1518", "15.1"],
        );
        check("C++", &["(C++)", "C++17", "C++로"], &["C+", "C"]);
        check("C#", &["C#."], &["C", "# C"]);
        check(".NET", &[".NET", "ASP.NET"], &["net"]);
        check("node.js", &["Node.js의"], &["node js", "xnode.js"]);
        check("me@e.org", &["`me@e.org`"], &["me e.org"]);
        check("--dry-run", &["`a --dry-run`"], &["dry-run", "-dry-run"]);
        check("dry-run", &["`--dry-run`"], &["dry run"]);
        check("src/main.rs", &["`./src/main.rs`"], &["src main.rs"]);
        check("PostgreSQL의", &["PostgreSQL의"], &["PostgreSQL 의"]);
        check("don't", &["I don’t"], &["dont"]);
        check("👍", &["👍🏽", "a👍b"], &["👎"]);
    }

    #[test]
    fn phrases_stand_as_written_within_a_block() {
        check(
            "\"cold start\"",
            &["a Cold\n  start.", "cold **start**", "`cold start`"],
            &[
                "cold starts",
                "cold\n\nstart",
                "cold, start",
                "scold start",
                "- cold\n- start",
            ],
        );
        check("\"index\"", &["index"], &["indexes", "my_index"]);
        check("\"쿼리 하나\"", &["쿼리 하나를"], &["쿼리하나"]);
        check(
            "\"O(log n)\"",
            &["에 O(log n)이"],
            &["O(log nn)", "O (log n)"],
        );
        check("\"hello, world!\"", &["Hello, world!"], &["hello world"]);
    }

    #[test]
    fn what_is_excluded_must_not_occur() {
        check(
            "-prisma serverless",
            &["serverless"],
            &["serverless Prisma", "neon"],
        );
        check("a -\"b c\"", &["a c b"], &["a b c"]);
    }

    #[test]
    fn overlapping_occurrences_are_all_found() {
        let prepared = Field::from("가가가 나다나다나라".to_owned());
        let count = |query: &str| {
            let query = Query::parse(query).unwrap();
            let mut count = 0;
            let _ = query
                .required()
                .next()
                .unwrap()
                .find(&prepared.folded, |_| {
                    count += 1;
                    ControlFlow::Continue(())
                });
            count
        };
        assert_eq!(count("가가"), 2);
        assert_eq!(count("나다나라"), 1);
        assert_eq!(count("나다다"), 0);
    }
}
