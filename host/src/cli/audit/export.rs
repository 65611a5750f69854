use std::io::{self, BufWriter, Write as _};

use bulkhead_audit::{AuditError, Filter, export};

use super::{Place, Wanted, unread};
use crate::cli::exit::Failure;

/// Writes entries as they stand in the record, one JSON object a line.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    pub wanted: Wanted,
}

pub(super) fn run(args: &Args, place: &Place) -> Result<(), Failure> {
    let filter = Filter::from(&args.wanted);
    let mut output = BufWriter::new(io::stdout().lock());
    for folder in place.folders()? {
        match export(&folder, &filter, &mut output) {
            Ok(_) => {}
            // Whoever reads the result may stop reading.
            Err(AuditError::File { source, .. }) if source.kind() == io::ErrorKind::BrokenPipe => return Ok(()),
            Err(error) => return Err(unread(error)),
        }
    }
    Ok(output.flush()?)
}
