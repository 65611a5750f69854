//! `bulkhead trust`

use std::path::{Path, PathBuf};

use bulkhead_package::{KeyError, Pattern, PatternError, PublicKey};

use super::{
    exit::{Exit, Failure},
    terminal::Terminal,
};
use crate::config::{
    Config,
    edit::{Editor, KeyText},
};

/// Trusts a key for the plugins that it may sign.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A public key: a PEM file, or the base64 of its SPKI.
    pub key: String,
    /// Names of plugins that the key may sign, such as `weather` or `acme-*`.
    #[arg(long, value_name = "PATTERN", num_args = 1.., required = true)]
    pub plugins: Vec<String>,
    /// What to call the key.
    #[arg(long, value_name = "NAME")]
    pub id: Option<String>,
    /// The configuration.
    #[arg(long, value_name = "FILE", default_value = "mcp.yaml")]
    pub config: PathBuf,
}

/// Runs the verb.
///
/// # Errors
/// What went wrong, with its exit code.
pub fn run(args: Args, terminal: &Terminal) -> Result<(), Failure> {
    let key = read_key(&args.key)?;
    let patterns: Vec<Pattern> = args
        .plugins
        .iter()
        .map(|text| text.parse())
        .collect::<Result<_, _>>()
        .map_err(|error: PatternError| Failure::from_error(Exit::USAGE, &error))?;
    let mut editor = Editor::open(&args.config)?;
    let id = trust(&mut editor, &key, args.id.as_deref().unwrap_or(&args.key), &patterns)?;
    editor.save()?;
    let patterns: Vec<String> = patterns.iter().map(ToString::to_string).collect();
    terminal.say(&format!("{id} may sign {} (key:{})", patterns.join(", "), key.id().hex()));
    Ok(terminal.print(&id)?)
}

/// Reads a public key: a file, or the text itself.
///
/// # Errors
/// It is neither.
pub fn read_key(text: &str) -> Result<PublicKey, Failure> {
    let path = Path::new(text);
    let key = if path.is_file() { PublicKey::read(path) } else { PublicKey::parse(text) };
    key.map_err(|error| match error {
        KeyError::Public if !path.is_file() => {
            Failure::new(Exit::USAGE, format!("{text}: neither a file nor a public key in base64"))
        }
        other => Failure::new(Exit::USAGE, format!("{text}: {other}")),
    })
}

/// Lets `key` sign `patterns` too, under the id that it has or one made from
/// `wanted`. Returns the id.
///
/// # Errors
/// The configuration cannot be edited.
pub fn trust(editor: &mut Editor, key: &PublicKey, wanted: &str, patterns: &[Pattern]) -> Result<String, Failure> {
    let known = editor.config().trusted_keys.iter().find(|known| known.public == *key).cloned();
    let Some(known) = known else {
        let id = fresh_id(editor.config(), wanted);
        editor.add_key(&KeyText::new(&id, key, patterns))?;
        return Ok(id);
    };
    let lacking: Vec<Pattern> = patterns.iter().filter(|pattern| !known.plugins.contains(pattern)).cloned().collect();
    if !lacking.is_empty() {
        editor.widen_key(&known.id, &lacking)?;
    }
    Ok(known.id.to_string())
}

/// An id that no key has yet, from a file's name: `acme` of `keys/acme.pub.pem`.
fn fresh_id(config: &Config, wanted: &str) -> String {
    let file = Path::new(wanted).file_name().and_then(|name| name.to_str()).unwrap_or(wanted);
    let stem = file.split('.').next().unwrap_or_default();
    let plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let short = !stem.is_empty() && stem.len() <= 40 && stem.chars().all(|c| plain(&c));
    let base = if short { stem } else { "publisher" };
    let taken = |id: &str| config.trusted_keys.iter().any(|key| *key.id == *id);
    let numbered = (2_u32..).map(|number| format!("{base}-{number}"));
    std::iter::once(base.to_owned()).chain(numbered).find(|id| !taken(id)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use bulkhead_package::Keypair;

    use super::*;

    #[test]
    fn a_key_is_trusted_once_and_for_more_later() {
        let folder = tempfile::tempdir().unwrap();
        let (config, file) = (folder.path().join("mcp.yaml"), folder.path().join("acme.pem"));
        std::fs::write(&config, "# mine\n").unwrap();
        let pair = Keypair::generate().unwrap();
        let public = pair.write(&file).unwrap();
        let terminal = Terminal::of_process(true, 0, false);
        let add = |plugins: &[&str]| {
            let plugins = plugins.iter().map(|&text| text.to_owned()).collect();
            let key = public.display().to_string();
            run(Args { key, plugins, id: None, config: config.clone() }, &terminal)
        };
        add(&["weather"]).unwrap();
        add(&["weather", "acme-*"]).unwrap();
        assert!(add(&["*"]).is_err());
        let keys = Config::load(&config).unwrap().trusted_keys;
        assert_eq!((keys.len(), &*keys[0].id, keys[0].plugins.len()), (1, "acme", 2));
        let other = Keypair::generate().unwrap().public().to_base64();
        let args = Args { key: other, plugins: vec!["calc".to_owned()], id: None, config: config.clone() };
        run(args, &terminal).unwrap();
        assert_eq!(&*Config::load(&config).unwrap().trusted_keys[1].id, "publisher");
        assert!(std::fs::read_to_string(&config).unwrap().starts_with("# mine\n"));
    }
}
