//! System calls and programs.

#![allow(unsafe_code, reason = "what whoever got out of the sandbox would call has no safe name")]

use std::{env, io, os::unix::process::ExitStatusExt as _, process::Command};

use libc::c_long;

use super::{Needs, Service, confined, folders, freely, restrict};
use crate::confine::{forbid_dumps, landlock};

/// Tells a child of these tests what to try.
const TRY: &str = "BULKHEAD_TEST_CALL";

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
    let of = |kind, protocol| (libc::SYS_socket, [c(libc::AF_INET), c(kind), c(protocol), none]);
    let shared = c(libc::MAP_SHARED | libc::MAP_ANONYMOUS);
    let table = [
        ("personality", (libc::SYS_personality, [0xffff_ffff, 0, 0, 0]), false),
        ("netlink", socket(libc::AF_NETLINK, libc::SOCK_RAW), false),
        ("packets", socket(libc::AF_PACKET, libc::SOCK_RAW), false),
        ("vsock", socket(libc::AF_VSOCK, libc::SOCK_STREAM), false),
        ("stream", socket(libc::AF_INET6, libc::SOCK_STREAM | libc::SOCK_CLOEXEC), true),
        ("datagram", socket(libc::AF_INET, libc::SOCK_DGRAM | libc::SOCK_NONBLOCK), true),
        ("TCP", of(libc::SOCK_STREAM, libc::IPPROTO_TCP), true),
        ("TCP of several paths", of(libc::SOCK_STREAM, libc::IPPROTO_MPTCP), false),
        ("another protocol", of(libc::SOCK_DGRAM, libc::IPPROTO_ICMP), false),
        ("another program's socket", socket(libc::AF_UNIX, libc::SOCK_STREAM), false),
        ("a message to it", socket(libc::AF_UNIX, libc::SOCK_DGRAM), false),
        ("dialling by sending", (libc::SYS_sendto, [-1, 0, 0, c(libc::MSG_FASTOPEN)]), false),
        ("the same", (libc::SYS_sendmsg, [-1, 0, c(libc::MSG_FASTOPEN), 0]), false),
        ("and again", (libc::SYS_sendmmsg, [-1, 0, 0, c(libc::MSG_FASTOPEN)]), false),
        ("sending", (libc::SYS_sendto, [-1, 0, 0, c(libc::MSG_NOSIGNAL)]), true),
        ("shared code", (libc::SYS_mmap, [none, 4096, code, shared]), false),
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

#[test]
fn no_other_program_is_started_by_who_gave_up_files_alone() {
    let (_folder, config) = folders();
    let run = || Command::new("/bin/true").status().map(|status| status.success());
    let needs = Needs::of(&config, Service::default());
    let told = freely(move || {
        assert!(landlock::restrict(&needs).whole);
        run().map_err(|error| error.kind())
    });
    assert_eq!(told, Err(io::ErrorKind::PermissionDenied));
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
            child
                .args(["--exact", "confine::tests::calls::a_child_tries", "--ignored"])
                .env(TRY, format!("{manner} {name}"));
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
    forbid_dumps().unwrap();
    assert_eq!(call(libc::SYS_prctl, [c_long::from(libc::PR_GET_DUMPABLE), 0, 0, 0]), Ok(0));
}
