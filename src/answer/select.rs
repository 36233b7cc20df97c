//! Which parts of a passage answer a question?

use std::ops::Range;

use super::atoms::{Atom, AtomKind, announces_steps};
use super::cut::cut;
use super::form::Form;
use super::score::Scores;
use super::{ANSWER_CHARS, ANSWER_SENTENCES, SHORT_CHARS, STEPS_CHARS, WHOLE_CHARS, chars, length};

/// What standing beside what is shown already counts for: what is read in one go is understood.
const NEAR: f32 = 0.05;
/// What is this much worse than the best isn't added to it.
const WORSE: f32 = 0.35;
/// The same for an item of a list, which says something else than its neighbours.
const WORSE_ITEM: f32 = 0.15;
/// An item that is better than all others and what announces them by this much answers without them.
const OUTSTANDING: f32 = 0.12;

/// What is shown of a passage.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Choice {
    /// The pieces, in bytes of the passage's text and in order.
    pub(super) pieces: Vec<Range<usize>>,
    /// Whether what answers goes on.
    pub(super) goes_on: bool,
}

/// A passage's atoms, taken together to what is shown as one.
pub(super) struct Selector<'a> {
    text: &'a str,
    atoms: &'a [Atom],
    scores: &'a Scores<'a>,
    /// What is shown as one, each a range of atoms.
    runs: Vec<Range<usize>>,
    /// The score of each run.
    sums: Vec<f32>,
}

impl<'a> Selector<'a> {
    pub(super) fn new(text: &'a str, atoms: &'a [Atom], scores: &'a Scores<'a>) -> Self {
        let runs = runs(text, atoms, scores);
        let sums = runs.iter().map(|run| scores.parts(run).sum()).collect();
        Self { text, atoms, scores, runs, sums }
    }

    /// The parts that answer.
    pub(super) fn answer(&self) -> Option<Choice> {
        let best = self.best()?;
        if !self.is_whole(best) {
            let chosen = self.with_close_ones(best);
            let pieces = self.pieces(&chosen);
            return Some(self.shortened(pieces, best, WHOLE_CHARS));
        }
        let (first, last, goes_on) = self.with_steps(best);
        let (first, last) = self.with_text(first, last);
        let all = self.runs[first].start..self.runs[last].end;
        let mut choice = self.shortened(std::iter::once(all).collect(), best, WHOLE_CHARS);
        choice.goes_on |= goes_on;
        choice.pieces.splice(..0, self.parents(self.runs[best].start));
        choice.pieces.dedup_by(|next, last| next.start < last.end);
        Some(choice)
    }

    /// The answer of a question-and-answer unit: all of it, or its beginning, or the part of it that answers.
    pub(super) fn unit(&self) -> Option<Choice> {
        let best = if self.scores.is_asked() { 0 } else { self.best()? };
        let all = std::iter::once(0..self.atoms.len()).collect();
        Some(self.shortened(all, best, WHOLE_CHARS)).filter(|_| !self.atoms.is_empty())
    }

    /// One piece of at most so many characters, with what answers best in it.
    pub(super) fn excerpt(&self, most: usize) -> Option<Range<usize>> {
        let best = self.best()?;
        let (mut first, mut last) = (best, best);
        let fits = |first: usize, last: usize| chars(self.text, &self.range(first, last)) <= most;
        loop {
            let is_open = |&at: &usize| {
                self.runs.get(at).is_some_and(|run| self.atoms[run.start].kind != AtomKind::Heading)
            };
            let before = first.checked_sub(1).filter(is_open).filter(|&before| fits(before, last));
            let after = Some(last + 1).filter(is_open).filter(|&after| fits(first, after));
            match (before, after) {
                (Some(before), after) if after.is_none_or(|after| self.sums[before] > self.sums[after]) => {
                    first = before;
                }
                (_, Some(after)) => last = after,
                (_, None) => break,
            }
        }
        let run = self.trimmed(self.runs[first].start..self.runs[last].end);
        self.shortened(vec![run], best, most).pieces.pop()
    }

    /// The run that answers best, if one can; the first of equals.
    fn best(&self) -> Option<usize> {
        let best = |able: &dyn Fn(usize) -> bool| {
            let able = (0..self.runs.len()).rev().filter(|&at| able(at));
            able.max_by(|&a, &b| self.sums[a].total_cmp(&self.sums[b]))
        };
        best(&|at| self.is_able(at)).or_else(|| best(&|_| true))
    }

    /// Whether a run says anything by itself.
    fn is_able(&self, at: usize) -> bool {
        self.atoms[self.runs[at].clone()].iter().any(|atom| atom.is_text() || atom.is_block())
            && !self.announces_nothing(at)
    }

    /// Whether a run announces what isn't there or is shown by itself.
    fn announces_nothing(&self, at: usize) -> bool {
        let run = &self.runs[at];
        let last = &self.atoms[run.end - 1];
        run.len() == 1 && last.promises(self.text)
    }

    /// Whether a run is code, a table, a list, or has one: then it isn't taken apart.
    fn is_whole(&self, at: usize) -> bool {
        let atoms = &self.atoms[self.runs[at].clone()];
        atoms.iter().any(Atom::is_block)
            || atoms.iter().filter(|atom| atom.kind == AtomKind::Item).count() > 1
    }

    /// The text from one run to another.
    fn range(&self, first: usize, last: usize) -> Range<usize> {
        self.atoms[self.runs[first].start].range.start..self.atoms[self.runs[last].end - 1].range.end
    }

    /// The runs that answer, in their order: the best, and those that are little worse.
    fn with_close_ones(&self, best: usize) -> Vec<usize> {
        let mut chosen = vec![best];
        let with = |chosen: &[usize], at: usize| {
            let mut with: Vec<usize> = chosen.iter().copied().chain([at]).collect();
            with.sort_unstable();
            with
        };
        let fits = |chosen: &[usize]| {
            let count: usize = chosen.iter().map(|&at| self.runs[at].len()).sum();
            let pieces: Vec<Range<usize>> = self.pieces(chosen).iter().map(|run| self.span(run)).collect();
            count <= ANSWER_SENTENCES && length(self.text, &pieces) <= ANSWER_CHARS
        };
        loop {
            let near = |at: usize| chosen.iter().any(|other| other.abs_diff(at) == 1);
            let score = |at: usize| self.sums[at] + if near(at) { NEAR } else { 0.0 };
            let able = |&at: &usize| self.is_able(at) && !self.is_whole(at) && !chosen.contains(&at);
            let worse = |at: usize| if self.atoms[self.runs[at].start].list > 0 { WORSE_ITEM } else { WORSE };
            let close = |&at: &usize| score(at) >= self.sums[best] - worse(at);
            let next = (0..self.runs.len()).rev().filter(able).filter(close);
            let next = next.filter(|&at| fits(&with(&chosen, at)));
            match next.max_by(|&a, &b| score(a).total_cmp(&score(b))) {
                Some(next) => chosen = with(&chosen, next),
                None => return chosen,
            }
        }
    }

    /// The runs of one procedure: text and code, text and code. With whether there are more than are shown.
    fn with_steps(&self, best: usize) -> (usize, usize, bool) {
        let (mut first, mut last, mut goes_on) = (best, best, false);
        if !matches!(self.scores.form(), Form::Steps | Form::Open) {
            return (first, last, goes_on);
        }
        let has_code = |at: usize| self.atoms[self.runs[at].clone()].iter().any(Atom::is_block);
        // Whether nothing but the paragraph of the later one stands between two runs with code.
        let step = |from: usize, to: usize| {
            let paragraph = self.atoms[self.runs[to].start].block;
            (from..to).all(|at| {
                self.atoms[self.runs[at].clone()].iter().all(|atom| atom.is_text() && atom.block == paragraph)
            })
        };
        let apart = |from: usize, to: usize| {
            (from..to).any(|at| self.atoms[self.runs[at].start].kind == AtomKind::Heading)
        };
        let most = |later: usize| {
            let text = &self.text[self.span(&self.runs[later]).clone()];
            if announces_steps(text) { WHOLE_CHARS } else { STEPS_CHARS }
        };
        while let Some(next) = (last + 1..self.runs.len()).find(|&at| has_code(at)) {
            if apart(last + 1, next) {
                break;
            }
            if !step(last + 1, next) || chars(self.text, &self.range(first, next)) > most(last + 1) {
                goes_on = true;
                break;
            }
            last = next;
        }
        while let Some(before) = (0..first).rev().find(|&at| has_code(at)) {
            if apart(before + 1, first) {
                break;
            }
            if !step(before + 1, first) || chars(self.text, &self.range(before, last)) > most(first) {
                goes_on = true;
                break;
            }
            first = before;
        }
        (first, last, goes_on)
    }

    /// With the sentence that stands right before, and with text around as long as the whole is short.
    fn with_text(&self, first: usize, last: usize) -> (usize, usize) {
        let (mut first, mut last) = (first, last);
        let is_text = |at: usize| self.atoms[self.runs[at].clone()].iter().all(Atom::is_text);
        let is_alone = !self.atoms[self.runs[first].start].is_text();
        let fits =
            |first: usize, last: usize, most: usize| chars(self.text, &self.range(first, last)) <= most;
        if let Some(before) = first.checked_sub(1).filter(|&at| is_alone && is_text(at))
            && fits(before, last, WHOLE_CHARS)
        {
            first = before;
        }
        let (most, worse) = match self.scores.form() {
            Form::Steps => (SHORT_CHARS, WORSE),
            _ => (ANSWER_CHARS, WORSE_ITEM),
        };
        let best = (first..=last).map(|at| self.sums[at]).fold(f32::MIN, f32::max);
        let block = |at: usize| self.atoms[self.runs[at].start].block;
        let close = |&at: &usize| {
            at < self.runs.len() && is_text(at) && self.is_able(at) && self.sums[at] >= best - worse
        };
        let is_code = self.atoms[self.runs[last].end - 1].kind == AtomKind::Code;
        let explained = Some(last + 1).filter(|_| is_code);
        // The paragraph behind code explains it; of what stands before, the rest of the paragraph leads there.
        let (behind, here) = (explained.filter(close).map(block), block(first));
        while let Some(after) = Some(last + 1).filter(close).filter(|&after| fits(first, after, most))
            && behind == Some(block(after))
        {
            last = after;
        }
        while let Some(before) = first.checked_sub(1).filter(close).filter(|&before| fits(before, last, most))
            && here == block(before)
        {
            first = before;
        }
        (first, last)
    }

    /// The contiguous ranges of atoms that runs make, with the items above those that are nested.
    fn pieces(&self, chosen: &[usize]) -> Vec<Range<usize>> {
        let mut pieces: Vec<Range<usize>> = Vec::new();
        for &at in chosen {
            let run = self.runs[at].clone();
            for part in self.parents_of(run.start).into_iter().map(|parent| parent..parent + 1).chain([run]) {
                match pieces.last_mut() {
                    Some(last) if part.start < last.end => last.end = last.end.max(part.end),
                    Some(last) if part.start == last.end => last.end = part.end,
                    _ => pieces.push(part),
                }
            }
        }
        pieces
    }

    /// The items above a nested atom, outermost first.
    fn parents_of(&self, at: usize) -> Vec<usize> {
        let atom = &self.atoms[at];
        let (mut depth, mut parents) = (atom.depth, Vec::new());
        for before in
            (0..at).rev().take_while(|&before| atom.list > 0 && self.atoms[before].list == atom.list)
        {
            let item = &self.atoms[before];
            if item.kind == AtomKind::Item && item.depth < depth {
                depth = item.depth;
                parents.push(before);
            }
        }
        parents.reverse();
        parents
    }

    /// The items above a nested atom, as pieces of the text.
    fn parents(&self, at: usize) -> Vec<Range<usize>> {
        self.parents_of(at).into_iter().map(|parent| self.atoms[parent].range.clone()).collect()
    }

    fn span(&self, run: &Range<usize>) -> Range<usize> {
        self.atoms[run.start].range.start..self.atoms[run.end - 1].range.end
    }

    /// A range of atoms without what says nothing at its edges.
    fn trimmed(&self, mut run: Range<usize>) -> Range<usize> {
        let is_mute = |at: usize| {
            let is_promised = at > run.start && self.atoms[at - 1].tied;
            matches!(self.atoms[at].kind, AtomKind::Silent | AtomKind::Heading) && !is_promised
        };
        let first = run.clone().find(|&at| !is_mute(at));
        let last = run.clone().rev().find(|&at| !is_mute(at));
        if let (Some(first), Some(last)) = (first, last) {
            run = first..last + 1;
        }
        run
    }

    /// Ranges of atoms as pieces of the text; what is longer than it may be is cut around what answers best.
    fn shortened(&self, runs: Vec<Range<usize>>, best: usize, most: usize) -> Choice {
        let inside = self.runs[best].clone();
        let score = |&at: &usize| self.scores.parts(&(at..at + 1)).sum();
        let focus = inside.rev().max_by(|a, b| score(a).total_cmp(&score(b))).unwrap_or(0);
        let mut choice = Choice::default();
        for run in runs {
            let run = self.trimmed(run);
            let whole = chars(self.text, &self.span(&run)) <= most;
            choice.goes_on |= !whole;
            choice.pieces.extend(cut(self.text, self.atoms, &run, focus, self.scores, most));
        }
        choice
    }
}

/// The runs of atoms that are shown as one: those that go together, and the lists that aren't taken apart.
fn runs(text: &str, atoms: &[Atom], scores: &Scores<'_>) -> Vec<Range<usize>> {
    let mut tied: Vec<bool> = atoms.iter().map(|atom| atom.tied).collect();
    let mut at = 0;
    while at < atoms.len() {
        let list = atoms[at].list;
        let end = (at..atoms.len()).find(|&end| atoms[end].list != list).unwrap_or(atoms.len());
        if list > 0 {
            let intro = at.checked_sub(1).filter(|&intro| atoms[intro].tied);
            if is_whole(text, atoms, &(at..end), intro, scores) {
                tied[at..end - 1].fill(true);
            } else {
                if let Some(intro) = intro {
                    tied[intro] = false;
                }
                tie_items(text, &atoms[at..end], &mut tied[at..end]);
            }
        }
        at = end;
    }
    // To do something, a reader needs what is said of the code and the code.
    if matches!(scores.form(), Form::Steps | Form::Open) {
        for at in 1..atoms.len() {
            let is_said = atoms[at - 1].is_text() && atoms[at - 1].list == 0;
            tied[at - 1] |= is_said && atoms[at].kind == AtomKind::Code;
        }
    }
    let mut runs: Vec<Range<usize>> = Vec::new();
    for at in 0..atoms.len() {
        match runs.last_mut() {
            Some(last) if tied[at - 1] => last.end = at + 1,
            _ => runs.push(at..at + 1),
        }
    }
    runs
}

/// Whether a list is shown as one: it is short, all of it is asked for, or none of its items stands out.
fn is_whole(
    text: &str,
    atoms: &[Atom],
    list: &Range<usize>,
    intro: Option<usize>,
    scores: &Scores<'_>,
) -> bool {
    let start = atoms[intro.unwrap_or(list.start)].range.start;
    let size = chars(text, &(start..atoms[list.end - 1].range.end));
    let ordered =
        text[atoms[list.start].range.clone()].trim_start().starts_with(|c: char| c.is_ascii_digit());
    let fits = match scores.form() {
        Form::All => size <= WHOLE_CHARS,
        Form::Steps | Form::Open if ordered => true,
        _ => size <= ANSWER_CHARS,
    };
    if fits {
        return true;
    }
    let items: Vec<usize> = list.clone().filter(|&at| atoms[at].kind == AtomKind::Item).collect();
    let sum = |at: usize| scores.parts(&(at..at + 1)).sum();
    let Some(&best) = items.iter().rev().max_by(|&&a, &&b| sum(a).total_cmp(&sum(b))) else { return true };
    let others: Vec<usize> = items.iter().copied().filter(|&at| at != best).chain(intro).collect();
    let second = others.iter().map(|&at| sum(at)).max_by(f32::total_cmp).unwrap_or(f32::MIN);
    // What nothing announces are several things rather than one, but for steps.
    if intro.is_none() && matches!(scores.form(), Form::Prose | Form::Open) {
        return false;
    }
    let stands_out = sum(best) >= second + OUTSTANDING || scores.has_more(best, &others);
    !(stands_out && intro.is_none_or(|intro| sum(best) >= sum(intro)))
}

/// Ties each item of a list to what is nested in it, if that is short.
fn tie_items(text: &str, atoms: &[Atom], tied: &mut [bool]) {
    for at in 0..atoms.len() {
        if atoms[at].kind != AtomKind::Item {
            continue;
        }
        let inside = |next: &usize| {
            let next = &atoms[*next];
            next.block == atoms[at].block || next.depth > atoms[at].depth || next.kind != AtomKind::Item
        };
        let end = (at + 1..atoms.len()).take_while(inside).last().map_or(at + 1, |last| last + 1);
        if chars(text, &(atoms[at].range.start..atoms[end - 1].range.end)) <= ANSWER_CHARS {
            tied[at..end - 1].fill(true);
        }
    }
}
