//! What a call costs among more plugins, tools and streams, and with more bytes.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::json;

use super::{priced, time};
use crate::{
    Args, Failed,
    floor::Floor,
    house::{Built, House, KEY},
    load::{Question, REVISION, load, message},
    server::Server,
    table::{Figure, heading, row},
};

/// Callers at once: enough to keep the server busy.
const CONNECTIONS: usize = 8;

/// How long a house may take to be compiled whole.
const PATIENCE: Duration = Duration::from_secs(1800);

const PLUGINS: [usize; 2] = [10, 1000];
const TOOLS: [usize; 2] = [10, 10_000];
/// Of one plugin at most.
const TOOLS_OF_ONE: usize = 500;
const STREAMS: [usize; 2] = [1, 2000];
/// Who holds the streams: one caller may hold a quarter of all that there are.
const HOLDERS: usize = 5;
const BYTES: [usize; 4] = [1 << 10, 64 << 10, 1 << 20, 4 << 20];

pub fn measure(args: &Args) -> Result<(), Failed> {
    heading("What a call costs as the house grows, server CPU µs", &["of", "least", "most", "most to least"]);
    let plugins = houses(args, PLUGINS.map(|plugins| (plugins, None)))?;
    grown(args, "plugins", PLUGINS, &plugins)?;
    drop(plugins);
    let tools = TOOLS.map(|tools| (tools.div_ceil(TOOLS_OF_ONE), Some(tools.min(TOOLS_OF_ONE))));
    let tools = houses(args, tools)?;
    grown(args, "tools", TOOLS, &tools)?;
    drop(tools);
    let streams = houses(args, [(1, None), (1, None)])?;
    raise_limit()?;
    let mut open = Vec::new();
    for ((_, server), count) in streams.iter().zip(STREAMS) {
        for number in 0..count {
            open.push(listen(server, &key(number % HOLDERS))?);
        }
    }
    grown(args, "open streams", STREAMS, &streams)?;
    drop((open, streams));
    bytes(args)
}

/// Served houses, each with so many plugins and tools of each.
fn houses(args: &Args, sizes: [(usize, Option<usize>); 2]) -> Result<[(House, Server); 2], Failed> {
    let one = |(plugins, tools): (usize, Option<usize>)| {
        let mut built = Built::new(args)?;
        if let Some(tools) = tools {
            built = built.with_tools(tools);
        }
        let names: Vec<String> = (0..plugins).map(|number| format!("add-{number}")).collect();
        let house =
            House::new(args, &built, &names, &format!("limits: {{inFlight: 4096}}\napiKeys: [{}]", keys()), "")?;
        let server = Server::bulkhead(&args.bulkhead, house.path())?;
        house.compiled(plugins, PATIENCE)?;
        Ok::<_, Failed>((house, server))
    };
    Ok([one(sizes[0])?, one(sizes[1])?])
}

/// The cost of a call in each, in turns.
fn grown(args: &Args, of: &str, sizes: [usize; 2], houses: &[(House, Server); 2]) -> Result<(), Failed> {
    let question = Question::call("add-0_add", &json!({"a": 2, "b": 3}), "\"5\"").with_key(KEY);
    let mut costs = [Figure::default(), Figure::default()];
    for _ in 0..args.rounds {
        for ((_, server), cost) in houses.iter().zip(&mut costs) {
            cost.take(priced(args, server, &question, CONNECTIONS)?.1);
        }
    }
    row(&[
        format!("{} → {} {of}", sizes[0], sizes[1]),
        costs[0].to_string(),
        costs[1].to_string(),
        format!("{:.2} ×", costs[1].median() / costs[0].median()),
    ]);
    Ok(())
}

/// As many connections as the system allows.
fn raise_limit() -> Result<(), Failed> {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    Ok(setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum })?)
}

fn key(holder: usize) -> String {
    format!("{KEY}{holder}")
}

/// The holders' keys, as a configuration has them.
fn keys() -> String {
    let one = |holder| format!("{{name: holder{holder}, key: {}, scopes: []}}", key(holder));
    (0..HOLDERS).map(one).collect::<Vec<_>>().join(", ")
}

/// A stream that is told what changes, and is open for as long as this is held.
fn listen(server: &Server, key: &str) -> Result<TcpStream, Failed> {
    let body = message("subscriptions/listen", json!({"notifications": {"toolsListChanged": true}}));
    let mut stream = TcpStream::connect(server.address)?;
    write!(
        stream,
        "POST /mcp HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {key}\r\naccept: application/json, text/event-stream\r\n\
         content-type: application/json\r\nmcp-protocol-version: {REVISION}\r\nmcp-method: subscriptions/listen\r\n\
         content-length: {}\r\n\r\n",
        server.address,
        body.len()
    )?;
    stream.write_all(&body)?;
    let mut head = [0; 512];
    let read = stream.read(&mut head)?;
    if head[..read].starts_with(b"HTTP/1.1 200") {
        Ok(stream)
    } else {
        Err(format!("no stream: {}", String::from_utf8_lossy(&head[..read])).into())
    }
}

/// What bytes cost that go in and come out, beside a server that parses and
/// writes the same.
fn bytes(args: &Args) -> Result<(), Failed> {
    let built = Built::new(args)?;
    let limits = ", limits: {memory: 256MiB, output: 16MiB}";
    let house = House::new(args, &built, &["add".to_owned()], "limits: {requestBody: 8MiB}", limits)?;
    let ours = Server::bulkhead(&args.bulkhead, house.path())?;
    let echo = Server::floor(|port| Floor::Echo { port })?;
    heading("Bytes in and out, one caller, ms", &["bytes", "axum echo", "Bulkhead", "of echo"]);
    for bytes in BYTES {
        let question = Question::call("add_echo", &json!({"text": "a".repeat(bytes)}), "aaaa");
        let mut took = [Figure::default(), Figure::default()];
        for _ in 0..args.rounds {
            let floor = load(echo.address, &question, 1, time(args))?.sound()?;
            took[0].take(floor.within(500).as_secs_f64() * 1e3);
            let seen = load(ours.address, &question.clone().with_key(KEY), 1, time(args))?.sound()?;
            took[1].take(seen.within(500).as_secs_f64() * 1e3);
        }
        let ratio = format!("{:.2} ×", took[1].median() / took[0].median());
        row(&[format!("{} KiB", bytes >> 10), took[0].to_string(), took[1].to_string(), ratio]);
    }
    Ok(())
}
