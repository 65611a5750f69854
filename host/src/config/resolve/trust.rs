use bulkhead_package::{PublicKey, TrustedKey, expiry};
use url::Url;

use super::Folder;
use crate::config::{
    Role, TrustedServer,
    de::At,
    error::Fault,
    raw::{RawTrustedKey, RawTrustedServer},
};

pub(super) fn resolve(
    raw: Vec<At<RawTrustedKey>>,
    servers: &[At<RawTrustedServer>],
    folder: &mut Folder,
) -> Result<Vec<TrustedKey>, Fault> {
    let mut keys: Vec<TrustedKey> = Vec::new();
    for (index, At { at, value }) in raw.into_iter().enumerate() {
        let inside = |fault: Fault| fault.under(&format!("[{index}]")).under("keys").under("trust");
        let is_servers = servers.iter().any(|server| server.value.key.value == value.id.value);
        let key = trusted(value, is_servers, folder).map_err(inside)?;
        for known in &keys {
            if known.id == key.id {
                return Err(inside(Fault::at(at, format!("there are two keys with the id {:?}", key.id))));
            }
            if known.public == key.public {
                return Err(inside(Fault::at(at, format!("the key of {:?} is the one of {:?}", key.id, known.id))));
            }
        }
        keys.push(key);
    }
    Ok(keys)
}

/// Servers to be told of. Each is known by a key, so that a client can check
/// that it speaks to the one that was meant.
pub(super) fn servers(raw: Vec<At<RawTrustedServer>>, keys: &[TrustedKey]) -> Result<Vec<TrustedServer>, Fault> {
    let server = |(index, At { value: raw, .. }): (usize, At<RawTrustedServer>)| {
        let inside = |fault: Fault| fault.under(&format!("[{index}]")).under("servers").under("trust");
        let At { at, value } = raw.url;
        let told = format!("expected an address such as https://other.example.com/mcp, found {value:?}");
        let url = Url::parse(&value).ok().filter(|url| matches!(url.scheme(), "https" | "http") && url.has_host());
        let url = url.ok_or_else(|| inside(Fault::at(at, told).under("url")))?;
        let At { at, value } = raw.key;
        let key = keys.iter().find(|key| *key.id == *value).map(|key| key.id.clone());
        let told = format!("expected the id of a key under trust.keys, found {value:?}");
        Ok(TrustedServer { url, key: key.ok_or_else(|| inside(Fault::at(at, told).under("key")))? })
    };
    raw.into_iter().enumerate().map(server).collect()
}

/// A server's key signs what the server lists, and need not sign any plugin.
fn trusted(raw: RawTrustedKey, is_servers: bool, folder: &mut Folder) -> Result<TrustedKey, Fault> {
    let At { at, value: id } = raw.id;
    if id.is_empty() || id.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(Fault::at(at, "expected a word without spaces").under("id"));
    }
    if raw.plugins.value.is_empty() && !is_servers {
        let text = "a key without plugins may sign nothing; list their names, or a prefix such as acme-*";
        return Err(Fault::at(raw.plugins.at, text).under("plugins"));
    }
    let not_after = raw.not_after.map(|At { at, value }| {
        let told = |_| Fault::at(at, format!("expected a day such as 2027-12-31 or an instant, found {value:?}"));
        expiry(&value).map_err(|error| told(error).under("notAfter"))
    });
    Ok(TrustedKey {
        id: id.into(),
        public: public_key(&raw.public_key, folder).map_err(|fault| fault.under("publicKey"))?,
        plugins: raw.plugins.value.into_iter().map(|pattern| pattern.0).collect(),
        not_after: not_after.transpose()?,
    })
}

/// SPKI as base64 or PEM, or `file:` and where one of them lies.
fn public_key(written: &At<String>, folder: &mut Folder) -> Result<PublicKey, Fault> {
    let told = |error: bulkhead_package::KeyError| Fault::at(written.at, error.to_string());
    let Some(path) = written.value.strip_prefix("file:") else {
        return PublicKey::parse(&written.value).map_err(told);
    };
    let path = folder.join(path);
    let key = PublicKey::read(&path).map_err(told)?;
    folder.referenced.push((Role::TrustedKey, path));
    Ok(key)
}
