//! `bulkhead verify https://…`: whether a running server lists what it signed.

use std::path::Path;

use bulkhead_base::Digest;
use bulkhead_package::{PublicKey, Revocation, display::safe};
use jiff::Timestamp;
use serde_json::{Value, json};
use url::Url;

use super::Args;
use crate::{
    cli::{
        exit::{Exit, Failure},
        terminal::Terminal,
    },
    client::{Client, ClientError, fetch},
    config::Config,
    manifest::{Difference, Listed, Manifest, Problem, compare},
};

/// How often both are fetched: what differs once may have been changed between
/// the two requests, what differs twice was not.
const LOOKS: usize = 2;

/// Most differences that are told one by one.
const MOST_TOLD: usize = 100;

/// What the server said, and how it differs.
struct Seen<'k> {
    manifest: Manifest,
    signer: &'k PublicKey,
    listed: Listed,
    differences: Vec<Difference>,
}

/// Compares what the server at `args.file` lists with what it signed.
///
/// # Errors
/// Something differs, or is not believed: exit code 4.
pub(super) fn run(args: &Args, terminal: &Terminal) -> Result<(), Failure> {
    let url = endpoint(&args.file)?;
    let expected = args.expect.as_deref().map(digest).transpose()?;
    let keys = keys(args, &url)?;
    let mut seen = look(&url, args.bearer.as_deref(), &keys)?;
    for _ in 1..LOOKS {
        if seen.differences.is_empty() {
            break;
        }
        seen = look(&url, args.bearer.as_deref(), &keys)?;
    }
    let refusals = refusals(&url, &seen, expected);
    if terminal.json {
        terminal.print(&told_as_json(&url, &seen, &refusals).to_string())?;
    }
    if !refusals.is_empty() {
        return Err(Failure::new(Exit::REFUSED, format!("{url}: do not use it: {}", refusals.join("; "))));
    }
    if !terminal.json {
        let listed = &seen.listed;
        terminal.say(&format!(
            "{} tools, {} prompts and {} resource templates are listed as they were signed, until {}",
            listed.tools.len(),
            listed.prompts.len(),
            listed.templates.len(),
            seen.manifest.expires_at
        ));
        terminal.say(&format!("signed by key:{}", seen.signer.id().hex()));
        terminal.print(&seen.manifest.contents_digest.to_string())?;
    }
    Ok(())
}

/// What a person calls the server: `https`, or `http` on this machine.
fn endpoint(text: &str) -> Result<Url, Failure> {
    let usage = |why: &str| Failure::new(Exit::USAGE, format!("{}: {why}", safe(text)));
    let url = Url::parse(text).map_err(|_| usage("expected an address such as https://tools.example.com/mcp"))?;
    if url.scheme() == "http" && !fetch::is_loopback(&url) {
        return Err(usage("expected https; http says nothing about who answers, but on this machine"));
    }
    Ok(url)
}

fn digest(text: &str) -> Result<Digest, Failure> {
    text.parse().map_err(|error| Failure::new(Exit::USAGE, format!("--expect: {error}")))
}

/// The keys that were typed, or the one that the configuration has for `url`.
fn keys(args: &Args, url: &Url) -> Result<Vec<PublicKey>, Failure> {
    if !args.key.is_empty() {
        return args.key.iter().map(|text| super::public_key(text)).collect();
    }
    let path = args.config.as_deref().unwrap_or(Path::new("mcp.yaml"));
    if args.config.is_none() && !path.exists() {
        return Err(Failure::new(Exit::USAGE, "give the server's public key with --key"));
    }
    let config = Config::load(path).map_err(|error| Failure::from_error(Exit::CONFIG, &error))?;
    let trust = config.trust().map_err(|error| Failure::from_error(Exit::CONFIG, &error))?;
    let of_server = |id: &str| trust.keys().iter().find(|key| *key.id == *id);
    let named = config.trusted_servers.iter().filter(|server| server.url == *url);
    let keys: Vec<_> = named.filter_map(|server| of_server(&server.key)).collect();
    if keys.is_empty() {
        let told = format!("{url}: not one of trust.servers in {}; give its key with --key", path.display());
        return Err(Failure::new(Exit::CONFIG, told));
    }
    let now = Timestamp::now();
    let mut good = Vec::new();
    let mut bad = Vec::new();
    for key in keys {
        let over = key.not_after.is_some_and(|last| now > last);
        match over || trust.revocations().reason(&Revocation::Key(key.public.id())).is_some() {
            true => bad.push(format!("{} {}", key.id, if over { "expired" } else { "is revoked" })),
            false => good.push(key.public.clone()),
        }
    }
    if good.is_empty() {
        Err(Failure::new(Exit::REFUSED, format!("{url}: its key {}", bad.join(", and "))))
    } else {
        Ok(good)
    }
}

fn look<'k>(url: &Url, bearer: Option<&str>, keys: &'k [PublicKey]) -> Result<Seen<'k>, Failure> {
    let refused = |why: String| Failure::new(Exit::REFUSED, format!("{url}: do not use it: {}", safe(&why)));
    let envelope = match fetch::manifest(url, bearer) {
        Err(ClientError::Status(404)) => return Err(refused("it serves no signed manifest".to_owned())),
        fetched => fetched?,
    };
    let (manifest, signer) =
        Manifest::open(&envelope, keys, Timestamp::now()).map_err(|error| refused(error.to_string()))?;
    let listed = list(url, bearer)?;
    let differences = compare(&manifest.contents, &listed);
    Ok(Seen { manifest, signer, listed, differences })
}

/// What the server lists, in the newest revision that it speaks.
fn list(url: &Url, bearer: Option<&str>) -> Result<Listed, ClientError> {
    let mut client = Client::connect_newest(url.as_str(), bearer)?;
    Ok(Listed {
        tools: client.list("tools")?,
        prompts: known(client.list("prompts"))?,
        templates: known(client.list("resourceTemplates"))?,
        is_modern: client.is_modern(),
    })
}

/// A server that does not know a listing lists nothing of the kind.
fn known(listed: Result<Vec<Value>, ClientError>) -> Result<Vec<Value>, ClientError> {
    match listed {
        Err(error) if error.is_unknown_method() => Ok(Vec::new()),
        listed => listed,
    }
}

fn refusals(url: &Url, seen: &Seen<'_>, expected: Option<Digest>) -> Vec<String> {
    let mut refusals = Vec::new();
    let found = seen.manifest.contents_digest;
    if let Some(expected) = expected.filter(|expected| *expected != found) {
        refusals.push(format!("expected {expected}, and it signed {found}"));
    }
    // On this machine a server is reached past whatever stands before it.
    if let Some(signed) = seen.manifest.url.as_deref().filter(|_| !fetch::is_loopback(url))
        && Url::parse(signed).ok().as_ref() != Some(url)
    {
        refusals.push(format!("the manifest is of {}", safe(signed)));
    }
    let told = seen.differences.iter().take(MOST_TOLD).map(|difference| safe(&difference.to_string()).into_owned());
    refusals.extend(told);
    let more = seen.differences.len().saturating_sub(MOST_TOLD);
    if more > 0 {
        refusals.push(format!("and {more} more differences"));
    }
    refusals
}

fn told_as_json(url: &Url, seen: &Seen<'_>, refusals: &[String]) -> Value {
    let differences = seen.differences.iter().map(|Difference { kind, name, problem }| {
        let (problem, field) = match problem {
            Problem::Missing => ("missing", None),
            Problem::Added => ("added", None),
            Problem::Doubled => ("doubled", None),
            Problem::Changed(field) => ("changed", Some(field)),
        };
        json!({"kind": kind, "name": name, "problem": problem, "field": field})
    });
    json!({
        "ok": refusals.is_empty(),
        "url": url.as_str(),
        "key": format!("key:{}", seen.signer.id().hex()),
        "issuedAt": seen.manifest.issued_at.to_string(),
        "expiresAt": seen.manifest.expires_at.to_string(),
        "contentsDigest": seen.manifest.contents_digest,
        "tools": seen.listed.tools.len(),
        "prompts": seen.listed.prompts.len(),
        "resourceTemplates": seen.listed.templates.len(),
        "differences": differences.collect::<Vec<_>>(),
        "why": refusals,
    })
}
