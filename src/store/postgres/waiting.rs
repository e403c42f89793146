//! Waiting for a server: bounded by its silence, by the time of a statement, and by the user.

use std::time::{Duration, Instant};

use tokio::time::{sleep, timeout};

use super::PostgresStore;
use super::connect::AnswerLimit;
use crate::store::{Result, StoreError};

/// The time for which an answer is waited for beyond the statement's own limit.
const GRACE: Duration = Duration::from_secs(5);

/// The time in which a cancelled statement must end.
const CANCELLED: Duration = Duration::from_secs(2);

/// The allowance for a slow network: one more second for each of so many bytes of statements
/// and answers that have passed, up to [`LONGEST_TRANSFER`].
const TRANSFER_BYTES: u64 = 16 << 10;
const LONGEST_TRANSFER: Duration = Duration::from_secs(600);

/// The bounds of waiting for answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bound {
    /// The time for which the connection may be silent.
    silence: Option<Duration>,
    /// The time in all, whatever the server sends meanwhile.
    total: Option<Duration>,
    /// The limit of the answers' size.
    answers: AnswerLimit,
}

impl Bound {
    /// The bound of a statement that may take as long as this; zero is no limit.
    pub fn of(statement: Duration, answers: AnswerLimit) -> Self {
        let longest = (!statement.is_zero()).then(|| statement + GRACE);
        Self {
            silence: longest,
            total: longest,
            answers,
        }
    }

    /// The bound of a wait that bounds itself.
    pub fn none(answers: AnswerLimit) -> Self {
        Self::of(Duration::ZERO, answers)
    }

    /// Allows time for something that may be waited for first, a lock.
    pub fn after(self, first: Duration) -> Self {
        let longer = |limit: Duration| limit.saturating_add(first);
        Self {
            silence: self.silence.map(longer),
            total: self.total.map(longer),
            ..self
        }
    }

    /// Allows for several statements, one after the other.
    pub fn times(self, statements: u32) -> Self {
        let total = self.total.map(|limit| limit.saturating_mul(statements));
        Self { total, ..self }
    }
}

/// The server goes on sending, and its answer does not end.
#[derive(Debug, thiserror::Error)]
#[error("no whole answer came within {} s, although the server went on sending", .0.as_secs())]
struct Endless(Duration);

/// The server sends nothing.
#[derive(Debug, thiserror::Error)]
#[error("the server said nothing for {} s", .0.as_secs_f64().round())]
struct Silent(Duration);

impl PostgresStore {
    /// Waits for answers within their bound, but not when an interrupt comes.
    pub(super) fn wait<T>(
        &self,
        operation: &'static str,
        bound: Bound,
        answer: impl Future<Output = T>,
    ) -> Result<T> {
        let interrupt = &self.options().interrupt;
        let _deferral = interrupt.defer();
        self.runtime.block_on(async {
            tokio::pin!(answer);
            let interrupted = tokio::select! {
                biased;
                answered = self.within(operation, bound, &mut answer) => return answered,
                interrupted = interrupt.wait() => interrupted,
            };
            let called_off = async {
                self.connector.cancel(self.session()).await;
                // The answer shows that the server has given up.
                let _ = timeout(CANCELLED, answer).await;
            };
            let _ = timeout(interrupt.left(), called_off).await;
            Err(interrupted.into())
        })
    }

    /// Waits for answers within their bound, whatever interrupts.
    pub(super) async fn within<T>(
        &self,
        operation: &'static str,
        bound: Bound,
        answer: impl Future<Output = T>,
    ) -> Result<T> {
        let (activity, conduct) = (self.session().activity(), self.session().conduct());
        activity.touch();
        conduct.accept(bound.answers);
        let (begun, passed) = (Instant::now(), conduct.useful_bytes());
        tokio::pin!(answer);
        loop {
            let passed = conduct.useful_bytes() - passed;
            let transfer = Duration::from_secs(passed / TRANSFER_BYTES).min(LONGEST_TRANSFER);
            let total = bound.total.map(|total| total + transfer);
            let left = [
                bound
                    .silence
                    .map(|limit| limit.saturating_sub(activity.silence())),
                total.map(|limit| limit.saturating_sub(begun.elapsed())),
            ];
            let left = left.into_iter().flatten().min();
            if left == Some(Duration::ZERO) {
                self.session().abort();
                return Err(match bound.silence {
                    // Both limits may end at once, where all that came came at the beginning.
                    Some(limit) if activity.silence() >= limit / 2 => StoreError::Lost {
                        operation,
                        source: Silent(activity.silence()).into(),
                    },
                    _ => StoreError::TimedOut {
                        operation,
                        option: "--statement-timeout",
                        source: Endless(begun.elapsed()).into(),
                    },
                });
            }
            tokio::select! {
                biased;
                answered = &mut answer => return Ok(answered),
                () = sleep(left.unwrap_or_default()), if left.is_some() => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn no_limit_to_a_statement_is_none_to_waiting() {
        let bound = Bound::of(Duration::ZERO, AnswerLimit::READ);
        assert_eq!(bound, Bound::none(AnswerLimit::READ));
        assert_eq!(bound.after(SECOND).times(3), bound);
    }

    #[test]
    fn a_wait_is_bounded_by_silence_and_in_all() {
        let bound = Bound::of(SECOND, AnswerLimit::SHORT).after(SECOND).times(3);
        assert_eq!(bound.silence, Some(SECOND * 2 + GRACE));
        assert_eq!(bound.total, Some((SECOND * 2 + GRACE) * 3));
    }
}
