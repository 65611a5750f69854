//! A C compiler that makes WebAssembly, if there is one.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

use super::super::process::{find, program};

/// Versions of clang that are looked for, the newest first, behind `clang` itself.
const CLANG_VERSIONS: std::ops::RangeInclusive<u32> = 15..=24;

/// What both are told.
const FLAGS: [&str; 10] = [
    "-mexec-model=reactor",
    "-std=gnu17",
    "-Os",
    "-Wall",
    "-Wextra",
    "-ffunction-sections",
    "-fdata-sections",
    // What C gets wrong without a word ends the call.
    "-fsanitize=bounds,null,signed-integer-overflow,integer-divide-by-zero,vla-bound,unreachable,return,builtin",
    "-fsanitize-trap=all",
    "-Wl,--gc-sections",
];

/// Behind that, a stack that runs over ends the call instead of writing over data.
const FLAGS_OF_CLANG: [&str; 4] =
    ["--target=wasm32-wasi", "-Wl,--strip-all", "-Wl,--stack-first", "-Wl,-z,stack-size=262144"];
const FLAGS_OF_ZIG: [&str; 5] = ["cc", "-target", "wasm32-wasi", "-s", "-Wl,-z,stack-size=262144"];

/// Where Debian keeps the headers of WASI's libc.
const DEBIAN_HEADERS: &str = "/usr/include/wasm32-wasi";

/// Once found it is not asked again: every save of a plugin comes by here.
static CLANG: OnceLock<PathBuf> = OnceLock::new();

pub(in crate::forge) enum Compiler {
    Clang(PathBuf),
    Zig(PathBuf),
}

impl Compiler {
    /// The compiler for a source in `dir`: clang with WASI's libc, or else zig.
    pub(in crate::forge) fn find(dir: &Path) -> Option<Self> {
        if let Some(clang) = CLANG.get() {
            return Some(Self::Clang(clang.clone()));
        }
        let versions = CLANG_VERSIONS.rev().map(|version| format!("clang-{version}"));
        let mut clangs = ["clang".to_owned()].into_iter().chain(versions).filter_map(|name| find(&name, &[]));
        if let Some(clang) = clangs.find(|clang| makes_wasm(clang)) {
            return Some(Self::Clang(CLANG.get_or_init(|| clang).clone()));
        }
        let beside = [dir.join(".venv/bin")];
        ["zig", "python-zig"].into_iter().find_map(|name| find(name, &beside)).map(Self::Zig)
    }

    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Clang(_) => "clang",
            Self::Zig(_) => "zig",
        }
    }

    /// The compiler, told everything but what to compile.
    pub(super) fn command(&self) -> Command {
        let mut command = match self {
            Self::Clang(clang) => program(clang),
            Self::Zig(zig) => program(zig),
        };
        match self {
            Self::Clang(_) => command.args(FLAGS_OF_CLANG),
            Self::Zig(_) => command.args(FLAGS_OF_ZIG),
        };
        command.args(FLAGS);
        command
    }

    /// The variables by which crates with C in them find it. Zig does not take
    /// what they say of a target.
    pub(in crate::forge) fn variables(&self) -> Vec<(&'static str, String)> {
        let Self::Clang(clang) = self else { return Vec::new() };
        let headers =
            if Path::new(DEBIAN_HEADERS).is_dir() { format!(" -isystem {DEBIAN_HEADERS}") } else { String::new() };
        vec![
            ("CC_wasm32_wasip2", clang.display().to_string()),
            ("AR_wasm32_wasip2", "ar".to_owned()),
            ("CFLAGS_wasm32_wasip2", format!("--target=wasm32-wasi{headers}")),
        ]
    }
}

/// Whether a clang has what it links with: WASI's libc and its own library for
/// WebAssembly.
fn makes_wasm(clang: &Path) -> bool {
    ["-print-file-name=crt1-reactor.o", "-print-libgcc-file-name"].iter().all(|question| {
        let answer = program(clang).args(["--target=wasm32-wasi", "-rtlib=compiler-rt", question]).output();
        answer.is_ok_and(|answer| Path::new(String::from_utf8_lossy(&answer.stdout).trim()).is_file())
    })
}
