//! Calls that end at a question and go on with its answer.

use bulkhead_sdk::prelude::*;

#[derive(Deserialize, JsonSchema)]
struct Name {
    name: String,
}

#[derive(Deserialize, JsonSchema)]
struct Color {
    color: String,
}

#[derive(Deserialize, JsonSchema)]
struct Consent {
    ok: bool,
}

/// Greets the user by the name that the user gives.
#[tool(read_only, open_world = false)]
pub fn test_input_required_result_elicitation(ctx: &Context) -> Result<String> {
    let who: Name = ctx.elicit("user_name", "What is your name?")?;
    Ok(format!("Hello, {}!", who.name))
}

/// Passes on what a model says.
#[tool(read_only)]
pub fn test_input_required_result_sampling(ctx: &Context) -> Result<String> {
    let question = Sampling::new("What is the capital of France?").max_tokens(100);
    Ok(ctx.sample("capital_question", question)?.text())
}

/// Lists the user's folders.
#[tool(read_only, open_world = false)]
pub fn test_input_required_result_list_roots(ctx: &Context) -> Result<String> {
    let folders = ctx.roots("client_roots")?;
    let uris: Vec<String> = folders.into_iter().map(|folder| folder.uri).collect();
    Ok(format!("Client roots: {}", uris.join(", ")))
}

/// Carries a state past a question.
#[tool(read_only, open_world = false)]
pub fn test_input_required_result_request_state(ctx: &Context) -> Result<String> {
    confirmed(ctx)
}

/// Carries a state past a question; a client that alters it is refused.
#[tool(read_only, open_world = false)]
pub fn test_input_required_result_tampered_state(ctx: &Context) -> Result<String> {
    confirmed(ctx)
}

fn confirmed(ctx: &Context) -> Result<String> {
    let began = ctx.once("began", || Ok(true))?;
    let consent: Consent = ctx.elicit("confirm", "Please confirm")?;
    Ok(format!("state-ok: began={began}, confirmed={}", consent.ok))
}

/// Asks the user, a model and for the folders, all at once.
#[tool(read_only)]
pub fn test_input_required_result_multiple_inputs(ctx: &Context) -> Result<String> {
    ctx.once("began", || Ok(true))?;
    let (who, greeting, folders): (Name, _, _) = join((
        ctx.elicit("user_name", "What is your name?"),
        ctx.sample("greeting", Sampling::new("Generate a greeting").max_tokens(50)),
        ctx.roots("client_roots"),
    ))?;
    Ok(format!("{} {} ({} roots)", greeting.text(), who.name, folders.len()))
}

/// Asks one thing after another.
#[tool(read_only, open_world = false)]
pub fn test_input_required_result_multi_round(ctx: &Context) -> Result<String> {
    ctx.set_state(&1)?;
    let who: Name = ctx.elicit("step1", "Step 1: What is your name?")?;
    ctx.set_state(&2)?;
    let taste: Color = ctx.elicit("step2", "Step 2: What is your favorite color?")?;
    Ok(format!("{} likes {}", who.name, taste.color))
}

/// Asks only what the client can answer.
#[tool(read_only)]
pub fn test_input_required_result_capabilities(ctx: &Context) -> Result<String> {
    let client = ctx.client();
    if client.sampling {
        return Ok(ctx.sample("capital_question", Sampling::new("What is the capital of France?"))?.text());
    }
    if client.elicitation_form {
        let who: Name = ctx.elicit("user_name", "What is your name?")?;
        return Ok(format!("Hello, {}!", who.name));
    }
    Ok("The client can answer nothing".to_owned())
}
