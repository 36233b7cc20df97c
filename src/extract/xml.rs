//! One walk over the XML of office files and books: elements, attributes and text, whatever the encoding.
//!
//! Names are local, without their prefix: which prefix stands for a namespace is up to whoever wrote the file. Of
//! entities only the five of XML 1.0 (§4.6) and numbers are resolved, so that none can grow. What is damaged ends the
//! walk; what came before it stays.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, BytesStart, Event as Raw};

/// What stands inside more elements than this isn't read. What office programs write stays below a hundred.
const MOST_DEPTH: usize = 256;

/// How much of a file is looked at for its declaration, in bytes.
const DECLARATION: usize = 256;

/// What comes next in XML.
#[derive(Debug)]
pub(super) enum Event<'a> {
    /// An element begins. Its end comes too, also of an empty one.
    Start(Element<'a>),
    /// The element of this local name ends.
    End(Cow<'a, str>),
    /// Text, with entities resolved; neighbours aren't joined.
    Text(Cow<'a, str>),
}

/// The start of an element.
#[derive(Debug)]
pub(super) struct Element<'a> {
    tag: BytesStart<'a>,
}

impl Element<'_> {
    /// Its name without a prefix.
    pub(super) fn name(&self) -> &str {
        self.tag.local_name().into_inner()
    }

    /// The value of the attribute of a local name; one without a prefix goes before one with any.
    pub(super) fn attribute(&self, local: &str) -> Option<String> {
        let mut prefixed = None;
        for (name, value) in self.attributes() {
            match name.split_once(':') {
                None if name == local => return Some(value),
                Some((_, name)) if name == local && prefixed.is_none() => prefixed = Some(value),
                _ => {}
            }
        }
        prefixed
    }

    /// The value of the attribute of a local name that has a prefix, such as `r:id` beside `id`.
    pub(super) fn prefixed(&self, local: &str) -> Option<String> {
        self.attributes()
            .find(|(name, _)| name.split_once(':').is_some_and(|(_, name)| name == local))
            .map(|(_, value)| value)
    }

    /// All attributes: names as they are written, and values with entities resolved.
    pub(super) fn attributes(&self) -> impl Iterator<Item = (String, String)> + '_ {
        let attributes = self.tag.html_attributes().with_checks(false).clone();
        attributes.flatten().map(|attribute| (attribute.key.0.to_owned(), resolved(&attribute.value)))
    }
}

/// A walk over XML; an iterator over its events.
pub(super) struct Events<'a> {
    reader: Reader<&'a [u8]>,
    /// The empty element that ends next.
    empty: Option<String>,
    depth: usize,
    trouble: Option<String>,
    over: bool,
}

impl<'a> Events<'a> {
    /// Begins at the start of a text.
    pub(super) fn new(text: &'a str) -> Self {
        let mut reader = Reader::from_str(text);
        let config = reader.config_mut();
        config.check_end_names = false;
        config.allow_unmatched_ends = true;
        config.allow_dangling_amp = true;
        Self { reader, empty: None, depth: 0, trouble: None, over: false }
    }

    /// Why the walk ended too early, if it did; fits after `its part a.xml `.
    pub(super) fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }

    /// One level down; `None` if that is too deep.
    fn deeper(&mut self, tag: BytesStart<'a>) -> Option<Event<'a>> {
        self.depth += 1;
        if self.depth > MOST_DEPTH {
            self.trouble =
                Some(format!("has elements nested more than {MOST_DEPTH} deep; those aren't read"));
            return None;
        }
        Some(Event::Start(Element { tag }))
    }

    /// Whether what comes is too deep to be read.
    fn is_buried(&self) -> bool {
        self.depth > MOST_DEPTH
    }
}

impl<'a> Iterator for Events<'a> {
    type Item = Event<'a>;

    fn next(&mut self) -> Option<Event<'a>> {
        if let Some(name) = self.empty.take() {
            self.depth -= 1;
            return Some(Event::End(name.into()));
        }
        while !self.over {
            match self.reader.read_event() {
                Ok(Raw::Start(tag)) => {
                    if let Some(start) = self.deeper(tag) {
                        return Some(start);
                    }
                }
                Ok(Raw::Empty(tag)) => {
                    let name = tag.local_name().into_inner().to_owned();
                    if let Some(start) = self.deeper(tag) {
                        self.empty = Some(name);
                        return Some(start);
                    }
                    self.depth -= 1;
                }
                Ok(Raw::End(tag)) => {
                    let buried = self.is_buried();
                    self.depth = self.depth.saturating_sub(1);
                    if !buried {
                        return Some(Event::End(tag.local_name().into_inner().to_owned().into()));
                    }
                }
                Ok(Raw::Text(_) | Raw::CData(_) | Raw::GeneralRef(_)) if self.is_buried() => {}
                Ok(Raw::Text(text)) => return Some(Event::Text(text.into_inner())),
                Ok(Raw::CData(text)) => return Some(Event::Text(text.into_inner())),
                Ok(Raw::GeneralRef(entity)) => {
                    if let Some(text) = meant(&entity) {
                        return Some(Event::Text(text.into()));
                    }
                }
                Ok(Raw::Eof) => {
                    self.over = true;
                    if self.depth > 0 && self.trouble.is_none() {
                        self.trouble = Some("ends too early; what is there is read".to_owned());
                    }
                }
                Ok(_) => {}
                Err(error) => {
                    let at = self.reader.error_position();
                    self.over = true;
                    self.trouble =
                        Some(format!("is damaged at byte {at} ({error}); what comes before is read"));
                }
            }
        }
        None
    }
}

/// What a reference to a character or one of the five entities means; any other says nothing.
fn meant(entity: &BytesRef) -> Option<String> {
    if let Ok(Some(c)) = entity.resolve_char_ref() {
        return Some(c.to_string());
    }
    resolve_predefined_entity(entity).map(str::to_owned)
}

/// The value of an attribute with its entities resolved; what can't be stays as it is written.
fn resolved(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(at) = rest.find('&') {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        let known = rest[1..].bytes().take(12).position(|c| c == b';').and_then(|end| {
            let meant = meant(&BytesRef::new(&rest[1..=end]))?;
            Some((meant, end + 2))
        });
        let (meant, end) = known.unwrap_or_else(|| ("&".to_owned(), 1));
        text.push_str(&meant);
        rest = &rest[end..];
    }
    text.push_str(rest);
    text
}

/// Decodes XML by its byte order mark, by its declaration, or as UTF-8 (XML 1.0, appendix F).
pub(super) fn decode(bytes: Vec<u8>) -> String {
    let (encoding, mark) = match Encoding::for_bom(&bytes) {
        Some(found) => found,
        None => (declared(&bytes), 0),
    };
    if encoding == UTF_8 && mark == 0 {
        return String::from_utf8(bytes)
            .unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned());
    }
    encoding.decode_without_bom_handling(&bytes[mark..]).0.into_owned()
}

/// The encoding that XML without a mark says it has.
fn declared(bytes: &[u8]) -> &'static Encoding {
    match bytes {
        [b'<', 0, ..] => return UTF_16LE,
        [0, b'<', ..] => return UTF_16BE,
        _ => {}
    }
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(DECLARATION)]);
    let label = || {
        let declaration = start.trim_start().strip_prefix("<?xml")?.split("?>").next()?;
        let (_, value) = declaration.split_once("encoding")?;
        let value = value.trim_start().strip_prefix('=')?.trim_start();
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        value[1..].split(quote).next()
    };
    let encoding = label().and_then(|label| Encoding::for_label(label.as_bytes())).unwrap_or(UTF_8);
    // It couldn't be read if it were.
    if encoding == UTF_16LE || encoding == UTF_16BE { UTF_8 } else { encoding }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> (String, Option<String>) {
        let mut events = Events::new(text);
        let mut shown = String::new();
        for event in events.by_ref() {
            match event {
                Event::Start(element) => {
                    shown.extend(["<", element.name()]);
                    for (name, value) in element.attributes() {
                        shown.extend([" ", &*name, "=", &*value]);
                    }
                    shown.push('>');
                }
                Event::End(name) => shown.extend(["</", &*name, ">"]),
                Event::Text(text) => shown.push_str(&text),
            }
        }
        (shown, events.trouble().map(str::to_owned))
    }

    #[test]
    fn names_are_local_and_entities_are_the_five_and_numbers() {
        let text = "<?xml version='1.0'?><!DOCTYPE a [<!ENTITY big \"x\">]><w:a w:b='1 &lt; &#x32; &big;'>\
            <c/>&amp;&#65;&big;<![CDATA[<d>]]><!-- no --></w:a>";
        assert_eq!(shown(text), ("<a w:b=1 < 2 &big;><c></c>&A<d></a>".into(), None));
    }

    #[test]
    fn attributes_without_a_prefix_go_first() {
        let Some(Event::Start(element)) = Events::new("<a r:id='rId1' id='256' w:val=\"x\"/>").next() else {
            panic!("no element")
        };
        assert_eq!(element.attribute("id").unwrap(), "256");
        assert_eq!(element.prefixed("id").unwrap(), "rId1");
        assert_eq!(element.attribute("val").unwrap(), "x");
        assert!(element.attribute("value").is_none());
    }

    #[test]
    fn damage_ends_the_walk_and_leaves_what_came_before() {
        for text in ["<a>x<b", "<a>x", "<a>x<!-- "] {
            let (shown, trouble) = shown(text);
            assert!(shown.starts_with("<a>x") && trouble.is_some(), "{text}: {shown} {trouble:?}");
        }
        assert_eq!(shown("<a>x</b></c>y</a>").1, None);
        let deep = format!("{}x{}<b>y</b>", "<a>".repeat(2_000_000), "</a>".repeat(2_000_000));
        let (shown, trouble) = shown(&deep);
        assert!(shown.ends_with("</a><b>y</b>") && !shown.contains('x'));
        assert!(trouble.unwrap().contains("nested"));
    }

    #[test]
    fn encodings_are_marked_or_declared() {
        let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
        for bytes in [
            "<a>é</a>".as_bytes().to_vec(),
            "\u{feff}<a>é</a>".as_bytes().to_vec(),
            utf16("<a>é</a>"),
            utf16("\u{feff}<a>é</a>"),
        ] {
            assert_eq!(decode(bytes), "<a>é</a>");
        }
        let latin = b"<?xml version='1.0' encoding = \"ISO-8859-1\"?><a>\xE9</a>".to_vec();
        assert!(decode(latin).ends_with("<a>é</a>"));
        assert!(decode(b"<?xml version='1.0' encoding='UTF-16'?><a>x</a>".to_vec()).ends_with("<a>x</a>"));
        assert_eq!(decode(b"\xFF<".to_vec()), "\u{fffd}<");
    }
}
