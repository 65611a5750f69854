/// What a sealed text is worth something for: it opens for the same purpose and
/// the same parts, and for nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bond(Vec<u8>);

impl Bond {
    /// A text of this purpose, bound to `parts`. Each part counts with its
    /// length, so that two bonds are the same only if all their parts are.
    #[must_use]
    pub fn new(purpose: &'static str, parts: &[&[u8]]) -> Self {
        let mut bound = Vec::new();
        for part in std::iter::once(&purpose.as_bytes()).chain(parts) {
            bound.extend((part.len() as u64).to_be_bytes());
            bound.extend(*part);
        }
        Self(bound)
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}
