//! A state that a client brings back: nothing opens but what was sealed, for
//! what it was sealed for, and in time.

use arbitrary::{Result, Unstructured};
use bulkhead_base::Redacted;
use bulkhead_seal::{Bond, KEY_BYTES, Keyring, LONGEST};

const NOW: u64 = 1_800_000_000;

pub fn holds(data: &[u8]) {
    let ring = Keyring::new(&Redacted::new([7; KEY_BYTES]), &[Redacted::new([8; KEY_BYTES])]);
    let bond = Bond::new("state", &[b"principal", b"tool"]);
    // Nobody who does not know the keys writes a text that opens.
    assert!(ring.open(&bond, NOW, data).is_err(), "a stranger's text was opened");
    let _ = sealed(&mut Unstructured::new(data), &ring, &bond);
}

/// What was sealed opens as it was, and in no other way.
fn sealed(u: &mut Unstructured<'_>, ring: &Keyring, bond: &Bond) -> Result<()> {
    let plain: Vec<u8> = u.arbitrary()?;
    let expires = NOW + u64::from(u.arbitrary::<u16>()?);
    let Ok(text) = ring.seal(bond, expires, &plain) else {
        assert!(plain.len() > LONGEST / 2, "{} bytes were too large", plain.len());
        return Ok(());
    };
    assert!(text.len() <= LONGEST && text.bytes().all(|byte| byte.is_ascii_graphic()));
    let opened = ring.open(bond, NOW, &text).expect("its own text");
    assert_eq!((&opened.plain, opened.expires), (&plain, expires));
    assert!(ring.open(bond, expires + 1, &text).is_err(), "out of time");
    let parts: [Vec<u8>; 2] = u.arbitrary()?;
    let other = Bond::new("state", &[&parts[0], &parts[1]]);
    assert!(other == *bond || ring.open(&other, NOW, &text).is_err(), "for another use");
    let stranger = Keyring::new(&Redacted::new([8; KEY_BYTES]), &[]);
    assert!(stranger.open(bond, NOW, &text).is_err(), "by another key");

    let mut touched = text.clone().into_bytes();
    for _ in 0..u.int_in_range(1..=3)? {
        let at = u.choose_index(touched.len())?;
        match u.int_in_range(0..=2)? {
            0 => touched[at] = u.arbitrary()?,
            1 => drop(touched.remove(at)),
            _ => touched.insert(at, u.arbitrary()?),
        }
    }
    assert!(touched == text.as_bytes() || ring.open(bond, NOW, &touched).is_err(), "a touched text was opened");
    Ok(())
}
