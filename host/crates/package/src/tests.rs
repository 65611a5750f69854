//! Every way in which a file is refused, on real files.

mod differences;
mod refusals;

use bulkhead_base::PluginName;
use jiff::Timestamp;

use crate::{
    Json, Keypair, ManifestDraft, Package, Refusal, Requests, Revocations, Trust, TrustedKey, VerifiedPlugin, pack,
    sign,
};

pub(crate) fn component() -> Vec<u8> {
    wat::parse_str("(component (core module (func (export \"run\"))))").unwrap()
}

pub(crate) fn draft() -> ManifestDraft {
    ManifestDraft {
        name: "acme-notes".parse().unwrap(),
        version: "1.2.3".parse().unwrap(),
        wit: "0.1.0".to_owned(),
        description: "Keeps notes".to_owned(),
        publisher: "Acme".to_owned(),
        requests: serde_json::from_str::<Requests>(r#"{"kv":{"why":"the notes"}}"#).unwrap(),
        contract: Json::parse(
            r#"{"tools":[{"name":"add","description":"Adds a note","inputSchema":{"type":"object"}}]}"#,
        )
        .unwrap(),
    }
}

pub(crate) fn packed() -> Vec<u8> {
    pack(&component(), &draft()).unwrap()
}

pub(crate) fn key() -> Keypair {
    Keypair::generate().unwrap()
}

pub(crate) fn trusted(key: &Keypair, id: &str, patterns: &[&str]) -> TrustedKey {
    TrustedKey {
        id: id.into(),
        public: key.public().clone(),
        plugins: patterns.iter().map(|pattern| pattern.parse().unwrap()).collect(),
        not_after: None,
    }
}

pub(crate) fn trust(key: &Keypair) -> Trust {
    Trust::new(vec![trusted(key, "acme-2026", &["acme-*"])], Revocations::default())
}

pub(crate) fn now() -> Timestamp {
    "2026-06-01T00:00:00Z".parse().unwrap()
}

pub(crate) fn verify(trust: &Trust, file: Vec<u8>) -> Result<VerifiedPlugin, Refusal> {
    trust.verify(Package::parse(file, None).unwrap(), now())
}

/// The file is not loaded, for whichever reason.
pub(crate) fn is_refused(trust: &Trust, file: Vec<u8>) -> bool {
    Package::parse(file, None).map_or(true, |package| trust.verify(package, now()).is_err())
}

#[test]
fn a_signed_file_is_verified_and_its_publisher_is_the_key() {
    let key = key();
    let plugin = verify(&trust(&key), sign(&packed(), &key, false).unwrap()).unwrap();
    assert_eq!(plugin.publisher().key_id, key.public().id());
    assert_eq!(&*plugin.publisher().name, "acme-2026");
    assert_eq!(plugin.manifest().name, "acme-notes".parse::<PluginName>().unwrap());
    assert_eq!(plugin.file().unwrap().component(), component());
    assert_eq!(plugin.digest(), bulkhead_base::Digest::of(&packed()));
    assert!(trust(&key).still_holds(&plugin, now()));
    assert!(!Trust::default().still_holds(&plugin, now()));
}

#[test]
fn the_same_input_makes_the_same_bytes() {
    let (one, other) = (key(), key());
    assert_eq!(packed(), packed());
    let signed = sign(&packed(), &one, false).unwrap();
    assert_eq!(signed, sign(&packed(), &one, false).unwrap());
    assert_eq!(signed, sign(&signed, &one, false).unwrap(), "signing twice is signing once");
    let (first, second) = (sign(&signed, &other, false), sign(&sign(&packed(), &other, false).unwrap(), &one, false));
    assert_eq!(first.unwrap(), second.unwrap(), "who signs first leaves no trace");
}

#[test]
fn any_component_tool_still_reads_a_signed_file() {
    let signed = sign(&packed(), &key(), false).unwrap();
    assert!(wasmparser::Validator::new().validate_all(&signed).is_ok());
    assert_eq!(crate::component::surface(&signed).unwrap(), crate::component::surface(&component()).unwrap());
    assert_eq!(crate::strip(&signed).unwrap(), component());
}

#[test]
fn a_detached_envelope_is_as_good_and_counts_once() {
    let key = key();
    let signed = sign(&packed(), &key, false).unwrap();
    let (file, envelope) = crate::detach(&signed).unwrap();
    let package = Package::parse(file.to_vec(), Some(envelope)).unwrap();
    assert_eq!(package.file(), &signed[..], "the store keeps one file");
    assert!(trust(&key).verify(package, now()).is_ok());
    let twice = Package::parse(signed.clone(), Some(envelope));
    assert!(matches!(twice, Err(crate::PackageError::SignedTwice)));
}

#[test]
fn a_second_signer_can_be_the_publisher() {
    let (stranger, acme) = (key(), key());
    let signed = sign(&sign(&packed(), &stranger, false).unwrap(), &acme, false).unwrap();
    let plugin = verify(&trust(&acme), signed).unwrap();
    assert_eq!(plugin.publisher().key_id, acme.public().id());
}
