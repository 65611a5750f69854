//! What the process's exit code says. Documented in `bulkhead help exit-codes`.

/// One exit code: its number, its name, and what happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exit {
    pub code: u8,
    pub meaning: &'static str,
}

impl Exit {
    pub const DONE: Self = Self { code: 0, meaning: "done" };
    pub const FAILED: Self = Self { code: 1, meaning: "something failed that has no code of its own" };
    pub const USAGE: Self = Self { code: 2, meaning: "the command line makes no sense" };
    pub const CONFIG: Self = Self { code: 3, meaning: "the configuration is refused" };
    pub const REFUSED: Self = Self {
        code: 4,
        meaning: "a plugin file, or a server's listing, is refused: unsigned, altered, revoked or not trusted",
    };
    pub const UNREACHABLE: Self = Self { code: 5, meaning: "a server or a download could not be reached" };
    pub const TOOL_ERROR: Self = Self { code: 6, meaning: "the tool ran and answered with an error" };
    pub const BUILD: Self = Self { code: 7, meaning: "a plugin's source did not build" };
    pub const NOT_BUILT: Self = Self { code: 8, meaning: "this version has not got that yet" };
    pub const RECORD: Self = Self { code: 9, meaning: "the record is not what was written" };

    /// Every code, in order.
    pub const ALL: [Self; 10] = [
        Self::DONE,
        Self::FAILED,
        Self::USAGE,
        Self::CONFIG,
        Self::REFUSED,
        Self::UNREACHABLE,
        Self::TOOL_ERROR,
        Self::BUILD,
        Self::NOT_BUILT,
        Self::RECORD,
    ];
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code)
    }
}

/// Why a verb ended badly: the code for scripts, the text for people.
#[derive(Debug)]
pub struct Failure {
    pub exit: Exit,
    pub text: String,
}

impl Failure {
    /// A failure of kind `exit`, told in `text`.
    pub fn new(exit: Exit, text: impl Into<String>) -> Self {
        Self { exit, text: text.into() }
    }

    /// A failure told by `error` and everything that caused it.
    pub fn from_error(exit: Exit, error: &(dyn std::error::Error + 'static)) -> Self {
        let mut text = error.to_string();
        let mut cause = error.source();
        while let Some(inner) = cause {
            let told = inner.to_string();
            if !text.ends_with(&told) {
                text.push_str(": ");
                text.push_str(&told);
            }
            cause = inner.source();
        }
        Self { exit, text }
    }
}

impl From<std::io::Error> for Failure {
    /// Whoever reads the result may stop reading (`| head`): nothing failed.
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::BrokenPipe => Self { exit: Exit::DONE, text: String::new() },
            _ => Self::from_error(Exit::FAILED, &error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_meanings_share_a_number() {
        for (position, exit) in Exit::ALL.iter().enumerate() {
            assert_eq!(usize::from(exit.code), position);
        }
    }
}
