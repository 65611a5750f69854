use std::{fmt, str::FromStr};

use super::pattern::fits;
use crate::RuleError;

/// Which resources: a URI in which `*` stands for text without a slash and
/// `**`, as a whole segment, for any number of segments.
///
/// **Invariant:** a URI that a server further in might read as another one (dot
/// segments, encoded dots and slashes, backslashes) fits no glob.
#[derive(Clone, PartialEq, Eq)]
pub struct ResourceGlob(Box<str>);

/// Longest glob and most `**` of one: each doubles the ways to match.
const LONGEST: usize = 1024;
const MOST_DEEP: usize = 2;

impl ResourceGlob {
    /// Whether `uri` fits.
    #[must_use]
    pub fn matches(&self, uri: &str) -> bool {
        if is_ambiguous(uri) {
            return false;
        }
        let pattern: Vec<&str> = self.0.split('/').collect();
        let segments: Vec<&str> = uri.split('/').collect();
        segments_fit(&pattern, &segments)
    }

    /// The glob as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn segments_fit(pattern: &[&str], segments: &[&str]) -> bool {
    match pattern.split_first() {
        None => segments.is_empty(),
        Some((&"**", rest)) => (0..=segments.len()).any(|skip| segments_fit(rest, &segments[skip..])),
        Some((first, rest)) => segments
            .split_first()
            .is_some_and(|(segment, others)| fits(first, segment, |_| true) && segments_fit(rest, others)),
    }
}

/// Whether two readers may disagree on what `uri` names. A query or fragment in
/// which a path could go on counts: not every reader ends the path there.
fn is_ambiguous(uri: &str) -> bool {
    leads_astray(uri, &["%2e", "%2f", "%5c", "%25", "%00"])
}

/// As [`is_ambiguous`], for a URI that fits a template: a percent sign in a
/// parameter is escaped there, and is none of its own.
pub(crate) fn leaves_its_template(uri: &str) -> bool {
    leads_astray(uri, &["%2e", "%2f", "%5c", "%00"])
}

fn leads_astray(uri: &str, encoded: &[&str]) -> bool {
    let lower = uri.to_ascii_lowercase();
    let (path, rest) = lower.split_at(lower.find(['?', '#']).unwrap_or(lower.len()));
    let goes_on = ["/", "2f", "5c"].iter().any(|slash| rest.contains(slash));
    let read = if goes_on { lower.as_str() } else { path };
    let is_dots = |segment: &str| matches!(segment.split(';').next(), Some("." | ".."));
    let dots = read.split(['/', '?', '#']).any(is_dots);
    dots || uri.contains('\\') || uri.chars().any(char::is_control) || encoded.iter().any(|code| read.contains(code))
}

impl FromStr for ResourceGlob {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Self, RuleError> {
        let deep = text.split('/').filter(|segment| *segment == "**").count();
        let stray = text.split('/').any(|segment| segment != "**" && segment.contains("**"));
        let has_scheme = text == "**" || text.split_once(':').is_some_and(|(scheme, _)| !scheme.is_empty());
        if text.len() > LONGEST || deep > MOST_DEEP || stray || !has_scheme || is_ambiguous(text) {
            return Err(RuleError::Glob { text: text.to_owned() });
        }
        Ok(Self(text.into()))
    }
}

impl fmt::Display for ResourceGlob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ResourceGlob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", &*self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_glob_matches_segment_by_segment() {
        let table = [
            ("file:///data/**", "file:///data/a", true),
            ("file:///data/**", "file:///data/a/b/c", true),
            ("file:///data/**", "file:///data", true),
            ("file:///data/**", "file:///database", false),
            ("file:///data/**", "file:///data/../etc", false),
            ("file:///data/**", "file:///data/%2E%2e/etc", false),
            ("file:///data/**", "file:///data/a%2fb", false),
            ("file:///data/**", "file:///data/%252e%252e/etc", false),
            ("file:///data/**", "file:///data/..\\etc", false),
            ("file:///data/**", "file:///data/./a", false),
            ("file:///data/**", "file:///data/..;x/etc", false),
            ("file:///data/**", "file:///data/a?/../../etc", false),
            ("file:///data/**", "file:///data/a#/%2e%2e/etc", false),
            ("file:///data/**", "file:///data/a?%2f..%2f..", false),
            ("file:///data/**", "file:///data/a?like=%25b&x=..", true),
            ("file:///data/**", "file:///data/a?at=2026/01", true),
            ("file:///data/*", "file:///data/a", true),
            ("file:///data/*", "file:///data/a/b", false),
            ("file:///data/*.md", "file:///data/a.md", true),
            ("file:///data/*.md", "file:///data/a.md.exe", false),
            ("file:///**/notes/*", "file:///a/b/notes/c", true),
            ("test://static-*", "test://static-text", true),
            ("test://static-*", "other://static-text", false),
            ("**", "test://static-text", true),
        ];
        for (glob, uri, fits) in table {
            assert_eq!(glob.parse::<ResourceGlob>().unwrap().matches(uri), fits, "{glob} {uri}");
        }
        for bad in ["", "data/**", ":x", "file:///a**/b", "file:///a/../b", "a:**/**/**/x"] {
            assert!(bad.parse::<ResourceGlob>().is_err(), "{bad}");
        }
    }
}
