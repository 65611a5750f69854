//! `#[tool]`.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Error, ItemFn, LitStr, Result};

use crate::item::{About, CAPABILITIES, check_name, optional, sdk, stand_in};
use crate::options::{self, Options};
use crate::signature::{Signature, Takes};

const OPTIONS: &[&str] = &[
    "name",
    "title",
    "description",
    "read_only",
    "destructive",
    "idempotent",
    "open_world",
    "task",
    "asks_first",
    "single_use",
    "requires",
    "input_schema",
    "output_schema",
    "icon",
    "meta",
    "ui",
];

const TAKES: Takes = Takes {
    what: "tool",
    text: false,
    filled: false,
    arguments: true,
    in_words: "at most one struct of arguments and at most one `&Context`",
};

pub(crate) fn expand(options: TokenStream, function: &ItemFn) -> Result<TokenStream> {
    let me = sdk();
    let mut options = Options::parse("tool", options, OPTIONS, false)?;
    let signature = Signature::read(function, &TAKES)?;
    let About { name, title, description, icons, mut meta, checks } = About::read("tool", &mut options, function)?;
    check_name("tool", &name)?;
    if let Some(uri) = options.text("ui")? {
        meta = page(&uri, &meta)?;
    }
    let (input_check, input) = input_schema(&mut options, &signature)?;
    let (output_check, output) = output_schema(&mut options, &signature)?;
    let annotations = annotations(&mut options)?;
    let (execution, become_task) = task(&mut options)?;
    let single_use = options.flag("single_use")?.unwrap_or(false);
    let requires = options.words("requires", &CAPABILITIES)?;
    let call = call(function, &signature);
    let (stand_in, function_name) = (stand_in(function), &function.sig.ident);
    Ok(quote! {
        #stand_in
        const _: () = {
            #checks
            #input_check
            #output_check
            impl #me::__private::Tool for #function_name {
                const NAME: &'static str = #name;

                fn contract() -> #me::contract::Tool {
                    #me::contract::Tool {
                        name: Self::NAME,
                        title: #title,
                        description: #description,
                        input_schema: #input,
                        output_schema: #output,
                        annotations: #annotations,
                        icons: #icons,
                        meta: #meta,
                        execution: #execution,
                        single_use: #single_use,
                        required_capabilities: ::std::vec![#(#requires),*],
                    }
                }

                fn call(ctx: &#me::Context, arguments: &str) -> #me::Result<#me::tool::ToolResult> {
                    #become_task
                    #call
                }
            }
        };
    })
}

/// `_meta` that says which page shows what the tool answers.
fn page(uri: &LitStr, meta: &TokenStream) -> Result<TokenStream> {
    let (me, text) = (sdk(), uri.value());
    if !text.starts_with("ui://") || text.contains(['"', '\\']) || text.contains(char::is_whitespace) {
        return Err(Error::new(
            uri.span(),
            "a page is a `#[resource(\"ui://…\", mime_type = \"text/html;profile=mcp-app\")]`",
        ));
    }
    if meta.to_string() != "None" {
        return Err(Error::new(
            uri.span(),
            "`meta` has its own `ui`: write it there, `{\"ui\": {\"resourceUri\": …}}`",
        ));
    }
    let json = format!(r#"{{"ui":{{"resourceUri":"{text}"}}}}"#);
    Ok(quote!(Some(#me::__private::verbatim(#json))))
}

fn call(function: &ItemFn, signature: &Signature) -> TokenStream {
    let me = sdk();
    let arguments = match signature.arguments() {
        Some(ty) => quote_spanned!(ty.span()=> let arguments = #me::__private::tool_arguments::<#ty>(arguments)?;),
        None => quote!(let _ = arguments;),
    };
    let result = signature.convert(&quote!(#me::__private::ToolOutput), "into_result", &signature.call(function));
    quote! {
        let _ = ctx;
        #arguments
        #result
    }
}

fn input_schema(options: &mut Options, signature: &Signature) -> Result<(TokenStream, TokenStream)> {
    let me = sdk();
    Ok(match (options.expression("input_schema")?, signature.arguments()) {
        (Some(schema), _) => options::json(&me, &schema, "input_schema"),
        (None, Some(ty)) => (TokenStream::new(), quote_spanned!(ty.span()=> #me::__private::input::<#ty>())),
        (None, None) => (TokenStream::new(), quote!(#me::__private::no_arguments())),
    })
}

fn output_schema(options: &mut Options, signature: &Signature) -> Result<(TokenStream, TokenStream)> {
    let me = sdk();
    Ok(match options.expression("output_schema")? {
        Some(schema) => {
            let (check, schema) = options::json(&me, &schema, "output_schema");
            (check, quote!(Some(#schema)))
        }
        None => {
            let schema = signature.convert(&quote!(#me::__private::ToolOutput), "schema", &TokenStream::new());
            (TokenStream::new(), schema)
        }
    })
}

fn annotations(options: &mut Options) -> Result<TokenStream> {
    let me = sdk();
    let read_only = optional(options.flag("read_only")?);
    let destructive = optional(options.flag("destructive")?);
    let idempotent = optional(options.flag("idempotent")?);
    let open_world = optional(options.flag("open_world")?);
    Ok(quote! {
        #me::contract::Annotations {
            read_only_hint: #read_only,
            destructive_hint: #destructive,
            idempotent_hint: #idempotent,
            open_world_hint: #open_world,
        }
    })
}

/// What the contract says, and what the call begins with.
fn task(options: &mut Options) -> Result<(TokenStream, TokenStream)> {
    let me = sdk();
    let asks_first = options.flag("asks_first")?.unwrap_or(false);
    let Some(support) = options.word("task", &["optional", "required"])? else {
        return Ok((quote!(None), TokenStream::new()));
    };
    let required = support == "required";
    let begin = (!asks_first).then(|| quote!(#me::__private::run_as_task(ctx, #required)?;));
    Ok((quote!(Some(#me::contract::Execution { task_support: #support })), quote!(#begin)))
}
