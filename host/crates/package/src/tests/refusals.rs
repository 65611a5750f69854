use base64::{Engine as _, engine::general_purpose::STANDARD};
use bulkhead_base::Digest;

use super::*;
use crate::{
    PackageError, Revocation, Revoked, attach, detach,
    dsse::{Envelope, PAYLOAD_TYPE},
    layout::{MANIFEST_SECTION, SIGNATURE_SECTION, section},
    statement::Statement,
};

/// `packed`, with whatever statement `alter` makes of the right one, properly signed.
fn signed_otherwise(key: &Keypair, payload_type: &str, alter: impl Fn(&mut Statement)) -> Vec<u8> {
    let package = Package::parse(packed(), None).unwrap();
    let mut statement = Statement::about(&package.digest(), package.manifest(), package.manifest_digest(), false);
    alter(&mut statement);
    with_payload(key, payload_type, serde_json::to_vec(&statement).unwrap())
}

fn with_payload(key: &Keypair, payload_type: &str, payload: Vec<u8>) -> Vec<u8> {
    let mut envelope = Envelope { payload_type: payload_type.to_owned(), payload, signatures: Vec::new() };
    envelope.add(key);
    attach(&packed(), &envelope.write().unwrap()).unwrap()
}

fn refusal(trust: &Trust, file: Vec<u8>) -> Refusal {
    verify(trust, file).unwrap_err()
}

fn revoking(key: &Keypair, what: Revocation) -> Trust {
    let revoked = Revoked { what, at: now(), reason: "stolen".to_owned() };
    Trust::new(vec![trusted(key, "acme-2026", &["acme-*"])], [revoked].into_iter().collect())
}

#[test]
fn every_flipped_bit_is_refused() {
    let key = key();
    let trust = trust(&key);
    let signed = sign(&packed(), &key, false).unwrap();
    assert!(!is_refused(&trust, signed.clone()));
    for position in 0..signed.len() {
        for bit in 0..8 {
            let mut flipped = signed.clone();
            flipped[position] ^= 1 << bit;
            assert!(is_refused(&trust, flipped), "bit {bit} of byte {position}");
        }
    }
}

#[test]
fn every_cut_and_every_added_byte_is_refused() {
    let key = key();
    let trust = trust(&key);
    let signed = sign(&packed(), &key, false).unwrap();
    for length in 0..signed.len() {
        assert!(is_refused(&trust, signed[..length].to_vec()), "cut to {length} bytes");
    }
    for added in 0..=u8::MAX {
        assert!(is_refused(&trust, [&signed[..], &[added]].concat()), "with {added:#x} at the end");
    }
}

#[test]
fn sections_doubled_reordered_or_followed_are_refused() {
    let key = key();
    let trust = trust(&key);
    let signed = sign(&packed(), &key, false).unwrap();
    let component = component();
    let (without, envelope) = detach(&signed).unwrap();
    let manifest = &without[component.len()..];
    let signature = section(SIGNATURE_SECTION, envelope);
    let other = section("name", b"x");
    let orders: [&[&[u8]]; 8] = [
        &[&component, manifest, manifest, &signature],
        &[&component, manifest, &signature, &signature],
        &[&component, &signature, manifest],
        &[&component, &signature],
        &[&component, manifest, &other, &signature],
        &[&component, manifest, &signature, &other],
        &[&component, manifest, &signature, manifest],
        &[&component, manifest],
    ];
    for (position, order) in orders.iter().enumerate() {
        assert!(is_refused(&trust, order.concat()), "order {position}");
    }
    assert!(!is_refused(&trust, [&component, manifest, &signature].concat()));
}

#[test]
fn an_unpacked_or_unsigned_file_says_what_to_do() {
    let error = Package::parse(component(), None).unwrap_err();
    assert!(matches!(error, PackageError::NotPacked), "{error}");
    let refusal = refusal(&trust(&key()), packed());
    assert_eq!(refusal, Refusal::Unsigned);
    assert!(refusal.to_string().contains("bulkhead sign"));
}

#[test]
fn a_strangers_signature_counts_for_nothing() {
    let (acme, stranger) = (key(), key());
    let refused = refusal(&trust(&acme), sign(&packed(), &stranger, false).unwrap());
    assert!(matches!(&refused, Refusal::NoTrustedKey { claimed, .. } if *claimed == [stranger.public().id()]));
}

#[test]
fn a_strangers_signature_under_a_trusted_key_id_counts_for_nothing() {
    let (acme, stranger) = (key(), key());
    let signed = sign(&packed(), &stranger, false).unwrap();
    let (file, envelope) = detach(&signed).unwrap();
    let forged =
        String::from_utf8(envelope.to_vec()).unwrap().replace(&stranger.public().id().hex(), &acme.public().id().hex());
    let refused = refusal(&trust(&acme), attach(file, forged.as_bytes()).unwrap());
    assert!(matches!(refused, Refusal::Altered { .. }), "{refused}");
}

#[test]
fn a_bad_signature_beside_a_good_one_does_no_harm() {
    let (acme, other) = (key(), key());
    let signed = sign(&sign(&packed(), &acme, false).unwrap(), &other, false).unwrap();
    let (file, envelope) = detach(&signed).unwrap();
    let mut envelope = Envelope::parse(envelope).unwrap();
    for signature in envelope.signatures.iter_mut().filter(|s| s.key_id() == Some(other.public().id())) {
        signature.sig = STANDARD.encode([0; 64]);
    }
    let keys = vec![trusted(&other, "other", &["acme-*"]), trusted(&acme, "acme", &["acme-*"])];
    let trust = Trust::new(keys, Revocations::default());
    let plugin = verify(&trust, attach(file, &envelope.write().unwrap()).unwrap()).unwrap();
    assert_eq!(&*plugin.publisher().name, "acme");
}

#[test]
fn a_manifest_from_another_file_is_refused() {
    let key = key();
    let signed = sign(&packed(), &key, false).unwrap();
    let (_, envelope) = detach(&signed).unwrap();
    let mut greedy = draft();
    greedy.requests = serde_json::from_str(r#"{"fs":[{"at":"/","access":"write"}]}"#).unwrap();
    let swapped = attach(&pack(&component(), &greedy).unwrap(), envelope).unwrap();
    let refused = refusal(&trust(&key), swapped);
    assert!(matches!(refused, Refusal::Subject { .. }), "{refused}");
}

#[test]
fn types_have_to_be_exactly_ours() {
    let key = key();
    let trust = trust(&key);
    let other_payload = signed_otherwise(&key, "application/json", |_| ());
    assert!(matches!(refusal(&trust, other_payload), Refusal::PayloadType { .. }));
    let other_predicate =
        signed_otherwise(&key, PAYLOAD_TYPE, |s| s.predicate_type = "https://slsa.dev/provenance/v1".to_owned());
    assert!(matches!(refusal(&trust, other_predicate), Refusal::PredicateType { .. }));
    let other_statement =
        signed_otherwise(&key, PAYLOAD_TYPE, |s| s.kind = "https://in-toto.io/Statement/v0.1".to_owned());
    assert!(matches!(refusal(&trust, other_statement), Refusal::StatementType { .. }));
    let slsa = br#"{"_type":"https://in-toto.io/Statement/v1","subject":[],"predicateType":"https://slsa.dev/provenance/v1","predicate":{"buildDefinition":{}}}"#;
    assert!(matches!(refusal(&trust, with_payload(&key, PAYLOAD_TYPE, slsa.to_vec())), Refusal::PredicateType { .. }));
    assert!(matches!(refusal(&trust, with_payload(&key, PAYLOAD_TYPE, b"[]".to_vec())), Refusal::Statement { .. }));
}

#[test]
fn a_statement_has_to_repeat_what_it_is_about() {
    let key = key();
    let trust = trust(&key);
    let otherwise = |alter: fn(&mut Statement)| refusal(&trust, signed_otherwise(&key, PAYLOAD_TYPE, alter));
    assert!(matches!(otherwise(|s| s.subject.clear()), Refusal::Subject { .. }));
    assert!(matches!(otherwise(|s| s.subject.extend(s.subject.clone())), Refusal::Subject { .. }));
    assert!(matches!(otherwise(|s| s.subject[0].digest.sha256 = "0".repeat(64)), Refusal::Subject { .. }));
    assert!(matches!(otherwise(|s| s.subject[0].name.push('x')), Refusal::Predicate { what: "subject", .. }));
    assert!(matches!(
        otherwise(|s| s.predicate.name = "acme-x".parse().unwrap()),
        Refusal::Predicate { what: "name", .. }
    ));
    assert!(matches!(
        otherwise(|s| s.predicate.version = "9.0.0".parse().unwrap()),
        Refusal::Predicate { what: "version", .. }
    ));
    assert!(matches!(
        otherwise(|s| s.predicate.manifest = Digest::of(b"")),
        Refusal::Predicate { what: "manifest digest", .. }
    ));
}

#[test]
fn a_revoked_key_refuses_even_what_another_key_signed() {
    let (acme, other) = (key(), key());
    let both = sign(&sign(&packed(), &acme, false).unwrap(), &other, false).unwrap();
    let keys = vec![trusted(&acme, "acme", &["acme-*"]), trusted(&other, "other", &["acme-*"])];
    let revoked = Revoked { what: Revocation::Key(other.public().id()), at: now(), reason: "stolen".to_owned() };
    let trust = Trust::new(keys, [revoked].into_iter().collect());
    assert!(matches!(refusal(&trust, both), Refusal::KeyRevoked { reason, .. } if reason == "stolen"));
    assert!(verify(&trust, sign(&packed(), &acme, false).unwrap()).is_ok());
}

#[test]
fn a_revoked_digest_is_refused_whoever_signed_it() {
    let key = key();
    let signed = sign(&packed(), &key, false).unwrap();
    let plugin = verify(&trust(&key), signed.clone()).unwrap();
    let revoked = revoking(&key, Revocation::Digest(plugin.digest()));
    assert!(matches!(refusal(&revoked, signed), Refusal::DigestRevoked { .. }));
    assert!(!revoked.still_holds(&plugin, now()));
    assert!(!revoking(&key, Revocation::Key(key.public().id())).still_holds(&plugin, now()));
}

#[test]
fn a_key_counts_for_its_namespace_and_until_its_last_day() {
    let key = key();
    let signed = sign(&packed(), &key, false).unwrap();
    let narrow = Trust::new(vec![trusted(&key, "acme", &["acme-weather", "other-*"])], Revocations::default());
    let refused = refusal(&narrow, signed.clone());
    assert!(matches!(&refused, Refusal::Namespace { .. }));
    assert!(refused.to_string().contains("acme-weather, other-*"), "{refused}");

    let until = |text: &str| {
        let key = TrustedKey { not_after: Some(crate::expiry(text).unwrap()), ..trusted(&key, "acme", &["acme-*"]) };
        verify(&Trust::new(vec![key], Revocations::default()), signed.clone())
    };
    assert!(matches!(until("2026-05-31"), Err(Refusal::Expired { .. })));
    assert!(until("2026-06-01").is_ok(), "the last day counts to its end");
    assert!(until("2026-06-01T00:00:00Z").is_ok());
}

#[test]
fn a_development_signature_is_worth_nothing_to_serve() {
    let key = key();
    let built = sign(&packed(), &key, true).unwrap();
    assert_eq!(
        refusal(&trust(&key), built.clone()),
        Refusal::Development,
        "not even of a key that is trusted otherwise"
    );
    let own = trusted(&key, "development", &["acme-*"]);
    let dev = Trust::for_development(Vec::new(), Revocations::default(), own.clone());
    assert!(verify(&dev, built.clone()).unwrap().publisher().development);
    assert!(verify(&dev, sign(&packed(), &key, false).unwrap()).is_err(), "a development key signs as nothing else");

    let acme = super::key();
    let mixed = Trust::for_development(vec![trusted(&acme, "acme", &["acme-*"])], Revocations::default(), own);
    let prebuilt = verify(&mixed, sign(&packed(), &acme, false).unwrap()).unwrap();
    assert!(!prebuilt.publisher().development, "prebuilt files keep their own publisher");

    let released = sign(&built, &acme, false).unwrap();
    assert_eq!(Package::parse(released.clone(), None).unwrap().signers().len(), 1, "the development signature is gone");
    assert!(verify(&trust(&acme), released).is_ok());
}

/// The manifest of `packed`, altered as text.
fn with_manifest(alter: impl Fn(String) -> String) -> PackageError {
    let component = component();
    let package = Package::parse(packed(), None).unwrap();
    let text = String::from_utf8(draft().write().unwrap()).unwrap();
    assert_eq!(Digest::of(text.as_bytes()), package.manifest_digest());
    let altered = alter(text);
    Package::parse([&component[..], &section(MANIFEST_SECTION, altered.as_bytes())].concat(), None).unwrap_err()
}

#[test]
fn a_manifest_that_contradicts_itself_is_refused_before_any_signature() {
    type Alter = fn(String) -> String;
    let cases: [(Alter, &str); 9] = [
        (|text| text.replace("the notes", "the votes"), "digest of `requests`"),
        (|text| text.replace("Adds a note", "Adds a vote"), "digest of `contract`"),
        (|text| text.replace("{\"kv\":", "{ \"kv\":"), "white space"),
        (|text| text.replacen("{\"format\":1", "{\"format\":1,\"more\":1", 1), "unknown field `more`"),
        (|text| text.replacen("\"format\":1", "\"format\":1,\"format\":1", 1), "duplicate field `format`"),
        (|text| text.replacen("\"format\":1", "\"format\":2", 1), "format 2"),
        (|text| text.replacen("{\"kv\":{", "{\"kv\":{\"why\":\"\",", 1), "each key once"),
        (|text| text.replace("acme-notes", "Acme Notes"), "is not a name"),
        (|text| format!("{text} x"), "trailing"),
    ];
    for (position, (alter, part)) in cases.into_iter().enumerate() {
        let told = with_manifest(alter).to_string();
        assert!(told.contains(part), "case {position}: {told}");
    }
}

#[test]
fn what_would_be_refused_is_not_packed() {
    let mut bad = draft();
    bad.contract = Json::parse(r#"{"tools":[{"name":"a b","inputSchema":{"type":"object"}}]}"#).unwrap();
    assert!(pack(&component(), &bad).is_err());
    bad = draft();
    bad.description = "\u{1b}[2J".to_owned();
    assert!(pack(&component(), &bad).is_err());
    assert!(matches!(pack(&packed(), &draft()), Err(PackageError::AlreadyPacked)));
    assert!(matches!(pack(b"\0asm\x01\0\0\0", &draft()), Err(PackageError::Layout(crate::LayoutError::CoreModule))));
}

#[test]
fn the_seventeenth_signature_is_refused() {
    let mut signed = packed();
    for _ in 0..crate::limits::MAX_SIGNATURES {
        signed = sign(&signed, &key(), false).unwrap();
    }
    assert!(sign(&signed, &key(), false).is_err());
}
