use std::{fmt, str::FromStr};

use super::RuleError;

/// Longest path of a rule or a request that is looked at.
pub(super) const LONGEST: usize = 8192;

/// Most times that a path may be decoded until nothing is left to decode.
const MOST_ENCODED: usize = 4;

/// Which paths: one, literally, or everything below one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PathRule {
    /// Exactly this path.
    Exact(Box<str>),
    /// Everything that begins with this, which ends in a slash: `/v1/*` admits
    /// `/v1/` and `/v1/a/b`, not `/v1` and not `/v10`.
    Below(Box<str>),
}

impl PathRule {
    /// Everything: `/*`.
    #[must_use]
    pub fn all() -> Self {
        Self::Below("/".into())
    }

    /// Whether `path`, which passed [`is_unambiguous`], is meant. Compared byte
    /// by byte: `%61` is not `a`.
    #[must_use]
    pub fn admits(&self, path: &str) -> bool {
        match self {
            Self::Exact(exact) => &**exact == path,
            Self::Below(prefix) => path.starts_with(&**prefix),
        }
    }

    /// What both rules admit.
    pub(super) fn intersect(&self, other: &Self) -> Option<Self> {
        match (self, other) {
            (Self::Exact(path), rule) | (rule, Self::Exact(path)) => {
                rule.admits(path).then(|| Self::Exact(path.clone()))
            }
            (Self::Below(one), Self::Below(two)) if one.starts_with(&**two) => Some(self.clone()),
            (Self::Below(one), Self::Below(two)) if two.starts_with(&**one) => Some(other.clone()),
            _ => None,
        }
    }
}

impl FromStr for PathRule {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Self, RuleError> {
        let error = || RuleError::Path { text: text.to_owned() };
        let (path, below) = text.strip_suffix('*').map_or((text, false), |path| (path, true));
        let closed = !below || path.ends_with('/');
        if !closed || path.contains(['*', '?', '#']) || !is_unambiguous(path) {
            return Err(error());
        }
        Ok(if below { Self::Below(path.into()) } else { Self::Exact(path.into()) })
    }
}

impl fmt::Display for PathRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(path) => f.write_str(path),
            Self::Below(prefix) => write!(f, "{prefix}*"),
        }
    }
}

/// Whether every server reads `path` the same way: absolute, visible ASCII, no
/// empty and no dot segments (with parameters or not), no backslash, no
/// encoded dot, slash, backslash, control character or byte that UTF-8 never
/// has, encoded once or more often.
pub(super) fn is_unambiguous(path: &str) -> bool {
    let visible = path.bytes().all(|b| b.is_ascii_graphic()) && !path.contains('\\');
    path.starts_with('/')
        && path.len() <= LONGEST
        && visible
        && !path.contains("//")
        && !path.split('/').any(is_dots)
        && escapes_are_harmless(path.as_bytes())
}

/// `.` and `..`, also as `..;x`, which some servers read without the parameter.
fn is_dots(segment: &str) -> bool {
    matches!(segment.split(';').next(), Some("." | ".."))
}

/// Decodes again and again, as a chain of servers may: what any of them reads
/// counts, also an escape that only comes about by decoding (`%25%32%65`).
fn escapes_are_harmless(path: &[u8]) -> bool {
    let mut text = path.to_vec();
    for _ in 0..MOST_ENCODED {
        let mut decoded = Vec::with_capacity(text.len());
        let mut rest = text.as_slice();
        let mut found = false;
        while let Some((first, others)) = rest.split_first() {
            match (first, others.get(..2).and_then(escaped)) {
                (b'%', Some(byte)) if is_harmful(byte) => return false,
                (b'%', Some(byte)) => {
                    decoded.push(byte);
                    (found, rest) = (true, &others[2..]);
                }
                // Only what was decoded may have a percent sign that stands for itself.
                (b'%', None) if text.len() == path.len() => return false,
                _ => {
                    decoded.push(*first);
                    rest = others;
                }
            }
        }
        if !found {
            return true;
        }
        text = decoded;
    }
    false
}

fn escaped(digits: &[u8]) -> Option<u8> {
    let [high, low] = digits else { return None };
    let digit = |b: &u8| char::from(*b).to_digit(16).and_then(|n| u8::try_from(n).ok());
    Some(digit(high)? << 4 | digit(low)?)
}

const fn is_harmful(byte: u8) -> bool {
    matches!(byte, b'.' | b'/' | b'\\' | 0x00..=0x1f | 0x7f | 0xc0 | 0xc1 | 0xf5..=0xff)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_end_at_a_segment() {
        let table = [
            ("/v1/*", "/v1/a", true),
            ("/v1/*", "/v1/", true),
            ("/v1/*", "/v1/a/b", true),
            ("/v1/*", "/v1", false),
            ("/v1/*", "/v10/a", false),
            ("/v1/*", "/V1/a", false),
            ("/v1/*", "/x/v1/a", false),
            ("/v1/*", "/%76%31/a", false),
            ("/*", "/", true),
            ("/*", "/anything", true),
            ("/status", "/status", true),
            ("/status", "/status/", false),
            ("/", "/", true),
            ("/", "/a", false),
        ];
        for (rule, path, admitted) in table {
            assert_eq!(rule.parse::<PathRule>().unwrap().admits(path), admitted, "{rule} {path}");
        }
    }

    #[test]
    fn tricks_are_refused_before_matching() {
        let tricks = [
            "",
            "v1",
            "/v1/../admin",
            "/v1/..",
            "/v1/.",
            "/./v1",
            "/v1//admin",
            "//v1",
            "/v1/..;/admin",
            "/v1/..;x=1/admin",
            "/v1/%2e%2e/admin",
            "/v1/%2E./admin",
            "/v1/.%2e/admin",
            "/v1/a%2fb",
            "/v1/a%2Fb",
            "/v1/a%5cb",
            "/v1/a\\b",
            "/v1/%252e%252e/admin",
            "/v1/%25252fx",
            "/v1/%25%32%65%25%32%65/admin",
            "/v1/%252%65%252%65/admin",
            "/v1/a%25%35%63b",
            "/v1/%2525252525252520x",
            "/v1/a%00",
            "/v1/a%0d%0a",
            "/v1/%c0%ae/",
            "/v1/%zz",
            "/v1/%",
            "/v1/%2",
            "/v1/a b",
            "/v1/a\r\nHost: x",
            "/v1/ä",
            "/v1/%ff",
            "/v1/%7f",
        ];
        for path in tricks {
            assert!(!is_unambiguous(path), "{path}");
        }
        for path in [
            "/",
            "/v1/forecast",
            "/v1/a.b..c",
            "/v1/...",
            "/v1/%20x",
            "/v1/%C3%A4",
            "/a:b@c,d;e=f",
            "/v1/100%25",
            "/v1/100%25/x",
        ] {
            assert!(is_unambiguous(path), "{path}");
        }
    }

    #[test]
    fn what_is_no_path_rule_is_an_error() {
        for bad in ["", "*", "/v1*", "/*/a", "/v1/**", "v1/*", "/a?b", "/a#b", "/../*", "/%2e%2e/*", "//*"] {
            assert!(bad.parse::<PathRule>().is_err(), "{bad}");
        }
    }

    #[test]
    fn both_rules_together_are_the_narrower_one() {
        let rule = |text: &str| text.parse::<PathRule>().unwrap();
        assert_eq!(rule("/v1/*").intersect(&rule("/*")), Some(rule("/v1/*")));
        assert_eq!(rule("/v1/*").intersect(&rule("/v1/a/*")), Some(rule("/v1/a/*")));
        assert_eq!(rule("/v1/x").intersect(&rule("/v1/*")), Some(rule("/v1/x")));
        assert_eq!(rule("/v1/*").intersect(&rule("/v2/*")), None);
        assert_eq!(rule("/v1/x").intersect(&rule("/v1/y")), None);
    }
}
