use std::sync::Arc;

use bulkhead_base::Digest;
use bulkhead_policy::{Access, Allowance, Principal, Scopes};

use crate::{
    authn::Key,
    config::{
        Credentials,
        de::At,
        error::{Fault, Position},
        raw::{Ordered, RawKey, RawScopeItem, Secret},
    },
};

/// Shortest key that needs no warning: 128 bits in hexadecimal.
const SHORT_KEY: usize = 32;
/// Longest name of a key.
const LONGEST_NAME: usize = 64;
/// Who the one `apiKey` is.
const API_KEY: &str = "apiKey";

/// What is written about who may come in.
pub(super) struct Written {
    pub(super) api_key: Option<At<Secret>>,
    pub(super) api_keys: Vec<At<RawKey>>,
    pub(super) anonymous: bool,
}

/// The scopes, if there is a `scopes:` block.
pub(super) fn scopes(raw: Option<Ordered<String, Vec<RawScopeItem>>>) -> Option<Arc<Scopes>> {
    let scopes = raw?.0.into_iter().map(|(name, items)| (name.into(), items.into_iter().map(|item| item.0).collect()));
    Some(Arc::new(Scopes::new(scopes)))
}

pub(super) fn resolve(
    written: Written,
    scopes: Option<&Arc<Scopes>>,
    warnings: &mut Vec<String>,
) -> Result<Credentials, Fault> {
    let full = Arc::new(scopes.map_or_else(Access::everything, Access::of_all_scopes));
    let whole = |id: &str, access: &Arc<Access>| Principal::new(id.into(), Arc::clone(access), Allowance::default());
    let mut keys = Keys::default();
    if let Some(At { at, value }) = written.api_key {
        let hash = keys.hash(&value, at, API_KEY).map_err(|fault| fault.under("apiKey"))?;
        keys.add(Key { hash, holder: whole(API_KEY, &full) }, at).map_err(|fault| fault.under("apiKey"))?;
    }
    for (index, raw) in written.api_keys.into_iter().enumerate() {
        let place = format!("[{index}]");
        keys.named(raw, scopes).map_err(|fault| fault.under(&place).under("apiKeys"))?;
    }
    warnings.append(&mut keys.warnings);
    if written.anonymous && !keys.known.is_empty() {
        warnings
            .push("allowAnonymous: true lets whoever reaches the port in, with or without one of the keys".to_owned());
    }
    let open = Arc::new(full.without_operator_verbs());
    Ok(Credentials {
        keys: keys.known,
        oauth: None,
        anonymous: written.anonymous.then(|| whole(Principal::ANONYMOUS, &open)),
        local: whole(Principal::LOCAL, &full),
    })
}

#[derive(Default)]
struct Keys {
    known: Vec<Key>,
    warnings: Vec<String>,
}

impl Keys {
    /// One of `apiKeys`.
    fn named(&mut self, raw: At<RawKey>, scopes: Option<&Arc<Scopes>>) -> Result<(), Fault> {
        let At { at, value: raw } = raw;
        let name = name(&raw.name)?;
        let hash = match (raw.key, raw.key_hash) {
            (Some(key), None) => self.hash(&key.value, key.at, name).map_err(|fault| fault.under("key"))?,
            (None, Some(hash)) => hash.0,
            _ => return Err(Fault::at(at, "expected either key or keyHash (sha256: and the key's digest)")),
        };
        let access = access(raw.scopes.as_ref(), scopes, at)?;
        if let Some(At { at, value: 0 }) = raw.concurrency {
            return Err(Fault::at(at, "expected a number above zero").under("concurrency"));
        }
        let allowance =
            Allowance { rate: raw.rate.map(|rate| rate.0), concurrency: raw.concurrency.map(|number| number.value) };
        self.add(Key { hash, holder: Principal::new(name.into(), access.into(), allowance) }, at)
    }

    fn hash(&mut self, key: &Secret, at: Position, name: &str) -> Result<Digest, Fault> {
        let text = key.0.expose();
        if text.is_empty() || !text.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(Fault::at(at, "a key must be visible ASCII without spaces, for it stands in a header"));
        }
        if text.len() < SHORT_KEY {
            self.warnings.push(format!(
                "the key of {name} has {} characters; `openssl rand -hex 32` makes a good one",
                text.len()
            ));
        }
        Ok(Digest::of(text.as_bytes()))
    }

    fn add(&mut self, key: Key, at: Position) -> Result<(), Fault> {
        for known in &self.known {
            if known.hash == key.hash {
                let text =
                    format!("{} and {} have the same key; give each its own", known.holder.id(), key.holder.id());
                return Err(Fault::at(at, text));
            }
        }
        let mut namesakes = self.known.iter().filter(|known| known.holder.id() == key.holder.id());
        if let Some(older) = namesakes.next() {
            let id = key.holder.id();
            if namesakes.next().is_some() {
                return Err(Fault::at(at, format!("there are more than two keys called {id:?}; a rotation takes two")));
            }
            if !is_same_right(&older.holder, &key.holder) {
                let text = format!(
                    "there are two keys called {id:?}, and a rotation takes the same scopes, rate and concurrency for both"
                );
                return Err(Fault::at(at, text));
            }
        }
        self.known.push(key);
        Ok(())
    }
}

/// Whether two keys of one holder open the same, so that the older of them can
/// go whenever nobody uses it any more.
fn is_same_right(one: &Principal, other: &Principal) -> bool {
    let (a, b) = (one.access(), other.access());
    a.covers(b) && b.covers(a) && one.allowance() == other.allowance()
}

fn name(name: &At<String>) -> Result<&str, Fault> {
    let At { at, value } = name;
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
    let reserved = [Principal::LOCAL, Principal::ANONYMOUS, API_KEY].contains(&value.as_str());
    if value.is_empty() || value.len() > LONGEST_NAME || !value.bytes().all(plain) {
        let text = format!("expected 1 to {LONGEST_NAME} letters, digits, `.`, `_` and `-`, found {value:?}");
        return Err(Fault::at(*at, text).under("name"));
    }
    if reserved {
        return Err(Fault::at(*at, format!("{value:?} is somebody else already; call the key otherwise")).under("name"));
    }
    Ok(value)
}

/// What a key opens. Where there are scopes, a key says which it holds.
fn access(held: Option<&At<Vec<String>>>, scopes: Option<&Arc<Scopes>>, at: Position) -> Result<Access, Fault> {
    match (held, scopes) {
        (None, None) => Ok(Access::everything()),
        (None, Some(_)) => {
            Err(Fault::at(at, "the key \"scopes\" is missing: list the scopes that it holds, or [] for none"))
        }
        (Some(held), scopes) => {
            let none = Arc::default();
            Access::of_scopes(scopes.unwrap_or(&none), &held.value)
                .map_err(|error| Fault::at(held.at, error.to_string()).under("scopes"))
        }
    }
}
