//! The database's version, and the way from each to the next.

use rusqlite::{Connection, TransactionBehavior};

use crate::{StateError, sql};

/// What leads from version *n* to *n + 1*. Released steps are never changed.
const STEPS: [&str; 4] = [sql::CREATE_1, sql::tasks::CREATE, sql::spent::CREATE, sql::roots::CREATE];

/// Applies the steps that `connection` lacks, all or none.
pub(crate) fn bring_up_to_date(connection: &mut Connection) -> Result<(), StateError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(sql::CREATE_VERSION)?;
    let found: i64 = transaction.query_row(sql::READ_VERSION, [], |row| row.get(0))?;
    let mut version = 0;
    for step in STEPS {
        version += 1;
        if version > found {
            transaction.execute_batch(step)?;
            transaction.execute(sql::WRITE_VERSION, [version])?;
        }
    }
    if found > version {
        return Err(StateError::NewerSchema { found, known: version });
    }
    Ok(transaction.commit()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_start_changes_nothing() {
        let mut connection = Connection::open_in_memory().unwrap();
        bring_up_to_date(&mut connection).unwrap();
        bring_up_to_date(&mut connection).unwrap();
        let rows: i64 = connection.query_row("SELECT COUNT(*) FROM schema_version", [], |row| row.get(0)).unwrap();
        assert_eq!(rows, i64::try_from(STEPS.len()).unwrap());
    }

    #[test]
    fn a_newer_database_is_refused() {
        let mut connection = Connection::open_in_memory().unwrap();
        bring_up_to_date(&mut connection).unwrap();
        connection.execute(sql::WRITE_VERSION, [99]).unwrap();
        let refused = bring_up_to_date(&mut connection);
        let latest = i64::try_from(STEPS.len()).unwrap();
        assert!(matches!(refused, Err(StateError::NewerSchema { found: 99, known }) if known == latest));
    }
}
