use super::*;

const NOW: u64 = 1_800_000_000;

fn key(byte: u8) -> Redacted<[u8; KEY_BYTES]> {
    Redacted::new([byte; KEY_BYTES])
}

fn ring(keys: &[u8]) -> Keyring {
    let older: Vec<_> = keys[1..].iter().map(|byte| key(*byte)).collect();
    Keyring::new(&key(keys[0]), &older)
}

fn here() -> Bond {
    Bond::new("test", &[b"alice", b"call"])
}

#[test]
fn a_text_opens_where_it_belongs_and_nowhere_else() {
    let (ring, here) = (ring(&[7]), here());
    let sealed = ring.seal(&here, NOW + 1, b"{secret}").unwrap();
    assert!(sealed.bytes().all(|byte| byte.is_ascii_graphic()) && !sealed.contains("secret"), "{sealed}");
    let opened = ring.open(&here, NOW, &sealed).unwrap();
    assert_eq!((opened.plain.as_slice(), opened.expires), (b"{secret}".as_slice(), NOW + 1));
    for elsewhere in [
        Bond::new("other", &[b"alice", b"call"]),
        Bond::new("test", &[b"bob", b"call"]),
        Bond::new("test", &[b"alicecall"]),
        Bond::new("test", &[b"alicec", b"all"]),
        Bond::new("test", &[b"alice", b"call", b""]),
        Bond::new("test", &[]),
    ] {
        assert_eq!(ring.open(&elsewhere, NOW, &sealed), Err(SealError::Invalid), "{elsewhere:?}");
    }
}

#[test]
fn a_touched_text_does_not_open() {
    let (ring, here) = (ring(&[7]), here());
    let sealed = ring.seal(&here, NOW, b"text").unwrap();
    for at in 0..sealed.len() {
        let mut touched = sealed.clone().into_bytes();
        touched[at] = if touched[at] == b'A' { b'B' } else { b'A' };
        assert_eq!(ring.open(&here, NOW, &touched), Err(SealError::Invalid), "{at}");
        assert_eq!(ring.open(&here, NOW, &sealed[..at]), Err(SealError::Invalid), "cut at {at}");
    }
    for other in [format!("{sealed}A"), format!("{sealed}-TAMPERED"), format!("{sealed}="), format!(" {sealed}")] {
        assert_eq!(ring.open(&here, NOW, &other), Err(SealError::Invalid), "{other}");
    }
}

#[test]
fn the_first_key_seals_and_all_open() {
    let here = here();
    let old = ring(&[1]).seal(&here, NOW, b"old").unwrap();
    let rotated = ring(&[2, 1]);
    assert_eq!(rotated.open(&here, NOW, &old).unwrap().plain, b"old");
    let new = rotated.seal(&here, NOW, b"new").unwrap();
    assert_eq!(ring(&[2]).open(&here, NOW, &new).unwrap().plain, b"new");
    assert_eq!(ring(&[1]).open(&here, NOW, &new), Err(SealError::Invalid));
    assert_eq!(ring(&[2]).open(&here, NOW, &old), Err(SealError::Invalid), "its key was taken off the ring");
}

#[test]
fn a_text_opens_until_its_time_is_over() {
    let (ring, here) = (ring(&[7]), here());
    let sealed = ring.seal(&here, NOW, b"").unwrap();
    assert!(ring.open(&here, NOW, &sealed).is_ok());
    assert_eq!(ring.open(&here, NOW + 1, &sealed), Err(SealError::Expired));
    let elsewhere = Bond::new("test", &[]);
    assert_eq!(ring.open(&elsewhere, NOW + 1, &sealed), Err(SealError::Invalid), "whose time is nobody's business");
}

#[test]
fn a_text_is_small_or_is_none() {
    let (ring, here) = (ring(&[7]), here());
    let most = LONGEST / 4 * 3 - Head::BYTES - EXPIRY_BYTES - TAG_BYTES;
    let sealed = ring.seal(&here, NOW, &vec![b'x'; most]).unwrap();
    assert_eq!(sealed.len(), LONGEST);
    assert_eq!(ring.open(&here, NOW, &sealed).unwrap().plain.len(), most);
    assert_eq!(ring.seal(&here, NOW, &vec![b'x'; most + 1]), Err(SealError::TooLarge));
    assert_eq!(ring.open(&here, NOW, "A".repeat(LONGEST + 1)), Err(SealError::TooLarge));
}

#[test]
fn no_two_texts_are_the_same() {
    let (ring, here) = (ring(&[7]), here());
    let seal = || ring.open(&here, NOW, ring.seal(&here, NOW, b"").unwrap()).unwrap().nonce;
    assert_ne!(seal(), seal());
}

#[test]
fn a_ring_shows_no_key() {
    let shown = format!("{:?}", ring(&[0xab, 0xcd]));
    assert!(!shown.contains("abab") && !shown.contains("171") && !shown.contains("cdcd"), "{shown}");
}
