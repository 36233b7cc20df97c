//! Counts of what was asked and how long it took, in the text format of Prometheus.
//!
//! Routes are told as they are written in `routes`, so no question and no name of a note gets in, and there are only so many.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::extract::MatchedPath;
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};

/// The upper edges of the classes that times are counted in, in seconds.
const EDGES: [f64; 11] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];
/// What times are called.
const TIMES: &str = "qsearch_request_duration_seconds";

/// Counts requests.
#[derive(Debug, Default)]
pub(super) struct Metrics {
    routes: Mutex<BTreeMap<(Route, u16), Counts>>,
}

/// A method, and a path as `routes` writes it.
pub(super) type Route = (&'static str, String);

/// How often a route was asked and ended in one way, and how long that took.
#[derive(Clone, Debug, Default)]
struct Counts {
    /// How many took no longer than each of the edges.
    within: [u64; EDGES.len()],
    /// How many there were.
    all: u64,
    /// How many seconds they took together.
    seconds: f64,
}

impl Metrics {
    /// The route of a request.
    pub(super) fn route(parts: &Parts) -> Route {
        let method = match parts.method {
            Method::GET => "GET",
            Method::HEAD => "HEAD",
            Method::POST => "POST",
            _ => "other",
        };
        let path = parts.extensions.get::<MatchedPath>().map_or("-", MatchedPath::as_str);
        (method, path.to_owned())
    }

    /// Counts a request that is answered.
    ///
    /// The time is that until the answer begins: of one that comes as events, the time of its first byte.
    pub(super) fn count(&self, route: Route, status: StatusCode, took: Duration) {
        let mut routes = self.routes.lock().unwrap_or_else(PoisonError::into_inner);
        let counts = routes.entry((route, status.as_u16())).or_default();
        let seconds = took.as_secs_f64();
        for (within, edge) in counts.within.iter_mut().zip(EDGES) {
            *within += u64::from(seconds <= edge);
        }
        counts.all += 1;
        counts.seconds += seconds;
    }

    /// The counts as text.
    pub(super) fn told(&self) -> String {
        let routes = self.routes.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut out = format!(
            "# HELP {TIMES} How long requests took until their answer began.\n# TYPE {TIMES} histogram\n"
        );
        let mut line = |text: String| writeln!(out, "{TIMES}_{text}").unwrap_or_default();
        for (((method, path), status), counts) in &routes {
            let labels = format!("method=\"{method}\",route=\"{path}\",status=\"{status}\"");
            for (within, edge) in counts.within.iter().zip(EDGES) {
                line(format!("bucket{{{labels},le=\"{edge}\"}} {within}"));
            }
            line(format!("bucket{{{labels},le=\"+Inf\"}} {}", counts.all));
            line(format!("sum{{{labels}}} {}", counts.seconds));
            line(format!("count{{{labels}}} {}", counts.all));
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_counted_in_all_classes_that_hold_them() {
        let metrics = Metrics::default();
        for milliseconds in [1, 7, 40, 100_000] {
            let route = ("GET", "/api/ask".to_owned());
            metrics.count(route, StatusCode::OK, Duration::from_millis(milliseconds));
        }
        let told = metrics.told();
        let labels = "method=\"GET\",route=\"/api/ask\",status=\"200\"";
        for (edge, count) in [("0.001", 1), ("0.01", 2), ("0.05", 3), ("30", 3), ("+Inf", 4)] {
            let line = format!("_bucket{{{labels},le=\"{edge}\"}} {count}\n");
            assert!(told.contains(&line), "{line}\n{told}");
        }
        assert!(told.contains(&format!("_count{{{labels}}} 4\n")));
    }
}
