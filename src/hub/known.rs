//! Models of the hub that are known to be good for something, and what for.

/// A model that can be named by the last part of its repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownModel {
    /// Where it is: `BAAI/bge-small-en-v1.5`.
    pub repository: &'static str,
    /// Its licence, by its SPDX identifier.
    pub license: &'static str,
    /// Numbers in a vector.
    pub dimensions: usize,
    /// What is downloaded, in millions of bytes.
    pub megabytes: u64,
    /// What it reads and is good for, as a phrase.
    pub purpose: &'static str,
    /// Whether its weights are in a form that is imported; other models are run through ONNX.
    pub is_native: bool,
}

/// What MIT's licence is called.
const MIT: &str = "MIT";
/// What Apache's licence is called.
const APACHE: &str = "Apache-2.0";

/// A row of the table: a model that is imported.
const fn native(
    repository: &'static str,
    license: &'static str,
    dimensions: usize,
    megabytes: u64,
    purpose: &'static str,
) -> KnownModel {
    KnownModel { repository, license, dimensions, megabytes, purpose, is_native: true }
}

/// What is said of models of one size.
const SMALL: &str = "English, small";
const MEDIUM: &str = "English, better and slower";
const LARGE: &str = "English, the slowest";
const MANY: &str = "100 languages, small";
const MANY_MEDIUM: &str = "100 languages, better and slower";
const MANY_LARGE: &str = "100 languages, the slowest";

/// The models, those of a family together.
pub const KNOWN: &[KnownModel] = &[
    native("BAAI/bge-small-en-v1.5", MIT, 384, 134, SMALL),
    native("BAAI/bge-base-en-v1.5", MIT, 768, 438, MEDIUM),
    native("BAAI/bge-large-en-v1.5", MIT, 1024, 1341, LARGE),
    native("intfloat/e5-small-v2", MIT, 384, 134, SMALL),
    native("intfloat/e5-base-v2", MIT, 768, 438, MEDIUM),
    native("intfloat/e5-large-v2", MIT, 1024, 1341, LARGE),
    native("thenlper/gte-small", MIT, 384, 67, SMALL),
    native("thenlper/gte-base", MIT, 768, 219, MEDIUM),
    native("thenlper/gte-large", MIT, 1024, 670, LARGE),
    native("Snowflake/snowflake-arctic-embed-xs", APACHE, 384, 90, "English, as fast as the bundled one"),
    native("Snowflake/snowflake-arctic-embed-s", APACHE, 384, 133, SMALL),
    native("Snowflake/snowflake-arctic-embed-m", APACHE, 768, 436, MEDIUM),
    native("Snowflake/snowflake-arctic-embed-l", APACHE, 1024, 1337, LARGE),
    native("sentence-transformers/all-MiniLM-L12-v2", APACHE, 384, 134, "English, short passages"),
    native("mixedbread-ai/mxbai-embed-large-v1", APACHE, 1024, 670, LARGE),
    native("intfloat/multilingual-e5-small", MIT, 384, 488, MANY),
    native("intfloat/multilingual-e5-base", MIT, 768, 1129, MANY_MEDIUM),
    native("intfloat/multilingual-e5-large", MIT, 1024, 2257, MANY_LARGE),
    native(
        "sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2",
        APACHE,
        384,
        480,
        "50 languages, short passages",
    ),
    native("Snowflake/snowflake-arctic-embed-l-v2.0", APACHE, 1024, 2289, MANY_LARGE),
    KnownModel { is_native: false, ..native("BAAI/bge-m3", MIT, 1024, 2289, MANY_LARGE) },
];

impl KnownModel {
    /// What it is called: the last part of its repository.
    pub fn name(&self) -> &'static str {
        self.repository.rsplit('/').next().unwrap_or(self.repository)
    }
}

/// The model that is called so: by its repository or by the last part of it, in whatever case.
pub fn known(typed: &str) -> Option<&'static KnownModel> {
    let is_meant = |known: &&KnownModel| {
        known.repository.eq_ignore_ascii_case(typed) || known.name().eq_ignore_ascii_case(typed)
    };
    KNOWN.iter().find(is_meant)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::Repository;
    use super::*;

    #[test]
    fn models_are_found_by_both_names() {
        for model in KNOWN {
            assert_eq!(known(&model.repository.to_uppercase()), Some(model));
            assert_eq!(known(model.name()), Some(model));
            assert!(Repository::parse(model.repository).is_some(), "{}", model.repository);
            assert!(model.purpose.len() < 40 && model.megabytes > 0);
        }
        assert_eq!(known("other/bge-small-en-v1.5"), None);
        assert_eq!(known(""), None);
    }

    #[test]
    fn no_name_means_two_models() {
        let names: BTreeSet<String> = KNOWN.iter().map(|model| model.name().to_lowercase()).collect();
        assert_eq!(names.len(), KNOWN.len());
    }
}
