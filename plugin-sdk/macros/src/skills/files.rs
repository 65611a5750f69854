//! The files of a folder of skills, and which skill each belongs to.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::frontmatter;

const MANIFEST: &str = "SKILL.md";

/// What every client of the skills extension has to be able to hold: files of
/// one skill, and bytes of them together.
const MAX_FILES: usize = 512;
const MAX_BYTES: u64 = 16 << 20;

/// Deepest folder. Answers "a folder that is mounted inside itself".
const MAX_DEPTH: usize = 16;

/// One file.
pub(crate) struct File {
    /// `acme/refunds/SKILL.md`, below the folder of skills.
    path: String,
    pub(crate) uri: String,
    pub(crate) digest: String,
    pub(crate) size: u64,
    pub(crate) mime_type: &'static str,
    /// Where it is, below the plugin's source.
    pub(crate) include: String,
    text: Option<String>,
}

/// One skill.
pub(crate) struct Skill {
    /// `acme/refunds`.
    path: String,
    /// A JSON object.
    pub(crate) frontmatter: String,
}

impl Skill {
    pub(crate) fn uri(&self) -> String {
        to_uri(&format!("{}/{MANIFEST}", self.path))
    }

    /// Whether `file` lies in the skill's folder.
    pub(crate) fn holds(&self, file: &File) -> bool {
        file.path.strip_prefix(&self.path).is_some_and(|rest| rest.starts_with('/'))
    }
}

/// Every file under `source/folder`, by path. Names that begin with a dot are
/// left out: they are the author's tools'.
pub(crate) fn of(source: &Path, folder: &str) -> Result<Vec<File>, String> {
    let mut files = Vec::new();
    walk(&source.join(folder), folder.trim_matches('/'), "", &mut files)?;
    files.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(files)
}

fn walk(at: &Path, folder: &str, below: &str, files: &mut Vec<File>) -> Result<(), String> {
    let broken = |error: std::io::Error| format!("{}: {error}", at.display());
    if below.split('/').count() > MAX_DEPTH {
        return Err(format!("{}: deeper than {MAX_DEPTH} folders", at.display()));
    }
    for entry in fs::read_dir(at).map_err(broken)? {
        let entry = entry.map_err(broken)?;
        let name = entry.file_name().into_string().map_err(|name| format!("{}: not UTF-8", name.display()))?;
        if name.starts_with('.') {
            continue;
        }
        let kind = entry.file_type().map_err(broken)?;
        let path = if below.is_empty() { name.clone() } else { format!("{below}/{name}") };
        if kind.is_dir() {
            walk(&entry.path(), folder, &path, files)?;
        } else if kind.is_file() {
            let bytes = fs::read(entry.path()).map_err(|error| format!("{}: {error}", entry.path().display()))?;
            files.push(file(folder, path, bytes));
        } else {
            return Err(format!("{}: neither a file nor a folder", entry.path().display()));
        }
    }
    Ok(())
}

fn file(folder: &str, path: String, bytes: Vec<u8>) -> File {
    let mut digest = "sha256:".to_owned();
    Sha256::digest(&bytes).iter().for_each(|byte| write!(digest, "{byte:02x}").unwrap_or_default());
    let size = bytes.len() as u64;
    let text = String::from_utf8(bytes).ok();
    File {
        uri: to_uri(&path),
        digest,
        size,
        mime_type: mime_type(&path, text.is_some()),
        include: format!("/{folder}/{path}"),
        text,
        path,
    }
}

/// The skills that `files` make: a folder with a `SKILL.md` is one.
pub(crate) fn skills(files: &[File]) -> Result<Vec<Skill>, String> {
    let manifests = files.iter().filter_map(|file| Some((file.path.strip_suffix(&format!("/{MANIFEST}"))?, file)));
    manifests.map(|(path, manifest)| skill(path, manifest, files)).collect()
}

fn skill(path: &str, manifest: &File, files: &[File]) -> Result<Skill, String> {
    let refuse = |problem: &str| format!("{}: {problem}", manifest.path);
    let text = manifest.text.as_deref().ok_or_else(|| refuse("not UTF-8"))?;
    let found = frontmatter::read(text).map_err(|problem| refuse(&problem))?;
    let folder = path.rsplit('/').next().unwrap_or(path);
    if found.name != folder {
        return Err(refuse(&format!("its name is {:?}, and its folder's is {folder:?}: they must agree", found.name)));
    }
    if !is_name(folder) {
        return Err(refuse("a skill's name has 1 to 64 of a-z 0-9 -, no hyphen first, last or twice"));
    }
    let skill = Skill { path: path.to_owned(), frontmatter: found.json };
    let sizes: Vec<u64> = files.iter().filter(|file| skill.holds(file)).map(|file| file.size).collect();
    if sizes.len() > MAX_FILES || sizes.iter().sum::<u64>() > MAX_BYTES {
        return Err(refuse(&format!("a skill has at most {MAX_FILES} files of {MAX_BYTES} bytes together")));
    }
    Ok(skill)
}

fn is_name(name: &str) -> bool {
    let plain = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    (1..=64).contains(&name.len()) && plain && !name.starts_with('-') && !name.ends_with('-') && !name.contains("--")
}

fn to_uri(path: &str) -> String {
    let mut uri = "skill://".to_owned();
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~!$&'()*+,;=".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            write!(uri, "%{byte:02X}").unwrap_or_default();
        }
    }
    uri
}

fn mime_type(path: &str, is_text: bool) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "md" => "text/markdown",
        "json" => "application/json",
        "yaml" | "yml" => "application/yaml",
        "html" => "text/html",
        "css" => "text/css",
        "csv" => "text/csv",
        "js" | "mjs" => "text/javascript",
        "py" => "text/x-python",
        "sh" => "application/x-sh",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "pdf" => "application/pdf",
        _ if is_text => "text/plain",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST_TEXT: &str = "---\nname: NAME\ndescription: Something.\n---\n# Body\n";

    fn folder(files: &[(&str, &str)]) -> (std::path::PathBuf, Result<Vec<Skill>, String>, Vec<File>) {
        use std::sync::atomic::{AtomicUsize, Ordering};
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let source = std::env::temp_dir().join(format!("bulkhead-skills-{}-{number}", std::process::id()));
        for (path, text) in files {
            let at = source.join("skills").join(path);
            fs::create_dir_all(at.parent().unwrap()).unwrap();
            fs::write(at, text).unwrap();
        }
        let files = of(&source, "skills").unwrap();
        let skills = skills(&files);
        fs::remove_dir_all(&source).unwrap();
        (source, skills, files)
    }

    #[test]
    fn folders_make_the_paths_of_skills_and_nested_files_belong_to_both() {
        let text = |name: &str| MANIFEST_TEXT.replace("NAME", name);
        let (_, skills, files) = folder(&[
            ("acme/refunds/SKILL.md", &text("refunds")),
            ("acme/refunds/a b.txt", "x"),
            ("acme/refunds/.hidden", "x"),
            ("acme/refunds/inner/SKILL.md", &text("inner")),
            ("refunds-more/SKILL.md", &text("refunds-more")),
        ]);
        let told: Vec<(String, usize)> = skills
            .unwrap()
            .iter()
            .map(|skill| (skill.uri(), files.iter().filter(|file| skill.holds(file)).count()))
            .collect();
        let expected = [
            ("skill://acme/refunds/SKILL.md".to_owned(), 3),
            ("skill://acme/refunds/inner/SKILL.md".to_owned(), 1),
            ("skill://refunds-more/SKILL.md".to_owned(), 1),
        ];
        assert_eq!(told, expected);
        let spaced = files.iter().find(|file| file.path.ends_with("a b.txt")).unwrap();
        assert_eq!((&*spaced.uri, spaced.size), ("skill://acme/refunds/a%20b.txt", 1));
        assert_eq!(spaced.digest, "sha256:2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881");
    }

    #[test]
    fn a_name_that_is_not_its_folders_is_refused() {
        let (_, skills, _) = folder(&[("refunds/SKILL.md", &MANIFEST_TEXT.replace("NAME", "returns"))]);
        assert!(skills.is_err_and(|told| told.contains("its name is \"returns\"")));
        let (_, skills, _) = folder(&[("Refunds/SKILL.md", &MANIFEST_TEXT.replace("NAME", "Refunds"))]);
        assert!(skills.is_err_and(|told| told.contains("a-z 0-9 -")));
    }
}
