//! `/v1/*`: qsearch as a model for programs that speak as OpenAI's do.
//!
//! [`conversation`] reads what they send, [`completion`] is how an answer looks, and [`talk`] makes the one of the other.

mod completion;
mod conversation;
mod embeddings;
mod talk;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::response::Response;
use serde_json::{Value, json};
use tokio::task::spawn_blocking;

use super::super::hint;
use super::asking::events;
use super::call::{Call, sent};
use super::house::{DEFAULT, House, Index};
use super::pool::{Interest, defective};
use super::refusal::Refusal;
use super::stream::stream;
use completion::Label;
use conversation::Conversation;
pub(super) use embeddings::embeddings;
use talk::Talk;

/// The model that answers from the index that needs no name.
const MODEL: &str = "qsearch";

/// The models that there are: one for each index.
pub(super) async fn models(call: Call) -> Response {
    let house = Arc::clone(&call.house);
    let listed = call.house.pool.run(move |_| {
        let listed = house.indexes.iter().map(|index| described(index));
        Ok(json!({ "object": "list", "data": listed.collect::<Vec<Value>>() }))
    });
    told(listed.await)
}

/// One of the models.
pub(super) async fn model(call: Call) -> Response {
    told(index_of(&call.house, call.captured("model")).map(|index| described(&index)))
}

/// A model, as a document.
fn described(index: &Index) -> Value {
    let created = index.library().ok().and_then(|library| Some(library.snapshot().ok()?.info().indexed_at));
    json!({ "id": model_of(&index.name), "object": "model", "created": created.unwrap_or(0), "owned_by": "qsearch" })
}

/// Answers the last question of a conversation.
pub(super) async fn completions(call: Call) -> Response {
    answer(call).await.unwrap_or_else(Refusal::for_openai)
}

/// A document, or what went wrong as these clients expect it.
fn told(done: Result<Value, Refusal>) -> Response {
    done.map_or_else(Refusal::for_openai, |document| sent(format!("{document}\n")))
}

/// What a model is called that answers from an index.
fn model_of(index: &str) -> String {
    if index == DEFAULT { MODEL.to_owned() } else { format!("{MODEL}/{index}") }
}

/// The index that a model answers from.
fn index_of(house: &House, model: &str) -> Result<Arc<Index>, Refusal> {
    if model.is_empty() || model == MODEL {
        return house.index(DEFAULT);
    }
    let named = house.indexes.iter().find(|index| model_of(&index.name) == model);
    named.cloned().ok_or_else(|| {
        let known: Vec<String> = house.names().into_iter().map(model_of).collect();
        Refusal::missing(format!("there is no model `{model}`")).with(hint::serve::models(&known))
    })
}

/// Answers, as one document or piece by piece.
async fn answer(call: Call) -> Result<Response, Refusal> {
    let conversation = Conversation::read(call.body())?;
    let index = index_of(&call.house, &conversation.model)?;
    let wish = match call.house.known_model().await {
        Some(_) => call.house.wish("try")?,
        None => None,
    };
    let label = label(model_of(&index.name));
    let talk = Talk { house: Arc::clone(&call.house), index, conversation, base: call.base() };
    let Some(wish) = wish else {
        let streams = talk.conversation.streams;
        let done = call.house.pool.run(move |is_gone| {
            if !streams {
                return talk.whole(None, &label, &|| !is_gone());
            }
            // Nothing is waited for, so all pieces are there at once.
            let mut pieces = String::new();
            talk.aloud(None, &label, &mut |piece| pieces.push_str(&piece), &|| !is_gone());
            Ok(pieces)
        });
        return done.await.map(|done| if streams { events(done.into()) } else { sent(done) });
    };
    let turn = call.house.writer().await?;
    if talk.conversation.streams {
        let (feed, body) = stream();
        spawn_blocking(move || {
            let _turn = turn;
            talk.aloud(
                Some(&wish),
                &label,
                &mut |piece| {
                    feed.send(piece);
                },
                &|| !feed.is_closed(),
            );
        });
        return Ok(events(body));
    }
    let interest = Interest::default();
    let is_gone = interest.is_gone();
    let done = spawn_blocking(move || {
        let _turn = turn;
        talk.whole(Some(&wish), &label, &|| !is_gone())
    });
    done.await.unwrap_or_else(|error| Err(defective(error))).map(sent)
}

/// The name of an answer that begins now.
fn label(model: String) -> Label {
    static ANSWERS: AtomicU64 = AtomicU64::new(0);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let id = format!("chatcmpl-{:x}-{}", now.as_micros(), ANSWERS.fetch_add(1, Relaxed));
    Label { id, created: now.as_secs(), model }
}
