use super::*;
use crate::settings;

const COMPONENT: &str = "(component (core module))";
const DESCRIPTION: Description =
    Description { exports: Exports { tools: true, resources: false, prompts: true, completions: false }, pages: 17 };

fn engine() -> wasmtime::Engine {
    wasmtime::Engine::new(&settings::describing(wasmtime::Strategy::Cranelift)).unwrap()
}

fn cache(dir: &Path, key: u8, engine: &wasmtime::Engine) -> Cache {
    Cache::open(CodeCache { dir: dir.join("code"), key: Redacted::new([key; 32]) }, engine).unwrap()
}

fn kept(dir: &Path, engine: &wasmtime::Engine) -> (Cache, Digest) {
    let component = Component::from_binary(engine, &wat::parse_str(COMPONENT).unwrap()).unwrap();
    let (cache, digest) = (cache(dir, 1, engine), Digest::of(b"component"));
    assert!(cache.keep(&component, &digest, &DESCRIPTION));
    (cache, digest)
}

#[test]
fn what_was_kept_is_found_again() {
    let (dir, engine) = (tempfile::tempdir().unwrap(), engine());
    let (cache, digest) = kept(dir.path(), &engine);
    assert!(cache.load(&engine, &digest).is_some());
    assert!(cache.load(&engine, &Digest::of(b"other")).is_none());
    assert_eq!(cache.describe(&digest), Some(DESCRIPTION));
    assert_eq!(cache.describe(&Digest::of(b"other")), None);
}

#[test]
fn a_description_holds_for_its_own_code_alone() {
    let (dir, engine) = (tempfile::tempdir().unwrap(), engine());
    let (cache, digest) = kept(dir.path(), &engine);
    let path = cache.path(&digest);
    let good = fs::read(&path).unwrap();
    for at in 0..HEAD_BYTES {
        let mut bad = good.clone();
        bad[at] ^= 1;
        fs::write(&path, &bad).unwrap();
        assert_eq!(cache.describe(&digest), None, "byte {at}");
    }
    // The description of one, in front of the code of the other: both of this host's.
    let component = Component::from_binary(&engine, &wat::parse_str(COMPONENT).unwrap()).unwrap();
    assert!(cache.keep(&component, &digest, &Description { pages: 0, ..DESCRIPTION }));
    let mixed = [&good[..HEAD_BYTES], &fs::read(&path).unwrap()[HEAD_BYTES..]].concat();
    fs::write(&path, mixed).unwrap();
    assert_eq!(cache.describe(&digest), Some(DESCRIPTION));
    assert!(cache.load(&engine, &digest).is_none());
}

#[test]
fn a_changed_byte_anywhere_is_a_miss() {
    let (dir, engine) = (tempfile::tempdir().unwrap(), engine());
    let (cache, digest) = kept(dir.path(), &engine);
    let path = cache.path(&digest);
    let good = fs::read(&path).unwrap();
    for at in [MAC_BYTES, HEAD_BYTES, HEAD_BYTES + MAC_BYTES, good.len() / 2, good.len() - 1] {
        let mut bad = good.clone();
        bad[at] ^= 1;
        fs::write(&path, &bad).unwrap();
        assert!(cache.load(&engine, &digest).is_none(), "byte {at}");
    }
    for cut in [0, MAC_BYTES - 1, HEAD_BYTES, HEAD_BYTES + MAC_BYTES, good.len() - 1] {
        fs::write(&path, &good[..cut]).unwrap();
        assert!(cache.load(&engine, &digest).is_none(), "cut at {cut}");
    }
    fs::write(&path, &good).unwrap();
    assert!(cache.load(&engine, &digest).is_some());
}

#[test]
fn code_is_bound_to_digest_key_and_settings() {
    let (dir, engine) = (tempfile::tempdir().unwrap(), engine());
    let (first, digest) = kept(dir.path(), &engine);
    let other = Digest::of(b"another component");
    fs::copy(first.path(&digest), first.path(&other)).unwrap();
    assert!(first.load(&engine, &other).is_none(), "another component's code");
    assert!(cache(dir.path(), 2, &engine).load(&engine, &digest).is_none(), "another host's code");
    let mut settings = settings::describing(wasmtime::Strategy::Cranelift);
    settings.consume_fuel(true);
    let fuelled = wasmtime::Engine::new(&settings).unwrap();
    assert!(cache(dir.path(), 1, &fuelled).load(&fuelled, &digest).is_none(), "other settings' code");
}

#[test]
fn the_oldest_code_makes_room() {
    let dir = tempfile::tempdir().unwrap();
    for (age, name) in [(30, "old"), (20, "middle"), (10, "new")] {
        let file = fs::File::create(dir.path().join(name)).unwrap();
        file.set_len(100).unwrap();
        file.set_modified(std::time::SystemTime::now() - std::time::Duration::from_secs(age)).unwrap();
    }
    let left = || fs::read_dir(dir.path()).unwrap().count();
    prune(dir.path(), 4, 1000).unwrap();
    assert_eq!(left(), 3);
    prune(dir.path(), 3, 1000).unwrap();
    assert_eq!((left(), dir.path().join("old").exists()), (2, false));
    prune(dir.path(), 4, 150).unwrap();
    assert_eq!((left(), dir.path().join("new").exists()), (1, true));
}

#[cfg(unix)]
#[test]
fn a_folder_that_others_look_into_is_refused_and_a_link_is_not_followed() {
    use std::os::unix::fs::PermissionsExt as _;

    let (dir, engine) = (tempfile::tempdir().unwrap(), engine());
    let (cache, digest) = kept(dir.path(), &engine);
    let (path, aside) = (cache.path(&digest), dir.path().join("aside"));
    fs::rename(&path, &aside).unwrap();
    std::os::unix::fs::symlink(&aside, &path).unwrap();
    assert!(cache.load(&engine, &digest).is_none());
    let folder = dir.path().join("code");
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o750)).unwrap();
    let options = CodeCache { dir: folder, key: Redacted::new([1; 32]) };
    assert!(matches!(Cache::open(options, &engine), Err(EngineError::Cache { .. })));
}

/// Two threads compile, each into a file beside its place first.
#[test]
fn what_others_rename_meanwhile_keeps_nothing_from_being_kept() {
    let (dir, stop) = (tempfile::tempdir().unwrap(), std::sync::atomic::AtomicBool::new(false));
    let (one, other) = (dir.path().join("one"), dir.path().join("other"));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                fs::write(&one, "code").unwrap();
                fs::rename(&one, &other).unwrap();
            }
        });
        let pruned: Vec<_> = (0..2_000).map(|_| prune(dir.path(), 8, 1 << 20)).collect();
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
        let failed: Vec<_> = pruned.into_iter().filter_map(Result::err).collect();
        assert!(failed.is_empty(), "{failed:?}");
    });
}
