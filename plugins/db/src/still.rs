//! Whether a database was at rest while it was read.
//!
//! There are no locks on files here. So a read looks at what every write
//! changes, before and after: an answer is given only if both are the same.

use std::{
    fs::{self, File},
    io::Read as _,
    time::{Duration, SystemTime},
};

use bulkhead_sdk::{Error, Result};

use crate::{
    data::{Place, told},
    error,
    limits::MAX_ATTEMPTS,
    lock::Lock,
    open::{Guarded, Mode, open},
};

/// The part of a database's header that holds its version and size.
const HEADER_BYTES: u64 = 100;

/// What every write changes.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stamp {
    header: Vec<u8>,
    database: (u64, Option<SystemTime>),
    log: Option<(u64, Option<SystemTime>)>,
    /// Whether there is a journal of a write that has not ended.
    unfinished: bool,
}

impl Stamp {
    fn of(place: &Place) -> Result<Self> {
        let found = fs::symlink_metadata(&place.real).map_err(|error| told(&place.path, &error))?;
        if !found.is_file() {
            return Err(Error::invalid(format!("`{}` is not an ordinary file", place.path)));
        }
        let mut header = Vec::new();
        let file = File::open(&place.real).map_err(|error| told(&place.path, &error))?;
        file.take(HEADER_BYTES).read_to_end(&mut header).map_err(|error| told(&place.path, &error))?;
        let log = fs::symlink_metadata(place.beside("-wal")).ok().filter(|log| log.len() > 0);
        Ok(Self {
            header,
            database: (found.len(), found.modified().ok()),
            log: log.map(|log| (log.len(), log.modified().ok())),
            unfinished: place.holds_half_a_write(),
        })
    }
}

/// Runs `read` on a connection to the database at `place`, again if the
/// database changes meanwhile.
///
/// # Errors
/// Those of `read`, or that the database does not come to rest.
pub(crate) fn at_rest<T>(place: &Place, time: Duration, read: impl Fn(&Guarded) -> Result<T>) -> Result<T> {
    for _ in 0..MAX_ATTEMPTS {
        let before = Stamp::of(place)?;
        if before.unfinished {
            roll_back(place, time)?;
            continue;
        }
        let mode = if before.log.is_some() { Mode::WithLog } else { Mode::AtRest };
        let answer = open(place, mode, time).and_then(|opened| read(&opened));
        // Damage that is met while somebody writes is none.
        if Stamp::of(place)? == before {
            return answer;
        }
    }
    Err(Error::conflict(format!("`{}` changed while it was read; try again", place.path)))
}

/// Ends a write that was cut off: what it had changed is taken back.
fn roll_back(place: &Place, time: Duration) -> Result<()> {
    let lock = Lock::take(place).map_err(|error| match error {
        Error::Denied(_) => Error::conflict(format!(
            "`{}` holds half of a write: one is under way, or was cut off. It has to end first, which takes a \
             program that may write the folder",
            place.path
        )),
        other => other,
    })?;
    let opened = open(place, Mode::Write, time)?;
    let looked = opened.connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()));
    looked.map_err(|error| error::told(place, &opened.guard, &error))?;
    drop(opened);
    lock.release();
    Ok(())
}
