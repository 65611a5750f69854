//! The process that builds.

use std::{
    io::{self, BufRead, Write},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Stdio,
    thread,
};

use super::{
    super::{
        Made, Source, Step, compile,
        process::{find, program},
        source::Profile,
    },
    Order, Word, receive, send,
};

/// The inspector's program.
const INSPECTOR: &str = "mcp-inspector";

/// Builds what is asked for of `sources`, until nobody asks any more; starts the
/// inspector, once and if it may.
///
/// # Errors
/// Whoever asks is gone, or says what makes no sense.
pub fn work(
    sources: &[PathBuf],
    mut may_inspect: bool,
    mut orders: impl BufRead,
    mut answers: impl Write,
) -> io::Result<()> {
    while let Some(order) = receive(&mut orders)? {
        match order {
            Order::Build(number) => match sources.get(number) {
                Some(dir) => build(dir, &mut answers)?,
                None => send(&mut answers, &Word::Failed(format!("there is no source number {number}")))?,
            },
            Order::Inspect(address) if may_inspect && address.ip().is_loopback() => {
                may_inspect = false;
                send(&mut answers, &inspect(address))?;
            }
            Order::Inspect(_) => send(&mut answers, &Word::Failed("nobody asked for it".to_owned()))?,
        }
    }
    Ok(())
}

fn build(dir: &Path, answers: &mut impl Write) -> io::Result<()> {
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

/// Opens the inspector for the endpoint at an address of this machine.
fn inspect(address: SocketAddr) -> Word {
    let Some(inspector) = find(INSPECTOR, &[]) else {
        let how = "npm install --global @modelcontextprotocol/inspector";
        return Word::Failed(format!("it is not installed: {how}"));
    };
    let mut command = program(inspector);
    command.args(["--transport", "http", "--server-url", &format!("http://{address}/mcp")]);
    match command.stdout(Stdio::null()).stderr(Stdio::null()).spawn() {
        Ok(mut inspector) => {
            thread::spawn(move || inspector.wait());
            Word::Started
        }
        Err(error) => Word::Failed(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(may_inspect: bool, orders: &str) -> io::Result<Vec<String>> {
        let mut said = Vec::new();
        work(&[PathBuf::from("/nowhere")], may_inspect, orders.as_bytes(), &mut said)?;
        Ok(String::from_utf8(said).unwrap().lines().map(str::to_owned).collect())
    }

    #[test]
    fn it_builds_what_it_was_started_with_and_runs_nothing_else() {
        assert_eq!(answers(true, "{\"Build\":1}\n").unwrap(), ["{\"Failed\":\"there is no source number 1\"}"]);
        let said = answers(true, "{\"Build\":0}\n").unwrap();
        assert_eq!(said.len(), 1);
        assert!(said[0].starts_with("{\"Failed\":\"/nowhere: no plugin's source"), "{said:?}");
        let refused = "{\"Failed\":\"nobody asked for it\"}";
        let inspect = |address: &str| format!("{{\"Inspect\":\"{address}\"}}\n");
        assert_eq!(answers(false, &inspect("127.0.0.1:80")).unwrap(), [refused]);
        assert_eq!(answers(true, &inspect("192.0.2.1:80")).unwrap(), [refused]);
        assert!(answers(true, &inspect("127.0.0.1:80/../--help")).is_err());
        assert!(answers(true, "{\"Run\":\"sh\"}\n").is_err());
    }

    #[test]
    fn the_inspector_is_started_once_if_it_was_asked_for() {
        let said = answers(true, "{\"Inspect\":\"127.0.0.1:9\"}\n{\"Inspect\":\"127.0.0.1:9\"}\n").unwrap();
        assert!(said[0].contains("it is not installed") || said[0].contains("Started"), "{said:?}");
        assert_eq!(said[1], "{\"Failed\":\"nobody asked for it\"}");
    }
}
