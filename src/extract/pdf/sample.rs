//! Small PDFs, made for tests.

use std::fmt::Write;

/// A PDF of one page with this content. `/F1` is Helvetica, `/F2` is Helvetica in bold, `/F3` Courier, `/F4` a font of two
/// bytes that means what its codes are in UTF-16, and `/F5` one of Japanese that is written downward.
pub(super) fn page(content: &str) -> Vec<u8> {
    turned(content, 0)
}

/// The same, with the page turned clockwise by so many degrees.
pub(super) fn turned(content: &str, degrees: i32) -> Vec<u8> {
    let font = |name: &str| format!("<</Type/Font/Subtype/Type1/BaseFont/{name}/Encoding/WinAnsiEncoding>>");
    let inner = "<</Type/Font/Subtype/CIDFontType2/BaseFont/Any/DW 600\
        /CIDSystemInfo<</Registry(Adobe)/Ordering(Japan1)/Supplement 6>>>>";
    let composite = |encoding: &str| {
        format!(
            "<</Type/Font/Subtype/Type0/BaseFont/Any/Encoding/{encoding}/ToUnicode 10 0 R/DescendantFonts[8 0 R]>>"
        )
    };
    let map = "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def\n\
        1 begincodespacerange <0000> <FFFF> endcodespacerange\n\
        3 beginbfrange <0000> <05FF> <0000> <3000> <9FFF> <3000> <FB00> <FBFF> <FB00> endbfrange\n\
        endcmap end end";
    let fonts = "<</F1 4 0 R/F2 5 0 R/F3 6 0 R/F4 7 0 R/F5 9 0 R>>";
    let objects = [
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Count 1/Kids[3 0 R]>>".to_owned(),
        format!(
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Rotate {degrees}/Contents 11 0 R/Resources<</Font {fonts}>>>>"
        ),
        font("Helvetica"),
        font("Helvetica-Bold"),
        font("Courier"),
        composite("Identity-H"),
        inner.to_owned(),
        composite("Identity-V"),
        format!("<</Length {}>>stream\n{map}\nendstream", map.len()),
        format!("<</Length {}>>stream\n{content}\nendstream", content.len()),
    ];
    file(&objects)
}

/// A PDF of these objects, numbered from 1; the first is the catalog.
pub(super) fn file(objects: &[String]) -> Vec<u8> {
    let mut pdf = "%PDF-1.7\n".to_owned();
    let mut starts = Vec::new();
    for (number, object) in (1..).zip(objects) {
        starts.push(pdf.len());
        let _ = write!(pdf, "{number} 0 obj\n{object}\nendobj\n");
    }
    let table = pdf.len();
    let _ = write!(pdf, "xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for start in starts {
        let _ = writeln!(pdf, "{start:010} 00000 n ");
    }
    let _ = write!(pdf, "trailer<</Size {}/Root 1 0 R>>\nstartxref\n{table}\n%%EOF\n", objects.len() + 1);
    pdf.into_bytes()
}
