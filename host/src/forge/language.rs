use std::{fmt, path::Path};

/// The language of a plugin's source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    Rust,
    JavaScript,
    Python,
    Go,
    C,
    Unknown,
}

/// Files that tell a language, the surest first.
const MARKS: [(&str, Language); 9] = [
    ("Cargo.toml", Language::Rust),
    ("package.json", Language::JavaScript),
    ("pyproject.toml", Language::Python),
    ("app.py", Language::Python),
    ("requirements.txt", Language::Python),
    ("go.mod", Language::Go),
    ("Makefile", Language::C),
    ("plugin.c", Language::C),
    ("plug.c", Language::C),
];

impl Language {
    /// The language of the source in `dir`.
    #[must_use]
    pub fn of(dir: &Path) -> Self {
        MARKS.iter().find(|(file, _)| dir.join(file).is_file()).map_or(Self::Unknown, |(_, language)| *language)
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
            Self::Unknown => "a language that it does not know",
        })
    }
}
