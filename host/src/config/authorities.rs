//! Certificate authorities of the operator's own, PEM.

use std::path::Path;

use bulkhead_net::{CertificateDer, Dialler, Roots};
use rustls::pki_types::pem::PemObject as _;

/// The authorities that the file at `path` holds.
///
/// # Errors
/// Why they cannot be used, with the file.
pub fn read(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let fault = |why: &str| format!("{}: {why}", path.display());
    let read = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let certificates = read.map_err(|error| fault(&error.to_string()))?;
    if certificates.is_empty() {
        return Err(fault("there is no certificate in it"));
    }
    Dialler::new(Roots::with_extra(certificates.clone())).map_err(|error| fault(&error.to_string()))?;
    Ok(certificates)
}
