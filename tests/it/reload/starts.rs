//! How a server starts: many plugins at once, none of them mapped or compiled
//! before somebody calls, and nothing believed that was not looked at.

use std::{fs, path::PathBuf};

use bulkhead_package::{Json, Keypair, ManifestDraft, Requests, pack, sign};
use serde_json::json;

use crate::harness::{Client, Era, House, Plugin, Press, metrics, ports, wait_until};

const GENERATIONS: &str = "bulkhead_generations_total";

/// A component that exports the tools' interface, and nothing in it: what it is
/// by name, it is not by type.
const HOLLOW: &[u8] = b"\0asm\x0d\0\x01\0\x05\x03\x01\x01\0\x0b\x21\x01\0\x1bbulkhead:plugin/tools@0.1.0\x05\0\0";

/// Files of compiled code.
fn kept(house: &House) -> Vec<PathBuf> {
    let files = fs::read_dir(house.join("state/cache")).into_iter().flatten().flatten().map(|file| file.path());
    files.filter(|path| path.extension().is_some_and(|end| end == "code")).collect()
}

fn says(client: &mut Client, n: u32) -> bool {
    client.call("versioned_run", json!({"milliseconds": 0})).text() == Press::answer(n)
}

#[test]
fn plugins_of_one_start_are_one_generation_and_each_of_them_answers() {
    let admin = ports::free();
    let mut house = House::new().with(&Plugin::guest("echo")).set("admin", json!({"listen": admin.to_string()}));
    for number in 1..=8 {
        house.also("echo", &format!("echo-{number}"), json!({"prefix": format!("echo-{number}")}));
    }
    for start in ["cold", "warm"] {
        let server = house.serve();
        assert_eq!(metrics::value(admin, GENERATIONS), 1, "{start}: {}", server.lines());
        let mut client = server.client(Era::Modern);
        for number in 1..=8 {
            let answer = client.call(&format!("echo-{number}_run"), json!({"text": "here"}));
            assert!(answer.text().contains("here"), "{start}: {answer:?}");
        }
    }
    let lock = fs::read_to_string(house.join("mcp.lock")).expect("the lock");
    assert!((1..=8).all(|number| lock.contains(&format!("\"echo-{number}\""))), "{lock}");
}

#[test]
fn one_that_meets_another_is_left_out_of_its_start_and_told_of() {
    let mut house = House::new().with(&Plugin::guest("mirror"));
    house.also("mirror", "twin", json!({"prefix": "twin"}));
    for _ in 0..2 {
        let server = house.serve();
        let tools = server.client(Era::Modern).tools();
        assert!(tools.iter().any(|tool| tool.starts_with("mirror_")), "{tools:?}");
        assert!(!tools.iter().any(|tool| tool.starts_with("twin_")), "{tools:?}");
        assert!(server.lines().have(&["twin", "which mirror offers already"]), "{}", server.lines());
        let lock = fs::read_to_string(house.join("mcp.lock")).expect("the lock");
        assert!(lock.contains("\"mirror\"") && !lock.contains("\"twin\""), "{lock}");
    }
}

#[test]
fn code_that_is_damaged_while_nobody_has_called_does_not_run() {
    let (house, _press) = super::house();
    {
        let server = house.serve();
        assert!(says(&mut server.client(Era::Modern), 1));
        wait_until("both are compiled", || kept(&house).len() == 2);
    }
    let server = house.serve();
    let damage = |path: &PathBuf| {
        let mut bytes = fs::read(path).expect("code");
        let at = bytes.len() / 2;
        bytes[at..].fill(0xcc);
        fs::write(path, &bytes).expect("written");
        (path.clone(), bytes)
    };
    let damaged: Vec<_> = kept(&house).iter().map(damage).collect();
    let mut client = server.client(Era::Modern);
    assert!(says(&mut client, 1), "{}", server.lines());
    let mended = damaged.iter().filter(|(path, bytes)| fs::read(path).is_ok_and(|now| now != *bytes)).count();
    assert_eq!(mended, 1, "the code of the one that was called was made anew");
    assert!(server.lines().have(&["is not what this host wrote"]), "{}", server.lines());
}

#[test]
fn code_of_another_plugin_in_its_place_does_not_run() {
    let (house, press) = super::house();
    let all = |n: u32| {
        let server = house.serve();
        assert!(says(&mut server.client(Era::Modern), n));
        kept(&house)
    };
    let first = all(1);
    super::place(&house.join("plugins/versioned.wasm"), &press.print(2));
    let newest: Vec<_> = all(2).into_iter().filter(|path| !first.contains(path)).collect();
    let server = house.serve();
    for path in first {
        fs::copy(path, &newest[0]).expect("another one's code, made by this very host");
    }
    assert!(says(&mut server.client(Era::Modern), 2), "{}", server.lines());
}

#[test]
fn a_damaged_copy_in_the_store_is_mended_and_never_served() {
    let (house, _press) = super::house();
    drop(house.serve());
    let store = || fs::read_dir(house.join("state/store")).expect("the store").flatten().map(|file| file.path());
    let good: Vec<_> = store().map(|path| (fs::read(&path).expect("a file"), path)).collect();
    assert_eq!(good.len(), 2);
    let spoil = || {
        for (bytes, path) in &good {
            let mut bad = bytes.clone();
            bad[bytes.len() / 2] ^= 1;
            fs::write(path, bad).expect("written");
        }
    };
    spoil();
    assert!(says(&mut house.serve().client(Era::Modern), 1));
    assert!(good.iter().all(|(bytes, path)| fs::read(path).expect("a file") == *bytes), "it was mended");
    // Without the file that it came from, the copy is all there is.
    spoil();
    fs::remove_file(house.join("plugins/versioned.wasm")).expect("removed");
    let server = house.serve();
    let tools = server.client(Era::Modern).tools();
    assert!(!tools.iter().any(|tool| *tool == "versioned_run"), "{tools:?}\n{}", server.lines());
}

#[test]
fn a_plugin_whose_code_is_nowhere_fails_its_own_calls_and_says_why() {
    let (house, _press) = super::house();
    {
        let server = house.serve();
        assert!(says(&mut server.client(Era::Modern), 1));
        wait_until("both are compiled", || kept(&house).len() == 2);
    }
    let server = house.serve();
    kept(&house).iter().for_each(|path| fs::remove_file(path).expect("removed"));
    for folder in ["state/store", "plugins"] {
        fs::rename(house.join(folder), house.join(&format!("{folder}.aside"))).expect("put aside");
    }
    let mut client = server.client(Era::Modern);
    let answer = format!("{:?}", client.call("versioned_run", json!({"milliseconds": 0})));
    assert!(!answer.contains(&Press::answer(1)) && !answer.contains("file"), "{answer}");
    assert!(server.lines().have(&["put the file back"]), "{}", server.lines());
}

#[test]
fn what_turns_out_not_to_fit_is_served_no_longer_and_accepted_no_longer() {
    let mut house = House::new().with(&Plugin::guest("echo"));
    house.also("echo", "hollow", json!({"source": "plugins/hollow.wasm", "prefix": "hollow"}));
    let draft = ManifestDraft {
        name: "echo".parse().expect("a name"),
        version: "1.0.0".parse().expect("a version"),
        wit: "0.1.0".to_owned(),
        description: "hollow".to_owned(),
        publisher: "the tests".to_owned(),
        requests: Requests::default(),
        contract: Json::parse(r#"{"tools":[{"name":"nothing","inputSchema":{"type":"object"}}]}"#).expect("JSON"),
    };
    let key = Keypair::read(&house.join("key.pem")).expect("the key");
    let file = sign(&pack(HOLLOW, &draft).expect("packed"), &key, false).expect("signed");
    fs::write(house.join("plugins/hollow.wasm"), file).expect("a file");
    let server = house.serve();
    let mut client = server.client(Era::Modern);
    wait_until("it is withdrawn", || !client.tools().iter().any(|tool| *tool == "hollow_nothing"));
    server.lines().wait_for(&["hollow", "has another type"]);
    let accepted = || fs::read_to_string(house.join("mcp.lock")).expect("the lock");
    wait_until("it is accepted no longer", || !accepted().contains("\"hollow\""));
    assert!(accepted().contains("\"echo\""));
    let answer = client.call("echo_run", json!({"text": "here"}));
    assert!(answer.text().contains("here"), "{answer:?}");
}
