//! How much one call may walk, read and answer. Each limit answers "a folder,
//! a file or a pattern that is larger than a call".

use std::time::Duration;

/// Longest path, in bytes.
pub const MAX_PATH_BYTES: usize = 4_096;

/// Deepest folder that is walked: a loop of mounts ends.
pub const MAX_DEPTH: usize = 64;

/// Most files of one walk, those that were passed over for a cursor not counted.
pub const MAX_FILES: usize = 50_000;

/// Most entries of one walk, whatever becomes of them.
pub const MAX_VISITED: usize = 400_000;

/// Largest `.gitignore`, in bytes: each of its lines becomes a part of an
/// automaton. A folder whose one is larger is passed over.
pub const MAX_IGNORE_BYTES: u64 = 64 * 1024;

/// Largest file that is searched or read, in bytes. Larger ones are passed over.
pub const MAX_FILE_BYTES: u64 = 8 * 1024 * 1024;

/// How long a call goes on before it gives what it has, and a cursor.
pub const MAX_TIME: Duration = Duration::from_secs(4);

/// Longest pattern, name or glob, in bytes.
pub const MAX_PATTERN_BYTES: usize = 1_024;

/// Most globs of one call.
pub const MAX_GLOBS: usize = 32;

/// Largest compiled pattern, in bytes: `(a{1000}){1000}` is refused.
pub const MAX_PATTERN_MEMORY: usize = 2 * 1024 * 1024;

/// Most memory that the lazy automaton of a pattern may take, in bytes.
pub const MAX_AUTOMATON_MEMORY: usize = 4 * 1024 * 1024;

/// Most matches of one answer.
pub const MAX_MATCHES: usize = 500;

/// Matches of an answer, where the caller does not say.
pub const DEFAULT_MATCHES: usize = 100;

/// Most context lines on each side of a match.
pub const MAX_CONTEXT_LINES: usize = 20;

/// Most characters of a line that are quoted.
pub const MAX_LINE_CHARS: usize = 300;

/// Most bytes that the lines of one answer have in all.
pub const MAX_ANSWER_BYTES: usize = 256 * 1024;

/// Most bytes of a file that one `read` answers with.
pub const MAX_READ_BYTES: usize = 128 * 1024;

/// Most bytes of a resource, which is always read whole. In base64 it still
/// fits the answer of a plugin with default limits.
pub const MAX_RESOURCE_BYTES: u64 = 512 * 1024;

/// Most bytes of snippets in the prompt.
pub const MAX_PROMPT_BYTES: usize = 24 * 1024;

/// Most words of a question that are looked for.
pub const MAX_WORDS: usize = 12;

/// Files between two looks at the clock, the caller and the progress.
pub const FILES_PER_LOOK: usize = 32;
