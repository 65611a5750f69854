use bulkhead_audit::{AuditError, Keypair, Rehearsal, rehearse as rehearsed};

use super::{OpenError, open::settings};
use crate::config::Audit;

/// Tries what opening the record does, and writes nothing. `None`: nothing is
/// recorded.
///
/// # Errors
/// As opening: what is there cannot be written, or does not hold.
pub fn rehearse(audit: &Audit) -> Result<Option<Rehearsal>, OpenError> {
    if audit.mode.is_none() {
        return Ok(None);
    }
    if audit.key.exists() {
        let key = Keypair::read(&audit.key)?;
        return Ok(Some(rehearsed(&settings(audit, key.public(), 1)?, Some(key.public()))?));
    }
    // A key is made at the first start, and could go on with no record that there is.
    let made = Keypair::generate()?;
    let found = rehearsed(&settings(audit, made.public(), 1)?, None)?;
    match found.size {
        Some(_) => Err(AuditError::NoKey { folder: audit.dir.clone(), key: audit.key.clone() }.into()),
        None => Ok(Some(found)),
    }
}
