//! Files outside of what was granted, and more of them than was granted.

use std::{fs, os::unix::fs::symlink};

use serde_json::{Value, json};

use super::{
    run::house,
    table::{Behaviour, Freed, Group, Look, behaviour},
};
use crate::harness::{House, Plugin};

const ASKS: &str = "[[asks.fs]]\nat = \"*\"\naccess = \"write\"\n";
const EPERM: &str = "denied: Operation not permitted, similar to `EPERM` in POSIX.";
const HELD: &str = "denied: PermissionDenied: Operation not permitted (os error 63)";

fn furnished() -> House {
    let folder = |name: &str, access: &str, quota: &str, inodes: u32| json!({"path": format!("./{name}"), "at": format!("/{name}"), "access": access, "quota": quota, "inodes": inodes});
    let open = folder("open", "write", "1MiB", 64);
    let shown = json!({"path": "./shown", "at": "/shown", "access": "read"});
    let many = folder("many", "write", "1MiB", 16);
    let limits = json!({"time": "60s", "cpu": "30s", "handles": 4000});
    let probe = Plugin::guest("fs_probe").asks(ASKS).grants(json!({"fs": [open, shown, many]})).limits(limits.clone());
    let host = Plugin::guest("hostile_host").asks(ASKS).grants(json!({"fs": [open]})).limits(limits);
    let mut house = house().with(&probe).with(&host);
    let hidden = json!({"path": "./hidden", "at": "/hidden", "access": "read"});
    house.also("fs-probe", "fs-hidden", json!({"grants": {"fs": [open, hidden]}}));
    house.also("fs-probe", "fs-written", json!({"grants": {"fs": [open, folder("shown", "write", "1MiB", 64)]}}));
    house.also("fs-probe", "fs-roomy", json!({"grants": {"fs": [folder("open", "write", "64MiB", 64)]}}));
    house.also("fs-probe", "fs-many", json!({"grants": {"fs": [folder("many", "write", "1MiB", 1024)]}}));
    for name in ["open", "shown", "many", "hidden"] {
        fs::create_dir(house.join(name)).expect("a folder");
    }
    for (path, text) in [
        ("open/mine.txt", "mine"),
        ("open/moved.txt", "moved"),
        ("shown/seen.txt", "seen"),
        ("hidden/secret.txt", "the secret"),
    ] {
        fs::write(house.join(path), text).expect("a file");
    }
    symlink("../hidden/secret.txt", house.join("open/link")).expect("a link");
    symlink("..", house.join("open/out")).expect("a link");
    fs::hard_link(house.join("hidden/secret.txt"), house.join("open/twin.txt")).expect("a link");
    let fifo = house.join("open/fifo");
    rustix::fs::mknodat(rustix::fs::CWD, &fifo, rustix::fs::FileType::Fifo, 0o600.into(), 0).expect("a FIFO");
    house
}

fn step(name: &'static str, steps: Value, held: &str, freed: Freed) -> Behaviour {
    behaviour(name, ("fs-probe", "run"), json!({"steps": steps}), held, freed).looking(Look::LastStep)
}

fn open(name: &'static str, path: &str, held: &str, freed: Freed) -> Behaviour {
    behaviour(name, ("hostile-host", "open"), json!({"path": path}), held, freed)
}

pub fn group() -> Group {
    let house = furnished();
    let without = |defence, shows: &str| Freed::Without(defence, shows.to_owned());
    let setting = |entry, shows: &str| Freed::Setting(entry, shows.to_owned());
    let secret = || without("beneath", "got: the secret");
    let absolute = house.join("hidden/secret.txt");
    let absolute = absolute.to_str().expect("UTF-8");
    let over = 1024 * 1024 + 1;
    let files: Vec<Value> =
        (0..20).map(|n| json!({"op": "write", "path": format!("/many/f{n}"), "text": ""})).collect();
    let behaviours = vec![
        open("a path that climbs out", "../hidden/secret.txt", EPERM, secret()),
        open("a path from the root", absolute, EPERM, secret()),
        open("a link that leads out", "link", EPERM, secret()),
        open("a link on the way", "out/hidden/secret.txt", EPERM, secret()),
        open("the host's own key", "../key.pem", EPERM, without("beneath", "PRIVATE KEY")),
        open("a FIFO that nobody writes to", "fifo", EPERM, without("special", "got: ")),
        step(
            "a folder that no grant names",
            json!([{"op": "read", "path": "/hidden/secret.txt"}]),
            "denied: NotFound: No such file or directory (os error 44)",
            setting("fs-hidden", "got: the secret"),
        ),
        step(
            "making a link that leads out",
            json!([{"op": "symlink", "path": "../hidden/secret.txt", "to": "/open/made"}]),
            "denied: Other: Operation not permitted, similar to `EPERM` in POSIX.",
            without("links", "got: done"),
        ),
        step(
            "giving a file a second name",
            json!([{"op": "hard_link", "path": "/open/mine.txt", "to": "/open/second.txt"}]),
            HELD,
            without("links", "got: done"),
        ),
        step(
            "writing through a second name",
            json!([{"op": "append", "path": "/open/twin.txt", "text": "x"}]),
            HELD,
            without("names", "got: done"),
        ),
        step(
            "writing where reading was granted",
            json!([{"op": "write", "path": "/shown/new.txt", "text": "x"}]),
            HELD,
            setting("fs-written", "got: done"),
        ),
        step(
            "removing where reading was granted",
            json!([{"op": "remove", "path": "/shown/seen.txt"}]),
            HELD,
            setting("fs-written", "got: done"),
        ),
        step(
            "moving a file from grant to grant",
            json!([{"op": "rename", "path": "/open/moved.txt", "to": "/many/moved.txt"}]),
            "denied: CrossesDevices: Cross-device link (os error 75)",
            without("mounts", "got: done"),
        ),
        step(
            "writing past the quota",
            json!([{"op": "write", "path": "/open/big", "bytes": over}]),
            "denied: Uncategorized: I/O error (os error 29)",
            setting("fs-roomy", "got: done"),
        ),
        step(
            "a file with a hole past the quota",
            json!([{"op": "write", "path": "/open/hole", "bytes": 1}, {"op": "truncate", "path": "/open/hole", "bytes": over}]),
            "denied: QuotaExceeded: Quota exceeded (os error 19)",
            setting("fs-roomy", "got: done"),
        ),
        step(
            "more files than the quota",
            json!(files),
            "denied: QuotaExceeded: Quota exceeded (os error 19)",
            setting("fs-many", "got: done"),
        ),
        behaviour(
            "listings without end",
            ("hostile-host", "listings"),
            json!({"count": 40}),
            "denied: after 16",
            without("listings", "got: 40"),
        ),
        behaviour(
            "the plugin's every descriptor",
            ("hostile-host", "descriptors"),
            json!({"count": 600}),
            "denied: Not enough space, similar to `ENOMEM` in POSIX.",
            without("descriptors", "got: 600"),
        ),
    ];
    Group { name: "filesystem", house, behaviours, untouched: Box::new(untouched) }
}

fn untouched(house: &House) {
    assert_eq!(fs::read_to_string(house.join("hidden/secret.txt")).expect("the file"), "the secret");
    assert_eq!(fs::read_dir(house.join("shown")).expect("the folder").count(), 1);
    for path in ["open/made", "open/second.txt", "many/moved.txt"] {
        assert!(fs::symlink_metadata(house.join(path)).is_err(), "{path}");
    }
    for name in ["big", "hole"] {
        let left = fs::metadata(house.join("open").join(name)).map_or(0, |found| found.len());
        assert!(left <= 1024 * 1024, "{name}: {left} bytes");
        drop(fs::remove_file(house.join("open").join(name)));
    }
}
