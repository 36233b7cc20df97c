//! Running heads and feet: what stands at the edge of many pages, and is no text of any.
//!
//! A line at the upper or lower edge of a page is one if the same line, numbers aside, stands at the same height of
//! other pages, and apart from the text; or if it is the page's number. Heads of chapters stand on every other page of
//! a few, and so it is enough if three pages have it.

use std::collections::{HashMap, HashSet};

use super::leaf::Leaf;
use super::line::Line;

/// How many rows of lines from the edge may be heads or feet.
const ROWS: usize = 4;

/// Heads and feet stand in this share of the page's height.
const EDGE: f64 = 0.2;

/// Rows at the same height don't differ by more, in points.
const SAME_HEIGHT: f64 = 3.0;

/// Letters of so many points aren't those of a title; where most are smaller, as in tables, heads may be of this size.
const SMALL: f64 = 12.0;

/// So many pages must have the same head.
const MANY: usize = 3;

/// An edge of a page.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Edge {
    Top,
    Bottom,
    /// Turned text at the side.
    Side,
}

/// A line at an edge: the page, the line, its row from the edge, and whether it stands apart from what is further in.
struct Candidate {
    page: usize,
    line: usize,
    row: usize,
    height: f64,
    apart: bool,
}

/// Takes running heads and feet from the pages, and what the file itself calls an ornament. No page loses all its text.
pub(super) fn strip(leaves: &mut [Leaf], size: f64) {
    let mut found: HashMap<(Edge, String), Vec<Candidate>> = HashMap::new();
    for (page, leaf) in leaves.iter().enumerate() {
        candidates(page, leaf, size, &mut found);
    }
    let mut drop: Vec<Vec<bool>> = leaves
        .iter()
        .map(|leaf| leaf.lines.iter().map(|line| line.artifact && is_at_edge(line, leaf)).collect())
        .collect();
    // The rows that have such a line. What stands behind one that has none is text.
    let mut rows: HashSet<(usize, Edge, usize)> = HashSet::new();
    let mut lines: Vec<(usize, Edge, usize, usize)> = Vec::new();
    for ((edge, pattern), candidates) in found {
        let share = candidates.len() * 5 >= leaves.len() * 2;
        let numbers = is_number(&pattern) && are_numbers(leaves, &candidates);
        for candidate in &candidates {
            let same =
                candidates.iter().filter(|other| (other.height - candidate.height).abs() <= SAME_HEIGHT);
            let pages = same.count();
            let enough = if numbers {
                // A lone number may be anything; another page confirms it.
                pages >= 2
            } else {
                pages >= MANY && says_something(&pattern)
            };
            if enough && (candidate.apart || share && leaves.len() >= MANY) {
                rows.insert((candidate.page, edge, candidate.row));
                lines.push((candidate.page, edge, candidate.row, candidate.line));
            }
        }
    }
    for (page, edge, row, line) in lines {
        drop[page][line] |= (0..row).all(|outer| rows.contains(&(page, edge, outer)));
    }
    for (leaf, drop) in leaves.iter_mut().zip(drop) {
        if drop.iter().all(|drop| *drop) {
            continue;
        }
        let mut drop = drop.into_iter();
        leaf.lines.retain(|_| !drop.next().unwrap_or(false));
    }
}

fn is_at_edge(line: &Line, leaf: &Leaf) -> bool {
    !line.is_across() || line.y < leaf.height * EDGE || line.y > leaf.height * (1.0 - EDGE)
}

/// Finds the lines at a page's edges.
fn candidates(page: usize, leaf: &Leaf, size: f64, found: &mut HashMap<(Edge, String), Vec<Candidate>>) {
    let lines = &leaf.lines;
    let mut order: Vec<usize> = (0..lines.len()).filter(|&line| lines[line].is_across()).collect();
    order.sort_by(|&a, &b| lines[a].y.total_cmp(&lines[b].y));
    let mut rows: Vec<Vec<usize>> = Vec::new();
    for line in order {
        match rows.last_mut() {
            Some(row) if (lines[row[0]].y - lines[line].y).abs() < 0.4 * size => row.push(line),
            _ => rows.push(vec![line]),
        }
    }
    let mut add = |edge: Edge, rows: &mut dyn Iterator<Item = &Vec<usize>>| {
        let rows: Vec<_> = rows.take(ROWS + 1).collect();
        for (place, row) in rows.iter().take(ROWS).enumerate() {
            let height = lines[row[0]].y;
            let from_edge = if edge == Edge::Top { height } else { leaf.height - height };
            if from_edge > leaf.height * EDGE {
                break;
            }
            // The widest gap between this row and the text decides for all rows up to it.
            let gap = rows[place..]
                .windows(2)
                .take(3)
                .map(|pair| (lines[pair[0][0]].y - lines[pair[1][0]].y).abs());
            let apart = rows.len() <= place + 1 || gap.fold(0.0, f64::max) > 1.6 * size;
            for &line in *row {
                if lines[line].size > (1.3 * size).max(SMALL) {
                    continue;
                }
                let candidate = Candidate { page, line, row: place, height, apart };
                found.entry((edge, pattern(&lines[line].text))).or_default().push(candidate);
            }
        }
    };
    add(Edge::Top, &mut rows.iter());
    add(Edge::Bottom, &mut rows.iter().rev());
    let across = lines.iter().filter(|line| line.is_across()).count();
    if across * 2 > lines.len() {
        for (line, _) in lines.iter().enumerate().filter(|(_, line)| !line.is_across()) {
            let candidate = Candidate { page, line, row: 0, height: lines[line].y, apart: true };
            found.entry((Edge::Side, pattern(&lines[line].text))).or_default().push(candidate);
        }
    }
}

/// A line with each number made one sign, so that lines that differ by numbers are the same.
fn pattern(text: &str) -> String {
    let mut pattern = String::new();
    for word in text.split_whitespace() {
        if !pattern.is_empty() {
            pattern.push(' ');
        }
        if is_roman(word) {
            pattern.push('#');
            continue;
        }
        let mut in_number = false;
        for c in word.chars() {
            if c.is_numeric() {
                if !in_number {
                    pattern.push('#');
                }
                in_number = true;
            } else {
                in_number = false;
                pattern.extend(c.to_lowercase());
            }
        }
    }
    pattern
}

/// Whether a word is a number of a page of front matter: `xiv`.
fn is_roman(word: &str) -> bool {
    word.len() <= 8 && word.chars().all(|c| "ivxlc".contains(c))
}

/// Whether a pattern may be a page's number and no more: `#`, `- # -`, `page # of #`, `#/#`.
fn is_number(pattern: &str) -> bool {
    let words = pattern.replace('#', " ").replace(|c: char| !c.is_alphabetic(), " ");
    let known = [
        "page",
        "p",
        "pg",
        "of",
        "seite",
        "von",
        "s",
        "sur",
        "de",
        "página",
        "pagina",
        "стр",
        "из",
        "第",
        "页",
        "頁",
        "ページ",
        "共",
    ];
    pattern.contains('#') && words.split_whitespace().all(|word| known.contains(&word))
}

/// Whether a pattern has enough letters not to be by chance the same on several pages.
fn says_something(pattern: &str) -> bool {
    pattern.chars().filter(|c| c.is_alphabetic()).count() >= 3
}

/// Whether the numbers of lines go on with the pages.
fn are_numbers(leaves: &[Leaf], candidates: &[Candidate]) -> bool {
    let mut shifts: HashMap<i64, usize> = HashMap::new();
    let mut roman = 0;
    for candidate in candidates {
        let text = &leaves[candidate.page].lines[candidate.line].text;
        let digits: String = text
            .chars()
            .skip_while(|c| !c.is_ascii_digit())
            .take_while(char::is_ascii_digit)
            .take(9)
            .collect();
        match digits.parse::<i64>() {
            Ok(number) => *shifts.entry(number - candidate.page as i64).or_default() += 1,
            Err(_) => roman += 1,
        }
    }
    let most = shifts.values().copied().max().unwrap_or(0) + roman;
    // The only page's number is 1.
    most * 2 > candidates.len() && (leaves.len() > 1 || shifts.contains_key(&1))
}

#[cfg(test)]
#[path = "running_tests.rs"]
mod tests;
