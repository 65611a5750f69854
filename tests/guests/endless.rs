//! Lists resources for ever, a hundred a page. Its pages are empty where its settings say so.

use bulkhead_sdk::prelude::*;

/// Resources on one page.
const A_PAGE: u64 = 100;

/// Any of them.
fn read(uri: &str, _ctx: &Context) -> Result<Reading> {
    Ok(Reading::text(uri))
}

fn list(cursor: Option<&str>, _ctx: &Context) -> Result<Page> {
    let page: u64 = cursor.and_then(|cursor| cursor.parse().ok()).unwrap_or(0);
    let empty = std::env::var("EMPTY").is_ok();
    let numbers = if empty { 0..0 } else { page * A_PAGE..(page + 1) * A_PAGE };
    let entries = numbers.map(|number| Entry::new(format!("endless://{number}"), number.to_string()));
    Ok(Page::until(entries, (page + 1).to_string()))
}

plugin! {
    schemes: { "endless": read },
    list: list,
}
