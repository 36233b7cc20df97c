//! Web pages that browsers have saved as one file: the page is one part of a message (RFC 2557).

use mail_parser::{Encoding, MessageParser, MimeHeaders, PartType};

use crate::extract::{Damaged, Draft, html};

/// Reads such a page.
pub(in super::super) fn read(file: &[u8]) -> Result<Draft, Damaged> {
    let missing = || Damaged("it is no saved web page: it contains none".into());
    let message = MessageParser::default().parse(file).ok_or_else(missing)?;
    // The root is named, or else the first page (RFC 2387, section 3.2).
    let start = message.content_type().and_then(|kind| kind.attribute("start"));
    let start = start.map(|id| id.trim_matches(['<', '>']));
    let pages = || message.parts.iter().filter(|part| matches!(part.body, PartType::Html(_)));
    let named = pages()
        .find(|part| start.is_some() && part.content_id().map(|id| id.trim_matches(['<', '>'])) == start);
    let part = named.or_else(|| pages().next()).ok_or_else(missing)?;
    let PartType::Html(text) = &part.body else { return Err(missing()) };
    let charset = part.content_type().and_then(|kind| kind.attribute("charset"));
    let bytes = message.raw_message.get(part.offset_body as usize..part.offset_end as usize);
    let mut draft = match bytes {
        Some(bytes) if charset.is_none() && part.encoding == Encoding::None => {
            html::page(&html::decode(bytes, None))
        }
        _ => html::page(text),
    }?;
    if draft.about.title.is_none() {
        draft.about.title = message.subject().map(str::to_owned).filter(|subject| !subject.is_empty());
    }
    Ok(draft)
}
