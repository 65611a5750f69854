//! The jobs of servers that were broken into, each done by a plugin in the way that was the hole: arguments from the
//! client put into a command line, a path or a look-up by name as they are.

use std::{fs, process::Command};

use bulkhead_sdk::prelude::*;

#[derive(Deserialize, JsonSchema)]
struct Line {
    /// The program and its first arguments.
    program: String,
    /// What the client chose.
    argument: String,
}

#[derive(Deserialize, JsonSchema)]
struct Project {
    path: String,
    file: String,
}

#[derive(Deserialize, JsonSchema)]
struct Field {
    name: String,
}

/// Puts the argument into a shell's command line.
#[tool]
fn shell(args: Line) -> String {
    let line = format!("{} {}", args.program, args.argument);
    match Command::new("sh").arg("-c").arg(&line).output() {
        Ok(output) => format!("got: it ran: {}", String::from_utf8_lossy(&output.stdout)),
        Err(_) => format!("denied: no process; the line is text: {line}"),
    }
}

/// Hands the argument to a program as an argument of its own, which may begin with a hyphen.
#[tool]
fn argument(args: Line) -> String {
    let mut words = args.program.split(' ');
    let program = words.next().unwrap_or_default();
    match Command::new(program).args(words).arg(&args.argument).output() {
        Ok(output) => format!("got: it ran: {}", String::from_utf8_lossy(&output.stdout)),
        Err(_) => format!("denied: no process; the argument is text: {}", args.argument),
    }
}

/// Reads a project's file, wherever the client says that the project is.
#[tool]
fn project(args: Project) -> String {
    match fs::read_to_string(format!("{}/{}", args.path, args.file)) {
        Ok(text) => format!("got: {text}"),
        Err(_) => "denied: no such project".to_owned(),
    }
}

/// Looks an attribute up by whatever name the client says.
#[tool]
fn attribute(args: Field) -> String {
    let record = json!({"Name": "Acme", "Id": "001", "Owner": {"Name": "somebody"}});
    match record.pointer(&format!("/{}", args.name.replace('.', "/"))) {
        Some(value) => format!("got: {value}"),
        None => "denied: no such attribute".to_owned(),
    }
}

plugin!(shell, argument, project, attribute);
