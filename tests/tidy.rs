//! The structure that ARCHITECTURE.md promises: who may import whom, what only one folder may name, and how
//! long things may be.

#![expect(clippy::unwrap_used, reason = "what a test can't do fails it")]

#[path = "tidy/circles.rs"]
mod circles;

use circles::{ModulePath, paths};

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The stages, which know the nouns and not each other.
const STAGES: &[&str] = &[
    "answer",
    "chunk",
    "cite",
    "confidence",
    "embed",
    "extract",
    "fuse",
    "generate",
    "hub",
    "parse",
    "rerank",
    "store",
    "support",
    "walk",
];
/// What a stage may import from this crate besides itself.
const NOUNS: &[&str] = &[
    "calendar",
    "document",
    "encoding",
    "error",
    "files",
    "format",
    "hit",
    "http",
    "likeness",
    "link",
    "proxies",
    "query",
    "random",
    "same",
    "seen",
    "sentence",
    "sys",
    "threads",
    "trust",
    "varint",
    "word_vector",
    "words",
    "written",
];

const MOST_LINES: usize = 500;
const MOST_FUNCTION_LINES: usize = 70;
const LEAST_DOC_SHARE: f64 = 0.15;

struct Source {
    path: PathBuf,
    text: String,
}

impl Source {
    /// The module below `src/`: `store` for `src/store/writer.rs`, `fuse` for `src/fuse.rs`.
    fn module(&self) -> String {
        let inside = self.path.strip_prefix("src").unwrap_or(&self.path);
        let first = inside.components().next().unwrap().as_os_str().to_string_lossy().into_owned();
        first.trim_end_matches(".rs").trim_end_matches("_tests").to_owned()
    }

    /// The lines that are code, with their numbers; comments and strings' contents may still be in them.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.text.lines().enumerate().map(|(at, line)| (at + 1, line));
        lines.filter(|(_, line)| !line.trim_start().starts_with("//"))
    }

    /// Whether the file is a test as a whole: its own name, or that of a folder it is in, says so.
    fn is_test(&self) -> bool {
        self.path.iter().any(|part| {
            let name = part.to_string_lossy();
            let stem = name.trim_end_matches(".rs");
            ["test", "tests", "fixtures"].contains(&stem)
                || stem.ends_with("_tests")
                || stem.ends_with("_test")
        })
    }
}

/// Every Rust file of the package, sorted.
fn sources() -> Vec<Source> {
    let mut sources = Vec::new();
    for folder in ["src", "tests", "benches", "models"] {
        collect(Path::new(folder), &mut sources);
    }
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(sources.len() > 20, "the sources weren't found");
    sources
}

fn collect(folder: &Path, sources: &mut Vec<Source>) {
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).into_iter().flatten() {
        let name = entry.unwrap().file_name();
        let path = folder.join(&name);
        let absolute = Path::new(env!("CARGO_MANIFEST_DIR")).join(&path);
        if absolute.is_dir() && name != "target" {
            collect(&path, sources);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            sources.push(Source { text: fs::read_to_string(absolute).unwrap(), path });
        }
    }
}

/// Fails with one line for each thing found.
fn report(what: &str, found: &[String]) {
    assert!(found.is_empty(), "{what}:\n  {}", found.join("\n  "));
}

#[test]
fn stages_do_not_import_each_other() {
    let mut found = Vec::new();
    for source in sources().iter().filter(|source| source.path.starts_with("src") && !source.is_test()) {
        let module = source.module();
        if !STAGES.contains(&module.as_str()) && !NOUNS.contains(&module.as_str()) {
            continue;
        }
        let code: Vec<&str> = source.code().map(|(_, code)| code).collect();
        for imported in imports(&code.join("\n"), &circles::module(source)) {
            if !NOUNS.contains(&imported.as_str()) {
                found.push(format!("{} imports {imported}", source.path.display()));
            }
        }
    }
    report("stages know only the nouns", &found);
}

/// The modules at the top of the crate that a piece of code names, other than the one that it stands in.
fn imports(code: &str, at: &ModulePath) -> BTreeSet<String> {
    let mut modules: BTreeSet<String> =
        paths(code, at).into_iter().filter_map(|path| path.into_iter().next()).collect();
    modules.retain(|module| module.starts_with(char::is_lowercase) && at.first() != Some(module));
    modules
}

/// The items of a brace list up to its end, lists inside left whole.
fn top_level(list: &str) -> Vec<String> {
    let (mut items, mut depth) = (vec![String::new()], 0);
    for c in list.chars() {
        match c {
            '}' if depth == 0 => break,
            ',' if depth == 0 => items.push(String::new()),
            _ => {
                depth += i32::from(c == '{') - i32::from(c == '}');
                items.last_mut().unwrap().push(c);
            }
        }
    }
    items
}

#[test]
fn imports_are_seen_however_they_are_written() {
    let at = |path: &[&str]| path.iter().map(|&part| part.to_owned()).collect::<ModulePath>();
    let seen = |code: &str, path: &[&str]| imports(code, &at(path)).into_iter().collect::<Vec<_>>();
    assert_eq!(seen("use crate::store::Snapshot;", &["fuse"]), ["store"]);
    assert_eq!(
        seen("use crate::{\n    store::{Snapshot, Writer},\n    embed,\n};", &["fuse"]),
        ["embed", "store"]
    );
    assert_eq!(seen("super::super::walk::walk()", &["parse", "qa"]), ["walk"]);
    assert!(seen("use super::lines;", &["parse", "qa"]).is_empty());
}

#[test]
fn only_the_command_line_prints_exits_and_reads_the_environment() {
    let forbidden = [
        "println!",
        "eprintln!",
        "print!(",
        "process::exit",
        "env::var",
        "env::args",
        "io::stdout",
        "io::stderr",
    ];
    let mut found = Vec::new();
    for source in sources() {
        let library = source.path.starts_with("src") && !source.path.starts_with("src/cli");
        if !library || source.path == Path::new("src/main.rs") || source.is_test() {
            continue;
        }
        for (line, code) in source.code() {
            for word in forbidden.iter().filter(|word| code.contains(**word)) {
                found.push(format!("{}:{line} has {word}", source.path.display()));
            }
        }
    }
    report("the library is silent", &found);
}

#[test]
fn heavy_libraries_are_named_in_one_place() {
    let homes: [(&str, &[&str]); 37] = [
        ("tantivy", &["src/store"]),
        ("fastembed", &["src/embed/onnx"]),
        ("bincode", &["src/store"]),
        ("hnsw_rs", &["src/store/graph"]),
        ("ignore::", &["src/walk"]),
        ("pulldown_cmark", &["src/parse"]),
        ("encoding_rs", &["src/encoding.rs", "src/parse", "src/extract"]),
        ("text_splitter", &["src/chunk"]),
        ("safetensors", &["src/embed"]),
        ("memmap2", &["src/embed/mapped.rs"]),
        ("yada", &["src/embed/double_array.rs"]),
        ("unicode_script", &["src/embed/convert/scripts.rs"]),
        ("clap", &["src/cli"]),
        ("indicatif", &["src/cli"]),
        ("rmcp", &["src/cli/mcp"]),
        ("tokio", &["src/cli/mcp", "src/cli/serve", "src/store/postgres"]),
        ("tokio_postgres", &["src/store/postgres"]),
        ("tokio_postgres_rustls", &["src/store/postgres/connect"]),
        ("webpki_roots", &["src/store/postgres/connect"]),
        ("axum", &["src/cli/serve", "src/cli/mcp/http.rs"]),
        ("hyper", &["src/cli/serve"]),
        ("tokio_rustls", &["src/cli/serve"]),
        ("notify", &["src/cli/watch"]),
        ("hayro_interpret", &["src/extract/pdf"]),
        ("skrifa", &["src/extract/pdf"]),
        ("zip::", &["src/extract"]),
        ("quick_xml", &["src/extract"]),
        ("html5gum", &["src/extract"]),
        ("mail_parser", &["src/extract"]),
        ("calamine", &["src/extract"]),
        ("csv::", &["src/extract"]),
        ("ureq", &["src/http.rs", "src/generate/http.rs", "src/hub/http.rs"]),
        ("sha2", &["src/hub"]),
        ("signal_hook", &["src/sys/unix"]),
        ("ctrlc", &["src/sys/windows"]),
        ("winapi_util", &["src/sys/windows"]),
        ("windows_sys", &["src/sys/windows"]),
    ];
    let mut found = Vec::new();
    for source in sources().iter().filter(|source| source.path.starts_with("src")) {
        for (library, homes) in homes {
            let inside = homes.iter().any(|home| source.path.to_string_lossy().starts_with(home));
            let named = |code: &str| {
                let import = code.trim_start().starts_with(&format!("use {library}"));
                import || code.contains(&format!("{}::", library.trim_end_matches(':')))
            };
            for (line, _) in source.code().filter(|(_, code)| !inside && named(code)) {
                found.push(format!("{}:{line} names {library}", source.path.display()));
            }
        }
    }
    report("a library is named in its own folder only", &found);
}

#[test]
fn the_store_changes_the_disk_in_one_place() {
    let forbidden = [
        "File::create",
        "OpenOptions",
        "fs::write",
        "fs::rename",
        "fs::remove_",
        "fs::create_dir",
        "fs::copy",
    ];
    let homes = ["src/store/disk.rs", "src/store/lock.rs"];
    let mut found = Vec::new();
    for source in sources().iter().filter(|source| source.path.starts_with("src/store") && !source.is_test())
    {
        if homes.iter().any(|home| source.path == Path::new(home)) {
            continue;
        }
        // The tests at a file's end damage what they like.
        for (line, code) in source.code().take_while(|(_, code)| !code.contains("mod tests {")) {
            for word in forbidden.iter().filter(|word| code.contains(**word)) {
                found.push(format!("{}:{line} has {word}", source.path.display()));
            }
        }
    }
    report("crashes are tried out on what goes through src/store/disk.rs", &found);
}

#[test]
fn systems_differ_in_one_place() {
    let forbidden = [
        "cfg(unix)",
        "cfg!(unix)",
        "cfg(windows)",
        "cfg!(windows)",
        "target_os",
        "target_vendor",
        "target_family",
        "os::unix",
        "os::windows",
        "rustix",
        "canonicalize(",
    ];
    // The library that speaks to databases has sockets that are files on Unix only.
    let homes = ["src/sys", "src/store/postgres/connect/finder.rs"];
    let mut found = Vec::new();
    for source in sources().iter().filter(|source| source.path.starts_with("src") && !source.is_test()) {
        if homes.iter().any(|home| source.path.starts_with(home)) {
            continue;
        }
        // The tests at a file's end try out what one system has.
        for (line, code) in source.code().take_while(|(_, code)| !code.contains("#[cfg(test)]")) {
            for word in forbidden.iter().filter(|word| code.contains(**word)) {
                found.push(format!("{}:{line} has {word}", source.path.display()));
            }
        }
    }
    report("what differs between systems is in src/sys", &found);
}

#[test]
fn unsafe_code_stays_in_the_kernels() {
    let kernels = ["src/embed/kernel", "src/store/kernel"];
    let mut found = Vec::new();
    for source in sources().iter().filter(|source| source.path != Path::new("tests/tidy.rs")) {
        // main.rs writes a variable before there are threads; a test counts what is allocated; a file is mapped; Windows has
        // calls that take pointers.
        let known = ["src/main.rs", "src/embed/mapped.rs", "src/sys/windows/calls.rs", "tests/damage.rs"]
            .iter()
            .any(|known| source.path == Path::new(known));
        if known || kernels.iter().any(|kernel| source.path.starts_with(kernel)) {
            continue;
        }
        for (line, code) in source.code() {
            if code.contains("unsafe ")
                || code.contains("allow(unsafe_code")
                || code.contains("expect(unsafe_code")
            {
                found.push(format!("{}:{line}", source.path.display()));
            }
        }
    }
    report(
        "unsafe code outside the kernels, main.rs, a mapping, Windows' calls and a test's allocator",
        &found,
    );
}

#[test]
fn files_and_functions_are_short() {
    let mut found = Vec::new();
    for source in sources() {
        let lines = source.text.lines().count();
        if lines > MOST_LINES {
            found.push(format!("{} has {lines} lines", source.path.display()));
        }
        for (line, length) in functions(&source.text) {
            if length > MOST_FUNCTION_LINES {
                found.push(format!("{}:{line} is a function of {length} lines", source.path.display()));
            }
        }
    }
    report("too long", &found);
}

/// The first line and the length of each function. Relies on rustfmt: the closing brace stands alone at the
/// indentation of the line that begins the function.
fn functions(text: &str) -> Vec<(usize, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut functions = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let code = line.trim_start();
        if !is_function(code) {
            continue;
        }
        let close = format!("{}}}", &line[..line.len() - code.len()]);
        if let Some(length) = lines[at..].iter().position(|line| *line == close) {
            functions.push((at + 1, length + 1));
        }
    }
    functions
}

/// Whether a line begins a function, whoever may call it and however.
fn is_function(code: &str) -> bool {
    let code = match code.strip_prefix("pub") {
        Some(rest) if rest.starts_with('(') => rest.split_once(')').map_or(rest, |(_, rest)| rest),
        Some(rest) => rest,
        None => code,
    };
    let mut words = code.split_whitespace();
    words.by_ref().find(|word| !["const", "unsafe", "async", "extern", "\"C\""].contains(word)) == Some("fn")
}

#[test]
fn functions_are_seen_however_they_are_written() {
    for code in [
        "fn a() {",
        "pub fn a() {",
        "pub(in crate::store) fn a() {",
        "pub const fn a() {",
        "pub unsafe fn a() {",
    ] {
        assert!(is_function(code), "{code}");
    }
    assert!(!is_function("public fn") && !is_function("let fn_a = 1;") && !is_function("struct A {"));
}

#[test]
fn the_library_explains_itself() {
    let (mut docs, mut lines) = (0, 0);
    let mut silent = Vec::new();
    for source in sources().iter().filter(|source| source.path.starts_with("src") && !source.is_test()) {
        let is_doc =
            |line: &&str| line.trim_start().starts_with("///") || line.trim_start().starts_with("//!");
        docs += source.text.lines().filter(is_doc).count();
        lines += source.text.split("#[cfg(test)]").next().unwrap().lines().count();
        if !source.text.starts_with("//!") {
            silent.push(source.path.display().to_string());
        }
    }
    report("no module documentation", &silent);
    let share = docs as f64 / lines as f64;
    assert!(share >= LEAST_DOC_SHARE, "only {:.1} % of the lines are documentation", 100.0 * share);
}

#[test]
fn nothing_is_left_undone() {
    let words = ["todo!(", "unimplemented!(", "#[ignore", "// TODO", "TODO:", "FIXME"];
    let mut found = Vec::new();
    for source in sources().iter().filter(|source| source.path != Path::new("tests/tidy.rs")) {
        for (line, code) in source.text.lines().enumerate() {
            if words.iter().any(|word| code.contains(word)) {
                found.push(format!("{}:{}", source.path.display(), line + 1));
            }
        }
    }
    report("stubs and notes to self", &found);
}

#[test]
fn documents_point_at_files_that_exist() {
    let mut found = Vec::new();
    for name in
        ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "models/README.md"]
    {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
        // What stands between backticks is an example.
        let text: String = text.split('`').step_by(2).collect();
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = target.split('#').next().unwrap();
            let local = !file.is_empty() && !file.contains("://") && !file.starts_with("mailto:");
            if local && !path.parent().unwrap().join(file).exists() {
                found.push(format!("{name} links to {target}"));
            }
        }
    }
    report("dead links", &found);
}
