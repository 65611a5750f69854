//! `#[prompt]`.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{ItemFn, Result};

use crate::item::{About, CAPABILITIES, check_name, sdk, stand_in};
use crate::options::Options;
use crate::signature::{Signature, Takes};

const OPTIONS: &[&str] = &["name", "title", "description", "requires", "icon", "meta"];

const TAKES: Takes = Takes {
    what: "prompt",
    text: false,
    filled: false,
    arguments: true,
    in_words: "at most one struct of arguments and at most one `&Context`",
};

pub(crate) fn expand(options: TokenStream, function: &ItemFn) -> Result<TokenStream> {
    let me = sdk();
    let mut options = Options::parse("prompt", options, OPTIONS, false)?;
    let signature = Signature::read(function, &TAKES)?;
    let About { name, title, description, icons, meta, checks } = About::read("prompt", &mut options, function)?;
    check_name("prompt", &name)?;
    let requires = options.words("requires", &CAPABILITIES)?;
    let (listed, read) = match signature.arguments() {
        Some(ty) => (
            quote_spanned!(ty.span()=> #me::contract::arguments::<#ty>()),
            quote_spanned!(ty.span()=> let arguments = #me::__private::text_arguments::<#ty>(arguments)?;),
        ),
        None => (quote!(::std::vec::Vec::new()), quote!(let _ = arguments;)),
    };
    let result = signature.convert(&quote!(#me::__private::PromptOutput), "into_prompt", &signature.call(function));
    let (stand_in, function_name) = (stand_in(function), &function.sig.ident);
    Ok(quote! {
        #stand_in
        const _: () = {
            #checks
            impl #me::__private::Prompt for #function_name {
                const NAME: &'static str = #name;

                fn contract() -> #me::contract::Prompt {
                    #me::contract::Prompt {
                        name: Self::NAME,
                        title: #title,
                        description: #description,
                        arguments: #listed,
                        icons: #icons,
                        meta: #meta,
                        required_capabilities: ::std::vec![#(#requires),*],
                    }
                }

                fn get(
                    ctx: &#me::Context,
                    arguments: &[(::std::string::String, ::std::string::String)],
                ) -> #me::Result<#me::prompt::PromptResult> {
                    let _ = ctx;
                    #read
                    #result
                }
            }
        };
    })
}
