//! Jupyter notebooks, nbformat 2 to 4 → their cells as Markdown.
//!
//! Markdown cells stand as they are, code cells as fenced code in the notebook's language. Of what code has printed the
//! beginning is kept, for it says what the code is about; images and HTML aren't. The format is described in
//! <https://nbformat.readthedocs.io/en/latest/format_description.html>.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::draft::one_line;
use super::{Damaged, Draft};
use crate::document::{Place, floor};

/// No notebook has more cells; each may take some hundred bytes of text for a few of its own.
const MAX_CELLS: u32 = 100_000;

/// No more of what a cell has printed is kept, in bytes, nor more of its outputs, in number.
const MAX_OUTPUT: usize = 1000;
const MAX_OUTPUTS: usize = 20;

/// What is said where output is cut off.
const MORE: &str = "\n…";

/// Reads a notebook.
pub(super) fn read(file: &[u8]) -> Result<Draft, Damaged> {
    let file = file.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(file);
    let damaged = |error: serde_json::Error| Damaged(error.to_string());
    if !file.trim_ascii_start().starts_with(b"{") {
        return Err(Damaged("it is no JSON object".into()));
    }
    // Metadata may stand behind the cells, and each cell needs them.
    let head: Head = serde_json::from_slice(file).map_err(damaged)?;
    if !matches!(head.nbformat, 2..=4) {
        return Err(Damaged(format!("it is a notebook of format {}; 2 to 4 can be read", head.nbformat)));
    }
    let mut writer = Writer { language: head.metadata.language(), draft: Draft::default(), cells: 0 };
    let mut json = serde_json::Deserializer::from_slice(file);
    Notebook(&mut writer).deserialize(&mut json).map_err(damaged)?;
    Ok(writer.draft)
}

/// What a notebook says of itself.
#[derive(Deserialize)]
struct Head {
    nbformat: u32,
    #[serde(default)]
    metadata: Metadata,
}

#[derive(Default, Deserialize)]
struct Metadata {
    #[serde(default)]
    kernelspec: Option<Named>,
    #[serde(default)]
    language_info: Option<Named>,
}

/// The language of a kernel, as each of the two places calls it.
#[derive(Deserialize)]
struct Named {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    language: Option<String>,
}

impl Metadata {
    /// The language of the code, in letters that may stand behind a fence.
    fn language(self) -> String {
        let info = self.language_info.and_then(|info| info.name);
        let language = info.or_else(|| self.kernelspec.and_then(|kernel| kernel.language));
        // Notebooks that don't say it are of the time when there was one language.
        let language = language.unwrap_or_else(|| "python".to_owned()).to_lowercase();
        language.chars().filter(|c| c.is_ascii_alphanumeric() || "+#-_".contains(*c)).take(20).collect()
    }
}

/// Writes cells down as they are read.
struct Writer {
    language: String,
    draft: Draft,
    cells: u32,
}

/// A cell of either format.
#[derive(Deserialize)]
struct Cell<'a> {
    #[serde(borrow, rename = "cell_type")]
    kind: Cow<'a, str>,
    #[serde(borrow, default)]
    source: Lines<'a>,
    /// The source of code in format 3.
    #[serde(borrow, default)]
    input: Lines<'a>,
    /// The level of a heading in format 3.
    #[serde(default)]
    level: Option<u8>,
    #[serde(borrow, default)]
    outputs: Outputs<'a>,
}

/// What code has printed, or what it came to.
#[derive(Deserialize)]
struct Output<'a> {
    /// Printed text; in format 3, also a result.
    #[serde(borrow, default)]
    text: Lines<'a>,
    #[serde(borrow, default)]
    data: Data<'a>,
    /// An error's name and what it says.
    #[serde(borrow, default)]
    ename: Cow<'a, str>,
    #[serde(borrow, default)]
    evalue: Cow<'a, str>,
}

/// A result, in the forms that are text.
#[derive(Default, Deserialize)]
struct Data<'a> {
    #[serde(borrow, default, rename = "text/plain")]
    plain: Lines<'a>,
    #[serde(borrow, default, rename = "text/markdown")]
    markdown: Lines<'a>,
}

impl Writer {
    fn cell(&mut self, cell: &Cell<'_>) {
        self.cells += 1;
        let source = if cell.source.0.is_empty() { &cell.input.0 } else { &cell.source.0 };
        self.draft.begin(Place::Cell { number: self.cells });
        match &*cell.kind {
            "code" => {
                self.draft.code(&self.language, source);
                let mut left = MAX_OUTPUT;
                for output in &cell.outputs.0 {
                    self.output(output, &mut left);
                }
            }
            "heading" => {
                let level = usize::from(cell.level.unwrap_or(1).clamp(1, 6));
                let line = one_line(source);
                self.draft.paragraph(&format!("{} {line}", "#".repeat(level)));
            }
            _ => {
                let source = without_images(source);
                self.draft.paragraph(&source);
                self.draft.close_fence(&source);
            }
        }
    }

    /// Adds an output, of which so many bytes are `left`.
    fn output(&mut self, output: &Output<'_>, left: &mut usize) {
        let data = &output.data;
        let error = if output.ename.is_empty() {
            String::new()
        } else {
            format!("{}: {}", output.ename, output.evalue)
        };
        let texts = [&*data.markdown.0, &*data.plain.0, &*output.text.0, &*error];
        // `<Figure size 640x480>` only says that there is something to see.
        let is_figure = |text: &str| text.starts_with('<') && text.ends_with('>');
        let text =
            texts.into_iter().find(|text| !text.trim().is_empty() && !is_figure(text)).unwrap_or_default();
        let text = without_escapes(&text[..floor(text, 4 * *left)]);
        let kept = &text[..floor(&text, *left)];
        let more = if kept.len() < text.len() && *left > 0 { MORE } else { "" };
        *left -= kept.len();
        self.draft.code("output", &format!("{}{more}", kept.trim_end()));
    }
}

/// A text without images that stand in it as data.
fn without_images(text: &str) -> Cow<'_, str> {
    const DATA: &str = "data:image/";
    if !text.contains(DATA) {
        return text.into();
    }
    let mut parts = text.split(DATA);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str("image");
        out.push_str(&part[part.find([')', '"', '\'', '>', ' ', '\n']).unwrap_or(part.len())..]);
    }
    out.into()
}

/// A text without the escape sequences of terminals (ECMA-48, section 5.4).
fn without_escapes(text: &str) -> Cow<'_, str> {
    if !text.contains('\u{1b}') {
        return text.into();
    }
    let mut parts = text.split('\u{1b}');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.strip_prefix('[').map_or(part, |sequence| {
            let end = sequence.find(|c: char| ('@'..='~').contains(&c));
            end.map_or("", |end| &sequence[end + 1..])
        });
        out.push_str(rest);
    }
    out.into()
}

/// A text that may be written as a list of its lines.
#[derive(Default)]
struct Lines<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Lines<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = Lines<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text or a list of lines")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Lines<'de>, E> {
                Ok(Lines(text.into()))
            }

            fn visit_str<E>(self, text: &str) -> Result<Lines<'de>, E> {
                Ok(Lines(text.to_owned().into()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut lines: A) -> Result<Lines<'de>, A::Error> {
                let mut text = String::new();
                while let Some(line) = lines.next_element::<Lines<'de>>()? {
                    // Before format 4 a line may come without its end.
                    if !text.is_empty() && !text.ends_with('\n') {
                        text.push('\n');
                    }
                    text.push_str(&line.0);
                }
                Ok(Lines(text.into()))
            }

            fn visit_unit<E>(self) -> Result<Lines<'de>, E> {
                Ok(Lines::default())
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Lines<'de>, A::Error> {
                // Results may be data of any kind; only text is wanted.
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Lines::default())
            }

            fn visit_bool<E>(self, _: bool) -> Result<Lines<'de>, E> {
                Ok(Lines::default())
            }

            fn visit_u64<E>(self, _: u64) -> Result<Lines<'de>, E> {
                Ok(Lines::default())
            }

            fn visit_i64<E>(self, _: i64) -> Result<Lines<'de>, E> {
                Ok(Lines::default())
            }

            fn visit_f64<E>(self, _: f64) -> Result<Lines<'de>, E> {
                Ok(Lines::default())
            }
        }
        from.deserialize_any(Text)
    }
}

/// The first few outputs of a cell.
#[derive(Default)]
struct Outputs<'a>(Vec<Output<'a>>);

impl<'de: 'a, 'a> Deserialize<'de> for Outputs<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Few;
        impl<'de> Visitor<'de> for Few {
            type Value = Outputs<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of outputs")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut all: A) -> Result<Outputs<'de>, A::Error> {
                let mut outputs = Vec::new();
                while outputs.len() < MAX_OUTPUTS
                    && let Some(output) = all.next_element()?
                {
                    outputs.push(output);
                }
                while all.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Outputs(outputs))
            }
        }
        from.deserialize_seq(Few)
    }
}

/// A notebook, whose cells are written down one by one.
struct Notebook<'w>(&'w mut Writer);

impl<'de> DeserializeSeed<'de> for Notebook<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Notebook<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a notebook")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            match &*key {
                "cells" => map.next_value_seed(Cells(self.0))?,
                "worksheets" => map.next_value_seed(Worksheets(self.0))?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

/// The worksheets of format 3, each with cells.
struct Worksheets<'w>(&'w mut Writer);

impl<'de> DeserializeSeed<'de> for Worksheets<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Worksheets<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of worksheets")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sheets: A) -> Result<(), A::Error> {
        while sheets.next_element_seed(Notebook(self.0))?.is_some() {}
        Ok(())
    }
}

/// The cells of a notebook.
struct Cells<'w>(&'w mut Writer);

impl<'de> DeserializeSeed<'de> for Cells<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Cells<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of cells")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut cells: A) -> Result<(), A::Error> {
        while let Some(cell) = cells.next_element::<Cell<'de>>()? {
            self.0.cell(&cell);
            if self.0.cells > MAX_CELLS {
                return Err(A::Error::custom(format_args!("it has more than {MAX_CELLS} cells")));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "notebook_tests.rs"]
mod tests;
