//! Roots: context trees that a principal opened, and the parameters of each.
//!
//! The root called nothing is every principal's own that needs no opening.
//!
//! **Invariant:** no statement reads or writes a root without naming its
//! principal, but for the one that drops what nobody has used for long, and
//! the one that says which there are.

use std::sync::Arc;

use rusqlite::{OptionalExtension as _, Row, Transaction, TransactionBehavior, params};

use crate::{StateError, connections::Connections, sql::roots as sql};

/// The root that needs no opening.
pub const OWN_ROOT: &str = "";

/// Most roots of one principal that are ever read. Above what any caller of
/// [`Roots::open`] allows.
const MOST_READ: i64 = 4096;

/// One root. Texts are the caller's affair; times are milliseconds since 1970.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RootRow {
    pub id: String,
    pub name: Option<String>,
    /// A JSON object.
    pub metadata: Option<String>,
    /// The prompt that the root is at.
    pub prompt: Option<String>,
    /// A JSON object.
    pub sampling: String,
    pub created: i64,
    pub used: i64,
}

/// Everybody's roots.
#[derive(Clone, Debug)]
pub struct Roots {
    connections: Arc<Connections>,
}

impl Roots {
    pub(crate) const fn new(connections: Arc<Connections>) -> Self {
        Self { connections }
    }

    /// The roots of `principal`, oldest first.
    ///
    /// # Errors
    /// [`StateError`]
    pub async fn of(&self, principal: &str) -> Result<Vec<RootRow>, StateError> {
        let principal = principal.to_owned();
        self.connections
            .read(move |connection| {
                let mut statement = connection.prepare_cached(sql::LIST)?;
                let rows = statement.query_map(params![principal, MOST_READ], root)?;
                Ok(rows.collect::<Result<_, _>>()?)
            })
            .await
    }

    /// Shows every root there is to `each`, with its principal, and gives back
    /// what became of `seen`.
    ///
    /// # Errors
    /// [`StateError`]
    pub async fn every<T: Send + 'static>(
        &self,
        mut seen: T,
        each: impl Fn(&mut T, &str, &str) + Send + 'static,
    ) -> Result<T, StateError> {
        self.connections
            .read(move |connection| {
                let mut statement = connection.prepare_cached(sql::EVERY)?;
                let mut rows = statement.query([])?;
                while let Some(row) = rows.next()? {
                    let (principal, id): (String, String) = (row.get(0)?, row.get(1)?);
                    each(&mut seen, &principal, &id);
                }
                Ok(seen)
            })
            .await
    }

    /// Opens a root of `principal`, if it has fewer than `most`.
    ///
    /// # Errors
    /// [`StateError::RootsExhausted`], or a failing database.
    pub async fn open(&self, principal: &str, root: RootRow, most: u64) -> Result<(), StateError> {
        self.change(principal, move |transaction, principal| {
            let open: u64 =
                transaction.prepare_cached(sql::COUNT)?.query_row(params![principal, OWN_ROOT], |row| row.get(0))?;
            if open >= most {
                return Err(StateError::RootsExhausted { limit: most });
            }
            insert(transaction, principal, &root)
        })
        .await
    }

    /// Closes a root. False if there is none of that id.
    ///
    /// # Errors
    /// [`StateError`]
    pub async fn close(&self, principal: &str, id: &str) -> Result<bool, StateError> {
        let id = id.to_owned();
        self.change(principal, move |transaction, principal| {
            Ok(transaction.prepare_cached(sql::CLOSE)?.execute(params![principal, id])? > 0)
        })
        .await
    }

    /// Changes a root in one step: `work` is given the root as it is. The own
    /// root is made if it is not there. `None` if there is no such root.
    ///
    /// # Errors
    /// [`StateError`]
    pub async fn alter(
        &self,
        principal: &str,
        id: &str,
        now: i64,
        work: impl FnOnce(&mut RootRow) + Send + 'static,
    ) -> Result<Option<RootRow>, StateError> {
        let id = id.to_owned();
        self.change(principal, move |transaction, principal| {
            let found = transaction.prepare_cached(sql::FIND)?.query_row(params![principal, id], root).optional()?;
            let mut altered = match found {
                Some(root) => root,
                None if id == OWN_ROOT => {
                    let own = RootRow { created: now, sampling: "{}".to_owned(), ..RootRow::default() };
                    insert(transaction, principal, &own)?;
                    own
                }
                None => return Ok(None),
            };
            work(&mut altered);
            altered.used = now;
            let RootRow { prompt, sampling, used, .. } = &altered;
            let row = params![prompt, sampling, used, principal, id];
            transaction.prepare_cached(sql::ALTER)?.execute(row)?;
            Ok(Some(altered))
        })
        .await
    }

    /// Drops at most `most` roots that nobody has used since `before`, and names
    /// them with their principals.
    ///
    /// # Errors
    /// [`StateError`]
    pub async fn expire(&self, before: i64, most: u32) -> Result<Vec<(String, String)>, StateError> {
        self.change("", move |transaction, _| {
            let mut statement = transaction.prepare_cached(sql::EXPIRE)?;
            let rows = statement.query_map(params![before, most], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    async fn change<T: Send + 'static>(
        &self,
        principal: &str,
        work: impl FnOnce(&Transaction<'_>, &str) -> Result<T, StateError> + Send + 'static,
    ) -> Result<T, StateError> {
        let principal = principal.to_owned();
        self.connections
            .write(move |connection| {
                let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
                let result = work(&transaction, &principal)?;
                transaction.commit()?;
                Ok(result)
            })
            .await
    }
}

fn insert(transaction: &Transaction<'_>, principal: &str, root: &RootRow) -> Result<(), StateError> {
    let RootRow { id, name, metadata, prompt, sampling, created, used } = root;
    let row = params![principal, id, name, metadata, prompt, sampling, created, used];
    transaction.prepare_cached(sql::OPEN)?.execute(row)?;
    Ok(())
}

fn root(row: &Row<'_>) -> rusqlite::Result<RootRow> {
    Ok(RootRow {
        id: row.get(0)?,
        name: row.get(1)?,
        metadata: row.get(2)?,
        prompt: row.get(3)?,
        sampling: row.get(4)?,
        created: row.get(5)?,
        used: row.get(6)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Store;

    fn row(id: &str, now: i64) -> RootRow {
        RootRow { id: id.to_owned(), sampling: "{}".to_owned(), created: now, used: now, ..RootRow::default() }
    }

    fn ids(rows: &[RootRow]) -> Vec<&str> {
        rows.iter().map(|row| row.id.as_str()).collect()
    }

    #[tokio::test]
    async fn a_root_belongs_to_its_principal_and_outlives_the_process() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.db");
        let roots = Store::open(&path).unwrap().roots();
        roots.open("a", row("1", 10), 2).await.unwrap();
        assert_eq!(roots.alter("b", "1", 11, |root| root.sampling = "{\"x\":1}".into()).await.unwrap(), None);
        let altered = roots.alter("a", "1", 12, |root| root.sampling = "{\"y\":1}".into()).await.unwrap();
        drop(roots);
        let roots = Store::open(&path).unwrap().roots();
        assert_eq!(roots.of("a").await.unwrap(), [altered.unwrap()]);
        assert_eq!(roots.of("b").await.unwrap(), []);
        assert!(!roots.close("b", "1").await.unwrap());
        assert!(roots.close("a", "1").await.unwrap());
        assert!(!roots.close("a", "1").await.unwrap());
    }

    #[tokio::test]
    async fn the_own_root_is_there_once_it_is_altered_and_takes_no_place() {
        let folder = tempfile::tempdir().unwrap();
        let roots = Store::open(&folder.path().join("state.db")).unwrap().roots();
        roots.alter("a", OWN_ROOT, 1, |root| root.sampling = "{\"x\":1}".into()).await.unwrap();
        roots.open("a", row("1", 2), 2).await.unwrap();
        roots.open("a", row("2", 3), 2).await.unwrap();
        let third = roots.open("a", row("3", 4), 2).await;
        assert!(matches!(third, Err(StateError::RootsExhausted { limit: 2 })));
        roots.open("b", row("3", 4), 2).await.unwrap();
        assert_eq!(ids(&roots.of("a").await.unwrap()), ["", "1", "2"]);
    }

    #[tokio::test]
    async fn every_root_is_shown_with_its_principal() {
        let folder = tempfile::tempdir().unwrap();
        let roots = Store::open(&folder.path().join("state.db")).unwrap().roots();
        for (principal, id) in [("a", "1"), ("b", "2")] {
            roots.open(principal, row(id, 10), 9).await.unwrap();
        }
        let each = |seen: &mut Vec<String>, principal: &str, id: &str| seen.push(format!("{principal}{id}"));
        let mut seen = roots.every(Vec::new(), each).await.unwrap();
        seen.sort();
        assert_eq!(seen, ["a1", "b2"]);
    }

    #[tokio::test]
    async fn what_nobody_uses_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let roots = Store::open(&folder.path().join("state.db")).unwrap().roots();
        for (id, now) in [("1", 10), ("2", 20), ("3", 30)] {
            roots.open("a", row(id, now), 9).await.unwrap();
        }
        roots.alter("a", "1", 40, |_| ()).await.unwrap();
        assert_eq!(roots.expire(30, 9).await.unwrap(), [("a".to_owned(), "2".to_owned())]);
        assert_eq!(ids(&roots.of("a").await.unwrap()), ["1", "3"]);
    }
}
