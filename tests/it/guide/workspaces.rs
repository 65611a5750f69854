//! Workspaces: each root has folders of its own, and they go with it.

use std::{fs, os::unix::fs::symlink, path::PathBuf, thread};

use serde_json::{Value, json};

use super::{error, result};
use crate::harness::{Era, House, Plugin, Server};

const ALICE: &str = "key-of-alice-who-has-workspaces-here";
const BOB: &str = "key-of-bob-who-has-workspaces-as-well";

const ASKS: &str = "[[asks.fs]]\nat = \"/workspace\"\naccess = \"write\"\n";

/// Bytes that may lie in a workspace.
const QUOTA: u64 = 1 << 20;

fn house() -> House {
    let grants =
        json!({"fs": [{"workspace": true, "at": "/workspace", "access": "write", "quota": "1MiB", "inodes": 8}]});
    House::new()
        .with(&Plugin::guest("fs_probe").asks(ASKS).grants(grants.clone()).limits(json!({"time": "20s"})))
        .with(&Plugin::guest("context_probe").asks(ASKS).grants(grants))
        .set("scopes", json!({"all": ["*", "root"]}))
        .set("allowAnonymous", json!(false))
        .set(
            "apiKeys",
            json!([{"name": "alice", "key": ALICE, "scopes": ["all"]}, {"name": "bob", "key": BOB, "scopes": ["all"]}]),
        )
}

fn serve(house: &House) -> Server {
    let server = house.serve();
    for plugin in ["fs-probe", "context-probe"] {
        server.lines().wait_for(&["served", &format!("plugin={plugin} ")]);
    }
    server
}

fn create(server: &Server, key: &str) -> String {
    result(server, key, "mcp.root.create", json!({}))["rootId"].as_str().expect("an id").to_owned()
}

fn close(server: &Server, key: &str, root: &str) {
    result(server, key, "mcp.root.close", json!({"rootId": root}));
}

fn invoke(tool: &str, args: Value, root: &str) -> Value {
    json!({"toolId": tool, "args": args, "context": {"rootId": root}})
}

fn steps(server: &Server, key: &str, root: &str, steps: &Value) -> Vec<(bool, String)> {
    let answer = result(server, key, "mcp.tool.invoke", invoke("fs-probe.run", json!({"steps": steps}), root));
    let went = answer["output"]["steps"].as_array().unwrap_or_else(|| panic!("{answer}")).iter();
    went.map(|step| (step["ok"] == true, step["text"].as_str().unwrap_or_default().to_owned())).collect()
}

fn write(server: &Server, key: &str, root: &str, name: &str, text: &str) {
    let path = format!("/workspace/{name}");
    let went = steps(server, key, root, &json!([{"op": "write", "path": path, "text": text}]));
    assert!(went[0].0, "{went:?}");
}

fn seen(server: &Server, key: &str, root: &str) -> String {
    let went = steps(server, key, root, &json!([{"op": "list", "path": "/workspace"}])).remove(0);
    assert!(went.0, "{went:?}");
    went.1
}

/// Where the probe's folder of this root is.
fn place(house: &House, root: &str) -> Option<PathBuf> {
    let principals = fs::read_dir(house.join("state/workspaces")).ok()?;
    let places = principals.map(|principal| principal.expect("a folder").path().join(root).join("fs-probe"));
    places.filter(|place| place.is_dir()).last()
}

#[test]
fn roots_and_principals_do_not_see_one_anothers_files() {
    let house = house();
    let server = serve(&house);
    let (one, two, theirs) = (create(&server, ALICE), create(&server, ALICE), create(&server, BOB));
    assert_eq!(place(&house, &one), None, "nothing is made before it is used");
    write(&server, ALICE, &one, "one.txt", "of one");
    write(&server, ALICE, &two, "two.txt", "of two");
    write(&server, BOB, &theirs, "theirs.txt", "of bob");
    let all = [(ALICE, &one), (ALICE, &two), (BOB, &theirs)].map(|(key, root)| seen(&server, key, root));
    assert_eq!(all, ["one.txt", "two.txt", "theirs.txt"]);
    let up = json!([{"op": "list", "path": "/workspace/.."}, {"op": "read", "path": format!("/workspace/../../{two}/fs-probe/two.txt")}]);
    assert!(steps(&server, ALICE, &one, &up).iter().all(|(ok, _)| !ok));
    let told = error(&server, BOB, "mcp.tool.invoke", invoke("fs-probe.run", json!({"steps": []}), &one));
    assert_eq!(told, (-32602, "params.context.rootId: there is no such root".to_owned()));
    let other = result(&server, ALICE, "mcp.tool.invoke", invoke("context-probe.run", json!({}), &one));
    assert_eq!(other["output"]["workspace"], "/workspace");
}

#[test]
fn without_a_root_or_a_grant_there_is_no_workspace() {
    let house = house();
    let server = serve(&house);
    let mut client = server.client_with_key(Era::Modern, ALICE);
    let list = json!({"steps": [{"op": "list", "path": "/workspace"}]});
    let answer = client.call("fs-probe_run", list);
    assert_eq!(answer.structured()["steps"][0]["ok"], false);
    server.lines().wait_for(&["asked for /workspace while no root is open", "plugin=fs-probe"]);
    assert!(!house.join("state/workspaces").exists());
    let bare = House::new()
        .with(&Plugin::guest("context_probe").asks(ASKS))
        .set("scopes", json!({"all": ["*", "root"]}))
        .set("allowAnonymous", json!(false))
        .set("apiKeys", json!([{"name": "alice", "key": ALICE, "scopes": ["all"]}]));
    let server = bare.serve();
    server.lines().wait_for(&["served", "plugin=context-probe "]);
    let root = create(&server, ALICE);
    let told = result(&server, ALICE, "mcp.tool.invoke", invoke("context-probe.run", json!({}), &root));
    assert_eq!((&told["output"]["root"], &told["output"]["workspace"]), (&json!(root), &Value::Null));
}

#[test]
fn the_quota_holds_for_all_calls_of_one_root_together() {
    let house = house();
    let server = serve(&house);
    let (root, other) = (create(&server, ALICE), create(&server, ALICE));
    let full = json!([{"op": "write", "path": "/workspace/full", "bytes": 700_000}]);
    assert!(steps(&server, ALICE, &other, &full)[0].0);
    thread::scope(|scope| {
        for n in 0..4 {
            let (server, root) = (&server, &root);
            let step = json!([{"op": "write", "path": format!("/workspace/f{n}"), "bytes": 700_000}]);
            scope.spawn(move || steps(server, ALICE, root, &step));
        }
    });
    let folder = place(&house, &root).expect("the workspace");
    let sizes =
        fs::read_dir(folder).expect("the folder").map(|file| file.expect("a file").metadata().expect("it").len());
    let used: u64 = sizes.sum();
    assert!((1..=QUOTA).contains(&used), "{used}");
    let many: Vec<Value> =
        (0..12).map(|n| json!({"op": "write", "path": format!("/workspace/e{n}"), "text": ""})).collect();
    let made = steps(&server, ALICE, &other, &json!(many)).into_iter().filter(|(ok, _)| *ok).count();
    assert_eq!(made, 7, "eight files with the one that was there");
}

#[test]
fn a_restart_keeps_files_and_closing_removes_them() {
    let house = house();
    let server = serve(&house);
    let (root, kept) = (create(&server, ALICE), create(&server, ALICE));
    write(&server, ALICE, &root, "a.txt", "still here");
    write(&server, ALICE, &kept, "b.txt", "for good");
    drop(server);
    let server = serve(&house);
    let read = json!([{"op": "read", "path": "/workspace/a.txt"}]);
    assert_eq!(steps(&server, ALICE, &root, &read), [(true, "still here".to_owned())]);
    let outside = house.join("outside");
    fs::create_dir(&outside).expect("a folder");
    fs::write(outside.join("kept.txt"), "kept").expect("a file");
    let folder = place(&house, &root).expect("the workspace");
    symlink(&outside, folder.join("link")).expect("a link");
    close(&server, ALICE, &root);
    assert!(!folder.exists() && outside.join("kept.txt").exists());
    assert_eq!(fs::read_dir(house.join("state/workspaces/closed")).expect("a folder").count(), 0);
    assert_eq!(seen(&server, ALICE, &kept), "b.txt");
}

#[test]
fn no_link_leads_out_of_a_workspace() {
    let house = house();
    let server = serve(&house);
    let (one, two) = (create(&server, ALICE), create(&server, ALICE));
    write(&server, ALICE, &one, "one.txt", "of one");
    write(&server, ALICE, &two, "two.txt", "of two");
    let [ours, theirs] = [&one, &two].map(|root| place(&house, root).expect("the workspace"));
    symlink(&theirs, ours.join("absolute")).expect("a link");
    symlink(format!("../../{two}/fs-probe"), ours.join("relative")).expect("a link");
    let reads = json!([
        {"op": "read", "path": "/workspace/absolute/two.txt"},
        {"op": "read", "path": "/workspace/relative/two.txt"},
        {"op": "symlink", "path": "..", "to": "/workspace/up"},
    ]);
    assert!(steps(&server, ALICE, &one, &reads).iter().all(|(ok, _)| !ok));
    // Nor is a workspace entered that is one.
    fs::rename(&ours, ours.with_file_name("moved")).expect("to be moved");
    symlink(&theirs, &ours).expect("a link");
    let list = json!([{"op": "list", "path": "/workspace"}]);
    assert!(!steps(&server, ALICE, &one, &list)[0].0);
    server.lines().wait_for(&["the workspace of a root cannot be opened", "plugin=fs-probe"]);
    symlink(format!("../{two}/fs-probe"), ours.with_file_name("near")).expect("a link");
    fs::remove_file(&ours).expect("to be removed");
    fs::rename(ours.with_file_name("near"), &ours).expect("to be moved");
    assert!(!steps(&server, ALICE, &one, &list)[0].0);
    close(&server, ALICE, &one);
    assert_eq!(seen(&server, ALICE, &two), "two.txt");
}
