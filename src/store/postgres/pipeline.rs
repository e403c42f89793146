//! Statements sent without waiting for the answers of those before.
//!
//! On a far database a round trip costs more than the work, so a sync sends all its writes
//! and only then looks at the answers. What is in flight is bounded, so that a large sync
//! neither collects its posts in memory nor floods the server.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::poll_fn;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Error, Row};

use super::PostgresStore;
use crate::store;

/// Bytes of parameters that may be unanswered. A far server (100 ms) is kept busy by this at
/// some 600 Mbit/s.
const WINDOW_BYTES: usize = 8 << 20;

/// A bound parameter, owned until it is encoded.
pub type Parameter = (Box<dyn ToSql + Sync + Send>, Type);

/// Makes a parameter.
pub fn bind(value: impl ToSql + Sync + Send + 'static, r#type: Type) -> Parameter {
    (Box::new(value), r#type)
}

type Answer<'c> = Pin<Box<dyn Future<Output = Result<Vec<Row>, Error>> + 'c>>;

struct InFlight<'c, T> {
    expectation: T,
    bytes: usize,
    answer: Answer<'c>,
}

/// An answer, and what was expected of it.
pub struct Answered<T> {
    /// What the sender said of it.
    pub expectation: T,
    /// What the server said.
    pub answer: Result<Vec<Row>, Error>,
}

/// The statements in flight, in their order; `T` says what is expected of each.
pub struct Pipeline<'c, T> {
    store: &'c PostgresStore,
    /// How long the server may be silent.
    silence: Option<Duration>,
    in_flight: VecDeque<InFlight<'c, T>>,
    bytes: usize,
}

impl<'c, T> Pipeline<'c, T> {
    /// Starts with nothing in flight.
    pub fn new(store: &'c PostgresStore, silence: Option<Duration>) -> Self {
        Self {
            store,
            silence,
            in_flight: VecDeque::new(),
            bytes: 0,
        }
    }

    /// Sends one statement whose parameters take about `bytes`.
    pub fn send(
        &mut self,
        statement: &'static str,
        parameters: Vec<Parameter>,
        bytes: usize,
        expectation: T,
    ) {
        let client = self.store.client();
        let answer = async move {
            let rows = client.query_typed_raw(statement, parameters).await?;
            futures_util::TryStreamExt::try_collect(rows).await
        };
        self.push(Box::pin(answer), bytes, expectation);
    }

    /// Sends statements that take no parameters and answer no rows.
    pub fn send_batch(&mut self, statements: &'static str, expectation: T) {
        let client = self.store.client();
        let answer = async move { client.batch_execute(statements).await.map(|()| vec![]) };
        self.push(Box::pin(answer), statements.len(), expectation);
    }

    fn push(&mut self, mut answer: Answer<'c>, bytes: usize, expectation: T) {
        // The driver hands a statement over when its future is first polled. An answer that
        // is there already is kept.
        let polled = self
            .store
            .runtime
            .block_on(poll_fn(|context| Poll::Ready(answer.poll_unpin(context))));
        if let Poll::Ready(ready) = polled {
            answer = Box::pin(std::future::ready(ready));
        }
        self.bytes += bytes;
        self.in_flight.push_back(InFlight {
            expectation,
            bytes,
            answer,
        });
    }

    /// Waits for the oldest answer if more is in flight than the window allows.
    ///
    /// # Errors
    /// As [`Self::next`].
    pub fn next_over_window(&mut self) -> store::Result<Option<Answered<T>>> {
        if self.bytes > WINDOW_BYTES {
            self.next()
        } else {
            Ok(None)
        }
    }

    /// Waits for the oldest answer; `None` if nothing is in flight.
    ///
    /// # Errors
    /// [`StoreError::Interrupted`](store::StoreError::Interrupted), and
    /// [`StoreError::Lost`](store::StoreError::Lost) if nothing comes.
    pub fn next(&mut self) -> store::Result<Option<Answered<T>>> {
        let Some(oldest) = self.in_flight.pop_front() else {
            return Ok(None);
        };
        self.bytes -= oldest.bytes;
        let answer = self.store.wait("write", self.silence, oldest.answer)?;
        Ok(Some(Answered {
            expectation: oldest.expectation,
            answer,
        }))
    }

    /// Forgets what is in flight; the driver reads and drops the answers.
    pub fn abandon(&mut self) {
        self.in_flight.clear();
        self.bytes = 0;
    }
}
