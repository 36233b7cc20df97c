//! Small documents of each kind, made anew: what is needed of a format and no more.

#![allow(dead_code, clippy::allow_attributes, reason = "each test uses some of them")]

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};

use zip::write::SimpleFileOptions;

/// A PDF with these pages, each of these lines in Helvetica. Characters are Latin letters and signs.
pub(crate) fn pdf(pages: &[&[&str]]) -> Vec<u8> {
    let contents = |lines: &[&str]| {
        let mut content = String::from("BT /F1 12 Tf 72 720 Td 16 TL\n");
        for line in lines {
            let line = line.replace('\\', "\\\\").replace('(', "\\(").replace(')', "\\)");
            writeln!(content, "({line}) Tj T*").unwrap();
        }
        content + "ET"
    };
    let kids: Vec<String> = (0..pages.len()).map(|page| format!("{} 0 R", 4 + 2 * page)).collect();
    let kids = kids.join(" ");
    let mut objects = vec![
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        format!("<< /Type /Pages /Kids [{kids}] /Count {} >>", pages.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    for (number, lines) in pages.iter().enumerate() {
        objects.push(format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> >> \
             /Contents {} 0 R >>",
            5 + 2 * number
        ));
        let content = contents(lines);
        objects.push(format!("<< /Length {} >>\nstream\n{content}\nendstream", content.len()));
    }
    objects_of_pdf(&objects)
}

/// A PDF of these objects, the first of which is the catalog.
pub(crate) fn objects_of_pdf(objects: &[String]) -> Vec<u8> {
    let mut file = b"%PDF-1.7\n".to_vec();
    let mut offsets = Vec::new();
    for (number, object) in (1..).zip(objects) {
        offsets.push(file.len());
        file.extend_from_slice(format!("{number} 0 obj\n{object}\nendobj\n").as_bytes());
    }
    let table = file.len();
    file.extend_from_slice(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).as_bytes());
    for offset in offsets {
        file.extend_from_slice(format!("{offset:010} 00000 n \n").as_bytes());
    }
    let trailer =
        format!("trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n", objects.len() + 1);
    file.extend_from_slice(trailer.as_bytes());
    file
}

/// A ZIP with these files.
pub(crate) fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        archive.start_file(*name, SimpleFileOptions::default()).unwrap();
        archive.write_all(content).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

const RELATIONS: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

fn relations(targets: &[(&str, &str)]) -> String {
    let mut xml = format!("<Relationships xmlns=\"{RELATIONS}\">");
    for (number, (kind, target)) in (1..).zip(targets) {
        write!(xml, "<Relationship Id=\"rId{number}\" Type=\"{OFFICE}/{kind}\" Target=\"{target}\"/>")
            .unwrap();
    }
    xml + "</Relationships>"
}

/// A document of Word: paragraphs; one that begins with `# ` is a heading.
pub(crate) fn docx(paragraphs: &[&str]) -> Vec<u8> {
    let mut body = String::new();
    for paragraph in paragraphs {
        let (style, text) = match paragraph.strip_prefix("# ") {
            Some(heading) => ("<w:pPr><w:pStyle w:val=\"Heading1\"/></w:pPr>", heading),
            None => ("", *paragraph),
        };
        write!(body, "<w:p>{style}<w:r><w:t>{text}</w:t></w:r></w:p>").unwrap();
    }
    let word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
    let document = format!("<w:document xmlns:w=\"{word}\"><w:body>{body}</w:body></w:document>");
    let styles = format!(
        "<w:styles xmlns:w=\"{word}\"><w:style w:type=\"paragraph\" w:styleId=\"Heading1\"><w:name w:val=\"heading 1\"/>\
         </w:style></w:styles>"
    );
    zip(&[
        ("_rels/.rels", relations(&[("officeDocument", "word/document.xml")]).as_bytes()),
        ("word/_rels/document.xml.rels", relations(&[("styles", "styles.xml")]).as_bytes()),
        ("word/document.xml", document.as_bytes()),
        ("word/styles.xml", styles.as_bytes()),
    ])
}

/// A presentation: slides, each with a title and a text.
pub(crate) fn pptx(slides: &[(&str, &str)]) -> Vec<u8> {
    let names = "xmlns:p=\"http://schemas.openxmlformats.org/presentationml/2006/main\" \
                 xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\" \
                 xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"";
    let shape = |kind: &str, text: &str| {
        format!(
            "<p:sp><p:nvSpPr><p:nvPr>{kind}</p:nvPr></p:nvSpPr><p:txBody><a:p><a:r><a:t>{text}</a:t></a:r></a:p>\
             </p:txBody></p:sp>"
        )
    };
    let mut files: Vec<(String, String)> = Vec::new();
    let (mut ids, mut targets) = (String::new(), Vec::new());
    for (number, (title, text)) in (1..).zip(slides) {
        let shapes = shape("<p:ph type=\"title\"/>", title) + &shape("<p:ph type=\"body\"/>", text);
        let slide = format!("<p:sld {names}><p:cSld><p:spTree>{shapes}</p:spTree></p:cSld></p:sld>");
        files.push((format!("ppt/slides/slide{number}.xml"), slide));
        write!(ids, "<p:sldId id=\"{}\" r:id=\"rId{number}\"/>", 255 + number).unwrap();
        targets.push(format!("slides/slide{number}.xml"));
    }
    let targets: Vec<(&str, &str)> = targets.iter().map(|target| ("slide", target.as_str())).collect();
    files.push(("ppt/_rels/presentation.xml.rels".into(), relations(&targets)));
    files.push((
        "ppt/presentation.xml".into(),
        format!("<p:presentation {names}><p:sldIdLst>{ids}</p:sldIdLst></p:presentation>"),
    ));
    files.push(("_rels/.rels".into(), relations(&[("officeDocument", "ppt/presentation.xml")])));
    let files: Vec<(&str, &[u8])> =
        files.iter().map(|(name, content)| (name.as_str(), content.as_bytes())).collect();
    zip(&files)
}

/// A text in `OpenDocument`: paragraphs; one that begins with `# ` is a heading.
pub(crate) fn odt(paragraphs: &[&str]) -> Vec<u8> {
    let mut body = String::new();
    for paragraph in paragraphs {
        match paragraph.strip_prefix("# ") {
            Some(text) => write!(body, "<text:h text:outline-level=\"1\">{text}</text:h>").unwrap(),
            None => write!(body, "<text:p>{paragraph}</text:p>").unwrap(),
        }
    }
    let content = format!(
        "<office:document-content xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" \
         xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\"><office:body><office:text>{body}</office:text>\
         </office:body></office:document-content>"
    );
    zip(&[("mimetype", b"application/vnd.oasis.opendocument.text"), ("content.xml", content.as_bytes())])
}

/// A workbook of one sheet with this name: rows of texts.
pub(crate) fn xlsx(sheet: &str, rows: &[&[&str]]) -> Vec<u8> {
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let mut data = String::new();
    for (number, row) in (1..).zip(rows) {
        write!(data, "<row r=\"{number}\">").unwrap();
        for (column, cell) in ('A'..='Z').zip(*row) {
            write!(data, "<c r=\"{column}{number}\" t=\"inlineStr\"><is><t>{cell}</t></is></c>").unwrap();
        }
        data.push_str("</row>");
    }
    let workbook = format!(
        "<workbook xmlns=\"{main}\" xmlns:r=\"{OFFICE}\"><sheets><sheet name=\"{sheet}\" sheetId=\"1\" r:id=\"rId1\"/>\
         </sheets></workbook>"
    );
    let worksheet = format!("<worksheet xmlns=\"{main}\"><sheetData>{data}</sheetData></worksheet>");
    zip(&[
        ("_rels/.rels", relations(&[("officeDocument", "xl/workbook.xml")]).as_bytes()),
        ("xl/_rels/workbook.xml.rels", relations(&[("worksheet", "worksheets/sheet1.xml")]).as_bytes()),
        ("xl/workbook.xml", workbook.as_bytes()),
        ("xl/worksheets/sheet1.xml", worksheet.as_bytes()),
    ])
}

/// A book: chapters, each with a title and a text. The table of contents has the titles.
pub(crate) fn epub(chapters: &[(&str, &str)]) -> Vec<u8> {
    let mut files: Vec<(String, String)> = Vec::new();
    let [mut items, mut spine, mut contents] = [(); 3].map(|()| String::new());
    for (number, (title, text)) in (1..).zip(chapters) {
        let page = format!(
            "<html xmlns=\"http://www.w3.org/1999/xhtml\"><head><title>x</title></head><body><h1>{title}</h1><p>{text}</p>\
             </body></html>"
        );
        files.push((format!("OEBPS/part{number}.xhtml"), page));
        write!(
            items,
            "<item id=\"c{number}\" href=\"part{number}.xhtml\" media-type=\"application/xhtml+xml\"/>"
        )
        .unwrap();
        write!(spine, "<itemref idref=\"c{number}\"/>").unwrap();
        write!(contents, "<li><a href=\"part{number}.xhtml\">{title}</a></li>").unwrap();
    }
    files.push((
        "META-INF/container.xml".into(),
        "<container xmlns=\"urn:oasis:names:tc:opendocument:xmlns:container\" version=\"1.0\"><rootfiles><rootfile \
         full-path=\"OEBPS/book.opf\" media-type=\"application/oebps-package+xml\"/></rootfiles></container>"
            .into(),
    ));
    files.push((
        "OEBPS/book.opf".into(),
        format!(
            "<package xmlns=\"http://www.idpf.org/2007/opf\" version=\"3.0\"><metadata \
             xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><dc:title>The Book</dc:title></metadata><manifest><item id=\"nav\" \
             href=\"nav.xhtml\" properties=\"nav\" media-type=\"application/xhtml+xml\"/>{items}</manifest><spine>{spine}\
             </spine></package>"
        ),
    ));
    files.push((
        "OEBPS/nav.xhtml".into(),
        format!(
            "<html xmlns=\"http://www.w3.org/1999/xhtml\" xmlns:epub=\"http://www.idpf.org/2007/ops\"><body><nav \
             epub:type=\"toc\"><ol>{contents}</ol></nav></body></html>"
        ),
    ));
    let files: Vec<(&str, &[u8])> =
        files.iter().map(|(name, content)| (name.as_str(), content.as_bytes())).collect();
    zip(&files)
}

/// A message with a subject and a text.
pub(crate) fn eml(subject: &str, text: &str) -> Vec<u8> {
    format!(
        "From: Kim <kim@example.org>\r\nTo: Ada <ada@example.org>\r\nSubject: {subject}\r\n\
         Date: Wed, 1 May 2024 14:30:00 +0000\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
    )
    .into_bytes()
}
