//! What a plugin offers and asks for, past the digests: what is packed says
//! what it was made from, and nothing in it is hidden from who accepts it.

use bulkhead_package::{
    Json, Manifest, ManifestDraft, Package, PluginToml, Requests, canonical::canonicalise, diff, pack,
};
use semver::Version;
use serde_json::Value;

/// A component that is empty.
const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";

/// What turns the direction of what stands behind it, is not seen, or commands a terminal.
const HIDDEN: [char; 4] = ['\u{202e}', '\u{2066}', '\u{e0041}', '\u{1b}'];

/// The same, in what a schema compares with, where a control character is data.
const TURNING: [char; 3] = ['\u{202e}', '\u{2066}', '\u{e0041}'];

/// Lines: the plugin's name, its description, what it asks for, its contract; then, of another version of it, what that
/// asks for and its contract.
pub fn holds(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(plugin) = PluginToml::parse(text) {
        drop(plugin.requests());
    }
    let mut lines = text.splitn(6, '\n');
    let mut next = || lines.next().unwrap_or_default();
    let (name, description) = (next(), next());
    let Some(one) = manifest(name, description, next(), next()) else { return };
    seen(&one);
    if let Some(other) = manifest(name, description, next(), next()) {
        let tells = !diff(&one, &other).is_empty();
        let halves = |manifest: &Manifest| [said(manifest.contract_json()), said(manifest.requests_json())];
        assert!(tells || halves(&one) == halves(&other), "another version, and nothing is told of it");
    }
}

/// A manifest that says what it was made from.
fn manifest(name: &str, description: &str, requests: &str, contract: &str) -> Option<Manifest> {
    let draft = ManifestDraft {
        name: name.parse().ok()?,
        version: Version::new(1, 2, 3),
        wit: "0.1.0".to_owned(),
        description: description.to_owned(),
        publisher: String::new(),
        requests: serde_json::from_str::<Requests>(requests).ok()?,
        contract: Json::parse(contract).ok()?,
    };
    let packed = pack(COMPONENT, &draft).ok()?;
    assert_eq!(pack(COMPONENT, &draft).expect("as before"), packed, "the same draft is the same bytes");
    let package = Package::parse(packed, None).expect("what was packed");
    let manifest = package.manifest();
    assert_eq!((&manifest.name, &*manifest.description), (&draft.name, &*draft.description));
    assert_eq!(manifest.requests, draft.requests);
    assert_eq!(manifest.contract_json().as_str(), draft.contract.as_str());
    assert!(diff(manifest, manifest).is_empty(), "it differs from itself");
    Some(manifest.clone())
}

/// Nothing in it is hidden from who accepts it.
fn seen(manifest: &Manifest) {
    let contract = &manifest.contract;
    let read = |text: &str| assert!(!text.contains(HIDDEN), "not to be seen: {text:?}");
    read(&manifest.description);
    for tool in &contract.tools {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
        assert!((1..=64).contains(&tool.name.len()) && tool.name.bytes().all(plain), "a tool called {:?}", tool.name);
        assert_eq!(contract.tools.iter().filter(|other| other.name == tool.name).count(), 1, "{:?} twice", tool.name);
        tool.title.iter().chain(&tool.description).for_each(|text| read(text));
        let schema: Value = serde_json::from_str(tool.input_schema.as_str()).expect("a schema is JSON");
        assert_eq!(schema["type"], "object", "{schema}");
    }
    for half in [manifest.contract_json(), manifest.requests_json()] {
        every_text(&said(half), &|text| assert!(!text.contains(TURNING), "not to be seen: {text:?}"));
    }
}

/// What a half says, to another reader, in whatever order its items come.
fn said(half: &Json) -> Value {
    let spelled = canonicalise(half.as_str()).expect("its one spelling");
    let mut said: Value = serde_json::from_slice(&spelled).expect("JSON");
    for list in
        said.as_object_mut().into_iter().flat_map(|members| members.values_mut()).filter_map(Value::as_array_mut)
    {
        list.sort_by_cached_key(Value::to_string);
    }
    said
}

fn every_text(value: &Value, look: &impl Fn(&str)) {
    match value {
        Value::String(text) => look(text),
        Value::Array(items) => items.iter().for_each(|item| every_text(item, look)),
        Value::Object(members) => members.iter().for_each(|(key, member)| {
            look(key);
            every_text(member, look);
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
