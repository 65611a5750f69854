//! What SQLite's errors mean to a caller.

use bulkhead_sdk::Error;
use rusqlite::{Error as Sqlite, ErrorCode};

use crate::{
    data::{Place, read_only},
    guard::Guard,
    limits::{MAX_TIME, MAX_VALUE_BYTES},
};

/// What `error`, met at `place`, means to the caller.
pub(crate) fn told(place: &Place, guard: &Guard, error: &Sqlite) -> Error {
    match error {
        Sqlite::SqliteFailure(failure, text) => by_code(place, guard, failure.code, text.as_deref()),
        Sqlite::SqlInputError { error: failure, msg, offset, .. } => {
            let text = match usize::try_from(*offset) {
                Ok(offset) => format!("{msg}, at byte {offset} of the statement"),
                Err(_) => msg.clone(),
            };
            by_code(place, guard, failure.code, Some(&text))
        }
        Sqlite::MultipleStatement => Error::invalid("one statement was expected; call once for each"),
        other => Error::invalid(other.to_string()),
    }
}

fn by_code(place: &Place, guard: &Guard, code: ErrorCode, text: Option<&str>) -> Error {
    let path = &place.path;
    let said = |word: &str| format!("{word}: {}", text.unwrap_or("SQLite says no more"));
    match code {
        ErrorCode::AuthorizationForStatementDenied => {
            let what = guard.refused().unwrap_or_else(|| "this".to_owned());
            Error::denied(format!("refused: {what}"))
        }
        ErrorCode::OperationInterrupted => {
            Error::failed(format!("stopped after {} s: ask for less, or by an index", MAX_TIME.as_secs()))
        }
        ErrorCode::NotADatabase => Error::invalid(format!("`{path}` is no SQLite database, or an encrypted one")),
        ErrorCode::DatabaseCorrupt => Error::failed(said(&format!("`{path}` is damaged"))),
        ErrorCode::TooBig => Error::invalid(format!(
            "a value has more than {MAX_VALUE_BYTES} bytes, or the statement is too long; take parts by substr()"
        )),
        ErrorCode::OutOfMemory => Error::failed("the statement needs more memory than a call has; ask for less"),
        ErrorCode::ReadOnly => read_only(path),
        ErrorCode::DiskFull => Error::failed(format!("`{path}`: the folder's quota or the disk is used up")),
        ErrorCode::CannotOpen | ErrorCode::SystemIoFailure | ErrorCode::FileLockingProtocolFailed => {
            Error::failed(said(&format!("`{path}` cannot be read or written")))
        }
        ErrorCode::ConstraintViolation => Error::failed(said("nothing is changed")),
        _ => Error::invalid(text.unwrap_or("SQLite refuses the statement").to_owned()),
    }
}
