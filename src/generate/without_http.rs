//! Stands in for `http.rs` in a build without the feature `generate`: nothing is sent.

use super::access::Access;
use super::address::Address;
use super::transfer::{Request, Transfer};
use crate::error::{LlmError, Result};

/// What speaks HTTP, if there were any.
#[derive(Clone, Debug)]
pub(super) enum Http {}

impl Http {
    /// Fails.
    pub(super) fn new(_: &Access, _: &Address) -> Result<Self> {
        Err(LlmError::WithoutFeature.into())
    }

    /// Never called.
    pub(super) fn send(&self, _: Request) -> Result<Transfer> {
        match *self {}
    }
}
