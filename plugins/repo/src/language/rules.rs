//! The rules. `ID` stands for a name, `~~` for space, `~` for space or none.

use std::sync::LazyLock;

use super::{Language, compile};

macro_rules! languages {
    ($($name:literal ($($extension:literal),+) { $($kind:literal => $rule:expr,)+ })+) => {
        const COUNT: usize = [$($name),+].len();

        /// Every language.
        pub(super) static LANGUAGES: [Language; COUNT] = [$(Language {
            name: $name,
            extensions: &[$($extension),+],
            kinds: &[$($kind),+],
            pattern: LazyLock::new(|| compile(&[$($rule),+])),
        }),+];
    };
}

languages! {
    "rust" ("rs") {
        "function" => r#"~(?:pub~(?:\([^)\n]*\))?~)?(?:default~~)?(?:const~~)?(?:async~~)?(?:unsafe~~)?(?:extern~~(?:"[^"\n]*"~~)?)?fn~~(ID)"#,
        "struct" => r"~(?:pub~(?:\([^)\n]*\))?~)?(?:struct|union)~~(ID)",
        "enum" => r"~(?:pub~(?:\([^)\n]*\))?~)?enum~~(ID)",
        "trait" => r"~(?:pub~(?:\([^)\n]*\))?~)?(?:unsafe~~)?trait~~(ID)",
        "type" => r"~(?:pub~(?:\([^)\n]*\))?~)?type~~(ID)",
        "constant" => r"~(?:pub~(?:\([^)\n]*\))?~)?(?:const|static)~~(?:mut~~)?(ID)~:",
        "module" => r"~(?:pub~(?:\([^)\n]*\))?~)?mod~~(ID)",
        "macro" => r"~macro_rules!~(ID)",
        "impl" => r"~(?:unsafe~~)?impl\b~(?:<[^{\n]*?>~~)?([A-Za-z_$&(\[][^{\n]*?)~(?:\{|\bwhere\b|$)",
    }

    "python" ("py", "pyi") {
        "function" => r"~(?:async~~)?def~~(ID)",
        "class" => r"~class~~(ID)",
        "constant" => r"([A-Z][A-Z0-9_]+)~(?::[^=\n]+)?=[^=]",
    }

    "javascript" ("js", "mjs", "cjs", "jsx") {
        "function" => r"~(?:export~~)?(?:default~~)?(?:async~~)?function~\*?~(ID)",
        "function" => r"~(?:export~~)?(?:const|let|var)~~(ID)~=~(?:async~)?(?:function\b|\([^\n]*\)~=>|ID~=>)",
        "class" => r"~(?:export~~)?(?:default~~)?class~~(ID)",
        "method" => r"~~(?:(?:static|async|get|set)~~)*\*?(#?ID)~\([^\n]*\)~\{",
        "variable" => r"(?:export~~)?(?:const|let|var)~~(ID)~=",
    }

    "typescript" ("ts", "mts", "cts", "tsx") {
        "function" => r"~(?:export~~)?(?:default~~)?(?:declare~~)?(?:async~~)?function~\*?~(ID)",
        "function" => r"~(?:export~~)?(?:const|let|var)~~(ID)~(?::[^=\n]+)?=~(?:async~)?(?:function\b|(?:<[^\n]*?>)?\([^\n]*(?:=>|$)|ID~=>)",
        "class" => r"~(?:export~~)?(?:default~~)?(?:declare~~)?(?:abstract~~)?class~~(ID)",
        "interface" => r"~(?:export~~)?(?:default~~)?(?:declare~~)?interface~~(ID)",
        "type" => r"~(?:export~~)?(?:declare~~)?type~~(ID)~(?:<[^\n]*>)?~=",
        "enum" => r"~(?:export~~)?(?:declare~~)?(?:const~~)?enum~~(ID)",
        "module" => r"~(?:export~~)?(?:declare~~)?(?:namespace|module)~~(ID)",
        "method" => r"~~(?:(?:public|private|protected|static|async|override|abstract|get|set)~~)*\*?(#?ID)~(?:<[^>\n]*>)?\([^\n]*\)~(?::[^{\n]+)?\{",
        "variable" => r"(?:export~~)?(?:declare~~)?(?:const|let|var)~~(ID)~(?::[^=\n]+)?=",
    }

    "go" ("go") {
        "method" => r"func~\([^)\n]*\)~(ID)",
        "function" => r"func~~(ID)",
        "struct" => r"~(?:type~~)?(ID)~(?:\[[^\]\n]*\]~)?struct~\{",
        "interface" => r"~(?:type~~)?(ID)~(?:\[[^\]\n]*\]~)?interface~\{",
        "type" => r"type~~(ID)",
        "constant" => r"const~~(ID)",
        "variable" => r"var~~(ID)",
    }

    "c" ("c", "h") {
        "struct" => r"~(?:typedef~~)?(?:struct|union)~~(ID)~(?:\{|$)",
        "enum" => r"~(?:typedef~~)?enum~~(ID)~(?:\{|$)",
        "type" => r"typedef~~[^;{\n]*?\b(ID)~;",
        "type" => r"\}~(ID)~;",
        "macro" => r"~#~define~~(ID)",
        "function" => r"(?:[A-Za-z_][A-Za-z0-9_]*[ \t*]+)+(ID)~\([^;{}=\n]*(?:\{[^\n]*)?$",
    }

    "cpp" ("cc", "cpp", "cxx", "hh", "hpp", "hxx") {
        "class" => r"~(?:template~<[^\n]*>~)?(?:class|struct|union)~~(?:\[\[[^\n]*\]\]~)?(ID)~(?:final~)?(?::[^:][^\n]*)?(?:\{|$)",
        "enum" => r"~enum~~(?:class~~|struct~~)?(ID)",
        "module" => r"~(?:inline~~)?namespace~~(ID)",
        "type" => r"~using~~(ID)~=",
        "type" => r"typedef~~[^;{\n]*?\b(ID)~;",
        "macro" => r"~#~define~~(ID)",
        "function" => r"(?:[A-Za-z_][A-Za-z0-9_:<>, \t*&]*[ \t*&])?((?:ID::)*\x7e?ID)~\([^;{}=\n]*(?:\{[^\n]*)?$",
    }

    "java" ("java") {
        "class" => r"~(?:(?:public|private|protected|static|final|abstract|sealed|non-sealed|strictfp)~~)*class~~(ID)",
        "interface" => r"~(?:(?:public|private|protected|static|abstract|sealed|non-sealed)~~)*@?interface~~(ID)",
        "enum" => r"~(?:(?:public|private|protected|static)~~)*enum~~(ID)",
        "record" => r"~(?:(?:public|private|protected|static|final)~~)*record~~(ID)~[(<]",
        "method" => r"~(?:(?:public|private|protected|static|final|abstract|synchronized|native|default)~~)+(?:<[^\n]*?>~)?(?:[A-Za-z0-9_.<>\[\],?& ]+~~)?(ID)~\(",
    }

    "csharp" ("cs") {
        "class" => r"~(?:(?:public|private|protected|internal|static|sealed|abstract|partial|readonly|ref)~~)*(?:class|struct)~~(ID)",
        "record" => r"~(?:(?:public|private|protected|internal|sealed|abstract|partial|readonly)~~)*record~~(?:struct~~|class~~)?(ID)",
        "interface" => r"~(?:(?:public|private|protected|internal|partial)~~)*interface~~(ID)",
        "enum" => r"~(?:(?:public|private|protected|internal)~~)*enum~~(ID)",
        "module" => r"~namespace~~([A-Za-z0-9_.]+)",
        "method" => r"~(?:(?:public|private|protected|internal|static|virtual|override|abstract|sealed|async|extern|partial|new)~~)+(?:[A-Za-z0-9_.<>\[\],? ]+~~)?(ID)~(?:<[^>\n]*>)?\(",
    }

    "kotlin" ("kt", "kts") {
        "function" => r"~(?:[a-z]+~~)*fun~~(?:<[^\n]*?>~)?(?:[A-Za-z0-9_.<>?, ]+\.)?(ID)",
        "class" => r"~(?:[a-z]+~~)*(?:class|object)~~(ID)",
        "interface" => r"~(?:[a-z]+~~)*interface~~(ID)",
        "type" => r"~(?:[a-z]+~~)*typealias~~(ID)",
        "variable" => r"(?:[a-z]+~~)*(?:val|var)~~(ID)",
    }

    "swift" ("swift") {
        "function" => r"~(?:@?[A-Za-z]+(?:\([a-z]+\))?~~)*func~~(ID)",
        "class" => r"~(?:[a-z]+~~)*(?:class|actor)~~(ID)",
        "struct" => r"~(?:[a-z]+~~)*struct~~(ID)",
        "enum" => r"~(?:[a-z]+~~)*enum~~(ID)",
        "interface" => r"~(?:[a-z]+~~)*protocol~~(ID)",
        "impl" => r"~(?:[a-z]+~~)*extension~~([A-Za-z0-9_.]+)",
    }

    "ruby" ("rb", "rake") {
        "method" => r"~def~~(?:self\.)?([A-Za-z_][A-Za-z0-9_]*[?!=]?)",
        "class" => r"~class~~([A-Z][A-Za-z0-9_:]*)",
        "module" => r"~module~~([A-Z][A-Za-z0-9_:]*)",
        "constant" => r"~([A-Z][A-Z0-9_]+)~=[^=]",
    }

    "php" ("php") {
        "function" => r"~(?:(?:public|private|protected|static|final|abstract)~~)*function~~&?(ID)",
        "class" => r"~(?:(?:final|abstract|readonly)~~)*class~~(ID)",
        "interface" => r"~interface~~(ID)",
        "trait" => r"~trait~~(ID)",
        "enum" => r"~enum~~(ID)",
    }

    "sh" ("sh", "bash") {
        "function" => r"~(?:function~~)?([A-Za-z_][A-Za-z0-9_-]*)~\(~\)",
        "function" => r"~function~~([A-Za-z_][A-Za-z0-9_-]*)",
    }

    "markdown" ("md") {
        "heading" => r"#{1,6}~~([^\n]+)",
    }
}
