//! What a user sees of connecting: a spinner while it lasts, a line per attempt if asked.

use std::sync::Mutex;

use super::print_line;
use crate::cli::GlobalArgs;
use crate::output::progress::Progress;
use crate::store::{ConnectEvent, Watcher};

/// Shows how connecting goes: with a spinner on a terminal, in lines where more is asked for.
pub fn watcher(options: &GlobalArgs, shows_progress: bool) -> Watcher {
    let (verbose, quiet) = (options.verbose, options.quiet);
    let spinner: Mutex<Option<(Progress, String)>> = Mutex::new(None);
    Watcher::new(move |event| {
        // A panic elsewhere leaves a spinner that is as good as any.
        let mut spinner = spinner
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        match event {
            ConnectEvent::Noted(note) if note.is_warning => {
                if !quiet {
                    print_line(format_args!("warning: {}", note.text));
                }
            }
            ConnectEvent::Noted(note) => {
                if verbose {
                    print_line(&note.text);
                }
            }
            ConnectEvent::Begun { location } => {
                let words = format!("connecting to {location}");
                let shown = Progress::spinner(shows_progress, words);
                *spinner = Some((shown, location.clone()));
            }
            ConnectEvent::Retrying {
                attempt,
                cause,
                waking,
            } => {
                if let Some((shown, location)) = &*spinner {
                    let doing = if *waking { "waking" } else { "waiting for" };
                    shown.say(&format!("{doing} {location}, attempt {attempt}: {cause}"));
                }
                if verbose {
                    print_line(format_args!("connecting, attempt {attempt}: {cause}"));
                }
            }
            ConnectEvent::NegotiationFellBack => {
                if verbose {
                    print_line("the server takes no direct TLS: negotiated as before");
                }
            }
            ConnectEvent::Ended => *spinner = None,
        }
    })
}
