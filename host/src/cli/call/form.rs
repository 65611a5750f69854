//! A tool's form, asked on the terminal or answered by `--answers`.
//!
//! **Invariant:** what is sent fits the schema that was asked with; what does
//! not is asked again, or refused. What the form says is a stranger's text.

use bulkhead_package::display::safe;
use bulkhead_schema::Plain;
use serde_json::{Map, Value, json};

use crate::cli::{
    exit::{Exit, Failure},
    terminal::Terminal,
};

/// How often one field is asked. Answers "a terminal that nobody sits at".
const TRIES: usize = 5;

/// Who answers forms.
pub(super) enum Answers<'a> {
    /// The command line: one object for each question's key.
    Given(Map<String, Value>),
    /// The person at the terminal.
    Person(&'a Terminal),
}

impl<'a> Answers<'a> {
    /// Those of `--answers`, or else the person's; `None` if nobody is there.
    pub(super) fn of(given: Option<&str>, terminal: &'a Terminal) -> Result<Option<Self>, Failure> {
        let wrong = |why: String| Failure::new(Exit::USAGE, format!("--answers is no JSON object: {why}"));
        match given {
            None => Ok(terminal.asks().then_some(Self::Person(terminal))),
            Some(text) => match serde_json::from_str(text).map_err(|error| wrong(error.to_string()))? {
                Value::Object(answers) => Ok(Some(Self::Given(answers))),
                _ => Err(wrong(format!("found {text}"))),
            },
        }
    }

    /// The result of the question `key`, whose parameters are `form`.
    pub(super) fn answer(&self, key: &str, form: &Value) -> Result<Value, Failure> {
        let schema = &form["requestedSchema"];
        let content = match self {
            Self::Person(terminal) => match filled(terminal, form)? {
                Some(content) => content,
                None => return Ok(json!({"action": "cancel"})),
            },
            Self::Given(answers) => {
                let missing =
                    || Failure::new(Exit::USAGE, format!("the tool asks {key:?}, and --answers has no such member"));
                answers.get(key).cloned().ok_or_else(missing)?
            }
        };
        violation(schema, &content).map_or(Ok(()), |why| {
            Err(Failure::new(Exit::USAGE, format!("the answer to {key:?} does not fit: {why}")))
        })?;
        Ok(json!({"action": "accept", "content": content}))
    }
}

/// The form as the person filled it in; `None` if the person would not.
fn filled(terminal: &Terminal, form: &Value) -> Result<Option<Value>, Failure> {
    terminal.say(&safe(form["message"].as_str().unwrap_or("the tool asks:")));
    let schema = &form["requestedSchema"];
    let required: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let mut content = Map::new();
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        match asked(terminal, name, field, required.contains(&name.as_str()))? {
            Asked::Value(value) => drop(content.insert(name.clone(), value)),
            Asked::Nothing => {}
            Asked::GivenUp => return Ok(None),
        }
    }
    Ok(Some(Value::Object(content)))
}

enum Asked {
    Value(Value),
    Nothing,
    GivenUp,
}

fn asked(terminal: &Terminal, name: &str, field: &Value, required: bool) -> Result<Asked, Failure> {
    for _ in 0..TRIES {
        let line = terminal.ask(&question(name, field, required))?;
        let value = match (line.is_empty(), field.get("default")) {
            (true, Some(default)) => default.clone(),
            (true, None) if required => continue,
            (true, None) => return Ok(Asked::Nothing),
            (false, _) => read(field, &line),
        };
        match violation(field, &value) {
            None => return Ok(Asked::Value(value)),
            Some(why) => terminal.say(&why),
        }
    }
    Ok(Asked::GivenUp)
}

/// What is asked about one field: its title, what may be said, and what is said if nothing is.
fn question(name: &str, field: &Value, required: bool) -> String {
    let title = field["title"].as_str().or_else(|| field["description"].as_str()).unwrap_or(name);
    let mut question = title.to_owned();
    let choices = choices(field);
    if !choices.is_empty() {
        question.push_str(&format!(" ({})", choices.join(", ")));
    } else if field["type"] == "boolean" {
        question.push_str(" (y/n)");
    } else if !required && field.get("default").is_none() {
        question.push_str(" (or nothing)");
    }
    if let Some(default) = field.get("default") {
        let default = default.as_str().map_or_else(|| default.to_string(), str::to_owned);
        question.push_str(&format!(" [{default}]"));
    }
    format!("{}:", safe(&question))
}

/// The values that may be chosen, of the field or of its items.
fn choices(field: &Value) -> Vec<&str> {
    let field = field.get("items").unwrap_or(field);
    let named = ["oneOf", "anyOf"].into_iter().filter_map(|list| field[list].as_array()).flatten();
    let plain = field["enum"].as_array().into_iter().flatten().filter_map(Value::as_str);
    plain.chain(named.filter_map(|choice| choice["const"].as_str())).collect()
}

/// A line as the value that the field wants.
fn read(field: &Value, line: &str) -> Value {
    match field["type"].as_str() {
        Some("boolean") => match line.to_ascii_lowercase().as_str() {
            "y" | "yes" | "true" => true.into(),
            "n" | "no" | "false" => false.into(),
            _ => line.into(),
        },
        Some("integer" | "number") => serde_json::from_str(line).unwrap_or_else(|_| line.into()),
        Some("array") => line.split(',').map(str::trim).filter(|item| !item.is_empty()).collect(),
        _ => line.into(),
    }
}

/// Why `value` does not fit `schema`, if it does not.
fn violation(schema: &Value, value: &Value) -> Option<String> {
    match Plain::compile(schema, &[]) {
        Ok(form) => form.error(value).map(|error| safe(&error).into_owned()),
        Err(error) => Some(format!("the form has no schema that can be read: {}", safe(&error))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_becomes_what_the_field_wants() {
        for (kind, line, value) in [
            ("boolean", "y", json!(true)),
            ("boolean", "No", json!(false)),
            ("boolean", "perhaps", json!("perhaps")),
            ("integer", "30", json!(30)),
            ("number", "95.5", json!(95.5)),
            ("number", "many", json!("many")),
            ("array", "a, b,", json!(["a", "b"])),
            ("string", "30", json!("30")),
        ] {
            assert_eq!(read(&json!({"type": kind}), line), value, "{kind}: {line}");
        }
    }

    #[test]
    fn a_question_shows_choices_and_default_and_obeys_no_escape() {
        let status = json!({"type": "string", "title": "Status\u{1b}[2J", "enum": ["on", "off"], "default": "on"});
        assert_eq!(question("status", &status, true), "Status\\u{1b}[2J (on, off) [on]:");
        let several = json!({"type": "array", "items": {"anyOf": [{"const": "a", "title": "A"}]}});
        assert_eq!(question("several", &several, false), "several (a):");
        assert_eq!(question("sure", &json!({"type": "boolean"}), true), "sure (y/n):");
        assert_eq!(question("note", &json!({"type": "string"}), false), "note (or nothing):");
    }

    #[test]
    fn given_answers_have_to_fit() {
        let form = json!({"requestedSchema": {
            "type": "object", "properties": {"age": {"type": "integer", "minimum": 18}}, "required": ["age"]}});
        let answers = |text: &str| {
            let Ok(Value::Object(given)) = serde_json::from_str(text) else { unreachable!("an object") };
            Answers::Given(given).answer("who", &form).map_err(|failure| failure.text)
        };
        assert_eq!(answers(r#"{"who": {"age": 18}}"#), Ok(json!({"action": "accept", "content": {"age": 18}})));
        for (given, told) in [
            (r#"{"who": {"age": 17}}"#, "does not fit"),
            (r#"{"who": {}}"#, "does not fit"),
            ("{}", "--answers has no such member"),
        ] {
            assert!(answers(given).is_err_and(|text| text.contains(told)), "{given}");
        }
    }
}
