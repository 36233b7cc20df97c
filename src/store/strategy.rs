//! How the rows nearest to a question are found: through a graph, or by comparing all.

use super::graph::search::Effort;

/// The number of rows from which a segment has a graph: fewer are scanned in no time.
pub(super) const FEWEST_WITH_GRAPH: usize = 8_000;
/// The least `ef_search` (how many of the nearest nodes a search keeps) for each row that is wanted.
const EF_PER_ROW: usize = 4;
/// The least `ef_search` of any search: sketches can't tell the hundred nearest from the next as well as the ten nearest.
const LEAST_EF: usize = 128;
/// The `ef_search` in a graph of 100,000 rows. It grows with the number of rows to the power of 3/4, for the nearest stand
/// closer together where there are more.
const EF_OF_100_000: f64 = 320.0;
/// The cost of a graph's search for each node that it keeps, in rows that are scanned in the same time.
///
/// Measured in `benches/README.md`. A filter that lets one row in n through makes the search n times as long, and the
/// scan n times as short.
const ROWS_PER_EF: usize = 25;
/// The cost of a comparison in a graph, in rows that are scanned in the same time.
const ROWS_PER_COMPARISON: usize = 2;

/// How the rows nearest to a question are found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strategy {
    /// By whatever is faster: through a segment's graph, or by comparing the question with each row.
    #[default]
    Fastest,
    /// By comparing the question with each row.
    Exact,
    /// Through the graph, where there is one.
    Graph {
        /// How many of the nearest nodes are kept on the way; more find more and take longer.
        ef_search: usize,
    },
}

impl Strategy {
    /// The effort of a graph's search for `k` rows, where so many of all rows are accepted; `None` for a scan.
    pub(super) fn effort(self, k: usize, accepted: usize, rows: usize) -> Option<Effort> {
        match self {
            Self::Exact => None,
            Self::Graph { ef_search } => Some(Effort { ef: ef_search.max(k), most: usize::MAX }),
            Self::Fastest => {
                let root = (rows as f64 / 1e5).sqrt();
                // Roots are exact everywhere, powers aren't.
                let of_rows = (EF_OF_100_000 * root * root.sqrt()) as usize;
                let ef = of_rows.max(LEAST_EF).max(k.saturating_mul(EF_PER_ROW));
                let cost = ef as u128 * ROWS_PER_EF as u128;
                let scan_is_faster = accepted as u128 * accepted as u128 <= rows as u128 * cost;
                // A search that goes astray is given up before it takes longer than the scan.
                (!scan_is_faster).then_some(Effort { ef, most: accepted / ROWS_PER_COMPARISON })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_few_is_scanned() {
        let scanned = |accepted, rows| Strategy::Fastest.effort(10, accepted, rows).is_none();
        assert!(scanned(0, 0) && scanned(3_000, 3_000) && !scanned(50_000, 50_000));
        assert!(scanned(100_000, 1_000_000) && !scanned(500_000, 1_000_000));
        assert_eq!(Strategy::Exact.effort(10, 1 << 20, 1 << 20).map(|effort| effort.ef), None);
        let effort = Strategy::Graph { ef_search: 5 }.effort(10, 3, 3);
        assert_eq!(effort.map(|effort| effort.ef), Some(10));
    }
}
