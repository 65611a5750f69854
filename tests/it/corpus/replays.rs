//! The ideas behind published holes of other MCP servers, against plugins that do the same jobs in the same careless way.
//!
//! Each payload is shown to be alive first: where there is a shell, or a file
//! system without a wall, it does its harm.

use std::{
    fs,
    process::{Command, Stdio},
};

use serde_json::{Value, json};

use super::{
    run::house,
    table::{Behaviour, Freed, Group, behaviour},
};
use crate::harness::{Era, House, Plugin};

/// One replay: which hole, what the server's job was, the tool that does it here, how a shell would be reached.
struct Injection {
    name: &'static str,
    tool: &'static str,
    program: &'static str,
    /// `CANARY` stands for a file that must not come to be.
    payload: &'static str,
}

const INJECTIONS: [Injection; 9] = [
    Injection {
        name: "CVE-2025-66401: a repository's URL in a shell's line",
        tool: "shell",
        program: "echo git clone",
        payload: "https://example.com/r.git; touch CANARY",
    },
    Injection {
        name: "CVE-2025-68144: an argument that is an option (git diff)",
        tool: "argument",
        program: "sort",
        payload: "--output=CANARY",
    },
    Injection {
        name: "CVE-2026-2178: a debugger's command in a shell's line",
        tool: "shell",
        program: "echo lldb -o",
        payload: "`touch CANARY`",
    },
    Injection {
        name: "CVE-2026-27203: a variable's value in a shell's line",
        tool: "shell",
        program: "export VALUE=",
        payload: "$(touch CANARY)",
    },
    Injection {
        name: "CVE-2026-25546: a project's path in a shell's line",
        tool: "shell",
        program: "echo godot --path",
        payload: "\"/p\"; touch CANARY; \"\"",
    },
    Injection {
        name: "CVE-2026-26029: arguments of a command line client",
        tool: "shell",
        program: "echo sf data query",
        payload: "-q x | touch CANARY",
    },
    Injection {
        name: "CVE-2026-0755: a prompt in a shell's line",
        tool: "shell",
        program: "echo gemini -p",
        payload: "x && touch CANARY",
    },
    Injection {
        name: "CVE-2026-2130: a user's parameter in a shell's line",
        tool: "shell",
        program: "echo run",
        payload: "x\ntouch CANARY",
    },
    Injection {
        name: "CVE-2026-2131: the same in a second function",
        tool: "shell",
        program: "echo run",
        payload: "x || true; touch CANARY #",
    },
];

impl Injection {
    fn behaviour(&self, house: &House) -> Behaviour {
        let canary = house.join("canary");
        let payload = self.payload.replace("CANARY", canary.to_str().expect("UTF-8"));
        let arguments = json!({"program": self.program, "argument": payload});
        let held = if self.tool == "shell" {
            format!("denied: no process; the line is text: {} {payload}", self.program)
        } else {
            format!("denied: no process; the argument is text: {payload}")
        };
        let (tool, program) = (self.tool, self.program);
        let harms = move || {
            let mut command = if tool == "shell" {
                let mut shell = Command::new("sh");
                shell.arg("-c").arg(format!("{program} {payload}"));
                shell
            } else {
                let mut command = Command::new(program);
                command.arg(&payload);
                command
            };
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            drop(command.status());
            fs::remove_file(&canary).is_ok()
        };
        behaviour(self.name, ("replays", self.tool), arguments, &held, Freed::Live(Box::new(harms)))
    }
}

pub fn group() -> Group {
    let mount = json!({"fs": [{"path": "./projects", "at": "/projects", "access": "read"}]});
    let plugin = Plugin::guest("replays").asks("[[asks.fs]]\nat = \"/projects\"\naccess = \"read\"\n").grants(mount);
    let house = house().with(&plugin);
    fs::create_dir(house.join("projects")).expect("a folder");
    fs::write(house.join("outside.txt"), "outside").expect("a file");
    let outside = house.join("projects/../outside.txt");
    let climbs = Freed::Live(Box::new(move || fs::read_to_string(&outside).is_ok_and(|text| text == "outside")));
    let record = |name: &str| json!({"name": name});
    let mut behaviours: Vec<Behaviour> = INJECTIONS.iter().map(|one| one.behaviour(&house)).collect();
    behaviours.extend([
        behaviour(
            "CVE-2026-25546: a project's path that climbs out",
            ("replays", "project"),
            json!({"path": "/projects/..", "file": "outside.txt"}),
            "denied: no such project",
            climbs,
        ),
        attribute("CVE-2026-25650: an attribute by a name of Python's", record("__class__.__init__.__globals__")),
        attribute("CVE-2026-25650: an attribute by a name of JavaScript's", record("constructor.prototype.polluted")),
    ]);
    Group { name: "replays of CVEs", house, behaviours, untouched: Box::new(untouched) }
}

fn attribute(name: &'static str, arguments: Value) -> Behaviour {
    let proper = Freed::Proper(json!({"name": "Owner.Name"}), "got: \"somebody\"".to_owned());
    behaviour(name, ("replays", "attribute"), arguments, "denied: no such attribute", proper)
}

/// No file came to be.
fn untouched(house: &House) {
    assert!(!house.join("canary").exists(), "a payload ran");
}

/// CVE-2026-27180: a listing alone plants a script in whoever shows it. Here
/// what is listed is signed text, and one that is more than text is not served.
#[test]
fn a_script_in_a_listing_keeps_its_plugin_out() {
    let house = House::new().with(&Plugin::guest("scripted")).with(&Plugin::guest("echo"));
    let server = house.serve();
    server.lines().wait_for(&["not loaded", "scripted", "found the HTML element"]);
    let client = server.client(Era::Modern);
    let request = client.http_request(&client.message("tools/list", json!({})));
    let response = server.exchange(&request);
    assert!(response.text().contains("echo_run") && !response.text().contains("<script>"), "{response:?}");
    assert!(!server.lines().have(&["the plugin printed"]), "it ran: {}", server.lines());
}
