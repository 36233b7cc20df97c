//! What can be typed behind `mcp`.

use clap::{Args, ValueEnum};

use super::{ModelChoice, RerankChoice};

/// `qsearch mcp`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  qsearch mcp --print-config claude           what to type for Claude Code
  qsearch --index ~/notes/index mcp --print-config cursor

An agent starts this command and speaks the Model Context Protocol with it, on stdin and stdout, until it closes stdin. It \
gets four tools that read and never write: search, ask, get and status. Name the index with --index, since agents start \
programs in any folder.")]
pub(crate) struct McpArgs {
    /// Print what a program wants to be told about this server: claude, claude-desktop, codex, cursor, gemini, opencode, vscode, windsurf, zed
    #[arg(long, value_name = "PROGRAM", hide_possible_values = true)]
    pub(crate) print_config: Option<Client>,
    /// The model.
    #[command(flatten)]
    pub(crate) model: ModelChoice,
    /// The reranker.
    #[command(flatten)]
    pub(crate) rerank: RerankChoice,
}

/// A program that uses servers of the Model Context Protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Client {
    /// Claude Code.
    Claude,
    /// The Claude app.
    ClaudeDesktop,
    /// Codex.
    Codex,
    /// Cursor.
    Cursor,
    /// Gemini CLI.
    Gemini,
    /// opencode.
    Opencode,
    /// Visual Studio Code.
    Vscode,
    /// Windsurf.
    Windsurf,
    /// Zed.
    Zed,
}
