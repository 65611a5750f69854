//! `x-mcp-header`: arguments that a client repeats as HTTP header fields, so
//! that what stands between can route on them without reading the body.

use std::collections::HashSet;

use crate::{
    fault::Fault,
    header::{Field, Fields, decode_value},
    json::{Json, Kind, Member},
    revision::Era,
};

const MARK: &str = "x-mcp-header";
const FIELD_PREFIX: &str = "Mcp-Param-";

/// Arguments of one tool that are repeated, and properties that one of them may
/// lie in. Answers "a schema whose marks make every call look through its
/// arguments a thousand times".
const MOST_HEADERS: usize = 32;
const DEEPEST: usize = 8;

/// Largest whole number that is the same in every JSON reader.
const LARGEST_EXACT: f64 = 9_007_199_254_740_991.0;

/// An argument that is repeated as a header field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParamHeader {
    /// The field's whole name: `Mcp-Param-Region`.
    pub field: String,
    /// The property's place in the arguments, outermost key first.
    pub path: Vec<String>,
    pub kind: ParamKind,
}

/// What such an argument is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamKind {
    String,
    Integer,
    Boolean,
}

/// A schema whose tool clients would have to drop.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParamHeaderError {
    #[error("{place}: x-mcp-header: expected a header field name, such as Region")]
    Name { place: String },
    #[error("{place}: x-mcp-header: {name:?} is used twice")]
    Twice { place: String, name: String },
    #[error("{place}: x-mcp-header: expected at most {MOST_HEADERS} in a schema, none below {DEEPEST} properties")]
    Many { place: String },
    #[error("{place}: x-mcp-header: expected a property of type string, integer or boolean")]
    Type { place: String },
    #[error("{place}: x-mcp-header: expected a property that is reached through properties alone")]
    Place { place: String },
}

/// The arguments that `schema`, a tool's input schema, wants repeated.
///
/// # Errors
/// A mark that the protocol does not allow: the tool is to be refused.
pub fn param_headers(schema: Json<'_>) -> Result<Vec<ParamHeader>, ParamHeaderError> {
    if !schema.get().contains(MARK) && !schema.get().contains("\\u") {
        return Ok(Vec::new());
    }
    let mut search = Search::default();
    search.properties(schema, &mut Vec::new())?;
    Ok(search.found)
}

#[derive(Default)]
struct Search {
    found: Vec<ParamHeader>,
    names: HashSet<String>,
}

impl Search {
    /// Looks at a schema that is reached through `properties` alone.
    fn properties(&mut self, schema: Json<'_>, path: &mut Vec<String>) -> Result<(), ParamHeaderError> {
        for Member { key, value } in schema.members().unwrap_or_default() {
            match &*key {
                "properties" => {
                    for property in value.members().unwrap_or_default() {
                        path.push(property.key.into_owned());
                        self.properties(property.value, path)?;
                        path.pop();
                    }
                }
                MARK if path.is_empty() => return Err(ParamHeaderError::Place { place: place(path) }),
                MARK => self.mark(value, schema, path)?,
                // Values that a schema only quotes; a mark in there marks nothing.
                "const" | "default" | "enum" | "examples" => {}
                _ => refuse_marks(value, path)?,
            }
        }
        Ok(())
    }

    fn mark(&mut self, name: Json<'_>, schema: Json<'_>, path: &[String]) -> Result<(), ParamHeaderError> {
        let place = || place(path);
        let name =
            name.text().filter(|name| is_token(name)).ok_or_else(|| ParamHeaderError::Name { place: place() })?;
        if !self.names.insert(name.to_ascii_lowercase()) {
            return Err(ParamHeaderError::Twice { place: place(), name: name.into_owned() });
        }
        if self.found.len() == MOST_HEADERS || path.len() > DEEPEST {
            return Err(ParamHeaderError::Many { place: place() });
        }
        let kind = match schema.member("type").and_then(Json::text).as_deref() {
            Some("string") => ParamKind::String,
            Some("integer") => ParamKind::Integer,
            Some("boolean") => ParamKind::Boolean,
            _ => return Err(ParamHeaderError::Type { place: place() }),
        };
        self.found.push(ParamHeader { field: format!("{FIELD_PREFIX}{name}"), path: path.to_vec(), kind });
        Ok(())
    }
}

/// Below any other keyword there may be properties, but no marks.
fn refuse_marks(json: Json<'_>, path: &[String]) -> Result<(), ParamHeaderError> {
    match json.kind() {
        Kind::Object => json.members().unwrap_or_default().iter().try_for_each(|member| {
            if member.key == MARK && member.value.kind() == Kind::String {
                return Err(ParamHeaderError::Place { place: place(path) });
            }
            refuse_marks(member.value, path)
        }),
        Kind::Array => {
            json.elements().unwrap_or_default().into_iter().try_for_each(|element| refuse_marks(element, path))
        }
        _ => Ok(()),
    }
}

fn place(path: &[String]) -> String {
    if path.is_empty() { "schema".to_owned() } else { path.join(".") }
}

/// RFC 9110 5.6.2.
fn is_token(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

/// Compares the arguments of a call with the header fields that repeat them:
/// all of them in the modern era, those that are there in the older ones.
///
/// # Errors
/// One is missing, or says something else: header mismatch.
pub fn check_headers(
    headers: &[ParamHeader],
    arguments: Option<Json<'_>>,
    fields: &dyn Fields,
    era: Era,
) -> Result<(), Fault> {
    if headers.is_empty() {
        return Ok(());
    }
    let mut repeated = vec![None; headers.len()];
    if let Some(arguments) = arguments {
        let all: Vec<usize> = (0..headers.len()).collect();
        find(headers, &all, 0, arguments, &mut repeated);
    }
    headers.iter().zip(repeated).try_for_each(|(header, argument)| {
        check(header, argument.filter(|json: &Json<'_>| json.kind() != Kind::Null), fields, era)
    })
}

/// Finds those `wanted` of the arguments that lie below `depth` properties, all of
/// them in one reading of `object`.
fn find<'a>(headers: &[ParamHeader], wanted: &[usize], depth: usize, object: Json<'a>, found: &mut [Option<Json<'a>>]) {
    for Member { key, value } in object.members().unwrap_or_default() {
        let mut deeper = Vec::new();
        for &at in wanted.iter().filter(|&&at| headers[at].path.get(depth).is_some_and(|own| *own == key)) {
            if headers[at].path.len() == depth + 1 {
                found[at] = Some(value);
            } else {
                deeper.push(at);
            }
        }
        if !deeper.is_empty() {
            find(headers, &deeper, depth + 1, value, found);
        }
    }
}

fn check(header: &ParamHeader, argument: Option<Json<'_>>, fields: &dyn Fields, era: Era) -> Result<(), Fault> {
    let differs = || Fault::header_mismatch(format!("header {} does not agree with the arguments", header.field));
    match (fields.field(&header.field), argument) {
        (Field::Absent, None) => Ok(()),
        (Field::Absent, Some(_)) if era != Era::Modern => Ok(()),
        (Field::Absent, Some(_)) => Err(Fault::header_mismatch(format!("missing header {}", header.field))),
        (Field::Text(value), Some(argument)) => {
            let value = decode_value(value)
                .map_err(|error| Fault::header_mismatch(format!("header {}: {error}", header.field)))?;
            if agrees(header.kind, &value, argument) { Ok(()) } else { Err(differs()) }
        }
        (Field::Text(_) | Field::Unreadable, _) => Err(differs()),
    }
}

fn agrees(kind: ParamKind, value: &str, argument: Json<'_>) -> bool {
    match (kind, argument.kind()) {
        (ParamKind::Integer, Kind::Number) => {
            value == argument.get() || whole(value).is_some_and(|n| whole(argument.get()) == Some(n))
        }
        (_, Kind::String) => argument.text().as_deref() == Some(value),
        (_, Kind::Number | Kind::Bool) => argument.get() == value,
        _ => false,
    }
}

/// The number that `text` writes, if it is a whole one that is exact everywhere.
fn whole(text: &str) -> Option<f64> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    let number: f64 = text.parse().ok().filter(|_| is_plain)?;
    (number.fract() == 0.0 && number.abs() <= LARGEST_EXACT).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct One(&'static str, Field<'static>);

    impl Fields for One {
        fn field(&self, name: &str) -> Field<'_> {
            if name.eq_ignore_ascii_case(self.0) { self.1 } else { Field::Absent }
        }
    }

    fn found(schema: &str) -> Result<Vec<ParamHeader>, ParamHeaderError> {
        param_headers(Json::parse(schema).unwrap())
    }

    fn header(name: &str, path: &[&str], kind: ParamKind) -> ParamHeader {
        ParamHeader { field: format!("Mcp-Param-{name}"), path: path.iter().map(|&key| key.to_owned()).collect(), kind }
    }

    #[test]
    fn marks_are_found_at_any_depth_of_properties() {
        let schema = r#"{"type":"object","properties":{
            "a":{"type":"string","x-mcp-header":"Region"},
            "b":{"type":"object","properties":{"c":{"x-mcp-header":"Count","type":"integer"}}},
            "x-mcp-header":{"type":"string"},"properties":{"type":"boolean","x-mcp-h\u0065ader":"Flag"}},
            "default":{"x-mcp-header":"quoted"}}"#;
        let expected = vec![
            header("Region", &["a"], ParamKind::String),
            header("Count", &["b", "c"], ParamKind::Integer),
            header("Flag", &["properties"], ParamKind::Boolean),
        ];
        assert_eq!(found(schema), Ok(expected));
        assert_eq!(found(r#"{"type":"object"}"#), Ok(Vec::new()));
    }

    #[test]
    fn a_mark_where_none_may_be_refuses_the_tool() {
        let property = |inner: &str| format!(r#"{{"properties":{{"a":{inner}}}}}"#);
        let place = || "a".to_owned();
        for name in [r#""""#, r#""a b""#, r#""a\r\nb""#, "5", "null", r#""ä""#] {
            let schema = property(&format!(r#"{{"type":"string","x-mcp-header":{name}}}"#));
            assert_eq!(found(&schema), Err(ParamHeaderError::Name { place: place() }), "{name}");
        }
        for kind in [r#""number""#, r#""object""#, r#"["string","null"]"#, "1"] {
            let schema = property(&format!(r#"{{"type":{kind},"x-mcp-header":"A"}}"#));
            assert_eq!(found(&schema), Err(ParamHeaderError::Type { place: place() }), "{kind}");
        }
        let mark = r#"{"type":"string","x-mcp-header":"A"}"#;
        for inside in ["items", "not", "if", "additionalProperties"] {
            let schema = property(&format!(r#"{{"{inside}":{mark}}}"#));
            assert_eq!(found(&schema), Err(ParamHeaderError::Place { place: place() }), "{inside}");
        }
        for inside in [format!(r#"{{"oneOf":[{mark}]}}"#), format!(r#"{{"$defs":{{"d":{mark}}}}}"#), mark.to_owned()] {
            assert_eq!(found(&inside), Err(ParamHeaderError::Place { place: "schema".into() }), "{inside}");
        }
        let twice =
            r#"{"properties":{"a":{"type":"string","x-mcp-header":"A"},"b":{"type":"string","x-mcp-header":"a"}}}"#;
        assert_eq!(found(twice), Err(ParamHeaderError::Twice { place: "b".into(), name: "a".into() }));
    }

    #[test]
    fn a_header_says_what_the_argument_says() {
        let (string, integer, boolean) = (ParamKind::String, ParamKind::Integer, ParamKind::Boolean);
        for (kind, argument, field, agrees) in [
            (string, r#""Hello""#, Field::Text("Hello"), true),
            (string, r#""Hello""#, Field::Text("=?base64?SGVsbG8=?="), true),
            (string, r#""Hello""#, Field::Text("=?base64?SGVsbG8?="), false),
            (string, r#""SGVsbG8=""#, Field::Text("SGVsbG8="), true),
            (string, r#""Hello""#, Field::Text("hello"), false),
            (string, r#""Hello""#, Field::Unreadable, false),
            (string, "null", Field::Absent, true),
            (string, "null", Field::Text("null"), false),
            (integer, "42", Field::Text("42"), true),
            (integer, "42", Field::Text("42.0"), true),
            (integer, "4.2e1", Field::Text("42"), true),
            (integer, "42", Field::Text("43"), false),
            (integer, "42", Field::Text("inf"), false),
            (integer, "9007199254740993", Field::Text("9007199254740992"), false),
            (boolean, "true", Field::Text("true"), true),
            (boolean, "true", Field::Text("True"), false),
            (boolean, "{}", Field::Text("{}"), false),
        ] {
            let headers = [header("A", &["o", "a"], kind)];
            let arguments = format!(r#"{{"o":{{"a":{argument}}}}}"#);
            let arguments = Json::parse(&arguments).unwrap();
            for era in [Era::Modern, Era::Legacy] {
                let checked = check_headers(&headers, Some(arguments), &One("mcp-param-a", field), era);
                assert_eq!(checked.is_ok(), agrees, "{argument} {field:?} {era:?}");
            }
        }
    }

    #[test]
    fn a_schema_has_few_marks_and_none_of_them_deep() {
        let mark = |name: usize| format!(r#""p{name}":{{"type":"string","x-mcp-header":"H{name}"}}"#);
        let many = |count: usize| {
            let all: Vec<String> = (0..count).map(mark).collect();
            format!(r#"{{"properties":{{{}}}}}"#, all.join(","))
        };
        assert_eq!(found(&many(MOST_HEADERS)).unwrap().len(), MOST_HEADERS);
        let refused = found(&many(MOST_HEADERS + 1)).unwrap_err();
        assert_eq!(refused.to_string(), "p32: x-mcp-header: expected at most 32 in a schema, none below 8 properties");
        let deep = |depth: usize| (1..depth).fold(mark(0), |inner, _| format!(r#""a":{{"properties":{{{inner}}}}}"#));
        let within = |depth: usize| found(&format!(r#"{{"properties":{{{}}}}}"#, deep(depth)));
        assert!(within(DEEPEST).is_ok());
        assert!(matches!(within(DEEPEST + 1), Err(ParamHeaderError::Many { .. })));
    }

    #[test]
    fn several_headers_find_their_arguments_wherever_they_lie() {
        let headers = [
            header("A", &["o", "a"], ParamKind::String),
            header("B", &["b"], ParamKind::Integer),
            header("C", &["o", "p", "c"], ParamKind::Boolean),
        ];
        let arguments = Json::parse(r#"{"x":{"a":"no"},"o":{"p":{"c":true},"a":"yes"},"b":7}"#).ok();
        struct Three;
        impl Fields for Three {
            fn field(&self, name: &str) -> Field<'_> {
                match name {
                    "Mcp-Param-A" => Field::Text("yes"),
                    "Mcp-Param-B" => Field::Text("7"),
                    _ => Field::Text("true"),
                }
            }
        }
        assert_eq!(check_headers(&headers, arguments, &Three, Era::Modern), Ok(()));
        let other = Json::parse(r#"{"o":{"p":{"c":false},"a":"yes"},"b":7}"#).ok();
        assert!(check_headers(&headers, other, &Three, Era::Modern).is_err());
    }

    #[test]
    fn only_the_modern_era_demands_the_header() {
        let headers = [header("A", &["a"], ParamKind::String)];
        let arguments = Json::parse(r#"{"a":"x"}"#).ok();
        let absent = One("", Field::Absent);
        let missing = check_headers(&headers, arguments, &absent, Era::Modern);
        assert_eq!(missing.map_err(|fault| (fault.code, fault.status)), Err((-32020, 400)));
        assert_eq!(check_headers(&headers, arguments, &absent, Era::Legacy), Ok(()));
        assert_eq!(check_headers(&headers, None, &absent, Era::Modern), Ok(()));
    }
}
