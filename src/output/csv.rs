//! Comma-separated values: a header, then a record a row.
//!
//! Control characters are dropped and line ends become spaces, so that a record is a line. A
//! field that is a list is a JSON list, so that no item is taken for two. Programs that need
//! every byte use JSON. A value that cannot be shown is an empty field, since a marker would
//! not be a valid date or number; the warning on standard error distinguishes it from an absent
//! one.

use std::io::{self, Write};

use super::{Record, Sink, one_line};
use crate::post::PostId;

/// A sink that writes all pages as one CSV file.
pub struct Pages<W: Write> {
    out: csv::Writer<W>,
    begun: bool,
}

impl<W: Write> Pages<W> {
    /// Creates a sink that writes to `out`.
    pub fn new(out: W) -> Self {
        Self {
            out: csv::Writer::from_writer(out),
            begun: false,
        }
    }

    fn begin<T: Record>(&mut self) -> io::Result<()> {
        if !self.begun {
            self.begun = true;
            self.out.write_record(T::CSV_HEADER).map_err(io_error)?;
        }
        Ok(())
    }
}

impl<T: Record, W: Write> Sink<T> for Pages<W> {
    fn page(&mut self, rows: &[T]) -> io::Result<()> {
        self.begin::<T>()?;
        for row in rows {
            let fields = row.csv_fields();
            let fields = fields.iter().map(|field| one_line(field).into_owned());
            self.out.write_record(fields).map_err(io_error)?;
        }
        self.out.flush()
    }

    fn end(&mut self, _: Option<PostId>) -> io::Result<()> {
        self.begin::<T>()?;
        self.out.flush()
    }
}

/// Converts an error and keeps its kind, which the csv crate's own conversion drops: exit
/// statuses depend on a closed pipe.
fn io_error(error: csv::Error) -> io::Error {
    let kind = match error.kind() {
        csv::ErrorKind::Io(cause) => cause.kind(),
        _ => io::ErrorKind::Other,
    };
    io::Error::new(kind, error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::samples::{bare, full, run};
    use crate::post::StoredPost;

    fn csv_of<T: Record>(pages: &[&[T]]) -> String {
        let mut out = Vec::new();
        let mut sink = Pages::new(&mut out);
        for page in pages {
            sink.page(page).unwrap();
        }
        Sink::<T>::end(&mut sink, None).unwrap();
        drop(sink);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_header_stands_once_above_all_pages() {
        let text = csv_of(&[&[full(2, "b")], &[bare(1)]]);
        insta::assert_snapshot!(text, @r#"
        id,title,description,category,tags,image,created_at,updated_at,word_count,path,slug,extra
        2,b,"What it is about, in short",guide,"[""neon"",""색인""]",/a.png,2025-11-28T00:00:00Z,2025-12-01T10:20:30.123456Z,512,content/a.md,a-title,"{""cover"":{""alt"":""a cat""},""layout"":""wide""}"
        1,,,,[],,,,,,,{}
        "#);
    }

    #[test]
    fn an_empty_list_is_a_header() {
        let nothing: &[&[StoredPost]] = &[];
        assert_eq!(csv_of(nothing).lines().count(), 1);
    }

    #[test]
    fn quotes_commas_and_controls_leave_one_record_a_line() {
        let text = csv_of(&[&[full(1, "a \"b\", c\nd\u{1b}[0m")]]);
        assert_eq!(text.lines().count(), 2);
        assert!(text.contains("1,\"a \"\"b\"\", c d[0m\","), "{text}");
    }

    proptest::proptest! {
        #[test]
        fn tags_come_back_as_they_were(tags: Vec<String>) {
            let mut post = full(1, "=1+1");
            post.tags = tags;
            let text = csv_of(&[std::slice::from_ref(&post)]);
            let mut reader = csv::Reader::from_reader(text.as_bytes());
            let record = reader.records().next().unwrap().unwrap();
            let back: Vec<String> = serde_json::from_str(&record[4]).unwrap();
            proptest::prop_assert_eq!(back, post.tags);
            proptest::prop_assert_eq!(&record[1], "=1+1");
        }
    }

    #[test]
    fn a_run_is_a_record() {
        let text = csv_of(&[&[run(9)]]);
        assert_eq!(
            text.lines().nth(1).unwrap(),
            "9,2025-11-28T00:00:00Z,2025-11-28T00:00:01.500000Z,1,2,3,4,5,content,ada@laptop"
        );
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
        // More than the writer's buffer, so that writing a record meets the closed pipe.
        let rows: Vec<_> = (0..2_000).map(|_| full(1, "a title")).collect();
        let error = Pages::new(Closed).page(&rows).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
    }
}
