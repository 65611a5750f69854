use wasip2::filesystem::types::{Advice, Descriptor, DescriptorFlags, NewTimestamp, OpenFlags, PathFlags};

use super::{Script, let_go, one};

impl Script<'_> {
    pub(super) fn files(&mut self, what: u8) {
        if what == 0 {
            return self.forged_file();
        }
        let which = self.byte();
        let Some(at) = one(&self.folders, which) else { return };
        // SAFETY: `Script` gives the descriptor back below, and keeps no other to it.
        let file = std::mem::ManuallyDrop::new(unsafe { Descriptor::from_handle(at.handle()) });
        match what {
            1..=12 => self.open(&file),
            13..=20 => self.contents(&file, what),
            21..=32 => self.names(&file, what),
            33 => let_go(&mut self.folders, which),
            34..=44 => self.facts(&file, what),
            _ => self.list(&file),
        }
    }

    fn open(&mut self, file: &Descriptor) {
        let (paths, opens, flags) = self.flags();
        let path = self.text();
        let got = file.open_at(paths, &path, opens, flags);
        self.keep(got, |script| &mut script.folders);
    }

    fn flags(&mut self) -> (PathFlags, OpenFlags, DescriptorFlags) {
        let [how, flags] = self.bytes();
        let (paths, opens) = (PathFlags::from_bits_truncate(how & 1), OpenFlags::from_bits_truncate(how >> 1));
        (paths, opens, DescriptorFlags::from_bits_truncate(flags))
    }

    fn contents(&mut self, file: &Descriptor, what: u8) {
        let at = self.number();
        match what {
            13 => {
                let len = self.number();
                match file.read(len, at) {
                    Ok((bytes, _)) => self.hear(&bytes),
                    Err(error) => self.hear_of(error),
                }
            }
            14 => {
                let data = self.data();
                self.hear_of(file.write(&data, at));
            }
            15 => self.keep(file.read_via_stream(at), |script| &mut script.inputs),
            16 | 17 => self.keep(file.write_via_stream(at), |script| &mut script.outputs),
            18 => self.keep(file.append_via_stream(), |script| &mut script.outputs),
            19 => self.hear_of(file.set_size(at)),
            _ => {
                let len = self.number();
                self.hear_of(file.advise(at, len, Advice::WillNeed));
            }
        }
    }

    fn names(&mut self, file: &Descriptor, what: u8) {
        let path = self.text();
        match what {
            21 | 22 => self.hear_of(file.create_directory_at(&path)),
            23 => self.hear_of(file.remove_directory_at(&path)),
            24 | 25 => self.hear_of(file.unlink_file_at(&path)),
            26 => self.hear_of(file.readlink_at(&path)),
            27 => self.hear_of(file.stat_at(PathFlags::from_bits_truncate(1), &path)),
            28 => self.hear_of(file.metadata_hash_at(PathFlags::empty(), &path)),
            29 => {
                let (first, second) = (self.time(), self.time());
                self.hear_of(file.set_times_at(PathFlags::SYMLINK_FOLLOW, &path, first, second));
            }
            30 => {
                let to = self.text();
                self.hear_of(file.symlink_at(&path, &to));
            }
            _ => {
                let (which, to) = (self.byte(), self.text());
                let Some(other) = one(&self.folders, which) else { return };
                let done = if what == 31 {
                    file.link_at(PathFlags::empty(), &path, other, &to)
                } else {
                    file.rename_at(&path, other, &to)
                };
                self.hear_of(done);
            }
        }
    }

    fn facts(&mut self, file: &Descriptor, what: u8) {
        match what {
            34 => self.hear_of(file.stat()),
            35 => self.hear_of(file.get_flags()),
            36 => self.hear_of(file.get_type()),
            37 => self.hear_of(file.metadata_hash()),
            38 => self.hear_of(file.sync_data()),
            39 => self.hear_of(file.sync()),
            40 => {
                let (first, second) = (self.time(), self.time());
                self.hear_of(file.set_times(first, second));
            }
            _ => {
                let which = self.byte();
                let same = one(&self.folders, which).map(|other| file.is_same_object(other));
                self.hear_of(same);
            }
        }
    }

    fn list(&mut self, file: &Descriptor) {
        self.keep(file.read_directory(), |script| &mut script.listings);
        let which = self.byte();
        let Some(listing) = one(&self.listings, which) else { return };
        let entries: Vec<_> = std::iter::from_fn(|| listing.read_directory_entry().ok().flatten()).take(64).collect();
        self.hear_of(entries);
        if self.yes() {
            let_go(&mut self.listings, which);
        }
    }

    fn time(&mut self) -> NewTimestamp {
        match self.byte() % 3 {
            0 => NewTimestamp::NoChange,
            1 => NewTimestamp::Now,
            _ => NewTimestamp::Timestamp(wasip2::clocks::wall_clock::Datetime {
                seconds: self.number(),
                nanoseconds: self.number() as u32,
            }),
        }
    }

    /// A handle that it was never given, or that is of something else.
    fn forged_file(&mut self) {
        let handle = self.number() as u32;
        // SAFETY: the host is what has to stand it.
        let forged = std::mem::ManuallyDrop::new(unsafe { Descriptor::from_handle(handle) });
        self.hear_of(forged.get_type());
    }
}
