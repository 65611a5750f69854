//! The plugin. One struct for what a tool takes, one plain function for what it does.

use bulkhead_sdk::prelude::*;

/// What `greet` takes.
#[derive(Deserialize, JsonSchema)]
struct Greet {
    /// Who is greeted.
    name: String,
}

/// Greets somebody by name.
#[tool]
fn greet(args: Greet) -> String {
    format!("Hello, {}!", args.name)
}

plugin!(greet);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn greets_by_name() {
        assert_eq!(greet(Greet { name: "Ada".to_owned() }), "Hello, Ada!");
    }
}
