//! What a user sees of connecting: a spinner while it lasts, a line per attempt if asked.

use std::sync::Mutex;

use crate::output::progress::Progress;
use crate::output::ui::Ui;
use crate::store::{ConnectEvent, Watcher};

/// Shows how connecting goes: with a spinner on a terminal, in lines where more is asked for.
pub fn watcher(ui: Ui) -> Watcher {
    let spinner: Mutex<Option<(Progress, String)>> = Mutex::new(None);
    Watcher::new(move |event| {
        // A panic elsewhere leaves a spinner that is as good as any.
        let mut spinner = spinner
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        match event {
            ConnectEvent::Noted(note) if note.is_warning => ui.warning(&note.text),
            ConnectEvent::Noted(note) => ui.detail(&note.text),
            ConnectEvent::Begun { location } => {
                let words = format!("connecting to {location}");
                let shown = Progress::spinner(ui.shows_progress(), words);
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
                ui.detail(format_args!("connecting, attempt {attempt}: {cause}"));
            }
            ConnectEvent::NegotiationFellBack => {
                ui.detail("the server takes no direct TLS: negotiated as before");
            }
            ConnectEvent::Ended => *spinner = None,
        }
    })
}
