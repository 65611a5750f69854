use super::Folder;
use crate::config::{
    Hardening, KeptRoot,
    de::At,
    error::Fault,
    raw::{RawHardening, RawRoot},
};

/// Most folders, and most ports, that are kept. Answers "a list that opens
/// everything again, one line at a time".
const MOST_KEPT: usize = 64;

pub(super) fn resolve(raw: RawHardening, folder: &Folder) -> Result<Hardening, Fault> {
    let enabled = raw.enabled.unwrap_or(true);
    let require = match raw.require {
        Some(At { at, value: true }) if !enabled => {
            return Err(Fault::at(at, "nothing can be required while `enabled` is false")
                .under("require")
                .under("hardening"));
        }
        Some(At { value, .. }) => value,
        None => false,
    };
    let few = |length, last, key: &str| match last {
        Some(at) if length > MOST_KEPT => {
            Err(Fault::at(at, format!("expected at most {MOST_KEPT}")).under(key).under("hardening"))
        }
        _ => Ok(()),
    };
    few(raw.roots.len(), raw.roots.last().map(|root| root.at), "roots")?;
    few(raw.ports.len(), raw.ports.last().map(|port| port.at), "ports")?;
    if let Some(At { at, .. }) = raw.ports.iter().find(|port| port.value == 0) {
        return Err(Fault::at(*at, "expected a port from 1 to 65535").under("ports").under("hardening"));
    }
    let root = |At { value: RawRoot { path, access }, .. }| KeptRoot { path: folder.join(&path), access };
    Ok(Hardening {
        enabled,
        require,
        roots: raw.roots.into_iter().map(root).collect(),
        ports: raw.ports.into_iter().map(|port| port.value).collect(),
    })
}
