//! The process that builds.

use std::{
    env,
    io::{self, BufRead, Write},
    path::PathBuf,
    process::Stdio,
};

use url::{Host, Url};

use super::{
    super::{Made, Source, Step, cargo::tool, compile, rust::Profile},
    Order, Word, receive, send,
};

/// The inspector's program.
const INSPECTOR: &str = "mcp-inspector";

/// Builds what is asked for of `sources`, until nobody asks any more.
///
/// # Errors
/// Whoever asks is gone, or says what makes no sense.
pub fn work(sources: &[PathBuf], mut orders: impl BufRead, mut answers: impl Write) -> io::Result<()> {
    while let Some(order) = receive(&mut orders)? {
        match order {
            Order::Build(number) => match sources.get(number) {
                Some(dir) => build(dir, &mut answers)?,
                None => send(&mut answers, &Word::Failed(format!("there is no source number {number}")))?,
            },
            Order::Inspect(endpoint) => send(&mut answers, &inspect(&endpoint))?,
        }
    }
    Ok(())
}

fn build(dir: &std::path::Path, answers: &mut impl Write) -> io::Result<()> {
    let mut broken = Ok(());
    let made = Source::open(dir).and_then(|source| {
        compile(&source, Profile::Quick, &mut |step| {
            let word = match step {
                Step::Compiling(line) => Word::Compiling(line),
                Step::Describing | Step::Packing => Word::Describing,
            };
            if broken.is_ok() {
                broken = send(answers, &word);
            }
        })
    });
    broken?;
    match made {
        Ok(Made { component, version, description, contract }) => {
            send(answers, &Word::Made { component: component.len(), version, description, contract })?;
            answers.write_all(&component)?;
            answers.flush()
        }
        Err(error) => send(answers, &Word::Failed(error.told())),
    }
}

/// Opens the inspector for an endpoint on this machine.
#[expect(clippy::disallowed_methods, reason = "where the author's own inspector lies")]
fn inspect(endpoint: &str) -> Word {
    if !is_here(endpoint) {
        return Word::Failed(format!("{endpoint:?} is not on this machine"));
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let Some(inspector) = env::split_paths(&path).map(|folder| folder.join(INSPECTOR)).find(|file| file.is_file())
    else {
        let how = "npm install --global @modelcontextprotocol/inspector";
        return Word::Failed(format!("it is not installed: {how}"));
    };
    let mut command = tool(inspector);
    command.args(["--transport", "http", "--server-url", endpoint]);
    match command.stdout(Stdio::null()).stderr(Stdio::null()).spawn() {
        Ok(_) => Word::Started,
        Err(error) => Word::Failed(error.to_string()),
    }
}

fn is_here(endpoint: &str) -> bool {
    let Ok(url) = Url::parse(endpoint) else { return false };
    let loopback = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(_)) | None => false,
    };
    loopback && url.scheme() == "http" && url.path() == "/mcp" && url.query().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(orders: &str) -> io::Result<Vec<String>> {
        let mut said = Vec::new();
        work(&[PathBuf::from("/nowhere")], orders.as_bytes(), &mut said)?;
        Ok(String::from_utf8(said).unwrap().lines().map(str::to_owned).collect())
    }

    #[test]
    fn it_builds_what_it_was_started_with_and_runs_nothing_else() {
        assert_eq!(answers("{\"Build\":1}\n").unwrap(), ["{\"Failed\":\"there is no source number 1\"}"]);
        let said = answers("{\"Build\":0}\n").unwrap();
        assert_eq!(said.len(), 1);
        assert!(said[0].starts_with("{\"Failed\":\"/nowhere: no plugin's source"), "{said:?}");
        for elsewhere in ["http://example.com/mcp", "http://127.0.0.1/other", "file:///mcp", "--help"] {
            let said = answers(&format!("{{\"Inspect\":{elsewhere:?}}}\n")).unwrap();
            assert!(said[0].contains("is not on this machine"), "{said:?}");
        }
        assert!(answers("{\"Run\":\"sh\"}\n").is_err());
    }
}
