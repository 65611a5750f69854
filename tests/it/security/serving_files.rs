//! The operator's own files are no plugin's, whatever was written.

use std::{fs, os::unix::fs::PermissionsExt as _};

use serde_json::{Value, json};

use crate::harness::{House, Plugin, binary::run};

/// A refused configuration.
const CONFIG: i32 = 3;

fn mounting(path: &str) -> House {
    let probe = Plugin::guest("fs_probe")
        .asks("[[asks.fs]]\nat = \"*\"\naccess = \"write\"\n")
        .grants(json!({"fs": [{"path": path, "at": "/data", "access": "read"}]}));
    House::new().with(&probe)
}

fn is_refused(house: &House, why: &str) {
    let checked = run(house.path(), &["check", "--config", "mcp.yaml"]);
    assert_eq!(checked.code, CONFIG, "{why}: {checked:#?}");
    let served = run(house.path(), &["serve", "--config", "mcp.yaml", "--listen", "127.0.0.1:0"]);
    assert_eq!(served.code, CONFIG, "{why}: {served:#?}");
}

#[test]
fn a_mount_over_the_operators_files_is_refused() {
    for path in [".", "..", "/", "./plugins", "./state", "./plugins/../plugins"] {
        let house = mounting(path);
        fs::create_dir_all(house.join("state")).expect("a folder");
        is_refused(&house, path);
    }
    let house = mounting("./link");
    std::os::unix::fs::symlink("plugins", house.join("link")).expect("a link");
    is_refused(&house, "through a link");
}

#[test]
fn a_mount_beside_them_is_not() {
    let house = mounting("./data");
    fs::create_dir(house.join("data")).expect("a folder");
    let checked = run(house.path(), &["check", "--config", "mcp.yaml"]);
    assert_eq!(checked.code, 0, "{checked:#?}");
}

#[test]
fn files_that_others_may_write_are_refused() {
    for file in ["mcp.yaml", "key.pub.pem"] {
        let house = House::new().with(&Plugin::guest("echo"));
        fs::set_permissions(house.join(file), fs::Permissions::from_mode(0o666)).expect("permissions");
        let served = run(house.path(), &["serve", "--config", "mcp.yaml", "--listen", "127.0.0.1:0"]);
        assert_eq!(served.code, CONFIG, "{file}: {served:#?}");
        assert!(served.stderr.contains(file), "{file}: {served:#?}");
    }
}

#[test]
fn a_server_that_anybody_reaches_needs_keys() {
    for (member, value) in [("host", json!("0.0.0.0")), ("allowAnonymous", json!(false))] {
        let house = House::new().with(&Plugin::guest("echo")).set(member, value);
        let served = run(house.path(), &["check", "--config", "mcp.yaml"]);
        assert_eq!(served.code, CONFIG, "{member}: {served:#?}");
    }
}

#[test]
fn a_misspelt_key_is_told_with_the_nearest() {
    let house = House::new().set("alowAnonymous", Value::Bool(true));
    let checked = run(house.path(), &["check", "--config", "mcp.yaml"]);
    assert_eq!(checked.code, CONFIG, "{checked:#?}");
    assert!(checked.stderr.contains("allowAnonymous"), "{checked:#?}");
}

#[test]
fn a_tool_that_is_denied_under_a_wrong_name_keeps_its_plugin_out() {
    let deny = |name: &str| Plugin::guest("echo").with("tools", json!({"deny": [name]}));
    let refused = run(House::new().with(&deny("ecko")).path(), &["check"]);
    assert_eq!(refused.code, 4, "{refused:#?}");
    let said = format!("{}{}", refused.stdout, refused.stderr);
    assert!(said.contains("tools.deny names \"ecko\"") && said.contains("it offers"), "{said}");
}
