//! What a document says of itself: its information dictionary and its XMP packet (ISO 32000-2, 14.3).

use hayro_interpret::hayro_syntax::Pdf;
use hayro_interpret::hayro_syntax::metadata::Metadata;
use hayro_interpret::hayro_syntax::object::{Dict, Stream};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::super::draft::one_line;
use super::{budget, text_string};
use crate::document::About;

/// No packet of metadata is read beyond this, in bytes.
const MOST_XMP: usize = 1 << 20;

/// No document has more authors.
const MOST_AUTHORS: usize = 50;

/// What a document says of itself; titles that say nothing of it aren't its title.
pub(super) fn about(pdf: &Pdf, catalog: &Dict<'_>) -> About {
    let info = pdf.metadata();
    let text = |bytes: &Option<Box<[u8]>>| bytes.as_deref().map(text_string::decode).unwrap_or_default();
    let xmp =
        packet(catalog).map(|packet| read_packet(&String::from_utf8_lossy(&packet))).unwrap_or_default();
    let titles = [one_line(&text(&info.title)), one_line(&xmp.title)];
    let mut authors = people(&text(&info.author));
    if authors.is_empty() || xmp.authors.len() > authors.len() {
        let named: Vec<_> = xmp.authors.iter().flat_map(|author| people(author)).collect();
        authors = if named.is_empty() { authors } else { named };
    }
    About {
        title: titles.into_iter().find(|title| is_title(title)),
        authors,
        date: date(info).or_else(|| day(&xmp.date)),
        tags: Vec::new(),
    }
}

/// The day on which it was written, as its information dictionary has it.
fn date(info: &Metadata) -> Option<String> {
    let made = info.creation_date.or(info.modification_date)?;
    day(&format!("{:04}-{:02}-{:02}", made.year, made.month, made.day))
}

/// The day at the start of a date of ISO 8601, if PDFs were made on it.
fn day(date: &str) -> Option<String> {
    let mut parts = date.get(..10)?.split('-').map(|part| part.parse::<u16>().ok());
    let is_day = matches!((parts.next()??, parts.next()??, parts.next()??), (1985..=2200, 1..=12, 1..=31));
    is_day.then(|| date[..10].to_owned())
}

/// Whether a title may be one that a person gave; many programs put in the file's name, or their own.
pub(super) fn is_title(title: &str) -> bool {
    let lower = title.trim().to_lowercase();
    let letters = lower.chars().filter(|c| c.is_alphabetic()).count();
    let useless = [
        "untitled",
        "unbenannt",
        "sans titre",
        "sans nom",
        "sin título",
        "document",
        "dokument",
        "unknown",
        "none",
        "no title",
        "title",
        "(anonymous)",
        "anonymous",
        "null",
        "(null)",
        "default",
        "slide 1",
        "powerpoint presentation",
        "powerpoint-präsentation",
        "présentation powerpoint",
        "presentation",
        "pdf",
        "print",
        "paper title",
        "type the document title",
        "无标题",
        "無題",
    ];
    let of_programs =
        ["microsoft word", "microsoft powerpoint", "microsoft excel", "untitled-", "untitled document"];
    let of_files = [
        ".doc", ".docx", ".dvi", ".pdf", ".tex", ".ps", ".eps", ".indd", ".qxd", ".qxp", ".ppt", ".pptx",
        ".xls", ".xlsx", ".odt", ".odp", ".rtf", ".txt", ".html", ".htm", ".fm", ".pmd", ".p65", ".cdr",
        ".ai", ".vp", ".wpd", ".pages", ".book",
    ];
    let is_path = lower.contains(":\\") || lower.starts_with(['/', '\\']) || lower.starts_with("file:");
    // `1706.03762v5`, `DSC_0042`, `f1040`: names that are mostly digits, in one word.
    let digits = lower.chars().filter(char::is_ascii_digit).count();
    let parts = lower.split(['-', '_']).count();
    let is_code = !lower.contains(' ') && (digits >= letters || lower.contains('_') || parts > 2);
    letters >= 3
        && !useless.contains(&lower.trim_end_matches(['.', ' ', '1', '2']))
        && !of_programs.iter().any(|start| lower.starts_with(start))
        && !of_files.iter().any(|end| lower.ends_with(end))
        && !is_path
        && !is_code
        && !title.contains('\u{fffd}')
}

/// The people of a list such as `Ada Lovelace; Charles Babbage` or `A. Lovelace and C. Babbage`.
fn people(list: &str) -> Vec<String> {
    let list = list.replace('\n', ";").replace(" and ", ";").replace(" & ", ";");
    let separator = if list.contains(';') { ';' } else { ',' };
    // `Lovelace, Ada` is one person.
    let is_one = separator == ',' && list.split(',').any(|part| !part.trim().contains(' '));
    let parts: Vec<&str> = if is_one { vec![&list] } else { list.split(separator).collect() };
    let useless = ["unknown", "user", "admin", "administrator", "author", "anonymous", "root", "owner"];
    parts
        .into_iter()
        .map(one_line)
        .filter(|name| name.chars().filter(|c| c.is_alphabetic()).count() > 1)
        .filter(|name| {
            !useless.contains(&name.to_lowercase().trim_matches(['(', ')'])) && !name.contains('\u{fffd}')
        })
        .take(MOST_AUTHORS)
        .collect()
}

/// The XMP packet of a document.
fn packet(catalog: &Dict<'_>) -> Option<Vec<u8>> {
    let stream = catalog.get::<Stream<'_>>(b"Metadata")?;
    if budget::unpacked_size(&stream, MOST_XMP)? > MOST_XMP {
        return None;
    }
    stream.decoded_data().ok().map(std::borrow::Cow::into_owned)
}

/// What an XMP packet says.
#[derive(Default)]
struct Xmp {
    title: String,
    authors: Vec<String>,
    date: String,
}

/// Reads the Dublin Core of an XMP packet (ISO 16684-1, section 8.3), as far as it is sound.
fn read_packet(packet: &str) -> Xmp {
    let mut xmp = Xmp::default();
    let mut reader = Reader::from_str(packet);
    reader.config_mut().check_end_names = false;
    let mut within = String::new();
    let mut text = String::new();
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag)) => {
                attributes(&tag, &mut xmp);
                let name = tag.name().as_ref().to_owned();
                if is_known(&name) {
                    within = name;
                }
                text.clear();
            }
            Ok(Event::Empty(tag)) => attributes(&tag, &mut xmp),
            Ok(Event::Text(part)) => text.push_str(&part),
            Ok(Event::GeneralRef(name)) => text.push_str(&entity(&name)),
            Ok(Event::End(tag)) => {
                xmp.take(&within, &text);
                text.clear();
                if tag.name().as_ref() == within.as_str() {
                    within.clear();
                }
            }
            Ok(Event::Eof) | Err(_) => return xmp,
            Ok(_) => {}
        }
    }
}

fn is_known(name: &str) -> bool {
    matches!(name, "dc:title" | "dc:creator" | "xmp:CreateDate" | "dc:date" | "xap:CreateDate")
}

/// What stands in attributes, which is another way to write the same.
fn attributes(tag: &BytesStart<'_>, xmp: &mut Xmp) {
    for attribute in tag.attributes().flatten() {
        if is_known(attribute.key.as_ref()) {
            xmp.take(attribute.key.as_ref(), &html_escape::decode_html_entities(&attribute.value));
        }
    }
}

fn entity(name: &str) -> String {
    html_escape::decode_html_entities(&format!("&{name};")).into_owned()
}

impl Xmp {
    fn take(&mut self, key: &str, value: &str) {
        let value = value.trim();
        if value.is_empty() {
            return;
        }
        match key {
            "dc:title" if self.title.is_empty() => value.clone_into(&mut self.title),
            "dc:creator" if self.authors.len() < MOST_AUTHORS => self.authors.push(value.to_owned()),
            "xmp:CreateDate" | "xap:CreateDate" | "dc:date" if self.date.is_empty() => {
                value.clone_into(&mut self.date);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_that_say_nothing_are_none() {
        for title in
            ["Owls of Europe", "The Case for Learned Index Structures", "Приключения Шерлока", "GPT-4 Report"]
        {
            assert!(is_title(title), "{title}");
        }
        for title in [
            "",
            "  ",
            "untitled",
            "Untitled.",
            "Microsoft Word - report.docx",
            "thesis.dvi",
            "C:\\a\\b",
            "1706.03762v5",
            "DSC_0042",
            "12",
            "(anonymous)",
            "PowerPoint Presentation",
            "document1",
            "a",
        ] {
            assert!(!is_title(title), "{title}");
        }
    }

    #[test]
    fn authors_are_people() {
        assert_eq!(people("Ada Lovelace; Charles Babbage"), ["Ada Lovelace", "Charles Babbage"]);
        assert_eq!(
            people("Ada Lovelace, Charles Babbage and Me Too"),
            ["Ada Lovelace, Charles Babbage", "Me Too"]
        );
        assert_eq!(people("Lovelace, Ada"), ["Lovelace, Ada"]);
        assert_eq!(people("Administrator"), [""; 0]);
    }

    #[test]
    fn a_packet_is_read_as_far_as_it_is_sound() {
        let packet = r#"<x:xmpmeta><rdf:RDF><rdf:Description xmp:CreateDate="2021-03-04T05:06:07Z">
            <dc:title><rdf:Alt><rdf:li xml:lang="x-default">Owls &amp; Mice</rdf:li></rdf:Alt></dc:title>
            <dc:creator><rdf:Seq><rdf:li>Ada</rdf:li><rdf:li>Bob</rdf:li></rdf:Seq></dc:creator><broken"#;
        let xmp = read_packet(packet);
        assert_eq!((xmp.title.as_str(), xmp.authors.join("|").as_str()), ("Owls & Mice", "Ada|Bob"));
        assert_eq!(day(&xmp.date).as_deref(), Some("2021-03-04"));
        assert_eq!((day("2021-13-04"), day("0001-01-01"), day("2021")), (None, None, None));
    }
}
