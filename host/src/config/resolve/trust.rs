use bulkhead_package::{PublicKey, TrustedKey, expiry};

use super::Folder;
use crate::config::{Role, de::At, error::Fault, raw::RawTrustedKey};

pub(super) fn resolve(raw: Vec<At<RawTrustedKey>>, folder: &mut Folder) -> Result<Vec<TrustedKey>, Fault> {
    let mut keys: Vec<TrustedKey> = Vec::new();
    for (index, At { at, value }) in raw.into_iter().enumerate() {
        let inside = |fault: Fault| fault.under(&format!("[{index}]")).under("keys").under("trust");
        let key = trusted(value, folder).map_err(inside)?;
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

fn trusted(raw: RawTrustedKey, folder: &mut Folder) -> Result<TrustedKey, Fault> {
    let At { at, value: id } = raw.id;
    if id.is_empty() || id.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(Fault::at(at, "expected a word without spaces").under("id"));
    }
    if raw.plugins.value.is_empty() {
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
