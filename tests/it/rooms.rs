//! The house's plan, read from the sources: which room may use which, who
//! names wasmtime, who opens a socket. `ARCHITECTURE.md` says the same in
//! words.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use crate::harness::binary::repository;

/// From left to right; a room may use what stands to its left.
const LAYERS: [&[&str]; 7] = [
    &["base"],
    &["keys"],
    &["protocol", "package", "audit", "net", "prompts", "schema", "screen", "seal", "state"],
    &["policy"],
    &["sandbox"],
    &["registry"],
    &["host"],
];

/// What opens a socket, however it is imported. A guest's `TcpSocket` is none of them: it is a handle of
/// `wasi:sockets`, and connects only where the sandbox's check of the address lets it.
const SOCKETS: [&str; 11] = [
    "TcpStream",
    "TcpListener",
    "UdpSocket",
    "UnixStream",
    "UnixListener",
    "UnixDatagram",
    "tokio::net",
    "std::os::unix::net",
    "net::socket",
    "ToSocketAddrs",
    "lookup_host",
];

/// Where sockets are opened.
const SOCKET_ROOMS: [&str; 3] = ["host/src/transport", "host/src/admin", "host/crates/net"];

fn layer(room: &str) -> usize {
    let found = LAYERS.iter().position(|layer| layer.contains(&room));
    found.unwrap_or_else(|| panic!("{room} stands in no layer: add it to LAYERS and to ARCHITECTURE.md"))
}

/// The folders of the rooms, with their names.
fn rooms() -> Vec<(String, PathBuf)> {
    let mut rooms = vec![("host".to_owned(), repository().join("host"))];
    for entry in fs::read_dir(repository().join("host/crates")).expect("host/crates").map_while(Result::ok) {
        if entry.path().join("Cargo.toml").is_file() {
            rooms.push((entry.file_name().to_string_lossy().into_owned(), entry.path()));
        }
    }
    assert!(rooms.len() >= 10, "rooms are missing: {rooms:?}");
    rooms
}

/// The names of all dependencies that `Cargo.toml` in `dir` lists, those for
/// tests apart.
fn dependencies(dir: &Path) -> BTreeSet<String> {
    let path = dir.join("Cargo.toml");
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let manifest: toml::Table = text.parse().unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut names = BTreeSet::new();
    let mut collect = |table: &toml::Table| {
        for kind in ["dependencies", "build-dependencies"] {
            let listed = table.get(kind).and_then(toml::Value::as_table);
            names.extend(listed.into_iter().flat_map(|listed| listed.keys().cloned()));
        }
    };
    collect(&manifest);
    for (_, target) in manifest.get("target").and_then(toml::Value::as_table).into_iter().flatten() {
        target.as_table().map(&mut collect);
    }
    names
}

/// Every Rust file below `dir`, with its text, tests apart.
fn sources(dir: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap_or_else(|error| panic!("{}: {error}", dir.display())).map_while(Result::ok) {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        if path.is_dir() && !["tests", "target", "template"].contains(&name.as_str()) {
            found.extend(sources(&path));
        } else if name.ends_with(".rs") && !["tests.rs", "testing.rs"].contains(&name.as_str()) {
            let text = fs::read_to_string(&path).expect("a source file");
            found.push((path, without_tests(&text)));
        }
    }
    found
}

/// The code of a file: what stands before its unit tests, without comments.
fn without_tests(text: &str) -> String {
    let code = text.split("#[cfg(test)]\nmod ").next().unwrap_or(text);
    let is_code = |line: &&str| !line.trim_start().starts_with("//");
    code.lines().filter(is_code).collect::<Vec<_>>().join("\n")
}

fn relative(path: &Path) -> &Path {
    path.strip_prefix(repository()).unwrap_or(path)
}

#[test]
fn dependencies_point_to_the_left() {
    for (room, dir) in rooms() {
        for dependency in dependencies(&dir) {
            let Some(other) = dependency.strip_prefix("bulkhead-") else { continue };
            assert!(
                layer(other) < layer(&room),
                "{room} depends on {other}, which does not stand to its left in {LAYERS:?}"
            );
        }
    }
}

#[test]
fn a_crate_is_named_only_where_it_is_a_dependency() {
    // A dependency for tests must not be how a room comes to use another.
    for (room, dir) in rooms() {
        let allowed = dependencies(&dir);
        for (path, text) in sources(&dir.join("src")) {
            for (_, other) in rooms().iter().flat_map(|(name, _)| [("", name.clone())]) {
                let named = text.contains(&format!("bulkhead_{other}::"));
                let may = allowed.contains(&format!("bulkhead-{other}")) || other == "host";
                assert!(!named || may, "{}: {room} names {other} without depending on it", relative(&path).display());
            }
        }
    }
}

#[test]
fn plugins_stand_on_the_sdk_alone() {
    let of_ours = |dir: &Path| -> Vec<String> {
        dependencies(dir).into_iter().filter(|name| name.starts_with("bulkhead")).collect()
    };
    assert_eq!(of_ours(&repository().join("plugin-sdk")), ["bulkhead-sdk-macros"]);
    assert_eq!(of_ours(&repository().join("plugin-sdk/macros")), Vec::<String>::new());
    let plugins = fs::read_dir(repository().join("plugins")).expect("plugins/").map_while(Result::ok);
    let plugins: Vec<PathBuf> =
        plugins.map(|entry| entry.path()).filter(|path| path.join("Cargo.toml").is_file()).collect();
    assert!(plugins.len() >= 4, "{plugins:?}");
    for plugin in plugins {
        assert_eq!(of_ours(&plugin), ["bulkhead-sdk"], "{}", plugin.display());
        for file in ["plugin.toml", "README.md"] {
            assert!(plugin.join(file).is_file(), "{} has no {file}", plugin.display());
        }
    }
}

#[test]
fn only_the_sandbox_names_wasmtime() {
    for (room, dir) in rooms() {
        let wasmtime: Vec<String> =
            dependencies(&dir).into_iter().filter(|name| name.starts_with("wasmtime")).collect();
        assert_eq!(wasmtime.is_empty(), room != "sandbox", "{room} depends on {wasmtime:?}");
        if room == "sandbox" {
            continue;
        }
        for (path, text) in sources(&dir.join("src")) {
            for word in ["wasmtime::", "wasmtime_wasi", "use wasmtime"] {
                assert!(!text.contains(word), "{} names {word}", relative(&path).display());
            }
        }
    }
}

#[test]
fn only_transport_admin_and_net_open_sockets() {
    let mut opening = BTreeSet::new();
    for (_, dir) in rooms() {
        for (path, text) in sources(&dir.join("src")) {
            let path = relative(&path);
            let may = SOCKET_ROOMS.iter().find(|room| path.starts_with(room));
            for word in SOCKETS {
                if !names(&text, word) {
                    continue;
                }
                match may {
                    Some(room) => opening.insert(*room),
                    None => panic!("{} names {word}; sockets are opened in {SOCKET_ROOMS:?}", path.display()),
                };
            }
        }
    }
    assert_eq!(opening.len(), SOCKET_ROOMS.len(), "the test would find them: {opening:?}");
}

/// Whether `text` has `word` as a word of its own.
fn names(text: &str, word: &str) -> bool {
    let part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    text.match_indices(word)
        .any(|(at, _)| !part(text[..at].chars().next_back()) && !part(text[at + word.len()..].chars().next()))
}

#[test]
fn transports_know_no_method() {
    let mut read = 0;
    for (path, text) in sources(&repository().join("host/src/transport")) {
        read += 1;
        for method in
            ["\"initialize", "\"tools/", "\"resources/", "\"prompts/", "\"notifications/", "\"server/", "\"ping\""]
        {
            assert!(!text.contains(method), "{} names {method}", relative(&path).display());
        }
    }
    assert!(read > 3, "the transport was found");
}

#[test]
fn serving_cannot_describe_a_component() {
    // The contract of a component that is served is the signed one: nothing on
    // the way of a served file reaches what runs a component to describe it.
    for room in ["load", "reload", "pipeline", "transport", "render", "admin", "authn"] {
        let path = repository().join("host/src").join(room);
        let files = if path.is_dir() { sources(&path) } else { Vec::new() };
        for (path, text) in files {
            for word in ["forge::", "sandbox::describe", "use crate::forge"] {
                assert!(!text.contains(word), "{} names {word}", relative(&path).display());
            }
        }
    }
}

#[test]
fn every_guest_has_a_test() {
    let guests = repository().join("tests/guests");
    let tests: String = sources(&repository().join("tests/it")).into_iter().map(|(_, text)| text).collect();
    let mut counted = 0;
    for entry in fs::read_dir(guests).expect("tests/guests").map_while(Result::ok) {
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some(guest) = name.strip_suffix(".rs").filter(|guest| *guest != "lib") else { continue };
        counted += 1;
        assert!(tests.contains(&format!("guest(\"{guest}\")")), "no test uses the guest {guest}");
    }
    assert!(counted > 10, "the guests were found");
}
