//! Progress bars on standard error, for work that takes a noticeable time.

use std::borrow::Cow;
use std::sync::LazyLock;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

const BAR: &str = "{msg:>8} [{bar:30}] {pos}/{len} {eta}";
const COUNT: &str = "{spinner} {msg} {pos}";
// The text is cut to the width, so that a long cause does not scroll.
const SPINNER: &str = "{spinner} {wide_msg}";

/// All bars of the process: the store is connected to while files are read.
static SHOWN: LazyLock<MultiProgress> =
    LazyLock::new(|| MultiProgress::with_draw_target(ProgressDrawTarget::stderr()));

/// Prints to standard error, above the bars.
pub fn print_above<R>(print: impl FnOnce() -> R) -> R {
    SHOWN.suspend(print)
}

/// A bar, a count or a spinner; invisible if it is not enabled. It is cleared on drop, also
/// after an error, so that the next output starts on a clean line.
///
/// Counting is cheap and thread-safe.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// Creates a counter of files; a bar if the total is known.
    pub fn reading(enabled: bool, total: Option<u64>) -> Self {
        Self::new(enabled, total, "reading")
    }

    /// Creates a counter of posts that are compared.
    pub fn comparing(enabled: bool, total: Option<u64>) -> Self {
        Self::new(enabled, total, "comparing")
    }

    /// Creates a counter of posts that are written.
    pub fn writing(enabled: bool, total: Option<u64>) -> Self {
        Self::new(enabled, total, "writing")
    }

    /// Creates a spinner for something that is awaited: `connecting to db.example`.
    pub fn spinner(enabled: bool, message: impl Into<Cow<'static, str>>) -> Self {
        let message = super::message(&message.into());
        Self::with_template(enabled, None, SPINNER, message)
    }

    fn new(enabled: bool, total: Option<u64>, verb: &'static str) -> Self {
        let template = if total.is_some() { BAR } else { COUNT };
        Self::with_template(enabled, total, template, verb.to_owned())
    }

    fn with_template(
        enabled: bool,
        total: Option<u64>,
        template: &'static str,
        message: String,
    ) -> Self {
        let style = ProgressStyle::with_template(template)
            .expect("the templates above are valid: a test makes each")
            .progress_chars("=> ");
        let mut bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::hidden())
            .with_style(style)
            .with_message(message);
        if enabled {
            bar = SHOWN.add(bar);
            bar.enable_steady_tick(Duration::from_millis(100));
        }
        Self { bar }
    }

    /// Adds `n` to the count.
    pub fn inc(&self, n: u64) {
        self.bar.inc(n);
    }

    /// Raises the count to `n` if it is lower: for counts that arrive out of order.
    pub fn reach(&self, n: u64) {
        self.bar.set_position(n.max(self.bar.position()));
    }

    /// Sets the text of a spinner.
    pub fn say(&self, message: &str) {
        self.bar.set_message(super::message(message));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_is_valid_and_counts() {
        for progress in [
            Progress::reading(false, None),
            Progress::reading(false, Some(3)),
            Progress::comparing(false, Some(3)),
            Progress::writing(false, Some(3)),
            Progress::spinner(false, "connecting"),
        ] {
            progress.inc(2);
            progress.reach(1);
            assert_eq!(progress.bar.position(), 2);
            progress.reach(3);
            assert_eq!(progress.bar.position(), 3);
        }
    }

    #[test]
    fn may_be_counted_from_several_threads() {
        let progress = Progress::reading(false, Some(400));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..100).for_each(|_| progress.inc(1)));
            }
        });
        assert_eq!(progress.bar.position(), 400);
    }
}
