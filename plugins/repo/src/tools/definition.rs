//! Finding definitions.

use bulkhead_sdk::prelude::*;

use super::cursor;
use crate::{
    Fit, MAX_TIME, Pace, Root, Scope, Wanted, limits::DEFAULT_MATCHES, outline as outline_of, symbols as symbols_in,
};

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Symbols {
    /// The name to look for; case counts if it holds an upper-case letter.
    #[schemars(length(min = 1, max = 1024))]
    name: String,
    #[serde(default)]
    fit: TellFit,
    /// Such as "function", "method", "struct", "class", "enum", "interface",
    /// "trait", "impl", "type", "constant", "variable", "module", "macro".
    kind: Option<String>,
    /// The file or folder to look in; everything if left out.
    path: Option<String>,
    /// Which files: "*.rs", "src/**/*.ts"; "!vendor/**" leaves out.
    #[serde(default)]
    #[schemars(length(max = 32))]
    globs: Vec<String>,
    /// Most definitions; 100 if left out.
    #[schemars(range(min = 1, max = 500))]
    limit: Option<usize>,
    /// The `cursor` of an earlier answer to the same question.
    cursor: Option<String>,
}

/// Which names fit.
#[derive(Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum TellFit {
    /// Those that hold the text.
    #[default]
    Contains,
    /// Those that begin with it.
    Begins,
    /// The text alone.
    Whole,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Symbol {
    path: String,
    line: u64,
    kind: String,
    name: String,
    /// How far the line is indented, in characters.
    indent: usize,
    /// The line.
    text: String,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Defined {
    symbols: Vec<Symbol>,
    /// Whether there may be more.
    truncated: bool,
    /// Where to go on, if there may be more.
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor: Option<String>,
}

/// Finds where something is defined: functions, types, constants, in Rust,
/// Python, JavaScript, TypeScript, Go, C, C++, Java, C#, Kotlin, Swift, Ruby,
/// PHP and shell; headings in Markdown. It looks at lines, not at syntax.
#[tool(title = "Find definitions", read_only, idempotent, open_world = false)]
pub(crate) fn symbols(args: Symbols, ctx: &Context) -> Result<Json<Defined>> {
    let root = Root::granted()?;
    let scope = Scope::new(&root, args.path.as_deref(), &args.globs)?.after(cursor(args.cursor)?);
    let fit = match args.fit {
        TellFit::Contains => Fit::Contains,
        TellFit::Begins => Fit::Begins,
        TellFit::Whole => Fit::Whole,
    };
    let wanted = Wanted::new(&args.name, fit, args.kind, args.limit.unwrap_or(DEFAULT_MATCHES))?;
    let (found, walked) = symbols_in(&root, &scope, &wanted, &mut Pace::new(ctx, MAX_TIME))?;
    let cursor = walked.cursor.map(|cursor| cursor.to_string());
    Ok(Json(Defined { symbols: found.into_iter().map(symbol).collect(), truncated: cursor.is_some(), cursor }))
}

fn symbol(found: crate::Symbol) -> Symbol {
    let crate::Symbol { path, line, kind, name, indent, text } = found;
    Symbol { path, line, kind: kind.to_owned(), name, indent, text }
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Outline {
    /// The file, such as "src/main.rs".
    path: String,
}

/// Lists what a file defines, in order; `indent` tells what lies in what.
#[tool(title = "Outline a file", read_only, idempotent, open_world = false)]
pub(crate) fn outline(args: Outline) -> Result<Json<Defined>> {
    let place = Root::granted()?.place(&args.path)?;
    let (found, truncated) = outline_of(&place)?;
    Ok(Json(Defined { symbols: found.into_iter().map(symbol).collect(), truncated, cursor: None }))
}
