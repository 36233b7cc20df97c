//! The drawing of a page, of which only the glyphs are kept.

use std::panic::resume_unwind;

use hayro_interpret::font::{self, GlyphRun, OutlineGlyph, PositionedGlyph};
use hayro_interpret::hayro_cmap::{BfString, WritingMode};
use hayro_interpret::hayro_syntax::Pdf;
use hayro_interpret::hayro_syntax::object::{Dict, String as Bytes};
use hayro_interpret::kurbo::{Affine, BezPath, Point, Rect, Shape};
use hayro_interpret::{BlendMode, ClipPath, Device, DrawMode, DrawProps, Image, ImageDrawProps, SoftMask};

use super::fonts::{Fonts, of_code, of_symbol, style};
use super::glyph::{Glyph, Letters, UNKNOWN};
use super::line::Style;
use super::text_string::decode;

/// No page is drawn further than so many operations.
const MOST_OPERATIONS: usize = 2_000_000;

/// No more glyphs of a page are kept.
const MOST_GLYPHS: usize = 400_000;

/// No longer text is taken for what some glyphs mean together, in bytes.
const MOST_MEANT: usize = 40;

/// Where the next glyph stands if the font doesn't say it, in thousandths of its size.
const WIDTH: f32 = 500.0;

/// What is thrown when a page draws too much.
pub(super) struct OutOfBudget;

/// Whether a character means something only among those who have agreed on it.
fn is_private(c: char) -> bool {
    matches!(u32::from(c), 0xe000..=0xf8ff | 0xf0000..)
}

/// Marked content that is open (ISO 32000-1, 14.6).
#[derive(Clone, Debug, Default)]
struct Marked {
    /// Its number, or that of the content around it.
    number: Option<u32>,
    /// Whether it is an artifact.
    artifact: bool,
    /// What its glyphs mean together, by the file, and the number of the first (14.9.4).
    meaning: Option<(Letters, usize)>,
}

/// Takes the glyphs of a page as they are drawn.
pub(super) struct Sheet<'f> {
    pdf: &'f Pdf,
    fonts: &'f mut Fonts,
    /// What has been drawn, in the order of drawing.
    pub(super) glyphs: Vec<Glyph>,
    /// How many glyphs nobody can tell the meaning of.
    pub(super) unknown: usize,
    /// How much of the page is images, in square points.
    pub(super) images: f64,
    /// The size of the page.
    size: Rect,
    /// What can be seen of what is drawn, for each clip that is on.
    clips: Vec<Rect>,
    /// The marked content that is open, from the outermost.
    marked: Vec<Marked>,
    /// How many operations have drawn so far.
    pub(super) operations: usize,
}

impl<'f> Sheet<'f> {
    /// An empty sheet of a size.
    pub(super) fn new(pdf: &'f Pdf, fonts: &'f mut Fonts, size: Rect) -> Self {
        let clips = vec![size.inflate(1.0, 1.0)];
        Self {
            pdf,
            fonts,
            glyphs: vec![],
            unknown: 0,
            images: 0.0,
            size,
            clips,
            marked: vec![],
            operations: 0,
        }
    }

    /// Counts an operation, and ends the drawing when there were too many.
    fn count(&mut self) {
        self.operations += 1;
        if self.operations > MOST_OPERATIONS || self.glyphs.len() > MOST_GLYPHS {
            resume_unwind(Box::new(OutOfBudget));
        }
    }

    /// What can be seen now.
    fn clip(&self) -> Rect {
        self.clips.last().copied().unwrap_or(self.size)
    }

    fn push_clip(&mut self, rect: Rect) {
        self.count();
        let clip = self.clip().intersect(rect.inflate(1.0, 1.0));
        self.clips.push(clip);
    }

    /// How the letters of a run look. Where the font has no name here, their strokes tell.
    fn style(&mut self, run: &GlyphRun<'_, '_>) -> Style {
        let mut outlines = run.glyphs().iter().filter_map(|glyph| match &**glyph {
            font::Glyph::Outline(glyph) => Some(glyph),
            font::Glyph::Type3(_) => None,
        });
        let Some(first) = outlines.next() else { return Style::default() };
        if let Some(style) = style(first) {
            return style;
        }
        let is_letter = |glyph: &&OutlineGlyph| matches!(glyph.as_unicode(), Some(BfString::Char(c)) if c.is_alphabetic());
        let letter = std::iter::once(first).chain(outlines).take(8).find(is_letter);
        let stroke = letter.map_or(0, |letter| self.fonts.stroke(letter, run.glyphs().len()));
        Style { bold: stroke > 0 && stroke >= self.fonts.bold(), ..Style::default() }
    }

    /// Keeps a glyph, if it can be seen.
    fn keep(
        &mut self,
        glyph: &PositionedGlyph<'_>,
        page: Affine,
        vertical: bool,
        hidden: bool,
        style: Style,
    ) {
        let to_page = page * glyph.transform();
        let at = to_page * Point::ZERO;
        let width = f64::from(match &**glyph {
            font::Glyph::Outline(glyph) => glyph.advance_width().unwrap_or(WIDTH),
            font::Glyph::Type3(glyph) => glyph.advance_width().unwrap_or(WIDTH),
        });
        let end = to_page * if vertical { Point::new(0.0, -1000.0) } else { Point::new(width, 0.0) };
        let [right_x, right_y, up_x, up_y, ..] = to_page.as_coeffs();
        let size = 1000.0 * up_x.hypot(up_y);
        let finite = [at.x, at.y, end.x, end.y, size].iter().all(|number| number.is_finite());
        let up = Point::new(500.0 * up_x, 500.0 * up_y);
        let middle = Point::new((at.x + end.x + up.x) / 2.0, (at.y + end.y + up.y) / 2.0);
        if !finite || !self.clip().contains(middle) {
            return;
        }
        let text = self.meaning(glyph);
        let (marked, artifact) =
            self.marked.last().map_or((None, false), |marked| (marked.number, marked.artifact));
        self.glyphs.push(Glyph {
            text,
            at: (at.x, at.y),
            end: (end.x, end.y),
            angle: right_y.atan2(right_x).to_degrees(),
            size: size.max(0.01),
            vertical,
            style,
            hidden,
            marked,
            artifact,
        });
    }

    /// What a glyph means: by the file, or by its own font.
    fn meaning(&mut self, glyph: &font::Glyph<'_>) -> Letters {
        let told = match glyph.as_unicode() {
            Some(BfString::Char('\0' | UNKNOWN)) | None => None,
            Some(BfString::Char(c)) if !is_private(c) => return Letters::of_char(c),
            Some(BfString::Char(c)) => Some(c),
            Some(BfString::String(text)) => return Letters::of_text(&text),
        };
        let own = match glyph {
            font::Glyph::Outline(outline) => self.fonts.meaning(outline, self.pdf),
            font::Glyph::Type3(glyph) => of_code(glyph.char_code()),
        };
        if let Some(letters) = own {
            return letters;
        }
        if let Some(c) = told.and_then(|c| of_symbol(c, "symbol")) {
            return Letters::One(c);
        }
        self.unknown += 1;
        Letters::One(UNKNOWN)
    }
}

/// Lets glyphs mean together what the file says, if they are few and of one line.
fn replace(run: &mut [Glyph], meaning: Letters) {
    let Some((first, others)) = run.split_first_mut() else { return };
    let is_near = |other: &Glyph| {
        let (x, y) = (other.at.0 - first.at.0, other.at.1 - first.at.1);
        x.hypot(y) < 8.0 * first.size && (x.abs() < 0.1 * first.size || y.abs() < 0.5 * first.size)
    };
    if others.len() < MOST_MEANT / 4 && others.iter().all(is_near) {
        first.text = meaning;
        for other in others {
            other.text = Letters::of_text("");
        }
    }
}

/// The size of letters whose font is made of drawings, and may be of any scale: most letters are half as wide as high.
fn correct_size(run: &mut [Glyph]) {
    let widths = run.iter().map(|glyph| (glyph.end.0 - glyph.at.0).hypot(glyph.end.1 - glyph.at.1));
    let size = 2.0 * widths.sum::<f64>() / run.len().max(1) as f64;
    for glyph in run {
        if size > 0.0 && !(0.35..2.8).contains(&(glyph.size / size)) {
            glyph.size = size;
        }
    }
}

impl Device<'_> for Sheet<'_> {
    fn draw_path(&mut self, _: &BezPath, _: DrawProps<'_>, _: &DrawMode) {
        self.count();
    }

    fn draw_rect(&mut self, _: &Rect, _: DrawProps<'_>, _: &DrawMode) {
        self.count();
    }

    fn push_clip_path(&mut self, clip: &ClipPath) {
        self.push_clip(clip.path.bounding_box());
    }

    fn push_clip_rect(&mut self, rect: &Rect) {
        self.push_clip(*rect);
    }

    fn pop_clip(&mut self) {
        if self.clips.len() > 1 {
            self.clips.pop();
        }
    }

    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'_>>, _: BlendMode) {
        self.count();
    }

    fn pop_transparency_group(&mut self) {}

    fn draw_image(&mut self, image: Image<'_, '_>, props: ImageDrawProps<'_>) {
        self.count();
        let (width, height) = (f64::from(image.width()), f64::from(image.height()));
        let shown = props.transform.transform_rect_bbox(Rect::new(0.0, 0.0, width, height));
        self.images += shown.intersect(self.clip()).intersect(self.size).area();
    }

    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, '_>, props: DrawProps<'_>, mode: &DrawMode) {
        let vertical = matches!(run.writing_mode(), WritingMode::Vertical);
        let hidden = matches!(mode, DrawMode::Invisible);
        let style = self.style(run);
        let first = self.glyphs.len();
        for glyph in run.glyphs() {
            self.count();
            self.keep(glyph, props.transform, vertical, hidden, style);
        }
        if let Some(font::Glyph::Type3(_)) = run.glyphs().first().map(|glyph| &**glyph) {
            correct_size(&mut self.glyphs[first..]);
        }
    }

    fn begin_marked_content(&mut self, tag: &[u8], properties: Option<&Dict<'_>>) {
        self.count();
        let around = self.marked.last().cloned().unwrap_or_default();
        let number = properties.and_then(|properties| properties.get::<u32>(b"MCID"));
        let meaning = properties.and_then(|properties| properties.get::<Bytes<'_>>(b"ActualText"));
        let meaning = meaning.filter(|meaning| meaning.as_bytes().len() <= MOST_MEANT);
        self.marked.push(Marked {
            number: number.or(around.number),
            artifact: around.artifact || tag == b"Artifact",
            meaning: meaning
                .map(|meaning| (Letters::of_text(&decode(meaning.as_bytes())), self.glyphs.len())),
        });
    }

    fn end_marked_content(&mut self) {
        if let Some(Marked { meaning: Some((meaning, first)), .. }) = self.marked.pop() {
            replace(&mut self.glyphs[first..], meaning);
        }
    }
}
