//! The YAML at the head of a `SKILL.md`, as the JSON object that a listing
//! says of it.

use std::collections::HashSet;

use saphyr_parser::{Event, Parser, ScalarStyle, StrInput};

/// Deepest nesting. Answers "brackets that overflow the compiler's stack".
const MAX_DEPTH: usize = 16;

/// What stands at the head.
pub(crate) struct Frontmatter {
    pub(crate) name: String,
    /// All of it, as JSON.
    pub(crate) json: String,
}

/// Reads what stands between the first two lines of `---`.
pub(crate) fn read(text: &str) -> Result<Frontmatter, String> {
    let yaml = head(text).ok_or("expected it to begin with `---`, YAML, `---`")?;
    let mut reader = Reader(Parser::new_from_str(yaml));
    let mut json = String::new();
    let members = reader.document(&mut json)?;
    let text = |key: &str| members.iter().find(|(name, _)| name == key).and_then(|(_, text)| text.clone());
    let name = text("name").ok_or("expected a `name` before its text")?;
    match text("description") {
        Some(description) if !description.trim().is_empty() => Ok(Frontmatter { name, json }),
        _ => Err("expected a `description`: what the skill is for, and when".to_owned()),
    }
}

fn head(text: &str) -> Option<&str> {
    let rest = text.strip_prefix("---\n").or_else(|| text.strip_prefix("---\r\n"))?;
    let mut at = 0;
    for line in rest.split_inclusive('\n') {
        if line.trim_end() == "---" {
            return rest.get(..at);
        }
        at += line.len();
    }
    None
}

/// The members of the outermost map: key, and value if that is text.
type Members = Vec<(String, Option<String>)>;

struct Reader<'a>(Parser<'a, StrInput<'a>>);

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<Event<'a>, String> {
        match self.0.next_event() {
            Some(Ok((event, _))) => Ok(event),
            Some(Err(error)) => Err(error.to_string()),
            None => Ok(Event::StreamEnd),
        }
    }

    fn document(&mut self, json: &mut String) -> Result<Members, String> {
        loop {
            match self.next()? {
                Event::StreamStart | Event::DocumentStart(_) | Event::Nothing => {}
                Event::MappingStart(0, None) => return self.map(json, 0),
                _ => return Err("expected a map, such as `name: refunds`".to_owned()),
            }
        }
    }

    /// Writes one value, and gives it back if it is text.
    fn value(&mut self, event: Event<'a>, json: &mut String, depth: usize) -> Result<Option<String>, String> {
        if depth > MAX_DEPTH {
            return Err(format!("nested deeper than {MAX_DEPTH}"));
        }
        match event {
            Event::Scalar(text, ScalarStyle::Plain, 0, None) => Ok(scalar(&text, json)),
            Event::Scalar(text, _, 0, None) => Ok(string(&text, json)),
            Event::SequenceStart(0, None) => self.list(json, depth).map(|()| None),
            Event::MappingStart(0, None) => self.map(json, depth).map(|_| None),
            _ => Err("anchors, aliases and tags are not read here".to_owned()),
        }
    }

    fn list(&mut self, json: &mut String, depth: usize) -> Result<(), String> {
        json.push('[');
        let mut first = true;
        loop {
            match self.next()? {
                Event::SequenceEnd => break,
                event => {
                    separate(json, &mut first);
                    self.value(event, json, depth + 1)?;
                }
            }
        }
        json.push(']');
        Ok(())
    }

    fn map(&mut self, json: &mut String, depth: usize) -> Result<Members, String> {
        json.push('{');
        let (mut first, mut members, mut seen) = (true, Members::new(), HashSet::new());
        loop {
            let key = match self.next()? {
                Event::MappingEnd => break,
                Event::Scalar(key, _, 0, None) => key.into_owned(),
                _ => return Err("expected a key that is text".to_owned()),
            };
            if !seen.insert(key.clone()) {
                return Err(format!("`{key}` is given twice"));
            }
            separate(json, &mut first);
            string(&key, json);
            json.push(':');
            let event = self.next()?;
            let text = self.value(event, json, depth + 1)?;
            members.push((key, text));
        }
        json.push('}');
        Ok(members)
    }
}

fn separate(json: &mut String, first: &mut bool) {
    if !std::mem::take(first) {
        json.push(',');
    }
}

/// A scalar without quotes, by YAML's core schema.
fn scalar(text: &str, json: &mut String) -> Option<String> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => json.push_str("null"),
        "true" | "True" | "TRUE" => json.push_str("true"),
        "false" | "False" | "FALSE" => json.push_str("false"),
        _ => match number(text) {
            Some(number) => json.push_str(&number),
            None => return string(text, json),
        },
    }
    None
}

/// A number of the core schema, as JSON spells it.
fn number(text: &str) -> Option<String> {
    let whole = |digits: &str, radix| i64::from_str_radix(digits, radix).ok().map(|number| number.to_string());
    if let Some(digits) = text.strip_prefix("0x") {
        return whole(digits, 16);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return whole(digits, 8);
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if digits(unsigned) {
        return text.parse::<i64>().ok().map(|number| number.to_string());
    }
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let has_exponent = digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent));
    let (before, after) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let has_mantissa = digits(before) && (after.is_empty() || digits(after)) || before.is_empty() && digits(after);
    if !has_exponent || !has_mantissa {
        return None;
    }
    text.parse::<f64>().ok().filter(|number| number.is_finite()).map(|number| number.to_string())
}

fn string(text: &str, json: &mut String) -> Option<String> {
    json.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => json.extend(['\\', c]),
            c if u32::from(c) < 0x20 => json.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => json.push(c),
        }
    }
    json.push('"');
    Some(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        read(text).map_or_else(|problem| problem, |found| panic!("accepted: {}", found.json))
    }

    #[test]
    fn yaml_becomes_the_same_json() {
        let text = "---\nname: refunds\ndescription: >-\n  Two\n  lines\nlicense: \"1.0\"\nmetadata:\n  version: 1.0\n  \
                    on: yes\n  since: 2026-01-02\n  tags: [a, 'b', 3, null, true, 0x10]\n---\n# Body\n---\n";
        let found = read(text).unwrap();
        let json = concat!(
            r#"{"name":"refunds","description":"Two lines","license":"1.0","metadata":{"version":1,"on":"yes","#,
            r#""since":"2026-01-02","tags":["a","b",3,null,true,16]}}"#
        );
        assert_eq!((&*found.name, &*found.json), ("refunds", json));
        assert_eq!(read("---\r\nname: a\r\ndescription: b\r\n---\r\n").unwrap().name, "a");
    }

    #[test]
    fn what_is_no_head_of_a_skill_is_refused() {
        for (text, part) in [
            ("# Body", "begin with"),
            ("---\nname: a\n", "begin with"),
            ("---\n- a\n---\n", "a map"),
            ("---\nname: a\n---\n", "`description`"),
            ("---\nname: a\ndescription: ''\n---\n", "`description`"),
            ("---\ndescription: a\n---\n", "`name`"),
            ("---\nname: 1\ndescription: a\n---\n", "`name`"),
            ("---\nname: a\nname: b\n---\n", "twice"),
            ("---\nname: &x a\ndescription: *x\n---\n", "anchors"),
        ] {
            assert!(refusal(text).contains(part), "{text}: {}", refusal(text));
        }
    }
}
