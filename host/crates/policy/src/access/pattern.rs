use std::{fmt, str::FromStr};

use crate::RuleError;

/// A name in which `*` stands for any text, an empty one included.
///
/// Used for tools and prompts by dotted name: `file.read`, `weather.*`, `*`.
#[derive(Clone, PartialEq, Eq)]
pub struct TextPattern(Box<str>);

/// Longest pattern: matching is quadratic at worst.
const LONGEST: usize = 256;
/// Most stars of a pattern, for the same reason.
const MOST_STARS: usize = 8;

impl TextPattern {
    /// Whether `text` fits, upper and lower case kept apart.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        fits(&self.0, text, |_| true)
    }

    /// The pattern as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TextPattern {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Self, RuleError> {
        let stars = text.bytes().filter(|b| *b == b'*').count();
        let plain = !text.is_empty() && !text.chars().any(|c| c.is_whitespace() || c.is_control());
        if plain && text.len() <= LONGEST && stars <= MOST_STARS {
            return Ok(Self(text.into()));
        }
        Err(RuleError::Pattern { text: text.to_owned() })
    }
}

impl fmt::Display for TextPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for TextPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", &*self.0)
    }
}

/// Matches `text` against `pattern`, where a star swallows whatever `may_eat`
/// admits. Greedy with one point to come back to, so at worst quadratic.
pub(super) fn fits(pattern: &str, text: &str, may_eat: impl Fn(u8) -> bool) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut p, mut t) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while t < text.len() {
        if pattern.get(p) == Some(&b'*') {
            retry = Some((p + 1, t));
            p += 1;
        } else if pattern.get(p) == text.get(t) {
            p += 1;
            t += 1;
        } else {
            match retry {
                Some((after, from)) if may_eat(text[from]) => {
                    retry = Some((after, from + 1));
                    (p, t) = (after, from + 1);
                }
                _ => return false,
            }
        }
    }
    pattern[p..].iter().all(|b| *b == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_any_text() {
        let table = [
            ("file.read", "file.read", true),
            ("file.read", "file.reader", false),
            ("weather.*", "weather.getCurrent", true),
            ("weather.*", "weather.", true),
            ("weather.*", "weatherx.a", false),
            ("*", "", true),
            ("*.get*", "a.b.getAll", true),
            ("a*b*c", "aXbYbZc", true),
            ("a*b*c", "aXbYbZ", false),
            ("**", "x", true),
            ("File.read", "file.read", false),
        ];
        for (pattern, text, fits) in table {
            assert_eq!(pattern.parse::<TextPattern>().unwrap().matches(text), fits, "{pattern} {text}");
        }
        for bad in ["", "a b", "a\nb", "*********", &"a".repeat(257)] {
            assert!(bad.parse::<TextPattern>().is_err(), "{bad}");
        }
    }
}
