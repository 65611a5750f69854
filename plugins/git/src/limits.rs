//! How much one call takes, walks and answers. Each limit answers "a server or
//! a repository that is larger, or more hostile, than a call".

/// Longest address of a remote, in bytes.
pub const MAX_URL_BYTES: usize = 2_048;

/// Most redirects that the first request of a clone follows.
pub const MAX_REDIRECTS: usize = 5;

/// Most branches and tags of a remote or a repository.
pub const MAX_REFS: usize = 20_000;

/// Longest name of a branch or tag, in bytes.
pub const MAX_REF_BYTES: usize = 512;

/// Largest pack that is taken, as it comes over the network.
pub const MAX_PACK_BYTES: u64 = 512 * 1024 * 1024;

/// Most objects of a pack that is taken: each costs 52 bytes of memory.
pub const MAX_OBJECTS: u32 = 500_000;

/// Largest object, unfolded. It is held in memory.
pub const MAX_OBJECT_BYTES: usize = 16 * 1024 * 1024;

/// Most bytes that all objects of a pack unfold to: the work that a small
/// pack of deltas can ask for.
pub const MAX_UNFOLDED_BYTES: u64 = 4 * 1024 * 1024 * 1024;

/// Most bytes of bases that wait for their deltas while a pack is unfolded.
pub const MAX_HELD_BYTES: usize = 32 * 1024 * 1024;

/// Longest chain of deltas, as in git itself.
pub const MAX_CHAIN: usize = 4_095;

/// Most bytes of objects that are kept to unfold others.
pub const MAX_CACHED_BYTES: usize = 8 * 1024 * 1024;

/// Most packs of one repository.
pub const MAX_PACKS: usize = 256;

/// Deepest folder of a tree.
pub const MAX_DEPTH: usize = 64;

/// Longest path in a tree, in bytes.
pub const MAX_PATH_BYTES: usize = 4_096;

/// Most entries of trees that one call looks at: a few trees that hold each
/// other many times stand for billions of files.
pub const MAX_VISITED: usize = 300_000;

/// Most bytes that a checkout writes.
pub const MAX_CHECKOUT_BYTES: u64 = 1024 * 1024 * 1024;

/// Most commits that one call walks over.
pub const MAX_WALKED: usize = 50_000;

/// Most commits of one page.
pub const MAX_COMMITS: u32 = 100;

/// Most changed files that one call tells of.
pub const MAX_CHANGES: usize = 5_000;

/// Largest file whose lines are compared.
pub const MAX_DIFFED_BYTES: usize = 1024 * 1024;

/// Most bytes of one answer's patch.
pub const MAX_PATCH_BYTES: usize = 256 * 1024;

/// Most bytes of a file that one call answers with.
pub const MAX_SHOWN_BYTES: usize = 256 * 1024;

/// Most bytes of a commit's message that are told.
pub const MAX_MESSAGE_BYTES: usize = 16 * 1024;

/// Most paths that one `status` tells of.
pub const MAX_STATUS: usize = 1_000;

/// Most bytes of files that one `status` reads.
pub const MAX_COMPARED_BYTES: u64 = 256 * 1024 * 1024;
