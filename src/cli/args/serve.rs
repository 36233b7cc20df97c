//! What can be typed behind `serve`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::{ModelChoice, RerankChoice, WriteChoice};

/// `qsearch serve`.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each of them is a flag")]
#[command(after_help = "\
Examples:
  qsearch serve --open                        a page to ask in, in your browser
  qsearch serve --write=ollama:qwen3          written answers, where asked for
  curl -s 'http://127.0.0.1:7717/api/ask?q=what+is+the+GIL' | jq .answer.text
  qsearch serve --also work=~/work/index      two indexes, /api and /api/work
  qsearch serve --host 0.0.0.0 --tls-cert cert.pem --tls-key key.pem

Programs get the documents that --json prints: GET or POST /api/search and /api/ask, GET /api/notes/ROOT/PATH, /api/status \
and /api/health. Agents speak the Model Context Protocol at /mcp.

Only this machine is let in, and no page of another site. To others it speaks by TLS, its own or a proxy's, and asks for a \
token, which is made and shown the first time. Ctrl-C ends it.")]
pub(crate) struct ServeArgs {
    /// The address to listen at
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    pub(crate) host: String,
    /// The port to listen at; 0 takes any that is free
    #[arg(long, value_name = "PORT", default_value_t = 7717)]
    pub(crate) port: u16,
    /// Show the page in the browser
    #[arg(long)]
    pub(crate) open: bool,
    /// Keep the indexes up to date while notes change
    #[cfg(feature = "watch")]
    #[arg(long)]
    pub(crate) watch: bool,
    /// Serve another index as well, at /api/NAME; may be given more than once
    #[arg(long, value_name = "NAME=DIR", value_parser = named, value_hint = ValueHint::DirPath)]
    pub(crate) also: Vec<(String, PathBuf)>,
    /// The file of the token, which is made if it isn't there [default: among your state, where a token is needed]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) token_file: Option<PathBuf>,
    /// Ask for no token, where only this machine or a proxy on it is let in
    #[arg(long, conflicts_with = "token_file")]
    pub(crate) no_token: bool,
    /// The certificate, as PEM, with those that lead to a known one
    #[arg(long, value_name = "FILE", requires = "tls_key", value_hint = ValueHint::FilePath)]
    pub(crate) tls_cert: Option<PathBuf>,
    /// The key of the certificate, as PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert", value_hint = ValueHint::FilePath)]
    pub(crate) tls_key: Option<PathBuf>,
    /// A proxy in front does TLS, so that plain HTTP is fine
    #[arg(long)]
    pub(crate) behind_proxy: bool,
    /// Answer requests for this host name, too; may be given more than once
    #[arg(long, value_name = "NAME")]
    pub(crate) allow_host: Vec<String>,
    /// Let pages of this origin, such as `https://notes.example.org`, ask, too; may be given more than once
    #[arg(long, value_name = "ORIGIN")]
    pub(crate) allow_origin: Vec<String>,
    /// Tell on stderr of each request: its method, its route, the status and the milliseconds
    #[arg(long)]
    pub(crate) log: bool,
    /// Tell what is asked, too
    #[arg(long)]
    pub(crate) log_questions: bool,
    /// Whether a language model writes answers.
    #[command(flatten)]
    pub(crate) write: WriteChoice,
    /// The model.
    #[command(flatten)]
    pub(crate) model: ModelChoice,
    /// The reranker.
    #[command(flatten)]
    pub(crate) rerank: RerankChoice,
}

/// What can't be the name of an index, for a route has it.
const TAKEN: [&str; 8] = ["ask", "files", "health", "mcp", "notes", "search", "status", "default"];

/// Reads the name and the folder of an index.
fn named(text: &str) -> Result<(String, PathBuf), String> {
    let (name, folder) = text.split_once('=').ok_or("write it like `work=~/work/index`")?;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if name.is_empty() || name.len() > 64 || !name.chars().all(is_plain) {
        return Err("a name has letters, digits, `-` and `_`".to_owned());
    }
    if TAKEN.contains(&name) {
        return Err(format!("`{name}` is taken; choose another name"));
    }
    if folder.is_empty() {
        return Err("write the folder of the index behind `=`".to_owned());
    }
    Ok((name.to_owned(), PathBuf::from(folder)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indexes_have_plain_names() {
        assert_eq!(named("work=a=b"), Ok(("work".to_owned(), PathBuf::from("a=b"))));
        for wrong in ["work", "=x", "a/b=x", "search=x", "work=", "..=x", "ä=x"] {
            assert!(named(wrong).is_err(), "{wrong}");
        }
    }
}
