//! `examples/hardened`: what can be started here is started, the rest is read
//! as whoever starts it would.

use std::{collections::BTreeMap, fs, path::Path};

use serde_json::Value;

use crate::harness::{
    House, Server,
    binary::{repository, run},
    ports,
};

fn example(file: &str) -> String {
    let path = repository().join("examples/hardened").join(file);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Accepts `plugin` as an operator without a terminal would: by the digest that
/// was shown.
fn accept(dir: &Path, plugin: &str) {
    let shown = run(dir, &["accept", plugin]);
    let (_, digest) = shown.stderr.split_once("--digest ").unwrap_or_else(|| panic!("{shown:#?}"));
    let accepted = run(dir, &["accept", plugin, "--digest", digest.trim()]);
    assert_eq!(accepted.code, 0, "{accepted:#?}");
}

fn names(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).expect("a folder").map_while(Result::ok);
    let mut names: Vec<String> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn it_is_served_locked_and_says_that_it_is_ready() {
    let acme = House::new();
    acme.keygen("acme");
    let user = tempfile::tempdir().expect("a folder");
    super::furnish(user.path(), &acme);
    let free = ports::free();
    let config = example("mcp.yaml");
    assert!(config.contains("127.0.0.1:9090"), "{config}");
    fs::write(user.path().join("mcp.yaml"), config.replace("127.0.0.1:9090", &free.to_string())).expect("a file");

    let nobody = run(user.path(), &["health"]);
    assert_eq!(nobody.code, 5, "{nobody:#?}");
    ["weather", "file"].into_iter().for_each(|plugin| accept(user.path(), plugin));
    let (before, lock) = (names(user.path()), fs::read(user.path().join("mcp.lock")).expect("the lock"));
    let server = Server::start(user.path(), &["--locked"]);
    assert!(server.lines().have(&["listening on https://"]), "{}", server.lines());
    assert!(server.lines().have(&["confined: files and ports", "seccomp", "no new privileges", "no core dumps"]));
    let healthy = run(user.path(), &["health"]);
    assert_eq!((healthy.code, healthy.stdout.lines().next()), (0, Some("ready")), "{healthy:#?}");
    assert_eq!(names(user.path()), before);
    assert!(fs::read(user.path().join("mcp.lock")).expect("the lock") == lock, "it is not written");
}

/// The settings of a unit, by key; several of one key in their order.
fn settings(unit: &str) -> BTreeMap<&str, Vec<&str>> {
    let lines = unit.lines().filter(|line| !line.starts_with(['#', '[']));
    let mut settings: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (key, value) in lines.filter_map(|line| line.split_once('=')) {
        settings.entry(key).or_default().push(value);
    }
    settings
}

#[test]
fn the_unit_gives_away_what_a_server_does_not_need() {
    let unit = example("bulkhead.service");
    let settings = settings(&unit);
    for (key, value) in [
        ("DynamicUser", "yes"),
        ("NoNewPrivileges", "yes"),
        ("CapabilityBoundingSet", ""),
        ("ProtectSystem", "strict"),
        ("ProtectHome", "yes"),
        ("PrivateDevices", "yes"),
        ("RestrictNamespaces", "yes"),
        ("RestrictAddressFamilies", "AF_INET AF_INET6"),
        ("SystemCallArchitectures", "native"),
        ("LimitCORE", "0"),
    ] {
        assert_eq!(settings.get(key), Some(&vec![value]), "{key}");
    }
    assert!(!settings.contains_key("MemoryDenyWriteExecute"), "plugins are compiled in the process");
    started_as_written(settings["ExecStart"][0].split(' '), "/usr/local/bin/bulkhead");
}

/// What is started is this command line's: with another one, it would end for
/// the command line and not for the configuration that is not there.
fn started_as_written<'a>(command: impl IntoIterator<Item = &'a str>, program: &str) {
    let words: Vec<&str> = command.into_iter().collect();
    let (first, arguments) = words.split_first().expect("a program");
    assert_eq!(*first, program);
    let dir = tempfile::tempdir().expect("a folder");
    let absent = dir.path().join("none/mcp.yaml").display().to_string();
    let here: Vec<&str> =
        arguments.iter().map(|word| if *word == "/etc/bulkhead/mcp.yaml" { absent.as_str() } else { *word }).collect();
    let ran = run(dir.path(), &here);
    assert_eq!(ran.code, 3, "{words:?}: {ran:#?}");
}

/// The instructions of a `Dockerfile`, continued lines joined.
fn instructions(text: &str) -> Vec<(String, String)> {
    let joined = text.replace("\\\n", " ");
    let lines = joined.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let split = |line: &str| line.split_once(' ').map(|(word, rest)| (word.to_owned(), rest.trim().to_owned()));
    lines.map(|line| split(line).unwrap_or_else(|| panic!("{line}"))).collect()
}

/// A command in exec form: signals reach it, and no shell is needed.
fn exec(text: &str) -> Vec<String> {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn the_image_runs_one_program_and_no_shell() {
    let instructions = instructions(&example("Dockerfile"));
    let last = |word: &str| {
        let found = instructions.iter().rfind(|(known, _)| known == word);
        found.map(|(_, rest)| rest.as_str()).unwrap_or_else(|| panic!("no {word}"))
    };
    assert_eq!(instructions.iter().filter(|(word, _)| word == "FROM").count(), 2, "it is built elsewhere");
    let user: u32 = last("USER").split(':').next().and_then(|user| user.parse().ok()).expect("a number");
    assert_ne!(user, 0);
    assert_eq!(last("STOPSIGNAL"), "SIGTERM");
    let entry = exec(last("ENTRYPOINT"));
    let command: Vec<String> = entry.iter().cloned().chain(exec(last("CMD"))).collect();
    started_as_written(command.iter().map(String::as_str), "/usr/local/bin/bulkhead");
    assert!(command.iter().any(|word| word == "--locked"), "{command:?}");
    let (_, check) = last("HEALTHCHECK").split_once("CMD ").expect("a command");
    started_as_written(exec(check).iter().map(String::as_str), "/usr/local/bin/bulkhead");
    for (word, rest) in &instructions {
        let copied_in = word == "ADD" || (word == "ENV" && rest.to_lowercase().contains("key"));
        assert!(!copied_in, "{word} {rest}");
    }
}

#[test]
fn the_container_is_read_only_and_not_root() {
    let compose: Value = bulkhead::config::yaml::read(&example("compose.yaml")).expect("YAML");
    let service = &compose["services"]["bulkhead"];
    assert_eq!(service["read_only"], "true", "{compose}");
    assert_eq!(service["user"], "65532:65532");
    assert_eq!(service["cap_drop"][0], "ALL");
    assert_eq!(service["security_opt"][0], "no-new-privileges:true");
    assert_eq!(service["volumes"][0]["read_only"], "true", "the configuration");
    for limit in ["mem_limit", "pids_limit", "cpus", "ulimits", "stop_grace_period"] {
        assert!(!service[limit].is_null(), "no {limit}");
    }
    let dockerfile = service["build"]["dockerfile"].as_str().expect("a path");
    assert!(repository().join(dockerfile).is_file(), "{dockerfile}");
}
