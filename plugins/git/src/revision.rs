//! Revisions as people write them: `main`, `v1.0~2`, `HEAD^`, `1a2b3c4`.

use crate::error::{GitError, Result};
use crate::limits::MAX_WALKED;
use crate::oid::{OID_DIGITS, Oid};
use crate::repository::Repository;

/// Longest revision, in bytes.
const MAX_REVISION_BYTES: usize = 512;
/// Fewest digits of an id that is cut short.
const MIN_DIGITS: usize = 4;
/// What may stand before the name of a branch or tag, in git's order.
const PREFIXES: [&str; 5] = ["", "refs/", "refs/tags/", "refs/heads/", "refs/remotes/"];

/// A step from a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// To the parent of this number; 0 is the commit itself.
    Parent(usize),
    /// That many times to the first parent.
    Back(usize),
}

impl Repository {
    /// The object that `revision` names.
    pub(crate) fn resolve(&mut self, revision: &str) -> Result<Oid> {
        let (name, steps) = parse(revision)?;
        let mut id = self.named(name)?;
        for step in steps {
            id = self.step(id, step, revision)?;
        }
        Ok(id)
    }

    fn named(&mut self, name: &str) -> Result<Oid> {
        if let Some(id) = Oid::from_hex(name.as_bytes()) {
            return Ok(id);
        }
        let name = if name == "@" { "HEAD" } else { name };
        let names = PREFIXES.iter().map(|prefix| format!("{prefix}{name}"));
        let mut names = names.chain([format!("refs/remotes/{name}/HEAD")]);
        if let Some(id) = names.find_map(|name| self.refs.get(&name)) {
            return Ok(id);
        }
        self.abbreviated(name)?.ok_or_else(|| {
            let hint = if name == "HEAD" { "; nothing was committed here yet" } else { "; `refs` lists what there is" };
            GitError::not_found(format!("`{}` has no branch, tag or commit `{name}`{hint}", self.name))
        })
    }

    fn abbreviated(&mut self, digits: &str) -> Result<Option<Oid>> {
        let fits =
            (MIN_DIGITS..OID_DIGITS).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !fits {
            return Ok(None);
        }
        match self.store.beginning(&digits.to_ascii_lowercase())?.as_slice() {
            [] => Ok(None),
            [id] => Ok(Some(*id)),
            ids => Err(GitError::invalid(format!(
                "`{digits}` begins the names of {} objects; write more digits",
                ids.len()
            ))),
        }
    }

    fn step(&mut self, id: Oid, step: Step, revision: &str) -> Result<Oid> {
        let (mut id, _) = self.store.untagged(&id)?;
        let (times, parent) = match step {
            Step::Parent(0) => return Ok(id),
            Step::Parent(number) => (1, number - 1),
            Step::Back(times) => (times, 0),
        };
        for _ in 0..times {
            let commit = self.commit(&id)?;
            let end = if self.is_shallow() { "; the clone is shallow" } else { "" };
            id = *commit
                .parents
                .get(parent)
                .ok_or_else(|| GitError::not_found(format!("`{revision}` goes beyond the first commit{end}")))?;
        }
        Ok(id)
    }
}

/// Takes a revision apart: a name, and steps from there.
fn parse(revision: &str) -> Result<(&str, Vec<Step>)> {
    let wrong = |why: &str| GitError::invalid(format!("{revision:?} is no revision: {why}"));
    if revision.len() > MAX_REVISION_BYTES {
        return Err(wrong("it is too long"));
    }
    if revision.starts_with('-') {
        return Err(wrong("it begins with `-`; options are not taken"));
    }
    if revision.contains("..") || revision.contains(':') || revision.contains("@{") {
        return Err(wrong("expected one commit, branch or tag, without `..`, `:` and `@{`"));
    }
    let end = revision.find(['~', '^']).unwrap_or(revision.len());
    let (name, mut rest) = revision.split_at(end);
    if name.is_empty() {
        return Err(wrong("it names nothing"));
    }
    let mut steps = Vec::new();
    while let Some(kind) = rest.chars().next() {
        rest = &rest[1..];
        if let Some(after) = rest.strip_prefix("{}") {
            // Past every tag: what each step does anyway.
            rest = after;
            steps.push(Step::Parent(0));
            continue;
        }
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let number = if digits == 0 { Ok(1) } else { rest[..digits].parse() };
        let number = number.ok().filter(|number| *number <= MAX_WALKED).ok_or_else(|| wrong("it goes too far back"))?;
        rest = &rest[digits..];
        if !rest.is_empty() && !rest.starts_with(['~', '^']) {
            return Err(wrong("expected `~N` or `^N` after the name"));
        }
        steps.push(if kind == '~' { Step::Back(number) } else { Step::Parent(number) });
    }
    Ok((name, steps))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_revision_is_a_name_and_steps() {
        let table = [
            ("main", "main", vec![]),
            ("HEAD~3", "HEAD", vec![Step::Back(3)]),
            ("v1^2~", "v1", vec![Step::Parent(2), Step::Back(1)]),
            ("a/b^^", "a/b", vec![Step::Parent(1), Step::Parent(1)]),
        ];
        for (text, name, steps) in table {
            assert_eq!(parse(text), Ok((name, steps)), "{text}");
        }
    }

    #[test]
    fn what_could_be_an_option_or_more_is_refused() {
        for text in
            ["", "--output=x", "-c", "a..b", "a:b", "HEAD@{1}", "~1", "HEAD~99999999999999999999", "HEAD~1x", "HEAD^é"]
        {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
