//! How much of a stranger's file is read. Each constant says which threat it answers.

/// Largest plugin file. Answers "a file that fills the host's memory before
/// its signature is looked at": a Python plugin has about 35 MiB.
pub const MAX_FILE_BYTES: usize = 64 << 20;

/// Largest manifest. Answers "a contract so large that every listing is slow".
pub const MAX_MANIFEST_BYTES: usize = 1 << 20;

/// Largest signature section or detached envelope. Answers "a signature that
/// takes longer to read than the plugin".
pub const MAX_SIGNATURE_BYTES: usize = 64 << 10;

/// Most signatures in one envelope. Answers "a file that costs the host a
/// thousand signature checks".
pub const MAX_SIGNATURES: usize = 16;

/// Deepest nesting of JSON. Answers "brackets that exhaust the host's stack".
pub const MAX_JSON_DEPTH: usize = 64;

/// Most items of one kind in a contract. Answers "a listing that no client
/// can hold, and that hides one bad tool among thousands".
pub const MAX_ITEMS: usize = 512;

/// Most arguments of one prompt, icons of one item, schemes of one plugin,
/// asks of one kind. Answers "a review too long to be read".
pub const MAX_PARTS: usize = 64;

/// Most variables of one URI template. Answers "a template that takes long to
/// hold against a URI".
pub const MAX_VARIABLES: usize = 16;

/// Most files of one skill, and most bytes of them together: what every client
/// of the skills extension has to be able to hold (SEP-2640, "Limits").
pub const MAX_SKILL_FILES: usize = 512;
pub const MAX_SKILL_BYTES: u64 = 16 << 20;

/// Longest name of a tool, prompt or argument: what clients accept.
pub const MAX_NAME_CHARS: usize = 64;

/// Longest title, publisher, reason or resource name, in bytes. Answers "a line that
/// pushes the rest of a review off the screen".
pub const MAX_LINE_BYTES: usize = 512;

/// Longest description, in bytes. Answers "a description that fills a model's context".
pub const MAX_DESCRIPTION_BYTES: usize = 16 << 10;

/// Longest schema, in bytes. Answers "a schema that takes seconds to compile".
pub const MAX_SCHEMA_BYTES: usize = 256 << 10;

/// Longest `_meta`, annotations or icons of one item, in bytes: icons may be
/// small `data:` pictures. Answers "a listing swollen by what nobody reads".
pub const MAX_EXTRA_BYTES: usize = 64 << 10;

/// Longest URI, URI template, host name or path, in bytes.
pub const MAX_URI_BYTES: usize = 2 << 10;

/// Largest `plugin.toml`.
pub const MAX_PLUGIN_TOML_BYTES: usize = 256 << 10;

/// Largest revocations file. Answers "a file without bound, read on every change".
pub const MAX_REVOCATION_BYTES: u64 = 8 << 20;
