//! The inside of strings.

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
