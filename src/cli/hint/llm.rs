//! Advice about language models and their servers.

use qsearch::error::LlmError;

/// How many names of models are told.
const MOST_NAMES: usize = 5;

/// The same answer without a language model, for want of anything better.
const TRY: &str = "`--write=try` gives the notes' own words where no model can write";

/// What the user can do where a language model can't write.
pub(super) fn llm_hint(error: &LlmError) -> Option<String> {
    let hint = match error {
        LlmError::Unknown { said } => return Some(unknown(said)),
        LlmError::NoServer => {
            "start one, such as `ollama serve`, or name one: `--write=URL#MODEL`, or with a key \
             `--write=openai:MODEL`; `--write=try` does without"
        }
        LlmError::Absent { server, .. } => return Some(absent(server)),
        LlmError::Slow { seconds, .. } => {
            return Some(format!("wait longer with `--timeout {}`; {TRY}", seconds.saturating_mul(2)));
        }
        LlmError::NotAnApi { .. } => {
            "name the address that programs use, up to `/v1`: `--write=URL#MODEL`; `qsearch model list` shows what runs \
             on this machine"
        }
        LlmError::Redirected { to, .. } => {
            return is_plain(to)
                .then(|| format!("if your notes may go there, name it: `--write={to}#MODEL`"));
        }
        LlmError::Unauthorized { server, variable } => return Some(unauthorized(server, *variable)),
        LlmError::Busy { retry_after: Some(seconds), .. } => {
            return Some(format!("wait {seconds} s, then type the same command again; {TRY}"));
        }
        LlmError::Busy { .. } => {
            return Some(format!("wait a minute, then type the same command again; {TRY}"));
        }
        LlmError::NoModel { server, model, known, ollama } => {
            return Some(no_model(server, model, known, *ollama));
        }
        LlmError::TooLong { .. } => {
            return Some(format!(
                "show it less with `--sources 1`, or start its server with a larger context, for llama.cpp \
                 `--ctx-size 8192`; {TRY}"
            ));
        }
        LlmError::Refused { what, .. } if what.contains("status 503") => {
            return Some(format!("wait until it is ready, then type the same command again; {TRY}"));
        }
        LlmError::Refused { .. } => return Some(format!("see what its server logs; {TRY}")),
        LlmError::NotStrict { .. } => {
            "leave out `strict`; llama.cpp, Ollama, LM Studio and vLLM can be held to sentences"
        }
        LlmError::NamedByProject { said, .. } => {
            if is_plain(said) {
                return Some(format!(
                    "if your notes may go there, type `--write={said}`, or put it into your own settings"
                ));
            }
            "name one of your own: `--write=ollama:MODEL`"
        }
        LlmError::WithoutFeature => "build it with its default features: `cargo install --path . --locked`",
        _ => return None,
    };
    Some(hint.to_owned())
}

/// How a model that was found is named, if that can be typed.
pub(crate) fn write_with(source: &str) -> String {
    if is_plain(source) { format!("; `--write={source}` names it") } else { String::new() }
}

/// What to type instead of what names no model.
fn unknown(said: &str) -> String {
    let is_bare = is_plain(said) && !said.contains([':', '/', '#', '@']);
    let first = if is_bare { format!("ollama:{said}") } else { "ollama:qwen3".to_owned() };
    format!(
        "name it with its server: `--write={first}`, `--write=openai:gpt-5-mini`, or \
         `--write=http://localhost:8080/v1#MODEL`; `qsearch model list` shows what runs on this machine"
    )
}

/// What to do where nobody answers.
fn absent(server: &str) -> String {
    let here =
        ["http://127.", "http://localhost", "http://[::1]"].iter().any(|start| server.starts_with(start));
    let start = match (here, server.ends_with(":11434")) {
        (true, true) => "start it with `ollama serve`",
        (true, false) => "start it; `qsearch model list` shows what runs on this machine",
        (false, _) => "check its address and the network",
    };
    format!("{start}; {TRY}")
}

/// What to do where a key is wanted.
fn unauthorized(server: &str, variable: Option<&str>) -> String {
    match variable {
        Some("OPENAI_API_KEY") if !server.ends_with("//api.openai.com") => {
            if !is_plain(server) {
                return "type `export QSEARCH_LLM_KEY=…` with its key".to_owned();
            }
            format!(
                "type `export QSEARCH_LLM_KEY=…` with its key, or `export OPENAI_API_KEY=…` and \
                 `export OPENAI_BASE_URL={server}/v1`"
            )
        }
        Some(variable) => format!("type `export {variable}=…` with a valid key"),
        None => {
            let server = if is_plain(server) { server } else { "http://HOST" };
            let (scheme, host) = server.split_once("//").unwrap_or(("https:", server));
            format!(
                "put a name and a password into its address: `export OLLAMA_HOST={scheme}//NAME:PASSWORD@{host}`"
            )
        }
    }
}

/// What to do where the model isn't there.
fn no_model(server: &str, model: &str, known: &[String], ollama: bool) -> String {
    let fetch = ollama && is_plain(model);
    let mut hint = if fetch { format!("fetch it with `ollama pull {model}`") } else { String::new() };
    let mut names: Vec<&str> = known.iter().map(String::as_str).filter(|name| is_plain(name)).collect();
    if names.is_empty() {
        return match () {
            () if fetch => hint,
            () if !ollama && is_plain(server) => format!("name one that it has: `--write={server}/v1#MODEL`"),
            () => "name one that it has: `qsearch model list` shows what runs on this machine".to_owned(),
        };
    }
    if fetch {
        hint += ", or ";
    }
    // Those first that are called alike.
    names.sort_by_key(|name| std::cmp::Reverse(alike(name, model)));
    let shown = names[..names.len().min(MOST_NAMES)].join(", ");
    let more = if names.len() > MOST_NAMES { ", …" } else { "" };
    hint + &format!("name one that it has: {shown}{more}")
}

/// Whether a text of a server's or of a project's settings can be typed into a shell without harm.
fn is_plain(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with('-')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "._:/#@-".contains(c))
}

/// How many characters two names have in common at their beginnings.
fn alike(name: &str, model: &str) -> usize {
    let (name, model) = (name.to_lowercase(), model.to_lowercase());
    name.bytes().zip(model.bytes()).take_while(|(one, other)| one == other).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_to_type_depends_on_what_went_wrong() {
        let hint = |error: LlmError| llm_hint(&error).unwrap();
        let said = |said: &str| hint(LlmError::Unknown { said: said.to_owned() });
        assert!(said("qwen3").starts_with("name it with its server: `--write=ollama:qwen3`,"));
        assert!(said("ftp://x").contains("`--write=ollama:qwen3`"));
        let absent = |server: &str| hint(LlmError::Absent { server: server.to_owned(), why: String::new() });
        assert!(absent("http://127.0.0.1:11434").starts_with("start it with `ollama serve`;"));
        assert!(absent("http://localhost:8080").starts_with("start it;"));
        assert!(absent("https://llm.example").starts_with("check its address"));
        let known: Vec<String> = ["llama3:8b", "qwen3:4b", "a", "b", "c", "d"].map(str::to_owned).to_vec();
        let missing = |ollama| {
            let (server, model) = ("http://localhost:1".to_owned(), "qwen3".to_owned());
            hint(LlmError::NoModel { server, model, known: known.clone(), ollama })
        };
        assert_eq!(
            missing(true),
            "fetch it with `ollama pull qwen3`, or name one that it has: qwen3:4b, llama3:8b, a, b, c, …"
        );
        assert!(missing(false).starts_with("name one that it has: qwen3:4b,"));
        let key =
            |server: &str, variable| hint(LlmError::Unauthorized { server: server.to_owned(), variable });
        assert_eq!(
            key("https://api.openai.com", Some("OPENAI_API_KEY")),
            "type `export OPENAI_API_KEY=…` with a valid key"
        );
        assert!(
            key("http://box:8000", Some("OPENAI_API_KEY")).contains("OPENAI_BASE_URL=http://box:8000/v1")
        );
        let busy = LlmError::Busy { server: String::new(), retry_after: Some(20) };
        assert!(hint(busy).starts_with("wait 20 s,"));
        let slow = LlmError::Slow { server: String::new(), seconds: 120 };
        assert!(hint(slow).starts_with("wait longer with `--timeout 240`"));
    }
    #[test]
    fn nobody_is_told_to_type_what_a_stranger_wrote() {
        for bad in ["http://evil.example/$(id)", "a`id`", "a;b", "a b", "--x", "a'b", "x\u{202e}y", ""] {
            assert!(!is_plain(bad), "{bad}");
            let (server, to) = (String::new(), bad.to_owned());
            assert_eq!(llm_hint(&LlmError::Redirected { server, to }), None);
        }
        assert!(is_plain("http://box:8080/v1#qwen3:4b"));
    }
}
