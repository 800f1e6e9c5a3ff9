//! The table of languages. One row each; the lexer reads nothing else.

use super::language::Escape::{Backslash, Nothing, OneCharacter};
use super::language::Reach::{Line, Lines};
use super::language::{Block, Language, Nests, Quote, Shape};

const fn quote(mark: &'static str, escape: super::language::Escape, reach: super::language::Reach) -> Quote {
    Quote { open: mark, close: mark, escape, reach }
}

const C_COMMENT: Option<Block> = Some(Block { open: "/*", close: "*/", nests: Nests::No });
const NESTED_COMMENT: Option<Block> = Some(Block { open: "/*", close: "*/", nests: Nests::Yes });
const TAG_COMMENT: Option<Block> = Some(Block { open: "<!--", close: "-->", nests: Nests::No });

const DOUBLE: Quote = quote("\"", Backslash, Line);
const SINGLE: Quote = quote("'", Backslash, Line);
const BACKTICK: Quote = quote("`", Backslash, Lines);
const C_QUOTES: &[Quote] = &[DOUBLE, SINGLE];
const SCRIPT_QUOTES: &[Quote] = &[DOUBLE, SINGLE, BACKTICK];
const LONG_QUOTES: &[Quote] = &[quote("\"\"\"", Backslash, Lines), quote("'''", Backslash, Lines), DOUBLE, SINGLE];
const SHELL_QUOTES: &[Quote] = &[quote("\"", Backslash, Lines), quote("'", Nothing, Lines)];
const SETTING_QUOTES: &[Quote] = &[quote("\"\"\"", Backslash, Lines), quote("'''", Nothing, Lines), DOUBLE, quote("'", Nothing, Line)];
const RUST_QUOTES: &[Quote] = &[
    Quote { open: "r##\"", close: "\"##", escape: Nothing, reach: Lines },
    Quote { open: "r#\"", close: "\"#", escape: Nothing, reach: Lines },
    Quote { open: "r\"", close: "\"", escape: Nothing, reach: Lines },
    quote("\"", Backslash, Lines),
    quote("'", OneCharacter, Line),
];

/// What every row has that says no more.
const NONE: Language = Language {
    name: "plain text",
    files: &[],
    names: &[],
    types: &[],
    shape: Shape::Code,
    line_comments: &[],
    block_comment: None,
    quotes: &[],
    keywords: "",
    known: "",
};

const C_LIKE: Language = Language { line_comments: &["//"], block_comment: C_COMMENT, quotes: C_QUOTES, ..NONE };

/// Text of which nothing is known.
pub(super) static PLAIN: Language = Language { shape: Shape::Plain, ..NONE };

const JSON_LIKE: Language = Language { shape: Shape::Data, line_comments: &["//"], quotes: &[DOUBLE], known: "true false null", ..NONE };

/// JSON, one document.
pub(super) static JSON: Language = Language {
    name: "JSON",
    files: &["json", "geojson", "ipynb", "topojson", "webmanifest", "map", "har", "jsonc", "json5"],
    types: &["json"],
    ..JSON_LIKE
};

/// A document a line: the line ends are the author's.
static JSON_LINES: Language =
    Language { name: "JSON lines", files: &["jsonl", "ndjson"], types: &["ndjson", "jsonlines", "jsonl"], ..JSON_LIKE };

static RUST: Language = Language {
    name: "Rust",
    files: &["rs"],
    block_comment: NESTED_COMMENT,
    quotes: RUST_QUOTES,
    keywords: "as async await break const continue crate dyn else enum extern fn for if impl in let loop match mod move mut pub ref return self \
               static struct super trait type union unsafe use where while yield",
    known: "Self bool char f32 f64 i128 i16 i32 i64 i8 isize str u128 u16 u32 u64 u8 usize true false",
    ..C_LIKE
};

static PYTHON: Language = Language {
    name: "Python",
    files: &["py", "pyi", "pyw", "bzl"],
    line_comments: &["#"],
    quotes: LONG_QUOTES,
    keywords: "and as assert async await break case class continue def del elif else except finally for from global if import in is lambda match \
               nonlocal not or pass raise return try while with yield",
    known: "True False None bool bytes dict float int list object self set str tuple type",
    ..NONE
};

static JAVASCRIPT: Language = Language {
    name: "JavaScript",
    files: &["js", "mjs", "cjs", "jsx"],
    types: &["ecmascript"],
    quotes: SCRIPT_QUOTES,
    keywords: "async await break case catch class const continue debugger default delete do else export extends finally for from function get if \
               import in instanceof let new of return set static super switch throw try typeof var void while with yield",
    known: "true false null undefined this NaN Infinity",
    ..C_LIKE
};

static TYPESCRIPT: Language = Language {
    name: "TypeScript",
    files: &["ts", "mts", "cts", "tsx"],
    quotes: SCRIPT_QUOTES,
    keywords: "abstract as async await break case catch class const continue declare default delete do else enum export extends finally for from \
               function get if implements import in infer instanceof interface is keyof let namespace new of private protected public readonly \
               return satisfies set static super switch throw try type typeof var void while yield",
    known: "true false null undefined this any bigint boolean never number object string symbol unknown",
    ..C_LIKE
};

static GO: Language = Language {
    name: "Go",
    files: &["go"],
    quotes: &[DOUBLE, SINGLE, quote("`", Nothing, Lines)],
    keywords: "break case chan const continue default defer else fallthrough for func go goto if import interface map package range return select \
               struct switch type var",
    known: "any bool byte complex128 complex64 error false float32 float64 int int16 int32 int64 int8 iota nil rune string true uint uint16 uint32 \
            uint64 uint8 uintptr",
    ..C_LIKE
};

static C: Language = Language {
    name: "C",
    files: &["c", "h"],
    types: &["csrc", "chdr"],
    keywords: "auto break case const continue default do else enum extern for goto if inline register restrict return sizeof static struct switch \
               typedef union volatile while include define ifdef ifndef endif pragma undef elif",
    known: "bool char double false float int int16_t int32_t int64_t int8_t long NULL short signed size_t true uint16_t uint32_t uint64_t uint8_t \
            unsigned void",
    ..C_LIKE
};

static CPP: Language = Language {
    name: "C++",
    files: &["cc", "cpp", "cxx", "hh", "hpp", "hxx", "cu"],
    types: &["c++src", "c++hdr"],
    keywords: "alignas auto break case catch class co_await co_return co_yield concept const consteval constexpr const_cast continue decltype default \
               delete do dynamic_cast else enum explicit export extern final for friend goto if inline mutable namespace new noexcept operator \
               override private protected public reinterpret_cast requires return sizeof static static_cast struct switch template throw try typedef \
               typename union using virtual volatile while include define ifdef ifndef endif pragma undef elif",
    known: "bool char double false float int int16_t int32_t int64_t int8_t long nullptr NULL short signed size_t this true uint16_t uint32_t \
            uint64_t uint8_t unsigned void wchar_t",
    ..C_LIKE
};

static JAVA: Language = Language {
    name: "Java",
    files: &["java"],
    quotes: LONG_QUOTES,
    keywords: "abstract assert break case catch class continue def default do else enum extends final finally for if implements import instanceof \
               interface native new object package permits private protected public record return sealed static super switch synchronized throw \
               throws trait transient try val var volatile while yield",
    known: "boolean byte char double false float int long null short String this true void",
    ..C_LIKE
};

const KOTLIN_LIKE: Language = Language {
    block_comment: NESTED_COMMENT,
    quotes: LONG_QUOTES,
    keywords: "as break by case catch class companion const continue data do else enum extension fun func final finally for get guard if import in \
               init inner interface internal is let object open operator override package private protected protocol public return sealed set \
               static struct super suspend switch throw try typealias val var vararg when where while",
    known: "Any Boolean Byte Char Double false Float Int List Long Map nil null self Short String this true Unit",
    ..C_LIKE
};

static KOTLIN: Language = Language { name: "Kotlin", files: &["kt", "kts"], ..KOTLIN_LIKE };
static SWIFT: Language = Language { name: "Swift", files: &["swift"], ..KOTLIN_LIKE };
static DART: Language = Language { name: "Dart", files: &["dart"], ..KOTLIN_LIKE };
static SCALA: Language = Language { name: "Scala", files: &["scala", "sbt"], ..KOTLIN_LIKE };

static CSHARP: Language = Language {
    name: "C#",
    files: &["cs", "csx"],
    types: &["csharp"],
    keywords: "abstract as async await base break case catch checked class const continue default delegate do else enum event explicit extern finally \
               fixed for foreach get goto if implicit in init interface internal is lock namespace new operator out override params private protected \
               public readonly record ref return sealed set sizeof stackalloc static struct switch throw try typeof unsafe using var virtual volatile \
               when where while yield",
    known: "bool byte char decimal double false float int long null object sbyte short string this true uint ulong ushort void",
    ..C_LIKE
};

static PHP: Language = Language {
    name: "PHP",
    files: &["php", "phtml"],
    types: &["httpd-php"],
    line_comments: &["//", "#"],
    quotes: SHELL_QUOTES,
    keywords: "abstract and array as break case catch class clone const continue declare default do echo else elseif enum extends final finally fn for \
               foreach function global goto if implements include instanceof interface isset list match namespace new or print private protected public \
               readonly require require_once return static switch throw trait try unset use var while yield php",
    known: "bool false float int mixed null self string this true void",
    ..C_LIKE
};

static RUBY: Language = Language {
    name: "Ruby",
    files: &["rb", "gemspec"],
    names: &["Gemfile", "Rakefile"],
    line_comments: &["#"],
    block_comment: Some(Block { open: "=begin", close: "=end", nests: Nests::No }),
    quotes: C_QUOTES,
    keywords: "alias and begin break case class def defined? do else elsif end ensure for if in module next not or redo require rescue retry return \
               super then undef unless until when while yield attr_accessor attr_reader include",
    known: "true false nil self",
    ..NONE
};

static PERL: Language = Language {
    name: "Perl",
    files: &["pl", "pm"],
    line_comments: &["#"],
    quotes: SHELL_QUOTES,
    keywords: "and bless cmp die do else elsif eq for foreach if last local my ne next no not or our package print push redo require return shift sub \
               undef unless until use while",
    ..NONE
};

const SHELL_LIKE: Language = Language {
    line_comments: &["#"],
    quotes: SHELL_QUOTES,
    keywords: "case do done elif else esac eval exec exit export fi for function if in local readonly return select set shift source then trap unset \
               until while",
    known: "true false cat cd cp echo grep mkdir mv printf read rm sed test",
    ..NONE
};

static SHELL: Language = Language {
    name: "Shell",
    files: &["sh", "bash", "zsh", "ksh"],
    names: &[".bashrc", ".bash_profile", ".profile", ".zshrc", ".env"],
    types: &["sh", "shellscript"],
    ..SHELL_LIKE
};

static DOCKERFILE: Language = Language {
    name: "Dockerfile",
    files: &["dockerfile"],
    names: &["Dockerfile", "Containerfile"],
    keywords: "FROM AS RUN COPY ADD ENV ARG ENTRYPOINT CMD WORKDIR EXPOSE USER VOLUME LABEL SHELL HEALTHCHECK ONBUILD STOPSIGNAL",
    ..SHELL_LIKE
};

static MAKEFILE: Language = Language {
    name: "Makefile",
    files: &["mk"],
    names: &["Makefile", "makefile", "GNUmakefile"],
    keywords: "include ifeq ifneq ifdef ifndef else endif define endef export override",
    ..SHELL_LIKE
};

static SQL: Language = Language {
    name: "SQL",
    files: &["sql", "ddl", "hql", "psql"],
    shape: Shape::CaselessCode,
    line_comments: &["--"],
    block_comment: C_COMMENT,
    quotes: &[quote("'", Nothing, Lines), quote("\"", Nothing, Line), quote("`", Nothing, Line)],
    keywords: "add all alter and any as asc begin between by cascade case check column commit constraint create cross database default delete desc \
               distinct drop else end except exists explain external foreign from full function grant group having if in index inner insert intersect \
               into is join key left like limit location msck natural not offset on or order outer over partition partitioned primary procedure \
               references replace returning revoke right rollback row rows select serde set show stored table temporary then to transaction trigger \
               truncate union unique update use using values view when where with",
    known: "array bigint blob boolean char date decimal double false float int integer json map null numeric real smallint string struct text time \
            timestamp tinyint true uuid varchar",
    ..NONE
};

static LUA: Language = Language {
    name: "Lua",
    files: &["lua"],
    line_comments: &["--"],
    block_comment: Some(Block { open: "--[[", close: "]]", nests: Nests::No }),
    quotes: C_QUOTES,
    keywords: "and break do else elseif end for function goto if in local not or repeat return then until while",
    known: "true false nil self",
    ..NONE
};

static R: Language = Language {
    name: "R",
    files: &["r"],
    line_comments: &["#"],
    quotes: LONG_QUOTES,
    keywords: "begin break do else end for function if in import library module next repeat return struct using while",
    known: "TRUE FALSE NULL NA Inf NaN true false nothing",
    ..NONE
};

static TERRAFORM: Language = Language {
    name: "Terraform",
    files: &["tf", "tfvars", "hcl"],
    line_comments: &["#", "//"],
    block_comment: C_COMMENT,
    quotes: C_QUOTES,
    keywords: "resource data variable output provider module locals terraform for in if for_each count depends_on lifecycle dynamic",
    known: "true false null string number bool list map set object any",
    ..NONE
};

static PROTO: Language = Language {
    name: "Protocol Buffers",
    files: &["proto"],
    keywords: "enum extend import message namespace oneof option optional package repeated required reserved returns rpc service stream struct syntax table",
    known: "bool bytes double false fixed32 fixed64 float int32 int64 map sint32 sint64 string true uint32 uint64",
    ..C_LIKE
};

static CSS: Language = Language {
    name: "CSS",
    files: &["css", "scss", "less"],
    block_comment: C_COMMENT,
    quotes: C_QUOTES,
    keywords: "important media import charset supports keyframes include mixin extend font-face root",
    known: "auto none inherit initial unset block flex grid inline absolute relative fixed",
    ..NONE
};

static YAML: Language = Language {
    name: "YAML",
    files: &["yaml", "yml", "cff", "cwl"],
    types: &["yaml"],
    shape: Shape::Settings,
    line_comments: &["#"],
    quotes: &[DOUBLE, quote("'", Nothing, Line)],
    known: "true false null yes no on off True False",
    ..NONE
};

static TOML: Language = Language {
    name: "TOML",
    files: &["toml"],
    names: &["Cargo.lock", "Pipfile", "poetry.lock", "uv.lock"],
    shape: Shape::Settings,
    line_comments: &["#"],
    quotes: SETTING_QUOTES,
    known: "true false inf nan",
    ..NONE
};

static INI: Language = Language {
    name: "INI",
    files: &["ini", "cfg", "conf", "properties", "desktop", "service"],
    names: &[".editorconfig", ".gitconfig"],
    shape: Shape::Settings,
    line_comments: &["#", ";"],
    quotes: &[DOUBLE],
    known: "true false yes no on off",
    ..NONE
};

const TAGS: Language = Language {
    shape: Shape::Markup,
    block_comment: TAG_COMMENT,
    quotes: &[quote("\"", Nothing, Lines), quote("'", Nothing, Lines)],
    ..NONE
};

static XML: Language = Language {
    name: "XML",
    files: &["xml", "svg", "xsd", "xsl", "xslt", "rss", "atom", "kml", "gml", "gpx", "plist", "csproj", "vrt", "wsdl"],
    types: &["svg"],
    ..TAGS
};

static HTML: Language = Language { name: "HTML", files: &["html", "htm", "xhtml", "vue", "svelte"], types: &["xhtml"], ..TAGS };

static MARKDOWN: Language = Language {
    name: "Markdown",
    files: &["md", "markdown", "mdx", "qmd"],
    shape: Shape::Prose,
    block_comment: TAG_COMMENT,
    quotes: &[quote("`", Nothing, Line)],
    ..NONE
};

/// Every language but the plain one.
pub(super) static ALL: &[&Language] = &[
    &JSON,
    &JSON_LINES,
    &RUST,
    &PYTHON,
    &JAVASCRIPT,
    &TYPESCRIPT,
    &GO,
    &C,
    &CPP,
    &JAVA,
    &KOTLIN,
    &SWIFT,
    &DART,
    &SCALA,
    &CSHARP,
    &PHP,
    &RUBY,
    &PERL,
    &SHELL,
    &DOCKERFILE,
    &MAKEFILE,
    &SQL,
    &LUA,
    &R,
    &TERRAFORM,
    &PROTO,
    &CSS,
    &YAML,
    &TOML,
    &INI,
    &XML,
    &HTML,
    &MARKDOWN,
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_file_belongs_to_two_languages() {
        let mut seen = BTreeSet::new();
        for language in ALL {
            assert!(!language.files.is_empty(), "{}", language.name);
            assert!(language.files.iter().chain(language.names).all(|file| seen.insert(*file)), "{}", language.name);
        }
        let mut names = BTreeSet::new();
        assert!(ALL.iter().all(|language| names.insert(language.name)));
    }

    #[test]
    fn longer_quotes_stand_before_their_beginnings() {
        for language in ALL {
            for (place, quote) in language.quotes.iter().enumerate() {
                let hidden = language.quotes[..place].iter().any(|earlier| quote.open.starts_with(earlier.open));
                assert!(!hidden && !quote.open.is_empty() && !quote.close.is_empty(), "{}: {}", language.name, quote.open);
            }
        }
    }

    #[test]
    fn words_of_caseless_languages_are_in_lower_case() {
        for language in ALL.iter().filter(|language| language.shape == Shape::CaselessCode) {
            assert_eq!(language.keywords, language.keywords.to_lowercase());
            assert_eq!(language.known, language.known.to_lowercase());
        }
    }
}
