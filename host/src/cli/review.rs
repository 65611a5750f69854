//! A plugin in words, before somebody says yes to it.
//!
//! **Invariant:** whatever the plugin's author wrote goes through `display::safe`.

use bulkhead_base::ByteSize;
use bulkhead_package::{
    Access, Contract, HttpRequest, Manifest, Package, RequestedLimits, Requests, Scheme, SkillContract, TaskSupport,
    ToolAnnotations, ToolContract,
    component::Surface,
    display::{safe, safe_lines},
};

use bulkhead_registry::{MAX_ARRAY_ITEMS, MAX_STRING_BYTES, check_wording, corrections_if_granted};

use super::{
    schema,
    terminal::{Terminal, Tone},
};

const INDENT: &str = "    ";

/// Name, version, and what the author says of it.
#[must_use]
pub fn head(manifest: &Manifest, terminal: &Terminal) -> Vec<String> {
    let name = terminal.paint(Tone::Strong, &format!("{} {}", manifest.name, manifest.version));
    let mut lines = vec![name];
    if !manifest.description.is_empty() {
        lines.push(safe_lines(&manifest.description, ""));
    }
    if !manifest.publisher.is_empty() {
        lines.push(format!("calls its publisher {:?}; only a key proves that", safe(&manifest.publisher)));
    }
    lines
}

/// Which keys the signatures say that they are by.
#[must_use]
pub fn signers(package: &Package) -> Vec<String> {
    let signers = package.signers();
    if signers.is_empty() {
        return vec!["not signed".to_owned()];
    }
    let told = |id: Option<bulkhead_package::KeyId>| {
        let key = id.map_or_else(|| "an unknown key".to_owned(), |id| format!("key:{}", id.hex()));
        format!("a signature that says it is by {key}; `bulkhead verify` checks it")
    };
    signers.into_iter().map(|signer| told(signer.key_id)).collect()
}

/// What it asks for, a line each.
#[must_use]
pub fn requests(requests: &Requests, terminal: &Terminal) -> Vec<String> {
    let mut lines = vec![terminal.paint(Tone::Strong, "asks for")];
    let asks = asks(requests);
    if asks.is_empty() {
        lines.push(format!("{INDENT}nothing: no file, no network, no variable, no secret"));
    }
    lines.extend(asks.into_iter().map(|ask| format!("{INDENT}{ask}")));
    lines.extend(limits(&requests.limits).map(|limits| format!("{INDENT}limits {limits}")));
    lines
}

/// Each thing that it asks for, with its reason.
#[must_use]
pub fn asks(requests: &Requests) -> Vec<String> {
    let Requests { fs, http, tcp, env, secrets, config, kv, fine_clock, limits: _ } = requests;
    let mut asks = Vec::new();
    let mut ask = |what: String, why: &str| {
        let why = if why.is_empty() { String::new() } else { format!("  ({})", safe(why)) };
        asks.push(format!("{}{why}", safe(&what)));
    };
    for request in fs {
        let access = if request.access == Access::Write { "read and write" } else { "read" };
        ask(format!("fs      {access} {}", whatever(&request.at, "any folder you grant")), &request.why);
    }
    for request in http {
        ask(format!("http    {}", origin(request)), &request.why);
    }
    for request in tcp {
        ask(format!("tcp     {}:{}", whatever(&request.host, "any host you grant"), request.port), &request.why);
    }
    for request in env {
        ask(format!("env     {}", request.name), &request.why);
    }
    for request in secrets {
        ask(format!("secret  {}", request.name), &request.why);
    }
    for request in config {
        ask(format!("config  {}", request.key), &request.why);
    }
    if let Some(need) = kv {
        ask("kv      to keep values between calls".to_owned(), &need.why);
    }
    if let Some(need) = fine_clock {
        ask("clock   finer than a millisecond".to_owned(), &need.why);
    }
    asks
}

fn whatever<'a>(text: &'a str, any: &'a str) -> &'a str {
    if text == "*" { any } else { text }
}

fn origin(request: &HttpRequest) -> String {
    let HttpRequest { scheme, host, port, methods, paths, why: _ } = request;
    let scheme = if *scheme == Scheme::Http { "http (not encrypted)" } else { "https" };
    let port = port.map(|port| format!(":{port}")).unwrap_or_default();
    let methods = if methods.is_empty() { "any method".to_owned() } else { methods.join(" ") };
    let paths = if paths.is_empty() { "any path".to_owned() } else { paths.join(" ") };
    format!("{methods} {scheme}://{}{port} {paths}", whatever(host, "any host you grant"))
}

fn limits(limits: &RequestedLimits) -> Option<String> {
    let RequestedLimits { memory, time, cpu, concurrency, output, log } = limits;
    let told: Vec<String> = [
        memory.map(|v| format!("memory {v}")),
        time.map(|v| format!("time {v}")),
        cpu.map(|v| format!("cpu {v}")),
        concurrency.map(|v| format!("concurrency {v}")),
        output.map(|v| format!("output {v}")),
        log.map(|v| format!("log {v}")),
    ]
    .into_iter()
    .flatten()
    .collect();
    (!told.is_empty()).then(|| told.join(", "))
}

/// The tools that it offers.
#[must_use]
pub fn tools(tools: &[ToolContract], terminal: &Terminal) -> Vec<String> {
    let mut lines = vec![terminal.paint(Tone::Strong, "offers")];
    tools.iter().for_each(|found| tool(found, &mut lines));
    if !tools.is_empty() {
        lines.push(format!(
            "{INDENT}(where a schema sets no bound, a string is at most {} and an array at most {MAX_ARRAY_ITEMS} items)",
            ByteSize::bytes(MAX_STRING_BYTES as u64)
        ));
    }
    lines
}

/// Everything that it offers.
#[must_use]
pub fn contract(manifest: &Manifest, terminal: &Terminal) -> Vec<String> {
    let Contract { tools, prompts, resources, resource_templates, schemes, dynamic_resources, skills, cache: _ } =
        &manifest.contract;
    let mut lines = self::tools(tools, terminal);
    for prompt in prompts {
        let arguments: Vec<String> = prompt
            .arguments
            .iter()
            .map(|argument| if argument.required { argument.name.clone() } else { format!("[{}]", argument.name) })
            .collect();
        item("prompt", &format!("{} {}", prompt.name, arguments.join(" ")), prompt.description.as_deref(), &mut lines);
    }
    for resource in resources {
        item("resource", &resource.uri, resource.description.as_deref(), &mut lines);
        // What a page may connect to, for one.
        lines.extend(resource.meta.as_ref().map(|meta| format!("{}_meta {}", INDENT.repeat(2), safe(meta.as_str()))));
    }
    for template in resource_templates {
        item("template", &template.uri_template, template.description.as_deref(), &mut lines);
    }
    for found in skills {
        skill(found, &mut lines);
    }
    for scheme in schemes {
        item("scheme", &format!("every {scheme}: URI"), None, &mut lines);
    }
    if *dynamic_resources {
        item("resources", "a list that it makes when it is called", None, &mut lines);
    }
    if manifest.contract.is_empty() {
        lines.push(format!("{INDENT}nothing"));
    }
    lines
}

/// Claims of safety that hold only as long as not all that it asks for is granted.
#[must_use]
pub fn corrections(manifest: &Manifest) -> Vec<String> {
    let corrections = corrections_if_granted(&manifest.contract, &manifest.requests);
    let told = corrections.iter().map(|(tool, told)| format!("once all of this is granted: {} {told}", safe(tool)));
    told.collect()
}

/// Why it will not be served, if what it says is no text.
#[must_use]
pub fn wording(manifest: &Manifest) -> Option<String> {
    let error = check_wording(manifest).err()?;
    Some(format!("it will not be served: {}", safe(&error.to_string())))
}

/// A skill tells a model what to do, so its files are named with their digests.
fn skill(skill: &SkillContract, lines: &mut Vec<String>) {
    item("skill", &skill.uri, skill.head().map(|head| head.description).as_deref(), lines);
    let files = skill.resources.iter().map(|file| format!("{} bytes  {}  {}", file.size, file.digest, safe(&file.uri)));
    lines.extend(files.map(|file| format!("{}{file}", INDENT.repeat(2))));
}

fn item(kind: &str, name: &str, description: Option<&str>, lines: &mut Vec<String>) {
    lines.push(format!("{INDENT}{kind} {}", safe(name).trim_end()));
    if let Some(description) = description.filter(|text| !text.is_empty()) {
        let indent = INDENT.repeat(2);
        lines.push(format!("{indent}{}", safe_lines(description, &indent)));
    }
}

fn tool(tool: &ToolContract, lines: &mut Vec<String>) {
    item("tool", &tool.name, tool.description.as_deref(), lines);
    let mut line = |label: &str, text: &str| lines.push(format!("{}{label} {}", INDENT.repeat(2), safe(text)));
    schema::lines(&tool.input_schema).iter().for_each(|told| line("takes", told));
    for told in tool.output_schema.iter().flat_map(schema::lines) {
        line("gives", &told);
    }
    if let Some(claims) = tool.annotations.as_ref().map(claims).filter(|claims| !claims.is_empty()) {
        line("claims", &claims);
    }
    match tool.task_support() {
        TaskSupport::Forbidden => {}
        TaskSupport::Optional => line("runs", "as a task where the client can follow one"),
        TaskSupport::Required => line("runs", "as a task only"),
    }
}

fn claims(annotations: &ToolAnnotations) -> String {
    let ToolAnnotations { title: _, read_only_hint, destructive_hint, idempotent_hint, open_world_hint } = annotations;
    let told = [
        (read_only_hint, "changes nothing", "changes something"),
        (destructive_hint, "may destroy", "destroys nothing"),
        (idempotent_hint, "twice is as once", "twice is not as once"),
        (open_world_hint, "reaches the outside", "stays inside"),
    ];
    let told = told.into_iter().filter_map(|(hint, yes, no)| hint.map(|hint| if hint { yes } else { no }));
    told.collect::<Vec<_>>().join(", ")
}

/// What the component imports and exports.
#[must_use]
pub fn outside(outside: &Surface, terminal: &Terminal) -> Vec<String> {
    let mut lines = vec![terminal.paint(Tone::Strong, "component")];
    lines.extend(outside.imports.iter().map(|name| format!("{INDENT}imports {}", safe(name))));
    lines.extend(outside.exports.iter().map(|name| format!("{INDENT}exports {}", safe(name))));
    lines
}

#[cfg(test)]
mod tests {
    use bulkhead_package::{Json, ManifestDraft, Package, pack};

    use super::*;

    #[test]
    fn a_review_shows_what_a_stranger_hides() {
        let draft = ManifestDraft {
            name: "notes".parse().unwrap(),
            version: "1.0.0".parse().unwrap(),
            wit: String::new(),
            description: "Notes\u{e000}".to_owned(),
            publisher: "Acme\u{f8ff}".to_owned(),
            requests: serde_json::from_str(
                r#"{"http":[{"host":"*","why":"\ue000all"}],"fs":[{"at":"/d","access":"write"}]}"#,
            )
            .unwrap(),
            contract: Json::parse(r#"{"prompts":[{"name":"p","description":"a\nb\ue000"}]}"#).unwrap(),
        };
        let package = Package::parse(pack(b"\0asm\x0d\0\x01\0", &draft).unwrap(), None).unwrap();
        let terminal = Terminal::of_process(true, 0, false);
        let manifest = package.manifest();
        let lines = [
            head(manifest, &terminal),
            signers(&package),
            requests(&manifest.requests, &terminal),
            contract(manifest, &terminal),
        ];
        let text = lines.concat().join("\n");
        assert!(!text.contains(['\u{e000}', '\u{f8ff}']), "{text}");
        assert!(text.contains("fs      read and write /d"), "{text}");
        assert!(text.contains("any method https://any host you grant any path  (\\u{e000}all)"), "{text}");
        assert!(text.contains("not signed"), "{text}");
    }
}
