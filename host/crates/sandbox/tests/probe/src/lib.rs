//! Does what it is told: the tool's name says what, its arguments are words.

mod files;
mod network;
mod script;

wit_bindgen::generate!({
    path: "../../../../../wit/0.1.0",
    inline: "
        package bulkhead:probe;
        world probe {
            include bulkhead:plugin/imports@0.1.0;
            export bulkhead:plugin/tools@0.1.0;
            export bulkhead:plugin/resources@0.1.0;
            export bulkhead:plugin/contract@0.1.0;
        }
    ",
    world: "bulkhead:probe/probe",
    generate_all,
});

use bulkhead::plugin::{
    host,
    types::{Body, CallContext, Content, ContentBlock, Error, LogLevel},
};
use exports::bulkhead::plugin::{
    contract,
    resources::{self, ReadReply, ResourcePage, ResourceReading},
    tools::{self, ToolReply, ToolResult},
};
use wasi::{config, keyvalue};

struct Probe;
export!(Probe);

type Said = Result<String, String>;

fn shown(error: impl std::fmt::Debug) -> String {
    format!("{error:?}")
}

impl tools::Guest for Probe {
    fn call(context: CallContext, name: String, arguments: String) -> Result<ToolReply, Error> {
        let words: Vec<&str> = arguments.split(' ').collect();
        let text = if name == "context" { shown(context) } else { run(&name, &words).map_err(Error::Failed)? };
        let block = ContentBlock { content: Content::Text(text), annotations: None, meta: None };
        Ok(ToolReply::Done(ToolResult { content: vec![block], structured: None, is_error: false, meta: None }))
    }
}

fn run(name: &str, words: &[&str]) -> Said {
    let number = |at: usize| words.get(at).and_then(|word| word.parse::<u64>().ok()).unwrap_or(0);
    match name {
        "echo" => Ok(words.join(" ")),
        "spin" => loop {
            std::hint::black_box(());
        },
        "sleep" => {
            std::thread::sleep(std::time::Duration::from_millis(number(0)));
            Ok("awake".into())
        }
        "hog" => Ok(vec![1_u8; (number(0) as usize) << 20].len().to_string()),
        "panic" => panic!("as asked"),
        "exit" => std::process::exit(3),
        "recurse" => Ok(recurse(number(0)).to_string()),
        "flood" => Ok("x".repeat(number(0) as usize)),
        "print" => {
            println!("to stdout: {}", words.join(" "));
            eprint!("to stderr");
            Ok("printed".into())
        }
        "env" => {
            let pairs: Vec<String> = std::env::vars().map(|(name, value)| format!("{name}={value}")).collect();
            Ok(pairs.join(","))
        }
        "config" => Ok(shown(config::store::get(words[0]))),
        "random" => Ok(wasip2::random::random::get_random_bytes(number(0)).len().to_string()),
        "clock" => Ok(clocks()),
        "timers" => {
            let wait = wasip2::clocks::monotonic_clock::subscribe_duration;
            Ok((0..number(0)).map(|_| wait(1_000_000)).collect::<Vec<_>>().len().to_string())
        }
        "kv" => store(words),
        "progress" => {
            for value in [1.0, 2.0, 1.5, 3.0] {
                host::progress(value, Some(3.0), Some("working"));
            }
            Ok("told".into())
        }
        "log" => {
            host::log(LogLevel::Debug, None, "\"low\"");
            host::log(LogLevel::Error, Some("probe"), "\"high\"");
            Ok("told".into())
        }
        "hide" => Ok(shown(host::set_visible(host::ItemKind::Tool, words[0], false))),
        "script" => Ok(told(&script::run(&bytes(words.join(" "))))),
        "import-types" => Ok(shown(host::cancelled())),
        _ => {
            files::run(name, words).or_else(|| network::run(name, words)).unwrap_or_else(|| Err("no such tool".into()))
        }
    }
}

/// Bytes as a text has them: a character each.
fn bytes(text: String) -> Vec<u8> {
    text.chars().map(|c| c as u8).collect()
}

/// Bytes as a text, as well as can be.
fn told(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn recurse(depth: u64) -> u64 {
    let frame = std::hint::black_box([depth; 64]);
    if depth == u64::MAX { 0 } else { recurse(depth + 1) + frame[0] }
}

fn clocks() -> String {
    let monotonic = wasip2::clocks::monotonic_clock::now();
    let wall = wasip2::clocks::wall_clock::now();
    format!("{monotonic} {} {}", wall.seconds, wall.nanoseconds)
}

fn store(words: &[&str]) -> Said {
    let bucket = keyvalue::store::open("").map_err(shown)?;
    match words {
        ["set", key, value] => bucket.set(key, value.as_bytes()).map_err(shown).map(|()| "set".into()),
        ["get", key] => {
            let value = bucket.get(key).map_err(shown)?;
            Ok(value.map_or("nothing".into(), |value| String::from_utf8_lossy(&value).into_owned()))
        }
        ["add", key] => keyvalue::atomics::increment(&bucket, key, 1).map_err(shown).map(|sum| sum.to_string()),
        _ => bucket.list_keys(None).map_err(shown).map(|page| page.keys.join(",")),
    }
}

impl resources::Guest for Probe {
    fn list(_: CallContext, _: Option<String>) -> Result<ResourcePage, Error> {
        Ok(ResourcePage { entries: vec![], next: None })
    }

    fn read(_: CallContext, uri: String) -> Result<ReadReply, Error> {
        let _ = uri;
        Ok(ReadReply::Done(ResourceReading { contents: vec![], etag: "one".into(), cache: None, meta: None }))
    }

    fn write(_: CallContext, uri: String, _: Body, if_match: Option<String>) -> Result<String, Error> {
        if if_match.is_some_and(|tag| tag != "one") { Err(Error::Conflict(uri)) } else { Ok("two".into()) }
    }
}

impl contract::Guest for Probe {
    fn describe() -> String {
        r#"{"tools":[]}"#.into()
    }
}
