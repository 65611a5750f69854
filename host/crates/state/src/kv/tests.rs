use std::collections::BTreeSet;

use bulkhead_base::Digest;
use tempfile::TempDir;

use super::*;
use crate::{Holder, Store};

fn partition(publisher: &str, plugin: &str, holder: Holder) -> Partition {
    Partition { publisher: Digest::of(publisher.as_bytes()), plugin: plugin.parse().unwrap(), holder }
}

fn of(principal: &str) -> Holder {
    Holder::Principal(principal.into())
}

fn store() -> (TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("state.db")).unwrap();
    (folder, store)
}

fn kv() -> (TempDir, Kv) {
    let (folder, store) = store();
    (folder, store.kv(partition("acme", "notes", of("local"))))
}

#[tokio::test]
async fn what_was_set_is_read_replaced_and_deleted() {
    let (_folder, kv) = kv();
    assert_eq!(kv.get("a").await.unwrap(), None);
    assert!(!kv.exists("a").await.unwrap());
    kv.set("a", b"1".to_vec()).await.unwrap();
    kv.set("a", vec![0, 255]).await.unwrap();
    assert_eq!(kv.get("a").await.unwrap(), Some(vec![0, 255]));
    assert!(kv.exists("a").await.unwrap());
    kv.delete("a").await.unwrap();
    kv.delete("a").await.unwrap();
    assert_eq!(kv.get("a").await.unwrap(), None);
}

#[tokio::test]
async fn it_outlives_the_process() {
    let (folder, first) = store();
    let place = partition("acme", "notes", Holder::Shared);
    first.kv(place.clone()).set("a", b"kept".to_vec()).await.unwrap();
    drop(first);
    let second = Store::open(&folder.path().join("state.db")).unwrap();
    assert_eq!(second.kv(place).get("a").await.unwrap().as_deref(), Some(b"kept".as_slice()));
}

#[tokio::test]
async fn partitions_do_not_see_one_another() {
    let (_folder, store) = store();
    let places = [
        partition("acme", "notes", of("ann")),
        partition("acme", "notes", of("bob")),
        partition("acme", "notes", of("shared")),
        partition("acme", "notes", Holder::Shared),
        partition("acme", "other", of("ann")),
        partition("mallory", "notes", of("ann")),
    ];
    for (n, place) in places.iter().enumerate() {
        let kv = store.kv(place.clone());
        assert_eq!(kv.get("k").await.unwrap(), None, "{place:?}");
        assert_eq!(kv.keys(None).await.unwrap().keys, Vec::<String>::new());
        kv.set("k", n.to_string().into_bytes()).await.unwrap();
    }
    store.kv(places[0].clone()).delete("k").await.unwrap();
    for (n, place) in places.iter().enumerate().skip(1) {
        assert_eq!(store.kv(place.clone()).get("k").await.unwrap(), Some(n.to_string().into_bytes()));
    }
}

#[tokio::test]
async fn bytes_and_keys_are_limited_and_given_back() {
    let (_folder, kv) = kv();
    let kv = kv.with_quota(Quota { bytes: ByteSize::bytes(10), keys: 2 });
    kv.set("a", vec![0; 9]).await.unwrap();
    kv.set("a", vec![1; 9]).await.unwrap();
    assert!(matches!(kv.set("a", vec![0; 10]).await, Err(StateError::BytesExhausted { .. })));
    assert!(matches!(kv.set("b", vec![]).await, Err(StateError::BytesExhausted { .. })));
    assert!(matches!(kv.increment("b", 1).await, Err(StateError::BytesExhausted { .. })));
    assert_eq!(kv.get("a").await.unwrap(), Some(vec![1; 9]), "a refused write changes nothing");
    kv.set("a", vec![]).await.unwrap();
    kv.set("b", vec![]).await.unwrap();
    assert!(matches!(kv.set("c", vec![]).await, Err(StateError::KeysExhausted { limit: 2 })));
    kv.delete("a").await.unwrap();
    kv.set("c", vec![0; 8]).await.unwrap();
}

#[tokio::test]
async fn one_key_and_one_value_are_limited() {
    let (_folder, kv) = kv();
    let long = "k".repeat(KEY_BYTES.as_usize() + 1);
    assert!(matches!(kv.get(&long).await, Err(StateError::KeyTooLong { .. })));
    assert!(matches!(kv.set(&long, vec![]).await, Err(StateError::KeyTooLong { .. })));
    let large = vec![0; VALUE_BYTES.as_usize() + 1];
    assert!(matches!(kv.set("k", large.clone()).await, Err(StateError::ValueTooLarge { .. })));
    kv.set("k", large[1..].to_vec()).await.unwrap();
}

#[tokio::test]
async fn increments_from_many_tasks_are_all_counted() {
    let (_folder, kv) = kv();
    let tasks = (0..50).map(|_| {
        let kv = kv.clone();
        tokio::spawn(async move { kv.increment("n", 2).await.unwrap() })
    });
    let mut seen = BTreeSet::new();
    for task in tasks.collect::<Vec<_>>() {
        seen.insert(task.await.unwrap());
    }
    assert_eq!(seen, (1..=50).map(|n| n * 2).collect());
    assert_eq!(kv.get("n").await.unwrap().as_deref(), Some(b"100".as_slice()));
}

#[tokio::test]
async fn only_a_decimal_number_is_incremented() {
    let (_folder, kv) = kv();
    for bad in ["", "x", "-1", "+1", " 1", "1.5", "18446744073709551616"] {
        kv.set("n", bad.as_bytes().to_vec()).await.unwrap();
        assert!(matches!(kv.increment("n", 1).await, Err(StateError::NotANumber)), "{bad:?}");
    }
    kv.set("n", u64::MAX.to_string().into_bytes()).await.unwrap();
    assert!(matches!(kv.increment("n", 1).await, Err(StateError::Overflow)));
    assert_eq!(kv.increment("n", 0).await.unwrap(), u64::MAX);
}

#[tokio::test]
async fn a_listing_shows_each_key_once_while_others_come_and_go() {
    let (_folder, kv) = kv();
    let names: Vec<String> = (0..PAGE_KEYS + 10).map(|n| format!("k{n}")).collect();
    for name in &names {
        kv.set(name, vec![]).await.unwrap();
    }
    let first = kv.keys(None).await.unwrap();
    assert_eq!(first.keys.len(), PAGE_KEYS as usize);
    kv.delete("k0").await.unwrap();
    kv.set("k1", b"again".to_vec()).await.unwrap();
    let second = kv.keys(first.cursor).await.unwrap();
    assert_eq!([first.keys, second.keys].concat(), names);
    assert_eq!(second.cursor, None);
    assert_eq!(kv.keys(Some(u64::MAX)).await.unwrap(), KeyPage { keys: vec![], cursor: None });
}

#[cfg(unix)]
#[tokio::test]
async fn the_files_are_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    std::fs::write(&path, b"").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o666)).unwrap();
    let store = Store::open(&path).unwrap();
    store.kv(partition("acme", "notes", Holder::Shared)).set("a", vec![]).await.unwrap();
    let files: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap()).collect();
    assert!(files.len() > 1, "a write-ahead log stands beside the database");
    for file in files {
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", file.path());
    }
}

#[cfg(unix)]
#[test]
fn a_symbolic_link_is_not_followed() {
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("state.db");
    std::os::unix::fs::symlink(folder.path().join("elsewhere"), &link).unwrap();
    assert!(matches!(Store::open(&link), Err(StateError::File { .. })));
    assert!(!folder.path().join("elsewhere").exists());
}

#[test]
fn what_is_no_database_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    std::fs::write(&path, "not a database, but long enough to have a header of its own".repeat(20)).unwrap();
    assert!(matches!(Store::open(&path), Err(StateError::Database(_))));
}
