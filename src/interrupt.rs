//! Ctrl-C and SIGTERM: the work in progress is cancelled, and nothing is left half done.
//!
//! A signal ends the process at once, unless some part has deferred it: because a statement has
//! to be cancelled on the server, or a transaction rolled back, or because its COMMIT is in
//! flight. Such a part holds a [`Deferral`], is notified, and gets less than a second, or ten
//! seconds during a COMMIT. A second signal does not wait.

use std::sync::atomic::{AtomicBool, AtomicI32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

/// The time that the work in progress has to end.
const PATIENCE: Duration = Duration::from_millis(900);
/// The time to wait for the answer to a COMMIT in flight, and to resolve its outcome.
const COMMIT_PATIENCE: Duration = Duration::from_secs(10);
/// The time that the interrupted work has to report its result after it has ended.
const AFTERMATH: Duration = Duration::from_secs(1);
/// The part of [`PATIENCE`] that is reserved for the report.
const RESERVE: Duration = Duration::from_millis(200);

/// An error: the user pressed Ctrl-C, or the system asked the process to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("interrupted{}", .write_state.note())]
pub struct Interrupted {
    /// The signal's number: 2 for SIGINT (Ctrl-C), 15 for SIGTERM.
    pub signal: i32,
    /// The state of the store's changes.
    pub write_state: WriteState,
}

/// The state of the changes to a store, which decides the outcome if the process ends now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WriteState {
    /// Nothing is being written, or everything is committed.
    #[default]
    NotWriting,
    /// Changes are in an open transaction: the store would stay as it was.
    Uncommitted,
    /// COMMIT is in flight: the store has all changes or none.
    Committing,
}

impl WriteState {
    fn note(self) -> &'static str {
        match self {
            Self::NotWriting => "",
            Self::Uncommitted => "; nothing was written",
            Self::Committing => "; everything was written, or nothing",
        }
    }
}

/// A handle that reports an interrupt; clones share its state.
#[derive(Clone, Debug, Default)]
pub struct Interrupt {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    /// The number of the signal; 0 before one arrives.
    signal: AtomicI32,
    /// The time at which the signal arrived.
    since: OnceLock<Instant>,
    deferrals: AtomicUsize,
    write_state: Mutex<WriteState>,
    raised: Notify,
    /// True once [`Interrupt::claim_end`] has been called.
    is_ending: AtomicBool,
}

/// A guard that defers interrupts: while it lives, a signal is reported but does not end the
/// process.
#[derive(Debug)]
pub struct Deferral {
    shared: Arc<Shared>,
}

impl Interrupt {
    /// Creates a handle that no signal reaches.
    pub fn never() -> Self {
        Self::default()
    }

    /// Catches the process's signals from now on. If nothing defers an interrupt, `end` is
    /// called with it and must end the process. After [`Self::claim_end`], it is not called:
    /// the process is ending already, and gets a second for it.
    ///
    /// If no thread can be started, signals keep their default effect.
    pub fn catch(end: impl Fn(Interrupted) + Send + 'static) -> Self {
        let interrupt = Self::default();
        let caught = interrupt.clone();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        if let Ok(runtime) = runtime {
            // Registers the handlers before the thread runs.
            let signals = {
                let _entered = runtime.enter();
                Signals::new()
            };
            if let Ok(signals) = signals {
                let name = "signals".to_owned();
                let _ = std::thread::Builder::new()
                    .name(name)
                    .spawn(move || runtime.block_on(caught.watch(signals, end)));
            }
        }
        interrupt
    }

    async fn watch(self, mut signals: Signals, end: impl Fn(Interrupted)) {
        let signal = signals.next().await;
        self.raise(signal);
        let again = signals.next();
        tokio::select! {
            _ = again => {}
            () = self.ended() => {}
        }
        if self.claim_end() {
            end(self.interrupted(signal));
        }
        tokio::time::sleep(AFTERMATH).await;
        std::process::exit(128 + signal);
    }

    /// Claims the right to end the process and to report why. Only the first caller gets it,
    /// since the interrupted work and the signal thread may end at the same time.
    pub fn claim_end(&self) -> bool {
        !self.shared.is_ending.swap(true, Ordering::SeqCst)
    }

    /// Waits until nothing has deferred the interrupt for a while, at most for [`PATIENCE`], or
    /// for [`COMMIT_PATIENCE`] while a COMMIT is in flight.
    async fn ended(&self) {
        let deferred = || self.shared.deferrals.load(Ordering::SeqCst) > 0;
        let begun = Instant::now();
        let mut last_deferred = deferred().then_some(begun);
        let mut patience = self.patience();
        while let Some(last) = last_deferred
            && last.elapsed() < AFTERMATH
            && begun.elapsed() < patience
        {
            tokio::time::sleep(Duration::from_millis(20)).await;
            if deferred() {
                last_deferred = Some(Instant::now());
            }
            // After a COMMIT was in flight, there is an outcome to report.
            patience = patience.max(self.patience());
        }
    }

    fn patience(&self) -> Duration {
        match self.write_state() {
            WriteState::Committing => COMMIT_PATIENCE,
            WriteState::NotWriting | WriteState::Uncommitted => PATIENCE,
        }
    }

    /// Returns the time that is left to cancel the work in progress. After an interrupt it
    /// shrinks, and the process ends when it is used up.
    pub fn left(&self) -> Duration {
        let raised = self.shared.since.get();
        let passed = raised.map_or(Duration::ZERO, Instant::elapsed);
        (self.patience() - RESERVE).saturating_sub(passed)
    }

    fn write_state(&self) -> WriteState {
        // The value is only ever replaced, so a poisoned lock is harmless.
        let state = self.shared.write_state.lock();
        *state.unwrap_or_else(PoisonError::into_inner)
    }

    fn interrupted(&self, signal: i32) -> Interrupted {
        Interrupted {
            signal,
            write_state: self.write_state(),
        }
    }

    /// Sets the state of the store's changes.
    pub fn set_write_state(&self, state: WriteState) {
        let kept = self.shared.write_state.lock();
        *kept.unwrap_or_else(PoisonError::into_inner) = state;
    }

    /// Records a signal and wakes every waiter.
    pub fn raise(&self, signal: i32) {
        self.shared.since.get_or_init(Instant::now);
        self.shared.signal.store(signal, Ordering::SeqCst);
        self.shared.raised.notify_waiters();
    }

    /// Defers interrupts while the returned guard lives. Its holder polls [`Self::check`] or
    /// awaits [`Self::wait`], and ends soon after an interrupt.
    pub fn defer(&self) -> Deferral {
        let shared = Arc::clone(&self.shared);
        shared.deferrals.fetch_add(1, Ordering::SeqCst);
        Deferral { shared }
    }

    /// Fails if an interrupt has arrived.
    ///
    /// # Errors
    /// [`Interrupted`].
    pub fn check(&self) -> Result<(), Interrupted> {
        match self.shared.signal.load(Ordering::SeqCst) {
            0 => Ok(()),
            signal => Err(self.interrupted(signal)),
        }
    }

    /// Waits for an interrupt, possibly forever.
    pub async fn wait(&self) -> Interrupted {
        loop {
            let notified = self.shared.raised.notified();
            tokio::pin!(notified);
            // Subscribes before checking, so that no signal is missed in between.
            notified.as_mut().enable();
            if let Err(interrupted) = self.check() {
                return interrupted;
            }
            notified.await;
        }
    }
}

impl Drop for Deferral {
    fn drop(&mut self) {
        self.shared.deferrals.fetch_sub(1, Ordering::SeqCst);
    }
}

/// The signals that ask a process to end. SIGHUP keeps its default effect, so that `nohup`
/// works.
#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) -> i32 {
        tokio::select! {
            _ = self.interrupt.recv() => 2,
            _ = self.terminate.recv() => 15,
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) -> i32 {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_told_before_it_comes_and_everyone_is_told_after() {
        let interrupt = Interrupt::never();
        assert_eq!(interrupt.check(), Ok(()));
        interrupt.clone().raise(15);
        let told = interrupt.check().unwrap_err();
        assert_eq!(told.signal, 15);
        assert_eq!(told.to_string(), "interrupted");
    }

    #[test]
    fn an_interrupt_says_what_it_leaves() {
        let interrupt = Interrupt::never();
        interrupt.raise(2);
        for (state, words) in [
            (WriteState::Uncommitted, "interrupted; nothing was written"),
            (
                WriteState::Committing,
                "interrupted; everything was written, or nothing",
            ),
            (WriteState::NotWriting, "interrupted"),
        ] {
            interrupt.set_write_state(state);
            assert_eq!(interrupt.check().unwrap_err().to_string(), words);
        }
    }

    #[test]
    fn who_waits_is_woken_and_who_comes_late_does_not_wait() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let interrupt = Interrupt::never();
        let raiser = interrupt.clone();
        let thread = std::thread::spawn(move || raiser.raise(2));
        assert_eq!(runtime.block_on(interrupt.wait()).signal, 2);
        assert_eq!(runtime.block_on(interrupt.wait()).signal, 2);
        thread.join().unwrap();
    }

    #[test]
    fn time_to_call_off_runs_out_and_a_commit_has_more() {
        let interrupt = Interrupt::never();
        assert_eq!(interrupt.left(), PATIENCE - RESERVE);
        let raised = Instant::now().checked_sub(PATIENCE).unwrap();
        interrupt.shared.since.set(raised).unwrap();
        assert_eq!(interrupt.left(), Duration::ZERO);
        interrupt.set_write_state(WriteState::Committing);
        assert!(interrupt.left() > PATIENCE);
    }

    #[test]
    fn only_one_has_the_last_word() {
        let interrupt = Interrupt::never();
        assert!(interrupt.claim_end());
        assert!(!interrupt.clone().claim_end());
    }

    #[test]
    fn deferrals_are_counted() {
        let interrupt = Interrupt::never();
        let count = || interrupt.shared.deferrals.load(Ordering::SeqCst);
        let (first, second) = (interrupt.defer(), interrupt.defer());
        assert_eq!(count(), 2);
        drop(first);
        assert_eq!(count(), 1);
        drop(second);
        assert_eq!(count(), 0);
    }
}
