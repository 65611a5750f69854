use bulkhead_sdk::prelude::*;

#[derive(Deserialize, JsonSchema)]
struct Args {}

#[tool]
fn undescribed() {}

/// Misspells an option.
#[tool(readonly)]
fn misspelt() {}

/// Gives an option twice.
#[tool(title = "a", title = "b")]
fn twice() {}

/// Gives an option a wrong value.
#[tool(title = 3)]
fn wrong_value() {}

/// Has no such kind of task.
#[tool(task = "maybe")]
fn maybe() {}

/// Needs what no client has.
#[tool(requires = "sampling, teeth")]
fn teeth() {}

/// Has a name with a space.
#[tool(name = "two words")]
fn two_words() {}

/// Waits.
#[tool]
async fn waits() {}

/// Takes anything.
#[tool]
fn generic<T>(args: T) {}

/// Takes a reference.
#[tool]
fn borrowed(args: &Args) {}

/// Takes too much.
#[tool]
fn greedy(one: Args, other: Args) {}

/// Takes the context to change it.
#[tool]
fn changing(ctx: &mut Context) {}

/// Hides what it returns.
#[tool]
fn hidden() -> impl ToString {
    1
}

/// Is no function.
#[tool]
struct Thing;

/// Says no place.
#[resource]
fn nowhere() -> &'static str {
    ""
}

/// Has a variable.
#[resource("shop://{id}")]
fn variable() -> &'static str {
    ""
}

/// Has no scheme.
#[resource("/etc/motd")]
fn schemeless() -> &'static str {
    ""
}

/// Has no variable.
#[template("shop://orders")]
fn invariable() -> &'static str {
    ""
}

/// Does not close its variable.
#[template("shop://{id")]
fn unclosed() -> &'static str {
    ""
}

#[completion(argument = "city")]
fn of_nothing(typed: &str) -> Vec<String> {
    vec![typed.to_owned()]
}

#[derive(Deserialize, JsonSchema)]
struct Generic<T> {
    value: T,
}

fn main() {}
