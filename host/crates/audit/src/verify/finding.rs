use std::fmt;

use crate::folder::SegmentName;

/// A line of a segment, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) segment: SegmentName,
    pub(crate) line: u64,
}

/// The first record that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub(crate) place: Option<Place>,
    /// Which record it is, or would have been.
    pub sequence: u64,
    pub flaw: Flaw,
}

impl Finding {
    /// The segment's file.
    #[must_use]
    pub fn segment(&self) -> Option<String> {
        self.place.map(|place| place.segment.to_string())
    }

    pub(crate) fn segment_name(&self) -> Option<SegmentName> {
        self.place.map(|place| place.segment)
    }

    /// The line of the segment, counted from 1.
    #[must_use]
    pub fn line(&self) -> Option<u64> {
        self.place.map(|place| place.line)
    }
}

/// What is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Flaw {
    /// It is not what was signed.
    Altered,
    /// It is missing where it stood.
    Removed,
    /// It stands further down.
    Reordered,
    /// It was never written there.
    Inserted,
    /// No checkpoint covers it: the end of a record whose server was killed, or
    /// that somebody added to.
    Unsigned,
    /// A checkpoint kept elsewhere covers more records than there are.
    Cut { size: u64 },
    /// A checkpoint kept elsewhere covers other records than there are.
    Rewritten { size: u64 },
    /// The beginning is missing, and the record does not say that its time was over.
    NotRetired,
    /// It is signed, but with another key or as another record's.
    Foreign,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(Place { segment, line }) = self.place {
            write!(f, "{segment} line {line}: ")?;
        }
        let sequence = self.sequence;
        match self.flaw {
            Flaw::Altered => write!(f, "record {sequence} was altered after it was signed"),
            Flaw::Removed => write!(f, "record {sequence} was removed from here"),
            Flaw::Reordered => write!(f, "record {sequence} should stand here and stands further down"),
            Flaw::Inserted => write!(f, "this line was inserted before record {sequence}"),
            Flaw::Unsigned => write!(f, "from record {sequence} on, no checkpoint covers what is written"),
            Flaw::Cut { size } => {
                write!(
                    f,
                    "the record ends before record {sequence}, and {size} records were signed: its end was cut off"
                )
            }
            Flaw::Rewritten { size } => {
                write!(f, "the first {size} records are not those that were signed then: the record was written anew")
            }
            Flaw::NotRetired => {
                write!(
                    f,
                    "the records before record {sequence} are missing, and no record says that their time was over"
                )
            }
            Flaw::Foreign => write!(f, "record {sequence} is not signed by this key as part of this record"),
        }
    }
}
