//! `mcp.yaml`, whoever wrote it: it is read or refused with its place, the same
//! way twice; nothing is granted that it does not say; and the verbs that
//! change it for its owner change the one thing and nothing else.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use bulkhead::config::{
    Config, ConfigError, PluginEntry, Source,
    edit::{Editor, EntryText},
};
use bulkhead_package::Keypair;
use bulkhead_policy::{GivenGrant, Grants, HostRule, HttpRule, Instance, KvScope, Limits, Mount, MountAccess};

/// What `${file:key}` stands for, and no error tells.
const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// The entry that is added, and what it is given where nothing is typed for it.
const ADDED: &str = "added-by-the-fuzzer";
const GIVEN: [&str; 3] = ["http=GET https://added.example/v1/*", "fs=added:/added:rw", "kv"];

/// A comment that begins so is a grant, as it is typed for the entry; so many
/// are taken.
const TYPED: &str = "#+ ";
const MOST_TYPED: usize = 4;

struct Home {
    path: PathBuf,
    _kept: tempfile::TempDir,
}

fn home() -> &'static Home {
    static HOME: OnceLock<Home> = OnceLock::new();
    HOME.get_or_init(|| {
        let memory = Path::new("/dev/shm");
        let home = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.expect("a folder");
        let key = Keypair::generate().expect("a key");
        fs::write(home.path().join("acme.pub.pem"), key.public().to_pem()).expect("a file");
        fs::write(home.path().join("key"), SECRET).expect("a file");
        Home { path: home.path().join("mcp.yaml"), _kept: home }
    })
}

pub fn holds(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let path = &home().path;
    write(text);
    match (Config::load(path), Config::load(path)) {
        (Ok(config), Ok(again)) => {
            assert_eq!(shown(&config), shown(&again), "it says two things");
            taken(&config, text);
            added(&config, text);
            removed(&config, text);
        }
        (Err(error), Err(again)) => {
            assert_eq!(error.to_string(), again.to_string(), "it is refused in two ways");
            refused(&error, text);
        }
        (one, two) => panic!("{one:?}, and then {two:?}"),
    }
}

fn write(text: &str) {
    fs::write(&home().path, text).expect("a file");
}

/// All of it but for its secrets.
fn shown(config: &Config) -> String {
    format!("{config:?}")
}

/// The same, but for the files that it names: each of them is there, and none is
/// called so.
fn unread(config: &Config) -> String {
    let shown = shown(config);
    let (before, files) = shown.rsplit_once(", referenced: [").expect("the files that it names");
    let (_, behind) = files.rsplit_once("], ").expect("what follows them");
    format!("{before}, {behind}")
}

fn refused(error: &ConfigError, text: &str) {
    let said = error.to_string();
    assert!(said.starts_with(&format!("{}:", home().path.display())), "{said}");
    assert!(!said.contains(&SECRET[..16]), "it tells a secret: {said}");
    let at = error.position().unwrap_or_else(|| panic!("no place: {said}"));
    let lines = text.matches(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']).count() + 2;
    assert!((1..=lines).contains(&at.line), "{said} of {lines} lines");
}

fn taken(config: &Config, text: &str) {
    let everywhere: SocketAddr = ([0, 0, 0, 0], 8080).into();
    let credentials = &config.credentials;
    let nobody = credentials.keys.is_empty() && credentials.oauth.is_none();
    assert!(!nobody || config.exposed(everywhere).is_err(), "open to everybody");
    let _ = (config.unsafe_mounts(), config.unsafe_files());
    // What is written by its escapes, or by a variable, is not found in the text.
    if !text.contains('\\') && !text.contains("${") {
        config.plugins.iter().for_each(|entry| written(entry, text));
        let rules: usize = config.plugins.iter().map(|entry| entry.grants.http.len() + entry.grants.tcp.len()).sum();
        let folders: usize = config.plugins.iter().map(|entry| entry.grants.fs.len()).sum();
        let secrets: usize = config.plugins.iter().map(|entry| entry.grants.secrets.len()).sum();
        for (count, word) in [(rules, "host"), (folders, "at"), (secrets, "origin")] {
            assert!(count <= text.matches(word).count(), "{count} rules with {word:?}");
        }
    }
}

/// What a plugin is given stands in the text, word by word.
fn written(entry: &PluginEntry, text: &str) {
    let lower = text.to_lowercase();
    let says = |word: &str| assert!(lower.contains(&word.to_lowercase()), "{} is given {word:?}", entry.name);
    says(entry.name.as_str());
    let Grants { fs, http, tcp, env, secrets, kv, config, clock_fine, instance, limits } = &entry.grants;
    let host = |host: &HostRule| match host {
        HostRule::Exact(name) | HostRule::Below(name) if !name.contains("xn--") => says(name),
        // They have several spellings.
        _ => {}
    };
    for mount in fs {
        [mount.at.as_str(), "fs", "grants"].into_iter().for_each(says);
        if mount.access == MountAccess::Write {
            assert!(lower.contains("write") || lower.contains("rw"), "{mount:?}");
        }
        if mount.quota > Mount::QUOTA {
            says("quota");
        }
    }
    for rule in http {
        ["http", "grants"].into_iter().for_each(says);
        host(&rule.host);
        let reading = HttpRule::reading_methods();
        rule.methods.iter().filter(|method| !reading.contains(method)).for_each(|method| says(method.as_str()));
        if rule.allow_private {
            says("allowPrivate");
        }
    }
    for rule in tcp {
        ["tcp", "grants"].into_iter().for_each(says);
        host(&rule.host);
        if rule.allow_private {
            says("allowPrivate");
        }
    }
    env.keys().chain(config.keys()).for_each(|name| name.split(char::is_whitespace).for_each(says));
    secrets.iter().for_each(|rule| [rule.name(), rule.header(), "secrets"].into_iter().for_each(says));
    match kv {
        Some(KvScope::Shared) => ["kv", "shared"].into_iter().for_each(says),
        Some(KvScope::Principal) => says("kv"),
        None => {}
    }
    if *clock_fine {
        says("fine");
    }
    if *instance != Instance::Fresh {
        says("instance");
    }
    if *limits != Limits::default() {
        says("limits");
    }
}

/// What is typed for the entry that is added, as far as it makes sense and means
/// no variable.
fn typed(text: &str) -> Vec<GivenGrant> {
    let lines = text.lines().filter_map(|line| line.strip_prefix(TYPED)).filter(|line| !line.contains("${"));
    let mut grants: Vec<GivenGrant> = lines.filter_map(|line| line.parse().ok()).take(MOST_TYPED).collect();
    if grants.iter().filter(|grant| matches!(grant, GivenGrant::Kv(_))).count() > 1 {
        grants.clear();
    }
    if grants.is_empty() { GIVEN.map(|grant| grant.parse().expect("a grant")).to_vec() } else { grants }
}

/// An entry that is added is there, with what was typed for it, and nothing else
/// is another.
fn added(before: &Config, text: &str) {
    let grants = typed(text);
    let entry = EntryText::new(ADDED.parse().expect("a name"), "added.wasm".to_owned()).grants(grants.clone());
    let mut editor = Editor::open(&home().path).expect("what is taken can be edited");
    // Where lines cannot be added safely, none are.
    if editor.add_plugin(&entry).is_err() {
        assert_eq!(now(), text, "changed, and said not to be");
        return;
    }
    editor.save().expect("a file of its own");
    let mut after = Config::load(&home().path).unwrap_or_else(|error| panic!("{error} of\n{}", now()));
    let Some(at) = after.plugins.iter().position(|entry| entry.name.as_str() == ADDED) else {
        panic!("it is not there:\n{}", now())
    };
    let entry = after.plugins.remove(at);
    let mut given = Grants::default();
    grants.into_iter().for_each(|grant| grant.add_to(&mut given, folder()));
    assert_eq!(entry.grants, given, "it was given something else:\n{}", now());
    assert_eq!(entry.source, Source::File(folder().join("added.wasm")));
    assert_eq!(shown(&after), shown(before), "something else was changed:\n{}", now());
    let now = now();
    let mut comments = text.lines().filter(|line| line.trim_start().starts_with('#'));
    assert!(comments.all(|line| now.contains(line)), "a comment is gone");
    write(text);
}

/// An entry that is removed is gone, and nothing else is another.
fn removed(before: &Config, text: &str) {
    let Some(first) = before.plugins.first() else { return };
    let mut editor = Editor::open(&home().path).expect("what is taken can be edited");
    if editor.remove_plugin(&first.name).is_err() {
        assert_eq!(now(), text, "changed, and said not to be");
        return;
    }
    editor.save().expect("a file of its own");
    let after = Config::load(&home().path).unwrap_or_else(|error| panic!("{error} of\n{}", now()));
    let mut expected = before.clone();
    drop(expected.plugins.remove(0));
    assert_eq!(unread(&after), unread(&expected), "something else was changed:\n{}", now());
    // What was read for it alone is read no more.
    let was_read = |path: &Path| before.read_files().any(|read| read == path);
    assert!(after.read_files().all(was_read), "another file is read:\n{}", now());
}

fn folder() -> &'static Path {
    home().path.parent().expect("a folder")
}

fn now() -> String {
    fs::read_to_string(&home().path).expect("a file")
}
