//! The guide's own configuration, and a client as the guide writes it.

use std::{fs, path::Path, process::Command};

use serde_json::json;

use crate::harness::{
    House, Plugin, Server,
    binary::{bulkhead, repository},
};

const KEY: &str = "the-key-of-the-guides-configuration";

/// The guide's `mcp.yaml` (4.5), key for key.
const CONFIGURATION: &str = "\
port: 8080
apiKey: ${MCP_API_KEY}
tls:
  enabled: true
  certFile: certs/server.crt
  keyFile: certs/server.key
scopes:
  read:file: [file.read]
  invoke:weather_api: [weather.getCurrent]
";

fn certify(dir: &Path) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    fs::create_dir(dir.join("certs")).expect("a folder");
    fs::write(dir.join("certs/server.crt"), made.cert.pem()).expect("a file");
    fs::write(dir.join("certs/server.key"), made.signing_key.serialize_pem()).expect("a file");
}

fn command(dir: &Path, args: &[&str]) -> Command {
    let mut command = bulkhead();
    command.args(args).current_dir(dir).env("MCP_API_KEY", KEY);
    command
}

fn serve(dir: &Path) -> Server {
    let server = Server::listening(command(dir, &["serve", "--listen", "127.0.0.1:0"]));
    assert!(server.lines().have(&["listening on https://"]), "{}", server.lines());
    server
}

/// What a Python program says, which has to end well.
fn python(args: &[&str]) -> String {
    let ran = Command::new("python3").args(args).output().expect("python3, which the gate needs");
    let said = String::from_utf8_lossy(&ran.stdout).into_owned();
    assert!(ran.status.success(), "{said}{}", String::from_utf8_lossy(&ran.stderr));
    said
}

#[test]
fn the_guides_configuration_passes_check_and_serves_over_tls() {
    let work = tempfile::tempdir().expect("a folder");
    let dir = work.path();
    certify(dir);
    fs::write(dir.join("mcp.yaml"), CONFIGURATION).expect("a file");
    let checked = command(dir, &["check"]).output().expect("bulkhead runs");
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
    let server = serve(dir);
    let call = format!(
        "import json, ssl, urllib.request as u\n\
         r = u.Request('https://localhost:{}/mcp', b'{{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"mcp.tools.list\"}}', \
         {{'Content-Type': 'application/json', 'Authorization': 'Bearer {KEY}'}})\n\
         print(u.urlopen(r, context=ssl.create_default_context(cafile='{}'), timeout=60).read().decode())",
        server.address().port(),
        dir.join("certs/server.crt").display(),
    );
    assert_eq!(python(&["-c", &call]).trim(), r#"{"jsonrpc":"2.0","id":1,"result":[]}"#);
}

#[test]
fn a_client_as_the_guide_writes_it_finds_everything_as_the_guide_says() {
    let file = Plugin::real("file").grants(json!({"fs": [{"path": "./data", "at": "/data", "access": "write"}]}));
    let house = House::new().with(&file).with(&Plugin::real("calc"));
    let house = house
        .set("allowAnonymous", json!(false))
        .set("apiKey", json!("${MCP_API_KEY}"))
        .set("tls", json!({"enabled": true, "certFile": "certs/server.crt", "keyFile": "certs/server.key"}))
        .set(
            "scopes",
            json!({
                "read:file": ["file.read"],
                "invoke:weather_api": ["weather.getCurrent"],
                "invoke:calc": ["calc.evaluate"],
            }),
        );
    certify(house.path());
    fs::create_dir(house.join("data")).expect("a folder");
    fs::write(house.join("data/notes.txt"), "what the guide reads\n").expect("a file");
    let server = serve(house.path());
    for name in ["file", "calc"] {
        server.lines().wait_for(&["served", &format!("plugin={name} ")]);
    }
    let script = repository().join("tests/strangers/python/guide.py");
    let endpoint = format!("https://localhost:{}/mcp", server.address().port());
    let certificate = house.join("certs/server.crt");
    let text = |path: &Path| path.to_str().expect("a path in UTF-8").to_owned();
    let said = python(&[&text(&script), &endpoint, KEY, "/data/notes.txt", &text(&certificate)]);
    for seen in [
        "ok lists calc.evaluate",
        "ok checksum of calc.evaluate",
        "ok checksum of file.read",
        "ok invokes calc.evaluate",
        "ok reads file.read by name",
        "ok 401 without a key",
        "ok no write outside its scopes",
        "ok no tool outside its scopes",
    ] {
        assert!(said.lines().any(|line| line == seen), "{seen}: {said}");
    }
}
