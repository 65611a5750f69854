//! Time, memory and other things of the host: more of each than was given.

use serde_json::{Value, json};

use super::{
    run::house,
    table::{Behaviour, Freed, Group, behaviour},
};
use crate::harness::{House, Plugin};

const TOO_MUCH: &str = "failed: the call needed more than it is allowed and was stopped";
const COMPUTED: &str = "failed: the call computed for too long and was stopped";

fn count(name: &'static str, tool: &'static str, count: u64, held: &str, freed: Freed) -> Behaviour {
    behaviour(name, ("hostile-host", tool), json!({"count": count}), held, freed)
}

fn got(entry: &'static str, count: u64) -> Freed {
    Freed::Setting(entry, format!("got: {count}"))
}

/// The hostile guest under `limits`, and once more for each of `entries` with one of them higher.
fn furnished(limits: Value, entries: &[(&str, Value)]) -> House {
    let mut house = house().with(&Plugin::guest("hostile_host").limits(limits));
    for (entry, limit) in entries {
        house.also("hostile-host", entry, json!({"limits": limit}));
    }
    house
}

fn nothing(_: &House) {}

pub fn processor() -> Group {
    let limits = json!({"cpu": "100ms", "time": "60s", "memory": "64MiB"});
    let house = furnished(
        limits,
        &[("host-cpu", json!({"cpu": "60s", "time": "120s"})), ("host-brief", json!({"time": "1s"}))],
    );
    let stack = Freed::Without("stack", "got: 30000".to_owned());
    let behaviours = vec![
        count("computing without end", "compute", 400_000, COMPUTED, got("host-cpu", 400_000)),
        count("one instruction that fills megabytes", "fill", 300, COMPUTED, got("host-cpu", 300)),
        count("polling with nothing to wait for", "poll", 300_000, COMPUTED, got("host-cpu", 300_000)),
        behaviour(
            "sleeping",
            ("host-brief", "sleep"),
            json!({"count": 3_000}),
            "failed: the call took too long and was stopped",
            got("hostile-host", 3_000),
        ),
        count("recursion without end", "recurse", 30_000, "failed: the tool crashed", stack),
    ];
    Group { name: "CPU", house, behaviours, untouched: Box::new(nothing) }
}

pub fn memory() -> Group {
    let limits = json!({"cpu": "20s", "time": "60s", "memory": "32MiB"});
    let entries = [
        ("host-memory", json!({"memory": "512MiB"})),
        ("host-output", json!({"output": "64MiB"})),
        ("host-call", json!({"hostCall": "16MiB"})),
    ];
    let mut house = furnished(limits, &entries);
    house.add(&Plugin::guest("hog").limits(json!({"memory": "32MiB", "cpu": "20s"})));
    house.also("hog", "hog-memory", json!({"limits": {"memory": "512MiB"}}));
    let hog = Freed::Setting("hog-memory", "60".to_owned());
    let behaviours = vec![
        behaviour("taking memory until there is none", ("hog", "run"), json!({"mebibytes": 60}), TOO_MUCH, hog),
        count("growing by a quarter of a gigabyte at once", "grow", 4_096, TOO_MUCH, got("host-memory", 4_096)),
        count(
            "handing the host three megabytes",
            "hand_over",
            3 << 20,
            "failed: the answer is too large",
            got("host-call", 3 << 20),
        ),
        count(
            "an answer of many empty blocks",
            "blocks",
            20_000,
            "failed: the answer is too large",
            Freed::Setting("host-output", "got: 19999 bytes".to_owned()),
        ),
    ];
    Group { name: "memory", house, behaviours, untouched: Box::new(nothing) }
}

pub fn host() -> Group {
    let limits = json!({"cpu": "20s", "time": "60s"});
    let entries = [
        ("host-timers", json!({"timers": 128})),
        ("host-streams", json!({"streams": 128})),
        ("host-handles", json!({"handles": 1024})),
        ("host-random", json!({"random": "1MiB"})),
    ];
    let mut house = furnished(limits, &entries);
    house.add(&Plugin::guest("kv_probe").asks("[asks.kv]\nwhy = \"remembers\"\n"));
    house.also("kv-probe", "kv-granted", json!({"grants": {"kv": true}}));
    let set = json!({"op": "set", "key": "a", "value": "1"});
    let behaviours = vec![
        count("timers", "timers", 100, TOO_MUCH, got("host-timers", 100)),
        count("streams", "streams", 100, TOO_MUCH, got("host-streams", 100)),
        count("handles", "handles", 400, TOO_MUCH, got("host-handles", 400)),
        count("random bytes at once", "random", 100_000, TOO_MUCH, got("host-random", 100_000)),
        count("random numbers one by one", "numbers", 10_000, TOO_MUCH, got("host-random", 10_000)),
        count("bytes of the other generator", "insecure", 100_000, TOO_MUCH, got("host-random", 100_000)),
        behaviour(
            "a store that was not granted",
            ("kv-probe", "run"),
            set,
            "failed: denied: kept values are not granted to this plugin",
            Freed::Setting("kv-granted", "set".to_owned()),
        ),
    ];
    Group { name: "host resources", house, behaviours, untouched: Box::new(nothing) }
}

pub fn timing() -> Group {
    let clock = Plugin::guest("hostile_host")
        .asks("[asks.fine-clock]\nwhy = \"measures\"\n")
        .limits(json!({"cpu": "20s", "time": "60s"}));
    let mut house = house().with(&clock);
    house.also("hostile-host", "host-fine", json!({"grants": {"clock": "fine"}}));
    let step = |name, path: &str| {
        let fine = Freed::Setting("host-fine", "got: fine steps".to_owned());
        behaviour(name, ("hostile-host", "steps"), json!({"path": path}), "denied: steps of a millisecond", fine)
    };
    let up = Freed::Without("uptime", "got: up for".to_owned());
    let behaviours = vec![
        step("other calls by the monotonic clock", "monotonic"),
        step("other calls by the wall clock", "wall"),
        step("a resolution that promises more", "promised"),
        behaviour(
            "how long the machine is up",
            ("hostile-host", "uptime"),
            json!({}),
            "denied: it begins with the call",
            up,
        ),
    ];
    Group { name: "timing", house, behaviours, untouched: Box::new(nothing) }
}
