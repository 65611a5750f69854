//! Plugins from an https address: a real server, whose authority is the operator's own.

use std::{fs, sync::Arc};

use serde_json::{Value, json};

use crate::harness::{
    Era, House, Plugin, Press, Server,
    binary::{must_run, run},
    server::serve,
    shelf::{Lies, Shelf},
    wait_until,
};

/// More bytes than a plugin may have.
const TOO_MANY: u64 = (64 << 20) + 1;

/// A house without its `versioned` plugin, which lies on a shelf, and the authority that it believes.
struct Far {
    house: House,
    press: Press,
    shelf: Shelf,
}

fn far() -> Far {
    let plugin = Plugin::guest("versioned");
    let house = House::new().with(&Plugin::guest("echo"));
    let press = Press::new(&house, &plugin);
    let first: Arc<[u8]> = press.print(1).into();
    let shelf = Shelf::start(move |_| Lies::File(first.clone()));
    fs::write(house.join("inside.crt"), &shelf.authority).expect("the authority");
    Far { house, press, shelf }
}

impl Far {
    /// Has version `n` under `digest`, which is its own if it is none.
    fn source(&self, n: u32) -> Value {
        let file = self.house.join("version.wasm");
        fs::write(&file, self.press.print(n)).expect("a file");
        let told = must_run(self.house.path(), &["inspect", "version.wasm", "--json"]).stdout;
        let told: Value = serde_json::from_str(&told).expect("JSON");
        json!({"url": self.shelf.url("/versioned.wasm"), "digest": told["digest"], "caFile": "inside.crt"})
    }

    fn configure(&mut self, source: Value, update: &str) {
        let entry = json!({"source": source, "publisher": "tests", "update": update});
        self.house.edit(|config| config["plugins"]["versioned"] = entry);
    }

    fn print(&self, n: u32) -> Arc<[u8]> {
        self.press.print(n).into()
    }
}

fn says(server: &Server, n: u32) -> bool {
    let mut client = server.client(Era::Modern);
    client.tools().contains(&"versioned_run".to_owned())
        && client.call("versioned_run", json!({})).text() == Press::answer(n)
}

#[test]
fn a_plugin_is_added_from_an_address_by_an_authority_of_the_operators() {
    let Far { house, shelf, .. } = far();
    let url = shelf.url("/versioned.wasm");
    // The lines that `add` writes stand in YAML, not in the house's own JSON.
    let config = "allowAnonymous: true\nstateDir: state\nhardening: {enabled: false}\n";
    fs::write(house.join("mcp.yaml"), config).expect("a configuration");
    let key = ["--key", "key.pub.pem"];
    let stranger = run(house.path(), &[&["add", &url], &key[..]].concat());
    assert!(stranger.code != 0 && stranger.stderr.contains("localhost"), "{stranger:?}");
    assert_eq!(shelf.requests(), 0, "nothing is asked of who is not believed");
    let local = run(house.path(), &["add", "plugins/echo.wasm", "--ca", "inside.crt"]);
    assert!(local.code != 0 && local.stderr.contains("--ca is for an https address"), "{local:?}");
    must_run(house.path(), &[&["add", &url, "--ca", "inside.crt"], &key[..]].concat());
    let written = fs::read_to_string(house.join("mcp.yaml")).expect("the configuration");
    assert!(written.contains("caFile: ") && written.contains("inside.crt") && written.contains("sha256:"), "{written}");
    let server = house.serve().loaded(1);
    assert!(says(&server, 1), "{}", server.lines());
}

#[test]
fn another_digest_is_another_version_and_what_update_says_holds() {
    let mut far = far();
    let first = far.source(1);
    far.configure(first, "compatible");
    let server = far.house.serve().loaded(2);
    assert!(says(&server, 1), "{}", server.lines());
    let second = far.print(2);
    far.shelf.turn_to(move |_| Lies::File(second.clone()));
    assert!(says(&server, 1), "who alters what lies there changes nothing");
    let source = far.source(2);
    far.configure(source, "compatible");
    wait_until("the second is served", || says(&server, 2));
    let third = far.print(3);
    far.shelf.turn_to(move |_| Lies::File(third.clone()));
    let source = far.source(3);
    far.configure(source, "manual");
    server.lines().wait_for(&["bulkhead accept", "versioned"]);
    assert!(says(&server, 2), "the accepted one serves on");
    let asked = far.shelf.requests();
    drop(server);
    let server = far.house.serve().loaded(2);
    assert!(says(&server, 2), "and over a restart: {}", server.lines());
    assert!(far.shelf.requests() >= asked);
}

#[test]
fn what_is_altered_too_large_or_elsewhere_is_refused_and_the_last_one_serves_on() {
    let mut far = far();
    let first = far.source(1);
    far.configure(first, "compatible");
    let server = far.house.serve().loaded(2);
    let outside = Shelf::start(|_| Lies::Declared(0));
    let good = far.print(2);
    let mut altered = good.to_vec();
    let middle = altered.len() / 2;
    altered[middle] ^= 1;
    let cases: [(Lies, &[&str]); 3] = [
        (Lies::File(altered.into()), &["not loaded", "versioned", "sha256:"]),
        (Lies::Declared(TOO_MANY), &["not loaded", "versioned", "is larger than"]),
        (Lies::Elsewhere(outside.url("/versioned.wasm")), &["not loaded", "versioned", "redirect"]),
    ];
    for (n, (lies, told)) in (2..).zip(cases) {
        let source = far.source(n);
        far.shelf.turn_to(move |_| lies.clone());
        let before = server.lines().total();
        far.configure(source, "compatible");
        wait_until("it is refused", || {
            server.lines().since(before).iter().any(|line| told.iter().all(|word| line.contains(word)))
        });
        assert!(says(&server, 1), "{told:?}");
    }
    assert_eq!(outside.requests(), 0, "nobody follows to a private address that the operator did not write");
}

#[test]
fn a_download_that_never_ends_keeps_nobody_else_waiting() {
    let mut far = far();
    let source = far.source(1);
    let half = far.print(1);
    far.shelf.turn_to(move |_| Lies::Half(half.clone()));
    far.configure(source, "manual");
    let mut command = serve(far.house.path());
    command.args(["--listen", "127.0.0.1:0"]);
    let server = Server::opening(command).loaded(1);
    wait_until("it is asked for", || far.shelf.requests() > 0);
    let mut client = server.client(Era::Modern);
    assert_eq!(client.tools(), ["echo_caller", "echo_fail", "echo_run"]);
    assert!(client.call("echo_run", json!({"text": "a"})).is_ok());
}
