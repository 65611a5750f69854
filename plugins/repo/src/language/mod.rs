//! Which languages are known, and what begins a definition in them.
//!
//! A rule looks at one line, from its beginning, and captures the name that
//! is defined. That finds what people write, not all that a compiler takes: a
//! definition spread over lines, or made by a macro, is missed.

mod rules;

use std::sync::LazyLock;

use regex::bytes::{Regex, RegexBuilder};

/// Largest compiled rules of one language, in bytes. They are fixed: this
/// finds a mistake in them.
const MAX_RULES_MEMORY: usize = 8 * 1024 * 1024;

/// What is written like a call or a definition, and names nothing.
const KEYWORDS: [&str; 14] = [
    "if", "else", "for", "while", "switch", "catch", "return", "function", "with", "do", "await", "sizeof", "new",
    "throw",
];

/// A language, by the names of its files.
#[derive(Debug)]
pub struct Language {
    /// What it is called, as after the fence of a code block.
    pub name: &'static str,
    extensions: &'static [&'static str],
    kinds: &'static [&'static str],
    pattern: LazyLock<Regex>,
}

/// One definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Definition<'t> {
    /// What is defined: `function`, `struct`.
    pub kind: &'static str,
    /// The name.
    pub name: &'t str,
    /// Where its line begins, in bytes.
    pub at: usize,
}

impl Language {
    /// The language of the file at `path`.
    pub fn of(path: &str) -> Option<&'static Self> {
        let (_, extension) = path.rsplit('/').next()?.rsplit_once('.')?;
        let extension = extension.to_ascii_lowercase();
        rules::LANGUAGES.iter().find(|language| language.extensions.contains(&extension.as_str()))
    }

    /// What `text` defines, from its beginning to its end.
    pub fn definitions<'t>(&'static self, text: &'t [u8]) -> impl Iterator<Item = Definition<'t>> {
        self.pattern.captures_iter(text).filter_map(move |found| {
            let group = (1..=self.kinds.len()).find_map(|group| Some((group, found.get(group)?)));
            let (group, name) = group?;
            let name = std::str::from_utf8(name.as_bytes()).ok()?.trim();
            let is_name = !name.is_empty() && !KEYWORDS.contains(&name);
            is_name.then(|| Definition { kind: self.kinds[group - 1], name, at: found.get_match().start() })
        })
    }
}

/// One pattern of all `rules`, in which each has a group of its own. Bytes
/// beyond ASCII count as letters.
fn compile(rules: &[&str]) -> Regex {
    let rules: Vec<String> = rules
        .iter()
        .map(|rule| {
            rule.replace("ID", r"[A-Za-z_$\x80-\xff][A-Za-z0-9_$\x80-\xff]*")
                .replace("~~", r"[ \t]+")
                .replace('~', r"[ \t]*")
        })
        .collect();
    let pattern = format!("^(?:{})", rules.join("|"));
    let compiled =
        RegexBuilder::new(&pattern).multi_line(true).crlf(true).unicode(false).size_limit(MAX_RULES_MEMORY).build();
    #[expect(clippy::expect_used, reason = "the rules are fixed, and tests compile each of them")]
    compiled.expect("the rules are regular expressions")
}
