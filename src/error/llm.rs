//! What can go wrong with a language model and its server.

/// Why a language model can't write. Addresses are without credentials.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LlmError {
    /// What was named is no language model.
    #[error("`{said}` names no language model")]
    Unknown {
        /// What was named.
        said: String,
    },
    /// None was named, and no server runs on this machine.
    #[error("no language model was named, and no server of one runs on this machine")]
    NoServer,
    /// Nobody answers at the address.
    #[error("no language model answers at {server}: {why}")]
    Absent {
        /// The address.
        server: String,
        /// Why not.
        why: String,
    },
    /// The server didn't go on in time.
    #[error("{server} wrote nothing for {seconds} s")]
    Slow {
        /// The address.
        server: String,
        /// How long it was waited for.
        seconds: u64,
    },
    /// What answers isn't a language model's server: a web page, say.
    #[error("{server} isn't the server of a language model: {what}")]
    NotAnApi {
        /// The address.
        server: String,
        /// What came instead.
        what: String,
    },
    /// The server sends elsewhere, where notes don't go.
    #[error("{server} sends to {to}")]
    Redirected {
        /// The address.
        server: String,
        /// Where it sends to.
        to: String,
    },
    /// The server wants a key, or another one.
    #[error("{server} takes no request without a valid key")]
    Unauthorized {
        /// The address.
        server: String,
        /// The variable that has the key; `None` if none is known for it.
        variable: Option<&'static str>,
    },
    /// Too many requests.
    #[error("{server} takes no more requests for now")]
    Busy {
        /// The address.
        server: String,
        /// After how many seconds it will, if it said so.
        retry_after: Option<u64>,
    },
    /// The server doesn't have the model.
    #[error("{server} has no model `{model}`")]
    NoModel {
        /// The address.
        server: String,
        /// The model.
        model: String,
        /// Those that it has, if it said so.
        known: Vec<String>,
        /// Whether it is Ollama, which can fetch it.
        ollama: bool,
    },
    /// The question alone is more than the model can read.
    #[error("what the model is to read is more than it can: {server} says {what}")]
    TooLong {
        /// The address.
        server: String,
        /// What it says.
        what: String,
    },
    /// The server refused for another reason.
    #[error("{server} refused: {what}")]
    Refused {
        /// The address.
        server: String,
        /// What it says, with its status.
        what: String,
    },
    /// The server can't be held to the sources' sentences.
    #[error("{server} can't be held to the sentences of the sources")]
    NotStrict {
        /// The address.
        server: String,
    },
    /// A project's settings name a server that notes would be sent to.
    #[error("{place}: a project can't say where notes are sent")]
    NamedByProject {
        /// The file and line.
        place: String,
        /// What is named there.
        said: String,
    },
    /// The program was built without it.
    #[error("this qsearch was built without language models")]
    WithoutFeature,
}
