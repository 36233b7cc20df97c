//! One server: where it is, who is spoken to, and questions that have short answers.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::Value;

use super::access::Access;
use super::address::Address;
use super::fault::Whom;
use super::http::Http;
use super::transfer::{Failure, Patience, Request, Transfer};
use crate::error::{LlmError, Result};

/// How long the answer to a question is waited for.
const SHORT: Duration = Duration::from_secs(2);

/// A server.
pub(super) struct LlmServer {
    /// Its address.
    pub(super) address: Address,
    /// The address as it is shown.
    pub(super) shown: String,
    /// How long the next piece of text is waited for.
    patience: Patience,
    /// Whether it was waited for in vain, so that nothing is asked any more that can be done without.
    mute: AtomicBool,
    http: Http,
    headers: Vec<(&'static str, String)>,
    /// What is in them, and in the address, that nobody else may know.
    secrets: Vec<String>,
}

impl LlmServer {
    /// Gets ready to speak with it; nothing is sent.
    pub(super) fn new(address: Address, access: &Access) -> Result<Self> {
        let http = Http::new(access, &address)?;
        let (mut headers, mut secrets) = (Vec::new(), Vec::new());
        if let Some(credentials) = &address.credentials {
            let encoded = base64(credentials.as_bytes());
            headers.push(("authorization", format!("Basic {encoded}")));
            let password = credentials.split_once(':').map_or("", |(_, password)| password);
            secrets.extend([encoded, credentials.clone(), password.to_owned()]);
        }
        // Shorter ones are in any text.
        secrets.retain(|secret| secret.len() >= 4);
        Ok(Self {
            shown: address.origin(),
            address,
            patience: access.patience(),
            mute: AtomicBool::new(false),
            http,
            headers,
            secrets,
        })
    }

    /// Has a key in a header of each request.
    ///
    /// # Errors
    ///
    /// When no server could take it.
    pub(super) fn with_key(
        mut self,
        name: &'static str,
        (before, key): (&str, &str),
        variable: &'static str,
    ) -> Result<Self> {
        let key = key.trim();
        if !key.is_empty() {
            self.secrets.push(key.to_owned());
            self = self.with(name, format!("{before}{key}"), Some(variable))?;
        }
        Ok(self)
    }

    /// Has a header in each request.
    ///
    /// # Errors
    ///
    /// When it is a key that no server could take.
    pub(super) fn with(
        mut self,
        name: &'static str,
        value: String,
        variable: Option<&'static str>,
    ) -> Result<Self> {
        if !value.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return Err(LlmError::Unauthorized { server: self.shown, variable }.into());
        }
        // What is in the address was said of this very server.
        if !self.headers.iter().any(|(known, _)| *known == name) {
            self.headers.push((name, value));
        }
        Ok(self)
    }

    /// Posts JSON; the reply is on its way.
    pub(super) fn post(&self, to: &Address, body: &Value) -> Result<Transfer> {
        self.send(to, Some(body), self.patience)
    }

    /// Asks for JSON, with or without something to post; waits a short time only.
    ///
    /// # Errors
    ///
    /// [`Failure`]s; a refusal is the reply itself.
    pub(super) fn ask(&self, to: &Address, body: Option<&Value>) -> Result<Result<(u16, Value), Failure>> {
        self.ask_within(to, body, SHORT.min(self.patience.next))
    }

    /// Asks for JSON within a time.
    pub(super) fn ask_within(
        &self,
        to: &Address,
        body: Option<&Value>,
        time: Duration,
    ) -> Result<Result<(u16, Value), Failure>> {
        let mut transfer = self.send(to, body, Patience::of(time))?;
        let mut go_on = |_: &str| ControlFlow::Continue(());
        let mut read = || {
            let head = transfer.head(&mut go_on)?;
            Ok((head.status, transfer.whole(&mut go_on)?))
        };
        let answer = read().map(|(status, text)| (status, serde_json::from_str(&text).unwrap_or_default()));
        if let Err(Failure::Slow(_)) = answer {
            self.mute.store(true, Ordering::Relaxed);
        }
        Ok(answer)
    }

    /// The answer to a question that can be done without, if there is one.
    pub(super) fn answer(&self, to: &Address, body: Option<&Value>) -> Option<Value> {
        if self.mute.load(Ordering::Relaxed) {
            return None;
        }
        match self.ask(to, body) {
            Ok(Ok((200, value))) => Some(value),
            _ => None,
        }
    }

    /// Who it is, in messages.
    pub(super) fn whom<'a>(&'a self, model: &'a str, variable: Option<&'static str>) -> Whom<'a> {
        Whom { server: &self.shown, model, secrets: &self.secrets, variable, ollama: false }
    }

    fn send(&self, to: &Address, body: Option<&Value>, patience: Patience) -> Result<Transfer> {
        let body = body.map(Value::to_string);
        self.http.send(Request { to: to.clone(), body, headers: self.headers.clone(), patience })
    }
}

impl std::fmt::Debug for LlmServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Headers have keys.
        f.debug_struct("LlmServer").field("address", &self.address).finish_non_exhaustive()
    }
}

/// Bytes in base64 (RFC 4648, 4).
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let three = [group[0], group.get(1).copied().unwrap_or(0), group.get(2).copied().unwrap_or(0)];
        let number = three.iter().fold(0_usize, |number, &byte| number << 8 | usize::from(byte));
        for digit in 0..4 {
            let shift = 18 - 6 * digit;
            text.push(if digit <= group.len() { DIGITS[number >> shift & 63].into() } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_written_in_base64() {
        for (plain, written) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!(base64(plain.as_bytes()), written);
        }
    }
}
