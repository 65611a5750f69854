//! A whole plugin, run natively.

use std::time::Duration;

use bulkhead_sdk::Plugin as _;
use bulkhead_sdk::completion::Reference;
use bulkhead_sdk::context::Elicited;
use bulkhead_sdk::prelude::*;
use bulkhead_sdk::resource::check_if_match;
use bulkhead_sdk::serde_json::from_str;

#[derive(Deserialize, JsonSchema)]
struct Order {
    /// What is ordered.
    item: String,
    /// How many.
    #[serde(default = "one")]
    #[schemars(range(min = 1))]
    count: u8,
}

fn one() -> u8 {
    1
}

#[derive(Serialize, JsonSchema, Debug, PartialEq)]
#[serde(rename_all = "camelCase")]
struct Receipt {
    order_id: u64,
    total: Option<f64>,
}

/// Orders something.
///
/// The order is final.
#[tool(
    name = "shop.order",
    title = "Order",
    destructive = false,
    open_world,
    single_use,
    requires = "elicitation.form",
    icon = "https://shop.example/icon.png",
    meta = r#"{"shop.example/kind": "order"}"#
)]
fn order(ctx: &Context, args: Order) -> Result<Json<Receipt>> {
    let order_id = ctx.once("id", || ctx.kv()?.increment("orders", 1))?;
    let answer: Elicited = ctx.elicit_form("sure", &Form::with_schema("Sure?", json!({"type": "object"})))?;
    if answer.content.is_none() {
        return Err(Error::denied("not ordered"));
    }
    Ok(Json(Receipt { order_id, total: (args.item == "tea").then(|| 2.5 * f64::from(args.count)) }))
}

/// Keeps more than a call may keep.
#[tool]
fn hoard(ctx: &Context) -> Result<()> {
    ctx.set_state(&"x".repeat(13_000))?;
    ctx.roots("roots").map(drop)
}

/// Asks two things, of which the client can answer one.
#[tool]
fn ask_both(ctx: &Context) -> Result<()> {
    join((ctx.roots("roots"), ctx.sample("model", Sampling::new("Hello")))).map(drop)
}

/// How to order.
#[resource("shop://manual", name = "Manual", mime_type = "text/markdown", size = 8)]
fn manual() -> &'static str {
    "# Manual"
}

#[derive(Deserialize)]
struct At {
    id: u32,
}

/// One order.
#[template("shop://orders/{id}", mime_type = "text/plain")]
fn one_order(at: At, uri: &str) -> Result<String> {
    if at.id == 0 { Err(Error::not_found(format!("{uri} was never placed"))) } else { Ok(format!("order {}", at.id)) }
}

fn list(cursor: Option<&str>, _ctx: &Context) -> Result<Page> {
    match cursor {
        None => Ok(Page::until([Entry::new("note://1", "one").size(3)], "2")),
        Some("2") => Ok(Page::last([Entry::new("note://2", "two")])),
        Some(other) => Err(Error::invalid(format!("{other} is no cursor"))),
    }
}

fn note(uri: &str, ctx: &Context) -> Result<Reading> {
    let text = ctx.kv()?.get(uri)?.ok_or_else(|| Error::not_found(uri))?;
    Ok(Reading::bytes(text).cache_private(Duration::from_secs(1)))
}

fn write(uri: &str, contents: Body, if_match: Option<&str>, ctx: &Context) -> Result<String> {
    let current = note(uri, ctx).ok().map(|reading| reading.current_etag());
    check_if_match(if_match, current.as_deref())?;
    ctx.kv()?.set(uri, contents.as_bytes())?;
    ctx.resource_updated(uri);
    Ok(note(uri, ctx)?.current_etag())
}

/// Recommends something.
#[prompt(title = "Recommend")]
fn recommend(args: Order) -> PromptResult {
    PromptResult::new([Message::user(format!("{} × {}", args.count, args.item)), Message::assistant("Tea?")])
}

#[completion(prompt = recommend, argument = "item")]
fn items(typed: &str, filled: &bulkhead_sdk::completion::Filled) -> Completion {
    Completion::starting(typed, ["tea", filled.get("count").unwrap_or("toast")]).of(10)
}

plugin! {
    tools: [order, hoard, ask_both],
    prompts: [recommend],
    resources: [manual],
    templates: [one_order],
    completions: [items],
    schemes: { "note": note },
    list: list,
    write: write,
}

#[test]
fn the_contract_says_all_of_it() {
    let contract: Value = from_str(&Plugin::contract().to_json()).unwrap();
    let tool = &contract["tools"][0];
    assert_eq!(tool["name"], "shop.order");
    assert_eq!(tool["description"], "Orders something.\n\nThe order is final.");
    assert_eq!(tool["annotations"], json!({"destructiveHint": false, "openWorldHint": true}));
    assert_eq!(tool["icons"], json!([{"src": "https://shop.example/icon.png"}]));
    assert_eq!(tool["_meta"], json!({"shop.example/kind": "order"}));
    assert_eq!((&tool["singleUse"], &tool["requiredCapabilities"]), (&json!(true), &json!(["elicitation.form"])));
    assert_eq!(tool["inputSchema"]["required"], json!(["item"]));
    assert_eq!(tool["inputSchema"]["properties"]["count"]["minimum"], 1);
    assert_eq!(tool["outputSchema"]["properties"]["orderId"]["type"], "integer");
    assert!(contract["tools"][1].get("outputSchema").is_none());
    let manual = json!({
        "uri": "shop://manual", "name": "Manual", "description": "How to order.", "mimeType": "text/markdown", "size": 8,
    });
    assert_eq!(contract["resources"], json!([manual]));
    assert_eq!(contract["resourceTemplates"][0]["name"], "one_order");
    assert_eq!((&contract["schemes"], &contract["dynamicResources"]), (&json!(["note"]), &json!(true)));
    let count = json!({"name": "count", "description": "How many.", "required": false});
    assert_eq!(contract["prompts"][0]["arguments"][0], count);
}

#[test]
fn an_effect_before_a_question_happens_once() {
    let harness = Harness::new().accept("sure", json!({}));
    let answer = harness.run(|ctx| Plugin::call_tool(ctx, "shop.order", r#"{"item": "tea", "count": 2}"#)).unwrap();
    assert_eq!(answer.structured.as_deref(), Some(r#"{"orderId":1,"total":5.0}"#));
    assert_eq!(harness.rounds(), 2);
    let again = harness.run(|ctx| Plugin::call_tool(ctx, "shop.order", r#"{"item": "ink"}"#)).unwrap();
    assert_eq!(again.structured.as_deref(), Some(r#"{"orderId":2,"total":null}"#), "a new call is a new order");
    let declined = Harness::new().decline("sure").tool::<order>(json!({"item": "tea"}));
    assert_eq!(declined, Err(Error::denied("not ordered")));
}

#[test]
fn what_does_not_fit_is_refused_before_the_function_runs() {
    let harness = Harness::new();
    let call = |name: &str, arguments: &str| harness.run(|ctx| Plugin::call_tool(ctx, name, arguments)).unwrap_err();
    assert!(matches!(call("shop.order", "{}"), Error::Invalid(text) if text.contains("missing field `item`")));
    assert!(matches!(call("shop.order", r#"{"item": 3}"#), Error::Invalid(text) if text.contains("expected a string")));
    assert!(matches!(call("order", "{}"), Error::NotFound(_)), "its name in the contract is another");
    let unanswered = call("shop.order", r#"{"item": "tea"}"#);
    assert!(unanswered.is_pause() && unanswered.to_string().ends_with("sure"), "{unanswered}");
}

#[test]
fn a_state_has_its_limit() {
    let error = Harness::new().answer("roots", json!({"roots": []})).tool::<hoard>(json!({})).unwrap_err();
    assert!(error.to_string().contains("12288 is the most"), "{error}");
}

#[test]
fn a_question_that_cannot_be_asked_outweighs_one_that_can() {
    let error = Harness::new().client(|client| client.sampling = false).tool::<ask_both>(json!({})).unwrap_err();
    assert_eq!(error, Error::missing_capability(|need| need.sampling = true));
}

#[test]
fn uris_find_their_reader() {
    let harness = Harness::new();
    let read = |uri: &str| harness.run(|ctx| Plugin::read_resource(ctx, uri));
    assert_eq!(read("shop://manual").unwrap().contents[0].mime_type.as_deref(), Some("text/markdown"));
    assert_eq!(read("shop://orders/7").unwrap().contents[0].body.as_text(), Some("order 7"));
    assert_eq!(read("shop://orders/0"), Err(Error::not_found("shop://orders/0 was never placed")));
    assert!(matches!(read("shop://orders/x"), Err(Error::Invalid(_))));
    assert!(matches!(read("shop://other"), Err(Error::NotFound(_))));
    assert_eq!(read("note://1"), Err(Error::not_found("note://1")));
    let pages = [None, Some("2")].map(|cursor| harness.run(|ctx| Plugin::list_resources(ctx, cursor)).unwrap());
    assert_eq!((pages[0].next.as_deref(), pages[1].next.as_deref()), (Some("2"), None));
}

#[test]
fn a_write_minds_what_is_there() {
    let harness = Harness::new();
    let put = |text: &str, if_match: Option<&str>| {
        let body = Body::Text(text.to_owned());
        harness.run(|ctx| Plugin::write_resource(ctx, "note://1", body.clone(), if_match))
    };
    assert!(matches!(put("one", Some("*")), Err(Error::Conflict(_))), "there is nothing yet");
    let first = put("one", None).unwrap();
    assert!(matches!(put("two", Some("other")), Err(Error::Conflict(_))));
    let second = put("two", Some(&first)).unwrap();
    assert_ne!(first, second);
    let reading = harness.run(|ctx| Plugin::read_resource(ctx, "note://1")).unwrap();
    assert_eq!((reading.etag, reading.contents[0].body.as_bytes()), (second, &b"two"[..]));
    assert_eq!(harness.recorded().updated, ["note://1", "note://1"]);
}

#[test]
fn prompts_and_completions_answer() {
    let harness = Harness::new();
    let arguments = [("item".to_owned(), "tea".to_owned()), ("count".to_owned(), "3".to_owned())];
    let prompt = harness.run(|ctx| Plugin::get_prompt(ctx, "recommend", &arguments)).unwrap();
    assert_eq!(prompt.messages[0], Message::user("3 × tea"));
    let complete = |reference: Reference, argument: &str| {
        let filled = bulkhead_sdk::completion::Filled::new([("count".to_owned(), "ten".to_owned())]);
        harness.run(|ctx| Plugin::complete(ctx, &reference, argument, "te", &filled)).unwrap()
    };
    let found = complete(Reference::Prompt("recommend".to_owned()), "item");
    assert_eq!((found.values, found.total, found.has_more), (vec!["tea".to_owned(), "ten".to_owned()], Some(10), true));
    assert!(complete(Reference::Prompt("recommend".to_owned()), "count").values.is_empty());
    assert!(complete(Reference::Resource("recommend".to_owned()), "item").values.is_empty());
}

#[test]
fn lines_below_the_level_are_not_even_written() {
    struct Unwritable;
    impl bulkhead_sdk::serde::Serialize for Unwritable {
        fn serialize<S: bulkhead_sdk::serde::Serializer>(&self, _: S) -> std::result::Result<S::Ok, S::Error> {
            unreachable!("nobody reads it")
        }
    }
    let ctx = Harness::new().with(|call| call.log_level = Some(LogLevel::Warning)).context();
    ctx.log(LogLevel::Info, Unwritable);
    ctx.log_as("shop", LogLevel::Error, json!({"left": 0}));
    let log = ctx.recorded().log;
    assert_eq!((log.len(), log[0].logger.as_deref(), &log[0].data), (1, Some("shop"), &json!({"left": 0})));
}
