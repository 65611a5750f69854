//! Each thing is tried by a thread that gave it up, and by one that did not:
//! what fails in both would prove nothing.

#![allow(clippy::disallowed_methods, reason = "whoever got out of the sandbox goes round every check")]

mod calls;

use std::{
    fs, io,
    net::{TcpListener, TcpStream, ToSocketAddrs as _, UdpSocket},
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    thread,
};

use tempfile::TempDir;

use super::{Needs, Outside, Reach, Service, Wall, confine, restrict};
use crate::config::{Config, Hardening, KeptRoot, PluginEntry};

/// Something that is done with files below a folder.
type Act = fn(&Path) -> io::Result<()>;

fn freely<T: Send + 'static>(act: impl FnOnce() -> T + Send + 'static) -> T {
    thread::spawn(act).join().unwrap()
}

fn confined<T: Send + 'static>(needs: Needs, act: impl FnOnce() -> T + Send + 'static) -> T {
    freely(move || {
        let report = restrict(&needs);
        assert!(report.files.whole, "{:?}", report.files);
        assert_eq!((report.calls.is_ok(), report.privileges), (true, true));
        act()
    })
}

/// A server's folder, a folder that is granted for writing, and one that is not
/// granted at all.
fn folders() -> (TempDir, Config) {
    let folder = tempfile::tempdir().unwrap();
    for name in ["server/state", "data/sub", "elsewhere", "later"] {
        fs::create_dir_all(folder.path().join(name)).unwrap();
    }
    for name in ["server/mcp.yaml", "data/a", "elsewhere/secret", "elsewhere/old"] {
        fs::write(folder.path().join(name), "x").unwrap();
    }
    let mut config = Config::for_dev(&folder.path().join("server"), ([127, 0, 0, 1], 0).into());
    config.plugins.push(mounting(&folder.path().join("data")));
    (folder, config)
}

fn mounting(path: &Path) -> PluginEntry {
    let mut entry = PluginEntry::bare("file".parse().unwrap(), path.join("../server/file.wasm"));
    let line = format!("fs={}:/data:write", path.display());
    line.parse::<bulkhead_policy::GivenGrant>().unwrap().add_to(&mut entry.grants, Path::new("/"));
    entry
}

/// Which of `acts` are refused.
fn refused(base: &Path, acts: &[(&'static str, Act)]) -> Vec<&'static str> {
    let denied =
        |error: &io::Error| matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::Unsupported);
    acts.iter().filter(|(_, act)| act(base).is_err_and(|error| denied(&error))).map(|(name, _)| *name).collect()
}

#[test]
fn files_beyond_those_that_are_named_are_out_of_reach() {
    let (folder, config) = folders();
    let base = folder.path().to_owned();
    let forbidden: [(&str, Act); 9] = [
        ("read", |at| fs::read(at.join("elsewhere/secret")).map(drop)),
        ("list", |at| fs::read_dir(at.join("elsewhere")).map(drop)),
        ("users", |_| fs::read("/etc/passwd").map(drop)),
        ("make", |at| fs::write(at.join("elsewhere/new"), "x")),
        ("remove", |at| fs::remove_file(at.join("elsewhere/old"))),
        ("move out", |at| fs::rename(at.join("data/sub"), at.join("elsewhere/sub"))),
        ("make a folder beside the configuration", |at| fs::create_dir(at.join("server/new"))),
        ("link", |at| symlink("/etc/passwd", at.join("data/link"))),
        ("through a link", |at| fs::read(at.join("server/link")).map(drop)),
    ];
    symlink(base.join("elsewhere/secret"), base.join("server/link")).unwrap();
    let names: Vec<&str> = forbidden.iter().map(|(name, _)| *name).collect();
    let (needs, at) = (Needs::of(&config, Service::default()), base.clone());
    assert_eq!(confined(needs, move || refused(&at, &forbidden)), names);
    assert_eq!(freely(move || refused(&base, &forbidden)), Vec::<&str>::new());
}

#[test]
fn what_serving_takes_stays_within_reach() {
    let (folder, config) = folders();
    let base = folder.path().to_owned();
    let needed: [(&str, Act); 7] = [
        ("configuration", |at| fs::read(at.join("server/mcp.yaml")).map(drop)),
        ("lock", |at| {
            fs::write(at.join("server/mcp.lock.tmp"), "x")?;
            fs::rename(at.join("server/mcp.lock.tmp"), at.join("server/mcp.lock"))
        }),
        ("state", |at| {
            fs::create_dir_all(at.join("server/state/store"))
                .and_then(|()| fs::write(at.join("server/state/store/a"), "x"))
        }),
        ("data", |at| fs::read(at.join("data/a")).map(drop)),
        ("change", |at| fs::write(at.join("data/a"), "yy")),
        ("move", |at| fs::rename(at.join("data/a"), at.join("data/sub/a"))),
        ("remove", |at| fs::remove_dir_all(at.join("data/sub"))),
    ];
    let needs = Needs::of(&config, Service::default());
    confined(needs, move || {
        for (name, act) in needed {
            act(&base).unwrap_or_else(|error| panic!("{name}: {error}"));
        }
        assert_eq!(
            ("localhost", 80).to_socket_addrs().map(|found| found.count() > 0).ok(),
            Some(true),
            "names resolve"
        );
        thread::spawn(|| UdpSocket::bind("127.0.0.1:0").map(drop)).join().unwrap().unwrap();
    });
}

#[test]
fn a_locked_server_does_not_write_beside_its_configuration() {
    let (folder, config) = folders();
    let lock = folder.path().join("server/mcp.lock");
    let needs = Needs::of(&config, Service { locked: true, ..Service::default() });
    let written = confined(needs, move || fs::write(lock, "x"));
    assert_eq!(written.unwrap_err().kind(), io::ErrorKind::PermissionDenied);
}

#[test]
fn only_ports_that_are_named_are_dialled_and_listened_on() {
    let (_folder, mut config) = folders();
    let listeners = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    let [granted, other] = listeners.each_ref().map(|listener| listener.local_addr().unwrap());
    let line = format!("tcp={granted}");
    line.parse::<bulkhead_policy::GivenGrant>().unwrap().add_to(&mut config.plugins[0].grants, Path::new("/"));
    let dial = move || [granted, other].map(|address| TcpStream::connect(address).map_err(|error| error.kind()).err());
    let free = || TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let needs = Needs::of(&config, Service { http: Some(([127, 0, 0, 1], 0).into()), locked: false });
    let denied = Some(io::ErrorKind::PermissionDenied);
    confined(needs, move || {
        assert_eq!(dial(), [None, denied]);
        assert_eq!(TcpListener::bind(free()).map(drop).map_err(|error| error.kind()).err(), denied);
        assert!(TcpListener::bind("127.0.0.1:0").is_ok());
    });
    assert_eq!(freely(dial), [None, None]);
    // Somebody else may be given one of them meanwhile.
    assert!((0..9).any(|_| TcpListener::bind(free()).is_ok()));
}

#[test]
fn an_older_kernel_holds_less_unless_all_of_it_is_required() {
    let (folder, mut config) = folders();
    let elsewhere = mounting(&folder.path().join("elsewhere"));
    // Whoever is confined cannot do it again: the calls are not there, as on an older kernel.
    confined(Needs::of(&config, Service::default()), move || {
        let (wall, report) = confine(&config, Service::default()).unwrap();
        let told = report.missing().join("; ");
        for what in ["no Landlock", "system calls are not confined", "core dumps cannot"] {
            assert!(told.contains(what), "{told}");
        }
        config.plugins.push(elsewhere);
        assert_eq!(wall.refuses(&config), [], "what is not held is not refused");
        config.hardening.require = true;
        let unmet = confine(&config, Service::default()).unwrap_err().to_string();
        assert!(unmet.starts_with("hardening.require is true in mcp.yaml, and files and ports are not"), "{unmet}");
        config.hardening = Hardening { enabled: false, ..Hardening::default() };
        let (_, report) = confine(&config, Service::default()).unwrap();
        assert_eq!(
            (report.to_string(), report.missing()),
            ("not confined: hardening.enabled is false".to_owned(), vec![])
        );
    });
}

#[test]
fn a_later_configuration_may_need_what_was_kept_and_no_more() {
    let (folder, mut config) = folders();
    let (later, elsewhere) = (folder.path().join("later"), folder.path().join("elsewhere"));
    config.hardening.roots = vec![KeptRoot { path: later.clone(), access: Default::default() }];
    config.hardening.ports = vec![5432];
    let wall = Wall::around(&Needs::of(&config, Service::default()), Service::default());
    assert_eq!(wall.refuses(&config), []);
    let places = |path: PathBuf| {
        let mut config = config.clone();
        config.plugins.push(mounting(&path));
        wall.refuses(&config)
    };
    let outside = |path: &Path| Outside::Place {
        line: "plugins.file.grants.fs".to_owned(),
        path: path.to_owned(),
        reach: Reach::Write,
    };
    assert_eq!(places(folder.path().join("data/sub")), []);
    assert_eq!(places(later.clone()), [outside(&later)], "kept for reading alone");
    assert_eq!(places(elsewhere.clone()), [outside(&elsewhere)]);
    fs::rename(folder.path().join("data"), folder.path().join("moved")).unwrap();
    fs::create_dir_all(folder.path().join("data/sub")).unwrap();
    let again = folder.path().join("data/sub");
    assert!(places(again.clone()).contains(&outside(&again)), "another folder of the same name is another folder");
    let ports = |line: &str| {
        let mut config = config.clone();
        config.plugins.clear();
        let mut entry = PluginEntry::bare("net".parse().unwrap(), config.folder().join("net.wasm"));
        line.parse::<bulkhead_policy::GivenGrant>().unwrap().add_to(&mut entry.grants, Path::new("/"));
        config.plugins.push(entry);
        wall.refuses(&config)
    };
    assert_eq!(ports("tcp=db.internal:5432"), []);
    assert_eq!(ports("http=https://a.example"), []);
    let outside = Outside::Port { line: "plugins.net.grants.tcp".to_owned(), port: 25 };
    assert_eq!(ports("tcp=mail.internal:25"), [outside]);
    assert_eq!(Wall::none(Service::default()).refuses(&config), []);
}
