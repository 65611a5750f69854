//! `plugin!`.

mod parse;

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Ident, LitStr, Path};

use crate::item::sdk;

/// What a plugin offers.
#[derive(Default)]
pub(crate) struct Declaration {
    tools: Vec<Path>,
    prompts: Vec<Path>,
    resources: Vec<Path>,
    templates: Vec<Path>,
    completions: Vec<Path>,
    schemes: Vec<(LitStr, Path)>,
    #[cfg(feature = "skills")]
    skills: Option<crate::skills::Skills>,
    list: Option<Path>,
    write: Option<Path>,
    std: Option<Ident>,
}

impl Declaration {
    /// What the contract says of skills, and how their files are read.
    fn skill_parts(&self) -> (TokenStream, TokenStream) {
        #[cfg(feature = "skills")]
        if let Some(skills) = &self.skills {
            return (skills.contract(), skills.reading());
        }
        (quote!(::std::vec::Vec::new()), TokenStream::new())
    }

    fn has_resources(&self) -> bool {
        #[cfg(feature = "skills")]
        if self.skills.is_some() {
            return true;
        }
        !(self.resources.is_empty() && self.templates.is_empty() && self.schemes.is_empty())
            || self.list.is_some()
            || self.write.is_some()
    }

    fn contract(&self) -> TokenStream {
        let me = sdk();
        let entries = |paths: &[Path], of: TokenStream| {
            let paths =
                paths.iter().map(|path| quote_spanned!(path.span()=> <#path as #me::__private::#of>::contract()));
            quote!(::std::vec![#(#paths),*])
        };
        let tools = entries(&self.tools, quote!(Tool));
        let prompts = entries(&self.prompts, quote!(Prompt));
        let resources = entries(&self.resources, quote!(Resource));
        let templates = entries(&self.templates, quote!(Template));
        let schemes = self.schemes.iter().map(|(scheme, _)| scheme);
        let dynamic = self.list.is_some();
        let (skills, _) = self.skill_parts();
        quote! {
            fn contract() -> #me::contract::Contract {
                #me::contract::Contract {
                    tools: #tools,
                    prompts: #prompts,
                    resources: #resources,
                    resource_templates: #templates,
                    schemes: ::std::vec![#(#schemes),*],
                    dynamic_resources: #dynamic,
                    skills: #skills,
                }
            }
        }
    }

    fn calls(&self) -> TokenStream {
        let me = sdk();
        let tools = &self.tools;
        let call_tool = (!tools.is_empty()).then(|| quote! {
            fn call_tool(ctx: &#me::Context, name: &str, arguments: &str) -> #me::Result<#me::tool::ToolResult> {
                match name {
                    #(<#tools as #me::__private::Tool>::NAME => <#tools as #me::__private::Tool>::call(ctx, arguments),)*
                    _ => Err(#me::Error::not_found(::std::format!("there is no tool \"{name}\""))),
                }
            }
        });
        let prompts = &self.prompts;
        let get_prompt = (!prompts.is_empty()).then(|| quote! {
            fn get_prompt(
                ctx: &#me::Context,
                name: &str,
                arguments: &[(::std::string::String, ::std::string::String)],
            ) -> #me::Result<#me::prompt::PromptResult> {
                match name {
                    #(<#prompts as #me::__private::Prompt>::NAME => <#prompts as #me::__private::Prompt>::get(ctx, arguments),)*
                    _ => Err(#me::Error::not_found(::std::format!("there is no prompt \"{name}\""))),
                }
            }
        });
        let completions = &self.completions;
        let complete = (!completions.is_empty()).then(|| {
            quote! {
                fn complete(
                    ctx: &#me::Context,
                    reference: &#me::__private::Reference,
                    argument: &str,
                    value: &str,
                    filled: &#me::completion::Filled,
                ) -> #me::Result<#me::completion::Completion> {
                    #(if <#completions as #me::__private::Complete>::answers(reference, argument) {
                        return <#completions as #me::__private::Complete>::complete(ctx, value, filled);
                    })*
                    Ok(#me::completion::Completion::new::<::std::string::String>([]))
                }
            }
        });
        quote!(#call_tool #get_prompt #complete)
    }

    fn reading(&self) -> TokenStream {
        let me = sdk();
        let (resources, templates) = (&self.resources, &self.templates);
        let (_, skills) = self.skill_parts();
        let schemes = self.schemes.iter().map(|(scheme, read)| {
            quote! {
                if #me::__private::has_scheme(uri, #scheme) {
                    return #me::__private::read_scheme(uri, #read(uri, ctx));
                }
            }
        });
        let list = self.list.as_ref().map(|list| quote! {
            fn list_resources(ctx: &#me::Context, cursor: ::std::option::Option<&str>) -> #me::Result<#me::resource::Page> {
                #list(cursor, ctx)
            }
        });
        let write = self.write.as_ref().map(|write| {
            quote! {
                fn write_resource(
                    ctx: &#me::Context,
                    uri: &str,
                    contents: #me::types::Body,
                    if_match: ::std::option::Option<&str>,
                ) -> #me::Result<::std::string::String> {
                    #write(uri, contents, if_match, ctx)
                }
            }
        });
        quote! {
            fn read_resource(ctx: &#me::Context, uri: &str) -> #me::Result<#me::__private::ResourceReading> {
                let _ = ctx;
                #skills
                #(if uri == <#resources as #me::__private::Resource>::URI {
                    return #me::__private::read_resource::<#resources>(ctx);
                })*
                #(if let Some(reading) = #me::__private::read_template::<#templates>(ctx, uri) {
                    return reading;
                })*
                #(#schemes)*
                Err(#me::__private::no_resource(uri))
            }
            #list
            #write
        }
    }

    fn exports(&self) -> TokenStream {
        let me = sdk();
        let used = [
            ("tools", "export_tools", !self.tools.is_empty()),
            ("prompts", "export_prompts", !self.prompts.is_empty()),
            ("completions", "export_completions", !self.completions.is_empty()),
            ("resources", "export_resources", self.has_resources()),
            ("contract", "export_contract", true),
        ];
        let exports = used.into_iter().filter(|(.., used)| *used).map(|(module, export, _)| {
            let module = Ident::new(module, Span::call_site());
            let export = Ident::new(export, Span::call_site());
            quote!(#me::__private::bindings::#module::#export!(Plugin with_types_in #me::__private::bindings::#module);)
        });
        let std_io = self.std_io();
        quote! {
            #[cfg(target_arch = "wasm32")]
            #[allow(unsafe_code, reason = "the canonical ABI's exports are raw functions")]
            const _: () = {
                #(#exports)*
                #std_io
            };
        }
    }

    /// What stands in for std's files, streams and variables.
    fn std_io(&self) -> TokenStream {
        let me = sdk();
        match self.std.as_ref().map(Ident::to_string).as_deref() {
            Some("stderr") => quote!(#me::__replace_std_io!(#me::__private::write);),
            // A panic must end, so its words count as written.
            Some("none") => quote! {
                #me::__replace_std_io!(|descriptor: i32, bytes: &[u8]| (descriptor == 2).then_some(bytes.len()));
            },
            _ => TokenStream::new(),
        }
    }

    fn checks(&self) -> TokenStream {
        let me = sdk();
        let check = |paths: &[Path], of: TokenStream, name: TokenStream, message: &str| {
            quote! {
                const _: () = assert!(
                    #me::__private::are_distinct(&[#(<#paths as #me::__private::#of>::#name),*]),
                    #message
                );
            }
        };
        let tools = check(&self.tools, quote!(Tool), quote!(NAME), "two tools have the same name");
        let prompts = check(&self.prompts, quote!(Prompt), quote!(NAME), "two prompts have the same name");
        let resources = check(&self.resources, quote!(Resource), quote!(URI), "two resources have the same URI");
        quote!(#tools #prompts #resources)
    }
}

pub(crate) fn expand(declaration: Declaration) -> TokenStream {
    let me = sdk();
    let (contract, calls, checks) = (declaration.contract(), declaration.calls(), declaration.checks());
    let reading = declaration.has_resources().then(|| declaration.reading());
    let exports = declaration.exports();
    quote! {
        /// All that this plugin offers.
        pub struct Plugin;

        impl #me::Plugin for Plugin {
            #contract
            #calls
            #reading
        }

        #checks
        #exports
    }
}
