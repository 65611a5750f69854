use std::{collections::HashMap, sync::Arc};

use bulkhead_base::{PluginName, Prefix};
use bulkhead_package::TrustedKey;
use bulkhead_policy::{Grants, Instance, TextPattern};
use bulkhead_registry::{ToolFilter, Update};
use bulkhead_screen::Policy;
use url::Url;

use super::{Folder, grants};
use crate::config::{
    NamedPublisher, PluginEntry, Role, Source,
    de::At,
    error::{Fault, Position},
    raw::{Ordered, RawInstance, RawPlugin, RawScreen, RawSource, RawToolFilter, RawUpdate, Text},
};

pub(super) fn resolve(
    raw: Ordered<Text<PluginName>, At<RawPlugin>>,
    trusted: &[TrustedKey],
    folder: &mut Folder,
) -> Result<Vec<PluginEntry>, Fault> {
    let mut prefixes: HashMap<Prefix, PluginName> = HashMap::new();
    let mut entries = Vec::new();
    for (Text(name), At { at, value }) in raw.0 {
        let inside = |fault: Fault| fault.under(name.as_str()).under("plugins");
        let entry = entry(name.clone(), value, trusted, folder).map_err(inside)?;
        let taken = prefixes.insert(entry.prefix.clone(), name.clone());
        if let Some(other) = taken.filter(|_| !entry.prefix.as_str().is_empty()) {
            let text = format!("the prefix {:?} is the one of {other}; write another `prefix`", entry.prefix.as_str());
            return Err(inside(Fault::at(at, text)));
        }
        entries.push(entry);
    }
    Ok(entries)
}

fn entry(name: PluginName, raw: RawPlugin, trusted: &[TrustedKey], folder: &mut Folder) -> Result<PluginEntry, Fault> {
    let instance = raw.instance.map_or(Instance::Fresh, |instance| match instance {
        RawInstance::Fresh => Instance::Fresh,
        RawInstance::Principal => Instance::Principal,
        RawInstance::Shared => Instance::Shared,
    });
    Ok(PluginEntry {
        prefix: raw.prefix.map_or_else(|| Prefix::from(&name), |prefix| prefix.0),
        name,
        source: source(raw.source, folder).map_err(|fault| fault.under("source"))?,
        publisher: raw.publisher.map(|id| publisher(id, trusted)).transpose()?,
        update: raw.update.map_or(Update::Manual, |update| match update {
            RawUpdate::Manual => Update::Manual,
            RawUpdate::Compatible => Update::Compatible,
        }),
        tools: tools(raw.tools)?,
        screen: raw.screen.map_or(Policy::Flag, |screen| match screen {
            RawScreen::Off => Policy::Off,
            RawScreen::Flag => Policy::Flag,
            RawScreen::Block => Policy::Block,
        }),
        grants: Grants { instance, ..grants::resolve(raw.grants, raw.limits.as_ref(), raw.config, folder)? },
    })
}

fn source(raw: At<RawSource>, folder: &mut Folder) -> Result<Source, Fault> {
    let At { at, value } = raw;
    match value {
        RawSource::Url(url, digest, ca_file) => {
            let authorities = folder.authorities(ca_file, Role::SourceAuthority);
            let authorities = authorities.map_err(|fault| fault.under("caFile"))?.into();
            Ok(Source::Url { url: https(&url, at)?, digest, authorities })
        }
        RawSource::Path(path) if path.starts_with("oci://") => Err(Fault::not_built(at, "oci://")),
        RawSource::Path(path) if path.contains("://") => {
            Err(Fault::at(at, "an address needs its digest: {url: https://…, digest: sha256:…}"))
        }
        RawSource::Path(path) if path.is_empty() => Err(Fault::at(at, "expected a file")),
        RawSource::Path(path) => Ok(Source::File(folder.join(&path))),
    }
}

fn https(text: &str, at: Position) -> Result<Url, Fault> {
    let plain = |url: &Url| url.scheme() == "https" && url.username().is_empty() && url.password().is_none();
    let url = Url::parse(text).ok().filter(plain);
    url.ok_or_else(|| Fault::at(at, "expected an https address without user name and password").under("url"))
}

fn publisher(id: At<String>, trusted: &[TrustedKey]) -> Result<NamedPublisher, Fault> {
    let At { at, value: id } = id;
    let known = trusted.iter().find(|key| *key.id == *id);
    known.map(|key| NamedPublisher { id: Arc::clone(&key.id), key: key.public.id() }).ok_or_else(|| {
        let ids: Vec<&str> = trusted.iter().map(|key| &*key.id).collect();
        let known =
            if ids.is_empty() { "there is none yet".to_owned() } else { format!("the ids there: {}", ids.join(", ")) };
        let text =
            format!("no key of trust.keys has the id {id:?}; {known}. `bulkhead trust KEY --plugins NAME` adds one");
        Fault::at(at, text).under("publisher")
    })
}

/// An `allow` that is written and empty switches everything off.
fn tools(raw: RawToolFilter) -> Result<ToolFilter, Fault> {
    let patterns = |list: Vec<Text<TextPattern>>| list.into_iter().map(|pattern| pattern.0).collect::<Vec<_>>();
    let mut deny = patterns(raw.deny);
    let allow = raw.allow.map(patterns);
    if allow.as_ref().is_some_and(Vec::is_empty) {
        deny.push("*".parse().map_err(<Fault as serde::de::Error>::custom)?);
    }
    Ok(ToolFilter { allow: allow.unwrap_or_default(), deny })
}
