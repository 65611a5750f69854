use std::{fs, os::unix::fs::PermissionsExt as _};

use super::*;

fn plugin() -> PluginName {
    "probe".parse().unwrap()
}

fn place(state: &Path, principal: &str, root: &str) -> std::path::PathBuf {
    state.join(WORKSPACES).join(Digest::of(principal.as_bytes()).hex()).join(root)
}

#[test]
fn a_closed_root_is_gone_with_its_deepest_folder_and_is_not_made_again() {
    let state = tempfile::tempdir().unwrap();
    let workspaces = Workspaces::open(state.path()).unwrap();
    let [one, two] = ["a1", "b2"].map(|root| WorkspaceKey::new("me", root).unwrap());
    let mut dir = workspaces.enter(&one, &plugin()).unwrap();
    workspaces.enter(&two, &plugin()).unwrap();
    let own = place(state.path(), "me", "a1").join("probe");
    assert_eq!(fs::metadata(&own).unwrap().permissions().mode() & 0o777, 0o700);
    for _ in 0..2000 {
        dir.create_dir("d").unwrap();
        dir.write("f", "x").unwrap();
        dir = dir.open_dir("d").unwrap();
    }
    workspaces.close("me", "a1").unwrap();
    assert!(workspaces.enter(&one, &plugin()).is_err());
    assert!(!place(state.path(), "me", "a1").exists() && place(state.path(), "me", "b2").exists());
    assert_eq!(fs::read_dir(state.path().join(WORKSPACES).join(ASIDE)).unwrap().count(), 0);
    workspaces.close("me", "b2").unwrap();
    assert!(!place(state.path(), "me", "").exists());
}

#[test]
fn links_are_removed_and_not_followed() {
    let (state, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    fs::write(other.path().join("kept"), "x").unwrap();
    let workspaces = Workspaces::open(state.path()).unwrap();
    let key = WorkspaceKey::new("me", "a1").unwrap();
    workspaces.enter(&key, &plugin()).unwrap();
    let link = |at: &Path| std::os::unix::fs::symlink(other.path(), at).unwrap();
    let root = place(state.path(), "me", "a1");
    link(&root.join("probe/link"));
    link(&root.join("linked"));
    std::os::unix::fs::symlink("probe", root.join("near")).unwrap();
    for name in ["linked", "near"] {
        assert!(workspaces.enter(&key, &name.parse().unwrap()).is_err(), "{name}");
    }
    workspaces.close("me", "a1").unwrap();
    link(&place(state.path(), "me", "").with_file_name(ASIDE).join("left"));
    workspaces.sweep().unwrap();
    assert!(!root.exists() && other.path().join("kept").exists());
    assert_eq!(fs::read_dir(state.path().join(WORKSPACES).join(ASIDE)).unwrap().count(), 0);
}

#[test]
fn what_is_no_open_roots_is_removed_and_nothing_else() {
    let (state, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    fs::write(other.path().join("kept"), "x").unwrap();
    let workspaces = Workspaces::open(state.path()).unwrap();
    assert_eq!(workspaces.strays().unwrap(), Strays::default());
    for (principal, root) in [("me", "a1"), ("me", "b2"), ("you", "a1")] {
        workspaces.enter(&WorkspaceKey::new(principal, root).unwrap(), &plugin()).unwrap();
    }
    std::os::unix::fs::symlink(other.path(), state.path().join(WORKSPACES).join("link")).unwrap();
    fs::write(state.path().join(WORKSPACES).join("file"), "x").unwrap();
    let mut strays = workspaces.strays().unwrap();
    strays.spare("me", "b2");
    strays.spare("nobody", "a1");
    // Opened by another process, after the look and before the removal.
    let late = Workspaces::open(state.path()).unwrap();
    late.enter(&WorkspaceKey::new("you", "c3").unwrap(), &plugin()).unwrap();
    workspaces.remove(strays).unwrap();
    let stands = [("me", "a1"), ("me", "b2"), ("you", "a1"), ("you", "c3")]
        .map(|(principal, root)| place(state.path(), principal, root).exists());
    assert_eq!(stands, [false, true, false, true]);
    assert!(other.path().join("kept").exists() && state.path().join(WORKSPACES).join("file").exists());
}

#[test]
fn no_id_leads_elsewhere() {
    for id in ["", ".", "..", "a/b", "closed", "/"] {
        assert_eq!(WorkspaceKey::new("me", id), None, "{id}");
    }
}
