//! One file's change as a unified patch, as `git apply` reads it.

use std::fmt::Write as _;

use imara_diff::{Algorithm, Diff, InternedInput, sources::byte_lines};

use super::changes::{Change, Side};
use crate::error::Result;
use crate::limits::{MAX_DIFFED_BYTES, MAX_PATCH_BYTES};
use crate::object::Mode;
use crate::store::Store;

/// What is looked at to tell text from other bytes, as git does.
const SNIFFED_BYTES: usize = 8_000;

/// A change, written.
#[derive(Debug, Default)]
pub(crate) struct Patch {
    pub(crate) text: String,
    pub(crate) additions: u32,
    pub(crate) deletions: u32,
    /// Why its lines are not shown.
    pub(crate) left_out: Option<&'static str>,
}

impl Patch {
    pub(crate) fn of(store: &mut Store, change: &Change, context: u32) -> Result<Self> {
        let mut patch = Self { text: header(change), ..Self::default() };
        if change.before.map(|(_, id)| id) == change.after.map(|(_, id)| id) {
            return Ok(patch);
        }
        let (before, after) = (contents(store, change.before)?, contents(store, change.after)?);
        let is_binary =
            [&before, &after].into_iter().any(|bytes| bytes.iter().take(SNIFFED_BYTES).any(|byte| *byte == 0));
        let is_large = before.len() > MAX_DIFFED_BYTES || after.len() > MAX_DIFFED_BYTES;
        if is_binary || is_large {
            patch.leave_out(change, if is_binary { "binary" } else { "large" });
        } else {
            patch.lines(change, &before, &after, context);
        }
        Ok(patch)
    }

    fn leave_out(&mut self, change: &Change, why: &'static str) {
        let (a, b) = names(change);
        self.left_out = Some(why);
        let word = if why == "binary" { "Binary files" } else { "Large files" };
        self.text.push_str(&format!("{word} {a} and {b} differ\n"));
    }

    fn lines(&mut self, change: &Change, before: &[u8], after: &[u8], context: u32) {
        let input = InternedInput::new(byte_lines(before), byte_lines(after));
        let mut diff = Diff::compute(Algorithm::Histogram, &input);
        diff.postprocess_lines(&input);
        (self.additions, self.deletions) = (diff.count_additions(), diff.count_removals());
        let (a, b) = names(change);
        let start = self.text.len();
        if self.additions + self.deletions > 0 {
            self.text.push_str(&format!("--- {a}\n+++ {b}\n"));
            hunks(&mut self.text, &diff, &input, context);
        }
        if self.text.len() > MAX_PATCH_BYTES {
            self.text.truncate(start);
            self.leave_out(change, "large");
        }
    }
}

/// Changes that are nearer to each other than twice the context are one hunk.
fn hunks(text: &mut String, diff: &Diff, input: &InternedInput<&[u8]>, context: u32) {
    let changes: Vec<imara_diff::Hunk> = diff.hunks().collect();
    let near = |a: &imara_diff::Hunk, b: &imara_diff::Hunk| b.before.start - a.before.end <= 2 * context;
    for group in changes.chunk_by(near) {
        if text.len() > MAX_PATCH_BYTES {
            return;
        }
        hunk(text, group, input, context);
    }
}

fn hunk(text: &mut String, changes: &[imara_diff::Hunk], input: &InternedInput<&[u8]>, context: u32) {
    let ([first, ..], [.., last]) = (changes, changes) else { return };
    let length = u32::try_from(input.before.len()).unwrap_or(u32::MAX);
    let lead = context.min(first.before.start);
    let start = first.before.start - lead;
    let end = last.before.end.saturating_add(context).min(length);
    let trail = end - last.before.end;
    let start_after = first.after.start - lead;
    let end_after = last.after.end + trail;
    let _ = writeln!(text, "@@ -{} +{} @@", range(start, end - start), range(start_after, end_after - start_after));
    let mut at = start;
    for change in changes {
        side(text, ' ', input, &input.before, at..change.before.start);
        side(text, '-', input, &input.before, change.before.clone());
        side(text, '+', input, &input.after, change.after.clone());
        at = change.before.end;
    }
    side(text, ' ', input, &input.before, at..end);
}

/// Where lines begin, from 1; an empty range is named by the line before it.
fn range(start: u32, length: u32) -> String {
    match length {
        0 => format!("{start},0"),
        1 => format!("{}", start + 1),
        _ => format!("{},{length}", start + 1),
    }
}

fn side(
    text: &mut String,
    sign: char,
    input: &InternedInput<&[u8]>,
    tokens: &[imara_diff::Token],
    lines: std::ops::Range<u32>,
) {
    for line in lines {
        let Some(token) = usize::try_from(line).ok().and_then(|line| tokens.get(line)) else { return };
        let line = input.interner[*token];
        text.push(sign);
        text.push_str(&String::from_utf8_lossy(line));
        if !line.ends_with(b"\n") {
            text.push_str("\n\\ No newline at end of file\n");
        }
    }
}

fn contents(store: &mut Store, side: Option<Side>) -> Result<Vec<u8>> {
    match side {
        None => Ok(Vec::new()),
        Some((Mode::Submodule, id)) => Ok(format!("Subproject commit {id}\n").into_bytes()),
        Some((_, id)) => Ok(store.blob(&id)?.data.as_ref().clone()),
    }
}

fn header(change: &Change) -> String {
    let (a, b) = (quoted(b"a/", &change.path), quoted(b"b/", &change.path));
    let mut text = format!("diff --git {a} {b}\n");
    let short = |side: Option<Side>| side.map_or_else(|| "0000000".to_owned(), |(_, id)| id.short());
    let mode = |mode: Mode| format!("{:06o}", mode.bits());
    let same = match (change.before, change.after) {
        (None, Some((after, _))) => {
            text.push_str(&format!("new file mode {}\n", mode(after)));
            String::new()
        }
        (Some((before, _)), None) => {
            text.push_str(&format!("deleted file mode {}\n", mode(before)));
            String::new()
        }
        (Some((before, _)), Some((after, _))) if before != after => {
            text.push_str(&format!("old mode {}\nnew mode {}\n", mode(before), mode(after)));
            String::new()
        }
        (Some((before, _)), _) => format!(" {}", mode(before)),
        (None, None) => String::new(),
    };
    if short(change.before) != short(change.after) {
        text.push_str(&format!("index {}..{}{same}\n", short(change.before), short(change.after)));
    }
    text
}

fn names(change: &Change) -> (String, String) {
    let name = |side: Option<Side>, prefix: &[u8]| {
        side.map_or_else(|| "/dev/null".to_owned(), |_| quoted(prefix, &change.path))
    };
    (name(change.before, b"a/"), name(change.after, b"b/"))
}

/// A path as git writes it: in quotes if it holds what would end or bend the line.
fn quoted(prefix: &[u8], path: &[u8]) -> String {
    let path = [prefix, path].concat();
    let is_plain = |byte: &u8| (0x20..0x7f).contains(byte) && !b"\"\\".contains(byte);
    if path.iter().all(is_plain) {
        return String::from_utf8_lossy(&path).into_owned();
    }
    let mut text = "\"".to_owned();
    for byte in path {
        match byte {
            b'"' | b'\\' => text.extend(['\\', char::from(byte)]),
            b'\n' => text.push_str("\\n"),
            b'\t' => text.push_str("\\t"),
            byte if is_plain(&byte) => text.push(char::from(byte)),
            byte => text.push_str(&format!("\\{byte:03o}")),
        }
    }
    text.push('"');
    text
}
