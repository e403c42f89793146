//! Ctrl-C and the request to end: what is under way is called off, and nothing left half done.
//!
//! A signal ends the process at once, as it would any, unless something asked it to wait: a
//! statement that has to be cancelled on the server, a transaction that has to be rolled back
//! or whose COMMIT is on its way. Such a part holds a [`Deferral`], is told, and gets less than
//! a second, and ten while COMMIT is on its way; a second signal does not wait for it.

use std::sync::atomic::{AtomicBool, AtomicI32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

/// How long what is under way may take to end.
const PATIENCE: Duration = Duration::from_millis(900);
/// The time for the answer to a COMMIT that is on its way, and for finding out what became of
/// it.
const COMMIT_PATIENCE: Duration = Duration::from_secs(10);
/// How long what was under way may take to say what came of it, once it has ended.
const AFTERMATH: Duration = Duration::from_secs(1);
/// The part of the patience that is left for that.
const RESERVE: Duration = Duration::from_millis(200);

/// The user pressed Ctrl-C, or the system asked the process to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("interrupted{}", .leaves.words())]
pub struct Interrupted {
    /// The signal's number: 2 for Ctrl-C, 15 for a request to end.
    pub signal: i32,
    /// What it leaves.
    pub leaves: Leaves,
}

/// What an end at this moment would leave of a store that is being written to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Leaves {
    /// Nothing is being written, or all that was to be written is.
    #[default]
    Nothing,
    /// The state before.
    StateBefore,
    /// The state before or the state after: COMMIT is on its way.
    EitherState,
}

impl Leaves {
    fn words(self) -> &'static str {
        match self {
            Self::Nothing => "",
            Self::StateBefore => "; nothing was written",
            Self::EitherState => "; everything was written, or nothing",
        }
    }
}

/// Tells whether an interrupt has come; clones tell the same.
#[derive(Clone, Debug, Default)]
pub struct Interrupt {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    /// 0 until a signal has come.
    signal: AtomicI32,
    /// When it came.
    since: OnceLock<Instant>,
    deferrals: AtomicUsize,
    leaves: Mutex<Leaves>,
    came: Notify,
    /// True once somebody has the last word.
    is_ending: AtomicBool,
}

/// While it lives, an interrupt is told and not carried out.
#[derive(Debug)]
pub struct Deferral {
    shared: Arc<Shared>,
}

impl Interrupt {
    /// Makes one that no signal reaches.
    pub fn never() -> Self {
        Self::default()
    }

    /// Catches the process's signals from now on. `end` is called with an interrupt that
    /// nobody defers, and must end the process. It is not called once [`Self::claim_end`] was:
    /// then the process is ending already, and is given a second for it.
    ///
    /// Where no thread can be started, signals end the process as they always do.
    pub fn catch(end: impl Fn(Interrupted) + Send + 'static) -> Self {
        let interrupt = Self::default();
        let caught = interrupt.clone();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        if let Ok(runtime) = runtime {
            // Catching starts here, not when the thread comes to it.
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

    /// Claims the right to end the process and to say why, which only the first caller gets:
    /// what was interrupted and the thread that catches signals may end at the same time.
    pub fn claim_end(&self) -> bool {
        !self.shared.is_ending.swap(true, Ordering::SeqCst)
    }

    /// Waits until nothing has put the interrupt off for a while, at most for [`PATIENCE`], and
    /// for [`COMMIT_PATIENCE`] while COMMIT is on its way.
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
            // A COMMIT that has been on its way has an end to tell of.
            patience = patience.max(self.patience());
        }
    }

    fn patience(&self) -> Duration {
        match self.left_behind() {
            Leaves::EitherState => COMMIT_PATIENCE,
            Leaves::Nothing | Leaves::StateBefore => PATIENCE,
        }
    }

    /// Returns the time in which to call off what is under way: what is left of it after an
    /// interrupt, which ends the process when it is used up.
    pub fn left(&self) -> Duration {
        let came = self.shared.since.get();
        let passed = came.map_or(Duration::ZERO, Instant::elapsed);
        (self.patience() - RESERVE).saturating_sub(passed)
    }

    fn left_behind(&self) -> Leaves {
        // It is only ever replaced, so that a panic leaves it whole.
        let leaves = self.shared.leaves.lock();
        *leaves.unwrap_or_else(PoisonError::into_inner)
    }

    fn interrupted(&self, signal: i32) -> Interrupted {
        let leaves = self.left_behind();
        Interrupted { signal, leaves }
    }

    /// Says what an end would leave from now on.
    pub fn leaves(&self, leaves: Leaves) {
        let kept = self.shared.leaves.lock();
        *kept.unwrap_or_else(PoisonError::into_inner) = leaves;
    }

    /// Tells everyone.
    pub fn raise(&self, signal: i32) {
        self.shared.since.get_or_init(Instant::now);
        self.shared.signal.store(signal, Ordering::SeqCst);
        self.shared.came.notify_waiters();
    }

    /// Puts an interrupt off while the answer lives. Whoever holds it looks at
    /// [`Self::check`] or waits for [`Self::came`], and ends soon after.
    pub fn defer(&self) -> Deferral {
        let shared = Arc::clone(&self.shared);
        shared.deferrals.fetch_add(1, Ordering::SeqCst);
        Deferral { shared }
    }

    /// Fails once an interrupt has come.
    ///
    /// # Errors
    /// [`Interrupted`].
    pub fn check(&self) -> Result<(), Interrupted> {
        match self.shared.signal.load(Ordering::SeqCst) {
            0 => Ok(()),
            signal => Err(self.interrupted(signal)),
        }
    }

    /// Waits for an interrupt, forever if need be.
    pub async fn came(&self) -> Interrupted {
        loop {
            let notified = self.shared.came.notified();
            tokio::pin!(notified);
            // Listens before it looks, so that nothing comes between.
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

/// The signals that ask a process to end. A hangup is left to do what it does, so that
/// `nohup` goes on working.
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
        for (leaves, words) in [
            (Leaves::StateBefore, "interrupted; nothing was written"),
            (
                Leaves::EitherState,
                "interrupted; everything was written, or nothing",
            ),
            (Leaves::Nothing, "interrupted"),
        ] {
            interrupt.leaves(leaves);
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
        assert_eq!(runtime.block_on(interrupt.came()).signal, 2);
        assert_eq!(runtime.block_on(interrupt.came()).signal, 2);
        thread.join().unwrap();
    }

    #[test]
    fn time_to_call_off_runs_out_and_a_commit_has_more() {
        let interrupt = Interrupt::never();
        assert_eq!(interrupt.left(), PATIENCE - RESERVE);
        let came = Instant::now().checked_sub(PATIENCE).unwrap();
        interrupt.shared.since.set(came).unwrap();
        assert_eq!(interrupt.left(), Duration::ZERO);
        interrupt.leaves(Leaves::EitherState);
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
