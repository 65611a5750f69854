#![allow(
    unsafe_code,
    clippy::disallowed_methods,
    reason = "what a thread that got out of the sandbox would try has no safe name, and goes round every check"
)]
//! Each thing is tried by a thread that gave it up, and by one that did not:
//! what fails in both would prove nothing.

use std::{
    env, fs, io,
    net::{TcpListener, TcpStream, ToSocketAddrs as _, UdpSocket},
    os::unix::{fs::symlink, process::ExitStatusExt as _},
    path::{Path, PathBuf},
    process::Command,
    thread,
};

use libc::c_long;
use tempfile::TempDir;

use super::{Needs, Outside, Reach, Service, Wall, forbid_dumps, restrict};
use crate::config::{Config, KeptRoot, PluginEntry};

/// Something that is done with files below a folder.
type Act = fn(&Path) -> io::Result<()>;

/// Tells a child of these tests what to try.
const TRY: &str = "BULKHEAD_TEST_CALL";

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
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let needs = Needs::of(&config, Service { http: Some(([127, 0, 0, 1], 0).into()), locked: false });
    let denied = Some(io::ErrorKind::PermissionDenied);
    confined(needs, move || {
        assert_eq!(dial(), [None, denied]);
        assert_eq!(TcpListener::bind(free).map(drop).map_err(|error| error.kind()).err(), denied);
        assert!(TcpListener::bind("127.0.0.1:0").is_ok());
    });
    assert_eq!(freely(dial), [None, None]);
    assert!(TcpListener::bind(free).is_ok());
}

fn call(number: c_long, arguments: [c_long; 4]) -> Result<c_long, i32> {
    let [a, b, c, d] = arguments;
    // SAFETY: every call of these tests takes no pointer, or a null one.
    match unsafe { libc::syscall(number, a, b, c, d) } {
        -1 => Err(io::Error::last_os_error().raw_os_error().unwrap_or_default()),
        done => Ok(done),
    }
}

#[test]
fn system_calls_that_no_server_needs_are_not_there() {
    let c = c_long::from;
    let none: c_long = 0;
    let writable_code = c(libc::PROT_READ | libc::PROT_WRITE | libc::PROT_EXEC);
    let code = c(libc::PROT_READ | libc::PROT_EXEC);
    let page = |protection| (libc::SYS_mprotect, [none, none, protection, none]);
    let socket = |family, kind| (libc::SYS_socket, [c(family), c(kind), none, none]);
    let table = [
        ("personality", (libc::SYS_personality, [0xffff_ffff, 0, 0, 0]), false),
        ("netlink", socket(libc::AF_NETLINK, libc::SOCK_RAW), false),
        ("packets", socket(libc::AF_PACKET, libc::SOCK_RAW), false),
        ("vsock", socket(libc::AF_VSOCK, libc::SOCK_STREAM), false),
        ("stream", socket(libc::AF_INET6, libc::SOCK_STREAM | libc::SOCK_CLOEXEC), true),
        ("datagram", socket(libc::AF_INET, libc::SOCK_DGRAM | libc::SOCK_NONBLOCK), true),
        ("writable code", page(writable_code), false),
        ("code", page(code), true),
        ("signal to another", (libc::SYS_kill, [1, 0, 0, 0]), false),
        ("terminal input", (libc::SYS_ioctl, [0, 0x5412, 0, 0]), false),
        ("limits", (libc::SYS_setrlimit, [c(libc::RLIMIT_CORE.cast_signed()), 0, 0, 0]), false),
        ("dumpable", (libc::SYS_prctl, [c(libc::PR_SET_DUMPABLE), 1, 0, 0]), false),
        ("own name", (libc::SYS_prctl, [c(libc::PR_GET_DUMPABLE), 0, 0, 0]), true),
        ("new root", (libc::SYS_chdir, [0, 0, 0, 0]), false),
    ];
    let missing = Err(libc::ENOSYS);
    let (_folder, config) = folders();
    for (name, (number, arguments), needed) in table {
        let needs = Needs::of(&config, Service::default());
        assert_eq!(confined(needs, move || call(number, arguments)) != missing, needed, "{name}");
        assert_ne!(freely(move || call(number, arguments)), missing, "{name}");
    }
}

#[test]
fn no_other_program_is_started() {
    let (_folder, config) = folders();
    let run = || Command::new("/bin/true").status().map(|status| status.success());
    assert!(confined(Needs::of(&config, Service::default()), run).is_err());
    assert!(freely(run).unwrap());
}

/// What is tried by a child, since the process ends by it.
const FATAL: [(&str, c_long); 10] = [
    ("execve", libc::SYS_execve),
    ("ptrace", libc::SYS_ptrace),
    ("process_vm_readv", libc::SYS_process_vm_readv),
    ("mount", libc::SYS_mount),
    ("unshare", libc::SYS_unshare),
    ("bpf", libc::SYS_bpf),
    ("keyctl", libc::SYS_keyctl),
    ("open_by_handle_at", libc::SYS_open_by_handle_at),
    ("io_uring_setup", libc::SYS_io_uring_setup),
    ("userfaultfd", libc::SYS_userfaultfd),
];

#[test]
fn an_intruders_calls_end_the_process() {
    for (name, _) in FATAL {
        for (manner, ends) in [("confined", true), ("freely", false)] {
            let mut child = Command::new(env::current_exe().unwrap());
            child.args(["--exact", "confine::tests::a_child_tries", "--ignored"]).env(TRY, format!("{manner} {name}"));
            let ended = child.output().unwrap().status;
            assert_eq!(ended.signal() == Some(libc::SIGSYS), ends, "{manner} {name}: {ended}");
        }
    }
}

#[test]
#[ignore = "started by an_intruders_calls_end_the_process"]
fn a_child_tries() {
    let told = env::var(TRY).unwrap();
    let (manner, name) = told.split_once(' ').unwrap();
    let (_, number) = FATAL.into_iter().find(|(known, _)| *known == name).unwrap();
    if manner == "confined" {
        let (_folder, config) = folders();
        assert!(restrict(&Needs::of(&config, Service::default())).calls.is_ok());
    }
    // Zero would have the parent trace, and wait for, this thread.
    let request = if name == "ptrace" { 17 } else { 0 };
    let _ = call(number, [request, 0, 0, 0]);
    forbid_dumps();
    assert_eq!(call(libc::SYS_prctl, [c_long::from(libc::PR_GET_DUMPABLE), 0, 0, 0]), Ok(0));
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
