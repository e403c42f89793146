//! A count of the reader's work, so that tests can tell linear time from worse without a clock.
//!
//! One step is one event, value or byte that is looked at. Outside tests it costs nothing.

#[cfg(test)]
thread_local! {
    static STEPS: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
}

/// Adds to the steps of this thread.
#[inline]
pub(super) fn count(steps: usize) {
    #[cfg(test)]
    STEPS.with(|total| total.set(total.get() + steps as u64));
    let _ = steps;
}

/// The steps that `work` takes.
#[cfg(test)]
pub(super) fn of(work: impl FnOnce()) -> u64 {
    STEPS.with(|total| total.set(0));
    work();
    STEPS.with(std::cell::Cell::get)
}
