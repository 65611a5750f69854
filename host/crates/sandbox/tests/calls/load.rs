//! What is refused at load, and what is found again.

use std::sync::Arc;

use bulkhead_base::{ByteSize, Redacted};
use bulkhead_policy::{Grants, LimitOverrides};
use bulkhead_sandbox::{Author, CodeCache, CompileError, DescribeError, Engine, EngineOptions, describe};

use crate::harness::{granted, options, probe, services};

fn compile(component: &[u8], grants: &Grants) -> Result<(), CompileError> {
    Engine::new(options(), services()).unwrap().compile(granted(component, grants), "probe".parse().unwrap()).map(drop)
}

fn wat(text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap()
}

#[tokio::test]
async fn an_unknown_import_is_named() {
    for (import, name) in [
        (r#"(import "wasi:nn/graph@0.2.0" (instance))"#, "wasi:nn/graph@0.2.0"),
        (r#"(import "wasi:io/poll@0.3.0" (instance))"#, "wasi:io/poll@0.3.0"),
        (r#"(import "run" (func))"#, "run"),
    ] {
        let error = compile(&wat(&format!("(component {import})")), &Grants::default()).unwrap_err();
        let CompileError::UnknownImport { name: told, supported } = error else { panic!("{error}") };
        assert_eq!(told, name);
        assert!(supported.contains("wasi:io/poll@0.2"), "{supported}");
    }
}

#[tokio::test]
async fn an_import_or_export_of_another_type_is_refused() {
    let import = r#"(component (import "wasi:clocks/wall-clock@0.2.0" (instance (export "now" (func (result u32))))))"#;
    assert!(matches!(compile(&wat(import), &Grants::default()), Err(CompileError::BadImport(_))));
    let export = r#"(component
        (core module $m (func (export "f")))
        (core instance $i (instantiate $m))
        (func $f (canon lift (core func $i "f")))
        (instance $t (export "call" (func $f)))
        (export "bulkhead:plugin/tools@0.1.0" (instance $t)))"#;
    for text in [export, &export.replace("\"call\"", "\"other\"")] {
        let refused = compile(&wat(text), &Grants::default());
        assert!(matches!(refused, Err(CompileError::BadExport { .. })), "{refused:?}");
    }
}

#[tokio::test]
async fn a_memory_that_never_fits_is_refused_at_load() {
    let limits = LimitOverrides { memory: Some(ByteSize::mib(1)), ..LimitOverrides::default() }.resolve();
    let grants = Grants { limits, ..Grants::default() };
    let big = r#"(component (core module $m (memory 17)) (core instance (instantiate $m)))"#;
    assert!(matches!(compile(&wat(big), &grants), Err(CompileError::Memory { .. })));
    assert!(compile(&wat(&big.replace("17", "16")), &grants).is_ok());
    let limits = LimitOverrides { memory: Some(ByteSize::mib(4096)), ..LimitOverrides::default() }.resolve();
    let more = compile(&wat(big), &Grants { limits, ..Grants::default() });
    assert!(matches!(more, Err(CompileError::TooMuchMemory { .. })));
}

#[tokio::test]
async fn compiled_code_is_kept_and_damaged_code_is_compiled_anew() {
    let dir = tempfile::tempdir().unwrap();
    let cache = CodeCache { dir: dir.path().join("code"), key: Redacted::new([7; 32]) };
    let engine = || Engine::new(EngineOptions { code_cache: Some(cache.clone()), ..options() }, services()).unwrap();
    let plugin = || granted(probe(), &Grants::default());
    engine().compile(plugin(), "probe".parse().unwrap()).unwrap();
    // Every signing makes another file, but the digest is of what was signed.
    let files: Vec<_> = std::fs::read_dir(&cache.dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files.len(), 1);
    let whole = std::fs::read(&files[0]).unwrap();
    std::fs::write(&files[0], &whole[..whole.len() / 2]).unwrap();
    engine().compile(plugin(), "probe".parse().unwrap()).unwrap();
    assert_eq!(std::fs::read(&files[0]).unwrap().len(), whole.len(), "the half file was not replaced");
}

#[tokio::test]
async fn a_plugin_outlives_nothing_of_its_engine() {
    let engine = Engine::new(options(), services()).unwrap();
    let plugin = Arc::new(engine.compile(granted(probe(), &Grants::default()), "probe".parse().unwrap()).unwrap());
    assert!(plugin.exports().tools && plugin.exports().resources && !plugin.exports().prompts);
    drop(engine);
    assert_eq!(plugin.name().as_str(), "probe");
}

#[test]
fn a_component_describes_itself_whoever_compiles_it() {
    for author in [Author::Own, Author::Stranger] {
        assert_eq!(describe(probe(), author).unwrap(), r#"{"tools":[]}"#);
        assert!(matches!(describe(&wat("(component)"), author), Err(DescribeError::NoContract)));
        assert!(matches!(describe(b"no component", author), Err(DescribeError::Component(_))));
    }
}

/// A component that calls a function of `interface`, or none, and runs `body`
/// before it tells an empty contract.
fn describing(interface: &str, calls: bool, body: &str) -> Vec<u8> {
    let call = if calls { "(drop (call $told))" } else { "" };
    wat(&format!(
        r#"(component
            (import "{interface}" (instance $r (export "get-random-u64" (func (result u64)))))
            (core func $told (canon lower (func $r "get-random-u64")))
            (core module $m
                (import "r" "r" (func $told (result i64)))
                (memory (export "memory") 1)
                (func (export "realloc") (param i32 i32 i32 i32) (result i32) i32.const 0)
                (func (export "describe") (result i32) {call} {body} i32.const 0))
            (core instance $i (instantiate $m (with "r" (instance (export "r" (func $told))))))
            (func $d (result string) (canon lift (core func $i "describe") (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
            (instance $c (export "describe" (func $d)))
            (export "bulkhead:plugin/contract@0.1.0" (instance $c)))"#
    ))
}

#[test]
fn describing_ends_after_a_second_and_takes_little_memory() {
    let random = "wasi:random/random@0.2.0";
    for author in [Author::Own, Author::Stranger] {
        let start = std::time::Instant::now();
        let endless = describe(&describing(random, false, "(loop (br 0))"), author);
        assert!(matches!(endless, Err(DescribeError::Failed(_))), "{endless:?}");
        assert!(start.elapsed() < std::time::Duration::from_secs(10));
        let grown = describe(&describing(random, false, "(drop (memory.grow (i32.const 2000)))"), author);
        assert!(matches!(grown, Err(DescribeError::Failed(_))), "{grown:?}");
    }
}

#[test]
fn what_describes_itself_finds_a_world_with_nothing_in_it() {
    let zero = "(if (i64.ne (call $told) (i64.const 0)) (then unreachable))";
    for version in ["0.2.0", "0.2.9"] {
        let random = format!("wasi:random/random@{version}");
        assert_eq!(describe(&describing(&random, false, zero), Author::Stranger).unwrap(), "");
    }
    let unknown = describe(&describing("acme:vault/keys@1.0.0", true, ""), Author::Stranger).unwrap_err().to_string();
    assert!(unknown.contains("acme:vault/keys.get-random-u64, which there is not"), "{unknown}");
    assert_eq!(describe(&describing("acme:vault/keys@1.0.0", false, ""), Author::Stranger).unwrap(), "");
}
