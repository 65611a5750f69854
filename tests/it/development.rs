//! `bulkhead dev`: who builds, and who serves. That it builds at all is the
//! gate's first step.

use std::{fs, path::Path};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use tempfile::TempDir;

use crate::harness::{Era, Server, binary::bulkhead, wait_until};

/// A project with one source, which does not compile.
fn project() -> TempDir {
    let project = tempfile::tempdir().expect("a folder");
    let source = project.path().join("plugins/broken");
    fs::create_dir_all(source.join("src")).expect("a folder");
    fs::write(source.join("plugin.toml"), "name = \"broken\"\n").expect("a file");
    fs::write(source.join("Cargo.toml"), "[package\n").expect("a file");
    project
}

fn dev(project: &Path) -> Server {
    let mut command = bulkhead();
    command.args(["dev", "--listen", "127.0.0.1:0"]).current_dir(project);
    let server = Server::spawn(command);
    wait_until("it listens", || server.lines().listening().is_some());
    server
}

/// The one process that it has started.
fn builder(server: &Server) -> u32 {
    let path = format!("/proc/{0}/task/{0}/children", server.id());
    let children = fs::read_to_string(path).expect("its children");
    children.trim().parse().unwrap_or_else(|_| panic!("one child, not {children:?}"))
}

fn seccomp(process: u32) -> String {
    let status = fs::read_to_string(format!("/proc/{process}/status")).expect("its status");
    status.lines().find_map(|line| line.strip_prefix("Seccomp:\t")).expect("the line").to_owned()
}

#[test]
fn what_serves_is_confined_and_what_builds_is_another_process() {
    let project = project();
    let server = dev(project.path());
    server.lines().wait_for(&["broken: left out", "it does not compile"]);
    let builder = builder(&server);
    assert_eq!((seccomp(server.id()), seccomp(builder)), ("2".to_owned(), "0".to_owned()));
    drop(server);
    wait_until("it ends with what it builds for", || !Path::new(&format!("/proc/{builder}")).exists());
}

#[test]
fn without_the_process_that_builds_what_is_served_goes_on() {
    let project = project();
    let server = dev(project.path());
    let builder = builder(&server);
    kill_process(Pid::from_raw(builder.cast_signed()).expect("an id"), Signal::KILL).expect("it is ours");
    fs::write(project.path().join("plugins/broken/Cargo.toml"), "[package]\n").expect("a file");
    server.lines().wait_for(&["the process that builds has ended; start `bulkhead dev` again"]);
    assert!(server.client(Era::Modern).request("tools/list", json!({})).is_ok());
}
