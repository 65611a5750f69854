//! `bulkhead keygen`

use std::path::PathBuf;

use bulkhead_package::{KeyError, Keypair};

use super::{
    exit::{Exit, Failure},
    terminal::Terminal,
};

/// Makes an Ed25519 key pair.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Where to write the private key; the public one goes beside it.
    #[arg(long, value_name = "FILE", default_value = "key.pem")]
    pub out: PathBuf,
}

/// Runs the verb.
///
/// # Errors
/// What went wrong, with its exit code.
pub fn run(args: Args, terminal: &Terminal) -> Result<(), Failure> {
    let failed = |error: KeyError| Failure::from_error(Exit::FAILED, &error);
    let pair = Keypair::generate().map_err(failed)?;
    let public = pair.write(&args.out).map_err(failed)?;
    let id = pair.public().id().hex();
    if terminal.json {
        let told = serde_json::json!({
            "keyId": id,
            "privateKey": args.out,
            "publicKey": public,
            "spki": pair.public().to_base64(),
        });
        return Ok(terminal.print(&told.to_string())?);
    }
    terminal.say(&format!("{}  private, mode 0600: whoever reads it signs in your name", args.out.display()));
    terminal.say(&format!("{}  public: hand it to whoever is to trust you", public.display()));
    Ok(terminal.print(&format!("key:{id}"))?)
}
