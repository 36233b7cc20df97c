//! `/v1/embeddings`: the vectors of texts, by the model of the index.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use qsearch::embed::Input;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Value, json};

use super::super::super::hint;
use super::super::call::Call;
use super::super::house::Index;
use super::super::refusal::Refusal;
use super::completion::Usage;
use super::{MODEL, index_of, told};

/// The most texts of a request.
const MOST_TEXTS: usize = 2048;
/// So many are embedded before it is asked whether anybody still waits.
const PIECE: usize = 16;

/// The body of a request. The model is that of the index that is named, or of the one that needs no name.
#[derive(Debug, Deserialize)]
struct Body {
    #[serde(default)]
    model: Option<String>,
    input: Texts,
    #[serde(default)]
    encoding_format: Option<Encoding>,
}

/// A text, or several.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Texts {
    One(String),
    Many(Vec<String>),
    /// Numbers of tokens of another model, or lists of them, as some libraries send.
    Tokens(Vec<IgnoredAny>),
}

/// How numbers are written.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Encoding {
    /// As JSON has them.
    #[default]
    Float,
    /// As base64 of little-endian numbers of 32 bits.
    Base64,
}

/// Embeds texts.
///
/// They are taken for passages, as those of notes are: a model that wants another prefix for questions isn't told of any, for
/// clients don't say which of both a text is.
pub(in super::super) async fn embeddings(call: Call) -> Response {
    match read(call.body()).and_then(|asked| Ok((index(&call, &asked.model)?, asked))) {
        Ok((index, asked)) => {
            // Others ask short questions meanwhile; so one request at a time has texts embedded.
            let Ok(turn) = Arc::clone(&call.house.embedding).acquire_owned().await else {
                return Refusal::stopping().for_openai();
            };
            told(
                call.house
                    .pool
                    .run(move |is_gone| {
                        let _turn = turn;
                        embed(&index, &asked, is_gone)
                    })
                    .await,
            )
        }
        Err(refusal) => refusal.for_openai(),
    }
}

/// The index whose model embeds: whoever names another model gets that of the index that needs no name.
fn index(call: &Call, model: &str) -> Result<Arc<Index>, Refusal> {
    if model.starts_with(MODEL) { index_of(&call.house, model) } else { Ok(call.index.clone()) }
}

/// What is to be embedded.
#[derive(Debug, PartialEq, Eq)]
struct Asked {
    texts: Vec<String>,
    encoding: Encoding,
    model: String,
}

/// The texts of a request, and how their numbers are wanted.
fn read(body: &[u8]) -> Result<Asked, Refusal> {
    let body: Body = serde_json::from_slice(body).map_err(|error| Refusal::misshapen(&error))?;
    let unprocessable = |what: &str| Refusal::usage(what).under(StatusCode::UNPROCESSABLE_ENTITY);
    let texts = match body.input {
        Texts::One(text) => vec![text],
        Texts::Many(texts) => texts,
        Texts::Tokens(tokens) if tokens.is_empty() => Vec::new(),
        Texts::Tokens(_) => {
            return Err(unprocessable("`input` is tokens, of which only another model knows what they mean")
                .with(hint::serve::TEXTS));
        }
    };
    if texts.is_empty() || texts.iter().any(String::is_empty) {
        return Err(unprocessable("`input` has an empty text, or none"));
    }
    if texts.len() > MOST_TEXTS {
        return Err(unprocessable(&format!("`input` has more than {MOST_TEXTS} texts")));
    }
    let encoding = body.encoding_format.unwrap_or_default();
    Ok(Asked { texts, encoding, model: body.model.unwrap_or_default() })
}

/// The document of the vectors.
fn embed(index: &Index, asked: &Asked, is_gone: &dyn Fn() -> bool) -> Result<Value, Refusal> {
    let Asked { texts, encoding, .. } = asked;
    let library = index.library()?;
    let embedder = library.embedder()?;
    let tokens: usize = texts.iter().map(|text| embedder.tokens(text).ids.len()).sum();
    let mut vectors = Vec::with_capacity(texts.len());
    for piece in texts.chunks(PIECE) {
        if is_gone() {
            return Err(Refusal::stopping());
        }
        let inputs: Vec<Input<'_>> = piece.iter().map(|text| Input::from(text.as_str())).collect();
        vectors.extend(embedder.embed_passages(&inputs)?);
    }
    let data = vectors.iter().enumerate().map(|(at, embedding)| {
        json!({ "object": "embedding", "index": at, "embedding": written(&embedding.vector, *encoding) })
    });
    let usage = Usage { prompt: tokens, completion: 0 };
    let model = library.snapshot()?.info().fingerprint.model.clone();
    Ok(
        json!({ "object": "list", "model": model, "data": data.collect::<Vec<Value>>(), "usage": usage.document() }),
    )
}

/// A vector as it is wanted.
fn written(vector: &[f32], encoding: Encoding) -> Value {
    match encoding {
        Encoding::Float => json!(vector),
        Encoding::Base64 => {
            let bytes: Vec<u8> = vector.iter().flat_map(|number| number.to_le_bytes()).collect();
            json!(STANDARD.encode(bytes))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_one_or_many() {
        let texts = |body: &str| read(body.as_bytes()).map(|asked| asked.texts).ok();
        assert_eq!(texts(r#"{"input":"a","model":"x","user":"u"}"#), Some(vec!["a".to_owned()]));
        assert_eq!(texts(r#"{"input":["a","b"]}"#), Some(vec!["a".to_owned(), "b".to_owned()]));
        for wrong in [
            r#"{"input":[]}"#,
            r#"{"input":""}"#,
            r#"{"input":[1,2]}"#,
            "{}",
            "",
            r#"{"input":"a","encoding_format":"hex"}"#,
        ] {
            assert_eq!(texts(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn numbers_can_be_base64() {
        assert_eq!(written(&[1.0, -2.0], Encoding::Base64), json!("AACAPwAAAMA="));
        assert_eq!(written(&[1.0, -2.0], Encoding::Float), json!([1.0, -2.0]));
    }
}
