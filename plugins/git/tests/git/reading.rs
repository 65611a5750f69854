//! Repositories of git's own making, read, and compared with what git says.

use std::fs;
use std::io::Write as _;

use bulkhead_plugin_git::{
    Diff, FileView, GitError, Log, MAX_PATCH_BYTES, MAX_SHOWN_BYTES, Repos, Repository, diff, log, refs, show_commit,
    show_path, status,
};

use crate::made::{Made, git};

fn open(made: &Made) -> Repository {
    let repos = Repos::at(made.path.parent().expect("a parent"));
    Repository::open(&repos, "made").expect("a repository")
}

fn ids(made: &Made, what: &Log) -> Vec<String> {
    log(&mut open(made), what).expect("a log").commits.into_iter().map(|commit| commit.id).collect()
}

/// What git lists, sorted where the order of one second is anybody's.
fn sorted(mut lines: Vec<String>) -> Vec<String> {
    lines.sort_unstable();
    lines
}

fn listed(made: &Made, args: &[&str]) -> Vec<String> {
    sorted(made.git(args).lines().map(str::to_owned).collect())
}

#[test]
fn history_is_what_git_tells_loose_and_packed() {
    let made = Made::with_history();
    for packed in [false, true] {
        if packed {
            made.git(&["gc", "-q"]);
        }
        assert_eq!(sorted(ids(&made, &Log::default())), listed(&made, &["rev-list", "HEAD"]));
        let first = Log { first_parent: true, ..Log::default() };
        assert_eq!(sorted(ids(&made, &first)), listed(&made, &["rev-list", "--first-parent", "HEAD"]));
        let range = Log { revision: Some("main".to_owned()), exclude: Some("topic".to_owned()), ..Log::default() };
        assert_eq!(sorted(ids(&made, &range)), listed(&made, &["rev-list", "topic..main"]));
        for path in ["src/one.txt", "src", "readme.md", "none"] {
            let of = Log { path: Some(path.to_owned()), first_parent: true, ..Log::default() };
            assert_eq!(
                sorted(ids(&made, &of)),
                listed(&made, &["rev-list", "--first-parent", "HEAD", "--", path]),
                "{path}"
            );
        }
    }
}

#[test]
fn a_commit_is_told_in_full() {
    let made = Made::with_history();
    let id = made.commit("Subject\n\nBody of it.", &[("new.txt", "n\n"), ("src/one.txt", "1\n")]);
    fs::remove_file(made.path.join("readme.md")).expect("a file");
    let second = made.commit("gone", &[]);
    let mut repository = open(&made);
    let shown = show_commit(&mut repository, &id[..9]).expect("a commit");
    assert_eq!((shown.line.id.as_str(), shown.line.subject.as_str()), (id.as_str(), "Subject"));
    assert_eq!(shown.message, "Subject\n\nBody of it.\n");
    assert_eq!((shown.line.author.as_str(), shown.line.email.as_str()), ("Ann Author", "ann@example.com"));
    assert_eq!((shown.line.date.as_str(), shown.committer.as_str()), ("2026-01-02T03:04:05+01:30", "Carl Committer"));
    let changes = |shown: bulkhead_plugin_git::Shown| -> Vec<String> {
        shown.changes.iter().map(|change| format!("{:?} {}", change.kind(), change.path())).collect()
    };
    assert_eq!(changes(shown), ["Added new.txt", "Modified src/one.txt"]);
    let shown = show_commit(&mut repository, &second).expect("a commit");
    assert_eq!(changes(shown), ["Deleted readme.md"]);
    let first = show_commit(&mut repository, "light").expect("a commit");
    assert_eq!(changes(first), ["Added readme.md", "Added src/one.txt"]);
}

#[test]
fn pages_follow_one_another() {
    let made = Made::empty();
    for number in 0..25 {
        made.commit(&format!("commit {number}"), &[("n.txt", &number.to_string())]);
    }
    let (mut all, mut skip) = (Vec::new(), 0);
    loop {
        let page = log(&mut open(&made), &Log { skip, limit: Some(10), ..Log::default() }).expect("a log");
        all.extend(page.commits.into_iter().map(|commit| commit.id));
        match page.next {
            Some(next) => skip = next,
            None => break,
        }
    }
    assert_eq!((all.len(), skip), (25, 20));
    assert_eq!(sorted(all), listed(&made, &["rev-list", "HEAD"]));
    assert_eq!(ids(&made, &Log::default()).len(), 20);
}

#[test]
fn revisions_are_what_git_takes_them_for() {
    let made = Made::with_history();
    let mut repository = open(&made);
    for revision in [
        "HEAD",
        "@",
        "main",
        "heads/main",
        "refs/heads/main",
        "topic",
        "light",
        "v1",
        "v1^{}",
        "tags/v1",
        "HEAD~1",
        "HEAD^2",
        "HEAD^",
        "HEAD~2",
        "main^2~1",
        "HEAD^0",
    ] {
        let ours = show_commit(&mut repository, revision).map(|shown| shown.line.id);
        assert_eq!(ours.as_ref(), Ok(&made.git(&["rev-parse", &format!("{revision}^{{commit}}")])), "{revision}");
    }
    for (revision, kind) in
        [("none", "NotFound"), ("HEAD~99", "NotFound"), ("HEAD^3", "NotFound"), ("-x", "Invalid"), ("a..b", "Invalid")]
    {
        let error = show_commit(&mut repository, revision).expect_err("an error");
        assert!(format!("{error:?}").starts_with(kind), "{revision}: {error:?}");
    }
    let blob = made.git(&["rev-parse", "HEAD:readme.md"]);
    assert!(matches!(show_commit(&mut repository, &blob), Err(GitError::Invalid(_))));
}

#[test]
fn branches_and_tags_are_listed() {
    let made = Made::with_history();
    made.git(&["pack-refs", "--all"]);
    made.git(&["branch", "feature/x"]);
    let list = refs(&mut open(&made)).expect("refs");
    let names = |lines: &[bulkhead_plugin_git::RefLine]| lines.iter().map(|line| line.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&list.branches), ["feature/x", "main", "topic"]);
    assert_eq!(names(&list.tags), ["light", "v1"]);
    assert_eq!((list.head_branch.as_deref(), list.shallow), (Some("main"), false));
    assert_eq!(list.tags[1].commit, made.git(&["rev-parse", "v1^{}"]));
}

#[test]
fn a_patch_is_the_one_that_git_writes() {
    let made = Made::empty();
    made.commit(
        "before",
        &[
            ("a.txt", "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n15\n16\n17\n18\n19\n20\n"),
            ("gone.txt", "gone\n"),
            ("ends.txt", "no end"),
            ("tab\tö.txt", "x\n"),
            ("empty.txt", ""),
            ("run.sh", "#!/bin/sh\n"),
            ("kind", "was a file\n"),
        ],
    );
    fs::remove_file(made.path.join("gone.txt")).expect("a file");
    fs::remove_file(made.path.join("kind")).expect("a file");
    made.git(&["update-index", "--chmod=+x", "run.sh"]);
    std::os::unix::fs::symlink("a.txt", made.path.join("link")).expect("a link");
    fs::set_permissions(made.path.join("run.sh"), std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("a mode");
    made.commit(
        "after",
        &[
            ("a.txt", "0\n1\n2\n3\n4\n5\nsix\n7\n8\n9\n10\n11\n12\n13\n14\n15\n16\n17\n18\n19\n"),
            ("ends.txt", "no end\nno more"),
            ("tab\tö.txt", "y\n"),
            ("empty.txt", "full\n"),
            ("new/deep/er.txt", "new\n"),
            ("kind/inner.txt", "now a folder\n"),
        ],
    );
    fs::write(made.path.join("bytes.bin"), [0, 1, 2]).expect("a file");
    made.commit("bytes", &[]);
    for (from, to) in [("HEAD~2", "HEAD"), ("HEAD", "HEAD~2"), ("HEAD~1", "HEAD")] {
        for context in [0, 1, 3, 50] {
            let what = Diff {
                from: Some(from.to_owned()),
                to: Some(to.to_owned()),
                context: Some(context),
                ..Diff::default()
            };
            let page = diff(&mut open(&made), &what).expect("a diff");
            let args = ["diff", "--histogram", "--no-renames", "--abbrev=7", &format!("-U{context}"), from, to];
            let expected = without_functions(&made.git(&args));
            assert_eq!(page.patch.trim_end_matches('\n'), expected, "{from} {to} {context}");
        }
    }
    // What the head did, and only below a path.
    let page = diff(
        &mut open(&made),
        &Diff { path: Some("new".to_owned()), from: Some("HEAD~2".to_owned()), ..Diff::default() },
    );
    let page = page.expect("a diff");
    assert_eq!(
        (page.files.len(), page.files[0].additions, page.files[0].change.path().as_str()),
        (1, 1, "new/deep/er.txt")
    );
    let own = diff(&mut open(&made), &Diff::default()).expect("a diff");
    assert_eq!((own.changed, own.files[0].left_out), (1, Some("binary")));
}

/// git adds the line of the function to the head of a hunk.
fn without_functions(patch: &str) -> String {
    let line = |line: &str| match line.strip_prefix("@@ ").and_then(|rest| rest.split_once(" @@")) {
        Some((range, _)) => format!("@@ {range} @@"),
        None => line.to_owned(),
    };
    patch.lines().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn git_applies_a_patch() {
    let made = Made::with_history();
    let what = Diff { from: Some("light".to_owned()), to: Some("main".to_owned()), ..Diff::default() };
    let page = diff(&mut open(&made), &what).expect("a diff");
    made.git(&["checkout", "-q", "light"]);
    git(&made.path, &["apply", "--index"], page.patch.as_bytes());
    assert_eq!(made.git(&["write-tree"]), made.git(&["rev-parse", "main^{tree}"]));
}

#[test]
fn a_long_patch_comes_in_parts() {
    let made = Made::empty();
    made.commit("none", &[]);
    let large = "a line of some length\n".repeat(MAX_PATCH_BYTES / 50);
    let names: Vec<String> = (0..7).map(|number| format!("f{number}.txt")).collect();
    let files: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), large.as_str())).collect();
    made.commit("many", &files);
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = diff(&mut open(&made), &Diff { after: after.clone(), ..Diff::default() }).expect("a diff");
        assert!(page.patch.len() <= MAX_PATCH_BYTES && page.changed == 7 && !page.files.is_empty());
        seen.extend(page.files.iter().map(|file| file.change.path()));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(seen, names);
    made.commit("huge", &[("huge.txt", &"x\n".repeat(MAX_PATCH_BYTES))]);
    let page = diff(&mut open(&made), &Diff::default()).expect("a diff");
    assert_eq!((page.files[0].left_out, page.patch.lines().last()), {
        (Some("large"), Some("Large files /dev/null and b/huge.txt differ"))
    });
}

#[test]
fn files_and_folders_of_a_revision_are_shown() {
    let made = Made::with_history();
    let long = "é".repeat(MAX_SHOWN_BYTES);
    made.commit("more", &[("long.txt", &long)]);
    fs::File::create(made.path.join("bytes")).and_then(|mut file| file.write_all(&[0xff, 0])).expect("a file");
    made.commit("bytes", &[]);
    let mut repository = open(&made);
    let mut show = |revision: &str, path: &str, offset| show_path(&mut repository, revision, path, offset);
    let Ok(FileView::File { content, size, next_offset, .. }) = show("light", "src/one.txt", 0) else {
        panic!("no file")
    };
    assert_eq!((content.as_str(), size, next_offset), ("1\n2\n3\n4\n5\n6\n7\n8\n9\n", 18, None));
    let Ok(FileView::Folder { entries }) = show("HEAD", "/", 0) else { panic!("no folder") };
    let names: Vec<_> = entries.iter().map(|entry| (entry.name.as_str(), entry.kind)).collect();
    let expected =
        [("bytes", "file"), ("long.txt", "file"), ("readme.md", "file"), ("src", "folder"), ("é \"q\".txt", "file")];
    assert_eq!(names, expected);
    let Ok(FileView::File { content, is_base64, .. }) = show("HEAD", "bytes", 0) else { panic!("no file") };
    assert_eq!((content.as_str(), is_base64), ("/wA=", true));
    let (mut offset, mut together) = (0, String::new());
    while let Ok(FileView::File { content, next_offset, .. }) = show("HEAD", "long.txt", offset) {
        together.push_str(&content);
        match next_offset {
            Some(next) => offset = next,
            None => break,
        }
    }
    assert!(together == long);
    assert!(matches!(show("HEAD", "none", 0), Err(GitError::NotFound(_))));
    assert!(matches!(show("HEAD", "readme.md/x", 0), Err(GitError::NotFound(_))));
    assert!(matches!(show("HEAD", "../readme.md", 0), Err(GitError::Invalid(_))));
}

#[test]
fn the_working_tree_is_compared() {
    let made = Made::with_history();
    let clean = status(&mut open(&made)).expect("a status");
    assert!(clean.modified.is_empty() && clean.deleted.is_empty() && clean.untracked.is_empty() && clean.complete);
    fs::write(made.path.join("src/one.txt"), "other\n").expect("a file");
    fs::remove_file(made.path.join("readme.md")).expect("a file");
    fs::create_dir_all(made.path.join("fresh/inner")).expect("a folder");
    fs::write(made.path.join("fresh/inner/a"), "a").expect("a file");
    fs::write(made.path.join("src/b"), "b").expect("a file");
    let status = status(&mut open(&made)).expect("a status");
    assert_eq!((status.modified, status.deleted), (vec!["src/one.txt".to_owned()], vec!["readme.md".to_owned()]));
    assert_eq!(status.untracked, ["fresh/", "src/b"]);
}

#[test]
fn a_repository_without_commits_or_files_is_told_of() {
    let made = Made::empty();
    let empty = log(&mut open(&made), &Log::default());
    assert!(matches!(&empty, Err(GitError::NotFound(text)) if text.contains("nothing was committed")), "{empty:?}");
    assert_eq!(refs(&mut open(&made)).expect("refs").head, None);
    assert!(status(&mut open(&made)).expect("a status").complete);

    let made = Made::with_history();
    let parent = made.path.parent().expect("a parent");
    git(parent, &["clone", "-q", "--bare", "made", "bare.git"], b"");
    let mut bare = Repository::open(&Repos::at(parent), "bare.git").expect("a repository");
    assert_eq!(log(&mut bare, &Log::default()).expect("a log").commits.len(), 4);
    assert!(matches!(status(&mut bare), Err(GitError::Invalid(_))));
}

#[test]
fn other_formats_say_that_they_are_not_read() {
    let dir = tempfile::tempdir().expect("a folder");
    git(dir.path(), &["init", "-q", "--object-format=sha256", "made"], b"");
    let made = dir.path().join("made");
    fs::write(made.join("a"), "a").expect("a file");
    git(&made, &["add", "a"], b"");
    git(&made, &["commit", "-q", "-m", "a"], b"");
    let repos = Repos::at(dir.path());
    let error = Repository::open(&repos, "made").err().map(|error| error.to_string());
    assert!(error.as_ref().is_some_and(|error| error.contains("SHA-256")), "{error:?}");
}
