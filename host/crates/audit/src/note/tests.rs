use super::*;
use crate::{Keypair, verifier};

fn name() -> LogName {
    "tools.example.com/audit".parse().unwrap()
}

#[test]
fn a_checkpoint_reads_back() {
    let signer = Keypair::generate().unwrap();
    let made = Checkpoint::sign(&name(), &signer, 7, [3; 32]);
    let note = made.to_string();
    assert_eq!(Checkpoint::parse(&note, signer.public()).unwrap(), made);
    let lines: Vec<&str> = note.split('\n').collect();
    assert_eq!(lines[..4], ["tools.example.com/audit", "7", &STANDARD.encode([3; 32]), ""]);
    assert!(lines[4].starts_with("\u{2014} tools.example.com/audit "), "{note}");
    assert_eq!(lines[5..], [""]);
}

/// The key of the Go implementation's documentation, `PeterNeumann+c74f20a3+…`,
/// and the note that is signed with it there.
#[test]
fn a_signature_of_another_implementation_is_found_and_verified() {
    let der = [&[0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0], key_of_peter().as_slice()].concat();
    let key = PublicKey::parse(&STANDARD.encode(der)).unwrap();
    let peter: LogName = "PeterNeumann".parse().unwrap();
    assert_eq!(verifier(&peter, &key), "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
    let text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
    let line = "\u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
    let signature = find_signature(line, &peter, peter.key_id(&key)).unwrap();
    assert!(key.verifies(text.as_bytes(), &signature));
}

fn key_of_peter() -> Vec<u8> {
    STANDARD.decode("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW").unwrap()[1..].to_vec()
}

#[test]
fn no_byte_of_a_checkpoint_may_change() {
    let signer = Keypair::generate().unwrap();
    let note = Checkpoint::sign(&name(), &signer, 7, [3; 32]).to_string();
    for at in 0..note.len() {
        let mut bytes = note.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        let Ok(touched) = String::from_utf8(bytes) else { continue };
        assert!(Checkpoint::parse(&touched, signer.public()).is_err(), "{at}: {touched}");
    }
    let other = Keypair::generate().unwrap();
    assert_eq!(Checkpoint::parse(&note, other.public()), Err(NoteError::NotSigned));
    for bad in ["", "\n", "a\n1\n", &note[..note.len() - 1], &note.replace("\n7\n", "\n07\n")] {
        assert!(Checkpoint::parse(bad, signer.public()).is_err(), "{bad}");
    }
}

#[test]
fn witnesses_may_sign_too_and_extensions_are_passed_over() {
    let signer = Keypair::generate().unwrap();
    let note = Checkpoint::sign(&name(), &signer, 7, [3; 32]).to_string();
    let witnessed = format!("{note}\u{2014} witness.example.com/w1 {}\n", STANDARD.encode([1; 76]));
    assert_eq!(Checkpoint::parse(&witnessed, signer.public()).unwrap().size(), 7);
    let body = format!("{}extension\n", text(&name(), 7, &[3; 32]));
    let signature = [name().key_id(signer.public()).as_slice(), &signer.sign(body.as_bytes())].concat();
    let extended = format!("{body}\n\u{2014} {} {}\n", name(), STANDARD.encode(signature));
    assert_eq!(Checkpoint::parse(&extended, signer.public()).unwrap().root(), &[3; 32]);
}

#[test]
fn names_are_plain() {
    for bad in ["", "a b", "a+b", "a\n", "a\"", "a\\", "ü", &"a".repeat(129)] {
        assert!(bad.parse::<LogName>().is_err(), "{bad:?}");
    }
}
