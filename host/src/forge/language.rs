use std::{fmt, path::Path, str::FromStr};

/// The language of a plugin's source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    Rust,
    /// JavaScript or TypeScript: one toolchain.
    JavaScript,
    Python,
    Go,
    C,
}

/// Files that tell a language, the surest first.
const MARKS: [(&str, Language); 5] = [
    ("Cargo.toml", Language::Rust),
    ("package.json", Language::JavaScript),
    ("pyproject.toml", Language::Python),
    ("go.mod", Language::Go),
    ("plugin.c", Language::C),
];

impl Language {
    /// The language of the source in `dir`; `None` if no file tells it.
    #[must_use]
    pub fn of(dir: &Path) -> Option<Self> {
        MARKS.iter().find(|(file, _)| dir.join(file).is_file()).map(|(_, language)| *language)
    }

    /// The files by which languages are told, for people.
    pub(super) fn marks() -> String {
        MARKS.map(|(file, _)| file).join(", ")
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rust => "Rust",
            Self::JavaScript => "JavaScript or TypeScript",
            Self::Python => "Python",
            Self::Go => "Go",
            Self::C => "C",
        })
    }
}

/// What a plugin can be begun in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flavour {
    Rust,
    TypeScript,
    JavaScript,
    Python,
    Go,
    C,
}

impl Flavour {
    pub(super) const ALL: [Self; 6] = [Self::Rust, Self::TypeScript, Self::JavaScript, Self::Python, Self::Go, Self::C];

    /// As `--lang` spells it, which is also its template's folder.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::TypeScript => "ts",
            Self::JavaScript => "js",
            Self::Python => "python",
            Self::Go => "go",
            Self::C => "c",
        }
    }

    /// The language that it is a flavour of.
    #[must_use]
    pub const fn language(self) -> Language {
        match self {
            Self::Rust => Language::Rust,
            Self::TypeScript | Self::JavaScript => Language::JavaScript,
            Self::Python => Language::Python,
            Self::Go => Language::Go,
            Self::C => Language::C,
        }
    }
}

impl FromStr for Flavour {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|flavour| flavour.name() == text).ok_or_else(|| {
            let known = Self::ALL.map(Self::name).join(", ");
            format!("expected one of {known}")
        })
    }
}
