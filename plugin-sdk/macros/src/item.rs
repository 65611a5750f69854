//! What all attributes on functions share: the function stays as it is, and a
//! type of its name, which says what it is, comes beside it.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::{Attribute, Error, Expr, ExprLit, ItemFn, Lit, LitStr, Meta, Result};

use crate::options::{self, Options};

/// The SDK, by its own name.
pub(crate) fn sdk() -> TokenStream {
    quote!(::bulkhead_sdk)
}

/// What a client must be able to do, by the contract's names.
pub(crate) const CAPABILITIES: [&str; 6] =
    ["elicitation.form", "elicitation.url", "sampling", "sampling.tools", "roots", "tasks"];

/// The function, and what `make` makes of it or the error.
pub(crate) fn expand(
    options: TokenStream,
    item: TokenStream,
    make: impl FnOnce(TokenStream, &ItemFn) -> Result<TokenStream>,
) -> TokenStream {
    let function: ItemFn = match syn::parse2(item.clone()) {
        Ok(function) => function,
        Err(_) => {
            let error = Error::new(Span::call_site(), "this belongs above a function").into_compile_error();
            return quote!(#error #item);
        }
    };
    let made = make(options, &function).unwrap_or_else(|error| {
        let (error, stand_in) = (error.into_compile_error(), stand_in(&function));
        quote!(#error #stand_in)
    });
    quote!(#function #made)
}

/// The type beside the function: braces, because the function has the name
/// among the values.
pub(crate) fn stand_in(function: &ItemFn) -> TokenStream {
    let (visibility, name) = (&function.vis, &function.sig.ident);
    quote! {
        #[doc(hidden)]
        #[allow(non_camel_case_types, dead_code, reason = "it has the name of the function that it stands for")]
        #visibility struct #name {}
    }
}

/// What every item says about itself.
pub(crate) struct About {
    pub(crate) name: LitStr,
    pub(crate) title: TokenStream,
    pub(crate) description: LitStr,
    pub(crate) icons: TokenStream,
    pub(crate) meta: TokenStream,
    /// Checks that run while the plugin compiles.
    pub(crate) checks: TokenStream,
}

impl About {
    pub(crate) fn read(what: &str, options: &mut Options, function: &ItemFn) -> Result<Self> {
        let me = sdk();
        let named = options.text("name")?;
        let name = named.unwrap_or_else(|| LitStr::new(&function.sig.ident.to_string(), function.sig.ident.span()));
        let description = match options.text("description")? {
            Some(text) => text,
            None => documentation(&function.attrs).ok_or_else(|| {
                Error::new(
                    function.sig.ident.span(),
                    format!("a {what} needs a description: write a doc comment above it, or `description = \"…\"`"),
                )
            })?,
        };
        let icon = options.text("icon")?.map(|src| quote!(#me::contract::Icon { src: #src }));
        let (mut checks, mut meta) = (TokenStream::new(), quote!(None));
        if let Some(expression) = options.expression("meta")? {
            let (check, value) = options::json(&me, &expression, "meta");
            (checks, meta) = (check, quote!(Some(#value)));
        }
        let icons = icon.map_or_else(|| quote!(::std::vec::Vec::new()), |icon| quote!(::std::vec![#icon]));
        Ok(Self { name, title: optional(options.text("title")?), description, icons, meta, checks })
    }
}

/// `Some(text)` or `None`.
pub(crate) fn optional<T: quote::ToTokens>(value: Option<T>) -> TokenStream {
    value.map_or_else(|| quote!(None), |value| quote!(Some(#value)))
}

/// `MCP`'s rule for the names of tools and prompts.
pub(crate) fn check_name(what: &str, name: &LitStr) -> Result<()> {
    let text = name.value();
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
    if (1..=64).contains(&text.len()) && text.bytes().all(fits) {
        Ok(())
    } else {
        Err(Error::new(name.span(), format!("a {what}'s name has 1 to 64 of the characters A-Z a-z 0-9 _ . -")))
    }
}

/// The text of the doc comment, paragraphs kept and lines joined as written.
fn documentation(attributes: &[Attribute]) -> Option<LitStr> {
    let mut lines = Vec::new();
    let mut span = None;
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("doc")) {
        if let Meta::NameValue(pair) = &attribute.meta
            && let Expr::Lit(ExprLit { lit: Lit::Str(line), .. }) = &pair.value
        {
            span.get_or_insert_with(|| line.span());
            let line = line.value();
            lines.push(line.strip_prefix(' ').unwrap_or(&line).trim_end().to_owned());
        }
    }
    let text = lines.join("\n");
    let text = text.trim();
    (!text.is_empty()).then(|| LitStr::new(text, span.unwrap_or_else(Span::call_site)))
}
