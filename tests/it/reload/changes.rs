//! What waits for the operator, and what never comes in.

use std::{fs, thread, time::Duration};

use serde_json::json;

use super::{house, place};
use crate::harness::{
    Client, Era, House, Plugin, Press,
    binary::{must_run, run},
    wait_until,
};

fn answers(client: &mut Client) -> String {
    client.call("versioned_run", json!({})).text()
}

#[test]
fn what_is_refused_leaves_the_old_serving() {
    let (house, mut press) = house();
    house.keygen("stranger");
    let server = house.serve();
    let mut client = server.client(Era::Modern);
    let path = house.join("plugins/versioned.wasm");
    assert_eq!(answers(&mut client), Press::answer(1));
    let mut refused = vec![
        ("half-written", press.print(2)[..5_000].to_vec()),
        ("unsigned", press.packed(3)),
        ("a stranger's", press.print_with(4, &house.join("stranger.pem"))),
        ("for development", press.print_for_development(5)),
        ("an older version", press.print(0)),
        ("text", b"no component".to_vec()),
    ];
    press.alter(|draft| draft.requests.kv = Some(bulkhead_package::Need::default()));
    refused.push(("asking for more", press.print(6)));
    for (what, file) in refused {
        let said = server.lines().total();
        place(&path, &file);
        wait_until("it says why", || server.lines().since(said).iter().any(|line| line.contains("versioned")));
        thread::sleep(Duration::from_millis(200));
        assert_eq!(answers(&mut client), Press::answer(1), "{what}");
    }
    fs::remove_file(&path).expect("removed");
    thread::sleep(Duration::from_millis(500));
    assert_eq!(answers(&mut client), Press::answer(1), "a file that is gone is not an order to stop");
}

#[test]
fn a_changed_request_waits_until_it_is_accepted() {
    let (house, mut press) = house();
    let server = house.serve();
    let mut client = server.client(Era::Modern);
    press.alter(|draft| draft.requests.kv = Some(bulkhead_package::Need::default()));
    place(&house.join("plugins/versioned.wasm"), &press.print(2));
    server.lines().wait_for(&["versioned", "waits"]);
    assert_eq!(answers(&mut client), Press::answer(1));
    // Also after a restart.
    drop(server);
    let server = house.serve();
    let mut client = server.client(Era::Modern);
    assert_eq!(answers(&mut client), Press::answer(1));
    // Nobody is there to say yes: it shows the difference, and takes the digest that it showed.
    let shown = run(house.path(), &["accept", "versioned", "--config", "mcp.yaml"]);
    assert!(shown.code != 0 && shown.stderr.contains("asks: kv"), "{shown:#?}");
    let digest = shown.stderr.split_whitespace().last().expect("a digest");
    must_run(house.path(), &["accept", "versioned", "--digest", digest, "--config", "mcp.yaml"]);
    wait_until("the accepted one answers", || answers(&mut client) == Press::answer(2));
}

#[test]
fn without_a_word_a_new_version_waits() {
    let plugin = Plugin::guest("versioned");
    let house = House::new().with(&plugin);
    let press = Press::new(&house, &plugin);
    place(&house.join("plugins/versioned.wasm"), &press.print(1));
    let server = house.serve();
    let mut client = server.client(Era::Modern);
    place(&house.join("plugins/versioned.wasm"), &press.print(2));
    server.lines().wait_for(&["versioned", "waits", "bulkhead accept versioned"]);
    assert_eq!(answers(&mut client), Press::answer(1));
}

#[test]
fn locked_serves_what_the_lock_names_and_writes_nothing() {
    let (house, press) = house();
    drop(house.serve());
    place(&house.join("plugins/versioned.wasm"), &press.print(2));
    let lock = fs::read(house.join("mcp.lock")).expect("the lock");
    let server = crate::harness::Server::start(house.path(), &["--locked"]);
    assert_eq!(answers(&mut server.client(Era::Modern)), Press::answer(1));
    assert_eq!(fs::read(house.join("mcp.lock")).expect("the lock"), lock);
}

#[test]
fn a_lock_that_is_lost_is_no_fresh_start() {
    let (house, _press) = house();
    drop(house.serve());
    fs::remove_file(house.join("mcp.lock")).expect("removed");
    let served = run(house.path(), &["serve", "--config", "mcp.yaml", "--listen", "127.0.0.1:0"]);
    assert_ne!(served.code, 0, "{served:#?}");
    assert!(served.stderr.contains("mcp.lock"), "{served:#?}");
}
