//! Errors of stores.

use std::time::Duration;

use crate::finding::CheckFinding;
use crate::interrupt::Interrupted;
use crate::model::SCHEMA_VERSION;
use crate::post::Field;
use crate::store::RefusedWrite;

/// A store's result.
pub type Result<T> = std::result::Result<T, StoreError>;

/// An error of a store. Its causes are in `source`, never in the message.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No connection could be made, or the file could not be opened.
    #[error("cannot connect to {location}")]
    Unreachable {
        /// The store's address, without a password.
        location: String,
        /// The remedy, if one is known.
        help: Option<String>,
        /// The cause.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },

    /// The connection string cannot be used.
    #[error("{message}")]
    Target {
        /// The problem, without the text of the address: it may contain a password.
        message: String,
        /// The remedy.
        help: String,
    },

    /// There are no blogctl tables.
    #[error("{location} has no blogctl tables yet")]
    SchemaAbsent {
        /// The store's address.
        location: String,
    },

    /// The tables are of another version than [`SCHEMA_VERSION`].
    #[error(
        "{location} has tables of version {found}, and this blogctl needs version {SCHEMA_VERSION}"
    )]
    SchemaVersion {
        /// The store's address.
        location: String,
        /// The version that was found.
        found: i32,
    },

    /// The database refuses a statement because of how the tables are: a column is missing, or
    /// of another type.
    #[error("cannot {operation}: {what}")]
    Tables {
        /// The operation, as a verb phrase.
        operation: &'static str,
        /// The column and its problem, as far as the database can tell.
        what: String,
        /// The remedy.
        help: &'static str,
        /// The database's own words.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },

    /// Posts cannot be published into the tables as they are.
    #[error("{}", unfit_words(.findings))]
    Unfit {
        /// The errors of the preflight, at least one.
        findings: Vec<CheckFinding>,
    },

    /// The database refused a row that a sync wrote or removed. Nothing has been written.
    #[error("{0}")]
    Refused(Box<RefusedWrite>),

    /// Posts cannot be found by a field that the table map leaves out.
    #[error("no post is found by {field}: [tables] in blogctl.toml leaves it out")]
    NotStored {
        /// The field.
        field: Field,
    },
    /// Another sync holds the lock.
    #[error("another sync is running{}; waited {} s", holder_words(.holder.as_deref()), .waited.as_secs())]
    Busy {
        /// The holder of the lock and its start, as far as the store knows them.
        holder: Option<String>,
        /// The time waited.
        waited: Duration,
    },

    /// The file of the store is not the one any more that was opened.
    #[error(
        "{location} was deleted or replaced while the sync ran; what is there now has nothing of it"
    )]
    Replaced {
        /// The store's address.
        location: String,
    },

    /// Something changed between reading the index and writing.
    #[error("the store changed while the sync ran")]
    Stale,

    /// The connection was lost. Of a sync nothing has been written; making the tables may have
    /// ended well, and can be done again.
    #[error("the connection was lost: cannot {operation}")]
    Lost {
        /// The operation, as a verb phrase.
        operation: &'static str,
        /// The cause.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },

    /// A statement, or waiting for a table that somebody else has locked, took longer than it
    /// may. Nothing has been written.
    #[error("cannot {operation} in the time it may take")]
    TimedOut {
        /// The operation, as a verb phrase.
        operation: &'static str,
        /// The option that allows more.
        option: &'static str,
        /// The server's message.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },

    /// The server sent what no server sends, or more than is accepted. Of a sync nothing has
    /// been written.
    #[error("cannot {operation}: what the server sent is not accepted")]
    Protocol {
        /// The operation, as a verb phrase.
        operation: &'static str,
        /// The message that broke the protocol.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },

    /// The user, or the system, called it off. Nothing has been written.
    #[error(transparent)]
    Interrupted(#[from] Interrupted),

    /// The answer to COMMIT was lost: all of it was written, or nothing.
    #[error("the connection was lost at the commit: everything was written, or nothing")]
    UnknownOutcome {
        /// The cause.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },

    /// Anything else.
    #[error("cannot {operation}")]
    Failed {
        /// The operation, as a verb phrase: `read the index`.
        operation: &'static str,
        /// The cause.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl StoreError {
    /// Returns a closure that wraps a cause, for `map_err`.
    pub fn failed<E>(operation: &'static str) -> impl FnOnce(E) -> Self
    where
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        move |source| Self::Failed {
            operation,
            source: source.into(),
        }
    }
}

/// Returns the message of one finding, or all of them with their remedies, one a line.
fn unfit_words(findings: &[CheckFinding]) -> String {
    if let [finding] = findings {
        return finding.message.clone();
    }
    let count = findings.len();
    let mut words = format!("posts cannot be published here, for {count} reasons:");
    for (number, finding) in findings.iter().enumerate() {
        words.push_str(&format!("\n{}. {}", number + 1, finding.message));
        if let Some(help) = &finding.help {
            words.push_str(&format!("\n   {help}"));
        }
    }
    words
}

fn holder_words(holder: Option<&str>) -> String {
    holder.map_or_else(String::new, |holder| format!(": {holder}"))
}
