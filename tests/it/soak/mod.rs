//! A server under everything at once: callers of all three dialects, hostile
//! plugins, reloads, cancels, connections that break, revocations, keys that
//! rotate. For as many seconds as `SOAK_SECONDS` says.

mod callers;
mod gauge;
mod hostile;
mod operator;
mod stage;

use std::{
    env, fs,
    sync::Mutex,
    thread,
    time::{Duration, Instant},
};

use serde_json::json;

use crate::harness::{Era, House, Plugin, Press, Server, guests, ports, wait_until};
use gauge::Gauge;
use stage::{Stage, Tally};

/// How long it takes if nobody says otherwise.
const SECONDS: u64 = 60;

/// Whose calls are counted.
const STEADY: &str = "key-of-callers-who-are-there-all-the-time";

fn seconds() -> u64 {
    env::var("SOAK_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(SECONDS)
}

fn house(admin: std::net::SocketAddr) -> House {
    let kv = |guest: &str| {
        let plugin = Plugin::guest(guest).asks("[asks.kv]\nwhy = \"remembers\"\n");
        plugin.grants(json!({"kv": true})).limits(json!({"time": "60s"}))
    };
    let mut house = House::new();
    house.edit(|config| config["trust"]["keys"][0]["plugins"].as_array_mut().expect("names").push("manual".into()));
    house
        .with(&Plugin::guest("echo"))
        .with(&kv("kv_probe"))
        .with(&kv("task_probe"))
        .with(&Plugin::guest("slow").limits(json!({"time": "60s"})))
        .with(&Plugin::guest("versioned").with("update", json!("compatible")))
        .with(&Plugin::new("manual", guests::guest("versioned")))
        .with(&Plugin::guest("spin").limits(json!({"cpu": "200ms"})))
        .with(&Plugin::guest("hog").limits(json!({"memory": "16MiB"})))
        .with(&Plugin::guest("flood_output").limits(json!({"output": "64KiB"})))
        .with(&Plugin::guest("flood_log").limits(json!({"log": "16KiB"})))
        .with(&Plugin::guest("panic"))
        .with(&Plugin::guest("trap"))
        .with(&Plugin::guest("endless"))
        .set("allowAnonymous", json!(false))
        // However fast tasks come, there are never as many as one caller may have.
        .set("limits", json!({"taskTtl": "10s"}))
        .set("admin", json!({"listen": admin.to_string()}))
        .set("scopes", json!({"all": ["*", {"resource": "**", "access": ["read", "list"]}]}))
        .set("apiKeys", json!([{"name": "steady", "key": STEADY, "scopes": ["all"]}, operator::key(0)]))
}

#[test]
#[ignore = "takes SOAK_SECONDS; .ci/run runs it"]
fn nothing_is_lost_and_nothing_leaks() {
    let time = Duration::from_secs(seconds());
    let free = ports::free();
    let house = house(free);
    let versioned = Press::new(&house, &Plugin::guest("versioned"));
    let manual = Press::new(&house, &Plugin::new("manual", guests::guest("versioned")));
    for (name, press) in [("versioned", &versioned), ("manual", &manual)] {
        fs::write(house.join(&format!("plugins/{name}.wasm")), press.print(1)).expect("a file");
    }
    let (server, gauge) = (house.serve().loaded(13), Gauge::new(free));
    let stage = Stage::new(&server, &gauge, Tally::default());
    let quiet = gauge.look();
    let (path, house) = (house.path().to_owned(), Mutex::new(house));
    let began = Instant::now();
    thread::scope(|scope| {
        for era in Era::ALL {
            let stage = &stage;
            scope.spawn(move || callers::steady(stage, era));
            scope.spawn(move || callers::counting(stage, era));
        }
        scope.spawn(|| callers::guide(&stage));
        scope.spawn(|| callers::tasks(&stage));
        scope.spawn(|| callers::sessions(&stage));
        scope.spawn(|| callers::rotated(&stage));
        scope.spawn(|| callers::follows_versions(&stage));
        scope.spawn(|| callers::bears_revocation(&stage));
        scope.spawn(|| hostile::plugins(&stage));
        scope.spawn(|| hostile::hang_up(&stage));
        scope.spawn(|| hostile::cancel(&stage));
        scope.spawn(|| hostile::strangers(&stage));
        scope.spawn(|| operator::reloads(&stage, &path, &versioned));
        scope.spawn(|| operator::accepts_and_revokes(&stage, &path, &manual));
        scope.spawn(|| operator::rotates(&stage, &house));
        while began.elapsed() < time && !stage.is_over() {
            gauge.sample();
            thread::sleep(Duration::from_millis(500));
        }
        stage.end();
    });
    settle(&stage);
    println!("{}", stage.summary(began.elapsed(), &quiet));
    stage.adds_up();
    gauge.is_flat();
    let end = gauge.look();
    assert!(end.files <= quiet.files + gauge::FEW_FILES, "from {} to {} open files", quiet.files, end.files);
    is_whole(&server, &house);
}

/// Whoever was still at work comes to an end.
fn settle(stage: &Stage<'_>) {
    for gauge in ["bulkhead_calls_in_flight", "bulkhead_tasks_live"] {
        wait_until(&format!("{gauge} is 0"), || stage.gauge.read().get(gauge) == 0);
    }
}

/// It goes on as if nothing had been, and closes in peace.
fn is_whole(server: &Server, house: &Mutex<House>) {
    let mut client = server.client_with_key(Era::Modern, STEADY);
    assert!(client.call("echo_run", json!({"text": "a"})).is_ok());
    let broke = |line: &String| line.contains("panicked at") && !line.contains("the plugin printed");
    assert!(!server.lines().all().iter().any(broke), "the server panicked");
    drop(house.lock());
    server.terminate();
    server.lines().wait_for(&["closed"]);
}
