//! `bulkhead check`

mod record;

use std::path::PathBuf;

use bulkhead_package::{KeyError, KeyId, Keypair, display::safe};
use serde_json::{Value, json};

use super::{
    exit::{Exit, Failure},
    runtime::block_on,
    terminal::{Terminal, Tone},
};
use crate::{
    config::Config,
    confine::{self, Report, Service},
    load::{
        prompts,
        rehearse::{Outcome, Rehearsed, rehearse},
    },
    manifest::key::public_half,
    transport::tls::{Certificates, TlsError},
};

/// Finds everything that `serve` would refuse, without serving.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The configuration.
    #[arg(long, value_name = "FILE", default_value = "mcp.yaml")]
    pub config: PathBuf,
}

/// Runs the verb.
///
/// # Errors
/// What `serve` would refuse, with its exit code.
pub fn run(args: Args, terminal: &Terminal) -> Result<(), Failure> {
    let config = Config::load(&args.config)?;
    let record = record::Tried::of(&config);
    let problems: Vec<String> = problems(&config).into_iter().chain(record.problem()).collect();
    let unloadable = |error| Failure::from_error(Exit::CONFIG, &error);
    let plugins = block_on(rehearse(&config))?.map_err(unloadable)?;
    let prompts = config.prompts.as_deref().map(prompts::rehearse);
    let wall = confine::rehearse(&config, Service { http: Some(config.listen), locked: false })?;
    let problems = problems.into_iter().chain(unmet(&config, &wall)).collect::<Vec<_>>();
    let (_, faults) = prompts.clone().unwrap_or_default();
    if terminal.json {
        terminal.print(&told_as_json(&config, &problems, &plugins, prompts.as_ref(), (&record, &wall)).to_string())?;
    } else {
        for line in lines(&config, &plugins, terminal) {
            terminal.print(&line)?;
        }
        if let Some((count, _)) = prompts {
            terminal.print(&format!("\n{count} prompt{} of the folder", if count == 1 { "" } else { "s" }))?;
        }
        terminal.print(&format!("\n{}", manifest_line(&config)))?;
        terminal.print(&format!("\n{}", record.line()))?;
        terminal.print(&format!("\n{wall}"))?;
        wall.missing().iter().for_each(|missing| terminal.warn(missing));
        faults.iter().for_each(|fault| terminal.warn(&safe(fault)));
        problems.iter().for_each(|problem| terminal.warn(problem));
        warnings(&config).iter().for_each(|warning| terminal.warn(warning));
    }
    verdict(&args.config.display().to_string(), &problems, &plugins, &faults)
}

/// Everything about the server itself that `serve` would refuse.
fn problems(config: &Config) -> Vec<String> {
    let files = config.unsafe_files().into_iter().map(|file| file.to_string());
    let mounts = config.unsafe_mounts().into_iter().map(|mount| mount.to_string());
    let exposed = config.exposed(config.listen).err().map(|exposed| exposed.to_string());
    let certificates = certificates(config).and_then(Result::err);
    let certificates = certificates.map(|error| Failure::from_error(Exit::CONFIG, &error).text);
    let manifest = manifest_key(config).err();
    files.chain(mounts).chain(exposed).chain(certificates).chain(manifest).collect()
}

/// The key that manifests are signed with. `None`: one is made at the first start.
fn manifest_key(config: &Config) -> Result<Option<KeyId>, String> {
    let path = config.manifest_key_path();
    if config.manifest_key.is_none() && !path.exists() {
        return Ok(None);
    }
    let told = |error: KeyError| Failure::from_error(Exit::CONFIG, &error).text;
    Keypair::read(&path).map(|key| Some(key.public().id())).map_err(told)
}

fn manifest_line(config: &Config) -> String {
    let path = config.manifest_key_path();
    match manifest_key(config) {
        Ok(Some(id)) => {
            let public = public_half(&path).map(|public| format!("; clients are given {}", public.display()));
            format!("manifests are signed by key:{}{}", id.hex(), public.unwrap_or_default())
        }
        Ok(None) => format!("manifests are signed by a key that the first start makes: {}", path.display()),
        Err(_) => "manifests are not signed".to_owned(),
    }
}

fn certificates(config: &Config) -> Option<Result<Certificates, TlsError>> {
    let tls = config.tls.as_ref()?;
    Some(Certificates::load(tls.certificate.clone(), tls.key.clone()))
}

/// What is allowed and unwise.
fn warnings(config: &Config) -> Vec<String> {
    let certificate = certificates(config).and_then(Result::ok).and_then(|certificates| certificates.warning());
    config.warnings.iter().cloned().chain(certificate).collect()
}

/// What of the wall would be missing, if none may be.
fn unmet(config: &Config, wall: &Report) -> Option<String> {
    let first = wall.missing().into_iter().next().filter(|_| config.hardening.require)?;
    Some(format!("hardening.require is true, and {first}"))
}

fn verdict(file: &str, problems: &[String], plugins: &[Rehearsed], prompts: &[String]) -> Result<(), Failure> {
    let count = |holds: fn(&Outcome) -> bool| plugins.iter().filter(|plugin| holds(&plugin.outcome)).count();
    let refused = count(|outcome| matches!(outcome, Outcome::Refused(_)));
    let waiting = count(|outcome| matches!(outcome, Outcome::Waits(_)));
    if !problems.is_empty() {
        return Err(Failure::new(
            Exit::CONFIG,
            format!("{file}: `serve` would refuse to start, for the reasons above"),
        ));
    }
    if refused + waiting > 0 {
        let text = format!("{file}: {refused} of {} plugins would be refused, and {waiting} wait", plugins.len());
        return Err(Failure::new(Exit::REFUSED, text));
    }
    if !prompts.is_empty() {
        let text = format!("{file}: of the prompts, not all would be served, for the reasons above");
        return Err(Failure::new(Exit::REFUSED, text));
    }
    Ok(())
}

fn lines(config: &Config, plugins: &[Rehearsed], terminal: &Terminal) -> Vec<String> {
    let scheme = if config.tls.is_some() { "https" } else { "http" };
    let keys = config.credentials.keys.len();
    let proxy = if config.behind_proxy.is_some() { ", behind a proxy" } else { "" };
    let mut lines =
        vec![format!("{scheme}://{}/mcp, {keys} key{}{proxy}", config.listen, if keys == 1 { "" } else { "s" })];
    if plugins.is_empty() {
        lines.push("no plugins; `bulkhead add FILE` adds one".to_owned());
    }
    for plugin in plugins {
        lines.push(String::new());
        lines.extend(plugin_lines(plugin, terminal));
    }
    lines
}

fn plugin_lines(plugin: &Rehearsed, terminal: &Terminal) -> Vec<String> {
    let name = terminal.paint(Tone::Strong, plugin.name.as_str());
    let version = plugin.seen.as_ref().map(|seen| format!(" {}", seen.version)).unwrap_or_default();
    let (tone, state) = state(&plugin.outcome);
    let mut lines = vec![format!("{name}{version}  {}", terminal.paint(tone, &state))];
    let mut row = |label: &str, text: &str| lines.push(format!("  {label:<8} {text}"));
    row("from", &plugin.source);
    if let Some(seen) = &plugin.seen {
        row("signed", &format!("{} (key:{})", seen.signer, seen.key.hex()));
        row("digest", &seen.digest.to_string());
        if seen.grants.is_empty() {
            row("granted", "nothing");
        }
        for (list, line) in &seen.grants {
            row("granted", &format!("{list} {line}"));
        }
        for gap in &seen.shortfalls {
            row("note", &safe(&gap.to_string()));
        }
    }
    match &plugin.outcome {
        Outcome::Serves { tools, corrections, .. } => {
            if !tools.is_empty() {
                row("tools", &tools.join(" "));
            }
            corrections.iter().for_each(|(tool, correction)| row("note", &format!("{} {correction}", safe(tool))));
        }
        Outcome::Waits(concerns) => concerns.iter().for_each(|concern| row("why", &concern.to_string())),
        Outcome::Refused(trouble) => row("why", &safe(&trouble.told())),
    }
    lines
}

fn state(outcome: &Outcome) -> (Tone, String) {
    match outcome {
        Outcome::Serves { accepted: true, .. } => (Tone::Good, "served".to_owned()),
        Outcome::Serves { accepted: false, .. } => (Tone::Good, "served, and accepted as new".to_owned()),
        Outcome::Waits(_) => (Tone::Warning, "waits for `bulkhead accept`".to_owned()),
        Outcome::Refused(_) => (Tone::Bad, "refused".to_owned()),
    }
}

fn told_as_json(
    config: &Config,
    problems: &[String],
    plugins: &[Rehearsed],
    prompts: Option<&(usize, Vec<String>)>,
    (record, wall): (&record::Tried<'_>, &Report),
) -> Value {
    let prompts_hold = prompts.is_none_or(|(_, faults)| faults.is_empty());
    let all_well = problems.is_empty()
        && prompts_hold
        && plugins.iter().all(|plugin| matches!(plugin.outcome, Outcome::Serves { .. }));
    json!({
        "ok": all_well,
        "config": config.path,
        "listen": config.listen.to_string(),
        "tls": config.tls.is_some(),
        "problems": problems,
        "warnings": config.warnings,
        "manifestKey": manifest_key(config).ok().flatten().map(|id| format!("key:{}", id.hex())),
        "record": record.json(),
        "hardening": wall.as_json(),
        "plugins": plugins.iter().map(plugin_json).collect::<Vec<_>>(),
        "prompts": prompts.map(|(count, faults)| json!({"served": count, "faults": faults})),
    })
}

fn plugin_json(plugin: &Rehearsed) -> Value {
    let seen = plugin.seen.as_ref();
    let (state, tools, why) = match &plugin.outcome {
        Outcome::Serves { tools, .. } => ("served", tools.clone(), Vec::new()),
        Outcome::Waits(concerns) => ("waits", Vec::new(), concerns.iter().map(ToString::to_string).collect()),
        Outcome::Refused(trouble) => ("refused", Vec::new(), vec![trouble.told()]),
    };
    let corrections: Vec<Value> = match &plugin.outcome {
        Outcome::Serves { corrections, .. } => {
            corrections.iter().map(|(tool, told)| json!({"tool": tool, "told": told.to_string()})).collect()
        }
        _ => Vec::new(),
    };
    json!({
        "name": plugin.name,
        "source": plugin.source,
        "state": state,
        "why": why,
        "tools": tools,
        "corrections": corrections,
        "version": seen.map(|seen| seen.version.to_string()),
        "digest": seen.map(|seen| seen.digest),
        "signer": seen.map(|seen| json!({"id": &*seen.signer, "key": format!("key:{}", seen.key.hex())})),
        "grants": seen.map(|seen| seen.grants.iter().map(|(list, line)| json!({"list": list, "line": line})).collect::<Vec<_>>()),
        "notes": seen.map(|seen| seen.shortfalls.iter().map(ToString::to_string).collect::<Vec<_>>()),
    })
}
