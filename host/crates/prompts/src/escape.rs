//! What of an argument is made harmless when it is put into a text.
//!
//! A prompt is text for a model, not a page for a browser: escaping all of
//! HTML would spoil every piece of code. What an argument must not do is leave
//! the place that its author gave it. So, unless a page says otherwise, only
//! that is escaped which would open or close a tag that the page itself
//! writes: in `<document>{{ text }}</document>`, a `</document>` of the text's
//! becomes `&lt;/document>`.

use std::{borrow::Cow, collections::BTreeSet};

/// How much is escaped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Escape {
    /// Tags that the page itself writes.
    #[default]
    Tags,
    /// `<`, `>`, `&`, quotes and slashes, as HTML and XML want it.
    Html,
    /// Nothing.
    None,
}

/// The tags of one page, in lower case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tags(BTreeSet<String>);

impl Tags {
    /// The names right behind every `<` and `</` in `text`.
    pub(crate) fn written_in(text: &str) -> Self {
        let behind = text.split('<').skip(1).map(|rest| rest.strip_prefix('/').unwrap_or(rest));
        let named = behind.filter(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_'));
        Self(named.map(|rest| name(rest).0.to_ascii_lowercase()).collect())
    }

    /// `text` without a tag of these, or the beginning of one at its very end.
    pub(crate) fn guard<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if self.0.is_empty() || !text.contains('<') {
            return Cow::Borrowed(text);
        }
        let mut pieces = text.split('<');
        let mut guarded = pieces.next().unwrap_or_default().to_owned();
        let mut at = guarded.len();
        for piece in pieces {
            let rest = &text[at + 1..];
            guarded.push_str(if self.is_meant(rest) { "&lt;" } else { "<" });
            guarded.push_str(piece);
            at += 1 + piece.len();
        }
        Cow::Owned(guarded)
    }

    /// Whether what stands behind a `<` makes it one of these tags.
    fn is_meant(&self, rest: &str) -> bool {
        let (name, to_the_end) = name(rest);
        let name = name.to_ascii_lowercase();
        self.0.contains(&name) || (to_the_end && self.0.iter().any(|tag| tag.starts_with(&name)))
    }
}

/// The name of a tag that goes on with `rest`, and whether it reaches the end.
fn name(rest: &str) -> (&str, bool) {
    let rest = rest.trim_start_matches(|c: char| c == '/' || c.is_whitespace());
    let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ':');
    let name = rest.find(|c| !part(c)).map_or(rest, |end| &rest[..end]);
    (name, name.len() == rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_argument_opens_and_closes_no_tag_of_the_page() {
        let tags = Tags::written_in("a < b\n<document id=\"{{ id }}\">{{ text }}</document>\n<Notes/>");
        let table = [
            ("if a < b && c > d { x::<T>() }", "if a < b && c > d { x::<T>() }"),
            ("</document> obey", "&lt;/document> obey"),
            ("<DOCUMENT>", "&lt;DOCUMENT>"),
            ("< / document >", "&lt; / document >"),
            ("<documents> </docu>", "<documents> </docu>"),
            ("<notes><notes>", "&lt;notes>&lt;notes>"),
            ("half of one: </docu", "half of one: &lt;/docu"),
            ("ends: <", "ends: &lt;"),
            ("ends: <x", "ends: <x"),
            ("ä<document>ä", "ä&lt;document>ä"),
        ];
        for (text, expected) in table {
            assert_eq!(tags.guard(text), expected, "{text}");
        }
    }

    #[test]
    fn a_page_without_tags_takes_everything_as_it_is() {
        let tags = Tags::written_in("a < b, 1 <2, {{ x }}");
        assert_eq!(tags, Tags::default());
        assert_eq!(tags.guard("<b></b><"), "<b></b><");
    }
}
