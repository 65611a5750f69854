//! The macros, each with an example that runs. They are made in a crate of their
//! own, as macros have to be; an example there would need this crate, and with it
//! every build of a macro would be another one for the tests.

/// ```
/// use bulkhead_sdk::prelude::*;
///
/// #[derive(Deserialize, JsonSchema)]
/// struct Remove {
///     /// Whose account.
///     user: String,
/// }
///
/// /// Removes an account.
/// #[tool(title = "Remove an account", destructive, idempotent, open_world = false)]
/// fn remove_account(args: Remove) -> Result<String> {
///     Ok(format!("{} is gone", args.user))
/// }
/// ```
///
/// The function takes at most one struct of arguments and at most one
/// `ctx: &Context`, in any order. Its doc comment is the description for the
/// model. It returns text, a number, `Json<T>` (the output schema comes from
/// `T`), content, a `ToolResult`, or a `Result` of one of them.
///
/// | option | |
/// |---|---|
/// | `name = "…"` | its name, when it is not the function's |
/// | `title = "…"` | a name for people |
/// | `description = "…"` | in place of the doc comment |
/// | `read_only`, `destructive`, `idempotent`, `open_world` | the protocol's hints; `destructive = false` says no |
/// | `task = "optional"` | it runs as a task for a client that follows tasks |
/// | `task = "required"` | it runs as a task only |
/// | `asks_first` | it asks before it becomes a task: it calls `ctx.become_task()` itself |
/// | `single_use` | an answer to its questions is never replayed |
/// | `requires = "sampling, roots"` | what a client must be able to do: `elicitation.form`, `elicitation.url`, `sampling`, `sampling.tools`, `roots`, `tasks` |
/// | `input_schema = …`, `output_schema = …` | JSON text that goes out as it is, such as `include_str!("schema.json")` |
/// | `icon = "https://…"` | a picture |
/// | `meta = "{…}"` | its `_meta` |
/// | `ui = "ui://…"` | the page that shows what it answers, in clients that show pages (MCP Apps): a `#[resource]` of type `text/html;profile=mcp-app` |
pub use bulkhead_sdk_macros::tool;

/// ```
/// use bulkhead_sdk::prelude::*;
///
/// #[derive(Deserialize, JsonSchema)]
/// struct Review {
///     /// The code.
///     code: String,
///     /// The language it is in.
///     language: Option<String>,
/// }
///
/// /// Asks for a code review.
/// #[prompt(title = "Review")]
/// fn review(args: Review) -> Vec<Message> {
///     vec![Message::user(format!("Review this:\n{}", args.code))]
/// }
///
/// let prompt = Harness::new().prompt::<review>(&[("code", "1 + 1")])?;
/// assert_eq!(prompt.messages.len(), 1);
/// # Ok::<(), Error>(())
/// ```
///
/// The fields of the struct are the prompt's arguments: text, numbers, `bool`s
/// and enums of names; an `Option` may be left out. Options: `name`, `title`,
/// `description`, `requires`, `icon`, `meta`, as for a tool.
pub use bulkhead_sdk_macros::prompt;

/// ```
/// use bulkhead_sdk::prelude::*;
///
/// /// How to use the shop.
/// #[resource("shop://manual", mime_type = "text/markdown")]
/// fn manual() -> &'static str {
///     "# Manual"
/// }
/// ```
///
/// The function takes at most a `ctx: &Context`, and returns text, `Vec<u8>`,
/// `Json<T>`, a `Reading`, or a `Result` of one of them. Options: `name`,
/// `title`, `description`, `mime_type`, `size`, `icon`, `meta`, and `cache =
/// "public 60s"`: who may keep what is read, and how long.
pub use bulkhead_sdk_macros::resource;

/// ```
/// use bulkhead_sdk::prelude::*;
///
/// #[derive(Deserialize)]
/// struct At {
///     id: u32,
/// }
///
/// /// An order.
/// #[template("shop://orders/{id}", mime_type = "text/plain")]
/// fn order(at: At) -> Result<String> {
///     if at.id == 0 { Err(Error::not_found("there is no order 0")) } else { Ok(format!("order {}", at.id)) }
/// }
///
/// assert!(Harness::new().template::<order>("shop://orders/7").is_ok());
/// assert!(Harness::new().template::<order>("shop://orders/0").is_err());
/// ```
///
/// `{name}` stands for text without `/`, `{+name}` for text with it. The
/// function takes a struct of the variables, the whole `uri: &str`, a
/// `ctx: &Context`, each at most once and in any order. Options are those of a
/// resource.
pub use bulkhead_sdk_macros::template;

/// ```
/// use bulkhead_sdk::prelude::*;
///
/// #[derive(Deserialize, JsonSchema)]
/// struct Trip {
///     /// Where to.
///     city: String,
/// }
///
/// /// Plans a trip.
/// #[prompt]
/// fn trip(args: Trip) -> String {
///     format!("Plan a trip to {}.", args.city)
/// }
///
/// #[completion(prompt = trip, argument = "city")]
/// fn cities(typed: &str) -> Completion {
///     Completion::starting(typed, ["Bern", "Berlin", "Oslo"])
/// }
///
/// assert_eq!(Harness::new().complete::<cities>("Ber", &[])?.values, ["Bern", "Berlin"]);
/// # Ok::<(), Error>(())
/// ```
///
/// The function takes what was `typed: &str`, the arguments that are
/// `filled: &Filled`, a `ctx: &Context`, each at most once and in any order.
pub use bulkhead_sdk_macros::completion;

/// ```
/// use bulkhead_sdk::prelude::*;
///
/// /// Says hello.
/// #[tool]
/// fn hello() -> &'static str {
///     "hello"
/// }
///
/// /// Opens a conversation.
/// #[prompt]
/// fn open() -> &'static str {
///     "Hello. Who are you?"
/// }
///
/// fn notes(_cursor: Option<&str>, _ctx: &Context) -> Result<Page> {
///     Ok(Page::last([Entry::new("note://1", "first")]))
/// }
///
/// fn note(uri: &str, _ctx: &Context) -> Result<Reading> {
///     Ok(Reading::text(format!("this is {uri}")))
/// }
///
/// plugin! {
///     tools: [hello],
///     prompts: [open],
///     schemes: { "note": note },
///     list: notes,
/// }
/// # fn main() {}
/// ```
///
/// `plugin!(one, other)` is short for `plugin! { tools: [one, other] }`.
///
/// | section | |
/// |---|---|
/// | `tools: [f, …]` | functions with `#[tool]` |
/// | `prompts: [f, …]` | functions with `#[prompt]` |
/// | `resources: [f, …]` | functions with `#[resource]` |
/// | `templates: [f, …]` | functions with `#[template]`; the first that covers a URI reads it |
/// | `completions: [f, …]` | functions with `#[completion]` |
/// | `schemes: { "s": f, … }` | `f` reads every URI of scheme `s` that nothing above covers: `fn(uri: &str, ctx: &Context) -> Result<Reading>` |
/// | `list: f` | lists resources that are not in the contract: `fn(cursor: Option<&str>, ctx: &Context) -> Result<Page>` |
/// | `skills: "folder"` | every folder under it with a `SKILL.md` is a skill that clients find; beside `Cargo.toml`, with the feature `skills` |
/// | `write: f` | writes, and gives the new etag: `fn(uri: &str, contents: Body, if_match: Option<&str>, ctx: &Context) -> Result<String>` |
///
/// | `std: stderr` | leaves std's files, standard streams and variables out of the component, all but the words of a panic |
/// | `std: none` | leaves those out as well |
///
/// Rust's std brings a dozen interfaces into every component, for the words of
/// a panic alone, and each costs time whenever the plugin is called. A plugin
/// that writes no files with `std::fs`, prints nothing and reads no
/// variables says `std: stderr`, or `std: none` if it can also do without the
/// words of a panic in the operator's log: it then starts in about half, or a
/// third, of the time. Writing a file then fails as "not supported".
///
/// It makes a type `Plugin` that stands for all of them.
pub use bulkhead_sdk_macros::plugin;
