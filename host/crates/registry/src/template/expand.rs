//! From a template and its parameters to a URI (RFC 6570), for whoever names a
//! resource by what it is about.
//!
//! **Invariant:** a value stays inside its variable. It is taken as plain text:
//! `%`, `?` and `#` in it are always escaped, a slash is kept only by `{+name}`
//! and `{#name}`, and no value brings in a `.` or `..` segment. What comes out
//! is matched and decided on like any other URI.

use std::fmt::Write as _;

use bulkhead_protocol::json::{Json, Kind};

use super::MAX_URI_BYTES;

/// A template, cut into text and expressions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    Text(Box<str>),
    Expression { operator: Option<char>, variables: Vec<Variable> },
}

/// One variable of an expression: `name`, `name:3` or `name*`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Variable {
    pub(super) name: Box<str>,
    explode: bool,
    /// Only so many characters of the value.
    prefix: Option<usize>,
}

/// Parameters that make no URI of a template.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExpandError {
    #[error("{name}: there is no such parameter; expected {}", known.join(", "))]
    Unknown { name: String, known: Vec<String> },
    #[error("{0}: expected a string, got nothing")]
    Missing(String),
    #[error("{0}: expected a string, a number, a boolean, or an array of them")]
    Kind(String),
    #[error("expected values that make no segment . or ..")]
    Dots,
    #[error("expected values that make a URI of at most {MAX_URI_BYTES} bytes")]
    TooLong,
}

impl Part {
    /// The expression between two braces.
    pub(super) fn expression(text: &str) -> Self {
        let operator = text.chars().next().filter(|c| "+#./;?&".contains(*c));
        let list = text.get(operator.map_or(0, char::len_utf8)..).unwrap_or_default();
        Self::Expression { operator, variables: list.split(',').map(Variable::read).collect() }
    }
}

impl Variable {
    pub(super) const fn explodes(&self) -> bool {
        self.explode
    }

    fn read(text: &str) -> Self {
        let explode = text.ends_with('*');
        let text = text.trim_end_matches('*');
        let (name, prefix) = match text.split_once(':') {
            Some((name, length)) => (name, length.parse().ok()),
            None => (text, None),
        };
        Self { name: name.into(), explode, prefix }
    }
}

/// How an operator joins and escapes (RFC 6570, appendix A).
struct Manner {
    first: &'static str,
    separator: &'static str,
    /// Values are preceded by their names; what an empty one is followed by.
    named: Option<&'static str>,
    /// Slashes and other reserved characters stay.
    reserved: bool,
    /// The expression may come to nothing.
    optional: bool,
}

impl Manner {
    const fn of(operator: Option<char>) -> Self {
        let (first, separator, named) = match operator {
            Some('#') => ("#", ",", None),
            Some('.') => (".", ".", None),
            Some('/') => ("/", "/", None),
            Some(';') => (";", ";", Some("")),
            Some('?') => ("?", "&", Some("=")),
            Some('&') => ("&", "&", Some("=")),
            _ => ("", ",", None),
        };
        Self {
            first,
            separator,
            named,
            reserved: matches!(operator, Some('+' | '#')),
            optional: !matches!(operator, None | Some('+')),
        }
    }
}

/// The URI that `parts` make with `params`, an object.
pub(super) fn expand(parts: &[Part], params: Json<'_>) -> Result<String, ExpandError> {
    let members = params.members().unwrap_or_default();
    let known = || parts.iter().flat_map(Part::variables).map(|variable| variable.name.to_string());
    if let Some(unknown) = members.iter().find(|member| !known().any(|name| name == member.key)) {
        let name = unknown.key.chars().filter(|c| !c.is_control()).take(64).collect();
        return Err(ExpandError::Unknown { name, known: known().collect() });
    }
    let mut uri = String::new();
    for part in parts {
        match part {
            Part::Text(text) => uri.push_str(text),
            Part::Expression { operator, variables } => {
                let manner = Manner::of(*operator);
                let mut begun = false;
                for variable in variables {
                    let found = members.iter().find(|member| *member.key == *variable.name).map(|member| member.value);
                    let values = found.map_or(Ok(Vec::new()), |value| values(variable, value))?;
                    if values.is_empty() && !manner.optional {
                        return Err(ExpandError::Missing(variable.name.to_string()));
                    }
                    variable.expand(&values, &manner, &mut begun, &mut uri);
                }
            }
        }
        if uri.len() > MAX_URI_BYTES {
            return Err(ExpandError::TooLong);
        }
    }
    let path = uri.split(['?', '#']).next().unwrap_or_default();
    if path.split('/').any(|segment| matches!(segment, "." | "..")) { Err(ExpandError::Dots) } else { Ok(uri) }
}

impl Part {
    pub(super) fn variables(&self) -> &[Variable] {
        match self {
            Self::Text(_) => &[],
            Self::Expression { variables, .. } => variables,
        }
    }
}

fn values(variable: &Variable, value: Json<'_>) -> Result<Vec<String>, ExpandError> {
    let wrong = || ExpandError::Kind(variable.name.to_string());
    let scalar = |value: Json<'_>| match value.kind() {
        Kind::String => value.text().map(std::borrow::Cow::into_owned).ok_or_else(wrong),
        Kind::Number | Kind::Bool => Ok(value.get().to_owned()),
        Kind::Null | Kind::Array | Kind::Object => Err(wrong()),
    };
    if value.kind() == Kind::Null {
        return Ok(Vec::new());
    }
    match value.elements() {
        Some(elements) => elements.into_iter().map(scalar).collect(),
        None => scalar(value).map(|text| vec![text]),
    }
}

impl Variable {
    fn expand(&self, values: &[String], manner: &Manner, begun: &mut bool, uri: &mut String) {
        let joint = if self.explode { manner.separator } else { "," };
        for (position, value) in values.iter().enumerate() {
            let leads = position == 0 || self.explode;
            uri.push_str(match (*begun, position) {
                (false, _) => manner.first,
                (true, 0) => manner.separator,
                (true, _) => joint,
            });
            *begun = true;
            if let Some(empty) = manner.named.filter(|_| leads) {
                uri.push_str(&self.name);
                uri.push_str(if value.is_empty() { empty } else { "=" });
            }
            let value = self.prefix.map_or(&**value, |most| shortened(value, most));
            // A path that begins with a slash goes on where one ends already.
            let joined = manner.reserved && uri.ends_with('/');
            let value = if joined { value.strip_prefix('/').unwrap_or(value) } else { value };
            push_escaped(value, manner.reserved, uri);
        }
    }
}

fn shortened(value: &str, most: usize) -> &str {
    value.char_indices().nth(most).map_or(value, |(end, _)| value.get(..end).unwrap_or(value))
}

fn push_escaped(value: &str, reserved: bool, uri: &mut String) {
    for byte in value.bytes() {
        let stays = byte.is_ascii_alphanumeric()
            || b"-._~".contains(&byte)
            || (reserved && b"/:[]@!$&'()*+,;=".contains(&byte));
        if stays {
            uri.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            write!(uri, "%{byte:02X}").unwrap_or_default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::UriTemplate;

    fn expanded(template: &str, params: &str) -> Result<String, String> {
        let params = bulkhead_protocol::json::Json::parse(params).unwrap();
        UriTemplate::parse(template).expand(params).map_err(|error| error.to_string())
    }

    #[test]
    fn parameters_become_a_uri_that_the_template_fits() {
        let table = [
            ("file:///{+path}", r#"{"path": "/data/a.txt"}"#, "file:///data/a.txt"),
            ("file:///{+path}", r#"{"path": "data/ü#1?%25.txt"}"#, "file:///data/%C3%BC%231%3F%2525.txt"),
            ("test://template/{id}/data", r#"{"id": 123}"#, "test://template/123/data"),
            ("test://template/{id}/data", r#"{"id": "a/b c"}"#, "test://template/a%2Fb%20c/data"),
            ("docs://{name}{?q,page}", r#"{"name": "x", "page": 2}"#, "docs://x?page=2"),
            (
                "docs://{name}{?q,page}",
                r#"{"name": "x", "q": "a&b=c", "page": true}"#,
                "docs://x?q=a%26b%3Dc&page=true",
            ),
            ("docs://{name}{?q}", r#"{"name": "x", "q": ""}"#, "docs://x?q="),
            ("docs:/{/path*}", r#"{"path": ["a", "b/c"]}"#, "docs://a/b%2Fc"),
            ("docs:/{/path}", r#"{"path": "b/c"}"#, "docs://b%2Fc"),
            ("docs:/{/path}", r#"{"path": ["a", "b/c"]}"#, "docs://a,b%2Fc"),
            ("docs:/{/a,b}", r#"{"a": "", "b": "c"}"#, "docs:///c"),
            ("docs://x{?tag*}", r#"{"tag": ["a", "b"]}"#, "docs://x?tag=a&tag=b"),
            ("docs://x{?tag}", r#"{"tag": ["a", "b"]}"#, "docs://x?tag=a,b"),
            ("docs://{name:2}{.ext}", r#"{"name": "äöü", "ext": "md"}"#, "docs://%C3%A4%C3%B6.md"),
            ("docs://x{;a,b}", r#"{"a": "", "b": "1"}"#, "docs://x;a;b=1"),
            ("docs://x{#part}", "{}", "docs://x"),
            ("a://b", "{}", "a://b"),
        ];
        for (template, params, uri) in table {
            assert_eq!(expanded(template, params).as_deref(), Ok(uri), "{template} {params}");
            assert!(UriTemplate::parse(template).fits(uri), "{template} {uri}");
        }
    }

    #[test]
    fn a_value_does_not_leave_its_variable() {
        let table = [
            ("file:///{+path}", r#"{"path": "/data/../etc/passwd"}"#, "expected values that make no segment . or .."),
            ("t://a/{id}/b", r#"{"id": ".."}"#, "expected values that make no segment . or .."),
            ("t://a/{x}.{y}/b", r#"{"x": "", "y": ""}"#, "expected values that make no segment . or .."),
            ("t://a/{id}", r#"{"id": []}"#, "id: expected a string, got nothing"),
            ("t://a/{id}", r#"{"id": {"a": 1}}"#, "id: expected a string, a number, a boolean, or an array of them"),
            ("t://a/{id}", r#"{"id": [["a"]]}"#, "id: expected a string, a number, a boolean, or an array of them"),
            ("t://a/{id}", r#"{"id": null}"#, "id: expected a string, got nothing"),
            ("t://a/{id}{?q}", r#"{"i": "x"}"#, "i: there is no such parameter; expected id, q"),
        ];
        for (template, params, told) in table {
            assert_eq!(expanded(template, params).unwrap_err(), told, "{template} {params}");
        }
        let long = format!(r#"{{"id": "{}"}}"#, "x".repeat(9000));
        assert_eq!(expanded("t://{id}", &long).unwrap_err(), "expected values that make a URI of at most 8192 bytes");
    }
}
