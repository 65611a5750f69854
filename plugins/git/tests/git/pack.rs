//! Packs of a test's own making.

/// The kinds of objects in a pack.
pub(crate) const COMMIT: u8 = 1;
pub(crate) const TREE: u8 = 2;
pub(crate) const BLOB: u8 = 3;

/// A pack that is written entry by entry.
pub(crate) struct Pack {
    bytes: Vec<u8>,
    count: u32,
}

impl Pack {
    pub(crate) fn new() -> Self {
        Self { bytes: Vec::new(), count: 0 }
    }

    /// A whole object. Gives its offset.
    pub(crate) fn whole(&mut self, kind: u8, data: &[u8]) -> usize {
        self.entry(kind, data.len(), &[], data)
    }

    /// A delta of what begins at `base`.
    pub(crate) fn delta_at(&mut self, base: usize, delta: &[u8]) -> usize {
        let mut distance = self.offset() - base;
        let mut bytes = vec![low(distance)];
        while distance > 0x7f {
            distance = (distance >> 7) - 1;
            bytes.insert(0, 0x80 | low(distance));
        }
        self.entry(6, delta.len(), &bytes, delta)
    }

    /// A delta of the object of this name.
    pub(crate) fn delta_of(&mut self, base: [u8; 20], delta: &[u8]) -> usize {
        self.entry(7, delta.len(), &base, delta)
    }

    /// An entry that may lie about its size.
    pub(crate) fn entry(&mut self, kind: u8, size: usize, base: &[u8], data: &[u8]) -> usize {
        let offset = self.offset();
        let mut rest = size >> 4;
        let mut byte = kind << 4 | (low(size) & 0x0f);
        while rest > 0 {
            self.bytes.push(byte | 0x80);
            byte = low(rest);
            rest >>= 7;
        }
        self.bytes.push(byte);
        self.bytes.extend_from_slice(base);
        self.bytes.extend(stored(data));
        self.count += 1;
        offset
    }

    fn offset(&self) -> usize {
        self.bytes.len() + 12
    }

    /// All of it, with a checksum.
    pub(crate) fn finish(&self) -> Vec<u8> {
        self.finish_saying(self.count)
    }

    /// All of it, with a head that may lie.
    pub(crate) fn finish_saying(&self, count: u32) -> Vec<u8> {
        let mut bytes = b"PACK\0\0\0\x02".to_vec();
        bytes.extend(count.to_be_bytes());
        bytes.extend_from_slice(&self.bytes);
        bytes.extend(sha1(&bytes));
        bytes
    }
}

/// A delta that copies `copies` of `(offset, length)` of a base of `size` bytes.
pub(crate) fn copying(size: usize, copies: &[(u32, u32)]) -> Vec<u8> {
    let mut delta = number(size);
    delta.extend(number(copies.iter().map(|(_, length)| *length as usize).sum()));
    for (offset, length) in copies {
        delta.push(0xff);
        delta.extend_from_slice(&offset.to_le_bytes());
        delta.extend_from_slice(&length.to_le_bytes()[..3]);
    }
    delta
}

pub(crate) fn number(mut value: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value > 0x7f {
        bytes.push(0x80 | low(value));
        value >>= 7;
    }
    bytes.push(low(value));
    bytes
}

/// The lowest seven bits.
fn low(value: usize) -> u8 {
    value.to_le_bytes()[0] & 0x7f
}

pub(crate) fn sha1(bytes: &[u8]) -> [u8; 20] {
    sha1dc::digest(bytes).expect("no collision").to_bytes()
}

/// The name of an object.
pub(crate) fn id(kind: &str, data: &[u8]) -> [u8; 20] {
    sha1(&[format!("{kind} {}\0", data.len()).as_bytes(), data].concat())
}

pub(crate) fn hex(id: &[u8; 20]) -> String {
    id.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A zlib stream that compresses nothing.
pub(crate) fn stored(data: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0x78, 0x01];
    let mut parts = data.chunks(0xffff).peekable();
    if parts.peek().is_none() {
        bytes.extend([1, 0, 0, 0xff, 0xff]);
    }
    while let Some(part) = parts.next() {
        let length = u16::try_from(part.len()).expect("a part of a stream");
        bytes.push(u8::from(parts.peek().is_none()));
        bytes.extend(length.to_le_bytes());
        bytes.extend((!length).to_le_bytes());
        bytes.extend_from_slice(part);
    }
    let (mut a, mut b) = (1_u32, 0_u32);
    for byte in data {
        a = (a + u32::from(*byte)) % 65_521;
        b = (b + a) % 65_521;
    }
    bytes.extend((b << 16 | a).to_be_bytes());
    bytes
}
