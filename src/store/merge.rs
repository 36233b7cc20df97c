//! The choice of segments to merge after a commit, so that they stay few and hold little that is deleted.
//!
//! tantivy would merge in the background, which a short-lived process never sees the end of. So nothing is
//! merged while an index is being written, and a commit ends with the merges planned here.

/// The most small segments that are left alone, so that a commit of a few passages rarely ends with a merge.
const MOST_SMALL: usize = 8;

/// The number of living documents below which a segment is small: cheap to merge, and cheap to search.
const SMALL: u64 = 2_000;

/// How many times as large as all smaller ones together a segment must be to be left alone.
const FACTOR: u64 = 2;

/// A segment is worn if more than one in this many of its documents is deleted.
const DELETED_SHARE: u64 = 10;

/// A worn segment is rewritten if its deleted documents are more than one in this many of the index.
const BURDEN_SHARE: u64 = 100;

/// A segment's size.
#[derive(Clone, Copy, Debug)]
pub(super) struct SegmentSize {
    /// How many documents it has, deleted ones included.
    pub(super) documents: u32,
    /// How many of them are deleted.
    pub(super) deleted: u32,
}

impl SegmentSize {
    fn living(self) -> u64 {
        u64::from(self.documents.saturating_sub(self.deleted))
    }
}

/// Chooses the segments to be merged into one, by their places in `sizes`; none if all is well.
///
/// Worn segments are chosen in any case. Of the others, each is at least twice as large as all smaller
/// ones together, or they become one with it; only the small ones are left alone until there are too many. So there are
/// at most eight and the logarithm of the number of documents, and a document is copied a logarithmic number of times.
pub(super) fn plan(sizes: &[SegmentSize]) -> Vec<usize> {
    let all: u64 = sizes.iter().map(|size| u64::from(size.documents)).sum();
    let worn = |at: &usize| {
        let (documents, deleted) = (u64::from(sizes[*at].documents), u64::from(sizes[*at].deleted));
        deleted * DELETED_SHARE > documents && deleted * BURDEN_SHARE > all
    };
    let (mut chosen, mut others): (Vec<usize>, Vec<usize>) = (0..sizes.len()).partition(worn);
    others.sort_by_key(|&at| sizes[at].living());
    let weight: u64 = chosen.iter().map(|&at| sizes[at].living()).sum();
    let (mut taken, mut below) = (0, weight);
    for (count, &at) in (1..).zip(&others) {
        let living = sizes[at].living();
        if living < FACTOR * below && below + living >= SMALL {
            taken = count;
        }
        below += living;
    }
    let small = others[taken..].iter().filter(|&&at| sizes[at].living() < SMALL).count();
    if small > MOST_SMALL {
        taken = lightest(&others, sizes, small - MOST_SMALL + 1, weight);
    }
    chosen.extend(&others[..taken]);
    if chosen.len() == 1 && sizes[chosen[0]].deleted == 0 { Vec::new() } else { chosen }
}

/// How many of some segments, the smallest first, become one, if at least so many have to: also each next larger one that
/// doesn't more than double the work.
fn lightest(others: &[usize], sizes: &[SegmentSize], fewest: usize, mut weight: u64) -> usize {
    for (taken, &at) in others.iter().enumerate() {
        if taken >= fewest && sizes[at].living() > weight {
            return taken;
        }
        weight += sizes[at].living();
    }
    others.len()
}

/// Chooses all segments, if they aren't one already that has no deletions.
pub(super) fn all(sizes: &[SegmentSize]) -> Vec<usize> {
    if sizes.len() > 1 || sizes.iter().any(|size| size.deleted > 0) {
        (0..sizes.len()).collect()
    } else {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(sizes: &[(u32, u32)], expected: &[usize]) {
        let sizes: Vec<SegmentSize> =
            sizes.iter().map(|&(documents, deleted)| SegmentSize { documents, deleted }).collect();
        assert_eq!(plan(&sizes), expected, "{sizes:?}");
    }

    #[test]
    fn few_small_segments_are_left_alone() {
        check(&[], &[]);
        check(&[(1, 0); 8], &[]);
        check(&[(100, 10), (5, 0)], &[]);
        check(&[(50_000, 5_000), (5, 1)], &[]);
    }

    #[test]
    fn worn_segments_are_rewritten_together() {
        check(&[(100, 11), (10, 0), (50, 6)], &[0, 2]);
        check(&[(100, 11)], &[0]);
        // What is deleted of it is nothing beside the rest.
        check(&[(50_000, 0), (5, 2)], &[]);
    }

    #[test]
    fn segments_of_like_size_become_one() {
        check(&[(9_000, 0); 7], &[0, 1, 2, 3, 4, 5, 6]);
        check(&[(1_000_000, 0), (9_000, 0), (7_000, 0)], &[2, 1]);
        check(&[(1_000_000, 0), (9_000, 0), (4_000, 0), (3, 0)], &[]);
        check(&[(10_000, 0), (3_000, 0), (2_500, 0)], &[2, 1, 0]);
    }

    #[test]
    fn the_smallest_of_too_many_are_merged() {
        check(&[(10, 0); 9], &[0, 1, 2, 3, 4, 5, 6, 7, 8]);
        let sizes =
            [(1000, 0), (1, 0), (1, 0), (2, 0), (4, 0), (9, 0), (100, 0), (110, 0), (120, 0), (90_000, 0)];
        check(&sizes, &[1, 2, 3, 4]);
    }

    #[test]
    fn all_means_all() {
        let sizes = |sizes: &[(u32, u32)]| -> Vec<SegmentSize> {
            sizes.iter().map(|&(documents, deleted)| SegmentSize { documents, deleted }).collect()
        };
        assert_eq!(all(&sizes(&[(5, 0), (900_000, 0)])), [0, 1]);
        assert_eq!(all(&sizes(&[(5, 1)])), [0]);
        assert!(all(&sizes(&[(5, 0)])).is_empty() && all(&[]).is_empty());
    }

    /// Adds one segment after the other, with the merges that follow. Gives how many documents were copied.
    fn grow(sizes: &mut Vec<SegmentSize>, commits: u32, documents: u32) -> u64 {
        let mut copied = 0;
        for commit in 0..commits {
            sizes.push(SegmentSize { documents, deleted: 0 });
            // Every other commit changes a passage of an earlier one.
            let at = commit as usize * 7 % sizes.len();
            if commit % 2 == 1 && sizes[at].living() > 1 {
                sizes[at].deleted += 1;
            }
            let chosen = plan(sizes);
            let living: u64 = chosen.iter().map(|&at| sizes[at].living()).sum();
            copied += living;
            *sizes = (0..sizes.len()).filter(|at| !chosen.contains(at)).map(|at| sizes[at]).collect();
            if living > 0 {
                sizes.push(SegmentSize { documents: living as u32, deleted: 0 });
            }
            let all: u64 = sizes.iter().map(|size| size.living()).sum();
            let most = MOST_SMALL + (all / SMALL).max(1).ilog2() as usize + 1;
            assert!(sizes.len() <= most, "{} segments of {all} documents", sizes.len());
        }
        copied
    }

    #[test]
    fn many_small_updates_cost_little() {
        let mut sizes = vec![];
        let copied = grow(&mut sizes, 5_000, 1);
        assert!(copied < 5_000 * 16, "{copied} documents were copied");
        // Beside a large segment, which stays.
        let mut sizes = vec![SegmentSize { documents: 1_000_000, deleted: 0 }];
        let copied = grow(&mut sizes, 2_000, 5);
        assert!(copied < 10_000 * 16, "{copied} documents were copied");
        assert!(sizes.iter().any(|size| size.documents == 1_000_000));
    }

    #[test]
    fn a_growing_index_is_copied_a_few_times() {
        let mut sizes = vec![];
        let copied = grow(&mut sizes, 200, 10_000);
        assert!(copied < 2_000_000 * 12, "{copied} documents were copied");
    }
}
