//! The derives of serde and schemars, for a crate that depends on the SDK
//! alone. Theirs name their crates, which such a crate cannot; so theirs run
//! on a copy of the type that says where to look, and the type itself passes
//! on to its copy.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::punctuated::Punctuated;
use syn::{Attribute, DeriveInput, Ident, Meta, Token, parse_quote};

use crate::item::sdk;

pub(crate) fn deserialize(item: DeriveInput) -> TokenStream {
    let me = sdk();
    let (name, copy) = (item.ident.clone(), copy(&item));
    if !item.generics.params.is_empty() {
        return generic("Deserialize", &item);
    }
    let shadow = &copy.ident;
    let shadow_definition = remote(&copy, &name, &quote!(Deserialize));
    wrap(&quote! {
        #shadow_definition
        impl<'de> #me::serde::Deserialize<'de> for #name {
            fn deserialize<D: #me::serde::Deserializer<'de>>(deserializer: D) -> ::core::result::Result<Self, D::Error> {
                #shadow::deserialize(deserializer)
            }
        }
    })
}

pub(crate) fn serialize(item: DeriveInput) -> TokenStream {
    let me = sdk();
    let (name, copy) = (item.ident.clone(), copy(&item));
    if !item.generics.params.is_empty() {
        return generic("Serialize", &item);
    }
    let shadow = &copy.ident;
    let shadow_definition = remote(&copy, &name, &quote!(Serialize));
    wrap(&quote! {
        #shadow_definition
        impl #me::serde::Serialize for #name {
            fn serialize<S: #me::serde::Serializer>(&self, serializer: S) -> ::core::result::Result<S::Ok, S::Error> {
                #shadow::serialize(self, serializer)
            }
        }
    })
}

pub(crate) fn json_schema(item: DeriveInput) -> TokenStream {
    let me = sdk();
    if !item.generics.params.is_empty() {
        return generic("JsonSchema", &item);
    }
    let (name, mut copy) = (item.ident.clone(), copy(&item));
    let path = format!("{me}::schemars").replace(' ', "");
    copy.attrs.push(parse_quote!(#[schemars(crate = #path)]));
    if !is_renamed(&item) {
        let own = name.to_string();
        copy.attrs.push(parse_quote!(#[schemars(rename = #own)]));
    }
    let shadow = &copy.ident;
    wrap(&quote! {
        #[derive(#me::schemars::JsonSchema)]
        #copy
        impl #me::schemars::JsonSchema for #name {
            fn inline_schema() -> bool {
                <#shadow as #me::schemars::JsonSchema>::inline_schema()
            }
            fn schema_name() -> ::std::borrow::Cow<'static, str> {
                <#shadow as #me::schemars::JsonSchema>::schema_name()
            }
            fn schema_id() -> ::std::borrow::Cow<'static, str> {
                ::std::borrow::Cow::Borrowed(::core::concat!(::core::module_path!(), "::", ::core::stringify!(#name)))
            }
            fn json_schema(generator: &mut #me::schemars::SchemaGenerator) -> #me::schemars::Schema {
                <#shadow as #me::schemars::JsonSchema>::json_schema(generator)
            }
        }
    })
}

/// The type under another name, with the attributes that serde, schemars and
/// readers look at.
fn copy(item: &DeriveInput) -> DeriveInput {
    let mut copy = item.clone();
    copy.ident = format_ident!("{}Copy", item.ident);
    copy.vis = syn::Visibility::Inherited;
    copy.attrs.retain(is_looked_at);
    name_default(&mut copy.attrs, &item.ident);
    // Another derive's attributes, such as `#[default]`, mean nothing on the copy.
    let inner = |fields: &mut syn::Fields| fields.iter_mut().for_each(|field| field.attrs.retain(is_looked_at));
    match &mut copy.data {
        syn::Data::Struct(data) => inner(&mut data.fields),
        syn::Data::Enum(data) => data.variants.iter_mut().for_each(|variant| {
            variant.attrs.retain(is_looked_at);
            inner(&mut variant.fields);
        }),
        syn::Data::Union(_) => {}
    }
    copy
}

/// serde's derive for a type that is somewhere else.
fn remote(copy: &DeriveInput, name: &Ident, derive: &TokenStream) -> TokenStream {
    let me = sdk();
    let mut copy = copy.clone();
    let path = format!("{me}::serde").replace(' ', "");
    let name = name.to_string();
    copy.attrs.push(parse_quote!(#[serde(crate = #path, remote = #name)]));
    if !copy.attrs.iter().any(|attribute| renames(attribute, "serde")) {
        copy.attrs.push(parse_quote!(#[serde(rename = #name)]));
    }
    without_schemars(&mut copy);
    quote! {
        #[derive(#me::serde::#derive)]
        #copy
    }
}

/// Only `JsonSchema`'s derive knows these.
fn without_schemars(copy: &mut DeriveInput) {
    let keep = |attributes: &mut Vec<Attribute>| attributes.retain(|attribute| attribute.path().is_ident("serde"));
    keep(&mut copy.attrs);
    let fields = |fields: &mut syn::Fields| fields.iter_mut().for_each(|field| keep(&mut field.attrs));
    match &mut copy.data {
        syn::Data::Struct(data) => fields(&mut data.fields),
        syn::Data::Enum(data) => data.variants.iter_mut().for_each(|variant| {
            keep(&mut variant.attrs);
            fields(&mut variant.fields);
        }),
        syn::Data::Union(_) => {}
    }
}

fn is_looked_at(attribute: &Attribute) -> bool {
    ["serde", "schemars", "doc", "validate", "garde"].iter().any(|name| attribute.path().is_ident(name))
}

fn is_renamed(item: &DeriveInput) -> bool {
    item.attrs.iter().any(|attribute| renames(attribute, "serde") || renames(attribute, "schemars"))
}

fn renames(attribute: &Attribute, of: &str) -> bool {
    attribute.path().is_ident(of) && options(attribute).iter().any(|option| option.path().is_ident("rename"))
}

/// What an attribute holds; nothing, if only its own derive can say what is
/// wrong with it.
fn options(attribute: &Attribute) -> Punctuated<Meta, Token![,]> {
    attribute.parse_args_with(Punctuated::parse_terminated).unwrap_or_default()
}

/// A bare `default` means the type's own, which the copy has not.
fn name_default(attributes: &mut [Attribute], name: &Ident) {
    let path = format!("<{name} as ::core::default::Default>::default");
    for attribute in attributes {
        let mut options = options(attribute);
        let Some(bare) =
            options.iter_mut().find(|option| matches!(option, Meta::Path(path) if path.is_ident("default")))
        else {
            continue;
        };
        *bare = parse_quote!(default = #path);
        if let Meta::List(list) = &mut attribute.meta {
            list.tokens = quote!(#options);
        }
    }
}

fn wrap(code: &TokenStream) -> TokenStream {
    quote! {
        #[doc(hidden)]
        #[allow(dead_code, missing_docs, clippy::all, reason = "a copy that only its derive looks at")]
        const _: () = {
            #code
        };
    }
}

fn generic(derive: &str, item: &DeriveInput) -> TokenStream {
    let of = if derive == "JsonSchema" { "schemars" } else { "serde" };
    let message =
        format!("this `{derive}` takes no generics: add {of} to the plugin's dependencies and derive `{of}::{derive}`");
    syn::Error::new_spanned(&item.generics, message).into_compile_error()
}
