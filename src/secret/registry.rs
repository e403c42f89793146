//! The secrets of this process, and the matchers that are made of them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use super::matcher::{Coding, Kind, Level, Matcher, Secret};

/// The secrets of this process.
struct Registry {
    secrets: RwLock<BTreeMap<String, Secret>>,
    /// The number of changes to the secrets, by which a stream detects them.
    version: AtomicU64,
    /// The last matcher of each kind.
    matchers: [RwLock<Option<Arc<Matcher>>>; 9],
}

impl Registry {
    const fn new() -> Self {
        Self {
            secrets: RwLock::new(BTreeMap::new()),
            version: AtomicU64::new(0),
            matchers: [const { RwLock::new(None) }; 9],
        }
    }
}

#[cfg(not(test))]
fn registry() -> &'static Registry {
    static REGISTRY: Registry = Registry::new();
    &REGISTRY
}

/// Each unit test has its own thread and its own secrets: those that one test registers must
/// not be masked in the output of another.
#[cfg(test)]
fn registry() -> &'static Registry {
    thread_local! {
        static REGISTRY: &'static Registry = Box::leak(Box::new(Registry::new()));
    }
    REGISTRY.with(|registry| *registry)
}

/// Adds a secret, unless it is blank.
pub(super) fn add(secret: &str, kind: Kind, in_lines: bool) {
    if secret.trim().is_empty() {
        return;
    }
    // A poisoned lock is harmless: entries are only added.
    let mut secrets = registry()
        .secrets
        .write()
        .unwrap_or_else(PoisonError::into_inner);
    let new = Secret { kind, in_lines };
    if secrets.get(secret) != Some(&new) {
        secrets.insert(secret.to_owned(), new);
        registry().version.fetch_add(1, Ordering::SeqCst);
    }
}

/// Returns the matcher for the current secrets. Building one is slow, so the last one of each
/// kind is cached.
pub(crate) fn current(level: Level, coding: Coding) -> Arc<Matcher> {
    let kept = &registry().matchers[level as usize * 3 + coding as usize];
    let version = registry().version.load(Ordering::SeqCst);
    let known = kept.read().unwrap_or_else(PoisonError::into_inner).clone();
    match known {
        Some(matcher) if matcher.version == version => matcher,
        _ => {
            let secrets = registry()
                .secrets
                .read()
                .unwrap_or_else(PoisonError::into_inner);
            let matcher = Arc::new(Matcher::new(&secrets, version, level, coding));
            drop(secrets);
            *kept.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&matcher));
            matcher
        }
    }
}

/// Returns true if the secrets have not changed since the matcher was built.
pub(crate) fn is_current(matcher: &Matcher) -> bool {
    matcher.version == registry().version.load(Ordering::SeqCst)
}
