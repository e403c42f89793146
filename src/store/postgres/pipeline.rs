//! Statements sent without waiting for the answers of those before.
//!
//! On a far database a round trip costs more than the work, so a sync sends all its writes
//! and only then looks at the answers. What is in flight is bounded, so that a large sync
//! neither collects its posts in memory nor floods the server.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::Poll;

use futures_util::FutureExt;
use futures_util::future::poll_fn;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{Format, IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Error, Row};

use super::PostgresStore;
use super::waiting::Bound;
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

/// A value that the server reads as one of the type that it is compared with. It is sent as text,
/// which each type reads, with the type `unknown`.
#[derive(Debug)]
pub struct Untyped(pub String);

impl ToSql for Untyped {
    fn to_sql(
        &self,
        _: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        out.extend_from_slice(self.0.as_bytes());
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn encode_format(&self, _: &Type) -> Format {
        Format::Text
    }

    to_sql_checked!();
}

/// The same for statements that take them by reference.
pub fn borrowed(parameters: &[Parameter]) -> Vec<(&(dyn ToSql + Sync), Type)> {
    let mut borrowed: Vec<(&(dyn ToSql + Sync), Type)> = Vec::with_capacity(parameters.len());
    for (value, kind) in parameters {
        borrowed.push((&**value, kind.clone()));
    }
    borrowed
}

type Answer<'c> = Pin<Box<dyn Future<Output = Result<Vec<Row>, Error>> + 'c>>;

struct InFlight<'c, T> {
    expectation: T,
    bytes: usize,
    /// As many times as long as one statement it may take.
    statements: u32,
    answer: Answer<'c>,
}

/// An answer, and what was expected of it.
pub struct Answered<T> {
    /// The expectation that its sender gave.
    pub expectation: T,
    /// The server's answer.
    pub answer: Result<Vec<Row>, Error>,
}

/// The statements in flight, in their order; `T` says what is expected of each.
pub struct Pipeline<'c, T> {
    store: &'c PostgresStore,
    /// The bound of the wait for the oldest answer.
    bound: Bound,
    in_flight: VecDeque<InFlight<'c, T>>,
    bytes: usize,
}

impl<'c, T> Pipeline<'c, T> {
    /// Starts with nothing in flight.
    pub fn new(store: &'c PostgresStore, bound: Bound) -> Self {
        Self {
            store,
            bound,
            in_flight: VecDeque::new(),
            bytes: 0,
        }
    }

    /// Sends one statement whose parameters take about `bytes`.
    pub fn send(
        &mut self,
        statement: &'c str,
        parameters: Vec<Parameter>,
        bytes: usize,
        expectation: T,
    ) {
        let client = self.store.client();
        let answer = async move {
            let rows = client.query_typed_raw(statement, parameters).await?;
            futures_util::TryStreamExt::try_collect(rows).await
        };
        self.push(Box::pin(answer), bytes, 1, expectation);
    }

    /// Sends statements that take no parameters and answer no rows; so many of them may each
    /// take as long as a statement may.
    pub fn send_batch(&mut self, text: &'c str, statements: u32, expectation: T) {
        let client = self.store.client();
        let answer = async move { client.batch_execute(text).await.map(|()| vec![]) };
        self.push(Box::pin(answer), text.len(), statements, expectation);
    }

    fn push(&mut self, mut answer: Answer<'c>, bytes: usize, statements: u32, expectation: T) {
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
            statements,
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
    /// [`StoreError::Lost`](store::StoreError::Lost) if nothing comes,
    /// [`StoreError::TimedOut`](store::StoreError::TimedOut) if what comes does not end.
    pub fn next(&mut self) -> store::Result<Option<Answered<T>>> {
        let Some(oldest) = self.in_flight.pop_front() else {
            return Ok(None);
        };
        self.bytes -= oldest.bytes;
        let bound = self.bound.times(oldest.statements);
        let answer = self.store.wait("write", bound, oldest.answer)?;
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
