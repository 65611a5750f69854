use std::{
    fs::{File, Permissions},
    io::{self, Write as _},
    os::unix::fs::PermissionsExt as _,
    path::Path,
};

/// Makes a file that does not exist yet. Whoever sees it sees all of it, also
/// after a crash, and of several that make it at once one succeeds.
///
/// # Errors
/// `AlreadyExists`, or the folder cannot be written.
pub fn create(path: &Path, mode: u32, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut beside = tempfile::Builder::new().permissions(Permissions::from_mode(mode)).tempfile_in(folder)?;
    beside.write_all(bytes)?;
    beside.as_file().sync_all()?;
    beside.persist_noclobber(path).map_err(|failed| failed.error)?;
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::{fs, thread};

    use super::*;

    #[test]
    fn of_several_at_once_one_succeeds_and_nobody_sees_half() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let made = thread::scope(|scope| {
            let makers: Vec<_> = (1..=8_u8)
                .map(|maker| {
                    let path = &path;
                    scope.spawn(move || {
                        let made = create(path, 0o600, &[maker; 4096]).is_ok();
                        let seen = fs::read(path).unwrap();
                        assert_eq!(seen, vec![seen[0]; 4096]);
                        made.then_some(seen[0] == maker)
                    })
                })
                .collect();
            makers.into_iter().filter_map(|maker| maker.join().unwrap()).collect::<Vec<_>>()
        });
        assert_eq!(made, [true], "one made it, and it is what lies there");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else is left");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
