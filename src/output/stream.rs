//! Standard output and standard error, as streams that mask passwords.
//!
//! Nothing else in this crate may write there; clippy enforces it (`clippy.toml`).

use std::borrow::Cow;
use std::io::{self, BufWriter, IsTerminal, Stderr, Stdout, Write};
use std::sync::Arc;

use anstream::{AutoStream, ColorChoice};

use crate::secret::{self, Coding, Edit, Level, Matcher};

/// The size of the buffer in bytes, up to which text is gathered before it is searched.
const CHUNK: usize = 64 * 1024;

/// The content of a stream, which decides how much of it is masked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// Messages of blogctl, libraries and servers: passwords are masked everywhere.
    Messages,
    /// The user's posts: passwords are masked where they are part of an address.
    Posts,
}

impl Holds {
    fn level(self) -> Level {
        match self {
            Self::Messages => Level::Messages,
            Self::Posts => Level::Posts,
        }
    }
}

/// A stream that masks known passwords, even if they arrive in pieces.
///
/// It buffers its input. When it is flushed or the buffer is full, it writes everything except
/// an end that may be the beginning of a password. Without known passwords it writes everything
/// at once.
pub struct Masked<W: Write> {
    inner: W,
    level: Level,
    coding: Coding,
    matcher: Arc<Matcher>,
    pending: Vec<u8>,
    /// True if each complete line is written at once.
    by_line: bool,
}

impl<W: Write> Masked<W> {
    fn new(inner: W, level: Level, coding: Coding, by_line: bool) -> Self {
        Self {
            inner,
            level,
            coding,
            matcher: secret::current(level, coding),
            pending: Vec::new(),
            by_line,
        }
    }

    /// Writes the part of the buffer that is decided.
    fn pass_on(&mut self, until: Until) -> io::Result<()> {
        let styled = Styled::new(&self.pending, until == Until::End);
        let end = match until {
            Until::End => styled.text.len(),
            Until::Flush => self.matcher.decided(&styled.text, true),
            Until::Full => self.matcher.decided(&styled.text, false),
        };
        let (masked, length) = styled.edited(&self.matcher.edits(&styled.text, end), end);
        // After an error, the same bytes are not written again.
        self.pending.drain(..length);
        self.inner.write_all(&masked)
    }
}

/// The part of the buffer to write.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Until {
    /// As much as needed to make room in the buffer.
    Full,
    /// Everything except a possible beginning of a password.
    Flush,
    /// Everything: nothing follows.
    End,
}

impl<W: Write> Write for Masked<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !secret::is_current(&self.matcher) {
            self.matcher = secret::current(self.level, self.coding);
        }
        if self.matcher.is_empty() {
            return self.inner.write(bytes);
        }
        let taken = &bytes[..bytes.len().min(CHUNK)];
        self.pending.extend_from_slice(taken);
        if self.by_line && taken.contains(&b'\n') {
            self.pass_on(Until::Flush)?;
        } else if self.pending.len() > CHUNK {
            self.pass_on(Until::Full)?;
        }
        Ok(taken.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.pass_on(Until::Flush)?;
        self.inner.flush()
    }
}

impl<W: Write> Drop for Masked<W> {
    fn drop(&mut self) {
        // As in any buffered writer, errors are reported by `flush`.
        let _ = self.pass_on(Until::End).and_then(|()| self.inner.flush());
    }
}

/// Bytes split into text and styling sequences, since a style may begin within a password.
struct Styled<'a> {
    text: Cow<'a, [u8]>,
    /// Each sequence, with its position in the text.
    styles: Vec<(usize, &'a [u8])>,
}

impl<'a> Styled<'a> {
    /// Splits bytes. An incomplete sequence at the end is left out, unless nothing follows.
    fn new(bytes: &'a [u8], is_end: bool) -> Self {
        let mut styles = Vec::new();
        if !bytes.contains(&ESCAPE) {
            let text = Cow::Borrowed(bytes);
            return Self { text, styles };
        }
        let mut text = Vec::with_capacity(bytes.len());
        let mut rest = bytes;
        while let Some(at) = rest.iter().position(|byte| *byte == ESCAPE) {
            text.extend_from_slice(&rest[..at]);
            rest = &rest[at..];
            match style_length(rest) {
                Some(0) => {
                    text.push(ESCAPE);
                    rest = &rest[1..];
                }
                Some(length) => {
                    styles.push((text.len(), &rest[..length]));
                    rest = &rest[length..];
                }
                None if is_end => break,
                None => {
                    rest = &[];
                }
            }
        }
        text.extend_from_slice(rest);
        let text = Cow::Owned(text);
        Self { text, styles }
    }

    /// Returns the bytes up to a position in the text, or up to the end of the last edit if
    /// that is later, with the edits applied; and the number of input bytes that were used.
    fn edited(&self, edits: &[Edit<'_>], end: usize) -> (Vec<u8>, usize) {
        let mut bytes = Vec::with_capacity(end);
        let mut styles = self.styles.iter().peekable();
        let mut styles_length = 0;
        let mut at = 0;
        let whole = edits.last().map_or(end, |(range, _)| range.end.max(end));
        for (range, mask) in edits.iter().cloned().chain([(whole..whole, "")]) {
            while let Some((place, style)) = styles.next_if(|(place, _)| *place <= range.start) {
                bytes.extend_from_slice(&self.text[at..*place]);
                at = *place;
                bytes.extend_from_slice(style);
                styles_length += style.len();
            }
            bytes.extend_from_slice(&self.text[at..range.start]);
            bytes.extend_from_slice(mask.as_bytes());
            // A style that begins within a password is moved after its mask.
            while let Some((_, style)) = styles.next_if(|(place, _)| *place < range.end) {
                bytes.extend_from_slice(style);
                styles_length += style.len();
            }
            at = range.end;
        }
        (bytes, whole + styles_length)
    }
}

const ESCAPE: u8 = 0x1b;

/// Returns the length of the styling sequence at the start of bytes, 0 for any other sequence;
/// `None` if it is incomplete.
fn style_length(bytes: &[u8]) -> Option<usize> {
    if *bytes.get(1)? != b'[' {
        return Some(0);
    }
    let is_parameter = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b';' | b':');
    let end = 2 + bytes[2..]
        .iter()
        .take_while(|byte| is_parameter(byte))
        .count();
    Some(if *bytes.get(end)? == b'm' { end + 1 } else { 0 })
}

/// Returns standard output for text with styles, buffered: flush it. The codes of the styles are
/// dropped unless `styled`.
pub fn stdout(holds: Holds, styled: bool) -> Masked<impl Write> {
    let out = BufWriter::new(AutoStream::new(raw_stdout(), choice(styled)));
    Masked::new(out, holds.level(), Coding::Text, false)
}

/// Returns standard output for JSON, buffered: flush it.
pub fn json_stdout(holds: Holds) -> Masked<impl Write> {
    // Without colour there is nothing to strip.
    Masked::new(
        BufWriter::new(raw_stdout()),
        holds.level(),
        Coding::Json,
        false,
    )
}

/// Returns standard output for CSV, buffered: flush it.
pub fn csv_stdout() -> Masked<impl Write> {
    Masked::new(
        BufWriter::new(raw_stdout()),
        Level::Posts,
        Coding::Csv,
        false,
    )
}

/// Returns standard error for text with styles, whose codes are dropped unless `styled`.
pub fn stderr(styled: bool) -> Masked<impl Write> {
    let err = AutoStream::new(raw_stderr(), choice(styled));
    Masked::new(err, Level::Messages, Coding::Text, true)
}

fn choice(styled: bool) -> ColorChoice {
    if styled {
        ColorChoice::Always
    } else {
        ColorChoice::Never
    }
}

/// Returns true if standard output is a terminal that shows styles, and the environment does not
/// say otherwise.
pub fn stdout_takes_styles() -> bool {
    AutoStream::choice(&raw_stdout()) != ColorChoice::Never
}

/// Returns true if standard error is a terminal that shows styles, and the environment does not
/// say otherwise.
pub fn stderr_takes_styles() -> bool {
    AutoStream::choice(&raw_stderr()) != ColorChoice::Never
}

/// Returns true if standard output is a terminal.
pub fn is_stdout_terminal() -> bool {
    raw_stdout().is_terminal()
}

/// Returns true if standard error is a terminal.
pub fn is_stderr_terminal() -> bool {
    raw_stderr().is_terminal()
}

#[expect(clippy::disallowed_methods, reason = "the one place that may")]
fn raw_stdout() -> Stdout {
    io::stdout()
}

#[expect(clippy::disallowed_methods, reason = "the one place that may")]
fn raw_stderr() -> Stderr {
    io::stderr()
}

#[cfg(test)]
mod tests;
