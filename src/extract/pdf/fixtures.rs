//! Small PDFs for tests, written by hand.

use std::fmt::Write;

/// The size of a page of tests, in points.
pub(super) const HEIGHT: f64 = 792.0;

/// The number of the first page's object; each page has two.
const FIRST_PAGE: usize = 7;

/// What a page shows.
#[derive(Clone, Default)]
pub(super) struct Page {
    content: String,
    entries: String,
}

/// A font of a page: upright, bold, with letters of one width.
#[derive(Clone, Copy)]
pub(super) enum Font {
    Plain = 1,
    Bold = 2,
    Mono = 3,
}

impl Page {
    /// Shows a text at a place, counted from the upper left corner.
    pub(super) fn text(mut self, x: f64, y: f64, font: Font, size: f64, text: &str) -> Self {
        let text = text.replace('\\', "\\\\").replace('(', "\\(").replace(')', "\\)").replace('•', "\\225");
        let font = font as usize;
        let _ = writeln!(self.content, "BT /F{font} {size} Tf {x} {} Td ({text}) Tj ET", HEIGHT - y);
        self
    }

    /// Shows lines below each other in 10 points, 12 apart, from a height on.
    pub(super) fn lines(self, x: f64, y: f64, lines: &[&str]) -> Self {
        (0..)
            .zip(lines)
            .fold(self, |page, (row, text)| page.text(x, y + 12.0 * f64::from(row), Font::Plain, 10.0, text))
    }

    /// Adds what the page's content has besides.
    pub(super) fn raw(mut self, content: &str) -> Self {
        self.content.push_str(content);
        self.content.push('\n');
        self
    }

    /// Adds entries to the page's dictionary.
    pub(super) fn entries(mut self, entries: &str) -> Self {
        self.entries.push_str(entries);
        self
    }
}

/// A document of pages.
#[derive(Default)]
pub(super) struct Document {
    pages: Vec<Page>,
    catalog: String,
    info: String,
    objects: Vec<Vec<u8>>,
}

impl Document {
    /// A document of these pages.
    pub(super) fn of(pages: impl IntoIterator<Item = Page>) -> Self {
        Self { pages: pages.into_iter().collect(), ..Self::default() }
    }

    /// Adds entries to the catalog.
    pub(super) fn catalog(mut self, entries: &str) -> Self {
        self.catalog.push_str(entries);
        self
    }

    /// Adds entries to what the document says of itself.
    pub(super) fn info(mut self, entries: &str) -> Self {
        self.info.push_str(entries);
        self
    }

    /// Adds an object, which is number [`Document::next`] before.
    pub(super) fn object(mut self, object: impl Into<Vec<u8>>) -> Self {
        self.objects.push(object.into());
        self
    }

    /// The number of the next object that is added.
    pub(super) fn next(&self) -> usize {
        FIRST_PAGE + 2 * self.pages.len() + self.objects.len()
    }

    /// The number of a page's object, counted from 0.
    pub(super) fn page_id(page: usize) -> usize {
        FIRST_PAGE + 2 * page
    }

    /// The file.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let kids: String = (0..self.pages.len())
            .fold(String::new(), |kids, page| kids + &format!("{} 0 R ", Self::page_id(page)));
        let font = |name: &str| {
            format!("<</Type/Font/Subtype/Type1/BaseFont/{name}/Encoding/WinAnsiEncoding>>").into_bytes()
        };
        let mut objects: Vec<Vec<u8>> = vec![
            format!("<</Type/Catalog/Pages 2 0 R{}>>", self.catalog).into_bytes(),
            format!("<</Type/Pages/Count {}/Kids[{kids}]>>", self.pages.len()).into_bytes(),
            font("Helvetica"),
            font("Helvetica-Bold"),
            font("Courier"),
            format!("<<{}>>", self.info).into_bytes(),
        ];
        for (number, page) in self.pages.iter().enumerate() {
            let content = Self::page_id(number) + 1;
            objects.push(
                format!(
                    "<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents {content} 0 R\
                     /Resources<</Font<</F1 3 0 R/F2 4 0 R/F3 5 0 R>>>>{}>>",
                    page.entries
                )
                .into_bytes(),
            );
            objects.push(stream("", page.content.as_bytes()));
        }
        objects.extend(self.objects.iter().cloned());
        written(&objects, "/Info 6 0 R")
    }
}

/// A stream with entries in its dictionary.
pub(super) fn stream(entries: &str, data: &[u8]) -> Vec<u8> {
    let mut stream = format!("<<{entries}/Length {}>>stream\n", data.len()).into_bytes();
    stream.extend_from_slice(data);
    stream.extend_from_slice(b"\nendstream");
    stream
}

/// A file of objects, the first of which is the catalog.
pub(super) fn written(objects: &[Vec<u8>], trailer: &str) -> Vec<u8> {
    let mut file = b"%PDF-1.7\n".to_vec();
    let mut offsets = Vec::new();
    for (number, object) in (1..).zip(objects) {
        offsets.push(file.len());
        file.extend(format!("{number} 0 obj\n").bytes());
        file.extend_from_slice(object);
        file.extend_from_slice(b"\nendobj\n");
    }
    let start = file.len();
    let size = objects.len() + 1;
    file.extend(format!("xref\n0 {size}\n0000000000 65535 f \n").bytes());
    for offset in offsets {
        file.extend(format!("{offset:010} 00000 n \n").bytes());
    }
    file.extend(format!("trailer<</Size {size}/Root 1 0 R{trailer}>>\nstartxref\n{start}\n%%EOF").bytes());
    file
}
