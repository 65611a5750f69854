//! Definitions by name, and the outline of a file.

use bulkhead_sdk::{Error, Result};
use regex::bytes::{Regex, RegexBuilder};

use crate::{
    cursor::Cursor,
    excerpt::excerpt,
    file::bytes,
    language::Language,
    limits::{MAX_FILE_BYTES, MAX_MATCHES, MAX_PATTERN_BYTES},
    pace::Pace,
    root::{Place, Root},
    walk::{Scope, Walked, walk},
};

/// A definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    /// Its file.
    pub path: String,
    /// The number of its line, from 1.
    pub line: u64,
    /// What is defined: `function`, `struct`.
    pub kind: &'static str,
    /// The name.
    pub name: String,
    /// How far its line is indented, in characters.
    pub indent: usize,
    /// Its line.
    pub text: String,
}

/// Which names fit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fit {
    /// Those that hold the text.
    #[default]
    Contains,
    /// Those that begin with it.
    Begins,
    /// The text alone.
    Whole,
}

/// Which definitions are meant.
#[derive(Clone, Debug)]
pub struct Wanted {
    name: Regex,
    file: Regex,
    kind: Option<String>,
    most: usize,
}

impl Wanted {
    /// Definitions whose name fits `name`: case counts if it holds an
    /// upper-case letter. At most `most` of them.
    ///
    /// # Errors
    /// The name is empty or too long.
    pub fn new(name: &str, fit: Fit, kind: Option<String>, most: usize) -> Result<Self> {
        if name.is_empty() || name.len() > MAX_PATTERN_BYTES {
            return Err(Error::invalid(format!("a name has 1 to {MAX_PATTERN_BYTES} bytes")));
        }
        let text = regex::escape(name);
        let name_pattern = match fit {
            Fit::Contains => text.clone(),
            Fit::Begins => format!("^{text}"),
            Fit::Whole => format!("^{text}$"),
        };
        let folded = !name.chars().any(char::is_uppercase);
        let compile = |pattern: &str| {
            let built = RegexBuilder::new(pattern).case_insensitive(folded).build();
            built.map_err(|_| Error::invalid("the name is too long to be looked for"))
        };
        Ok(Self { name: compile(&name_pattern)?, file: compile(&text)?, kind, most: most.clamp(1, MAX_MATCHES) })
    }

    fn takes(&self, symbol: &Symbol) -> bool {
        self.name.is_match(symbol.name.as_bytes()) && self.kind.as_ref().is_none_or(|kind| kind == symbol.kind)
    }
}

/// The definitions in the files of `scope` that are `wanted`.
///
/// # Errors
/// The caller has given up.
pub fn symbols(root: &Root, scope: &Scope, wanted: &Wanted, pace: &mut Pace<'_>) -> Result<(Vec<Symbol>, Walked)> {
    let mut found: Vec<Symbol> = Vec::new();
    let walked = walk(root, scope, pace, &mut |place| {
        let Some(language) = Language::of(&place.path) else { return Ok(None) };
        let Ok(bytes) = bytes(place, MAX_FILE_BYTES) else { return Ok(None) };
        // Most files do not hold the name at all.
        if !wanted.file.is_match(&bytes) {
            return Ok(None);
        }
        let covered = scope.covered(&place.path);
        for symbol in all(place, language, &bytes).filter(|symbol| symbol.line > covered && wanted.takes(symbol)) {
            if found.len() == wanted.most {
                return Ok(Some(Cursor { line: Some(symbol.line - 1), ..Cursor::after(&place.path) }));
            }
            found.push(symbol);
        }
        Ok(None)
    })?;
    Ok((found, walked))
}

/// Every definition in the file at `place`, at most [`MAX_MATCHES`], and
/// whether there are more.
///
/// # Errors
/// It cannot be read, or its language is not known.
pub fn outline(place: &Place) -> Result<(Vec<Symbol>, bool)> {
    let bytes = bytes(place, MAX_FILE_BYTES)?;
    let language = Language::of(&place.path).ok_or_else(|| {
        Error::invalid(format!(
            "`{}`: what is defined in files of this kind is not known; search or read it",
            place.path
        ))
    })?;
    let mut symbols: Vec<Symbol> = all(place, language, &bytes).take(MAX_MATCHES + 1).collect();
    let more = symbols.len() > MAX_MATCHES;
    symbols.truncate(MAX_MATCHES);
    Ok((symbols, more))
}

/// The definitions in `bytes`, by line.
pub(crate) fn all<'t>(
    place: &'t Place,
    language: &'static Language,
    bytes: &'t [u8],
) -> impl Iterator<Item = Symbol> + 't {
    let (mut line, mut counted) = (1, 0);
    language.definitions(bytes).map(move |found| {
        line += newlines(&bytes[counted..found.at]);
        counted = found.at;
        let rest = &bytes[found.at..];
        let whole = rest.split(|byte| *byte == b'\n').next().unwrap_or(rest);
        Symbol {
            path: place.path.clone(),
            line,
            kind: found.kind,
            name: excerpt(found.name.as_bytes(), 0),
            indent: whole.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count(),
            text: excerpt(whole.trim_ascii_start(), 0),
        }
    })
}

fn newlines(bytes: &[u8]) -> u64 {
    bytes.iter().map(|byte| u64::from(*byte == b'\n')).sum()
}
