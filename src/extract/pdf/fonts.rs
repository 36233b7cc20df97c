//! What the fonts of a document tell of their glyphs: the meaning, where the file doesn't, and the weight.

use std::collections::{BTreeMap, HashMap};

use hayro_interpret::font::{FontData, OutlineGlyph};
use hayro_interpret::hayro_cmap::{BfString, CMap, CMapName, load_embedded};
use hayro_interpret::kurbo::Shape;
use skrifa::Font;
use skrifa::font::Kind;

use super::glyph::Letters;
use super::line::Style;

/// Strokes that are wider than most of a document's by this factor are bold.
const BOLD: f64 = 1.3;

/// In CFF fonts the font's own strings are numbered behind those that all fonts have (Adobe TN 5176, appendix A).
const OWN_STRINGS: i32 = 391;

/// What is known of the fonts of a document.
#[derive(Debug, Default)]
pub(super) struct Fonts {
    /// For each font program, by its key: what each of its glyphs stands for.
    meanings: HashMap<u128, HashMap<u32, Letters>>,
    /// For each glyph, by its key, how wide its strokes are.
    strokes: HashMap<u128, u16>,
    /// How many letters have strokes of a width.
    letters: BTreeMap<u16, usize>,
}

impl Fonts {
    /// What a glyph means by its own font.
    pub(super) fn meaning(&mut self, glyph: &OutlineGlyph) -> Option<Letters> {
        let data = glyph.font_data()?;
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
    for (code, glyph) in font.charmap().unicodes() {
        if let Some(c) = char::from_u32(code).and_then(|c| of_symbol(c, name)) {
            meanings.entry(glyph.to_u32()).or_insert_with(|| Letters::of_char(c));
        }
    }
    if let Some(characters) = collection(&font) {
        for cid in 0..=font.max_cid().unwrap_or(0).min(u32::from(u16::MAX)) {
            let glyph = font.glyph_by_cid(cid).map(skrifa::GlyphId::to_u32);
            if let (Some(glyph), Some(meant)) = (glyph, characters.lookup_bf_string(cid)) {
                meanings.entry(glyph).or_insert_with(|| match meant {
                    BfString::Char(c) => Letters::of_char(c),
                    BfString::String(text) => Letters::of_text(&text),
                });
            }
        }
    }
    meanings
}

/// The characters of a font whose glyphs are numbered by one of Adobe's collections.
fn collection(font: &Font) -> Option<CMap> {
    let Kind::Cff(cff, _) = font.kind() else { return None };
    if !cff.is_cid() {
        return None;
    }
    let names = (OWN_STRINGS..OWN_STRINGS + 8).filter_map(|number| cff.string(number.into()));
    let characters = names.into_iter().find_map(|name| match name {
        b"Japan1" => Some(CMapName::AdobeJapan1Ucs2),
        b"GB1" => Some(CMapName::AdobeGb1Ucs2),
        b"CNS1" => Some(CMapName::AdobeCns1Ucs2),
        b"Korea1" => Some(CMapName::AdobeKorea1Ucs2),
        _ => None,
    })?;
    CMap::parse(load_embedded(characters)?, load_embedded)
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
