//! What the fonts of a document tell of their glyphs: the meaning, where the file doesn't, and the weight.

use std::collections::{BTreeMap, HashMap};

use hayro_interpret::font::{FontData, OutlineGlyph};
use hayro_interpret::hayro_syntax::Pdf;
use hayro_interpret::kurbo::Shape;
use skrifa::Font;

use super::codes::Codes;
use super::glyph::Letters;
use super::line::Style;

/// Strokes that are wider than most of a document's by this factor are bold.
const BOLD: f64 = 1.3;

/// No more characters of a font are looked at.
const MOST_CHARACTERS: usize = 200_000;

/// What is known of the fonts of a document.
#[derive(Debug, Default)]
pub(super) struct Fonts {
    /// For each font program, by its key: what each of its glyphs stands for.
    meanings: HashMap<u128, HashMap<u32, Letters>>,
    /// For each glyph, by its key, how wide its strokes are.
    strokes: HashMap<u128, u16>,
    /// How many letters have strokes of a width.
    letters: BTreeMap<u16, usize>,
    /// What codes of composite fonts mean, once that is asked for.
    codes: Option<Codes>,
}

impl Fonts {
    /// What a glyph means by its own font.
    pub(super) fn meaning(&mut self, glyph: &OutlineGlyph, pdf: &Pdf) -> Option<Letters> {
        let Some(data) = glyph.font_data() else { return of_code(glyph.char_code()) };
        let codes = self.codes.get_or_insert_with(|| Codes::of(pdf));
        let name = data.postscript_name.as_deref().unwrap_or_default();
        if let Some(letters) = codes.meaning(name, glyph.char_code()) {
            return Some(letters);
        }
        let name = || data.postscript_name.as_deref().unwrap_or_default().to_lowercase();
        let meanings = self.meanings.entry(data.cache_key).or_insert_with(|| meanings(&data.data, &name()));
        meanings.get(&glyph.glyph_id().to_u32()).cloned()
    }

    /// How wide a letter's strokes are, in thousandths of its size, for fonts that have no name here.
    pub(super) fn stroke(&mut self, glyph: &OutlineGlyph, letters: usize) -> u16 {
        let stroke = *self.strokes.entry(glyph.identifier().cache_key()).or_insert_with(|| {
            let outline = glyph.outline();
            let (area, around) = (outline.area().abs(), outline.perimeter(1.0));
            if around > 0.0 { (2.0 * area / around) as u16 } else { 0 }
        });
        *self.letters.entry(stroke).or_default() += letters;
        stroke
    }

    /// From which width on strokes are bold.
    pub(super) fn bold(&self) -> u16 {
        let all: usize = self.letters.values().sum();
        let mut seen = 0;
        let middle = self.letters.iter().find(|(_, letters)| {
            seen += **letters;
            2 * seen >= all
        });
        middle.map_or(u16::MAX, |(stroke, _)| (f64::from(*stroke) * BOLD) as u16)
    }
}

/// What a code means in a font that names its glyphs in a way that says nothing: most have letters where ASCII has them,
/// and those of TeX ligatures before.
pub(super) fn of_code(code: u32) -> Option<Letters> {
    Some(match code {
        0x0b => Letters::of_text("ff"),
        0x0c => Letters::of_text("fi"),
        0x0d => Letters::of_text("fl"),
        0x0e => Letters::of_text("ffi"),
        0x0f => Letters::of_text("ffl"),
        0x20..=0x7e => Letters::One(char::from_u32(code)?),
        _ => return None,
    })
}

/// How letters of a font look, by its name and what its data says.
pub(super) fn style(glyph: &OutlineGlyph) -> Option<Style> {
    let data = glyph.font_data()?;
    let name = data.postscript_name.unwrap_or_default().to_lowercase();
    let has = |parts: &[&str]| parts.iter().any(|part| name.contains(part));
    Some(Style {
        bold: has(&["bold", "black", "heavy", "demi", "-bd"])
            || data.weight.is_some_and(|weight| weight >= 600),
        italic: has(&["italic", "oblique", "-it"]) || data.is_italic,
        mono: has(&["mono", "courier", "consol", "typewriter"]) || data.is_monospace,
    })
}

/// What each glyph of a font stands for, by its character map or the names of its glyphs.
fn meanings(data: &FontData, name: &str) -> HashMap<u32, Letters> {
    let Some(font) = Font::new(data.clone(), 0) else { return HashMap::new() };
    let mut meanings = HashMap::new();
    for (code, glyph) in font.charmap().unicodes().take(MOST_CHARACTERS) {
        if let Some(c) = char::from_u32(code).and_then(|c| of_symbol(c, name)) {
            meanings.entry(glyph.to_u32()).or_insert_with(|| Letters::of_char(c));
        }
    }
    meanings
}

/// What a character of a font stands for that may be a symbol font: those have their letters at U+F020 to U+F0FF.
pub(super) fn of_symbol(c: char, name: &str) -> Option<char> {
    let code = match u32::from(c) {
        code @ 0xf020..=0xf0ff => code - 0xf000,
        0xe000..=0xf8ff | 0xf0000.. => return None,
        _ => return Some(c),
    };
    if name.contains("symbol") || name.contains("dings") || name.contains("webdings") {
        // Nearly all of what these are used for are the marks of lists.
        return Some('•');
    }
    char::from_u32(code).filter(|c| !c.is_control())
}
