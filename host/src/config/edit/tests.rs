use std::os::unix::fs::PermissionsExt as _;

use super::*;

const FILE: &str = "# mine
port: 8080   # the port

plugins:
  # the weather
  weather:
    source: w.wasm
    grants:
      http:
        - {host: a.b}   # only this

  calc:
    source: c.wasm

# the end
watch: poll
";

fn editor(folder: &Path, text: &str) -> Editor {
    let path = folder.join("mcp.yaml");
    fs::write(&path, text).unwrap();
    Editor::open(&path).unwrap()
}

fn notes() -> EntryText {
    let grants = ["fs=./my data:/data:rw", "http=POST https://*.x.org/v1/*", "env=A=b c", "kv"];
    let grants = grants.map(|grant| grant.parse().unwrap());
    EntryText::new("notes".parse().unwrap(), "plugins/notes.wasm".to_owned()).grants(grants.to_vec())
}

#[test]
fn an_entry_is_added_behind_the_last_and_every_comment_stays() {
    let folder = tempfile::tempdir().unwrap();
    let mut editor = editor(folder.path(), FILE);
    fs::set_permissions(folder.path().join("mcp.yaml"), fs::Permissions::from_mode(0o640)).unwrap();
    editor.add_plugin(&notes()).unwrap();
    let config = editor.save().unwrap();
    let added = config.plugins.iter().find(|entry| entry.name.as_str() == "notes").unwrap();
    assert_eq!(added.grants.fs[0].host.path(), Some(&*folder.path().join("my data")));
    assert_eq!(added.grants.http[0].methods[0].as_str(), "POST");
    let text = fs::read_to_string(folder.path().join("mcp.yaml")).unwrap();
    for line in FILE.lines() {
        assert!(text.contains(line), "{line}");
    }
    assert!(text.find("  notes:").unwrap() < text.find("# the end").unwrap());
    assert_eq!(fs::metadata(folder.path().join("mcp.yaml")).unwrap().permissions().mode() & 0o777, 0o640);
}

#[test]
fn an_entry_that_is_removed_takes_nothing_else_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut editor = editor(folder.path(), FILE);
    editor.remove_plugin(&"weather".parse().unwrap()).unwrap();
    editor.remove_plugin(&"calc".parse().unwrap()).unwrap();
    editor.add_plugin(&notes()).unwrap();
    let config = editor.save().unwrap();
    assert_eq!(config.plugins.len(), 1);
    let text = fs::read_to_string(folder.path().join("mcp.yaml")).unwrap();
    assert!(text.contains("# the end\nwatch: poll\n") && text.contains("port: 8080   # the port"));
    assert!(!text.contains("w.wasm") && !text.contains("only this"));
}

#[test]
fn what_is_not_there_yet_is_begun() {
    let key = bulkhead_package::Keypair::generate().unwrap();
    let key = KeyText::new("acme", key.public(), &["acme-*".parse().unwrap()]);
    let starts = [
        "",
        "port: 1",
        "plugins:\ntrust:\n",
        "plugins: {}   # none\ntrust:\n  keys: []\n",
        "trust:\n  keys:\nwatch: auto\n",
        "# only this\n",
    ];
    for start in starts {
        let folder = tempfile::tempdir().unwrap();
        let mut editor = editor(folder.path(), start);
        editor.add_key(&key).unwrap();
        editor.add_plugin(&notes()).unwrap();
        assert!(matches!(editor.add_plugin(&notes()), Err(EditError::Taken { .. })));
        let config = editor.save().unwrap();
        assert_eq!((config.plugins.len(), config.trusted_keys.len()), (1, 1), "{start}");
    }
}

#[test]
fn what_cannot_be_edited_safely_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut one_line = editor(folder.path(), "plugins: {calc: {source: c.wasm}}\n");
    assert!(matches!(one_line.add_plugin(&notes()), Err(EditError::Flow { .. })));
    assert!(matches!(one_line.remove_plugin(&"calc".parse().unwrap()), Err(EditError::Flow { .. })));
    assert!(matches!(one_line.remove_plugin(&"none".parse().unwrap()), Err(EditError::NoPlugin { .. })));
    let mut whole = editor(folder.path(), "{port: 1}\n");
    assert!(whole.add_plugin(&notes()).is_err());
    let mut changed = editor(folder.path(), FILE);
    changed.add_plugin(&notes()).unwrap();
    fs::write(folder.path().join("mcp.yaml"), "port: 1\n").unwrap();
    assert!(matches!(changed.save(), Err(EditError::Changed { .. })));
}

#[test]
fn a_second_key_stands_below_the_first() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (bulkhead_package::Keypair::generate().unwrap(), bulkhead_package::Keypair::generate().unwrap());
    let text = format!(
        "trust:\n    keys:\n    - id: one # first\n      publicKey: {}\n      plugins: [a] # mine\nport: 1\n",
        one.public().to_base64()
    );
    let mut editor = editor(folder.path(), &text);
    editor.add_key(&KeyText::new("two", two.public(), &["b".parse().unwrap()])).unwrap();
    let again = KeyText::new("three", two.public(), &["b".parse().unwrap()]);
    assert!(matches!(editor.add_key(&again), Err(EditError::Config(_))));
    editor.widen_key("one", &["c".parse().unwrap()]).unwrap();
    editor.widen_key("two", &["d-*".parse().unwrap(), "e".parse().unwrap()]).unwrap();
    assert!(editor.widen_key("three", &["c".parse().unwrap()]).is_err());
    let config = editor.save().unwrap();
    let patterns: Vec<usize> = config.trusted_keys.iter().map(|key| key.plugins.len()).collect();
    assert_eq!(patterns, [2, 3]);
}
