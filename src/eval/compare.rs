//! Is a run better than an earlier one, or is the difference chance? Both are compared query by query.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::retrieval::{Measured, Retrieval};
use crate::ask::Search;
use crate::error::{Error, Result, Usage, Wanted};
use crate::files::{self, Links, Refusal};
use crate::random::SplitMix64;

/// How many permutations the randomisation test draws.
pub const PERMUTATIONS: u32 = 10_000;
/// The seed of the signs.
const SEED: u64 = 0x5eed_0051_6e73;
/// Reports have four decimals, so figures are compared in ten-thousandths.
const UNITS: f64 = 1e4;
/// No report is larger: that of a million queries takes about a tenth.
const MOST_BYTES: u64 = 1 << 30;

/// The part of an earlier run's report that can be compared.
#[derive(Clone, Debug)]
pub struct Previous {
    path: PathBuf,
    per_query: PerQuery,
}

/// The report, without what isn't compared.
#[derive(Clone, Debug, Deserialize)]
struct Report {
    per_query: PerQuery,
}

/// The figures of each query.
#[derive(Clone, Debug, Deserialize)]
struct PerQuery {
    ids: Vec<String>,
    lexical: Values,
    dense: Values,
    hybrid: Values,
}

/// The figures of one search, in the order of the queries' ids.
#[derive(Clone, Debug, Deserialize)]
struct Values {
    #[serde(rename = "ndcg@10")]
    ndcg10: Vec<f64>,
    #[serde(rename = "mrr@10")]
    mrr10: Vec<f64>,
}

/// How one search changed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Comparison {
    /// The search.
    pub search: Search,
    /// How many queries both runs have; only these are compared.
    pub queries: u64,
    /// The change of nDCG@10.
    pub ndcg10: Change,
    /// The change of MRR@10.
    pub mrr10: Change,
}

/// How one figure changed.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Change {
    /// The mean before.
    pub old: f64,
    /// The mean now.
    pub new: f64,
    /// For how many queries it is better.
    pub better: u64,
    /// For how many queries it is worse.
    pub worse: u64,
    /// The p-value: how likely a difference of this size or more is if both runs are equally good.
    pub p: f64,
}

impl Previous {
    /// Reads what `qsearch eval --json` printed for a set with judgments.
    ///
    /// # Errors
    ///
    /// When the file can't be read or is something else.
    pub fn read(path: &Path) -> Result<Self> {
        let bad = |what: String| {
            let what = format!("{} isn't a report that can be compared: {what}", path.display());
            Error::from(Usage::TestSet { what, wanted: Wanted::Report })
        };
        let bytes =
            files::read_at(path, Links::Follow, MOST_BYTES).map_err(|error| match Refusal::of(&error) {
                Some(_) => bad("it isn't a file of reasonable size".into()),
                None => Error::io("read", path)(error),
            })?;
        if bytes.trim_ascii_start().first() != Some(&b'{') {
            return Err(bad("it isn't a JSON object".into()));
        }
        let Report { per_query } = serde_json::from_slice(&bytes).map_err(|error| bad(error.to_string()))?;
        let lists = [&per_query.lexical, &per_query.dense, &per_query.hybrid];
        let fits = |list: &Vec<f64>| {
            list.len() == per_query.ids.len() && list.iter().all(|value| (0.0..=1.0).contains(value))
        };
        if !lists.iter().all(|values| fits(&values.ndcg10) && fits(&values.mrr10)) {
            return Err(bad("its figures don't fit its queries".into()));
        }
        Ok(Self { path: path.to_path_buf(), per_query })
    }
}

/// Compares a run with an earlier one, search by search.
///
/// # Errors
///
/// When they have no query in common.
pub fn compare(previous: &Previous, now: &Retrieval) -> Result<Vec<Comparison>> {
    let places: HashMap<&str, usize> =
        previous.per_query.ids.iter().enumerate().map(|(at, id)| (id.as_str(), at)).collect();
    let common: Vec<(usize, usize)> = (0..)
        .zip(&now.set.queries)
        .filter_map(|(new, query)| Some((*places.get(query.id.as_str())?, new)))
        .collect();
    if common.is_empty() {
        let what = format!("{} has no query of {}", previous.path.display(), now.set.dir.display());
        return Err(Usage::TestSet { what, wanted: Wanted::SameSet }.into());
    }
    let compare = |measured: &Measured| {
        let PerQuery { lexical, dense, hybrid, .. } = &previous.per_query;
        let old = match measured.search {
            Search::Lexical => lexical,
            Search::Dense => dense,
            Search::Hybrid => hybrid,
        };
        let pairs = |old: &[f64], new: fn(&super::Figures) -> f64| -> Vec<(f64, f64)> {
            common.iter().map(|&(was, is)| (old[was], new(&measured.per_query[is]))).collect()
        };
        Comparison {
            search: measured.search,
            queries: common.len() as u64,
            ndcg10: change(&pairs(&old.ndcg10, |figures| figures.ndcg10)),
            mrr10: change(&pairs(&old.mrr10, |figures| figures.mrr10)),
        }
    };
    Ok(now.measured.iter().map(compare).collect())
}

/// Compares pairs of an old and a new figure, each rounded to four decimals.
fn change(pairs: &[(f64, f64)]) -> Change {
    let units = |value: f64| (value * UNITS).round() as i64;
    let differences: Vec<i64> = pairs.iter().map(|&(old, new)| units(new) - units(old)).collect();
    let mean = |value: fn(&(f64, f64)) -> f64| {
        let sum: i64 = pairs.iter().map(|pair| units(value(pair))).sum();
        sum as f64 / UNITS / pairs.len().max(1) as f64
    };
    Change {
        old: mean(|pair| pair.0),
        new: mean(|pair| pair.1),
        better: differences.iter().filter(|&&difference| difference > 0).count() as u64,
        worse: differences.iter().filter(|&&difference| difference < 0).count() as u64,
        p: randomisation_test(&differences),
    }
}

/// The two-sided p-value of Fisher's randomisation test for paired differences, from [`PERMUTATIONS`] draws: the share
/// of draws of random signs, the observed ones included, with a sum at least as far from 0 as the observed one.
///
/// The signs are the same in each run.
fn randomisation_test(differences: &[i64]) -> f64 {
    let differing: Vec<i64> = differences.iter().copied().filter(|&difference| difference != 0).collect();
    let all: i64 = differing.iter().sum();
    let mut random = SplitMix64::new(SEED);
    let mut as_far = 0_u32;
    for _ in 0..PERMUTATIONS {
        // The sum of the differences whose sign is turned.
        let mut turned = 0_i64;
        for chunk in differing.chunks(64) {
            let bits = random.bits();
            let drawn = chunk.iter().enumerate().filter(|(at, _)| bits >> at & 1 == 1);
            turned += drawn.map(|(_, difference)| difference).sum::<i64>();
        }
        as_far += u32::from((all - 2 * turned).abs() >= all.abs());
    }
    f64::from(as_far + 1) / f64::from(PERMUTATIONS + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    use proptest::prelude::*;

    #[test]
    fn chance_is_told_from_progress() {
        assert!((randomisation_test(&[]) - 1.0).abs() < 1e-12);
        assert!((randomisation_test(&[0; 50]) - 1.0).abs() < 1e-12);
        // Of the 2^10 ways to draw signs two are as far out.
        let p = randomisation_test(&[100; 10]);
        assert!((p - 2.0 / 1024.0).abs() < 0.002, "{p}");
        // Sums of ±1, ±1, ±1, ±3 that are at least 4 from 0: 1+3 with two of three up, 3 of them; all up; twice.
        let p = randomisation_test(&[1, 1, -1, 3]);
        assert!((p - 8.0 / 16.0).abs() < 0.02, "{p}");
        assert!(randomisation_test(&[100; 200]) < 0.001);
    }

    #[test]
    fn changes_are_counted_as_they_are_written() {
        let got = change(&[(0.5, 0.500_04), (0.25, 0.75), (1.0, 0.5)]);
        assert_eq!((got.better, got.worse), (1, 1));
        assert!((got.old - 0.583_333_333).abs() < 1e-6 && (got.new - got.old).abs() < 1e-12);
        assert!((got.p - 1.0).abs() < 1e-12);
    }

    #[test]
    fn what_is_no_report_is_refused() {
        let at = tempfile::tempdir().unwrap();
        let path = at.path().join("old.json");
        let values = r#"{"ndcg@10":[0.5],"mrr@10":[1]}"#;
        let report = |ids: &str, values: &str| {
            format!(
                r#"{{"per_query":{{"ids":{ids},"lexical":{values},"dense":{values},"hybrid":{values}}}}}"#
            )
        };
        std::fs::write(&path, report(r#"["q"]"#, values)).unwrap();
        assert_eq!(Previous::read(&path).unwrap().per_query.ids, ["q"]);
        for (content, what) in [
            (report(r#"["q","r"]"#, values), "its figures don't fit"),
            (report(r#"["q"]"#, r#"{"ndcg@10":[7],"mrr@10":[1]}"#), "its figures don't fit"),
            ("{}".into(), "missing field `per_query`"),
            ("{\"a\":".repeat(100_000), "EOF"),
            ("[[]]".into(), "isn't a JSON object"),
            (String::new(), "isn't a JSON object"),
        ] {
            std::fs::write(&path, content).unwrap();
            let error = Previous::read(&path).unwrap_err();
            assert!(error.to_string().contains(what), "{error}");
        }
        assert!(Previous::read(at.path()).unwrap_err().to_string().contains("isn't a file"));
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn it_is_a_probability_and_sides_are_alike(list in proptest::collection::vec(-50i64..50, 0..40)) {
            let p = randomisation_test(&list);
            prop_assert!(p > 0.0 && p <= 1.0);
            let turned: Vec<i64> = list.iter().map(|x| -x).collect();
            prop_assert_eq!(p.to_bits(), randomisation_test(&turned).to_bits());
        }
    }
}
