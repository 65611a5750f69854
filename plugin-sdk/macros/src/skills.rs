//! `skills: "folder"` in `plugin!`: folders with a `SKILL.md` each, as the
//! plugin's contract tells them and as the component carries them.
//!
//! What the contract says of a file, its digest included, is fixed while the
//! plugin compiles. The host serves no other bytes.

mod files;
mod frontmatter;

use std::path::Path;

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Error, LitStr, Result};

use self::files::{File, Skill};
use crate::item::sdk;

/// Everything in the folder of skills.
pub(crate) struct Skills {
    skills: Vec<Skill>,
    /// Every file once, though a skill inside another is part of both.
    files: Vec<File>,
}

impl Skills {
    /// Reads the folder that `at` names, beside the plugin's `Cargo.toml`.
    pub(crate) fn read(at: &LitStr) -> Result<Self> {
        #[expect(clippy::disallowed_methods, reason = "cargo says this way where the plugin's source is")]
        let source = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default();
        let refuse = |problem: String| Error::new(at.span(), problem);
        let files = files::of(Path::new(&source), &at.value()).map_err(refuse)?;
        let skills = files::skills(&files).map_err(refuse)?;
        if skills.is_empty() {
            return Err(refuse(format!("there is no SKILL.md in a folder under {:?}", at.value())));
        }
        let files = files.into_iter().filter(|file| skills.iter().any(|skill| skill.holds(file))).collect();
        Ok(Self { skills, files })
    }

    /// The skills as the contract names them.
    pub(crate) fn contract(&self) -> TokenStream {
        let me = sdk();
        let skills = self.skills.iter().map(|skill| {
            let (uri, frontmatter) = (skill.uri(), &skill.frontmatter);
            let resources = self.files.iter().filter(|file| skill.holds(file)).map(|file| {
                let File { uri, digest, size, mime_type, .. } = file;
                quote!(#me::contract::SkillFile { uri: #uri, digest: #digest, size: #size, mime_type: #mime_type })
            });
            quote! {
                #me::contract::Skill {
                    uri: #uri,
                    frontmatter: #me::__private::verbatim(#frontmatter),
                    resources: ::std::vec![#(#resources),*],
                }
            }
        });
        quote!(::std::vec![#(#skills),*])
    }

    /// Reads `uri`, if it is one of the files.
    pub(crate) fn reading(&self) -> TokenStream {
        let me = sdk();
        let arms = self.files.iter().map(|file| {
            let File { uri, mime_type, include, .. } = file;
            quote! {
                #uri => return Ok(#me::__private::read_skill(
                    uri,
                    #mime_type,
                    include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), #include)),
                )),
            }
        });
        quote! {
            match uri {
                #(#arms)*
                _ => {}
            }
        }
    }
}
