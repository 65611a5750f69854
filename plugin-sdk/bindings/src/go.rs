//! Go: a library of internal packages. One world serves every plugin, for the linker leaves out what a plugin does not
//! reach, and with it the import.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Result;
use wit_bindgen_core::Files;
use wit_bindgen_go::{Format, Opts};

use crate::output::Folder;
use crate::{repository, world};

const PACKAGE: &str = "bulkhead/internal/wit";
/// Where the generator expects its runtime, and where the SDK keeps its copy.
const RUNTIME: (&str, &str) = ("go.bytecodealliance.org/pkg/wit/", "bulkhead/internal/wit/");

/// Tests and `go vet` run natively, where nothing could be imported from a host.
const CONSTRAINT: &str = "//go:build wasip1";

pub fn folder() -> Result<Folder> {
    let mut folder = Folder::new("plugin-sdk/go/internal/wit");
    let (mut resolve, id) = world("plugin-with-http")?;
    let mut files = Files::default();
    options().build().generate(&mut resolve, id, &mut files)?;
    for (name, bytes) in files.iter() {
        if name.ends_with(".go") {
            let text = std::str::from_utf8(bytes)?.replace(RUNTIME.0, RUNTIME.1);
            folder.add(name.to_owned(), format!("{CONSTRAINT}\n\n{text}"));
        }
    }
    Ok(folder)
}

/// Unformatted, so that the files are the same where there is no `gofmt`.
fn options() -> Opts {
    Opts { format: Format::False, pkg_name: Some(PACKAGE.into()), quiet: true, ..Opts::default() }
}

/// What Go wants to know of packages in a folder named `vendor`, as `bulkhead new` makes one: all of them by name.
pub fn vendored() -> Result<Folder> {
    let mut packages = BTreeSet::new();
    collect(&repository("plugin-sdk/go"), "bulkhead", &mut packages)?;
    let mut text = String::from("# bulkhead v0.1.0\n## explicit; go 1.27\n");
    for package in packages {
        text.push_str(&package);
        text.push('\n');
    }
    let mut folder = Folder::new("host/src/forge/template/go/vendor");
    folder.add("modules.txt.txt".into(), text);
    Ok(folder)
}

/// The packages in `folder`, which is imported as `path`.
fn collect(folder: &Path, path: &str, packages: &mut BTreeSet<String>) -> Result<()> {
    for entry in folder.read_dir()? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &format!("{path}/{name}"), packages)?;
        } else if name.ends_with(".go") && !name.ends_with("_test.go") {
            packages.insert(path.to_owned());
        }
    }
    Ok(())
}
