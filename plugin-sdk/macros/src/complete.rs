//! `#[completion]`.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::{Error, ItemFn, Result};

use crate::item::{sdk, stand_in};
use crate::options::Options;
use crate::signature::{Signature, Takes};

const OPTIONS: &[&str] = &["prompt", "template", "argument"];

const TAKES: Takes = Takes {
    what: "completion",
    text: true,
    filled: true,
    arguments: false,
    in_words: "at most what was typed as `&str`, one `&Filled` and one `&Context`",
};

pub(crate) fn expand(options: TokenStream, function: &ItemFn) -> Result<TokenStream> {
    let me = sdk();
    let mut options = Options::parse("completion", options, OPTIONS, false)?;
    let signature = Signature::read(function, &TAKES)?;
    let (prompt, template) = (options.expression("prompt")?, options.expression("template")?);
    let argument = options.text("argument")?;
    let (kind, of) = match (prompt, template) {
        (Some(prompt), None) => (quote!(Prompt), quote!(<#prompt as #me::__private::Prompt>::NAME)),
        (None, Some(template)) => (quote!(Resource), quote!(<#template as #me::__private::Template>::URI)),
        _ => return Err(incomplete()),
    };
    let argument = argument.ok_or_else(incomplete)?;
    let result =
        signature.convert(&quote!(#me::__private::CompletionOutput), "into_completion", &signature.call(function));
    let (stand_in, function_name) = (stand_in(function), &function.sig.ident);
    Ok(quote! {
        #stand_in
        impl #me::__private::Complete for #function_name {
            fn answers(reference: &#me::__private::Reference, argument: &str) -> bool {
                matches!(reference, #me::__private::Reference::#kind(of) if of == #of) && argument == #argument
            }

            fn complete(
                ctx: &#me::Context,
                text: &str,
                filled: &#me::completion::Filled,
            ) -> #me::Result<#me::completion::Completion> {
                let _ = (ctx, text, filled);
                #result
            }
        }
    })
}

fn incomplete() -> Error {
    let form = "`#[completion(prompt = function, argument = \"…\")]` or `#[completion(template = function, argument = \"…\")]`";
    Error::new(Span::call_site(), format!("say what is completed: {form}"))
}
