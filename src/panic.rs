//! The panic message, which never contains a password.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::io::Write;
use std::panic::{self, PanicHookInfo};
use std::thread;

use crate::output::ui::Ui;
use crate::output::{clean_block, shortened, style};
use crate::secret;

/// Installs a panic hook that prints a redacted message, in place of an earlier hook.
pub fn install(ui: Ui) {
    panic::set_hook(Box::new(move |info| {
        let text = describe(info);
        let (bad, good, off) = (style::ERROR, style::HELP, style::ERROR.render_reset());
        let mut err = ui.stderr();
        // If standard error fails, there is nowhere left to report to.
        let _ = write!(
            err,
            "{bad}internal error{off}: {text}\n\
             {good}help{off}: this is a mistake in blogctl {}; please report these lines and the \
             command, without its addresses\n",
            env!("CARGO_PKG_VERSION"),
        );
        let _ = err.flush();
    }));
}

/// Returns the place and the reason of a panic. The reason may contain data such as an address.
fn describe(info: &PanicHookInfo<'_>) -> String {
    let thread = thread::current();
    let thread = thread.name().unwrap_or("unnamed").to_owned();
    let place = info
        .location()
        .map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
    let reason = match info.payload_as_str() {
        Some(reason) => secret::redact_thoroughly(reason),
        None => "no reason given".to_owned(),
    };
    let reason = shortened(clean_block(reason.trim_end()));
    let mut text = format!("{reason}\n  in thread {thread} at {place}");
    let backtrace = Backtrace::capture();
    if backtrace.status() == BacktraceStatus::Captured {
        text.push_str(&format!("\n{backtrace}"));
    }
    text
}
