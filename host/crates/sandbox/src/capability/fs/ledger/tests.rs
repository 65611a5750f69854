use super::*;

fn ledger(folder: &std::path::Path, bytes: u64, inodes: u64) -> Arc<Ledger> {
    let folder = Dir::open_ambient_dir(folder, cap_std::ambient_authority()).unwrap();
    Arc::new(Ledger::new(folder, bytes, inodes))
}

#[tokio::test]
async fn what_lies_there_counts_also_in_folders_and_a_link_is_not_followed() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("sub")).unwrap();
    fs::write(dir.path().join("sub/file"), [0; 1000]).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("/", dir.path().join("link")).unwrap();
    let folders = fs::metadata(dir.path().join("sub")).unwrap().len();
    let ledger = ledger(dir.path(), 3000 + folders, 10);
    assert_eq!(ledger.try_take(1, 0), Err(Full), "nothing is taken before the first walk");
    assert_eq!(ledger.take(1900, 1).await, Ok(()));
    assert_eq!(ledger.take(200, 0).await, Err(Full));
}

#[tokio::test]
async fn a_file_that_is_gone_gives_its_room_back() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("file"), [0; 1000]).unwrap();
    let ledger = ledger(dir.path(), 1000, 10);
    assert_eq!(ledger.take(1, 0).await, Err(Full));
    fs::remove_file(dir.path().join("file")).unwrap();
    assert_eq!(ledger.take(1000, 0).await, Err(Full), "nobody said that anything is gone");
    ledger.shrunk();
    assert_eq!(ledger.take(1000, 1).await, Ok(()));
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_that_is_removed_while_open_counts_until_it_is_closed() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("file");
    fs::write(&path, [0; 1000]).unwrap();
    let files = [(); 2].map(|()| Arc::new(fs::File::open(&path).unwrap()));
    let ledger = ledger(dir.path(), 1500, 10);
    files.iter().for_each(|file| ledger.opened(file));
    assert_eq!(ledger.take(400, 0).await, Ok(()));
    fs::remove_file(&path).unwrap();
    ledger.shrunk();
    assert_eq!(ledger.take(600, 0).await, Err(Full), "it still takes room");
    assert_eq!(ledger.take(500, 0).await, Ok(()), "and is counted once");
    drop(files);
    ledger.shrunk();
    assert_eq!(ledger.take(1500, 0).await, Ok(()));
}

#[tokio::test]
async fn what_lies_too_deep_to_be_counted_ends_writing() {
    let dir = tempfile::tempdir().unwrap();
    let deep = |levels: usize| dir.path().join(vec!["d"; levels].join("/"));
    fs::create_dir_all(deep(DEPTH - 1)).unwrap();
    assert_eq!(ledger(dir.path(), 1 << 30, 1000).take(1, 0).await, Ok(()));
    fs::create_dir(deep(DEPTH)).unwrap();
    assert_eq!(ledger(dir.path(), 1 << 30, 1000).take(1, 0).await, Err(Full));
}

#[tokio::test]
async fn a_write_on_its_way_is_counted_by_a_walk_that_does_not_see_it() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = ledger(dir.path(), 1000, 10);
    let pending = ledger.reserve(600).await.unwrap();
    ledger.shrunk();
    assert_eq!(ledger.take(600, 0).await, Err(Full));
    drop(pending);
    ledger.shrunk();
    assert_eq!(ledger.take(600, 0).await, Ok(()));
}

#[tokio::test]
async fn inodes_are_limited_too() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = ledger(dir.path(), 1000, 2);
    assert_eq!(ledger.take(0, 2).await, Ok(()));
    assert_eq!(ledger.take(0, 1).await, Err(Full));
}
