//! Code that is left where it is until somebody calls.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use bulkhead_base::{ByteSize, Redacted};
use bulkhead_package::PackedFile;
use bulkhead_policy::{GrantedPlugin, Grants, LimitOverrides};
use bulkhead_sandbox::{
    CodeCache, CompileError, CompiledPlugin, Engine, EngineOptions, Failure, FileSource, Uncompiled,
};
use tempfile::TempDir;

use crate::harness::{Bench, granted, options, probe, services};

/// A folder of compiled code, and what is asked for files meanwhile.
struct Kept {
    dir: TempDir,
    asked: Arc<AtomicUsize>,
}

impl Kept {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap(), asked: Arc::default() }
    }

    fn engine(&self) -> Arc<Engine> {
        let cache = CodeCache { dir: self.dir.path().join("code"), key: Redacted::new([7; 32]) };
        Arc::new(Engine::new(EngineOptions { code_cache: Some(cache), ..options() }, services()).unwrap())
    }

    fn files(&self) -> Vec<PathBuf> {
        std::fs::read_dir(self.dir.path().join("code")).unwrap().map(|entry| entry.unwrap().path()).collect()
    }

    /// Gives `file`, if there is one, and counts how often.
    fn source(&self, file: Option<PackedFile>) -> FileSource {
        let asked = self.asked.clone();
        Arc::new(move |_| {
            asked.fetch_add(1, Ordering::Relaxed);
            file.clone()
        })
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }

    fn prepare(&self, engine: &Engine, plugin: GrantedPlugin, uncompiled: Uncompiled) -> Arc<CompiledPlugin> {
        let source = self.source(plugin.plugin().file().cloned());
        Arc::new(engine.prepare(plugin, "probe".parse().unwrap(), uncompiled, source).unwrap())
    }

    /// The probe, prepared by an engine that finds its code kept.
    fn prepared(&self) -> Bench {
        self.engine().compile(granted(probe(), &Grants::default()), "probe".parse().unwrap()).unwrap();
        let engine = self.engine();
        let plugin = self.prepare(&engine, granted(probe(), &Grants::default()), Uncompiled::Later);
        assert!(!plugin.is_uncompiled() && plugin.granted().plugin().file().is_none());
        Bench { engine, plugin }
    }
}

async fn works(bench: &Bench) {
    assert_eq!(bench.text("echo", "here").await, "here");
}

#[tokio::test]
async fn kept_code_is_described_at_load_and_mapped_when_it_is_called() {
    let kept = Kept::new();
    let bench = kept.prepared();
    assert!(bench.plugin.exports().tools && bench.plugin.exports().resources && !bench.plugin.exports().prompts);
    works(&bench).await;
    assert_eq!(kept.asked(), 0, "the file was not needed");
    let more = futures_util::future::join_all((0..4).map(|_| bench.call("echo", "{}")));
    assert!(more.await.into_iter().all(|told| told.answer.is_ok()));
}

#[tokio::test]
async fn code_that_is_damaged_after_it_was_described_is_compiled_from_the_verified_file() {
    let kept = Kept::new();
    let bench = kept.prepared();
    let path = kept.files().remove(0);
    let mut bad = std::fs::read(&path).unwrap();
    *bad.last_mut().unwrap() ^= 1;
    std::fs::write(&path, &bad).unwrap();
    works(&bench).await;
    assert_eq!(kept.asked(), 1);
    let again = kept.prepared();
    works(&again).await;
    assert_eq!(kept.asked(), 1, "it was kept anew");
}

#[tokio::test]
async fn the_code_of_another_component_in_its_place_does_not_run() {
    let kept = Kept::new();
    let bench = kept.prepared();
    let own = kept.files().remove(0);
    let other = wat::parse_str(r#"(component (core module (func)))"#).unwrap();
    kept.engine().compile(granted(&other, &Grants::default()), "probe".parse().unwrap()).unwrap();
    let others = kept.files().into_iter().find(|path| *path != own).unwrap();
    std::fs::copy(others, &own).unwrap();
    works(&bench).await;
    assert_eq!(kept.asked(), 1, "it was compiled anew");
}

#[tokio::test]
async fn a_file_of_another_digest_is_not_compiled_in_its_place() {
    let kept = Kept::new();
    let described = kept.prepared();
    let other = granted(&wat::parse_str("(component)").unwrap(), &Grants::default()).take_file();
    for file in [None, other] {
        kept.files().iter().for_each(|path| std::fs::remove_file(path).unwrap());
        let source = kept.source(file);
        kept.engine().compile(granted(probe(), &Grants::default()), "probe".parse().unwrap()).unwrap();
        let plugin = described.engine.prepare(
            granted(probe(), &Grants::default()),
            "probe".parse().unwrap(),
            Uncompiled::Now,
            source,
        );
        let bench = Bench { engine: described.engine.clone(), plugin: Arc::new(plugin.unwrap()) };
        kept.files().iter().for_each(|path| std::fs::remove_file(path).unwrap());
        let failure = bench.call("echo", "{}").await.failure();
        assert!(matches!(&failure, Failure::Host(why) if why.contains("put the file back")), "{failure}");
    }
}

#[tokio::test]
async fn what_is_called_before_it_is_compiled_is_compiled_then_and_once() {
    let kept = Kept::new();
    let engine = kept.engine();
    let plugin = kept.prepare(&engine, granted(probe(), &Grants::default()), Uncompiled::Later);
    assert!(plugin.is_uncompiled());
    let bench = Bench { engine, plugin };
    let calls = futures_util::future::join_all((0..8).map(|_| bench.call("echo", "here")));
    assert!(calls.await.into_iter().all(|told| told.answer.is_ok()));
    assert!(!bench.plugin.is_uncompiled());
    assert_eq!((kept.files().len(), kept.asked()), (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_compiled_ahead_is_kept_and_not_held() {
    let kept = Kept::new();
    let engine = kept.engine();
    let plugin = kept.prepare(&engine, granted(probe(), &Grants::default()), Uncompiled::Later);
    let (ahead, own) = (engine.clone(), plugin.clone());
    std::thread::spawn(move || ahead.compile_ahead(&own)).join().unwrap().unwrap();
    assert!(!plugin.is_uncompiled());
    works(&Bench { engine, plugin }).await;
    assert_eq!(kept.asked(), 0);
}

#[tokio::test]
async fn what_cannot_be_called_is_refused_by_name_before_and_by_type_when_it_is_compiled() {
    let kept = Kept::new();
    let engine = kept.engine();
    let prepare = |text: &str, uncompiled| {
        let plugin = granted(&wat::parse_str(text).unwrap(), &Grants::default());
        engine.prepare(plugin, "probe".parse().unwrap(), uncompiled, kept.source(None))
    };
    let unknown = prepare(r#"(component (import "wasi:nn/graph@0.2.0" (instance)))"#, Uncompiled::Later);
    assert!(matches!(unknown, Err(CompileError::UnknownImport { name, .. }) if name == "wasi:nn/graph@0.2.0"));
    let bad = r#"(component (instance $t) (export "bulkhead:plugin/tools@0.1.0" (instance $t)))"#;
    assert!(matches!(prepare(bad, Uncompiled::Now), Err(CompileError::BadExport { .. })));
    let plugin = Arc::new(prepare(bad, Uncompiled::Later).unwrap());
    let bench = Bench { engine: engine.clone(), plugin };
    for _ in 0..2 {
        assert!(matches!(bench.call("echo", "{}").await.failure(), Failure::Host(_)));
    }
    assert!(kept.files().is_empty(), "what is refused is described nowhere");
}

#[tokio::test]
async fn described_memory_is_compared_with_what_is_given_now() {
    let kept = Kept::new();
    let big = wat::parse_str("(component (core module $m (memory 17)) (core instance (instantiate $m)))").unwrap();
    let engine = kept.engine();
    engine.compile(granted(&big, &Grants::default()), "probe".parse().unwrap()).unwrap();
    let limits = LimitOverrides { memory: Some(ByteSize::mib(1)), ..LimitOverrides::default() }.resolve();
    let plugin = granted(&big, &Grants { limits, ..Grants::default() });
    let refused = engine.prepare(plugin, "probe".parse().unwrap(), Uncompiled::Later, kept.source(None));
    assert!(matches!(refused, Err(CompileError::Memory { .. })));
}
