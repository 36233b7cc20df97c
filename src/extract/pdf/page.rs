//! One page of a PDF → its lines, in the order of reading.

use std::panic::{AssertUnwindSafe, catch_unwind};

use hayro_interpret::hayro_syntax::Pdf;
use hayro_interpret::hayro_syntax::page::Page;
use hayro_interpret::kurbo::Rect;
use hayro_interpret::{
    Context, InterpreterCache, InterpreterSettings, RenderContent, TransformExt, interpret_page,
};

use super::device::{OutOfBudget, Sheet};
use super::fonts::Fonts;
use super::line::Line;
use super::order;
use super::segment::segments;

/// The text of a page.
#[derive(Clone, Debug, Default)]
pub(super) struct PageText {
    /// Its lines, in the order of reading.
    pub(super) lines: Vec<Line>,
    /// How many glyphs it has.
    pub(super) glyphs: usize,
    /// How many of them nobody can tell the meaning of.
    pub(super) unknown: usize,
    /// Which share of it is images, from 0 to 1.
    pub(super) images: f64,
    /// Its width and height as it is shown, in points.
    pub(super) size: (f64, f64),
    /// Whether it draws more than is read of a page; `lines` has what came first.
    pub(super) out_of_budget: bool,
    /// How many operations it took to draw.
    pub(super) operations: usize,
    /// Whether the library has failed on it; `lines` has what came first.
    pub(super) broken: bool,
}

/// Reads the pages of a document, one after another, and keeps what they share.
pub(super) struct PageReader<'a> {
    pdf: &'a Pdf,
    cache: InterpreterCache<'a>,
    settings: InterpreterSettings,
    fonts: Fonts,
}

impl<'a> PageReader<'a> {
    /// A reader of a document's pages.
    pub(super) fn new(pdf: &'a Pdf) -> Self {
        let settings = InterpreterSettings { render_content: RenderContent::PAGE, ..Default::default() };
        Self { pdf, cache: InterpreterCache::new(), settings, fonts: Fonts::default() }
    }

    /// Reads a page.
    pub(super) fn lines(&mut self, page: &Page<'a>) -> PageText {
        let (width, height) = page.render_dimensions();
        let (width, height) = (f64::from(width), f64::from(height));
        let shown = Rect::new(0.0, 0.0, width, height);
        let mut context = Context::new(
            page.initial_transform(true).to_kurbo(),
            shown,
            &self.cache,
            self.pdf.xref(),
            self.settings.clone(),
        );
        let mut sheet = Sheet::new(self.pdf, &mut self.fonts, shown);
        let drawn = catch_unwind(AssertUnwindSafe(|| interpret_page(page, &mut context, &mut sheet)));
        let out_of_budget = drawn.as_ref().is_err_and(|thrown| thrown.is::<OutOfBudget>());
        PageText {
            lines: order::lines(&sheet.glyphs, segments(&sheet.glyphs)),
            glyphs: sheet.glyphs.len(),
            unknown: sheet.unknown,
            images: (sheet.images / shown.area().max(1.0)).min(1.0),
            size: (width, height),
            operations: sheet.operations,
            out_of_budget,
            broken: drawn.is_err() && !out_of_budget,
        }
    }
}

#[cfg(test)]
#[path = "page_tests.rs"]
mod tests;
