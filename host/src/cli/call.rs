//! `bulkhead call`

mod form;

use bulkhead_package::display::{safe, safe_lines};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;

use self::form::Answers;
use super::{
    exit::{Exit, Failure},
    terminal::{Terminal, Tone},
};
use crate::client::Client;

/// Calls a tool from the shell.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The tool, as `prefix.tool` or as it is listed.
    pub tool: String,
    /// Its arguments, a JSON object.
    #[arg(default_value = "{}")]
    pub arguments: String,
    /// Answers to the forms that the tool asks with: an object with one member a
    /// question, `{"user_name": {"name": "Alice"}}`. Without it, forms are asked on
    /// the terminal; without a terminal, the tool is told that nobody can be asked.
    #[arg(long, value_name = "JSON")]
    pub answers: Option<String>,
    #[command(flatten)]
    pub server: super::Server,
}

/// Runs the verb.
///
/// # Errors
/// What went wrong, with its exit code; a tool that answers with an error has
/// one of its own.
pub fn run(args: Args, terminal: &Terminal) -> Result<(), Failure> {
    let arguments = arguments(&args.arguments)?;
    let answers = Answers::of(args.answers.as_deref(), terminal)?;
    let mut client = args.server.client(terminal)?;
    let bar = Bar::new(terminal);
    let result = call(&mut client, &args.tool, &arguments, answers.as_ref(), &bar);
    bar.clear();
    let result = result?;
    let failed = result.get("isError") == Some(&Value::Bool(true));
    if terminal.json {
        terminal.print(&result.to_string())?;
    } else if failed {
        return Err(Failure::new(Exit::TOOL_ERROR, lines(&result).join("\n")));
    } else {
        lines(&result).iter().try_for_each(|line| terminal.print(line))?;
    }
    if failed { Err(Failure::new(Exit::TOOL_ERROR, "the tool answered with an error")) } else { Ok(()) }
}

/// Calls, and answers what is asked where somebody can.
fn call(
    client: &mut Client,
    tool: &str,
    arguments: &Value,
    answers: Option<&Answers<'_>>,
    bar: &Bar<'_>,
) -> Result<Value, Failure> {
    let hear = &mut |message: &Value| bar.hear(message);
    match answers {
        None => Ok(client.call(tool, arguments, hear)?),
        Some(answers) => {
            client.converse(tool, arguments, &mut |key, form| bar.aside(|| answers.answer(key, form)), hear)
        }
    }
}

fn arguments(text: &str) -> Result<Value, Failure> {
    let wrong = |why: String| Failure::new(Exit::USAGE, format!("the arguments are no JSON object: {why}"));
    let value: Value = serde_json::from_str(text).map_err(|error| wrong(error.to_string()))?;
    if value.is_object() { Ok(value) } else { Err(wrong(format!("found {text}"))) }
}

/// What a person reads of an answer: its text, or else its data.
fn lines(result: &Value) -> Vec<String> {
    let blocks = result.get("content").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let mut lines: Vec<String> = blocks.iter().map(block).collect();
    if lines.is_empty()
        && let Some(data) = result.get("structuredContent")
    {
        lines.push(safe_lines(&format!("{data:#}"), "").to_string());
    }
    lines
}

fn block(block: &Value) -> String {
    let text = |key: &str| block.get(key).and_then(Value::as_str).unwrap_or_default();
    match text("type") {
        "text" => safe_lines(text("text"), "").to_string(),
        kind @ ("image" | "audio") => {
            let size = text("data").len() / 4 * 3;
            safe(&format!("[{kind} {}, about {size} bytes; --json prints it]", text("mimeType"))).into_owned()
        }
        "resource_link" => safe(&format!("[resource {}]", text("uri"))).into_owned(),
        "resource" => {
            let resource = &block["resource"];
            let inside =
                resource.get("text").or_else(|| resource.get("uri")).and_then(Value::as_str).unwrap_or_default();
            safe_lines(inside, "").to_string()
        }
        _ => safe(&block.to_string()).into_owned(),
    }
}

/// Progress and log lines of a call, where somebody watches.
struct Bar<'a> {
    terminal: &'a Terminal,
    bar: Option<ProgressBar>,
}

impl<'a> Bar<'a> {
    fn new(terminal: &'a Terminal) -> Self {
        let bar = terminal.is_live().then(|| {
            let bar = ProgressBar::new_spinner();
            bar.enable_steady_tick(std::time::Duration::from_millis(100));
            bar
        });
        Self { terminal, bar }
    }

    fn hear(&self, message: &Value) {
        let params = &message["params"];
        match message["method"].as_str() {
            Some("notifications/progress") => self.progress(params),
            Some("notifications/message") => {
                let data = &params["data"];
                let text = data.as_str().map_or_else(|| data.to_string(), str::to_owned);
                let level = params["level"].as_str().unwrap_or("info");
                self.say(&format!("{}: {}", safe(level), safe(&text)));
            }
            _ => {}
        }
    }

    fn progress(&self, params: &Value) {
        let Some(bar) = &self.bar else { return };
        if let Some(share) = share(params) {
            if bar.length().is_none() {
                bar.set_length(SHARES);
                bar.set_style(ProgressStyle::default_bar());
            }
            bar.set_position(share);
        }
        if let Some(text) = params["message"].as_str() {
            bar.set_message(safe(text).into_owned());
        }
    }

    fn say(&self, line: &str) {
        let line = self.terminal.paint(Tone::Faint, line);
        match &self.bar {
            Some(bar) => bar.suspend(|| self.terminal.say(&line)),
            None => self.terminal.say(&line),
        }
    }

    /// Lets `question` have the terminal for itself.
    fn aside<T>(&self, question: impl FnOnce() -> T) -> T {
        match &self.bar {
            Some(bar) => bar.suspend(question),
            None => question(),
        }
    }

    fn clear(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// Steps of a whole progress bar.
const SHARES: u64 = 1000;

/// How much is done, in thousandths, if the tool says of how much.
fn share(params: &Value) -> Option<u64> {
    let (done, total) = (params["progress"].as_f64()?, params["total"].as_f64()?);
    let share = (done / total).clamp(0.0, 1.0);
    (total > 0.0 && share.is_finite())
        .then(|| (0..=SHARES).rev().find(|step| (*step as f64) <= share * 1000.0).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn text_is_shown_as_text_and_escapes_are_not_obeyed() {
        let result = json!({"content": [{"type": "text", "text": "a\u{1b}[2Jb"}, {"type": "image", "data": "AAAA", "mimeType": "image/png"}]});
        let shown = lines(&result);
        assert!(!shown[0].contains('\u{1b}'));
        assert_eq!(shown[1], "[image image/png, about 3 bytes; --json prints it]");
        assert_eq!(
            lines(&json!({"content": [], "structuredContent": {"a": 1}}))[0].replace(['\n', ' '], ""),
            r#"{"a":1}"#
        );
    }

    #[test]
    fn progress_is_a_share_only_of_a_total() {
        assert_eq!(share(&json!({"progress": 1, "total": 2})), Some(500));
        assert_eq!(share(&json!({"progress": 9, "total": 2})), Some(1000));
        for none in [json!({"progress": 1}), json!({"progress": 1, "total": 0}), json!({})] {
            assert_eq!(share(&none), None, "{none}");
        }
    }

    #[test]
    fn arguments_are_an_object() {
        assert!(arguments(r#"{"a":1}"#).is_ok());
        for bad in ["", "1", "[]", "{", "null"] {
            assert!(arguments(bad).is_err(), "{bad}");
        }
    }
}
