//! What holds, in words for the operator.

use std::{fmt, path::PathBuf};

use serde_json::{Value, json};

/// Landlock's first versions that restrict each of these.
const TRUNCATING: i32 = 3;
const PORTS: i32 = 4;
const DEVICES: i32 = 5;
const SIGNALS: i32 = 6;

/// What holds of files and ports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Files {
    /// Landlock's version; 0 if it does not hold.
    pub abi: i32,
    /// Whether all of it holds that is asked for.
    pub whole: bool,
    /// Whether ports were to be given up.
    pub ports: bool,
    /// How many folders and files are left.
    pub places: usize,
    /// What was to be left and is not there.
    pub absent: Vec<PathBuf>,
    /// Why nothing holds.
    pub trouble: Option<String>,
}

impl Files {
    /// Nothing holds.
    #[must_use]
    pub const fn none(why: String) -> Self {
        Self { abi: 0, whole: false, ports: false, places: 0, absent: Vec::new(), trouble: Some(why) }
    }

    /// Whether files are confined.
    #[must_use]
    pub const fn hold(&self) -> bool {
        self.abi > 0
    }

    /// Whether ports are confined.
    #[must_use]
    pub const fn hold_ports(&self) -> bool {
        self.ports && self.abi >= PORTS
    }
}

/// What holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// `hardening.enabled`.
    pub on: bool,
    pub files: Files,
    /// How many system calls are left, or why none was taken away.
    pub calls: Result<usize, String>,
    /// Whether no privileges can be gained.
    pub privileges: bool,
    /// Whether there are no core dumps.
    pub dumps: bool,
}

impl Report {
    pub(super) fn switched_off() -> Self {
        let why = || "hardening.enabled is false".to_owned();
        let files = Files::none(why());
        Self { on: false, files, calls: Err(why()), privileges: false, dumps: false }
    }

    /// What does not hold, each with what it would take.
    #[must_use]
    pub fn missing(&self) -> Vec<String> {
        if !self.on {
            return Vec::new();
        }
        let mut missing = Vec::new();
        if let Some(why) = &self.files.trouble {
            missing.push(format!("files and ports are not confined: {why} (Linux 6.12 has all of it)"));
        } else if !self.files.whole {
            let lacking = [(TRUNCATING, "truncating"), (PORTS, "ports"), (DEVICES, "devices"), (SIGNALS, "signals")];
            let lacking = lacking.into_iter().filter(|(abi, _)| self.files.abi < *abi).map(|(_, what)| what);
            let lacking = lacking.collect::<Vec<_>>().join(", ");
            missing.push(format!(
                "this kernel's Landlock (ABI {}) does not confine {lacking} (Linux 6.12 does)",
                self.files.abi
            ));
        }
        if let Err(why) = &self.calls {
            missing.push(format!("system calls are not confined: {why}"));
        }
        if !self.privileges {
            missing.push("privileges can be gained: the kernel refuses no_new_privs".to_owned());
        }
        if !self.dumps {
            missing.push("core dumps cannot be switched off".to_owned());
        }
        missing
    }

    /// As a member of `check --json`.
    #[must_use]
    pub fn as_json(&self) -> Value {
        json!({
            "enabled": self.on,
            "landlock": self.files.abi,
            "places": self.files.places,
            "systemCalls": self.calls.as_ref().ok(),
            "noNewPrivileges": self.privileges,
            "noCoreDumps": self.dumps,
            "missing": self.missing(),
        })
    }
}

impl fmt::Display for Report {
    /// What holds, as one line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut holds = Vec::new();
        if self.files.hold() {
            let ports = if self.files.hold_ports() { " and ports" } else { "" };
            holds.push(format!("files{ports} (Landlock ABI {}, {} places)", self.files.abi, self.files.places));
        }
        if let Ok(left) = self.calls {
            holds.push(format!("system calls (seccomp, {left} left)"));
        }
        if self.privileges {
            holds.push("no new privileges".to_owned());
        }
        if self.dumps {
            holds.push("no core dumps".to_owned());
        }
        match holds.is_empty() {
            true if !self.on => f.write_str("not confined: hardening.enabled is false"),
            true => f.write_str("not confined"),
            false => write!(f, "confined: {}", holds.join(", ")),
        }
    }
}
