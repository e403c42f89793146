//! Judges who can get at the passwords in settings files.

use super::facts::Exposure;
use super::{Area, Finding};

/// Judges the settings files that hold a password.
pub fn findings(exposures: &[Exposure]) -> Vec<Finding> {
    const CHECK: &str = "secrets";
    let mut found = Vec::new();
    for Exposure {
        file,
        readable_mode,
        is_tracked,
    } in exposures
    {
        let mut is_safe = true;
        if let Some(mode) = readable_mode {
            is_safe = false;
            let message =
                format!("{file} holds a password, and others can read it (mode {mode:o})");
            found.push(Finding::warning(CHECK, message).help(format!("run `chmod 600 {file}`")));
        }
        if *is_tracked == Some(true) {
            is_safe = false;
            let message = format!("{file} holds a password, and git tracks it");
            found.push(Finding::warning(CHECK, message).help(format!(
                "change the password, since it stays in the history; keep it in the environment, \
                 or in an .env that git ignores: `git rm --cached {file}`"
            )));
        }
        if is_tracked.is_none() {
            is_safe = false;
            let message = format!("{file} holds a password; git's index could not be read");
            found.push(
                Finding::hint(CHECK, message)
                    .help(format!("see that `git ls-files {file}` prints nothing")),
            );
        }
        if is_safe {
            let message = format!("{file} holds a password, for its owner alone");
            found.push(Finding::ok(CHECK, message));
        }
    }
    let found = found.into_iter();
    found
        .map(|finding| finding.in_area(Area::Setting))
        .collect()
}
