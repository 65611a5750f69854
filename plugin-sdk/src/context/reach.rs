//! What the operator granted: configuration, variables, kept values. Each is
//! denied until it is asked for in `plugin.toml` and given.

use super::Context;
use crate::error::Result;

#[cfg(target_arch = "wasm32")]
use crate::bindings::wasi::{config::store as config, keyvalue::atomics, keyvalue::store as keyvalue};
#[cfg(target_arch = "wasm32")]
use crate::error::Error;

/// The plugin's configuration.
#[derive(Clone, Copy, Debug)]
pub struct Config<'a> {
    #[cfg_attr(target_arch = "wasm32", expect(dead_code, reason = "a component asks its host"))]
    ctx: &'a Context,
}

/// Values that outlive the call: the caller's own, unless the operator shares
/// them.
#[derive(Debug)]
pub struct Kv<'a> {
    #[cfg_attr(target_arch = "wasm32", expect(dead_code, reason = "a component asks its host"))]
    ctx: &'a Context,
    #[cfg(target_arch = "wasm32")]
    bucket: keyvalue::Bucket,
}

impl Context {
    /// The plugin's configuration.
    ///
    /// ```
    /// use bulkhead_sdk::prelude::*;
    ///
    /// let ctx = Harness::new().config("units", "metric").context();
    /// assert_eq!(ctx.config().get("units")?.as_deref(), Some("metric"));
    /// assert_eq!(ctx.config().get("language")?, None);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn config(&self) -> Config<'_> {
        Config { ctx: self }
    }

    /// Values that outlive the call.
    ///
    /// ```
    /// use bulkhead_sdk::prelude::*;
    ///
    /// let ctx = Context::test();
    /// ctx.kv()?.set("last", b"42")?;
    /// assert_eq!(ctx.kv()?.get("last")?.as_deref(), Some(&b"42"[..]));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn kv(&self) -> Result<Kv<'_>> {
        #[cfg(target_arch = "wasm32")]
        return Ok(Kv { ctx: self, bucket: keyvalue::open("").map_err(kv_error)? });
        #[cfg(not(target_arch = "wasm32"))]
        return Ok(Kv { ctx: self });
    }

    /// A variable of the environment that the operator granted. There are none
    /// in a component that leaves std's variables out (`plugin!`'s `std`).
    #[cfg_attr(
        target_arch = "wasm32",
        expect(clippy::disallowed_methods, reason = "a component's variables are those it was granted")
    )]
    pub fn env(&self, name: &str) -> Option<String> {
        #[cfg(target_arch = "wasm32")]
        return std::env::var(name).ok();
        #[cfg(not(target_arch = "wasm32"))]
        return self.stage.env(name);
    }
}

#[cfg(target_arch = "wasm32")]
impl Config<'_> {
    /// The value of `key`, if the operator gave one.
    pub fn get(&self, key: &str) -> Result<Option<String>> {
        config::get(key).map_err(config_error)
    }

    /// All of it.
    pub fn all(&self) -> Result<Vec<(String, String)>> {
        config::get_all().map_err(config_error)
    }
}

#[cfg(not(target_arch = "wasm32"))]
impl Config<'_> {
    /// The value of `key`, if the operator gave one.
    pub fn get(&self, key: &str) -> Result<Option<String>> {
        Ok(self.ctx.stage.config(key))
    }

    /// All of it.
    pub fn all(&self) -> Result<Vec<(String, String)>> {
        Ok(self.ctx.stage.all_config())
    }
}

#[cfg(target_arch = "wasm32")]
impl Kv<'_> {
    /// The value of `key`.
    pub fn get(&self, key: &str) -> Result<Option<Vec<u8>>> {
        self.bucket.get(key).map_err(kv_error)
    }

    /// Sets the value of `key`.
    pub fn set(&self, key: &str, value: &[u8]) -> Result<()> {
        self.bucket.set(key, value).map_err(kv_error)
    }

    /// Forgets `key`.
    pub fn delete(&self, key: &str) -> Result<()> {
        self.bucket.delete(key).map_err(kv_error)
    }

    /// Whether `key` has a value.
    pub fn exists(&self, key: &str) -> Result<bool> {
        self.bucket.exists(key).map_err(kv_error)
    }

    /// Adds `delta` to the number at `key`, 0 at first, in one step.
    pub fn increment(&self, key: &str, delta: u64) -> Result<u64> {
        atomics::increment(&self.bucket, key, delta).map_err(kv_error)
    }

    /// All keys.
    pub fn keys(&self) -> Result<Vec<String>> {
        let mut keys = Vec::new();
        let mut cursor = None;
        loop {
            let page = self.bucket.list_keys(cursor).map_err(kv_error)?;
            keys.extend(page.keys);
            cursor = page.cursor;
            if cursor.is_none() {
                return Ok(keys);
            }
        }
    }
}

#[cfg(not(target_arch = "wasm32"))]
impl Kv<'_> {
    /// The value of `key`.
    pub fn get(&self, key: &str) -> Result<Option<Vec<u8>>> {
        Ok(self.ctx.stage.kv().get(key).cloned())
    }

    /// Sets the value of `key`.
    pub fn set(&self, key: &str, value: &[u8]) -> Result<()> {
        self.ctx.stage.kv().insert(key.to_owned(), value.to_vec());
        Ok(())
    }

    /// Forgets `key`.
    pub fn delete(&self, key: &str) -> Result<()> {
        self.ctx.stage.kv().remove(key);
        Ok(())
    }

    /// Whether `key` has a value.
    pub fn exists(&self, key: &str) -> Result<bool> {
        Ok(self.ctx.stage.kv().contains_key(key))
    }

    /// Adds `delta` to the number at `key`, 0 at first, in one step.
    pub fn increment(&self, key: &str, delta: u64) -> Result<u64> {
        self.ctx.stage.increment(key, delta)
    }

    /// All keys.
    pub fn keys(&self) -> Result<Vec<String>> {
        Ok(self.ctx.stage.kv().keys().cloned().collect())
    }
}

#[cfg(target_arch = "wasm32")]
fn config_error(error: config::Error) -> Error {
    match error {
        config::Error::Upstream(text) | config::Error::Io(text) => Error::Failed(text),
    }
}

#[cfg(target_arch = "wasm32")]
fn kv_error(error: keyvalue::Error) -> Error {
    match error {
        keyvalue::Error::NoSuchStore => Error::failed("there is no such key-value store"),
        keyvalue::Error::AccessDenied => Error::denied("kept values are not granted to this plugin"),
        keyvalue::Error::Other(text) => Error::Failed(text),
    }
}
