//! Lengths of ranges, their overlaps counted once or not.

use std::ops::Range;

/// The part that two ranges share, if they do.
pub(super) fn shared(a: &Range<u64>, b: &Range<u64>) -> Option<Range<u64>> {
    let range = a.start.max(b.start)..a.end.min(b.end);
    (range.start < range.end).then_some(range)
}

/// The length of the union of the ranges.
pub(super) fn covered(ranges: &[Range<u64>]) -> u64 {
    let mut ranges: Vec<&Range<u64>> = ranges.iter().filter(|range| range.start < range.end).collect();
    ranges.sort_by_key(|range| (range.start, range.end));
    let (mut sum, mut until) = (0, 0);
    for range in ranges {
        sum += range.end.saturating_sub(range.start.max(until));
        until = until.max(range.end);
    }
    sum
}

/// The sum of the lengths of the ranges.
pub(super) fn total<'a>(ranges: impl IntoIterator<Item = &'a Range<u64>>) -> u64 {
    ranges.into_iter().map(|range| range.end.saturating_sub(range.start)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_add_up() {
        assert_eq!(shared(&(0..5), &(3..9)), Some(3..5));
        assert_eq!(shared(&(0..5), &(5..9)), None);
        assert_eq!(covered(&[3..9, 0..5, 4..6, 20..20, 30..31]), 10);
        assert_eq!(covered(&[]), 0);
        assert_eq!(total(&[3..9, 0..5]), 11);
    }
}
