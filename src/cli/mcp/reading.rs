//! The tool `get`: a note or a part of it, as far as it fits into an answer, and how to go on.

use std::fmt::Write;
use std::path::PathBuf;

use qsearch::document::LineSpan;
use qsearch::error::{Error, NotFound};
use qsearch::get::{Note, Target};
use qsearch::library::Library;

use super::super::arguments::Arguments;
use super::super::desk::Desk;
use super::super::lines::{Line, lines};
use super::super::source::elsewhere;
use super::super::{Failure, hint, sanitize};
use super::Told;
use super::address::name_in;

/// How many characters are given unless it is told.
const CHARS: usize = 12_000;
/// The most characters that are given, whatever is asked for.
const MOST_CHARS: usize = 50_000;
/// The most bytes, as JSON writes them: a quarter is for what else an answer has.
const MOST_BYTES: usize = 75_000;

/// How a note is printed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Form {
    /// How many characters it may have.
    pub(super) chars: usize,
    /// Whether lines have their numbers.
    pub(super) numbers: bool,
}

impl Form {
    /// As much as is ever given, as it stands in the note.
    pub(super) const PLAIN: Self = Self { chars: MOST_CHARS, numbers: false };
}

/// Gives a note, or a part of it.
pub(super) fn get(
    desk: &Desk,
    arguments: &Arguments,
    _cancelled: &dyn Fn() -> bool,
) -> Result<Told, Failure> {
    let typed = arguments.text("target").trim();
    if typed.is_empty() {
        return Err(Failure::refused("`target` is empty", hint::mcp::TARGET));
    }
    let library = desk.library()?;
    let target = name_in(typed).unwrap_or_else(|| typed.to_owned());
    let (note, asked) = find(&library, &target)?;
    let form = Form {
        chars: arguments.number("max_chars", CHARS).min(MOST_CHARS),
        numbers: arguments.flag("line_numbers", true),
    };
    let lines = within(lines(&note), asked, &note)?;
    Ok(Told { text: format!("{}\n\n{}", header(&note, &lines), body(&note, &lines, form)), document: None })
}

/// The note that is meant, and the lines of it if it is to be them and no others.
///
/// Passages are found by one line, and given whole. From one line to another, exactly these lines are meant: so what says how to
/// go on leads on.
fn find(library: &Library, target: &str) -> Result<(Note, Option<LineSpan>), Error> {
    if let Some((path, lines)) = stretch(target) {
        match library.get(path) {
            Ok(note) => return Ok((note, Some(lines))),
            // A name may end so, too.
            Err(Error::NotFound(NotFound::Note { .. })) => {}
            Err(error) => return Err(error),
        }
    }
    library.get(target).map(|note| (note, None))
}

/// The path and the lines of a target like `root/a.md:10-40`.
fn stretch(target: &str) -> Option<(PathBuf, LineSpan)> {
    let (_, behind) = target.rsplit_once(':')?;
    let lines = Target::readings(target.as_ref()).into_iter().find_map(|reading| match reading {
        Target::Lines(path, lines) => Some((path, lines)),
        _ => None,
    });
    lines.filter(|_| behind.contains('-'))
}

/// Those of some lines that were asked for.
fn within<'a>(lines: Vec<Line<'a>>, asked: Option<LineSpan>, note: &Note) -> Result<Vec<Line<'a>>, Failure> {
    let Some(asked) = asked else { return Ok(lines) };
    let last = lines.last().map_or(0, |line| line.number);
    let kept: Vec<Line<'a>> =
        lines.into_iter().filter(|line| (asked.first..=asked.last).contains(&line.number)).collect();
    if kept.is_empty() {
        let name = name(note);
        let what = format!("{name} has nothing on the lines {asked}; its last line is {last}");
        return Err(Failure::refused(what, hint::mcp::whole_note(&name)));
    }
    Ok(kept)
}

/// The name of a note, as `get` takes it.
fn name(note: &Note) -> String {
    format!("{}/{}", note.root, note.path)
}

/// What stands above a note: its name, the lines that follow, its title, whether it has changed.
fn header(note: &Note, lines: &[Line<'_>]) -> String {
    let span = match lines {
        [first, .., last] => format!(":{}-{}", first.number, last.number),
        [only] => format!(":{}", only.number),
        [] => String::new(),
    };
    let title = note.passages.first().and_then(|stored| stored.title.as_deref());
    let title = title.map(|title| format!("  {}", sanitize::line(title))).unwrap_or_default();
    let stale = match &note.machine {
        Some(machine) => format!("\n(It is {}; this is what the index has of it.)", elsewhere(machine)),
        None if note.stale => {
            "\n(The file has changed or is gone; this is what the index has of it.)".to_owned()
        }
        None => String::new(),
    };
    format!("{}{span}{title}{stale}", sanitize::name(&name(note)))
}

/// The lines of a note as far as they fit, and how to go on behind them.
pub(super) fn body(note: &Note, lines: &[Line<'_>], form: Form) -> String {
    let mut out = String::new();
    let mut room = Room { chars: form.chars, bytes: MOST_BYTES };
    let mut place = None;
    for (at, line) in lines.iter().enumerate() {
        let mut shown = String::new();
        if line.place != place {
            place.clone_from(&line.place);
            if let Some(place) = &place {
                writeln!(shown, "[{}]", sanitize::line(place)).unwrap_or_default();
            }
        }
        // What isn't shown between two lines has no numbers either.
        if at > 0 && line.number > lines[at - 1].number + 1 {
            shown.push('\n');
        }
        if form.numbers {
            write!(shown, "{:>6}\t", line.number).unwrap_or_default();
        }
        let text = line.text();
        let text = sanitize::text(&text);
        shown.push_str(&text);
        shown.push('\n');
        if room.takes(&shown) {
            out.push_str(&shown);
            continue;
        }
        let mut next = Room { chars: form.chars, bytes: MOST_BYTES };
        if at > 0 && next.takes(&shown) {
            return out + &cut_before(note, lines, at);
        }
        // No answer would have room for this line.
        let fits = room.fitting(&shown);
        let hidden = shown[fits..].trim_end().chars().count();
        out.push_str(&shown[..fits]);
        return out + &cut_within(note, lines, at, text.chars().count().saturating_sub(hidden));
    }
    out.truncate(out.trim_end().len());
    out
}

/// What is said where lines are left out from this one on.
fn cut_before(note: &Note, lines: &[Line<'_>], at: usize) -> String {
    let (first, last) = (lines[at].number, lines[lines.len() - 1].number);
    format!("[cut; go on with get {:?}]", format!("{}:{first}-{last}", sanitize::name(&name(note))))
}

/// What is said where a line is cut behind so many of its characters.
fn cut_within(note: &Note, lines: &[Line<'_>], at: usize, shown: usize) -> String {
    let line = &lines[at];
    let next = line.begin_behind(shown).and_then(|passage| note.short_ids.get(passage));
    let mut ways: Vec<String> = next.map(|id| format!("#{id}")).into_iter().collect();
    if let (Some(after), Some(last)) = (lines.get(at + 1), lines.last()) {
        ways.push(format!("{}:{}-{}", sanitize::name(&name(note)), after.number, last.number));
    }
    let ways: Vec<String> = ways.iter().map(|way| format!("{way:?}")).collect();
    let go_on = match ways[..] {
        [] => "a larger max_chars shows more".to_owned(),
        _ => format!("go on with get {}", ways.join(" or ")),
    };
    format!("\n[line {} is cut; {go_on}]", line.number)
}

/// The room that is left in an answer.
#[derive(Clone, Copy, Debug)]
struct Room {
    chars: usize,
    bytes: usize,
}

impl Room {
    /// Whether there is room for a text, which then has it.
    fn takes(&mut self, text: &str) -> bool {
        let (chars, bytes) = (text.chars().count(), text.chars().map(written).sum::<usize>());
        let fits = chars <= self.chars && bytes <= self.bytes;
        if fits {
            self.chars -= chars;
            self.bytes -= bytes;
        }
        fits
    }

    /// How many bytes of a text fit.
    fn fitting(self, text: &str) -> usize {
        let mut bytes = 0;
        let fits = |(at, c): &(usize, (usize, char))| {
            bytes += written(c.1);
            *at < self.chars && bytes <= self.bytes
        };
        text.char_indices().enumerate().take_while(fits).last().map_or(0, |(_, (at, c))| at + c.len_utf8())
    }
}

/// How many bytes JSON has for a character.
fn written(c: char) -> usize {
    match c {
        '"' | '\\' | '\n' | '\t' => 2,
        c if c.is_control() => 6,
        c => c.len_utf8(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_stretches_of_lines_are_exact() {
        let of =
            |target| stretch(target).map(|(path, lines)| (path.display().to_string(), lines.to_string()));
        assert_eq!(of("notes/a.md:10-40"), Some(("notes/a.md".to_owned(), "10-40".to_owned())));
        assert_eq!(of("notes/a.md:7-7"), Some(("notes/a.md".to_owned(), "7".to_owned())));
        for other in ["notes/a.md:7", "notes/a.md", "#k3f9a2c1", "a.pdf:p3-4", "a-b.md:7", "notes/a.md:9-2"] {
            assert_eq!(of(other), None, "{other}");
        }
    }

    #[test]
    fn room_is_counted_as_json_writes_it() {
        let room = |chars, bytes| Room { chars, bytes };
        assert!(room(3, 7).takes("漢字x") && !room(2, 7).takes("漢字x") && !room(3, 6).takes("漢字x"));
        assert!(!room(9, 9).takes("\u{1}\u{2}"));
        assert_eq!(room(2, 99).fitting("äöü"), 4);
        assert_eq!(room(99, 5).fitting("漢字"), 3);
        assert_eq!(room(0, 0).fitting("x"), 0);
    }
}
