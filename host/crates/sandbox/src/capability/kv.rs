//! `wasi:keyvalue`: one bucket, the plugin's own.
//!
//! **Invariant:** which partition a bucket is comes from publisher, entry and
//! principal; the guest's identifier chooses nothing.

use bulkhead_policy::KvScope;
use bulkhead_state::{Holder, Kv, Partition, StateError};
use wasmtime::{Result, component::Resource};

use crate::{
    Capability,
    bindings::wasi::keyvalue::{
        atomics,
        store::{self, Error, KeyResponse},
    },
    state::CallState,
};

/// Names under which the one bucket opens.
const NAMES: [&str; 2] = ["", "default"];

/// An open bucket.
#[expect(unreachable_pub, reason = "the generated bindings re-export it")]
pub struct Bucket(Kv);

impl CallState {
    /// The plugin's store, if it was granted one and the host has one.
    fn kv(&self) -> Option<Kv> {
        let (shared, grounds) = (&self.shared, self.grounds());
        let holder = match grounds.kv? {
            KvScope::Principal => Holder::Principal(shared.principal.clone()),
            KvScope::Shared => Holder::Shared,
        };
        let partition = Partition { publisher: grounds.publisher, plugin: shared.entry.clone(), holder };
        grounds.services.store.as_ref().map(|store| store.kv(partition))
    }

    fn bucket(&self, bucket: &Resource<Bucket>) -> Result<Kv> {
        Ok(self.table.get(bucket)?.0.clone())
    }
}

impl store::Host for CallState {
    fn open(&mut self, identifier: String) -> Result<Result<Resource<Bucket>, Error>> {
        let Some(kv) = self.kv() else {
            self.shared.witness.denied(Capability::Kv, "asked for its key-value store", Some(&"kv: true"));
            return Ok(Err(Error::AccessDenied));
        };
        if !NAMES.contains(&identifier.as_str()) {
            return Ok(Err(Error::NoSuchStore));
        }
        Ok(Ok(self.table.push(Bucket(kv))?))
    }
}

impl store::HostBucket for CallState {
    async fn get(&mut self, bucket: Resource<Bucket>, key: String) -> Result<Result<Option<Vec<u8>>, Error>> {
        Ok(self.bucket(&bucket)?.get(&key).await.map_err(told))
    }

    async fn set(&mut self, bucket: Resource<Bucket>, key: String, value: Vec<u8>) -> Result<Result<(), Error>> {
        Ok(self.bucket(&bucket)?.set(&key, value).await.map_err(told))
    }

    async fn delete(&mut self, bucket: Resource<Bucket>, key: String) -> Result<Result<(), Error>> {
        Ok(self.bucket(&bucket)?.delete(&key).await.map_err(told))
    }

    async fn exists(&mut self, bucket: Resource<Bucket>, key: String) -> Result<Result<bool, Error>> {
        Ok(self.bucket(&bucket)?.exists(&key).await.map_err(told))
    }

    async fn list_keys(&mut self, bucket: Resource<Bucket>, cursor: Option<u64>) -> Result<Result<KeyResponse, Error>> {
        let page = self.bucket(&bucket)?.keys(cursor).await;
        Ok(page.map(|page| KeyResponse { keys: page.keys, cursor: page.cursor }).map_err(told))
    }

    fn drop(&mut self, bucket: Resource<Bucket>) -> Result<()> {
        self.table.delete(bucket)?;
        Ok(())
    }
}

impl atomics::Host for CallState {
    async fn increment(&mut self, bucket: Resource<Bucket>, key: String, delta: u64) -> Result<Result<u64, Error>> {
        Ok(self.bucket(&bucket)?.increment(&key, delta).await.map_err(told))
    }
}

/// What the guest is told: its own mistake in words, the host's trouble not.
fn told(error: StateError) -> Error {
    if error.is_refusal() {
        return Error::Other(error.to_string());
    }
    tracing::error!(%error, "a plugin's key-value store failed");
    Error::Other("the store failed".to_owned())
}
