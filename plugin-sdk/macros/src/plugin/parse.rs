//! Reading a declaration, section by section.

use proc_macro2::Span;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Error, Ident, LitStr, Path, Result, Token, braced, bracketed};

use super::Declaration;
use crate::options::unknown;

const SECTIONS: &[&str] =
    &["tools", "prompts", "resources", "templates", "completions", "schemes", "skills", "list", "write", "std"];
const STD: &[&str] = &["full", "stderr", "none"];

impl Parse for Declaration {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        if input.is_empty() {
            return Err(Error::new(Span::call_site(), "a plugin offers something, as in `plugin!(my_tool)`"));
        }
        if !(input.peek(Ident) && input.peek2(Token![:]) && !input.peek2(Token![::])) {
            let tools = Punctuated::<Path, Token![,]>::parse_terminated(input)?;
            return Ok(Self { tools: tools.into_iter().collect(), ..Self::default() });
        }
        let mut declaration = Self::default();
        let mut seen: Vec<Ident> = Vec::new();
        while !input.is_empty() {
            let section: Ident = input.parse()?;
            input.parse::<Token![:]>()?;
            if seen.contains(&section) {
                return Err(Error::new(section.span(), format!("`{section}` is given twice")));
            }
            declaration.section(&section, input)?;
            seen.push(section);
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(declaration)
    }
}

impl Declaration {
    fn section(&mut self, section: &Ident, input: ParseStream<'_>) -> Result<()> {
        match section.to_string().as_str() {
            "tools" => self.tools = paths(input)?,
            "prompts" => self.prompts = paths(input)?,
            "resources" => self.resources = paths(input)?,
            "templates" => self.templates = paths(input)?,
            "completions" => self.completions = paths(input)?,
            "schemes" => self.schemes = schemes(input)?,
            "skills" => self.skills(&input.parse()?)?,
            "list" => self.list = Some(input.parse()?),
            "write" => self.write = Some(input.parse()?),
            "std" => self.std = Some(std(input)?),
            other => return Err(Error::new(section.span(), unknown("plugin!", "section", other, SECTIONS))),
        }
        Ok(())
    }

    #[cfg(feature = "skills")]
    fn skills(&mut self, folder: &LitStr) -> Result<()> {
        self.skills = Some(crate::skills::Skills::read(folder)?);
        Ok(())
    }

    #[cfg(not(feature = "skills"))]
    fn skills(&mut self, folder: &LitStr) -> Result<()> {
        let how = "skills take the SDK's feature `skills`: `bulkhead-sdk = { …, features = [\"skills\"] }`";
        Err(Error::new(folder.span(), how))
    }
}

fn std(input: ParseStream<'_>) -> Result<Ident> {
    let word: Ident = input.parse()?;
    if STD.contains(&word.to_string().as_str()) {
        Ok(word)
    } else {
        Err(Error::new(word.span(), unknown("std", "value", &word.to_string(), STD)))
    }
}

fn paths(input: ParseStream<'_>) -> Result<Vec<Path>> {
    let content;
    bracketed!(content in input);
    Ok(Punctuated::<Path, Token![,]>::parse_terminated(&content)?.into_iter().collect())
}

fn schemes(input: ParseStream<'_>) -> Result<Vec<(LitStr, Path)>> {
    let content;
    braced!(content in input);
    let pair = |input: ParseStream<'_>| {
        let scheme: LitStr = input.parse()?;
        let value = scheme.value();
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"+-.".contains(&byte);
        if value.is_empty() || !value.bytes().all(fits) {
            return Err(Error::new(scheme.span(), "a scheme is lower-case and without `:`, as in \"file\""));
        }
        input.parse::<Token![:]>()?;
        Ok((scheme, input.parse()?))
    };
    Ok(content.parse_terminated(pair, Token![,])?.into_iter().collect())
}
