//! The server as the protocol sees it: what it can do, and calls brought to tools and back.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread;

use rmcp::handler::server::ServerHandler;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, DiscoverResult, Implementation,
    InitializeRequestParams, InitializeResult, ListResourceTemplatesResult, ListToolsResult,
    PaginatedRequestParams, ReadResourceRequestParams, ReadResourceResponse, ReadResourceResult,
    ServerCapabilities, ServerConfig,
};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer};
use serde_json::json;
use tokio::sync::Semaphore;
use tokio::task::{JoinError, spawn_blocking};

use super::super::desk::Desk;
use super::super::{Failure, defect, diagnostic, sanitize};
use super::Told;
use super::instructions::instructions;
use super::resources;
use super::tools::{TOOLS, Tool};

/// The server. It remembers nothing of a client.
#[derive(Clone, Debug)]
pub(super) struct Server {
    desk: Arc<Desk>,
    /// How many calls may be worked on at once; others wait for their turn.
    turns: Arc<Semaphore>,
}

impl Server {
    /// A server that answers from this desk.
    pub(super) fn new(desk: Arc<Desk>) -> Self {
        let turns = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        Self { desk, turns: Arc::new(Semaphore::new(turns)) }
    }

    /// What clients are told of the server, with the notes that there are now.
    fn introduction(&self) -> ServerConfig {
        self.get_info().with_instructions(instructions(&self.desk))
    }

    /// Does some work on a thread of its own, once it is its turn. A request that is cancelled before isn't begun.
    async fn work<T: Send + 'static>(
        &self,
        context: RequestContext<RoleServer>,
        work: impl FnOnce(&Desk, &dyn Fn() -> bool) -> T + Send + 'static,
    ) -> Result<T, ErrorData> {
        let turn = context.ct.run_until_cancelled(Arc::clone(&self.turns).acquire_owned()).await;
        let Some(Ok(turn)) = turn else {
            return Err(ErrorData::internal_error("the request was cancelled", None));
        };
        let desk = Arc::clone(&self.desk);
        let done = spawn_blocking(move || {
            let _turn = turn;
            work(&desk, &|| context.ct.is_cancelled())
        });
        done.await.map_err(|error| ErrorData::internal_error(failed(error), None))
    }
}

/// What is said of work that ended in a panic.
fn failed(error: JoinError) -> String {
    let payload = error.try_into_panic().ok();
    let what = payload.as_deref().and_then(defect::message).unwrap_or("no message");
    format!("this is a defect of qsearch: {}", sanitize::line(what))
}

/// What a model is told of a call that failed: what is wrong, and what to do.
fn refusal(failure: &Failure) -> CallToolResult {
    let (what, hint) = diagnostic::told(failure);
    let hint = hint.map(|hint| format!("\nhint: {}", sanitize::line(&hint))).unwrap_or_default();
    CallToolResult::error(vec![ContentBlock::text(format!("error: {}{hint}", sanitize::line(&what)))])
}

impl From<Told> for CallToolResult {
    fn from(Told { text, document }: Told) -> Self {
        let mut result = Self::success(vec![ContentBlock::text(text)]);
        result.structured_content = document;
        result
    }
}

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder().enable_tools().enable_resources().build();
        let about = Implementation::new("qsearch", env!("CARGO_PKG_VERSION"))
            .with_title("qsearch")
            .with_description("Search and cited answers over the user's own notes");
        ServerConfig::new(capabilities).with_server_info(about)
    }

    async fn initialize(
        &self,
        request: InitializeRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<InitializeResult, ErrorData> {
        context.peer.set_peer_info(request.clone());
        let negotiated = self.negotiate_initialize(&request)?;
        Ok(negotiated.with_instructions(instructions(&self.desk)))
    }

    async fn discover(&self, _context: RequestContext<RoleServer>) -> Result<DiscoverResult, ErrorData> {
        let versions = self.supported_protocol_versions().into_owned();
        Ok(DiscoverResult::from_server_info(versions, self.introduction()))
    }

    async fn list_tools(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(TOOLS.iter().map(Tool::listed).collect()))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let Some(tool) = Tool::named(&request.name) else {
            let names: Vec<&str> = TOOLS.iter().map(|tool| tool.name).collect();
            let what = format!("there is no tool `{}`; there are {}", request.name, names.join(", "));
            return Err(ErrorData::invalid_params(what, None));
        };
        let typed = request.arguments.unwrap_or_default();
        let told = self.work(context, move |desk, cancelled| tool.call(desk, typed, cancelled)).await?;
        Ok(told.map_or_else(|failure| refusal(&failure), CallToolResult::from).into())
    }

    async fn list_resource_templates(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        Ok(ListResourceTemplatesResult::with_all_items(vec![resources::template()]))
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let address = request.uri.clone();
        let read = self.work(context, move |desk, _| resources::read(desk, &request.uri)).await?;
        match read {
            Ok(Some(contents)) => Ok(ReadResourceResult::new(vec![contents]).into()),
            Ok(None) => {
                let data = json!({ "uri": address });
                Err(ErrorData::resource_not_found("there is no note with this address", Some(data)))
            }
            Err(failure) => {
                let (what, hint) = diagnostic::told(&failure);
                let hint = hint.map(|hint| format!("; {hint}")).unwrap_or_default();
                Err(ErrorData::internal_error(sanitize::line(&(what + &hint)), None))
            }
        }
    }
}
