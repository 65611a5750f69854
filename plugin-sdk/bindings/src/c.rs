//! C: one pair of files for each world, with the same names in both, so that one SDK compiles with either.

use anyhow::{Context, Result};
use wit_bindgen_c::Opts;
use wit_bindgen_core::Files;

use crate::output::Folder;
use crate::world;

const WORLDS: [&str; 2] = ["plugin", "plugin-with-http"];

pub fn folder() -> Result<Folder> {
    let mut folder = Folder::new("plugin-sdk/c/generated");
    for name in WORLDS {
        let (mut resolve, id) = world(name)?;
        let mut files = Files::default();
        options().build().generate(&mut resolve, id, &mut files)?;
        for (file, bytes) in files.iter() {
            let text = std::str::from_utf8(bytes)?;
            folder.add(format!("{name}/{file}"), without_object_file(file, text)?);
        }
    }
    Ok(folder)
}

fn options() -> Opts {
    Opts { no_object_file: true, rename_world: Some("plugin".into()), ..Opts::default() }
}

/// The generator wants an object file linked that holds the component's type. Whoever builds a plugin embeds the type
/// from WIT instead, so what asks for the object file goes.
fn without_object_file(name: &str, text: &str) -> Result<String> {
    if !name.ends_with(".c") {
        return Ok(text.to_owned());
    }
    let (before, rest) =
        text.split_once("\n// Ensure that the *_component_type.o object is linked in\n").context("no force link")?;
    let (_, after) = rest.split_once("\n}\n").context("the force link has no end")?;
    Ok(format!("{before}{after}"))
}
