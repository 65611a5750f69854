//! What may be used once and was: nonces of sealed states, until they expire.
//!
//! **Invariant:** a use that cannot be remembered did not happen: what is told
//! to be the first is on the disk.

use std::sync::Arc;

use rusqlite::{Connection, TransactionBehavior, params};

use crate::{StateError, connections::Connections, sql::spent as sql};

/// Most uses of one holder that are remembered at once. Answers "a caller that
/// uses up state after state to fill the disk"; others have their own count.
pub const MOST_SPENT: u32 = 10_000;

/// The memory of what was used.
#[derive(Clone, Debug)]
pub struct Spent {
    connections: Arc<Connections>,
    most: u32,
}

impl Spent {
    pub(crate) fn new(connections: Arc<Connections>) -> Self {
        Self { connections, most: MOST_SPENT }
    }

    /// Uses `nonce`, on behalf of `holder`. True for the first time; false for
    /// any other, and if this holder has used as much as can be remembered.
    /// What expired before `now` is forgotten: nobody opens it any more.
    ///
    /// # Errors
    /// The database failed; then it counts as used.
    pub async fn spend(&self, holder: &str, nonce: &[u8], expires: u64, now: u64) -> Result<bool, StateError> {
        let (holder, nonce, most) = (holder.to_owned(), nonce.to_vec(), self.most);
        self.connections.write_through(move |connection| spend(connection, &holder, &nonce, expires, now, most)).await
    }
}

fn spend(
    connection: &mut Connection,
    holder: &str,
    nonce: &[u8],
    expires: u64,
    now: u64,
    most: u32,
) -> Result<bool, StateError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.prepare_cached(sql::FORGET)?.execute([now])?;
    let held: u32 = transaction.prepare_cached(sql::COUNT)?.query_row([holder], |row| row.get(0))?;
    let first = held < most && transaction.prepare_cached(sql::SPEND)?.execute(params![nonce, holder, expires])? == 1;
    transaction.commit()?;
    Ok(first)
}

#[cfg(test)]
mod tests {
    use crate::Store;

    const NOW: u64 = 1_800_000_000;

    #[tokio::test]
    async fn the_first_use_is_the_only_one_also_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.db");
        let spent = Store::open(&path).unwrap().spent();
        assert!(spent.spend("alice", b"1", NOW + 9, NOW).await.unwrap());
        assert!(!spent.spend("alice", b"1", NOW + 9, NOW).await.unwrap());
        assert!(!spent.spend("bob", b"1", NOW + 9, NOW).await.unwrap());
        drop(spent);
        let spent = Store::open(&path).unwrap().spent();
        assert!(!spent.spend("alice", b"1", NOW + 9, NOW + 9).await.unwrap());
        assert!(spent.spend("alice", b"2", NOW + 9, NOW).await.unwrap());
    }

    #[tokio::test]
    async fn who_cannot_be_remembered_is_not_believed() {
        let folder = tempfile::tempdir().unwrap();
        let mut spent = Store::open(&folder.path().join("state.db")).unwrap().spent();
        spent.most = 2;
        for nonce in [b"1", b"2"] {
            assert!(spent.spend("alice", nonce, NOW, NOW).await.unwrap());
        }
        assert!(!spent.spend("alice", b"3", NOW, NOW).await.unwrap(), "there is no room");
        assert!(spent.spend("bob", b"4", NOW, NOW).await.unwrap(), "others have their own");
        assert!(spent.spend("alice", b"3", NOW + 9, NOW + 1).await.unwrap(), "what expired made room");
    }
}
