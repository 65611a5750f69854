//! Searching text.

use bulkhead_sdk::prelude::*;

use super::cursor;
use crate::{Case, Extent, MAX_TIME, Pace, Pattern, Root, Scope, limits::DEFAULT_MATCHES, search as search_in};

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Search {
    /// A regular expression in Rust's syntax; no look-around, no
    /// back-references. A line has to match, never several.
    #[schemars(length(min = 1, max = 1024))]
    pattern: String,
    /// Whether `pattern` is plain text.
    #[serde(default)]
    plain: bool,
    /// Whether a match has to begin and end at the border of a word.
    #[serde(default)]
    whole_words: bool,
    #[serde(default)]
    case: TellCase,
    /// The file or folder to search, such as "src"; everything if left out.
    path: Option<String>,
    /// Which files: "*.rs", "src/**/*.ts"; "!vendor/**" leaves out.
    #[serde(default)]
    #[schemars(length(max = 32))]
    globs: Vec<String>,
    /// Whether to search files whose names begin with a dot.
    #[serde(default)]
    hidden: bool,
    /// Lines to show before and after each match.
    #[serde(default)]
    #[schemars(range(max = 20))]
    context: usize,
    /// Whether the first match of a file stands for all of them.
    #[serde(default)]
    first_only: bool,
    /// Most matches; 100 if left out.
    #[schemars(range(min = 1, max = 500))]
    limit: Option<usize>,
    /// The `cursor` of an earlier answer to the same search.
    cursor: Option<String>,
}

/// How upper and lower case are told apart.
#[derive(Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum TellCase {
    /// Only if the pattern holds an upper-case letter.
    #[default]
    Smart,
    Sensitive,
    Ignore,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Hit {
    path: String,
    line: u64,
    /// The character at which the match begins, from 1.
    column: usize,
    /// The line; of a long one, the part around the match.
    text: String,
    /// Lines before it that no earlier match shows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    before: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    after: Vec<String>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Searched {
    matches: Vec<Hit>,
    /// How many files were searched.
    files: usize,
    /// Whether there may be more matches.
    truncated: bool,
    /// Where to go on, if there may be more.
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor: Option<String>,
    /// Whether a file or a folder was passed over: too large, too deep or
    /// unreadable.
    passed_over: bool,
}

/// Searches the text of the files, as ripgrep does: what .gitignore leaves
/// out is left out, binary files are passed over.
#[tool(title = "Search the code", read_only, idempotent, open_world = false)]
pub(crate) fn search(args: Search, ctx: &Context) -> Result<Json<Searched>> {
    let root = Root::granted()?;
    let scope = Scope::new(&root, args.path.as_deref(), &args.globs)?.hidden(args.hidden).after(cursor(args.cursor)?);
    let case = match args.case {
        TellCase::Smart => Case::Smart,
        TellCase::Sensitive => Case::Sensitive,
        TellCase::Ignore => Case::Ignore,
    };
    let pattern = Pattern { text: args.pattern, is_plain: args.plain, whole_words: args.whole_words, case };
    let matches = args.limit.unwrap_or(DEFAULT_MATCHES);
    let extent = Extent { context: args.context, matches, first_only: args.first_only };
    let found = search_in(&root, &scope, &pattern, extent, &mut Pace::new(ctx, MAX_TIME))?;
    let hit = |hit: crate::Hit| Hit {
        path: hit.path,
        line: hit.line,
        column: hit.column,
        text: hit.text,
        before: hit.before,
        after: hit.after,
    };
    Ok(Json(Searched {
        matches: found.hits.into_iter().map(hit).collect(),
        files: found.files,
        truncated: found.cursor.is_some(),
        cursor: found.cursor.map(|cursor| cursor.to_string()),
        passed_over: found.passed_over,
    }))
}
