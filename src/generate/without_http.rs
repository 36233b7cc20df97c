//! Stands in for `http.rs` in a build without the feature `generate`: nothing is sent.

use super::access::Access;
use super::address::Address;
use super::transfer::{Request, Transfer};
use crate::error::{LlmError, Result};

/// Speaks with nobody.
#[derive(Clone, Debug)]
pub(super) struct Http;

impl Http {
    /// Fails.
    pub(super) fn new(_: &Access, _: &Address) -> Result<Self> {
        Err(LlmError::WithoutFeature.into())
    }

    /// Fails.
    pub(super) fn send(&self, _: Request) -> Result<Transfer> {
        Err(LlmError::WithoutFeature.into())
    }
}
