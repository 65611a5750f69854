//! What each character is folded to.

use bulkhead_base::is_unseen;
use unicode_normalization::UnicodeNormalization;
use unicode_security::confusable_detection::skeleton;

/// How many times as long a character may become. Answers "a ligature that is a
/// whole blessing, a million times"; one that would be longer stays itself.
const LONGEST: usize = 2;

/// What one character becomes.
#[derive(Clone)]
pub(super) enum Folded {
    Same,
    Gone,
    Space,
    Text(Box<str>),
}

/// A page on which every character stays what it is is empty.
pub(super) type Page = Option<Box<[Folded]>>;

pub(super) fn page_of(number: usize) -> Page {
    let code = |low: usize| u32::try_from(number << 8 | low).ok();
    let page: Box<[Folded]> =
        (0..0x100).map(|low| code(low).and_then(char::from_u32).map_or(Folded::Same, folded)).collect();
    page.iter().any(|folded| !matches!(folded, Folded::Same)).then_some(page)
}

fn folded(c: char) -> Folded {
    if is_unseen(c) || is_accent(c) {
        return Folded::Gone;
    }
    if c.is_whitespace() {
        return Folded::Space;
    }
    if matches!(c, '\u{1100}'..='\u{11ff}' | '\u{ac00}'..='\u{d7a3}') {
        return Folded::Same;
    }
    let plain = |c: char| c.to_lowercase().nfkd().flat_map(char::to_lowercase).filter(|c| !is_accent(*c));
    let text: String = plain(c).map(look_alike).collect();
    let mut alone = [0; 4];
    let is_same = text == *c.encode_utf8(&mut alone) || text.len() > LONGEST * c.len_utf8();
    if is_same { Folded::Same } else { Folded::Text(text.into()) }
}

fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

/// The Latin letter or sign that `c` is taken for.
fn look_alike(c: char) -> char {
    match c {
        '’' | '‘' | 'ʼ' | '′' | '＇' => return '\'',
        '“' | '”' | '„' | '«' | '»' => return '"',
        '‐'..='―' | '−' => return '-',
        '∕' | '⁄' => return '/',
        _ => {}
    }
    if c.is_ascii() || !c.is_alphabetic() {
        return c;
    }
    let mut encoded = [0; 4];
    let mut taken_for = skeleton(c.encode_utf8(&mut encoded));
    match (taken_for.next(), taken_for.next()) {
        (Some(letter), None) if letter.is_ascii_alphabetic() => letter.to_ascii_lowercase(),
        _ => c,
    }
}
