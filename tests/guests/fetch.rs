//! Makes one request over HTTP, as it is told.

use std::time::Duration;

use bulkhead_sdk::{http, prelude::*};

#[derive(Deserialize, JsonSchema)]
struct Fetch {
    method: Option<String>,
    url: String,
    #[serde(default)]
    headers: Vec<(String, String)>,
    body: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct Fetched {
    status: u16,
    location: Option<String>,
    body: String,
}

/// Makes the request and tells the answer.
#[tool]
fn run(args: Fetch) -> Result<Json<Fetched>> {
    let mut request =
        http::Request::new(args.method.unwrap_or("GET".to_owned()), args.url).timeout(Duration::from_secs(600));
    for (name, value) in args.headers {
        request = request.header(name, value);
    }
    if let Some(body) = args.body {
        request = request.body(body);
    }
    let response = request.send()?;
    let location = response.header("location").map(str::to_owned);
    let body = String::from_utf8_lossy(response.bytes()).into_owned();
    Ok(Json(Fetched { status: response.status(), location, body }))
}

plugin!(run);
