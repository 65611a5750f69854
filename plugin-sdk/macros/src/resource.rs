//! `#[resource]` and `#[template]`.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Error, ItemFn, LitStr, Result};

use crate::item::{About, optional, sdk, stand_in};
use crate::options::Options;
use crate::signature::{Signature, Takes};

const OPTIONS: &[&str] = &["name", "title", "description", "mime_type", "size", "icon", "meta", "cache"];
const TEMPLATE_OPTIONS: &[&str] = &["name", "title", "description", "mime_type", "icon", "meta", "cache"];

const RESOURCE_TAKES: Takes = Takes {
    what: "resource",
    text: false,
    filled: false,
    arguments: false,
    in_words: "at most one `&Context`; a `#[template]` takes more",
};

const TEMPLATE_TAKES: Takes = Takes {
    what: "template",
    text: true,
    filled: false,
    arguments: true,
    in_words: "at most one struct of variables, one `uri: &str` and one `&Context`",
};

pub(crate) fn expand_resource(options: TokenStream, function: &ItemFn) -> Result<TokenStream> {
    let me = sdk();
    let mut options = Options::parse("resource", options, OPTIONS, true)?;
    let uri = location(&mut options, "#[resource(\"scheme://path\")]")?;
    if uri.value().contains(['{', '}']) {
        return Err(Error::new(uri.span(), "a URI with variables is a `#[template]`"));
    }
    let signature = Signature::read(function, &RESOURCE_TAKES)?;
    let About { name, title, description, icons, meta, checks } = About::read("resource", &mut options, function)?;
    let mime_type = optional(options.text("mime_type")?);
    let size = optional(options.expression("size")?);
    let cache = cache(&mut options)?;
    let result = signature.convert(&quote!(#me::__private::ReadOutput), "into_reading", &signature.call(function));
    let (stand_in, function_name) = (stand_in(function), &function.sig.ident);
    Ok(quote! {
        #stand_in
        const _: () = {
            #checks
            impl #me::__private::Resource for #function_name {
                const URI: &'static str = #uri;
                const MIME_TYPE: ::std::option::Option<&'static str> = #mime_type;

                fn contract() -> #me::contract::Resource {
                    #me::contract::Resource {
                        uri: Self::URI,
                        name: #name,
                        title: #title,
                        description: #description,
                        mime_type: Self::MIME_TYPE,
                        size: #size,
                        icons: #icons,
                        meta: #meta,
                        cache: #cache,
                    }
                }

                fn read(ctx: &#me::Context) -> #me::Result<#me::resource::Reading> {
                    let _ = ctx;
                    #result
                }
            }
        };
    })
}

pub(crate) fn expand_template(options: TokenStream, function: &ItemFn) -> Result<TokenStream> {
    let me = sdk();
    let mut options = Options::parse("template", options, TEMPLATE_OPTIONS, true)?;
    let uri = location(&mut options, "#[template(\"scheme://{variable}\")]")?;
    check_template(&uri)?;
    let signature = Signature::read(function, &TEMPLATE_TAKES)?;
    let About { name, title, description, icons, meta, checks } = About::read("template", &mut options, function)?;
    let mime_type = optional(options.text("mime_type")?);
    let cache = cache(&mut options)?;
    let variables = match signature.arguments() {
        Some(ty) => quote_spanned!(ty.span()=> let arguments = #me::__private::text_arguments::<#ty>(variables)?;),
        None => quote!(let _ = variables;),
    };
    let result = signature.convert(&quote!(#me::__private::ReadOutput), "into_reading", &signature.call(function));
    let (stand_in, function_name) = (stand_in(function), &function.sig.ident);
    Ok(quote! {
        #stand_in
        const _: () = {
            #checks
            impl #me::__private::Template for #function_name {
                const URI: &'static str = #uri;
                const MIME_TYPE: ::std::option::Option<&'static str> = #mime_type;

                fn contract() -> #me::contract::Template {
                    #me::contract::Template {
                        uri_template: Self::URI,
                        name: #name,
                        title: #title,
                        description: #description,
                        mime_type: Self::MIME_TYPE,
                        icons: #icons,
                        meta: #meta,
                        cache: #cache,
                    }
                }

                fn read(
                    ctx: &#me::Context,
                    text: &str,
                    variables: &[(::std::string::String, ::std::string::String)],
                ) -> #me::Result<#me::resource::Reading> {
                    let _ = (ctx, text);
                    #variables
                    #result
                }
            }
        };
    })
}

/// `cache = "public 60s"`.
fn cache(options: &mut Options) -> Result<TokenStream> {
    let me = sdk();
    let Some(text) = options.text("cache")? else { return Ok(quote!(None)) };
    let value = text.value();
    let read = || {
        let (scope, time) = value.split_once(' ')?;
        let digits = time.trim_end_matches(|unit: char| unit.is_ascii_alphabetic());
        let unit = match &time[digits.len()..] {
            "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            _ => return None,
        };
        let ttl_ms = digits.parse::<u64>().ok()?.checked_mul(unit)?;
        matches!(scope, "public" | "private").then_some((scope, ttl_ms))
    };
    match read() {
        Some((scope, ttl_ms)) => Ok(quote!(Some(#me::contract::Cache { ttl_ms: #ttl_ms, scope: #scope }))),
        None => Err(Error::new(
            text.span(),
            "expected who may keep it, and how long, as in \"public 60s\" or \"private 5m\"",
        )),
    }
}

fn location(options: &mut Options, form: &str) -> Result<LitStr> {
    let uri = options.first().ok_or_else(|| Error::new(Span::call_site(), format!("say where: `{form}`")))?;
    let value = uri.value();
    let scheme = value.split_once(':').map_or("", |(scheme, _)| scheme);
    let fits = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    if fits { Ok(uri) } else { Err(Error::new(uri.span(), "a URI begins with its scheme, as in \"shop://orders\"")) }
}

/// Level 1 of RFC 6570, and `{+name}`.
fn check_template(uri: &LitStr) -> Result<()> {
    let value = uri.value();
    let mut rest = value.as_str();
    let mut variables = 0;
    while let Some(open) = rest.find(['{', '}']) {
        let variable = rest[open..].strip_prefix('{').and_then(|rest| rest.split_once('}'));
        let name = variable.map(|(name, _)| name.strip_prefix('+').unwrap_or(name));
        let fits =
            |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let (Some((_, after)), true) = (variable, name.is_some_and(fits)) else {
            return Err(Error::new(uri.span(), "a variable is written `{name}`, or `{+name}` to take slashes as well"));
        };
        (rest, variables) = (after, variables + 1);
    }
    if variables == 0 {
        return Err(Error::new(
            uri.span(),
            "a template has a variable, as in `{name}`; without one it is a `#[resource]`",
        ));
    }
    Ok(())
}
