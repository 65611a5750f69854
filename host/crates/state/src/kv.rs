//! Key-value stores, one for each [`Partition`].
//!
//! **Invariant:** the use that is written beside a partition is the sum of its
//! entries: both change in one transaction, under the partition's lock.

use std::sync::Arc;

use bulkhead_base::ByteSize;
use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior, params};

use crate::{Partition, StateError, connections::Connections, sql};

/// Longest key. Keys are listed by the page, so they bound what a page costs.
pub const KEY_BYTES: ByteSize = ByteSize::kib(1);
/// Largest value: one is held in memory twice while it crosses the wall.
pub const VALUE_BYTES: ByteSize = ByteSize::mib(1);
/// Bytes of keys and values in a partition: a plugin must not fill the disk.
pub const PARTITION_BYTES: ByteSize = ByteSize::mib(16);
/// Keys in a partition: empty values must not get round the bytes.
pub const PARTITION_KEYS: u64 = 10_000;
/// Keys in one page of a listing.
pub const PAGE_KEYS: u32 = 256;

/// How much a partition may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Keys and values together; default [`PARTITION_BYTES`].
    pub bytes: ByteSize,
    /// Number of keys; default [`PARTITION_KEYS`].
    pub keys: u64,
}

impl Default for Quota {
    fn default() -> Self {
        Self { bytes: PARTITION_BYTES, keys: PARTITION_KEYS }
    }
}

/// A part of a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyPage {
    /// The oldest keys first.
    pub keys: Vec<String>,
    /// Where the next page begins, if there may be one. It counts within the
    /// partition and so says nothing about anybody else's.
    pub cursor: Option<u64>,
}

/// One partition's store. What it wrote, it reads.
#[derive(Clone, Debug)]
pub struct Kv {
    connections: Arc<Connections>,
    partition: Arc<Partition>,
    quota: Quota,
}

impl Kv {
    pub(crate) fn new(connections: Arc<Connections>, partition: Partition) -> Self {
        Self { connections, partition: Arc::new(partition), quota: Quota::default() }
    }

    /// The same store under another quota.
    #[must_use]
    pub fn with_quota(self, quota: Quota) -> Self {
        Self { quota, ..self }
    }

    /// The value of `key`, if it has one.
    ///
    /// # Errors
    /// [`StateError`]
    pub async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StateError> {
        let (partition, key) = self.address(key)?;
        self.connections
            .read(move |connection| match find(connection, &partition)? {
                Some(id) => value(connection, id, &key),
                None => Ok(None),
            })
            .await
    }

    /// Whether `key` has a value.
    ///
    /// # Errors
    /// [`StateError`]
    pub async fn exists(&self, key: &str) -> Result<bool, StateError> {
        let (partition, key) = self.address(key)?;
        self.connections
            .read(move |connection| match find(connection, &partition)? {
                Some(id) => Ok(value_length(connection, id, &key)?.is_some()),
                None => Ok(false),
            })
            .await
    }

    /// Gives `key` a value, in place of the one it had.
    ///
    /// # Errors
    /// A key or value that is too large, a full partition, a failing database.
    pub async fn set(&self, key: &str, value: Vec<u8>) -> Result<(), StateError> {
        if value.len() as u64 > VALUE_BYTES.get() {
            return Err(StateError::ValueTooLarge { limit: VALUE_BYTES });
        }
        self.change(key, move |change| change.put(&value)).await
    }

    /// Takes `key` and its value away; nothing happens if there is none.
    ///
    /// # Errors
    /// [`StateError`]
    pub async fn delete(&self, key: &str) -> Result<(), StateError> {
        self.change(key, |change| change.delete()).await
    }

    /// Adds `delta` to the decimal number under `key` and returns the sum, in
    /// one step; a key without value counts as 0.
    ///
    /// # Errors
    /// The value is no number, the sum does not fit, or as for [`Kv::set`].
    pub async fn increment(&self, key: &str, delta: u64) -> Result<u64, StateError> {
        self.change(key, move |change| {
            let sum = number(change.value()?)?.checked_add(delta).ok_or(StateError::Overflow)?;
            change.put(sum.to_string().as_bytes())?;
            Ok(sum)
        })
        .await
    }

    /// At most [`PAGE_KEYS`] keys, those after `cursor`. A key that exists all
    /// the while is listed exactly once, whatever else is written meanwhile.
    ///
    /// # Errors
    /// [`StateError`]
    pub async fn keys(&self, cursor: Option<u64>) -> Result<KeyPage, StateError> {
        let partition = Arc::clone(&self.partition);
        // Beyond what a cursor can be there is nothing to list.
        let after = i64::try_from(cursor.unwrap_or(0)).unwrap_or(i64::MAX);
        self.connections
            .read(move |connection| match find(connection, &partition)? {
                Some(id) => list(connection, id, after),
                None => Ok(KeyPage { keys: Vec::new(), cursor: None }),
            })
            .await
    }

    fn address(&self, key: &str) -> Result<(Arc<Partition>, String), StateError> {
        if key.len() as u64 > KEY_BYTES.get() {
            return Err(StateError::KeyTooLong { limit: KEY_BYTES });
        }
        Ok((Arc::clone(&self.partition), key.to_owned()))
    }

    async fn change<T: Send + 'static>(
        &self,
        key: &str,
        work: impl FnOnce(&Change<'_>) -> Result<T, StateError> + Send + 'static,
    ) -> Result<T, StateError> {
        let ((partition, key), quota) = (self.address(key)?, self.quota);
        self.connections
            .write(move |connection| {
                let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
                let result = work(&Change::begin(&transaction, &partition, &key, quota)?)?;
                transaction.commit()?;
                Ok(result)
            })
            .await
    }
}

/// A transaction on one entry, with its partition locked.
struct Change<'a> {
    transaction: &'a Transaction<'a>,
    key: &'a str,
    quota: Quota,
    partition: i64,
    bytes: u64,
    entries: u64,
    sequence: i64,
}

impl<'a> Change<'a> {
    fn begin(
        transaction: &'a Transaction<'a>,
        partition: &Partition,
        key: &'a str,
        quota: Quota,
    ) -> Result<Self, StateError> {
        let Partition { publisher, plugin, holder } = partition;
        let named = params![publisher.hex(), plugin.as_str(), holder.to_string()];
        transaction.prepare_cached(sql::ADD_PARTITION)?.execute(named)?;
        let mut lock = transaction.prepare_cached(sql::LOCK_PARTITION)?;
        let change = lock.query_row(named, |row| {
            Ok(Self {
                transaction,
                key,
                quota,
                partition: row.get(0)?,
                bytes: row.get(1)?,
                entries: row.get(2)?,
                sequence: row.get(3)?,
            })
        })?;
        Ok(change)
    }

    fn value(&self) -> Result<Option<Vec<u8>>, StateError> {
        value(self.transaction, self.partition, self.key)
    }

    /// Bytes that the entry takes now, and whether there is one.
    fn weight(&self) -> Result<(u64, u64), StateError> {
        let length = value_length(self.transaction, self.partition, self.key)?;
        Ok(length.map_or((0, 0), |length| (self.key.len() as u64 + length, 1)))
    }

    fn put(&self, value: &[u8]) -> Result<(), StateError> {
        let (weight, present) = self.weight()?;
        let bytes = self.bytes.saturating_sub(weight) + self.key.len() as u64 + value.len() as u64;
        let entries = self.entries.saturating_sub(present) + 1;
        if entries > self.quota.keys {
            return Err(StateError::KeysExhausted { limit: self.quota.keys });
        }
        if bytes > self.quota.bytes.get() {
            return Err(StateError::BytesExhausted { limit: self.quota.bytes });
        }
        let row = params![self.partition, self.key, self.sequence, value];
        self.transaction.prepare_cached(sql::PUT)?.execute(row)?;
        self.set_use(bytes, entries)
    }

    fn delete(&self) -> Result<(), StateError> {
        let (weight, present) = self.weight()?;
        self.transaction.prepare_cached(sql::DELETE)?.execute(params![self.partition, self.key])?;
        self.set_use(self.bytes.saturating_sub(weight), self.entries.saturating_sub(present))
    }

    fn set_use(&self, bytes: u64, entries: u64) -> Result<(), StateError> {
        self.transaction.prepare_cached(sql::SET_USE)?.execute(params![bytes, entries, self.partition])?;
        Ok(())
    }
}

fn find(connection: &Connection, partition: &Partition) -> Result<Option<i64>, StateError> {
    let Partition { publisher, plugin, holder } = partition;
    let named = params![publisher.hex(), plugin.as_str(), holder.to_string()];
    Ok(connection.prepare_cached(sql::FIND_PARTITION)?.query_row(named, |row| row.get(0)).optional()?)
}

fn value(connection: &Connection, partition: i64, key: &str) -> Result<Option<Vec<u8>>, StateError> {
    Ok(connection.prepare_cached(sql::GET)?.query_row(params![partition, key], |row| row.get(0)).optional()?)
}

fn value_length(connection: &Connection, partition: i64, key: &str) -> Result<Option<u64>, StateError> {
    let mut statement = connection.prepare_cached(sql::VALUE_LENGTH)?;
    Ok(statement.query_row(params![partition, key], |row| row.get(0)).optional()?)
}

fn list(connection: &Connection, partition: i64, after: i64) -> Result<KeyPage, StateError> {
    let mut statement = connection.prepare_cached(sql::LIST)?;
    let rows = statement.query_map(params![partition, after, PAGE_KEYS], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let rows: Vec<(u64, String)> = rows.collect::<Result<_, _>>()?;
    let full = rows.len() as u64 >= u64::from(PAGE_KEYS);
    let cursor = rows.last().filter(|_| full).map(|(sequence, _)| *sequence);
    Ok(KeyPage { keys: rows.into_iter().map(|(_, key)| key).collect(), cursor })
}

fn number(value: Option<Vec<u8>>) -> Result<u64, StateError> {
    let Some(value) = value else { return Ok(0) };
    let digits = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
    let text = std::str::from_utf8(&value).ok().filter(|_| digits).ok_or(StateError::NotANumber)?;
    text.parse().map_err(|_| StateError::NotANumber)
}

#[cfg(test)]
mod tests;
