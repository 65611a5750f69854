//! Searches an answer for the secrets that went out with its request, as they
//! are and in the spellings that servers echo.
//!
//! **Invariant:** no byte of a spelling is passed on before it is certain that
//! the spelling is not complete: what could be the beginning of one is held
//! back until the next bytes decide.

use std::sync::Arc;

use aho_corasick::AhoCorasick;
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE},
};
use bulkhead_policy::SecretRule;
use bytes::Bytes;

/// A secret shorter than this is not searched for: it would be found everywhere.
const LEAST_BYTES: usize = 4;

/// A word inside a secret, such as the token behind `Bearer `, is searched for
/// by itself from this length on.
const LEAST_WORD_BYTES: usize = 8;

/// All spellings of all secrets of a plugin.
pub(super) struct Leaks(Arc<Spellings>);

struct Spellings {
    finder: AhoCorasick,
    all: Vec<Vec<u8>>,
    /// Whether a spelling begins with this byte.
    begins: [bool; 256],
    longest: usize,
}

/// A secret was found.
#[derive(Debug)]
pub(super) struct Found;

/// A search through one answer.
pub(super) struct Search {
    spellings: Arc<Spellings>,
    held: Vec<u8>,
}

impl Leaks {
    /// `None` if there is nothing to search for.
    pub(super) fn of(secrets: &[SecretRule]) -> Option<Self> {
        let mut all: Vec<Vec<u8>> = secrets.iter().flat_map(|rule| spellings(rule.value().expose())).collect();
        all.sort_unstable();
        all.dedup();
        let longest = all.iter().map(Vec::len).max()?;
        let mut begins = [false; 256];
        for spelling in &all {
            begins[usize::from(spelling[0])] = true;
        }
        let finder = AhoCorasick::new(&all).ok()?;
        Some(Self(Arc::new(Spellings { finder, all, begins, longest })))
    }

    /// Whether a secret is in `bytes`.
    pub(super) fn are_in(&self, bytes: &[u8]) -> bool {
        self.0.finder.is_match(bytes)
    }

    /// Begins a search.
    pub(super) fn search(&self) -> Search {
        Search { spellings: Arc::clone(&self.0), held: Vec::new() }
    }
}

impl Search {
    /// Takes the next bytes; gives those that are certainly clean.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<Bytes, Found> {
        self.held.extend_from_slice(bytes);
        if self.spellings.finder.is_match(&self.held) {
            self.held.clear();
            return Err(Found);
        }
        let certain = self.spellings.certain(&self.held);
        let rest = self.held.split_off(certain);
        Ok(std::mem::replace(&mut self.held, rest).into())
    }

    /// The answer is over: what was held back was no secret.
    pub(super) fn finish(&mut self) -> Bytes {
        std::mem::take(&mut self.held).into()
    }
}

impl Spellings {
    /// How many bytes from the start no spelling can reach back to.
    fn certain(&self, bytes: &[u8]) -> usize {
        let first = (bytes.len() + 1).saturating_sub(self.longest);
        let may_begin = |at: &usize| {
            let tail = &bytes[*at..];
            self.begins[usize::from(tail[0])] && self.all.iter().any(|spelling| spelling.starts_with(tail))
        };
        (first..bytes.len()).find(may_begin).unwrap_or(bytes.len())
    }
}

/// Everything that `secret` may look like.
fn spellings(secret: &str) -> Vec<Vec<u8>> {
    let words = secret.split_whitespace().filter(|word| word.len() >= LEAST_WORD_BYTES);
    let password = basic(secret);
    let parts = password.iter().flat_map(|whole| [whole.as_str(), whole.split_once(':').map_or("", |(_, word)| word)]);
    let parts = parts.filter(|part| part.len() >= LEAST_WORD_BYTES);
    let texts = std::iter::once(secret).chain(words).chain(parts).filter(|text| text.len() >= LEAST_BYTES);
    let mut all = Vec::new();
    for text in texts {
        let bytes = text.as_bytes();
        all.push(bytes.to_vec());
        all.extend([hex(bytes, false), hex(bytes, true)]);
        all.extend([percent(bytes, false), percent(bytes, true)]);
        all.extend([json(text, false), json(text, true), html(text)]);
        all.extend([unicode(text, b"<>&", false), unicode(text, b"<>&'\"+`", true)]);
        for shift in 0..3 {
            all.extend(base64_inside(bytes, shift));
        }
    }
    all.retain(|spelling| spelling.len() >= LEAST_BYTES);
    all
}

fn hex(bytes: &[u8], upper: bool) -> Vec<u8> {
    bytes.iter().flat_map(|byte| digits(*byte, upper)).collect()
}

fn digits(byte: u8, upper: bool) -> [u8; 2] {
    let table = if upper { b"0123456789ABCDEF" } else { b"0123456789abcdef" };
    [table[usize::from(byte >> 4)], table[usize::from(byte & 15)]]
}

fn percent(bytes: &[u8], upper: bool) -> Vec<u8> {
    let mut out = Vec::new();
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(byte) {
            out.push(*byte);
        } else {
            out.push(b'%');
            out.extend(digits(*byte, upper));
        }
    }
    out
}

/// As a JSON string has it; some writers escape the slash, too.
fn json(text: &str, slash: bool) -> Vec<u8> {
    let text = text.replace('\\', "\\\\").replace('"', "\\\"");
    if slash { text.replace('/', "\\/").into_bytes() } else { text.into_bytes() }
}

/// As a JSON string has it where the writer escapes more than it must: Go, and
/// .NET in capitals.
fn unicode(text: &str, escaped: &[u8], upper: bool) -> Vec<u8> {
    let mut out = Vec::new();
    for byte in text.bytes() {
        match byte {
            _ if escaped.contains(&byte) => {
                out.extend_from_slice(b"\\u00");
                out.extend(digits(byte, upper));
            }
            b'"' | b'\\' => out.extend([b'\\', byte]),
            _ => out.push(byte),
        }
    }
    out
}

/// User and password, which a server takes apart before it repeats them.
fn basic(secret: &str) -> Option<String> {
    let (_, coded) = secret.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"))?;
    String::from_utf8(STANDARD.decode(coded.trim()).ok()?).ok()
}

fn html(text: &str) -> Vec<u8> {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").into_bytes()
}

/// What base64 makes of `bytes` wherever they stand in a longer text: `shift`
/// bytes stand before them in their group. Only characters that no neighbour
/// has a part in.
fn base64_inside(bytes: &[u8], shift: usize) -> [Vec<u8>; 2] {
    let padded: Vec<u8> = std::iter::repeat_n(0, shift).chain(bytes.iter().copied()).collect();
    let (from, to) = ((shift * 8).div_ceil(6), padded.len() * 8 / 6);
    let inside = |text: String| text.as_bytes().get(from..to).unwrap_or_default().to_vec();
    [inside(STANDARD.encode(&padded)), inside(URL_SAFE.encode(&padded))]
}

#[cfg(test)]
mod tests {
    use bulkhead_base::Redacted;

    use super::*;

    const SECRET: &str = "Bearer s3cr3t/t0ken+\"&x";

    fn leaks() -> Leaks {
        let origin = "https://api.example.com".parse().unwrap();
        let rule = SecretRule::new("KEY", Redacted::new(SECRET.into()), origin, "authorization", vec![]).unwrap();
        Leaks::of(&[rule]).unwrap()
    }

    /// Feeds `text` in pieces of `size`; what came through, and whether it was cut.
    fn feed(text: &[u8], size: usize) -> (Vec<u8>, bool) {
        let mut search = leaks().search();
        let mut passed = Vec::new();
        for piece in text.chunks(size) {
            match search.push(piece) {
                Ok(clean) => passed.extend_from_slice(&clean),
                Err(Found) => return (passed, true),
            }
        }
        passed.extend_from_slice(&search.finish());
        (passed, false)
    }

    #[test]
    fn every_spelling_is_cut_in_pieces_of_any_size_and_nothing_of_it_passes() {
        let token = SECRET.split(' ').nth(1).unwrap();
        let mut texts = vec![
            SECRET.to_owned(),
            token.to_owned(),
            hex::encode(token),
            hex::encode_upper(token),
            "s3cr3t%2Ft0ken%2B%22%26x".to_owned(),
            "s3cr3t%2ft0ken%2b%22%26x".to_owned(),
            r#"s3cr3t\/t0ken+\"&x"#.to_owned(),
            "s3cr3t/t0ken+&quot;&amp;x".to_owned(),
            r#"s3cr3t/t0ken+\"\u0026x"#.to_owned(),
            r"s3cr3t/t0ken\u002B\u0022\u0026x".to_owned(),
        ];
        for before in ["", "a", "ab", "abc"] {
            texts.push(STANDARD.encode(format!("{before}{token}zz")));
            texts.push(URL_SAFE.encode(format!("{before}{SECRET}")));
        }
        for text in texts {
            for size in [1, 2, 7, 1000] {
                let (passed, cut) = feed(format!("before {text} after").as_bytes(), size);
                assert!(cut, "{text} in pieces of {size}");
                assert!(b"before ".starts_with(&passed[..passed.len().min(7)]), "{text}");
                assert!(passed.len() < 7 + text.len().min(8), "{text}: {}", String::from_utf8_lossy(&passed));
            }
        }
    }

    #[test]
    fn a_password_is_found_without_its_coding() {
        let value = Redacted::new(format!("Basic {}", STANDARD.encode("me:correct-horse")));
        let origin = "https://api.example.com".parse().unwrap();
        let leaks = Leaks::of(&[SecretRule::new("KEY", value, origin, "authorization", vec![]).unwrap()]).unwrap();
        assert!(leaks.are_in(b"no such login: me:correct-horse"));
        assert!(leaks.are_in(b"wrong password correct-horse!"));
        assert!(!leaks.are_in(b"no such user: me"));
    }

    #[test]
    fn what_only_begins_like_a_secret_passes_unchanged() {
        let text = b"Bearer s3cr3t/t0ke and Bearer s3cr3t/ Bear s3cr3t".repeat(3);
        for size in [1, 3, 8, 10_000] {
            assert_eq!(feed(&text, size), (text.clone(), false));
        }
    }

    #[test]
    fn clean_bytes_are_not_held_back() {
        let mut search = leaks().search();
        assert_eq!(&search.push(b"data: one\n\n").unwrap()[..], b"data: one\n\n");
        assert_eq!(&search.push(b"data: Bea").unwrap()[..], b"data: ");
        assert_eq!(&search.push(b"r\n").unwrap()[..], b"Bear\n");
    }
}
