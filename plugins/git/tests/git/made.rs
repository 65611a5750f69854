//! Repositories that the system's git makes.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// A repository with a working tree.
pub(crate) struct Made {
    _dir: TempDir,
    pub(crate) path: PathBuf,
}

impl Made {
    /// One without commits.
    pub(crate) fn empty() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("made");
        fs::create_dir(&path).expect("a folder");
        git(&path, &["init", "-q", "-b", "main"], b"");
        Self { _dir: dir, path }
    }

    /// One with three commits, a branch that was merged, and two tags.
    pub(crate) fn with_history() -> Self {
        let made = Self::empty();
        made.commit("first", &[("readme.md", "# Title\n"), ("src/one.txt", "1\n2\n3\n4\n5\n6\n7\n8\n9\n")]);
        made.git(&["tag", "light"]);
        made.git(&["checkout", "-q", "-b", "topic"]);
        made.commit("on a topic", &[("src/two.txt", "two\n")]);
        made.git(&["checkout", "-q", "main"]);
        made.commit("second", &[("src/one.txt", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n"), ("é \"q\".txt", "q\n")]);
        made.git(&["merge", "-q", "--no-ff", "-m", "merge topic", "topic"]);
        made.git(&["tag", "-a", "v1", "-m", "the first version"]);
        made
    }

    /// Writes files and commits them.
    pub(crate) fn commit(&self, message: &str, files: &[(&str, &str)]) -> String {
        for (name, text) in files {
            let path = self.path.join(name);
            fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
            fs::write(path, text).expect("a file");
        }
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// Commits a tree of raw bytes, as no git would write it.
    pub(crate) fn commit_tree(&self, entries: &[(&str, &[u8], &str)]) -> String {
        let tree = self.tree(entries);
        let commit = self.git(&["commit-tree", "-m", "hostile", &tree]);
        self.git(&["update-ref", "refs/heads/main", &commit]);
        commit
    }

    /// Writes a tree of raw bytes.
    pub(crate) fn tree(&self, entries: &[(&str, &[u8], &str)]) -> String {
        let mut bytes = Vec::new();
        for (mode, name, id) in entries {
            bytes.extend_from_slice(mode.as_bytes());
            bytes.push(b' ');
            bytes.extend_from_slice(name);
            bytes.push(0);
            bytes.extend((0..20).map(|at| u8::from_str_radix(&id[2 * at..2 * at + 2], 16).expect("hex digits")));
        }
        git(&self.path, &["hash-object", "-t", "tree", "-w", "--stdin", "--literally"], &bytes)
    }

    /// Writes a file's contents.
    pub(crate) fn blob(&self, text: &str) -> String {
        git(&self.path, &["hash-object", "-w", "--stdin"], text.as_bytes())
    }

    /// Runs git in it, and gives what it said.
    pub(crate) fn git(&self, args: &[&str]) -> String {
        git(&self.path, args, b"")
    }
}

/// Runs git in `dir`, and gives what it said without the last line feed.
#[expect(clippy::disallowed_methods, reason = "the system's git is what the plugin is compared with")]
pub(crate) fn git(dir: &Path, args: &[&str], input: &[u8]) -> String {
    let mut child = Command::new("git")
        .args(args)
        .current_dir(dir)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", dir)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_AUTHOR_NAME", "Ann Author")
        .env("GIT_AUTHOR_EMAIL", "ann@example.com")
        .env("GIT_AUTHOR_DATE", "2026-01-02T03:04:05+0130")
        .env("GIT_COMMITTER_NAME", "Carl Committer")
        .env("GIT_COMMITTER_EMAIL", "carl@example.com")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("git is installed");
    child.stdin.take().expect("an input").write_all(input).expect("input");
    let output = child.wait_with_output().expect("an end");
    assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim_end_matches('\n').to_owned()
}
