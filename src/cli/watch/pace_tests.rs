//! The laws of the pace, in simulated time.

use proptest::prelude::*;

use super::*;

/// What one refresh of a simulation was like.
#[derive(Clone, Copy, Debug)]
struct Refresh {
    began: Duration,
    ended: Duration,
    how: Ended,
}

/// Lets hints come at these times, and each refresh take so long and end so, until some time has gone by.
fn simulate(hints: &[u64], refreshes: &[(u64, Ended)], until: u64) -> Vec<Refresh> {
    let ms = Duration::from_millis;
    let (mut pace, mut now, mut done) = (Pace::new(), Duration::ZERO, Vec::new());
    let mut hints = hints.iter().map(|&at| ms(at)).peekable();
    let mut refreshes = refreshes.iter().cycle();
    while now < ms(until) {
        if let Some(hint) = hints.next_if(|&hint| hint <= pace.due().max(now)) {
            now = now.max(hint);
            pace.hint(hint);
        } else {
            now = now.max(pace.due());
            pace.begin(now);
            let began = now;
            let &(took, how) = refreshes.next().unwrap_or(&(1, Ended::Done));
            now += ms(took);
            // What happens meanwhile is heard while the refresh runs.
            while let Some(hint) = hints.next_if(|&hint| hint <= now) {
                pace.hint(hint);
            }
            pace.end(now, how);
            done.push(Refresh { began, ended: now, how });
        }
    }
    done
}

fn hints(most: usize) -> impl Strategy<Value = Vec<u64>> {
    prop::collection::vec(prop_oneof![0..50_u64, 0..900_u64, 0..20_000_u64], 0..most).prop_map(|gaps| {
        gaps.into_iter()
            .scan(0, |at, gap| {
                *at += gap;
                Some(*at)
            })
            .collect()
    })
}

fn ends() -> impl Strategy<Value = Vec<(u64, Ended)>> {
    let how = prop_oneof![4 => Just(Ended::Done), 1 => Just(Ended::Busy), 1 => Just(Ended::Failed)];
    prop::collection::vec((prop_oneof![1..300_u64, 1..20_000_u64], how), 1..20)
}

proptest! {
    #[test]
    fn refreshes_begin_at_least_a_second_apart(hints in hints(300), ends in ends()) {
        for pair in simulate(&hints, &ends, 600_000).windows(2) {
            prop_assert!(pair[1].began >= pair[0].began + Pace::APART, "{pair:?}");
            prop_assert!(pair[1].began >= pair[0].ended);
        }
    }

    #[test]
    fn a_hint_is_followed_by_a_refresh_in_time(hints in hints(200), took in 1..8_000_u64) {
        let done = simulate(&hints, &[(took, Ended::Done)], 8_000_000);
        for &hint in &hints {
            let hint = Duration::from_millis(hint);
            let next = done.iter().find(|refresh| refresh.began >= hint).unwrap();
            // One that was under way may have to end first, and be followed by a pause.
            let before = done.iter().rev().find(|refresh| refresh.began < hint);
            let free = before.map_or(Duration::ZERO, |one| {
                (one.began + Pace::APART).max(one.ended + one.ended.saturating_sub(one.began).min(Pace::MOST))
            });
            prop_assert!(next.began <= (hint + Pace::MOST).max(free), "{hint:?}: {next:?} after {before:?}");
        }
    }

    #[test]
    fn nothing_is_refreshed_before_it_is_quiet(hints in hints(200)) {
        let done = simulate(&hints, &[(3, Ended::Done)], 8_000_000);
        for pair in done.windows(2) {
            let (before, refresh) = (pair[0].began, pair[1].began);
            let mut since = hints.iter().map(|&hint| Duration::from_millis(hint)).filter(|&hint| hint > before && hint < refresh);
            if let Some(first) = since.next() {
                let last = since.next_back().unwrap_or(first);
                prop_assert!(refresh >= last + Pace::QUIET || refresh >= first + Pace::MOST);
            } else {
                prop_assert!(refresh >= before + Pace::FULL, "without a hint");
            }
        }
    }

    #[test]
    fn what_fails_is_tried_again_ever_more_rarely(hints in hints(200), busy in any::<bool>()) {
        let (how, longest) = if busy { (Ended::Busy, Pace::BUSY_PAUSE) } else { (Ended::Failed, Pace::LONGEST_PAUSE) };
        let done = simulate(&hints, &[(2, how)], 4_000_000);
        let pauses: Vec<Duration> = done.windows(2).map(|pair| pair[1].began.saturating_sub(pair[0].ended)).collect();
        prop_assert!(pauses.is_sorted() && pauses.iter().all(|pause| *pause <= longest), "{pauses:?}");
        prop_assert_eq!(pauses.last(), Some(&longest));
        prop_assert!(done.iter().all(|refresh| refresh.how == how));
    }
}

#[test]
fn it_begins_at_once_and_looks_again_after_ten_minutes() {
    let done = simulate(&[], &[(20, Ended::Done)], 1_900_000);
    let began: Vec<u64> = done.iter().map(|refresh| refresh.began.as_secs()).collect();
    assert_eq!(began[..4], [0, 600, 1200, 1800]);
}

#[test]
fn what_ends_a_failure_ends_the_pause() {
    let (mut pace, second) = (Pace::new(), Duration::from_secs(1));
    for at in 0..9 {
        pace.begin(second * 1000 * at);
        pace.end(second * 1000 * at, Ended::Failed);
    }
    let now = second * 8010;
    pace.hint(now);
    assert!(pace.due() > now + second * 60);
    pace.hurry();
    assert!(pace.due() <= now && pace.is_pending());
}
