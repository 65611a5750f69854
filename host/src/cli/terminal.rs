//! The person at the other end: diagnostics on standard error, results on
//! standard output, colours and questions only on a terminal.
//!
//! **Invariant:** text that a plugin wrote reaches the terminal through
//! [`bulkhead_package::display::safe`], never raw: escape sequences in a
//! description must not rewrite the review that it is shown in.

#![expect(clippy::print_stderr, reason = "this is the one place that writes to the terminal")]

use std::{
    borrow::Cow,
    io::{self, BufRead as _, IsTerminal as _, Write as _},
};

use bulkhead_package::display::{safe, safe_json};

use super::exit::{Exit, Failure};

/// How much is said, and in which form.
#[derive(Clone, Copy, Debug)]
pub struct Terminal {
    pub quiet: bool,
    pub verbose: u8,
    pub json: bool,
    colour: bool,
    asks: bool,
}

/// What a piece of text is, for its colour.
#[derive(Clone, Copy, Debug)]
pub enum Tone {
    Good,
    Warning,
    Bad,
    Faint,
    Strong,
}

impl Tone {
    const fn code(self) -> &'static str {
        match self {
            Self::Good => "32",
            Self::Warning => "33",
            Self::Bad => "31",
            Self::Faint => "2",
            Self::Strong => "1",
        }
    }
}

impl Terminal {
    /// Looks at the process's own streams. `NO_COLOR` (no-color.org) is obeyed.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "NO_COLOR is the person's own setting, and nothing of the server's")]
    pub fn of_process(quiet: bool, verbose: u8, json: bool) -> Self {
        let colour = io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty());
        let asks = io::stdin().is_terminal() && io::stderr().is_terminal();
        Self { quiet, verbose, json, colour, asks }
    }

    /// Whether somebody is there to answer a question.
    #[must_use]
    pub const fn asks(&self) -> bool {
        self.asks
    }

    /// Whether progress bars and colours make sense.
    #[must_use]
    pub const fn is_live(&self) -> bool {
        self.colour && !self.quiet
    }

    /// `text` in a colour, where there are colours.
    #[must_use]
    pub fn paint(&self, tone: Tone, text: &str) -> String {
        if self.colour { format!("\x1b[{}m{text}\x1b[0m", tone.code()) } else { text.to_owned() }
    }

    /// A line of diagnostics.
    pub fn say(&self, line: &str) {
        if !self.quiet {
            eprintln!("{}", shown(line));
        }
    }

    /// A line of diagnostics that even `--quiet` does not silence.
    pub fn warn(&self, line: &str) {
        eprintln!("{} {}", self.paint(Tone::Warning, "warning:"), shown(line));
    }

    /// A line of the result.
    ///
    /// # Errors
    /// Standard output is closed.
    pub fn print(&self, line: &str) -> io::Result<()> {
        let line = if self.json { safe_json(line) } else { Cow::Owned(shown(line)) };
        writeln!(io::stdout().lock(), "{line}")
    }

    /// Says why a verb failed.
    pub fn fail(&self, failure: &Failure) {
        eprintln!("{} {}", self.paint(Tone::Bad, "error:"), shown(&failure.text));
    }

    /// Asks a yes-or-no question; anything but `y` or `yes` is no, and so is
    /// the absence of a terminal.
    ///
    /// # Errors
    /// Standard input cannot be read.
    pub fn confirm(&self, question: &str) -> Result<bool, Failure> {
        if !self.asks {
            return Ok(false);
        }
        let answer = self.ask(&format!("{question} [y/N]"))?;
        Ok(matches!(answer.to_ascii_lowercase().as_str(), "y" | "yes"))
    }

    /// Asks for a line of text.
    ///
    /// # Errors
    /// Nobody is there, or standard input cannot be read.
    pub fn ask(&self, question: &str) -> Result<String, Failure> {
        if !self.asks {
            return Err(Failure::new(
                Exit::USAGE,
                format!("{question}: nobody is there to answer; say it on the command line"),
            ));
        }
        eprint!("{} ", shown(question));
        io::stderr().flush()?;
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line)?;
        Ok(line.trim().to_owned())
    }
}

/// Lines as they may be shown, whoever wrote parts of them: our own colours,
/// line feeds and tabs stay, the rest of what is not seen is made visible.
fn shown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['\n', '\t', '\u{1b}']) {
        let (plain, special) = rest.split_at(at);
        out.push_str(&safe(plain));
        let kept = COLOURS.iter().find(|colour| special.starts_with(**colour)).copied();
        let kept = kept.or_else(|| special.starts_with(['\n', '\t']).then(|| &special[..1]));
        out.push_str(kept.unwrap_or("\\u{1b}"));
        rest = &special[kept.map_or(1, str::len)..];
    }
    out.push_str(&safe(rest));
    out
}

/// What [`Terminal::paint`] writes.
const COLOURS: [&str; 6] = ["\x1b[32m", "\x1b[33m", "\x1b[31m", "\x1b[2m", "\x1b[1m", "\x1b[0m"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strangers_text_moves_nothing_and_our_colours_stay() {
        let terminal = Terminal { quiet: false, verbose: 0, json: false, colour: true, asks: false };
        for tone in [Tone::Good, Tone::Warning, Tone::Bad, Tone::Faint, Tone::Strong] {
            let painted = terminal.paint(tone, "a\n\tb");
            assert_eq!(shown(&painted), painted);
        }
        assert_eq!(shown("a\u{1b}[2Jb\r\u{202e}\u{1b}"), "a\\u{1b}[2Jb\\r\\u{202e}\\u{1b}");
    }
}
