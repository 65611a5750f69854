//! Which URIs a template stands for (RFC 6570, all four levels, loosely: a
//! value is not checked against its modifiers).
//!
//! Matching decides which plugin is asked, never what is allowed.

mod expand;

use bulkhead_protocol::json::Json;

pub use self::expand::ExpandError;
use self::expand::{Part, Variable};

/// A template, cut into what is fixed and what is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UriTemplate {
    /// For matching.
    pieces: Vec<Piece>,
    /// For expanding.
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Fixed(Box<str>),
    /// `{name}`: anything up to the next reserved character.
    Value,
    /// `{/name}`: so many segments, each behind its slash, or fewer.
    Segments(usize),
    /// `{/name*}`: any number of segments, each behind its slash.
    Path,
    /// `{?name}`, `{.name}` and the like: what begins with this character, or nothing.
    Optional(char),
    /// `{+name}`: anything.
    Anything,
}

/// Longest URI that is matched. Answers "a URI of megabytes against many templates".
const MAX_URI_BYTES: usize = 8 << 10;

impl UriTemplate {
    pub(crate) fn parse(template: &str) -> Self {
        let (mut pieces, mut parts) = (Vec::new(), Vec::new());
        let mut rest = template;
        while let Some((fixed, after)) = rest.split_once('{') {
            push_fixed(&mut pieces, fixed);
            let (expression, after) = after.split_once('}').unwrap_or((after, ""));
            let part = Part::expression(expression);
            pieces.push(match expression.chars().next() {
                Some('+') => Piece::Anything,
                Some('/') if part.variables().iter().any(Variable::explodes) => Piece::Path,
                Some('/') => Piece::Segments(part.variables().len()),
                Some(begins @ ('.' | ';' | '?' | '&' | '#')) => Piece::Optional(begins),
                _ => Piece::Value,
            });
            parts.extend([Part::Text(fixed.into()), part]);
            rest = after;
        }
        push_fixed(&mut pieces, rest);
        parts.push(Part::Text(rest.into()));
        Self { pieces, parts }
    }

    /// The names of its variables, in their order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().flat_map(Part::variables).map(|variable| &*variable.name)
    }

    /// The URI of these parameters, an object.
    pub(crate) fn expand(&self, params: Json<'_>) -> Result<String, ExpandError> {
        expand::expand(&self.parts, params)
    }

    pub(crate) fn fits(&self, uri: &str) -> bool {
        uri.len() <= MAX_URI_BYTES && self.reaches_end(uri)
    }

    /// Follows every place that can be reached, piece by piece: linear in the
    /// URI for each variable, of which a contract's template has few.
    fn reaches_end(&self, uri: &str) -> bool {
        let mut places = vec![false; uri.len() + 1];
        if let Some(start) = places.first_mut() {
            *start = true;
        }
        for piece in &self.pieces {
            places = piece.step(uri, &places);
            if !places.contains(&true) {
                return false;
            }
        }
        places.last().copied().unwrap_or_default()
    }
}

fn push_fixed(pieces: &mut Vec<Piece>, text: &str) {
    if !text.is_empty() {
        pieces.push(Piece::Fixed(text.into()));
    }
}

impl Piece {
    /// The places that can be reached from `from` over this piece.
    fn step(&self, uri: &str, from: &[bool]) -> Vec<bool> {
        let mut reached = vec![false; from.len()];
        let mut mark = |place: usize| reached.get_mut(place).into_iter().for_each(|place| *place = true);
        match self {
            Self::Fixed(text) => {
                let starts = from.iter().enumerate().filter(|(_, reached)| **reached);
                let bytes = uri.as_bytes();
                starts
                    .filter(|(at, _)| bytes.get(*at..).is_some_and(|rest| rest.starts_with(text.as_bytes())))
                    .for_each(|(at, _)| mark(at + text.len()));
            }
            Self::Value => spread(uri, from, |c| !matches!(c, '/' | '?' | '#'), &mut mark),
            Self::Anything => spread(uri, from, |_| true, &mut mark),
            Self::Segments(most) => {
                let (mut reached, mut ends) = (from.to_vec(), from.to_vec());
                for _ in 0..*most {
                    ends = segment(uri, &ends);
                    if !ends.contains(&true) {
                        break;
                    }
                    reached.iter_mut().zip(&ends).for_each(|(reached, end)| *reached |= end);
                }
                return reached;
            }
            Self::Path => optional(uri, from, '/', |c| !matches!(c, '?' | '#'), &mut mark),
            // The slash of a value is escaped, but for those who write queries and fragments by hand.
            Self::Optional(begins @ ('.' | ';')) => {
                optional(uri, from, *begins, |c| !matches!(c, '/' | '?' | '#'), &mut mark);
            }
            Self::Optional(begins) => {
                optional(uri, from, *begins, |c| c == *begins || !matches!(c, '?' | '#'), &mut mark);
            }
        }
        reached
    }
}

/// The places behind one slash and one segment, which may be empty, from one of
/// `from`.
fn segment(uri: &str, from: &[bool]) -> Vec<bool> {
    let slash = |at: usize| uri.as_bytes().get(at) == Some(&b'/');
    let mut reached: Vec<bool> = vec![false; from.len()];
    let begun = from.iter().enumerate().filter(|(at, ok)| **ok && slash(*at));
    begun.for_each(|(at, _)| reached.get_mut(at + 1).into_iter().for_each(|place| *place = true));
    let begun = reached.clone();
    let mut mark = |place: usize| reached.get_mut(place).into_iter().for_each(|place| *place = true);
    spread(uri, &begun, |c| !matches!(c, '/' | '?' | '#'), &mut mark);
    reached
}

/// Marks `from`, and every place behind one of them that `begins` and then
/// characters of `within` lead to.
fn optional(uri: &str, from: &[bool], begins: char, within: impl Fn(char) -> bool, mark: &mut impl FnMut(usize)) {
    let begins_here = |at: usize| uri.get(at..).is_some_and(|rest| rest.starts_with(begins));
    let starts: Vec<bool> = from.iter().enumerate().map(|(at, ok)| *ok && begins_here(at)).collect();
    spread(uri, &starts, within, mark);
    from.iter().enumerate().filter(|(_, ok)| **ok).for_each(|(at, _)| mark(at));
}

/// Marks every place behind one of `from` that characters of `within` lead to.
fn spread(uri: &str, from: &[bool], within: impl Fn(char) -> bool, mark: &mut impl FnMut(usize)) {
    let mut running = false;
    for (at, c) in uri.char_indices() {
        let starts_here = from.get(at).copied().unwrap_or_default();
        running = (running || starts_here) && within(c);
        if running {
            mark(at + c.len_utf8());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::UriTemplate;

    #[test]
    fn a_template_fits_what_it_could_have_made() {
        let table = [
            ("test://template/{id}/data", "test://template/123/data", true),
            ("test://template/{id}/data", "test://template/1/2/data", false),
            ("test://template/{id}/data", "test://template//data", false),
            ("file:///{+path}", "file:///data/a/b.txt", true),
            ("file:///{+path}", "file://data", false),
            ("docs://{name}.{ext}", "docs://read.me.md", true),
            ("docs://{name}{?q,page}", "docs://x", true),
            ("docs://{name}{?q,page}", "docs://x?q=1&page=2", true),
            ("docs://{name}{?q,page}", "docs://x/y?q=1", false),
            ("docs:/{/path*}", "docs://a/b", true),
            ("docs:/{/path*}/end", "docs://a/b/end", true),
            ("docs:/{/v}", "docs:/", true),
            ("docs:/{/v}", "docs://a", true),
            ("docs:/{/v}", "docs://a%2Fb", true),
            ("docs:/{/v}", "docs://a/b", false),
            ("docs:/{/v}", "docs://a/", false),
            ("docs:/{/v}", "docs://a?b", false),
            ("docs:/{/v}/end", "docs://a/end", true),
            ("docs:/{/v}/end", "docs://a/b/end", false),
            ("docs:/{/v,w}", "docs://a/b", true),
            ("docs:/{/v,w}", "docs://ä/", true),
            ("docs:/{/v,w}", "docs://a/b/c", false),
            ("docs://x{.ext}", "docs://x.tar.gz", true),
            ("docs://x{.ext}", "docs://x.a/b", false),
            ("docs://x{;v}", "docs://x;v=1", true),
            ("docs://x{;v}", "docs://x;v=1/b", false),
            ("docs://x{?q}", "docs://x?q=a/b", true),
            ("a://b", "a://b", true),
            ("a://b", "a://bc", false),
            ("{x}", "", false),
            ("ä://{x}", "ä://ö", true),
        ];
        for (template, uri, fits) in table {
            assert_eq!(UriTemplate::parse(template).fits(uri), fits, "{template} {uri}");
        }
    }

    #[test]
    fn many_expressions_stay_linear() {
        let template = UriTemplate::parse(&"{+a}".repeat(60));
        let begun = std::time::Instant::now();
        assert!(template.fits(&"x".repeat(8000)));
        assert!(begun.elapsed() < std::time::Duration::from_secs(10));
    }
}
