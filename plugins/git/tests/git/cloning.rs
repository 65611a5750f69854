//! Clones, compared with what git makes of them.

use std::cell::{Cell, RefCell};
use std::fs;
use std::path::Path;

use bulkhead_plugin_git::{Cloned, GitError, Repos, Request, Watch, clone};
use tempfile::TempDir;

use crate::made::{Made, git};
use crate::server::{Net, Said, Server, upload_pack};

/// Somebody who waits, perhaps not for long.
#[derive(Default)]
pub(crate) struct Patience {
    told: RefCell<Vec<f64>>,
    gone: Cell<bool>,
}

impl Watch for Patience {
    fn tell(&self, part: f64, _doing: &str) {
        self.told.borrow_mut().push(part);
    }

    fn cancelled(&self) -> bool {
        self.gone.get()
    }
}

/// A folder for clones.
pub(crate) struct Into {
    dir: TempDir,
}

impl Into {
    pub(crate) fn new() -> Self {
        Self { dir: tempfile::tempdir().expect("a folder") }
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn repos(&self) -> Repos {
        Repos::at(self.path())
    }

    pub(crate) fn clone(&self, request: &Request) -> Result<Cloned, GitError> {
        clone(&self.repos(), &Net::default(), request, &Patience::default())
    }

    /// Whether nothing is left.
    pub(crate) fn is_empty(&self) -> bool {
        fs::read_dir(self.path()).expect("a folder").count() == 0
    }
}

pub(crate) fn of(server: &Server) -> Request {
    Request { url: server.url(), ..Request::default() }
}

#[test]
fn git_finds_a_clone_whole_and_clean() {
    let made = Made::with_history();
    let into = Into::new();
    let cloned = into.clone(&of(&Server::serving(&made.path))).expect("a clone");
    let path = into.path().join("made");
    assert_eq!(cloned.commit.map(|id| id.to_string()), Some(made.git(&["rev-parse", "HEAD"])));
    assert_eq!((cloned.name.as_str(), cloned.branch.as_deref(), cloned.files), ("made", Some("main"), 4));
    git(&path, &["fsck", "--strict", "--full"], b"");
    assert_eq!(git(&path, &["status", "--porcelain"], b""), "");
    assert_eq!(git(&path, &["rev-parse", "--abbrev-ref", "main@{upstream}"], b""), "origin/main");
    assert_eq!(git(&path, &["rev-parse", "v1", "v1^{}", "origin/topic", "light"], b""), {
        made.git(&["rev-parse", "v1", "v1^{}", "topic", "light"])
    });
    assert_eq!(fs::read_to_string(path.join("é \"q\".txt")).expect("a file"), "q\n");
    assert_eq!(fs::read_dir(path.join(".git/objects/pack")).expect("packs").count(), 2);
}

#[test]
fn a_shallow_clone_has_one_commit() {
    let made = Made::with_history();
    let into = Into::new();
    let request = Request { depth: Some(1), folder: Some("small".to_owned()), ..of(&Server::serving(&made.path)) };
    let cloned = into.clone(&request).expect("a clone");
    let path = into.path().join("small");
    assert!(cloned.shallow);
    git(&path, &["fsck", "--full"], b"");
    assert_eq!(git(&path, &["rev-list", "--count", "HEAD"], b""), "1");
    assert_eq!(git(&path, &["status", "--porcelain"], b""), "");
    assert_eq!(git(&path, &["branch", "-r"], b""), "  origin/main");
}

#[test]
fn a_branch_or_tag_is_checked_out() {
    let made = Made::with_history();
    let server = Server::serving(&made.path);
    let into = Into::new();
    for (name, branch) in [("topic", Some("topic")), ("v1", None), ("light", None)] {
        let request = Request { branch: Some(name.to_owned()), folder: Some(name.to_owned()), ..of(&server) };
        let cloned = into.clone(&request).expect("a clone");
        let expected = made.git(&["rev-parse", &format!("{name}^{{}}")]);
        assert_eq!((cloned.branch.as_deref(), cloned.commit.map(|id| id.to_string())), (branch, Some(expected)));
        assert_eq!(git(&into.path().join(name), &["status", "--porcelain"], b""), "");
    }
    let request = Request { branch: Some("none".to_owned()), folder: Some("x".to_owned()), ..of(&server) };
    assert!(matches!(into.clone(&request), Err(GitError::NotFound(_))));
}

#[test]
fn chains_of_deltas_are_unfolded() {
    let made = Made::empty();
    let lines =
        |seed: usize| -> String { (0..3_000).map(|line| format!("{line} {}\n", (line * 7 + seed) % 911)).collect() };
    let mut text = lines(0);
    for version in 0..60 {
        text.replace_range(version * 20..version * 20 + 5, "-----");
        made.commit("more", &[("big.txt", &text), ("small.txt", &lines(version))]);
    }
    made.git(&["repack", "-a", "-d", "-f", "-q", "--depth=50", "--window=30"]);
    let into = Into::new();
    into.clone(&of(&Server::serving(&made.path))).expect("a clone");
    let path = into.path().join("made");
    git(&path, &["fsck", "--strict", "--full"], b"");
    assert_eq!(git(&path, &["rev-list", "--objects", "HEAD"], b""), made.git(&["rev-list", "--objects", "HEAD"]));
}

#[test]
fn an_empty_repository_is_cloned() {
    let made = Made::empty();
    let into = Into::new();
    let cloned = into.clone(&of(&Server::serving(&made.path))).expect("a clone");
    assert_eq!((cloned.commit, cloned.objects, cloned.branch.as_deref()), (None, 0, Some("main")));
    assert_eq!(git(&into.path().join("made"), &["status", "--porcelain"], b""), "");
}

#[test]
fn files_may_be_left_out() {
    let made = Made::with_history();
    let into = Into::new();
    let request = Request { no_checkout: true, ..of(&Server::serving(&made.path)) };
    assert_eq!(into.clone(&request).expect("a clone").files, 0);
    assert_eq!(fs::read_dir(into.path().join("made")).expect("a folder").count(), 1);
}

#[test]
fn a_redirect_is_a_request_of_its_own() {
    let made = Made::with_history();
    let target = Server::serving(&made.path);
    let location = format!("{}/info/refs?service=git-upload-pack", target.url());
    let first = Server::of(move |_| Said { status: 301, location: Some(location.clone()), ..Said::default() });
    let (into, net) = (Into::new(), Net::default());
    let request = Request { url: format!("{}/old", first.address), ..Request::default() };
    clone(&into.repos(), &net, &request, &Patience::default()).expect("a clone");
    let asked = net.asked.borrow();
    assert!(
        asked[0].starts_with(&first.address) && asked[1..].iter().all(|url| url.starts_with(&target.url())),
        "{asked:?}"
    );
    let config = fs::read_to_string(into.path().join("old/.git/config")).expect("a file");
    assert!(config.contains(&format!("url = {}\n", target.url())), "{config}");
}

#[test]
fn progress_rises_and_a_call_that_is_given_up_leaves_nothing() {
    let made = Made::with_history();
    let server = Server::serving(&made.path);
    let (into, patience) = (Into::new(), Patience::default());
    clone(&into.repos(), &Net::default(), &of(&server), &patience).expect("a clone");
    let told = patience.told.borrow().clone();
    assert!(told.len() >= 2 && told.is_sorted() && told.iter().all(|part| (0.0..=1.0).contains(part)), "{told:?}");

    patience.gone.set(true);
    let into = Into::new();
    let given_up = clone(&into.repos(), &Net::default(), &of(&server), &patience);
    assert!(matches!(given_up, Err(GitError::Failed(text)) if text.contains("cancelled")));
    assert!(into.is_empty());
}

#[test]
fn what_is_there_is_never_written_over() {
    let made = Made::with_history();
    let server = Server::serving(&made.path);
    let into = Into::new();
    fs::create_dir(into.path().join("made")).expect("a folder");
    assert!(matches!(into.clone(&of(&server)), Err(GitError::Invalid(_))));
    assert_eq!(fs::read_dir(into.path()).expect("a folder").count(), 1);
    for folder in ["../x", "/tmp/x", ".git", "a/b", "-x", ""] {
        let request = Request { folder: Some(folder.to_owned()), ..of(&server) };
        assert!(matches!(into.clone(&request), Err(GitError::Invalid(_))), "{folder}");
    }
}

#[test]
fn hooks_filters_and_configuration_of_a_repository_are_inert() {
    let made = Made::empty();
    let program = made.path.join(".git/hooks/post-checkout");
    fs::write(&program, "#!/bin/sh\ntouch /tmp/bulkhead-git-hook-ran\n").expect("a hook");
    made.commit(
        "attributes",
        &[
            (".gitattributes", "* filter=evil diff=evil merge=evil text eol=crlf ident\n"),
            (".gitmodules", "[submodule \"x\"]\n\tpath = x\n\turl = ext::sh -c id\n\tupdate = !id\n"),
            (".gitconfig", "[core]\n\tsshCommand = id\n"),
            ("file.txt", "$Id$\n"),
        ],
    );
    let into = Into::new();
    into.clone(&of(&Server::serving(&made.path))).expect("a clone");
    let path = into.path().join("made");
    assert_eq!(fs::read_to_string(path.join("file.txt")).expect("a file"), "$Id$\n");
    assert!(!path.join(".git/hooks").exists() && !path.join(".git/modules").exists());
    let config = fs::read_to_string(path.join(".git/config")).expect("a file");
    assert!(["filter", "submodule", "sshCommand", "hooksPath"].iter().all(|word| !config.contains(word)), "{config}");
}

#[test]
fn a_server_that_answers_slowly_or_oddly_is_told_apart() {
    let made = Made::with_history();
    let path = made.path.clone();
    // An old server: version 0 of the protocol.
    let old = Server::of(move |asked| {
        let mut said = upload_pack(&path, asked);
        said.body =
            b"001e# service=git-upload-pack\n0000003fdeadbeefdeadbeefdeadbeefdeadbeefdeadbeef refs/heads/main\n0000"
                .to_vec();
        said
    });
    let error = Into::new().clone(&of(&old)).expect_err("an old server").to_string();
    assert!(error.contains("version 2"), "{error}");
}
