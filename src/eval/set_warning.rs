//! What is odd about a test set.

/// Something odd about a test set that can be used all the same, and how often it occurs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SetWarning {
    /// How often it occurs.
    pub count: u64,
    /// What it is, as a phrase that follows the count: `queries have no positive judgment`.
    pub what: String,
}

impl SetWarning {
    /// The warnings whose count isn't 0.
    pub(super) fn list<const N: usize>(counted: [(u64, &str); N]) -> Vec<Self> {
        let occurs = counted.into_iter().filter(|(count, _)| *count > 0);
        occurs.map(|(count, what)| Self { count, what: what.to_owned() }).collect()
    }
}
