//! Repositories and servers that mean harm.

use std::fs;

use bulkhead_plugin_git::{
    Cloned, Diff, GitError, MAX_OBJECT_BYTES, MAX_OBJECTS, Repository, Request, diff, log, show_commit, show_path,
    status,
};

use crate::cloning::{Into, of};
use crate::made::Made;
use crate::pack::{BLOB, COMMIT, Pack, TREE, copying, hex, id, stored};
use crate::server::{Said, Server, git_says};

/// A server with one branch, whose pack is these bytes.
fn serving_pack(head: &str, pack: Vec<u8>) -> Server {
    let listing = line(&format!("{head} HEAD symref-target:refs/heads/main\n"))
        + &line(&format!("{head} refs/heads/main\n"))
        + "0000";
    Server::of(move |asked| {
        if asked.target.ends_with("service=git-upload-pack") {
            let body = line("version 2\n") + &line("ls-refs\n") + &line("fetch=shallow\n") + "0000";
            Said { body: body.into_bytes(), ..git_says("advertisement") }
        } else if asked.body.windows(7).any(|part| part == b"ls-refs") {
            Said { body: listing.clone().into_bytes(), ..git_says("result") }
        } else {
            let mut body = line("packfile\n").into_bytes();
            for part in pack.chunks(60_000) {
                body.extend(format!("{:04x}\x01", part.len() + 5).into_bytes());
                body.extend_from_slice(part);
            }
            body.extend_from_slice(b"0000");
            Said { body, ..git_says("result") }
        }
    })
}

fn line(text: &str) -> String {
    format!("{:04x}{text}", text.len() + 4)
}

/// A pack of a commit with one file, and the name of the commit.
fn one_file(contents: &[u8]) -> (Pack, String) {
    let mut pack = Pack::new();
    let tree = [b"100644 file\0".to_vec(), id("blob", contents).to_vec()].concat();
    let commit = format!("tree {}\nauthor A <a> 1 +0000\ncommitter A <a> 1 +0000\n\nx\n", hex(&id("tree", &tree)));
    pack.whole(COMMIT, commit.as_bytes());
    pack.whole(TREE, &tree);
    (pack, hex(&id("commit", commit.as_bytes())))
}

/// Clones what must not be cloned, and sees that nothing is left of it.
fn refused(server: &Server) -> GitError {
    let into = Into::new();
    let refused = into.clone(&of(server)).expect_err("a refusal");
    assert!(into.is_empty(), "{refused}");
    refused
}

fn cloned(head: &str, pack: &Pack) -> (Into, Result<Cloned, GitError>) {
    let into = Into::new();
    let cloned = into.clone(&of(&serving_pack(head, pack.finish())));
    (into, cloned)
}

#[test]
fn a_tree_writes_nothing_outside_and_nothing_into_git() {
    let made = Made::empty();
    let blob = made.blob("evil\n");
    let evil = made.tree(&[("100644", b"config", &blob)]);
    for (mode, name, id) in [
        ("40000", &b".git"[..], &evil),
        ("40000", b".GIT", &evil),
        ("40000", b".Git ", &evil),
        ("40000", b"git~1", &evil),
        ("40000", b"GIT~1", &evil),
        ("40000", b".git::$INDEX_ALLOCATION", &evil),
        ("40000", ".g\u{200c}it".as_bytes(), &evil),
        ("40000", b"..", &evil),
        ("40000", b".", &evil),
        ("100644", b"../evil", &blob),
        ("100644", b"/tmp/evil", &blob),
        ("100644", b"a/b", &blob),
        ("100644", b"..\\evil", &blob),
        ("100644", b"C:evil", &blob),
        ("100644", b"a\nb", &blob),
        ("100644", b"\xff\xfe", &blob),
        ("120000", b".gitmodules", &blob),
        ("160000", b".git", &blob),
    ] {
        made.commit_tree(&[(mode, name, id)]);
        let error = refused(&Server::serving(&made.path));
        let told = String::from_utf8_lossy(name);
        assert!(matches!(&error, GitError::Denied(_)), "{told:?}: {error}");
    }
    let deep = made.tree(&[("40000", b".GIT", &evil)]);
    made.commit_tree(&[("40000", b"sub", &deep)]);
    let error = refused(&Server::serving(&made.path)).to_string();
    assert!(error.contains("\"sub/.GIT\""), "{error}");
}

#[test]
fn a_tree_that_is_not_written_can_still_be_looked_at() {
    let made = Made::empty();
    let blob = made.blob("evil\n");
    made.commit_tree(&[("100644", b"../evil", &blob)]);
    let into = Into::new();
    into.clone(&Request { no_checkout: true, ..of(&Server::serving(&made.path)) }).expect("a clone");
    let mut repository = Repository::open(&into.repos(), "made").expect("a repository");
    let shown = show_commit(&mut repository, "HEAD").expect("a commit");
    assert_eq!(shown.changes[0].path(), "../evil");
    assert!(matches!(show_path(&mut repository, "HEAD", "../evil", 0), Err(GitError::Invalid(_))));
}

#[test]
fn links_are_plain_files_and_submodules_empty_folders() {
    let made = Made::empty();
    let target = made.blob("/etc/passwd");
    let inner = made.tree(&[("100644", b"x", &made.blob("x\n"))]);
    made.commit_tree(&[("120000", b"link", &target), ("40000", b"sub", &inner), ("160000", b"zmod", &"1".repeat(40))]);
    let into = Into::new();
    into.clone(&of(&Server::serving(&made.path))).expect("a clone");
    let link = into.path().join("made/link");
    assert!(fs::symlink_metadata(&link).expect("a file").is_file());
    assert_eq!(fs::read_to_string(&link).expect("a file"), "/etc/passwd");
    assert_eq!(fs::read_dir(into.path().join("made/zmod")).expect("a folder").count(), 0);
    assert_eq!(crate::made::git(&into.path().join("made"), &["status", "--porcelain"], b""), "");
    let mut repository = Repository::open(&into.repos(), "made").expect("a repository");
    let status = status(&mut repository).expect("a status");
    assert!(status.modified.is_empty() && status.untracked.is_empty() && status.deleted.is_empty(), "{status:?}");
}

#[test]
fn one_name_twice_is_refused() {
    // A link first, and then a folder of its name: what is written below would follow it.
    let made = Made::empty();
    let target = made.blob("/tmp");
    let inner = made.tree(&[("100644", b"x", &target)]);
    made.commit_tree(&[("120000", b"a", &target), ("40000", b"a", &inner)]);
    let error = refused(&Server::serving(&made.path));
    assert!(matches!(&error, GitError::Denied(text) if text.contains("twice")), "{error}");
}

#[test]
fn trees_that_hold_each_other_end() {
    let made = Made::empty();
    let mut tree = made.tree(&[("100644", b"x", &made.blob("boom\n"))]);
    for _ in 0..12 {
        let names: Vec<Vec<u8>> = (0..12).map(|name| format!("d{name:02}").into_bytes()).collect();
        let entries: Vec<(&str, &[u8], &str)> =
            names.iter().map(|name| ("40000", name.as_slice(), tree.as_str())).collect();
        tree = made.tree(&entries);
    }
    made.commit_tree(&[("40000", b"bomb", &tree)]);
    let into = Into::new();
    into.clone(&Request { no_checkout: true, ..of(&Server::serving(&made.path)) }).expect("a clone");
    let mut repository = Repository::open(&into.repos(), "made").expect("a repository");
    for error in [
        show_commit(&mut repository, "HEAD").err(),
        diff(&mut repository, &Diff::default()).err(),
        status(&mut repository).err(),
    ] {
        assert!(matches!(&error, Some(GitError::Failed(_))), "{error:?}");
    }
    assert_eq!(log(&mut repository, &Default::default()).expect("a log").commits.len(), 1);
}

#[test]
fn a_folder_that_is_too_deep_is_refused() {
    let made = Made::empty();
    let mut tree = made.tree(&[("100644", b"x", &made.blob("deep\n"))]);
    for _ in 0..80 {
        tree = made.tree(&[("40000", b"d", &tree)]);
    }
    made.commit_tree(&[("40000", b"d", &tree)]);
    assert!(matches!(refused(&Server::serving(&made.path)), GitError::Denied(_)));
}

#[test]
fn a_delta_bomb_ends_in_an_error() {
    let base = vec![b'a'; 60_000];
    let mut size = base.len();
    let (mut pack, head) = one_file(b"x");
    let mut at = pack.whole(BLOB, &base);
    // Each version is 50 of the one before: after four, more than anybody holds.
    for _ in 0..4 {
        let copies = vec![(0, u32::try_from(size).expect("a size").min(0x00ff_ffff)); 50];
        at = pack.delta_at(at, &copying(size, &copies));
        size = copies.iter().map(|(_, length)| *length as usize).sum();
    }
    let error = refused(&serving_pack(&head, pack.finish()));
    assert!(matches!(&error, GitError::Failed(text) if text.contains("at most")), "{error}");
}

#[test]
fn many_large_versions_of_a_small_pack_end_in_an_error() {
    // 300 deltas of some bytes that are 16 MiB each.
    let base = vec![b'a'; 65_536];
    let (mut pack, head) = one_file(b"x");
    let at = pack.whole(BLOB, &base);
    for version in 0..300 {
        let mut copies = vec![(0, 65_536); MAX_OBJECT_BYTES / 65_536 - 1];
        copies.push((version, 1));
        pack.delta_at(at, &copying(base.len(), &copies));
    }
    let error = refused(&serving_pack(&head, pack.finish()));
    assert!(matches!(&error, GitError::Failed(text) if text.contains("unfolds to more than")), "{error}");
}

#[test]
fn an_object_that_lies_about_its_size_is_refused() {
    for (said, data) in [(10, vec![b'a'; 1_000_000]), (1_000_000, vec![b'a'; 10]), (0, vec![b'a'; 1]), (1, vec![])] {
        let (mut pack, head) = one_file(b"x");
        pack.entry(BLOB, said, &[], &data);
        let error = refused(&serving_pack(&head, pack.finish()));
        assert!(error.to_string().contains("damaged"), "{said}: {error}");
    }
    let (mut pack, head) = one_file(b"x");
    pack.entry(BLOB, MAX_OBJECT_BYTES + 1, &[], b"a");
    assert!(refused(&serving_pack(&head, pack.finish())).to_string().contains("at most"));
    let (pack, head) = one_file(b"x");
    let error = refused(&serving_pack(&head, pack.finish_saying(MAX_OBJECTS + 1)));
    assert!(error.to_string().contains("at most"), "{error}");
    for kind in [0, 5] {
        let (mut pack, head) = one_file(b"x");
        pack.entry(kind, 1, &[], b"a");
        refused(&serving_pack(&head, pack.finish()));
    }
}

#[test]
fn deltas_of_nothing_and_of_each_other_are_refused() {
    let (mut pack, head) = one_file(b"x");
    pack.delta_of([7; 20], &copying(1, &[(0, 1)]));
    assert!(refused(&serving_pack(&head, pack.finish())).to_string().contains("not in it"));

    let (mut pack, head) = one_file(b"x");
    let whole = pack.whole(BLOB, b"x");
    pack.delta_at(whole - 3, &copying(1, &[(0, 1)]));
    assert!(refused(&serving_pack(&head, pack.finish())).to_string().contains("nothing"));

    // A delta of its own result: no order unfolds it.
    let (mut pack, head) = one_file(b"x");
    pack.delta_of(id("blob", b"zz"), &copying(2, &[(0, 2)]));
    assert!(refused(&serving_pack(&head, pack.finish())).to_string().contains("not in it"));
}

#[test]
fn a_delta_by_name_may_stand_before_its_base() {
    let (mut pack, head) = one_file(b"xx");
    pack.delta_of(id("blob", b"x"), &copying(1, &[(0, 1), (0, 1)]));
    pack.whole(BLOB, b"x");
    let (into, cloned) = cloned(&head, &pack);
    assert_eq!(cloned.expect("a clone").objects, 4);
    assert_eq!(fs::read(into.path().join("made/file")).expect("a file"), b"xx");
}

#[test]
fn one_object_twice_is_refused() {
    // The second is a delta of itself, by name.
    for delta in [copying(1, &[(0, 1)]), copying(1, &[(0, 1), (0, 1)])] {
        let (mut pack, head) = one_file(b"xx");
        for _ in 0..3 {
            pack.whole(BLOB, b"x");
            pack.delta_of(id("blob", b"x"), &delta);
        }
        let error = refused(&serving_pack(&head, pack.finish()));
        assert!(error.to_string().contains("twice"), "{error}");
    }
}

#[test]
fn a_chain_of_deltas_without_end_is_refused() {
    let (mut pack, head) = one_file(b"x");
    let mut at = pack.whole(BLOB, b"x");
    for _ in 0..5_000 {
        at = pack.delta_at(at, &copying(1, &[(0, 1)]));
    }
    assert!(refused(&serving_pack(&head, pack.finish())).to_string().contains("chain"));
}

#[test]
fn a_pack_that_is_cut_off_or_altered_is_refused() {
    let (mut pack, head) = one_file(b"x");
    pack.whole(BLOB, b"x");
    let bytes = pack.finish();
    assert!(cloned(&head, &pack).1.is_ok());
    for length in 0..bytes.len() {
        refused(&serving_pack(&head, bytes[..length].to_vec()));
    }
    for place in 0..bytes.len() {
        let mut altered = bytes.clone();
        altered[place] ^= 0x21;
        refused(&serving_pack(&head, altered));
    }
    refused(&serving_pack(&head, [bytes, vec![0]].concat()));
}

#[test]
fn a_head_that_is_not_in_the_pack_is_refused() {
    let (mut pack, _) = one_file(b"x");
    pack.whole(BLOB, b"x");
    let error = refused(&serving_pack(&"1".repeat(40), pack.finish()));
    assert!(matches!(error, GitError::NotFound(_)), "{error}");
}

#[test]
fn a_commit_where_a_file_should_be_is_refused() {
    let (mut pack, head) = one_file(b"x");
    pack.whole(BLOB, b"x");
    let blob = hex(&id("blob", b"x"));
    assert!(refused(&serving_pack(&blob, pack.finish())).to_string().contains("expected"));
    // The same with the head as it should be is a clone.
    assert!(cloned(&head, &pack).1.is_ok());
}

#[test]
fn a_loose_object_is_bounded_too() {
    let made = Made::with_history();
    let bomb = "ab".repeat(20);
    let folder = made.path.join(".git/objects/ab");
    fs::create_dir_all(&folder).expect("a folder");
    let said = format!("blob {}\0", u64::MAX);
    fs::write(folder.join(&bomb[2..]), stored(said.as_bytes())).expect("an object");
    let repos = bulkhead_plugin_git::Repos::at(made.path.parent().expect("a parent"));
    let mut repository = Repository::open(&repos, "made").expect("a repository");
    assert!(matches!(show_commit(&mut repository, &bomb), Err(GitError::Failed(_))));
}

#[test]
fn what_leads_out_of_a_repository_is_not_followed() {
    let made = Made::with_history();
    let parent = made.path.parent().expect("a parent");
    let repos = bulkhead_plugin_git::Repos::at(parent);
    let open = |name: &str| Repository::open(&repos, name).err();

    // A file `.git` that names another place, and a link.
    fs::create_dir(parent.join("linked")).expect("a folder");
    fs::write(parent.join("linked/.git"), "gitdir: ../made/.git\n").expect("a file");
    assert!(matches!(open("linked"), Some(GitError::NotFound(_))));
    std::os::unix::fs::symlink(&made.path, parent.join("alias")).expect("a link");
    assert!(matches!(open("alias"), Some(GitError::NotFound(_))));
    fs::create_dir(parent.join("half")).expect("a folder");
    std::os::unix::fs::symlink(made.path.join(".git"), parent.join("half/.git")).expect("a link");
    assert!(matches!(open("half"), Some(GitError::NotFound(_))));
    for name in ["../made", "/etc", "", ".", "made/../made", "made/.git"] {
        assert!(matches!(open(name), Some(GitError::Invalid(_))), "{name}");
    }
    assert_eq!(repos.names().expect("names"), ["made"]);

    // Objects elsewhere.
    let other = Made::with_history();
    let wanted = other.commit("elsewhere", &[("x", "y\n")]);
    fs::create_dir_all(made.path.join(".git/objects/info")).expect("a folder");
    let alternates = other.path.join(".git/objects").display().to_string();
    fs::write(made.path.join(".git/objects/info/alternates"), alternates).expect("a file");
    let mut repository = Repository::open(&repos, "made").expect("a repository");
    assert!(matches!(show_commit(&mut repository, &wanted), Err(GitError::NotFound(_))));
}
