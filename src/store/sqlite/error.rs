//! Errors of SQLite, with their remedies.

use std::io;
use std::path::Path;

use rusqlite::{Connection, ErrorCode, ffi};

use crate::post::PostId;
use crate::store::refusal::brief;
use crate::store::{Action, Reason, RefusedWrite, StoreError};

/// The help for a path that cannot be used.
pub(super) const CHECK_PATH: &str = "check that the path is right and that you may read and \
    write there, or name another with `--database sqlite:PATH`";

/// Returns the name that users see of a store.
pub(in crate::store) fn location(path: &Path) -> String {
    format!("sqlite:{}", path.display())
}

/// A cause that the user can correct, with the help for it.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {remedy}")]
struct Mendable {
    path: String,
    remedy: &'static str,
    #[source]
    source: rusqlite::Error,
}

/// Returns the remedy for an error, if one is known.
pub(super) fn remedy(error: &rusqlite::Error) -> Option<&'static str> {
    Some(match error.sqlite_error_code()? {
        ErrorCode::NotADatabase => {
            "this is not a SQLite database; move it away, or name another file with \
             `--database sqlite:PATH`"
        }
        ErrorCode::DatabaseCorrupt => {
            "the database is damaged; restore it from a backup, or move it away and run \
             `blogctl sync`, which builds it again from the files"
        }
        ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied => {
            "the file and its folder must be writable; correct their permissions, or name \
             another file with `--database sqlite:PATH`"
        }
        ErrorCode::DiskFull => "the disk is full; free some space and run the command again",
        ErrorCode::SystemIoFailure => {
            "the disk could not be read or written; check its health and its free space"
        }
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
            "another program keeps the database locked; end it, or try again later"
        }
        _ => return None,
    })
}

/// The cause of a statement that was ended before it was through.
#[derive(Debug, thiserror::Error)]
#[error("SQLite was still at it when its time was up")]
struct TimeIsUp(#[source] rusqlite::Error);

/// Returns true if another connection held a lock.
pub(super) fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
    )
}

/// The file could not be opened or is no database.
pub(super) fn unreachable(
    path: &Path,
    help: Option<&str>,
    source: impl std::error::Error + Send + Sync + 'static,
) -> StoreError {
    StoreError::Unreachable {
        location: location(path),
        help: help.map(str::to_owned),
        source: Box::new(source),
    }
}

/// Returns the error of a failed operation of the file system, with its help.
pub(super) fn io_failed(path: &Path, error: io::Error) -> StoreError {
    unreachable(path, Some(CHECK_PATH), error)
}

/// Wraps an error of a statement, with its remedy where there is one.
pub(super) fn explained(
    operation: &'static str,
    path: &str,
    source: rusqlite::Error,
) -> StoreError {
    if source.sqlite_error_code() == Some(ErrorCode::OperationInterrupted) {
        return StoreError::TimedOut {
            operation,
            option: "--statement-timeout",
            source: Box::new(TimeIsUp(source)),
        };
    }
    let source: Box<dyn std::error::Error + Send + Sync> = match remedy(&source) {
        Some(remedy) => Box::new(Mendable {
            path: path.to_owned(),
            remedy,
            source,
        }),
        None => Box::new(source),
    };
    StoreError::Failed { operation, source }
}

/// [`failed`] for a write of a post, which a trigger or a constraint may refuse.
pub(super) fn refused<'a>(
    connection: &'a Connection,
    operation: &'static str,
    action: Action,
    post: PostId,
) -> impl FnOnce(rusqlite::Error) -> StoreError + use<'a> {
    move |error| {
        let rusqlite::Error::SqliteFailure(failure, Some(words)) = &error else {
            return failed(connection, operation)(error);
        };
        let reason = match failure.extended_code {
            ffi::SQLITE_CONSTRAINT_TRIGGER => Reason::Raised(brief(words)),
            ffi::SQLITE_CONSTRAINT_UNIQUE
            | ffi::SQLITE_CONSTRAINT_CHECK
            | ffi::SQLITE_CONSTRAINT_NOTNULL
            | ffi::SQLITE_CONSTRAINT_FOREIGNKEY => Reason::Value(brief(words)),
            _ => return failed(connection, operation)(error),
        };
        StoreError::Refused(Box::new(RefusedWrite::new(Some(post), action, reason)))
    }
}

/// [`explained`] for `map_err`, with the path of the connection.
pub(super) fn failed<'a>(
    connection: &'a Connection,
    operation: &'static str,
) -> impl FnOnce(rusqlite::Error) -> StoreError + use<'a> {
    move |error| explained(operation, connection.path().unwrap_or_default(), error)
}
