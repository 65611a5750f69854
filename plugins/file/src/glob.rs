//! Patterns for names: `*` and `?` inside a name, `**` for any folders.
//! Matching takes at most pattern times path steps, whatever the pattern.

use crate::{error::FileError, limits::MAX_PATTERN_BYTES};

/// A parsed pattern.
#[derive(Clone, Debug)]
pub struct Glob {
    parts: Vec<String>,
}

impl Glob {
    /// Parses `pattern`. One without a slash is about a file's name, in
    /// whatever folder it lies.
    pub fn parse(pattern: &str) -> Result<Self, FileError> {
        if pattern.is_empty() || pattern.len() > MAX_PATTERN_BYTES {
            return Err(FileError::Invalid(format!("a pattern has 1 to {MAX_PATTERN_BYTES} bytes")));
        }
        let mut parts: Vec<String> = Vec::new();
        if !pattern.contains('/') {
            parts.push("**".to_owned());
        }
        for part in pattern.split('/').filter(|part| !part.is_empty()) {
            if part == "**" && parts.last().is_some_and(|last| last == "**") {
                continue;
            }
            parts.push(part.to_owned());
        }
        Ok(Self { parts })
    }

    /// Whether `path`, relative to the folder that is searched, fits.
    pub fn matches(&self, path: &str) -> bool {
        let names: Vec<&str> = path.split('/').filter(|name| !name.is_empty()).collect();
        let star = |part: &String| part == "**";
        fits(&self.parts, &names, star, |part, name| {
            let (part, name): (Vec<char>, Vec<char>) = (part.chars().collect(), name.chars().collect());
            fits(&part, &name, |c| *c == '*', |wanted, found| *wanted == '?' || wanted == found)
        })
    }
}

/// Whether `pattern`, in which a star stands for any run, fits all of `items`.
/// After a mismatch only the latest star can take more, so nothing is tried
/// twice for the same star.
fn fits<P, I>(pattern: &[P], items: &[I], star: impl Fn(&P) -> bool, same: impl Fn(&P, &I) -> bool) -> bool {
    let (mut p, mut i) = (0, 0);
    let mut latest: Option<(usize, usize)> = None;
    while i < items.len() {
        match pattern.get(p) {
            Some(part) if star(part) => {
                latest = Some((p, i));
                p += 1;
            }
            Some(part) if same(part, &items[i]) => {
                p += 1;
                i += 1;
            }
            _ => match latest {
                Some((star_at, taken)) => {
                    latest = Some((star_at, taken + 1));
                    p = star_at + 1;
                    i = taken + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(star)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, path: &str) -> bool {
        Glob::parse(pattern).is_ok_and(|glob| glob.matches(path))
    }

    #[test]
    fn patterns_fit_what_they_say() {
        for (pattern, path) in [
            ("*.md", "a.md"),
            ("*.md", "deep/er/a.md"),
            ("a?c", "abc"),
            ("**/*.md", "a.md"),
            ("notes/*.md", "notes/a.md"),
            ("notes/**", "notes/a/b"),
            ("**/a/**/b", "x/a/y/z/b"),
            ("**/a/**/b", "a/b"),
            ("*", "anything"),
            ("*a*b*", "xxaxxbxx"),
            ("ü*", "über"),
        ] {
            assert!(matches(pattern, path), "{pattern} {path}");
        }
        for (pattern, path) in [
            ("*.md", "a.mdx"),
            ("notes/*.md", "notes/deep/a.md"),
            ("notes/*.md", "a.md"),
            ("a?c", "ac"),
            ("/a", "b/a"),
            ("**/a", "a/b"),
        ] {
            assert!(!matches(pattern, path), "{pattern} {path}");
        }
        assert!(Glob::parse("").is_err());
        assert!(Glob::parse(&"a".repeat(MAX_PATTERN_BYTES + 1)).is_err());
    }

    #[test]
    fn a_wicked_pattern_is_quick() {
        let started = std::time::Instant::now();
        assert!(!matches(&"*a".repeat(100), &"a".repeat(4_000).replace("aa", "ab")[..3_999].replace('a', "b")));
        assert!(!matches(&format!("{}b", "**/*a*/".repeat(30)), &"a/".repeat(2_000)));
        assert!(started.elapsed() < std::time::Duration::from_secs(20));
    }
}
