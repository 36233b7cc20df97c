//! The same server for agents that come by HTTP: a request at a time, and nothing is remembered between them.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};

use super::super::desk::Desk;
use super::server::Server;

/// The most bytes of a message.
const MOST_BYTES: usize = 1 << 20;

/// What answers agents.
#[derive(Clone)]
pub(crate) struct Http(StreamableHttpService<Server, NeverSessionManager>);

impl Http {
    /// Answers from this desk. Who may ask, and by which name of this machine, somebody else has looked at.
    pub(crate) fn new(desk: Arc<Desk>) -> Self {
        let server = Server::new(desk);
        let config = StreamableHttpServerConfig::default()
            .with_legacy_session_mode(false)
            .with_json_response(true)
            .with_max_request_body_bytes(MOST_BYTES)
            .disable_allowed_hosts();
        Self(StreamableHttpService::new(move || Ok(server.clone()), Arc::default(), config))
    }

    /// Answers a request.
    pub(crate) async fn answer(&self, request: Request) -> Response {
        self.0.handle(request).await.map(Body::new)
    }
}
