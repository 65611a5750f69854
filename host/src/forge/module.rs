//! A core module, as the compilers of C and Go make it, becomes a component.

use std::path::Path;

use wasi_preview1_component_adapter_provider::{
    WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME, WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER,
};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

use super::BuildError;

/// The component of `core`, which implements `world` of the package in `wit` and
/// speaks to the system through WASI's first preview.
///
/// # Errors
/// It does not implement the world, or imports something else.
pub(super) fn component(core: Vec<u8>, wit: &Path, world: &str) -> Result<Vec<u8>, BuildError> {
    encode(core, wit, world).map_err(|error| BuildError::Module(format!("{error:#}")))
}

fn encode(mut core: Vec<u8>, wit: &Path, world: &str) -> anyhow::Result<Vec<u8>> {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(wit)?;
    let world = resolve.select_world(&[package], Some(world))?;
    embed_component_metadata(&mut core, &resolve, world, StringEncoding::UTF8)?;
    ComponentEncoder::default()
        .module(&core)?
        .adapter(WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME, WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER)?
        .validate(true)
        .encode()
}
