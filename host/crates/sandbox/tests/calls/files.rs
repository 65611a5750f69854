//! Folders: granted, denied, and full.

use std::{fs, os::unix::fs::symlink};

use bulkhead_base::ByteSize;
use bulkhead_policy::Grants;

use crate::harness::{Bench, folder, grants};

fn writable(dir: &std::path::Path, quota: ByteSize, inodes: u64) -> Bench {
    let mut grants = grants(dir, &["fs=data:/data:rw"]);
    grants.fs[0].quota = quota;
    grants.fs[0].inodes = inodes;
    Bench::new(&grants)
}

#[tokio::test]
async fn without_a_grant_there_is_no_file() {
    let bench = Bench::new(&Grants::default());
    for path in ["/etc/passwd", "/data/old", "/proc/self/environ", "."] {
        assert!(bench.call("read", path).await.answer.is_err(), "{path}");
    }
}

#[tokio::test]
async fn a_folder_to_read_is_read_and_not_written() {
    let (dir, _) = folder();
    let bench = Bench::new(&grants(dir.path(), &["fs=data:/data:ro"]));
    assert_eq!(bench.text("read", "/data/old").await, "contents");
    assert_eq!(bench.text("list", "/data").await, "old");
    let told = bench.call("write", "/data/new 5").await;
    let denials = told.denials();
    assert_eq!(denials.len(), 1, "{denials:?}");
    let line = denials[0].allow_line.as_ref().unwrap();
    assert!(line.contains("plugins.probe.grants.fs") && line.contains("access: write"), "{line}");
    assert_eq!(told.error(), "PermissionDenied");
    for (tool, arguments) in [("remove", "/data/old"), ("mkdir", "/data/sub"), ("cut", "/data/old 0")] {
        assert!(bench.call(tool, arguments).await.answer.is_err(), "{tool}");
    }
    assert_eq!(bench.text("read", "/data/old").await, "contents");
}

#[tokio::test]
async fn a_folder_to_write_is_written() {
    let (dir, inside) = folder();
    let bench = writable(dir.path(), ByteSize::mib(1), 100);
    assert_eq!(bench.text("write", "/data/new 1000").await, "done");
    assert_eq!(bench.text("append", "/data/new 10").await, "done");
    assert_eq!(fs::metadata(inside.join("new")).unwrap().len(), 1010);
    assert_eq!(bench.text("cut", "/data/new 5").await, "done");
    assert_eq!(bench.text("mkdir", "/data/sub").await, "done");
    assert_eq!(bench.text("rename", "/data/new /data/sub/moved").await, "done");
    assert_eq!(bench.text("list", "/data/sub").await, "moved");
    assert_eq!(bench.text("write", "/data/old 3").await, "done");
    assert_eq!(fs::read(inside.join("old")).unwrap(), b"zzz", "an old file is truncated");
}

#[tokio::test]
async fn paths_do_not_lead_out() {
    let (dir, inside) = folder();
    fs::write(dir.path().join("secret"), "secret").unwrap();
    symlink("../secret", inside.join("up")).unwrap();
    symlink("/etc/passwd", inside.join("absolute")).unwrap();
    symlink("..", inside.join("folder")).unwrap();
    let bench = writable(dir.path(), ByteSize::mib(1), 100);
    for path in ["/data/../secret", "/data/up", "/data/absolute", "/data/folder/secret", "/data/../../etc/passwd"] {
        assert!(bench.call("read", path).await.answer.is_err(), "{path}");
        assert!(bench.call("write", &format!("{path} 3")).await.answer.is_err(), "{path}");
    }
    assert_eq!(fs::read_to_string(dir.path().join("secret")).unwrap(), "secret");
}

#[tokio::test]
async fn guests_make_no_links() {
    let (dir, inside) = folder();
    let bench = writable(dir.path(), ByteSize::mib(1), 100);
    for target in ["old", "../secret", "/etc/passwd"] {
        assert!(
            bench.error("symlink", &format!("{target} made")).await.contains("not permitted")
                || !inside.join("made").exists()
        );
        assert!(!inside.join("made").is_symlink());
    }
    assert!(bench.call("link", "/data/old /data/second").await.answer.is_err());
    assert!(!inside.join("second").exists());
}

#[tokio::test]
async fn a_file_with_a_name_outside_is_read_only() {
    let (dir, inside) = folder();
    fs::write(dir.path().join("outside"), "outside").unwrap();
    fs::hard_link(dir.path().join("outside"), inside.join("shared")).unwrap();
    let bench = writable(dir.path(), ByteSize::mib(1), 100);
    assert_eq!(bench.text("read", "/data/shared").await, "outside");
    for (tool, arguments) in [("write", "/data/shared 3"), ("append", "/data/shared 3"), ("cut", "/data/shared 0")] {
        assert_eq!(bench.error(tool, arguments).await, "PermissionDenied", "{tool}");
    }
    assert_eq!(fs::read_to_string(dir.path().join("outside")).unwrap(), "outside");
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "makes a FIFO")]
async fn a_fifo_holds_nobody() {
    let (dir, inside) = folder();
    let made = std::process::Command::new("mkfifo").arg(inside.join("fifo")).status().unwrap();
    assert!(made.success());
    let bench = writable(dir.path(), ByteSize::mib(1), 100);
    for (tool, arguments) in [("read", "/data/fifo"), ("write", "/data/fifo 3")] {
        assert_eq!(bench.error(tool, arguments).await, "PermissionDenied", "{tool}");
    }
}

#[tokio::test]
async fn the_quota_holds_for_every_way_to_write() {
    let (dir, inside) = folder();
    let bench = writable(dir.path(), ByteSize::kib(100), 100);
    assert_eq!(bench.text("write", "/data/a 60000").await, "done");
    for (tool, arguments) in
        [("write", "/data/b 60000"), ("append", "/data/a 60000"), ("grow", "/data/a 200000"), ("poke", "b")]
    {
        let error = bench.error(tool, arguments).await;
        assert!(!error.is_empty(), "{tool} went over the quota");
        let used: u64 = fs::read_dir(&inside).unwrap().map(|entry| entry.unwrap().metadata().unwrap().len()).sum();
        assert!(used <= 100 << 10, "{tool}: {used}");
        let _ = fs::remove_file(inside.join("b"));
    }
    assert_eq!(bench.text("remove", "/data/a").await, "done");
    assert_eq!(bench.text("write", "/data/b 60000").await, "done", "what was removed gives its room back");
}

#[tokio::test]
async fn inodes_run_out_too() {
    let (dir, _) = folder();
    let bench = writable(dir.path(), ByteSize::mib(1), 3);
    assert_eq!(bench.text("write", "/data/a 1").await, "done");
    assert_eq!(bench.text("mkdir", "/data/b").await, "done");
    assert!(bench.call("write", "/data/c 1").await.answer.is_err());
    assert!(bench.call("mkdir", "/data/c").await.answer.is_err());
}

#[tokio::test]
async fn open_files_run_out() {
    let (dir, _) = folder();
    let mut grants = grants(dir.path(), &["fs=data:/data:ro"]);
    grants.limits.handles = 40;
    let bench = Bench::new(&grants);
    assert_eq!(bench.text("open-many", "/data/old 20").await, "20");
    assert!(bench.call("open-many", "/data/old 60").await.answer.is_err());
}

#[tokio::test]
async fn removed_files_that_are_still_open_count() {
    let (dir, inside) = folder();
    let bench = writable(dir.path(), ByteSize::kib(200), 100);
    assert_eq!(bench.text("orphans", "/data/a 60000 3").await, "3");
    assert!(bench.call("orphans", "/data/a 60000 9").await.answer.is_err(), "nine files of 60 kB beside the quota");
    let _ = fs::remove_file(inside.join("a"));
    assert_eq!(bench.text("write", "/data/b 190000").await, "done", "closed files give their room back");
}

#[tokio::test]
async fn listings_run_out_and_come_back() {
    let (dir, _) = folder();
    let bench = Bench::new(&grants(dir.path(), &["fs=data:/data:ro"]));
    assert_eq!(bench.text("list-many", "16").await, "16");
    assert!(bench.call("list-many", "17").await.answer.is_err());
    for _ in 0..20 {
        assert_eq!(bench.text("list", "/data").await, "old");
    }
}
