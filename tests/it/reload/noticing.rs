//! However a file is saved, it is noticed; and whoever listens is told.

use std::{
    fs::{self, File},
    io::Write as _,
    os::unix::fs::symlink,
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::{house, place};
use crate::harness::{
    Client, Era, House, Plugin, Press,
    http::{Connection, Request},
    wait_until,
};

fn answers(client: &mut Client) -> String {
    client.call("versioned_run", json!({})).text()
}

#[test]
fn every_way_of_saving_is_noticed() {
    let (house, press) = house();
    let server = house.serve();
    let mut client = server.client(Era::Modern);
    let path = house.join("plugins/versioned.wasm");

    place(&path, &press.print(2));
    wait_until("renamed over", || answers(&mut client) == Press::answer(2));

    // In place, in pieces, slowly.
    let bytes = press.print(3);
    let mut file = File::create(&path).expect("the file");
    for piece in bytes.chunks(bytes.len() / 5 + 1) {
        file.write_all(piece).and_then(|()| file.flush()).expect("written");
        thread::sleep(Duration::from_millis(100));
        assert!([Press::answer(2), Press::answer(3)].contains(&answers(&mut client)), "never half of it");
    }
    drop(file);
    wait_until("written in place", || answers(&mut client) == Press::answer(3));

    // As some editors do: the old moved away, a new one under its name.
    fs::rename(&path, house.join("plugins/versioned.wasm~")).expect("renamed");
    fs::write(&path, press.print(4)).expect("written");
    wait_until("moved away and written", || answers(&mut client) == Press::answer(4));

    fs::remove_file(&path).expect("removed");
    thread::sleep(Duration::from_millis(300));
    fs::write(&path, press.print(5)).expect("written");
    wait_until("removed and written", || answers(&mut client) == Press::answer(5));
}

#[test]
fn a_configmaps_swap_is_noticed() {
    let plugin = Plugin::guest("versioned").with("update", json!("compatible"));
    let mut house = House::new().with(&plugin);
    let press = Press::new(&house, &plugin);
    // mounted/versioned.wasm -> ..data/versioned.wasm, ..data -> ..one
    for (folder, n) in [("..one", 1), ("..two", 2)] {
        fs::create_dir_all(house.join("mounted").join(folder)).expect("a folder");
        fs::write(house.join("mounted").join(folder).join("versioned.wasm"), press.print(n)).expect("a file");
    }
    symlink("..one", house.join("mounted/..data")).expect("a link");
    symlink("..data/versioned.wasm", house.join("mounted/versioned.wasm")).expect("a link");
    house.edit(|config| config["plugins"]["versioned"]["source"] = json!("mounted/versioned.wasm"));
    let server = house.serve();
    let mut client = server.client(Era::Modern);
    assert_eq!(answers(&mut client), Press::answer(1));
    symlink("..two", house.join("mounted/..data_tmp")).expect("a link");
    fs::rename(house.join("mounted/..data_tmp"), house.join("mounted/..data")).expect("swapped");
    wait_until("the swap is noticed", || answers(&mut client) == Press::answer(2));
}

#[test]
fn polling_notices_too() {
    let (house, press) = house();
    let house = house.set("watch", json!("poll"));
    let server = house.serve();
    let mut client = server.client(Era::Modern);
    place(&house.join("plugins/versioned.wasm"), &press.print(2));
    wait_until("polled", || answers(&mut client) == Press::answer(2));
}

#[test]
fn the_inbox_adds_and_removes() {
    let house = House::new().with(&Plugin::guest("echo")).set("pluginDir", json!("inbox/"));
    fs::create_dir(house.join("inbox")).expect("a folder");
    let press = Press::new(&house, &Plugin::guest("versioned"));
    let server = house.serve();
    let mut client = server.client(Era::Modern);
    let has = |client: &mut Client| client.tools().contains(&"versioned_run".to_owned());
    assert!(!has(&mut client));
    place(&house.join("inbox/anything.wasm"), &press.print(1));
    wait_until("it is served", || has(&mut client));
    fs::remove_file(house.join("inbox/anything.wasm")).expect("removed");
    wait_until("it is gone", || !has(&mut client));
}

#[test]
fn a_saved_configuration_is_followed() {
    let (mut house, _press) = house();
    let server = house.serve();
    let mut client = server.client(Era::Modern);
    house.edit(|config| config["plugins"]["versioned"]["prefix"] = json!("other"));
    wait_until("the prefix is new", || client.tools().contains(&"other_run".to_owned()));
    let text = fs::read_to_string(house.join("mcp.yaml")).expect("the configuration");
    fs::write(house.join("mcp.yaml"), "plugins: {nonsense").expect("written");
    server.lines().wait_for(&["mcp.yaml"]);
    assert!(client.call("other_run", json!({})).is_ok(), "what was served before still is");
    fs::write(house.join("mcp.yaml"), text).expect("written");
    house.edit(|config| drop(config["plugins"].as_object_mut().expect("plugins").remove("versioned")));
    wait_until("the entry is gone", || !client.tools().contains(&"other_run".to_owned()));
}

#[test]
fn listeners_are_told() {
    let (mut house, _press) = house();
    let server = house.serve();
    let mut modern = server.client(Era::Modern);
    let filter = json!({"notifications": {"toolsListChanged": true}});
    let (id, mut events) = modern.begin("subscriptions/listen", filter);
    let acknowledged = next(&mut events);
    assert_eq!(acknowledged["method"], "notifications/subscriptions/acknowledged");
    assert_eq!(acknowledged["params"]["_meta"]["io.modelcontextprotocol/subscriptionId"], id);

    let legacy = server.client(Era::Legacy);
    let session = legacy.session().expect("a session").to_owned();
    let get = Request::mcp("GET", "")
        .header("Accept", "text/event-stream")
        .header("MCP-Session-Id", &session)
        .header("MCP-Protocol-Version", "2025-11-25");
    let mut connection = Connection::open(server.address()).expect("a connection");
    connection.send(&get).expect("sent");
    let head = connection.head().expect("a head");
    let mut standing = connection.events(&head).expect("a stream");

    house.edit(|config| config["plugins"]["versioned"]["prefix"] = json!("other"));
    let told = next(&mut events);
    assert_eq!(told["method"], "notifications/tools/list_changed");
    assert_eq!(told["params"]["_meta"]["io.modelcontextprotocol/subscriptionId"], id, "{told}");
    assert_eq!(next(&mut standing)["method"], "notifications/tools/list_changed");
}

fn next(events: &mut crate::harness::http::Events) -> Value {
    let began = Instant::now();
    loop {
        let event = events.next().expect("a stream").expect("it goes on");
        if let Some(data) = event.data.filter(|data| !data.is_empty()) {
            return serde_json::from_str(&data).expect("a message");
        }
        assert!(began.elapsed() < crate::harness::PATIENCE);
    }
}
