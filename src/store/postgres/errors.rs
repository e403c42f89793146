//! Classes of the driver's errors.

use tokio_postgres::error::SqlState;

/// Returns whether the connection ended, so that the operation may be retried over another one.
pub fn is_lost(error: &tokio_postgres::Error) -> bool {
    let Some(state) = error.code() else {
        let mut causes = std::iter::successors(std::error::Error::source(error), |e| e.source());
        let is_io = causes.any(|cause| cause.is::<std::io::Error>());
        return error.is_closed() || is_io && !is_nonsense(error);
    };
    let ended = [
        SqlState::ADMIN_SHUTDOWN,
        SqlState::CRASH_SHUTDOWN,
        SqlState::CANNOT_CONNECT_NOW,
        SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
    ];
    // Class 08: connection exception; what poolers say for a server that went away.
    ended.contains(state) || state.code().starts_with("08")
}

/// Returns whether the server sent what the driver does not understand. It tells that by its words
/// alone.
pub fn is_nonsense(error: &tokio_postgres::Error) -> bool {
    let words = error.to_string();
    error.code().is_none()
        && [
            "error parsing response from server",
            "unexpected message from server",
        ]
        .contains(&words.as_str())
}

/// Returns whether a statement failed because blogctl's tables are not there.
pub fn is_schema_absent(error: &tokio_postgres::Error) -> bool {
    [&SqlState::UNDEFINED_TABLE, &SqlState::INVALID_SCHEMA_NAME]
        .into_iter()
        .any(|state| error.code() == Some(state))
}
