//! What a function takes and gives.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Error, FnArg, ItemFn, Result, ReturnType, Type, TypePath, TypeReference};

/// One parameter, by what the call fills it with.
pub(crate) enum Slot {
    Context,
    Text,
    Filled,
    Arguments(Box<Type>),
}

/// What may be taken.
pub(crate) struct Takes {
    pub(crate) what: &'static str,
    pub(crate) text: bool,
    pub(crate) filled: bool,
    pub(crate) arguments: bool,
    pub(crate) in_words: &'static str,
}

/// A function that may become an item.
pub(crate) struct Signature {
    slots: Vec<Slot>,
    pub(crate) output: Type,
}

impl Signature {
    pub(crate) fn read(function: &ItemFn, takes: &Takes) -> Result<Self> {
        plain(function, takes.what)?;
        let mut slots: Vec<Slot> = Vec::new();
        for input in &function.sig.inputs {
            let FnArg::Typed(input) = input else {
                return Err(Error::new_spanned(input, format!("a {} is a plain function, without `self`", takes.what)));
            };
            let slot = slot(&input.ty)?;
            let allowed = match slot {
                Slot::Context => true,
                Slot::Text => takes.text,
                Slot::Filled => takes.filled,
                Slot::Arguments(_) => takes.arguments,
            };
            let twice = slots.iter().any(|other| std::mem::discriminant(other) == std::mem::discriminant(&slot));
            if !allowed || twice {
                return Err(Error::new_spanned(&input.ty, format!("a {} takes {}", takes.what, takes.in_words)));
            }
            slots.push(slot);
        }
        Ok(Self { slots, output: output(function)? })
    }

    /// The type of the arguments.
    pub(crate) fn arguments(&self) -> Option<&Type> {
        self.slots.iter().find_map(|slot| match slot {
            Slot::Arguments(arguments) => Some(&**arguments),
            _ => None,
        })
    }

    /// The call, with `ctx`, `text`, `filled` and `arguments` in scope.
    pub(crate) fn call(&self, function: &ItemFn) -> TokenStream {
        let name = &function.sig.ident;
        let values = self.slots.iter().map(|slot| match slot {
            Slot::Context => quote!(ctx),
            Slot::Text => quote!(text),
            Slot::Filled => quote!(filled),
            Slot::Arguments(_) => quote!(arguments),
        });
        quote!(#name(#(#values),*))
    }

    /// `value` turned by a method of `bound`, with errors at the return type.
    pub(crate) fn convert(&self, bound: &TokenStream, method: &str, value: &TokenStream) -> TokenStream {
        let output = &self.output;
        let method = syn::Ident::new(method, output.span());
        quote_spanned!(output.span()=> <#output as #bound>::#method(#value))
    }
}

fn plain(function: &ItemFn, what: &str) -> Result<()> {
    let signature = &function.sig;
    let refuse = |tokens: &dyn ToTokens, why: &str| {
        Err(Error::new_spanned(tokens.to_token_stream(), format!("a {what} is a plain function, {why}")))
    };
    if let Some(keyword) = &signature.asyncness {
        return refuse(keyword, "not an async one: calls to the host block this call alone");
    }
    if let Some(keyword) = &signature.unsafety {
        return refuse(keyword, "not an unsafe one");
    }
    if !signature.generics.params.is_empty() {
        return refuse(&signature.generics, "without generics");
    }
    Ok(())
}

fn slot(ty: &Type) -> Result<Slot> {
    let Type::Reference(reference) = ty else { return Ok(Slot::Arguments(Box::new(ty.clone()))) };
    let TypeReference { mutability, elem, .. } = reference;
    let name = match &**elem {
        Type::Path(TypePath { path, .. }) => path.segments.last().map(|segment| segment.ident.to_string()),
        _ => None,
    };
    match (name.as_deref(), mutability) {
        (Some("Context"), None) => Ok(Slot::Context),
        (Some("Context"), Some(_)) => Err(Error::new_spanned(ty, "take the context as `&Context`; it needs no `mut`")),
        (Some("str"), None) => Ok(Slot::Text),
        (Some("Filled"), None) => Ok(Slot::Filled),
        _ => Err(Error::new_spanned(ty, "take the arguments by value, as a struct of their own")),
    }
}

fn output(function: &ItemFn) -> Result<Type> {
    match &function.sig.output {
        ReturnType::Default => Ok(syn::parse_quote!(())),
        ReturnType::Type(_, ty) => match &**ty {
            Type::ImplTrait(hidden) => Err(Error::new_spanned(hidden, "name the type that it returns")),
            ty => Ok(ty.clone()),
        },
    }
}
