//! `${NAME}`, `${NAME:-default}` and `${file:/path}` inside scalars, after
//! parsing: what a variable holds can be no key and open no list.

use std::{
    io::Read as _,
    path::{Path, PathBuf},
};

use bulkhead_base::Redacted;

use super::{
    error::Fault,
    tree::{Node, Value},
};

/// Largest file that `${file:…}` reads: secrets are short.
const MAX_FILE_BYTES: u64 = 64 << 10;
/// Largest scalar after expansion. Answers "a variable used a thousand times".
const MAX_SCALAR_BYTES: usize = 1 << 20;

/// Where variables come from.
pub(super) type Environment = dyn Fn(&str) -> Option<String>;

/// The process's own environment.
#[expect(clippy::disallowed_methods, reason = "this is where variables are expanded")]
pub(super) fn process_environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// What stands in for a variable that is not set, where no secret is needed.
/// A default goes before it.
pub(super) fn stand_in(name: &str) -> String {
    format!("unset-{name}")
}

/// Shortest value that is kept from being told: ports and words are no secrets.
const SHORTEST_SECRET: usize = 8;

/// What was expanded.
#[derive(Debug, Default)]
pub(super) struct Expanded {
    /// The files that were read.
    pub(super) files: Vec<PathBuf>,
    /// References and what they hold, the longest first.
    values: Vec<(String, Redacted<String>)>,
}

impl Expanded {
    /// `text`, with references in place of what they hold: whoever puts a
    /// secret in the wrong place does not read it in an error.
    pub(super) fn hide(&self, text: String) -> String {
        let hidden = |text: String, (reference, value): &(String, Redacted<String>)| {
            let (plain, quoted) = (value.expose(), format!("{:?}", value.expose()));
            text.replace(plain, reference).replace(quoted.trim_matches('"'), reference)
        };
        self.values.iter().fold(text, hidden)
    }
}

/// Expands every scalar below `node`.
pub(super) fn expand(node: &mut Node, folder: &Path, environment: &Environment) -> Result<Expanded, Fault> {
    let mut expander = Expander { folder, environment, done: Expanded::default() };
    expander.node(node)?;
    expander.done.values.sort_by_key(|(_, value)| std::cmp::Reverse(value.expose().len()));
    Ok(expander.done)
}

struct Expander<'a> {
    folder: &'a Path,
    environment: &'a Environment,
    done: Expanded,
}

impl Expander<'_> {
    fn node(&mut self, node: &mut Node) -> Result<(), Fault> {
        match &mut node.value {
            Value::Null => Ok(()),
            Value::Scalar(text) if !text.contains("${") => Ok(()),
            Value::Scalar(text) => {
                *text = self.scalar(text).map_err(|why| Fault::at(node.at, why))?;
                Ok(())
            }
            Value::List { items, .. } => items
                .iter_mut()
                .enumerate()
                .try_for_each(|(index, item)| self.node(item).map_err(|fault| fault.under(&format!("[{index}]")))),
            Value::Map { entries, .. } => {
                entries.iter_mut().try_for_each(|(key, value)| self.node(value).map_err(|fault| fault.under(&key.text)))
            }
        }
    }

    fn scalar(&mut self, text: &str) -> Result<String, String> {
        let mut expanded = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find("${") {
            let (before, reference) = rest.split_at(at);
            // `$${` stands for `${` itself.
            if let Some(literal) = before.strip_suffix('$') {
                expanded.push_str(literal);
                expanded.push_str("${");
                rest = &reference[2..];
                continue;
            }
            let end = reference.find('}').ok_or("`${` without `}`; write `$${` for the characters themselves")?;
            expanded.push_str(before);
            let value = self.value(&reference[2..end])?;
            expanded.push_str(&value);
            if value.len() >= SHORTEST_SECRET {
                self.done.values.push((reference[..=end].to_owned(), Redacted::new(value)));
            }
            rest = &reference[end + 1..];
            if expanded.len() > MAX_SCALAR_BYTES {
                return Err(format!("larger than {MAX_SCALAR_BYTES} bytes once expanded"));
            }
        }
        expanded.push_str(rest);
        Ok(expanded)
    }

    fn value(&mut self, reference: &str) -> Result<String, String> {
        if let Some(path) = reference.strip_prefix("file:") {
            return self.file(path);
        }
        let (name, default) = reference.split_once(":-").map_or((reference, None), |(name, d)| (name, Some(d)));
        bulkhead_policy::variable_name(name).map_err(|_| {
            format!("`${{{name}}}` is no reference: expected ${{NAME}}, ${{NAME:-default}} or ${{file:/path}}")
        })?;
        let is_unset = |value: &String| value.is_empty() || *value == stand_in(name);
        let found = (self.environment)(name).filter(|value| default.is_none() || !is_unset(value));
        found.or_else(|| default.map(str::to_owned)).ok_or_else(|| {
            format!("the variable {name} is not set; set it, or write ${{{name}:-default}} or ${{file:/path}}")
        })
    }

    fn file(&mut self, path: &str) -> Result<String, String> {
        let path = self.folder.join(path);
        let failed = |error: std::io::Error| format!("{}: {error}", path.display());
        let mut text = String::new();
        let file = std::fs::File::open(&path).map_err(failed)?;
        file.take(MAX_FILE_BYTES + 1).read_to_string(&mut text).map_err(failed)?;
        if text.len() as u64 > MAX_FILE_BYTES {
            return Err(format!("{}: larger than {MAX_FILE_BYTES} bytes", path.display()));
        }
        self.done.files.push(path.clone());
        let line = text.strip_suffix('\n').unwrap_or(&text);
        Ok(line.strip_suffix('\r').unwrap_or(line).to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(name: &str) -> Option<String> {
        match name {
            "KEY" => Some("s3cret".to_owned()),
            "EMPTY" => Some(String::new()),
            "LATER" => Some(stand_in(name)),
            "TRICK" => Some("x}\nadmin: true ${KEY}".to_owned()),
            _ => None,
        }
    }

    fn expanded(text: &str) -> Result<String, String> {
        Expander { folder: Path::new("/"), environment: &environment, done: Expanded::default() }.scalar(text)
    }

    #[test]
    fn references_are_replaced_once() {
        let table = [
            ("${KEY}", "s3cret"),
            ("Bearer ${KEY}!", "Bearer s3cret!"),
            ("${NONE:-a:-b}", "a:-b"),
            ("${NONE:-}", ""),
            ("${EMPTY:-d}", "d"),
            ("${EMPTY}", ""),
            ("${LATER}", "unset-LATER"),
            ("${LATER:-d}", "d"),
            ("$${KEY}", "${KEY}"),
            ("$KEY $", "$KEY $"),
            ("${TRICK}", "x}\nadmin: true ${KEY}"),
            ("${KEY}${KEY}", "s3crets3cret"),
        ];
        for (text, result) in table {
            assert_eq!(expanded(text).as_deref(), Ok(result), "{text}");
        }
        for bad in ["${NONE}", "${", "${KEY", "${}", "${a b}", "${1}", "${file:/no/such}", "${:-x}"] {
            assert!(expanded(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_file_is_read_without_its_last_line_break_and_remembered() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("key"), "s3cret\n").unwrap();
        let mut node = super::super::tree::parse("a: [\"${file:key}\"]").unwrap();
        let files = expand(&mut node, folder.path(), &environment).unwrap().files;
        assert_eq!(files, [folder.path().join("key")]);
        let Value::List { items, .. } = &node.get("a").unwrap().1.value else { panic!("not a list") };
        assert_eq!(items[0].value, Value::Scalar("s3cret".to_owned()));
    }
}
