//! Questions to a model and to the user.

use bulkhead_sdk::context::Elicited;
use bulkhead_sdk::prelude::*;

#[derive(Deserialize, JsonSchema)]
pub struct Ask {
    /// What the model is asked.
    pub prompt: String,
}

/// Asks the client's model.
#[tool(read_only)]
pub fn test_sampling(args: Ask, ctx: &Context) -> Result<String> {
    let reply = ctx.sample("reply", Sampling::new(args.prompt).max_tokens(100))?;
    Ok(format!("LLM response: {}", reply.text()))
}

#[derive(Deserialize, JsonSchema)]
pub struct Show {
    /// What the user reads above the form.
    pub message: String,
}

/// Asks the user for a name and an address.
#[tool(read_only, open_world = false)]
pub fn test_elicitation(args: Show, ctx: &Context) -> Result<String> {
    let schema = json!({
        "type": "object",
        "properties": {
            "username": {"type": "string", "description": "User's response"},
            "email": {"type": "string", "description": "User's email address"},
        },
        "required": ["username", "email"],
    });
    let answer = ctx.elicit_form("user", &Form::with_schema(args.message, schema))?;
    Ok(format!("User response: {}", told(&answer)))
}

/// Asks with a form that has a default for every kind of field.
#[tool(read_only, open_world = false)]
pub fn test_elicitation_sep1034_defaults(ctx: &Context) -> Result<String> {
    let schema = json!({
        "type": "object",
        "properties": {
            "name": {"type": "string", "description": "User name", "default": "John Doe"},
            "age": {"type": "integer", "description": "User age", "default": 30},
            "score": {"type": "number", "description": "User score", "default": 95.5},
            "status": {
                "type": "string",
                "description": "User status",
                "enum": ["active", "inactive", "pending"],
                "default": "active",
            },
            "verified": {"type": "boolean", "description": "Verification status", "default": true},
        },
        "required": [],
    });
    let answer = ctx.elicit_form("defaults", &Form::with_schema("Please review and update the form fields", schema))?;
    Ok(format!("Elicitation completed: {}", told(&answer)))
}

/// Asks with a form that has every kind of choice.
#[tool(read_only, open_world = false)]
pub fn test_elicitation_sep1330_enums(ctx: &Context) -> Result<String> {
    let schema = json!({
        "type": "object",
        "properties": {
            "untitledSingle": {"type": "string", "enum": ["option1", "option2", "option3"]},
            "titledSingle": {"type": "string", "oneOf": titled("Option")},
            "legacyEnum": {
                "type": "string",
                "enum": ["opt1", "opt2", "opt3"],
                "enumNames": ["Option One", "Option Two", "Option Three"],
            },
            "untitledMulti": {
                "type": "array",
                "items": {"type": "string", "enum": ["option1", "option2", "option3"]},
            },
            "titledMulti": {"type": "array", "items": {"anyOf": titled("Choice")}},
        },
        "required": [],
    });
    let answer = ctx.elicit_form("choices", &Form::with_schema("Please select options", schema))?;
    Ok(format!("Elicitation completed: {}", told(&answer)))
}

/// Cannot do without a client that samples.
#[tool(read_only, requires = "sampling")]
pub fn test_missing_capability(ctx: &Context) -> Result<String> {
    Ok(ctx.sample("reply", Sampling::new("Say hello."))?.text())
}

#[derive(Deserialize, JsonSchema)]
struct Confirmed {
    /// Go on?
    confirmed: bool,
}

/// Reports progress, then asks the user.
#[tool(read_only, open_world = false)]
pub fn test_streaming_elicitation(ctx: &Context) -> Result<String> {
    ctx.progress(0.0, 1.0, "about to ask");
    let answer: Confirmed = ctx.elicit("confirm", "Shall it go on?")?;
    Ok(if answer.confirmed { "It went on".to_owned() } else { "It stopped".to_owned() })
}

fn titled(word: &str) -> Value {
    json!([
        {"const": "value1", "title": format!("First {word}")},
        {"const": "value2", "title": format!("Second {word}")},
        {"const": "value3", "title": format!("Third {word}")},
    ])
}

fn told(answer: &Elicited) -> String {
    let content = answer.content.clone().unwrap_or_else(|| json!({}));
    format!("action={}, content={content}", answer.action.as_str())
}
