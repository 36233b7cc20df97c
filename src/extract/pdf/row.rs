//! Glyphs of a row → what it says, with blanks between its words and gaps between its cells.

use unicode_normalization::char::{compose, is_combining_mark};

use super::bidi::logical;
use super::glyph::{Glyph, is_right_to_left, is_without_blanks};
use super::line::{Cell, Line, Style};
use super::segment::{Placed, Segment};

/// A gap of this share of the letters' size is a blank.
const BLANK: f64 = 0.15;

/// Between letters of a script without blanks, a gap of this share is one.
const WIDE_BLANK: f64 = 0.5;

/// A gap of this many times the letters' size stands between cells.
const CELL: f64 = 1.0;

/// Letters that stand nearer to each other than this share of their size are the same one, drawn twice.
const TWICE: f64 = 0.15;

/// Makes a line of segments that stand in a row.
pub(super) fn line(mut row: Vec<Segment>, glyphs: &[Glyph], right_to_left: bool) -> Option<Line> {
    row.sort_by(|a, b| a.x0.total_cmp(&b.x0));
    let first = row.first()?;
    let direction = first.direction;
    let largest = row.iter().max_by(|a, b| a.size.total_cmp(&b.size).then(a.letters.cmp(&b.letters)))?;
    let (y, mut cells) = (largest.y, Vec::new());
    let overlap = row.windows(2).any(|pair| pair[1].x0 < pair[0].x1 - TWICE * pair[0].size);
    let mut placed: Vec<Placed> = row.into_iter().flat_map(|segment| segment.glyphs).collect();
    let leftward = placed.iter().any(|at| glyphs[at.glyph].text.first().is_some_and(is_right_to_left));
    if overlap || leftward {
        let drawn = placed.clone();
        sort(&mut placed, glyphs);
        drop_twins(&mut placed, glyphs);
        // Words that are drawn over others aren't mixed with them.
        if !leftward && collisions(&placed, glyphs) > 1 + placed.len() / 8 {
            placed = drawn;
        }
    }
    let blank = blank_width(&placed, glyphs);
    let main = most(&placed, glyphs)?;
    for piece in pieces(&placed, glyphs) {
        let inked = || piece.iter().filter(|at| !glyphs[at.glyph].text.is_blank());
        let (x0, x1) = (inked().map(|at| at.x0), inked().map(|at| at.x1));
        let (x0, x1) = (x0.fold(f64::INFINITY, f64::min), x1.fold(f64::NEG_INFINITY, f64::max));
        let parts = parts(piece, glyphs, blank);
        let text = if leftward { logical(parts, right_to_left) } else { parts.concat() };
        let text = without_soft_hyphens(&text);
        let text = text.trim();
        if !text.is_empty() && x0 <= x1 {
            cells.push(Cell { x0, x1, text: text.to_owned() });
        }
    }
    let (x0, x1) = (cells.first()?.x0, cells.last()?.x1);
    let mut said: Vec<&str> = cells.iter().map(|cell| &*cell.text).collect();
    if right_to_left && leftward {
        said.reverse();
    }
    let text = said.join(" ");
    let glyph = &glyphs[main.glyph];
    Some(Line {
        text,
        x0,
        x1,
        y,
        size: main.size,
        style: main.style,
        cells,
        direction,
        column: 0,
        marked: glyph.marked,
        artifact: glyph.artifact,
    })
}

/// A text without the hyphens that are seen at the end of a line only, where they are.
fn without_soft_hyphens(text: &str) -> String {
    match text.trim_end().strip_suffix('\u{ad}') {
        Some(before) => before.replace('\u{ad}', "") + "-",
        None => text.replace('\u{ad}', ""),
    }
}

/// Sorts a row from left to right, each mark right behind the letter that was drawn before it.
fn sort(placed: &mut Vec<Placed>, glyphs: &[Glyph]) {
    let mut keyed: Vec<(f64, usize, Placed)> = Vec::with_capacity(placed.len());
    let mut letter: Option<(f64, Placed)> = None;
    for (number, at) in placed.drain(..).enumerate() {
        let is_mark = glyphs[at.glyph].text.first().is_some_and(is_combining_mark);
        let size = glyphs[at.glyph].size;
        let near = |letter: &Placed| at.x0 < letter.x1 + 0.3 * size && letter.x0 < at.x1 + 0.3 * size;
        match letter.filter(|(_, letter)| is_mark && near(letter)) {
            Some((key, _)) => keyed.push((key, number, at)),
            None => keyed.push((at.x0, number, at)),
        }
        if !is_mark {
            letter = Some((at.x0, at));
        }
    }
    keyed.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    placed.extend(keyed.into_iter().map(|(_, _, at)| at));
}

/// What most letters of a row have in common.
struct Main {
    glyph: usize,
    size: f64,
    style: Style,
}

/// Finds what most letters of a row have in common: the size of most, and a glyph that has it.
fn most(placed: &[Placed], glyphs: &[Glyph]) -> Option<Main> {
    let mut sizes: Vec<(i64, usize)> = Vec::new();
    let (mut bold, mut italic, mut mono, mut letters) = (0, 0, 0, 0);
    for at in placed.iter().filter(|at| !glyphs[at.glyph].text.is_blank()) {
        let glyph = &glyphs[at.glyph];
        letters += 1;
        bold += usize::from(glyph.style.bold);
        italic += usize::from(glyph.style.italic);
        mono += usize::from(glyph.style.mono);
        sizes.push(((glyph.size * 10.0) as i64, at.glyph));
    }
    sizes.sort_unstable();
    let longest = sizes.chunk_by(|a, b| a.0 == b.0).max_by_key(|run| (run.len(), run[0].0))?;
    let glyph = longest.first()?.1;
    let mono = 10 * mono > 9 * letters || is_equally_wide(placed, glyphs);
    let style = Style { bold: 2 * bold > letters, italic: 2 * italic > letters, mono };
    Some(Main { glyph, size: glyphs[glyph].size, style })
}

/// Whether letters are equally wide that aren't in other fonts.
fn is_equally_wide(placed: &[Placed], glyphs: &[Glyph]) -> bool {
    let (mut least, mut most, mut narrow, mut others) = (f64::INFINITY, 0.0_f64, 0, 0);
    for at in placed {
        let glyph = &glyphs[at.glyph];
        let Some(c) = glyph.text.first().filter(char::is_ascii_graphic) else { continue };
        let width = (at.x1 - at.x0) / glyph.size;
        (least, most) = (least.min(width), most.max(width));
        narrow += usize::from("iIjl.,:;!|'".contains(c));
        others += usize::from(c.is_alphabetic());
    }
    narrow > 0 && others > 2 && most - least < 0.01
}

/// Drops letters that are drawn again where they are already: bold type and shadows are made so.
fn drop_twins(placed: &mut Vec<Placed>, glyphs: &[Glyph]) {
    let mut kept: Vec<Placed> = Vec::with_capacity(placed.len());
    for at in placed.drain(..) {
        let glyph = &glyphs[at.glyph];
        let near = TWICE * glyph.size;
        let before = kept.iter().rev().take(6).take_while(|other| at.x0 - other.x0 <= near);
        let is_twin = |other: &Placed| {
            (other.y - at.y).abs() <= near && glyphs[other.glyph].text == glyph.text && !glyph.text.is_blank()
        };
        if !before.into_iter().any(is_twin) {
            kept.push(at);
        }
    }
    *placed = kept;
}

/// How many letters of a row stand upon their neighbours.
fn collisions(placed: &[Placed], glyphs: &[Glyph]) -> usize {
    let is_letter = |at: &Placed| glyphs[at.glyph].text.first().is_some_and(char::is_alphanumeric);
    let collide = |pair: &&[Placed]| {
        pair.iter().all(is_letter) && pair[1].x0 < pair[0].x1 - 0.2 * glyphs[pair[0].glyph].size
    };
    placed.windows(2).filter(collide).count()
}

/// The width of gaps that are blanks, in shares of the size: wider where letters are set apart.
fn blank_width(placed: &[Placed], glyphs: &[Glyph]) -> f64 {
    let is_letter = |at: &Placed| glyphs[at.glyph].text.first().is_some_and(char::is_alphabetic);
    let mut gaps: Vec<f64> = placed
        .windows(2)
        .filter(|pair| is_letter(&pair[0]) && is_letter(&pair[1]))
        .map(|pair| (pair[1].x0 - pair[0].x1) / glyphs[pair[1].glyph].size)
        .filter(|gap| (0.0..3.0).contains(gap))
        .collect();
    if gaps.len() < 5 || 2 * gaps.len() < placed.len() {
        return BLANK;
    }
    gaps.sort_by(f64::total_cmp);
    let (low, middle) = (gaps[gaps.len() / 10], gaps[gaps.len() / 2]);
    if low > 0.6 * BLANK && middle < 1.5 * low + 0.05 { middle + 1.2 * BLANK } else { BLANK }
}

/// Cuts a row where its wide gaps are.
fn pieces<'p>(placed: &'p [Placed], glyphs: &[Glyph]) -> Vec<&'p [Placed]> {
    let mut cuts = vec![0];
    let mut edge: Option<f64> = None;
    for (number, at) in placed.iter().enumerate() {
        let glyph = &glyphs[at.glyph];
        if glyph.text.is_blank() {
            continue;
        }
        if edge.is_some_and(|edge| at.x0 - edge > CELL * glyph.size) {
            cuts.push(number);
        }
        edge = Some(edge.map_or(at.x1, |edge| edge.max(at.x1)));
    }
    cuts.push(placed.len());
    cuts.windows(2).map(|cut| &placed[cut[0]..cut[1]]).collect()
}

/// The letters of a piece with blanks between its words; marks are part of the letter they stand on.
fn parts(piece: &[Placed], glyphs: &[Glyph], blank: f64) -> Vec<String> {
    let mut parts: Vec<String> = Vec::with_capacity(piece.len());
    let mut before: Option<&Placed> = None;
    for at in piece {
        let glyph = &glyphs[at.glyph];
        let ends_blank = parts.last().is_none_or(|last| last == " ");
        if glyph.text.is_blank() {
            if !ends_blank {
                parts.push(" ".to_owned());
            }
            continue;
        }
        let mut text = String::new();
        glyph.text.push_to(&mut text);
        if let Some(last) = before.filter(|_| !ends_blank) {
            if join_accent(&mut parts, last, at, glyphs) {
                before = Some(at);
                continue;
            }
            let dense =
                [last, at].iter().all(|at| glyphs[at.glyph].text.first().is_some_and(is_without_blanks));
            let apart = if dense { WIDE_BLANK } else { blank };
            let size = glyph.size.max(glyphs[last.glyph].size);
            // What stands above or below a word, and is smaller, keeps a little more distance.
            let apart =
                if glyph.size.min(glyphs[last.glyph].size) < 0.8 * size { apart + 0.08 } else { apart };
            if at.x0 - last.x1 > apart * size {
                parts.push(" ".to_owned());
            }
        }
        parts.push(text);
        before = Some(at);
    }
    parts
}

/// Joins a mark with the letter it is drawn upon, if one of two glyphs is a mark and both stand at the same place.
fn join_accent(parts: &mut [String], last: &Placed, at: &Placed, glyphs: &[Glyph]) -> bool {
    let Some(part) = parts.last_mut() else { return false };
    let (Some(first), Some(second)) = (glyphs[last.glyph].text.first(), glyphs[at.glyph].text.first()) else {
        return false;
    };
    if is_combining_mark(second) {
        match part.chars().next_back().and_then(|letter| compose(letter, second)) {
            Some(composed) => {
                part.pop();
                part.push(composed);
            }
            None => glyphs[at.glyph].text.push_to(part),
        }
        return true;
    }
    let (Some(accent), letter) = (match (accent(first), accent(second)) {
        (Some(mark), None) => (Some(mark), second),
        (None, Some(mark)) => (Some(mark), first),
        _ => (None, first),
    }) else {
        return false;
    };
    let shared = last.x1.min(at.x1) - last.x0.max(at.x0);
    let narrower = (last.x1 - last.x0).min(at.x1 - at.x0);
    let letter = match letter {
        'ı' => 'i',
        'ȷ' => 'j',
        letter => letter,
    };
    let composed = if shared > 0.5 * narrower { compose(letter, accent) } else { None };
    composed.is_some_and(|composed| {
        *part = composed.to_string();
        true
    })
}

/// The mark that an accent is, where it is drawn upon a letter.
fn accent(c: char) -> Option<char> {
    Some(match c {
        '`' => '\u{300}',
        '´' => '\u{301}',
        '^' | 'ˆ' => '\u{302}',
        '~' | '˜' => '\u{303}',
        '¯' | 'ˉ' => '\u{304}',
        '˘' => '\u{306}',
        '˙' => '\u{307}',
        '¨' => '\u{308}',
        '˚' => '\u{30a}',
        '˝' => '\u{30b}',
        'ˇ' => '\u{30c}',
        '¸' => '\u{327}',
        '˛' => '\u{328}',
        _ => return None,
    })
}
