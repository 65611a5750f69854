//! What stands between the brackets of an attribute.

use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Error, Expr, ExprLit, Lit, LitStr, Result, Token};

/// The options of one attribute. What is taken twice or not at all is an error.
pub(crate) struct Options {
    what: &'static str,
    first: Option<LitStr>,
    given: Vec<(Ident, Option<Expr>)>,
}

impl Options {
    /// Reads `tokens`: names that are in `known`, with or without `= value`,
    /// after a first text where `has_first` says that one may come.
    pub(crate) fn parse(
        what: &'static str,
        tokens: TokenStream,
        known: &'static [&'static str],
        has_first: bool,
    ) -> Result<Self> {
        let read = |input: ParseStream<'_>| {
            let mut options = Self { what, first: None, given: Vec::new() };
            while !input.is_empty() {
                if has_first && options.first.is_none() && options.given.is_empty() && input.peek(LitStr) {
                    options.first = Some(input.parse()?);
                } else {
                    options.push(input, known)?;
                }
                if !input.is_empty() {
                    input.parse::<Token![,]>()?;
                }
            }
            Ok(options)
        };
        read.parse2(tokens)
    }

    fn push(&mut self, input: ParseStream<'_>, known: &[&str]) -> Result<()> {
        let name = input.call(Ident::parse_any)?;
        let text = name.to_string();
        if !known.contains(&text.as_str()) {
            return Err(Error::new(name.span(), unknown(self.what, "option", &text, known)));
        }
        if self.given.iter().any(|(other, _)| *other == name) {
            return Err(Error::new(name.span(), format!("`{name}` is given twice")));
        }
        let value = if input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
            Some(input.parse()?)
        } else {
            None
        };
        self.given.push((name, value));
        Ok(())
    }

    /// The text that comes first.
    pub(crate) fn first(&mut self) -> Option<LitStr> {
        self.first.take()
    }

    fn take(&mut self, name: &str) -> Option<(Ident, Option<Expr>)> {
        let at = self.given.iter().position(|(given, _)| given == name)?;
        Some(self.given.remove(at))
    }

    /// The text of `name = "…"`.
    pub(crate) fn text(&mut self, name: &str) -> Result<Option<LitStr>> {
        match self.take(name) {
            None => Ok(None),
            Some((_, Some(Expr::Lit(ExprLit { lit: Lit::Str(text), .. })))) => Ok(Some(text)),
            Some((at, value)) => Err(expected(&at, value.as_ref(), &format!("`{name} = \"…\"`"))),
        }
    }

    /// `true` for `name` and `name = true`.
    pub(crate) fn flag(&mut self, name: &str) -> Result<Option<bool>> {
        match self.take(name) {
            None => Ok(None),
            Some((_, None)) => Ok(Some(true)),
            Some((_, Some(Expr::Lit(ExprLit { lit: Lit::Bool(value), .. })))) => Ok(Some(value.value)),
            Some((at, value)) => Err(expected(&at, value.as_ref(), &format!("`{name}` or `{name} = false`"))),
        }
    }

    /// The expression of `name = …`.
    pub(crate) fn expression(&mut self, name: &str) -> Result<Option<Expr>> {
        match self.take(name) {
            None => Ok(None),
            Some((_, Some(value))) => Ok(Some(value)),
            Some((at, None)) => Err(expected(&at, None, &format!("`{name} = …`"))),
        }
    }

    /// One of `words`, written as text.
    pub(crate) fn word(&mut self, name: &str, words: &[&'static str]) -> Result<Option<&'static str>> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        match words.iter().find(|word| **word == text.value()) {
            Some(word) => Ok(Some(word)),
            None => Err(Error::new(text.span(), unknown(name, "value", &text.value(), words))),
        }
    }

    /// Some of `words`, written as text with commas between.
    pub(crate) fn words(&mut self, name: &str, words: &[&'static str]) -> Result<Vec<&'static str>> {
        let Some(text) = self.text(name)? else { return Ok(Vec::new()) };
        let value = text.value();
        let find = |given: &str| {
            let found = words.iter().find(|word| **word == given).copied();
            found.ok_or_else(|| Error::new(text.span(), unknown(name, "value", given, words)))
        };
        value.split(',').map(str::trim).map(find).collect()
    }
}

fn expected(at: &Ident, value: Option<&Expr>, form: &str) -> Error {
    match value {
        Some(value) => Error::new_spanned(value.to_token_stream(), format!("expected {form}")),
        None => Error::new(at.span(), format!("expected {form}")),
    }
}

/// "… has no such thing; it has these; did you mean that?"
pub(crate) fn unknown(what: &str, kind: &str, given: &str, known: &[&str]) -> String {
    let near = known.iter().min_by_key(|name| distance(given, name)).filter(|name| distance(given, name) <= 3);
    let hint = near.map_or_else(String::new, |name| format!("; did you mean `{name}`?"));
    format!("`{what}` has no {kind} `{given}`{hint} It has: {}", known.join(", ")).replace("` It has", "`. It has")
}

/// How many letters must change.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, letter) in one.chars().enumerate() {
        let mut corner = row[0];
        row[0] = at + 1;
        for (to, candidate) in other.iter().enumerate() {
            let change = corner + usize::from(letter != *candidate);
            corner = row[to + 1];
            row[to + 1] = change.min(corner + 1).min(row[to] + 1);
        }
    }
    row[other.len()]
}

/// A JSON object as an expression, checked while the plugin compiles.
pub(crate) fn json(me: &TokenStream, expression: &Expr, name: &str) -> (TokenStream, TokenStream) {
    let message = format!("`{name}` is not a JSON object");
    let check = quote::quote_spanned! {span(expression)=>
        const _: () = assert!(#me::__private::is_object(#expression), #message);
    };
    (check, quote::quote!(#me::__private::verbatim(#expression)))
}

fn span(expression: &Expr) -> Span {
    syn::spanned::Spanned::span(expression)
}
