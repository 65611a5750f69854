use super::REDACTED;

/// Digits of a card number.
const DIGITS: std::ops::RangeInclusive<usize> = 13..=19;

/// Bytes looked at in one step while there is no digit.
const BLOCK: usize = 32;

/// `text` with every card number replaced. `None` if there is none in it.
///
/// A card number is 13 to 19 digits that begin with 2 to 6 and end with the
/// check digit of Luhn. They may be written in groups, one space or dash between.
pub(super) fn without_cards(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let (mut rest, mut copied, mut at) = (String::new(), 0, 0);
    while let Some(digit) = next_digit(bytes, at) {
        at = digit;
        if let Some(end) = card(bytes, at).map(|end| furthest(bytes, at, end)) {
            rest.push_str(&text[copied..at]);
            rest.push_str(REDACTED);
            (copied, at) = (end, end);
        } else {
            at += bytes[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        }
    }
    if copied == 0 {
        return None;
    }
    rest.push_str(&text[copied..]);
    Some(rest)
}

/// Where, from `at` on, the first digit stands.
fn next_digit(bytes: &[u8], mut at: usize) -> Option<usize> {
    // A loop that the compiler makes vector instructions of.
    while let Some(block) = bytes.get(at..)?.first_chunk::<BLOCK>()
        && !block.iter().fold(false, |found, byte| found | byte.is_ascii_digit())
    {
        at += BLOCK;
    }
    bytes[at..].iter().position(u8::is_ascii_digit).map(|digit| at + digit)
}

/// Where the last one ends of the card numbers that overlap, as they may by
/// chance: none of them is left in part.
fn furthest(bytes: &[u8], begin: usize, end: usize) -> usize {
    let (mut at, mut end) = (begin + 1, end);
    while at < end {
        if bytes[at].is_ascii_digit() && !bytes[at - 1].is_ascii_digit() {
            end = card(bytes, at).map_or(end, |further| further.max(end));
        }
        at += 1;
    }
    end
}

/// Where the card number ends that begins with the group of digits at `begin`.
fn card(bytes: &[u8], begin: usize) -> Option<usize> {
    if !(b'2'..=b'6').contains(&bytes[begin]) {
        return None;
    }
    let (mut digits, mut count, mut at) = ([0; *DIGITS.end()], 0, begin);
    loop {
        match bytes.get(at) {
            Some(digit) if digit.is_ascii_digit() => {
                *digits.get_mut(count)? = digit - b'0';
                count += 1;
                at += 1;
                continue;
            }
            _ if DIGITS.contains(&count) && luhn(&digits[..count]) => return Some(at),
            Some(b' ' | b'-') if bytes.get(at + 1).is_some_and(u8::is_ascii_digit) => at += 1,
            _ => return None,
        }
    }
}

fn luhn(digits: &[u8]) -> bool {
    let weight = |(place, digit): (usize, &u8)| match (place % 2, 2 * digit) {
        (0, _) => u32::from(*digit),
        (_, twice @ 0..=9) => u32::from(twice),
        (_, twice) => u32::from(twice - 9),
    };
    digits.iter().rev().enumerate().map(weight).sum::<u32>().is_multiple_of(10)
}
