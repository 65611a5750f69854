//! The record's files, written to by somebody without the key: whatever they
//! hold, what verification vouches for is what the server wrote, and whatever
//! was touched before the last signature is found.

use std::{
    fs, iter,
    ops::ControlFlow,
    path::PathBuf,
    sync::OnceLock,
    time::{Duration, SystemTime},
};

use arbitrary::{Arbitrary, Result, Unstructured};
use bulkhead_audit::{Clock, Entry, Filter, Keypair, Kind, PublicKey, Record, Settings, Tail, entries, verify};

const SEGMENT: &str = "00000000000000000000.jsonl";
const ENTRIES: usize = 12;
/// Edits of one input.
const MOST_EDITS: usize = 8;

/// What the server wrote, and where somebody else's version of it goes.
struct Written {
    bytes: Vec<u8>,
    key: PublicKey,
    folder: PathBuf,
    _kept: tempfile::TempDir,
}

fn written() -> &'static Written {
    static WRITTEN: OnceLock<Written> = OnceLock::new();
    WRITTEN.get_or_init(|| {
        let home = tempfile::tempdir().expect("a folder");
        let folder = home.path().join("audit");
        let signer = Keypair::generate().expect("a key");
        let key = signer.public().clone();
        let at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        let mut settings = Settings::new(&folder, "fuzz.example.com/audit".parse().expect("a name"));
        settings.clock = Clock::new(move || at);
        let record = Record::open(settings, signer).expect("a record");
        for n in 0..ENTRIES {
            let entry = Entry::new(Kind::Alert, at).text("what", &format!("entry {n}"));
            record.append_blocking(entry).expect("an entry");
        }
        record.close().expect("written");
        let bytes = fs::read(folder.join(SEGMENT)).expect("its first segment");
        let others = fs::read_dir(&folder).expect("its folder").map_while(Result::ok);
        others.for_each(|file| fs::remove_file(file.path()).expect("a file of the record"));
        Written { bytes, key, folder, _kept: home }
    })
}

#[derive(Debug)]
enum Edit<'a> {
    Put { at: u16, byte: u8 },
    Flip { at: u16, bit: u8 },
    Remove { at: u16, bytes: u8 },
    Insert { at: u16, bytes: &'a [u8] },
    RemoveLine { line: u8 },
    RepeatLine { line: u8, at: u8 },
    SwapLines { one: u8, other: u8 },
    Cut { at: u16 },
    Replace { bytes: &'a [u8] },
}

impl<'a> Arbitrary<'a> for Edit<'a> {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        Ok(match u.int_in_range(0..=8)? {
            0 => Self::Put { at: u.arbitrary()?, byte: u.arbitrary()? },
            1 => Self::Flip { at: u.arbitrary()?, bit: u.arbitrary()? },
            2 => Self::Remove { at: u.arbitrary()?, bytes: u.arbitrary()? },
            3 => Self::Insert { at: u.arbitrary()?, bytes: u.arbitrary()? },
            4 => Self::RemoveLine { line: u.arbitrary()? },
            5 => Self::RepeatLine { line: u.arbitrary()?, at: u.arbitrary()? },
            6 => Self::SwapLines { one: u.arbitrary()?, other: u.arbitrary()? },
            7 => Self::Cut { at: u.arbitrary()? },
            _ => Self::Replace { bytes: u.arbitrary()? },
        })
    }
}

impl Edit<'_> {
    fn make(&self, bytes: &mut Vec<u8>) {
        let within = |at: u16, bytes: &[u8]| usize::from(at) % (bytes.len() + 1);
        match *self {
            Self::Put { at, byte } => {
                let at = within(at, bytes);
                if let Some(old) = bytes.get_mut(at) {
                    *old = byte;
                }
            }
            Self::Flip { at, bit } => {
                let at = within(at, bytes);
                if let Some(old) = bytes.get_mut(at) {
                    *old ^= 1 << (bit % 8);
                }
            }
            Self::Remove { at, bytes: many } => {
                let at = within(at, bytes);
                let end = (at + usize::from(many)).min(bytes.len());
                bytes.drain(at..end);
            }
            Self::Insert { at, bytes: new } => {
                let at = within(at, bytes);
                bytes.splice(at..at, new.iter().copied());
            }
            Self::Cut { at } => bytes.truncate(within(at, bytes)),
            Self::Replace { bytes: new } => *bytes = new.to_vec(),
            Self::RemoveLine { line } => in_lines(bytes, |lines| drop(lines.remove(usize::from(line) % lines.len()))),
            Self::RepeatLine { line, at } => in_lines(bytes, |lines| {
                let copy = lines[usize::from(line) % lines.len()].clone();
                lines.insert(usize::from(at) % lines.len(), copy);
            }),
            Self::SwapLines { one, other } => in_lines(bytes, |lines| {
                let count = lines.len();
                lines.swap(usize::from(one) % count, usize::from(other) % count);
            }),
        }
    }
}

fn in_lines(bytes: &mut Vec<u8>, change: impl FnOnce(&mut Vec<Vec<u8>>)) {
    let mut lines: Vec<Vec<u8>> = bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    if !lines.is_empty() {
        change(&mut lines);
        *bytes = lines.concat();
    }
}

fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split_inclusive(|byte| *byte == b'\n')
}

pub fn holds(data: &[u8]) {
    let mut u = Unstructured::new(data);
    let edits = iter::from_fn(|| if u.is_empty() { None } else { Edit::arbitrary(&mut u).ok() });
    let written = written();
    let mut bytes = written.bytes.clone();
    edits.take(MOST_EDITS).for_each(|edit| edit.make(&mut bytes));
    fs::write(written.folder.join(SEGMENT), &bytes).expect("a file");
    let report = verify(&written.folder, &written.key, &[]).expect("a record can be read");

    let vouched = usize::try_from(report.vouched).expect("few");
    let theirs: Vec<&[u8]> = lines(&bytes).take(vouched).collect();
    let ours: Vec<&[u8]> = lines(&written.bytes).take(vouched).collect();
    assert_eq!(theirs.concat(), ours.concat(), "vouched for {vouched} records that were not written so: {report}");
    if report.finding.is_none() {
        assert!(written.bytes.starts_with(&bytes), "nothing was found in what was not written: {report}");
    }
    if bytes == written.bytes {
        assert_eq!(report.finding, None, "untouched: {report}");
    }
    readable(written);
}

/// Reading promises nothing of what holds, and never fails of what a line says.
fn readable(written: &Written) {
    entries(&written.folder, &Filter::default(), |_, _| ControlFlow::Continue(())).expect("entries");
    Tail::new(&written.folder, 3).next_lines(|_| ()).expect("the last lines");
}
