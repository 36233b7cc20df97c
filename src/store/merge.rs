//! Which segments to merge after a commit, so that they stay few and hold little that is deleted.
//!
//! tantivy would merge in the background, which a short-lived process never sees the end of. So nothing is
//! merged while an index is being written, and a commit ends with the merges planned here.

/// More segments than this are merged.
const MOST_SEGMENTS: usize = 8;

/// A segment of which more than one document in this many is deleted is rewritten.
const DELETED_SHARE: u32 = 5;

/// A segment's size.
#[derive(Clone, Copy, Debug)]
pub(super) struct Size {
    /// How many documents it has, deleted ones included.
    pub(super) documents: u32,
    /// How many of them are deleted.
    pub(super) deleted: u32,
}

/// Chooses the segments to be merged into one, by their places in `sizes`; none if all is well.
///
/// Segments with many deletions are chosen in any case. If there are too many, the smallest go together, and
/// with them each next larger one that doesn't more than double the work: so the cost of all merges grows
/// like n log n with the number of documents.
pub(super) fn plan(sizes: &[Size]) -> Vec<usize> {
    let living = |at: usize| u64::from(sizes[at].documents - sizes[at].deleted.min(sizes[at].documents));
    let worn = |at: &usize| sizes[*at].deleted.saturating_mul(DELETED_SHARE) > sizes[*at].documents;
    let (mut chosen, mut others): (Vec<_>, Vec<_>) = (0..sizes.len()).partition(worn);
    let left = others.len() + usize::from(!chosen.is_empty());
    if left > MOST_SEGMENTS {
        others.sort_by_key(|&at| living(at));
        let mut documents: u64 = chosen.iter().map(|&at| living(at)).sum();
        // Merging n segments into one leaves n - 1 fewer; those chosen already count as one.
        let fewest = left - MOST_SEGMENTS + usize::from(chosen.is_empty());
        for (taken, &at) in others.iter().enumerate() {
            if taken >= fewest && living(at) > documents {
                break;
            }
            documents += living(at);
            chosen.push(at);
        }
    }
    chosen
}

/// Chooses all segments, unless there is but one without anything deleted.
pub(super) fn all(sizes: &[Size]) -> Vec<usize> {
    match sizes {
        [one] if one.deleted == 0 => vec![],
        _ => (0..sizes.len()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(sizes: &[(u32, u32)], expected: &[usize]) {
        let sizes: Vec<Size> =
            sizes.iter().map(|&(documents, deleted)| Size { documents, deleted }).collect();
        assert_eq!(plan(&sizes), expected, "{sizes:?}");
    }

    #[test]
    fn few_whole_segments_are_left_alone() {
        check(&[], &[]);
        check(&[(1, 0); 8], &[]);
        check(&[(100, 20), (5, 1)], &[]);
    }

    #[test]
    fn worn_segments_are_rewritten_together() {
        check(&[(100, 21), (1000, 0), (5, 2)], &[0, 2]);
    }

    #[test]
    fn the_smallest_of_too_many_are_merged() {
        let mut sizes: Vec<(u32, u32)> = (0..9).map(|at| (10u32.pow(at), 0)).collect();
        check(&sizes, &[0, 1]);
        sizes = vec![(10, 0); 9];
        check(&sizes, &[0, 1, 2, 3, 4, 5, 6, 7, 8]);
        sizes = vec![(1000, 0), (1, 0), (1, 0), (2, 0), (4, 0), (9, 0), (500, 0), (600, 0), (700, 0)];
        check(&sizes, &[1, 2, 3, 4]);
    }

    #[test]
    fn many_small_updates_cost_little() {
        let (mut sizes, mut written) = (vec![], 0u64);
        for _ in 0..5_000 {
            sizes.push(Size { documents: 1, deleted: 0 });
            let chosen = plan(&sizes);
            let merged: u32 = chosen.iter().map(|&at| sizes[at].documents).sum();
            written += u64::from(merged);
            sizes = (0..sizes.len()).filter(|at| !chosen.contains(at)).map(|at| sizes[at]).collect();
            if merged > 0 {
                sizes.push(Size { documents: merged, deleted: 0 });
            }
            assert!(sizes.len() <= MOST_SEGMENTS);
        }
        assert!(written < 5_000 * 13, "{written} documents were copied");
    }
}
