//! How much one call may read, walk and answer. Each limit answers "a folder
//! or a file that is larger than a call".

/// Longest path, in bytes.
pub const MAX_PATH_BYTES: usize = 4_096;

/// Deepest folder that listing and searching descend to: a loop of mounts ends.
pub const MAX_DEPTH: usize = 32;

/// Largest file that is read at all: its etag covers every byte.
pub const MAX_FILE_BYTES: u64 = 16 * 1024 * 1024;

/// Most bytes of a file that one `read` answers with.
pub const MAX_READ_BYTES: usize = 256 * 1024;

/// Most bytes of a resource, which is always read whole. In base64 it still
/// fits the answer of a plugin with default limits.
pub const MAX_RESOURCE_BYTES: u64 = 512 * 1024;

/// Most bytes that one `write` takes.
pub const MAX_WRITE_BYTES: usize = 4 * 1024 * 1024;

/// Most entries of one `list`.
pub const MAX_ENTRIES: usize = 1_000;

/// Entries of one page of resources.
pub const PAGE_ENTRIES: usize = 100;

/// Most entries that one `search`, or one page of resources, looks at.
pub const MAX_VISITED: usize = 20_000;

/// Most bytes that one `search` reads.
pub const MAX_SEARCHED_BYTES: u64 = 64 * 1024 * 1024;

/// Most matches of one `search`.
pub const MAX_MATCHES: usize = 200;

/// Most characters of a line that a match quotes.
pub const MAX_EXCERPT_CHARS: usize = 240;

/// Longest pattern: matching takes at most its length times the name's.
pub const MAX_PATTERN_BYTES: usize = 256;
