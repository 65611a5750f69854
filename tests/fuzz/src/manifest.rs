//! What a plugin offers and asks for, past the digests: what is packed says
//! what it was made from, and nothing in it is hidden from who accepts it.

use bulkhead_package::{Json, ManifestDraft, Package, PluginToml, Requests, diff, pack};
use semver::Version;

/// A component that is empty.
const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";

/// What turns the direction of what stands behind it, is not seen, or commands a terminal.
const HIDDEN: [char; 4] = ['\u{202e}', '\u{2066}', '\u{e0041}', '\u{1b}'];

/// Lines: the plugin's name, its description, what it asks for; the rest is its contract.
pub fn holds(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(plugin) = PluginToml::parse(text) {
        drop(plugin.requests());
    }
    let mut lines = text.splitn(4, '\n');
    let mut next = || lines.next().unwrap_or_default();
    let (name, description, requests, contract) = (next(), next(), next(), next());
    let Ok(name) = name.parse() else { return };
    let Ok(requests) = serde_json::from_str::<Requests>(requests) else { return };
    let Ok(contract) = Json::parse(contract) else { return };
    let draft = ManifestDraft {
        name,
        version: Version::new(1, 2, 3),
        wit: "0.1.0".to_owned(),
        description: description.to_owned(),
        publisher: String::new(),
        requests,
        contract,
    };
    let Ok(packed) = pack(COMPONENT, &draft) else { return };
    assert_eq!(pack(COMPONENT, &draft).expect("as before"), packed, "the same draft is the same bytes");
    let package = Package::parse(packed, None).expect("what was packed");
    let manifest = package.manifest();
    assert_eq!((&manifest.name, &*manifest.description), (&draft.name, &*draft.description));
    assert_eq!(manifest.requests, draft.requests);
    assert_eq!(manifest.contract_json().as_str(), draft.contract.as_str());
    assert!(diff(manifest, manifest).is_empty(), "it differs from itself");
    let contract = &manifest.contract;
    let read = |text: &str| assert!(!text.contains(HIDDEN), "not to be seen: {text:?}");
    read(&manifest.description);
    for tool in &contract.tools {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
        assert!((1..=64).contains(&tool.name.len()) && tool.name.bytes().all(plain), "a tool called {:?}", tool.name);
        assert_eq!(contract.tools.iter().filter(|other| other.name == tool.name).count(), 1, "{:?} twice", tool.name);
        tool.title.iter().chain(&tool.description).for_each(|text| read(text));
        let schema: serde_json::Value = serde_json::from_str(tool.input_schema.as_str()).expect("a schema is JSON");
        assert_eq!(schema["type"], "object", "{schema}");
    }
}
