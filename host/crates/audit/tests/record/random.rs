//! Touches at random, several at a time, by somebody without the key.

use std::{fs, path::PathBuf};

use bulkhead_audit::{Checkpoint, Mode, Record, verify};
use bulkhead_base::ByteSize;

use super::{Place, alert};

const ROUNDS: usize = 400;

struct Random(u64);

impl Random {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % most.max(1)
    }
}

/// Segments, each as its lines.
type Files = Vec<(PathBuf, Vec<Vec<u8>>)>;

/// A record of several segments and of writes of different sizes.
fn some(place: &Place) -> Files {
    let mut settings = place.settings(Mode::Record);
    settings.segment_bytes = ByteSize::kib(2);
    let record = Record::open(settings, place.signer()).unwrap();
    for round in 0..6 {
        std::thread::scope(|scope| {
            for n in 0..=(round * 3) {
                let record = &record;
                scope.spawn(move || record.append_blocking(alert(&format!("entry {round} {n}"))).unwrap());
            }
        });
    }
    record.close().unwrap();
    let lines = |path: &PathBuf| {
        let text = fs::read(path).unwrap();
        text.strip_suffix(b"\n").unwrap().split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect()
    };
    place.segments().into_iter().map(|path| (path.clone(), lines(&path))).collect()
}

fn touch(files: &mut Files, random: &mut Random) {
    let at = random.below(files.len());
    let from = random.below(files.len());
    let foreign = files[from].1[random.below(files[from].1.len())].clone();
    let lines = &mut files[at].1;
    let (one, other) = (random.below(lines.len()), random.below(lines.len()));
    match random.below(8) {
        0 | 1 => {
            let byte = random.below(lines[one].len());
            lines[one][byte] ^= 1 << random.below(7);
        }
        2 if lines.len() > 1 => drop(lines.remove(one)),
        3 => lines.swap(one, other),
        4 => lines.insert(one, lines[other].clone()),
        5 => lines.insert(one, foreign),
        6 => lines[one] = foreign,
        _ if lines.len() > 2 => {
            let (first, last) = (one.min(other).max(1), one.max(other));
            lines.drain(first..=last.max(first).min(lines.len() - 1));
        }
        _ => lines[one].clear(),
    }
}

fn write(files: &Files) {
    for (path, lines) in files {
        fs::write(path, [lines.join(&b'\n'), vec![b'\n']].concat()).unwrap();
    }
}

#[test]
fn what_is_vouched_for_is_what_was_written() {
    let place = Place::new();
    let original = some(&place);
    assert!(original.len() > 2);
    let kept = fs::read_to_string(place.folder().join("checkpoint")).unwrap();
    let kept = [Checkpoint::parse(&kept, &place.key()).unwrap()];
    let flat = |files: &Files| files.iter().flat_map(|(_, lines)| lines.clone()).collect::<Vec<_>>();
    let (whole, mut random, mut found) = (flat(&original), Random(3), 0);
    for round in 0..ROUNDS {
        let mut touched: Files = original.iter().map(|(path, lines)| (path.clone(), lines.clone())).collect();
        for _ in 0..=random.below(3) {
            touch(&mut touched, &mut random);
        }
        write(&touched);
        let report = verify(&place.folder(), &place.key(), &kept).unwrap();
        let lines = flat(&touched);
        if touched.iter().zip(&original).all(|(touched, original)| touched.1 == original.1) {
            assert_eq!(report.finding, None, "round {round}");
            continue;
        }
        found += 1;
        assert!(report.finding.is_some(), "round {round}: {report}");
        let vouched = usize::try_from(report.vouched).unwrap();
        assert!(lines.len() >= vouched && lines[..vouched] == whole[..vouched], "round {round}: {report}");
    }
    assert!(found > ROUNDS * 9 / 10, "{found}");
    write(&original);
    place.assert_holds();
}
