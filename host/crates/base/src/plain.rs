//! What stands in a JSON string as it is.

const ONES: u64 = u64::from_ne_bytes([0x01; 8]);
const HIGHS: u64 = u64::from_ne_bytes([0x80; 8]);

/// Bytes looked at in one step, once a string is a long one.
const BLOCK: usize = 32;

/// Steps of eight bytes before that: most strings end within them.
const SHORT: usize = 3;

const fn each(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; 8])
}

/// Marks the lowest byte of `word` that is below `limit` (at most 0x80).
/// Bytes above a marked one may be marked falsely.
const fn below(word: u64, limit: u8) -> u64 {
    word.wrapping_sub(each(limit)) & !word & HIGHS
}

const fn equal(word: u64, byte: u8) -> u64 {
    let differing = word ^ each(byte);
    differing.wrapping_sub(ONES) & !differing & HIGHS
}

const fn is_special(byte: u8) -> bool {
    (byte < 0x20) | (byte == b'"') | (byte == b'\\')
}

/// How many bytes in front of a special one, if there is one among the next eight.
fn in_word(bytes: &[u8]) -> Option<Option<usize>> {
    let word = u64::from_le_bytes(*bytes.first_chunk::<8>()?);
    let special = below(word, 0x20) | equal(word, b'"') | equal(word, b'\\');
    Some((special != 0).then(|| (special.trailing_zeros() / 8) as usize))
}

/// Where, from `at` on, the first byte stands that a string cannot hold as it
/// is: a quote, a backslash or a control character.
#[inline]
#[must_use]
pub fn plain_until(bytes: &[u8], mut at: usize) -> usize {
    let rest = |at: usize| bytes.get(at..).unwrap_or_default();
    for _ in 0..SHORT {
        match in_word(rest(at)) {
            Some(Some(special)) => return at + special,
            Some(None) => at += 8,
            None => break,
        }
    }
    // A loop that the compiler makes vector instructions of.
    while let Some(block) = rest(at).first_chunk::<BLOCK>()
        && !block.iter().fold(false, |found, byte| found | is_special(*byte))
    {
        at += BLOCK;
    }
    while let Some(found) = in_word(rest(at)) {
        match found {
            Some(special) => return at + special,
            None => at += 8,
        }
    }
    let last = rest(at);
    at + last.iter().position(|byte| is_special(*byte)).unwrap_or(last.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_found_at_every_place() {
        for byte in 0..=u8::MAX {
            for place in 0..100 {
                let mut bytes = [b'x'; 100];
                bytes[place] = byte;
                bytes[99] = b'"';
                assert_eq!(plain_until(&bytes, 0), if is_special(byte) { place } else { 99 }, "{byte:#x} at {place}");
            }
        }
        assert_eq!(plain_until(b"abc", 0), 3);
        assert_eq!(plain_until(b"abc", 7), 7, "there is nothing");
    }

    #[test]
    fn a_byte_next_to_a_special_one_is_not_mistaken_for_it() {
        for neighbour in [0x1f, 0x20, 0x21, 0x23, 0x5b, 0x5d, 0x80, 0xff] {
            let bytes = [b'a', b'"', neighbour, b'a', b'a', b'a', b'a', b'a', b'a'];
            assert_eq!(plain_until(&bytes, 0), 1);
        }
    }
}
