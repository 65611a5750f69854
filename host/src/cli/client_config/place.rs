//! Where a client keeps its configuration on this system.

use std::{
    env,
    path::{Path, PathBuf},
};

/// A file, by the folder that it lies in.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    /// The folder in which the command is run: a project's.
    Here(&'static str),
    /// The user's own.
    Home(&'static str),
    /// `~/.config`, or what `XDG_CONFIG_HOME` says; `%APPDATA%` on Windows.
    Xdg(&'static str),
    /// The same, and `~/Library/Application Support` on macOS.
    Config(&'static str),
}

/// The folders of this user.
struct User {
    home: PathBuf,
    xdg: PathBuf,
    config: PathBuf,
}

impl Place {
    /// The file; `None` where this user has no home.
    pub(super) fn file(self) -> Option<PathBuf> {
        if let Self::Here(path) = self {
            return std::path::absolute(path).ok();
        }
        Some(self.of(&User::this()?))
    }

    fn of(self, user: &User) -> PathBuf {
        match self {
            Self::Here(path) => path.into(),
            Self::Home(path) => user.home.join(path),
            Self::Xdg(path) => user.xdg.join(path),
            Self::Config(path) => user.config.join(path),
        }
    }
}

impl User {
    #[expect(clippy::disallowed_methods, reason = "where other programs of this user look for their files")]
    fn this() -> Option<Self> {
        let home = env::home_dir()?;
        let folder = |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        if cfg!(windows) {
            let roaming = folder("APPDATA").unwrap_or_else(|| home.join("AppData/Roaming"));
            return Some(Self { home, xdg: roaming.clone(), config: roaming });
        }
        let xdg = folder("XDG_CONFIG_HOME").unwrap_or_else(|| home.join(".config"));
        Some(Self::unix(&home, xdg, cfg!(target_os = "macos")))
    }

    fn unix(home: &Path, xdg: PathBuf, is_mac: bool) -> Self {
        let config = if is_mac { home.join("Library/Application Support") } else { xdg.clone() };
        Self { home: home.to_owned(), xdg, config }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_where_the_client_looks() {
        let home = Path::new("/home/ada");
        let linux = User::unix(home, home.join(".config"), false);
        let mac = User::unix(home, home.join(".config"), true);
        let claude = Place::Config("Claude/a.json");
        assert_eq!(claude.of(&linux), home.join(".config/Claude/a.json"));
        assert_eq!(claude.of(&mac), home.join("Library/Application Support/Claude/a.json"));
        assert_eq!(Place::Xdg("zed/a.json").of(&mac), home.join(".config/zed/a.json"));
        assert_eq!(Place::Home(".cursor/a.json").of(&mac), home.join(".cursor/a.json"));
    }
}
