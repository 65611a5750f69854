//! The inside of strings.

const ONES: u64 = u64::from_ne_bytes([0x01; 8]);
const HIGHS: u64 = u64::from_ne_bytes([0x80; 8]);

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

/// Where, from `at` on, the first byte stands that a string cannot hold as it
/// is: a quote, a backslash or a control character. Eight bytes a step.
#[inline]
pub(crate) fn plain_until(bytes: &[u8], mut at: usize) -> usize {
    while let Some(chunk) = bytes.get(at..).and_then(<[u8]>::first_chunk::<8>) {
        let word = u64::from_le_bytes(*chunk);
        let special = below(word, 0x20) | equal(word, b'"') | equal(word, b'\\');
        if special != 0 {
            return at + (special.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    let is_special = |byte: &u8| *byte < 0x20 || *byte == b'"' || *byte == b'\\';
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().position(is_special).unwrap_or(rest.len())
}

/// The code unit that four hexadecimal digits spell.
pub(super) fn code_unit(digits: &[u8]) -> Option<u16> {
    let digits = digits.first_chunk::<4>()?;
    digits.iter().try_fold(0_u16, |unit, digit| {
        let value = (*digit as char).to_digit(16)?;
        Some(unit << 4 | u16::try_from(value).ok()?)
    })
}

/// The text that the inside of a scanned string stands for.
pub(super) fn unescape(inside: &str) -> String {
    let mut text = String::with_capacity(inside.len());
    let mut rest = inside;
    while let Some((plain, escaped)) = rest.split_once('\\') {
        text.push_str(plain);
        let mut after = escaped.chars();
        let (escape, mut tail) = (after.next(), after.as_str());
        match escape {
            Some('u') => tail = push_unit(&mut text, tail),
            Some('b') => text.push('\u{8}'),
            Some('f') => text.push('\u{c}'),
            Some('n') => text.push('\n'),
            Some('r') => text.push('\r'),
            Some('t') => text.push('\t'),
            Some(itself) => text.push(itself),
            None => {}
        }
        rest = tail;
    }
    text.push_str(rest);
    text
}

/// Takes the digits of `\uXXXX`, and of the low surrogate that follows a high one.
fn push_unit<'a>(text: &mut String, digits: &'a str) -> &'a str {
    let unit = |from: usize| digits.as_bytes().get(from..).and_then(code_unit);
    let first = unit(0).unwrap_or(0xfffd);
    let pair = [first, unit(6).unwrap_or(0xfffd)];
    let (units, length) = if (0xd800..0xdc00).contains(&first) { (&pair[..], 10) } else { (&pair[..1], 4) };
    text.extend(char::decode_utf16(units.iter().copied()).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)));
    digits.get(length..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_found_at_every_place() {
        for byte in 0..=u8::MAX {
            for place in 0..20 {
                let mut bytes = [b'x'; 20];
                bytes[place] = byte;
                bytes[19] = b'"';
                let special = byte < 0x20 || byte == b'"' || byte == b'\\';
                assert_eq!(plain_until(&bytes, 0), if special { place } else { 19 }, "{byte:#x} at {place}");
            }
        }
    }

    #[test]
    fn a_byte_next_to_a_special_one_is_not_mistaken_for_it() {
        for neighbour in [0x1f, 0x20, 0x21, 0x23, 0x5b, 0x5d, 0x80, 0xff] {
            let bytes = [b'a', b'"', neighbour, b'a', b'a', b'a', b'a', b'a', b'a'];
            assert_eq!(plain_until(&bytes, 0), 1);
        }
    }
}
