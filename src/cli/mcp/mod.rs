//! `qsearch mcp`: the notes for agents, by the Model Context Protocol on stdin and stdout.
//!
//! What crosses the border goes through few hands: [`server`] speaks the protocol, [`tools`] says which tools there are,
//! [`super::arguments`] reads what a model typed, [`super::desk`] has the index as it is now, and `finding`, `reading` and `standing`
//! answer. Stdout has the protocol's messages and nothing else.

mod address;
mod configs;
mod documents;
mod finding;
#[cfg(feature = "serve")]
mod http;
mod instructions;
mod mended;
mod reading;
mod resources;
mod schema;
mod server;
mod standing;
mod text;
mod tools;

use std::io::{IsTerminal, stdin};
use std::sync::Arc;

use qsearch::error::Error;
use rmcp::ServiceExt;
use rmcp::service::{QuitReason, ServerInitializeError};
use rmcp::transport::stdio_pipes;
use serde_json::Value;
use tokio::runtime::Builder;

use super::args::McpArgs;
use super::desk::Desk;
use super::{Context, Failure, Outcome, hint};
#[cfg(feature = "serve")]
pub(crate) use http::Http;
use mended::mended;
use server::Server;

/// What a tool gives back: the same twice, for clients read one of both.
#[derive(Debug)]
struct Told {
    /// As text.
    text: String,
    /// As a document; `None` where the text is all there is.
    document: Option<Value>,
}

/// Serves agents until they close stdin, or prints how one is told of this server.
pub(crate) fn mcp(context: Context, args: McpArgs) -> Result<Outcome, Failure> {
    if let Some(client) = args.print_config {
        return configs::print(&context, client);
    }
    if stdin().is_terminal() {
        context.printer.message(hint::mcp::BY_HAND);
    }
    // One thread is enough to speak; whatever calculates has its own.
    let runtime =
        Builder::new_current_thread().enable_all().build().map_err(Error::io("start", "a server"))?;
    let end = runtime.block_on(serve(Server::new(Arc::new(Desk::new(context, args.model, args.rerank)))));
    // A read of stdin may be under way that nothing ends.
    runtime.shutdown_background();
    end.map(|()| Outcome::Done)
}

/// Speaks with the client at the other end until it goes.
async fn serve(server: Server) -> Result<(), Failure> {
    let failed = |what: String| Failure::refused(what, hint::mcp::CLIENT);
    let (input, output) = stdio_pipes();
    match server.serve((mended(input), output)).await {
        Ok(running) => match running.waiting().await {
            Ok(QuitReason::JoinError(error)) | Err(error) => {
                Err(failed(format!("the server failed: {error}")))
            }
            Ok(_) => Ok(()),
        },
        // Who goes before the first message, or before an answer to it, only wanted to see that there is a server.
        Err(ServerInitializeError::ConnectionClosed(_) | ServerInitializeError::TransportError { .. }) => {
            Ok(())
        }
        Err(error) => Err(failed(format!("the client doesn't begin as the protocol says: {error}"))),
    }
}
