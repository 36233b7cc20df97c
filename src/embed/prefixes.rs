//! The prefixes that a model wants before each text, known from its name.
//!
//! Most embedding models were trained with an instruction before the question, some with one before the passage too, and
//! are a few points less accurate without. Folders seldom have it in a form that a program can read; the models' pages
//! do, and this table repeats them:
//!
//! | family | page |
//! |---|---|
//! | e5, multilingual e5 | huggingface.co/intfloat/e5-base-v2, "Do I need to add the prefix?" |
//! | bge | huggingface.co/BAAI/bge-base-en-v1.5, "Model List" |
//! | arctic-embed | huggingface.co/Snowflake/snowflake-arctic-embed-m (1, 1.5), -m-v2.0 (2) |
//! | mxbai | huggingface.co/mixedbread-ai/mxbai-embed-large-v1, "Quickstart" |
//! | nomic | huggingface.co/nomic-ai/nomic-embed-text-v1.5, "Important" |
//! | embeddinggemma | huggingface.co/google/embeddinggemma-300m, "Prompt Instructions" |
//! | gte, MiniLM, bge-m3 | none of their pages asks for one |

use std::borrow::Cow;

use crate::error::{Error, Result};

/// What stands before a question and before a passage, with the blank at its end; empty for nothing.
///
/// The fingerprint of an ONNX file is made of the debug form, so neither names nor order of the fields may change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Prefixes {
    /// What stands before a question.
    pub(super) query: Cow<'static, str>,
    /// What stands before a passage.
    pub(super) passage: Cow<'static, str>,
}

impl Prefixes {
    /// Prefixes that are known at compile time.
    const fn fixed(query: &'static str, passage: &'static str) -> Self {
        Self { query: Cow::Borrowed(query), passage: Cow::Borrowed(passage) }
    }
}

/// The instruction that bge, arctic-embed and mxbai share.
const REPRESENT: &str = "Represent this sentence for searching relevant passages: ";

/// A family of models, whose names contain all words of `with` and none of `without`.
struct Family {
    with: &'static [&'static str],
    without: &'static [&'static str],
    prefixes: Prefixes,
}

/// A [`Family`] with these words and prefixes.
const fn family(
    with: &'static [&'static str],
    without: &'static [&'static str],
    query: &'static str,
    passage: &'static str,
) -> Family {
    Family { with, without, prefixes: Prefixes::fixed(query, passage) }
}

/// The families; the first that fits counts.
const FAMILIES: &[Family] = &[
    // `e5-` alone would also fit gtr-t5 and sentence-t5 under some spellings of theirs, so sizes are named.
    family(&["e5-small"], &["instruct"], "query: ", "passage: "),
    family(&["e5-base"], &["instruct"], "query: ", "passage: "),
    family(&["e5-large"], &["instruct"], "query: ", "passage: "),
    family(&["bge-", "-en"], &["reranker", "icl"], REPRESENT, ""),
    family(&["bge-", "-zh"], &["reranker"], "为这个句子生成表示以用于检索相关文章：", ""),
    family(&["bge-m3"], &["reranker"], "", ""),
    family(&["arctic-embed", "-v2"], &[], "query: ", ""),
    family(&["arctic-embed"], &[], REPRESENT, ""),
    family(&["mxbai-embed-large"], &[], REPRESENT, ""),
    family(&["nomic-embed-text"], &[], "search_query: ", "search_document: "),
    family(&["embeddinggemma"], &[], "task: search result | query: ", "title: none | text: "),
    family(&["gte-small"], &[], "", ""),
    family(&["gte-base"], &[], "", ""),
    family(&["gte-large"], &[], "", ""),
    family(&["minilm"], &["e5"], "", ""),
];

/// The prefixes of the model `name`, or nothing if it isn't known. A name may have an owner or folders before it and a
/// variant after it: `BAAI/bge-small-en-v1.5`, `Xenova/bge-small-en-v1.5-onnx`.
pub(super) fn known(name: &str) -> Option<Prefixes> {
    let name = name.trim_end_matches(['/', '\\']);
    let name = name.rsplit(['/', '\\']).next()?.to_lowercase().replace('_', "-");
    let fits = |family: &&Family| {
        family.with.iter().all(|word| name.contains(word))
            && !family.without.iter().any(|word| name.contains(word))
    };
    FAMILIES.iter().find(fits).map(|family| family.prefixes.clone())
}

/// Tokens that a model puts around a text.
const SPECIAL_TOKENS: usize = 2;

/// Checks that a model that reads `max_tokens` tokens has room for its special tokens, the longer of its prefixes and a
/// token of the text. `name` names the model in the error.
///
/// # Errors
///
/// [`Error::Model`] if there is no room.
pub(super) fn check_room(name: &str, prefix_tokens: usize, max_tokens: usize) -> Result<()> {
    if prefix_tokens + SPECIAL_TOKENS < max_tokens {
        return Ok(());
    }
    Err(Error::Model { name: name.into(), what: "its prefixes leave no room for a text".into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprints_of_onnx_files_depend_on_the_debug_form() {
        let debug = format!("{:?}", Prefixes::fixed("query: ", ""));
        assert_eq!(debug, "Prefixes { query: \"query: \", passage: \"\" }");
    }

    #[test]
    fn a_text_has_room_beside_prefixes() {
        assert!(check_room("m", 2, 5).is_ok() && check_room("m", 3, 5).is_err());
    }

    #[test]
    fn families_are_known_by_the_names_of_their_models() {
        let prefixes = |query, passage| Some(Prefixes::fixed(query, passage));
        let e5 = prefixes("query: ", "passage: ");
        for name in
            ["intfloat/e5-small-v2", "e5-base", "intfloat/multilingual-e5-large", "intfloat_e5-base-v2"]
        {
            assert_eq!(known(name), e5, "{name}");
        }
        for name in [
            "BAAI/bge-small-en-v1.5",
            "/home/me/.cache/torch/sentence_transformers/BAAI_bge-small-en/",
            r"models\bge-large-en",
            "snowflake-arctic-embed-xs",
            "Snowflake/snowflake-arctic-embed-m-v1.5",
            "mxbai-embed-large-v1",
        ] {
            assert_eq!(known(name), prefixes(REPRESENT, ""), "{name}");
        }
        assert_eq!(known("Snowflake/snowflake-arctic-embed-l-v2.0"), prefixes("query: ", ""));
        assert_eq!(known("nomic-embed-text-v1.5"), prefixes("search_query: ", "search_document: "));
        assert_eq!(
            known("google/embeddinggemma-300m"),
            prefixes("task: search result | query: ", "title: none | text: ")
        );
        for name in ["thenlper/gte-base", "all-MiniLM-L6-v2", "BAAI/bge-m3"] {
            assert_eq!(known(name), prefixes("", ""), "{name}");
        }
        for name in ["", "/", "model", "multilingual-e5-large-instruct", "gtr-t5-base", "bge-reranker-base"] {
            assert_eq!(known(name), None, "{name}");
        }
    }
}
