//! Messages → Markdown: who writes to whom and when, what about, what they say, and what is attached.
//!
//! Messages are read by mail-parser (RFC 5322, MIME, RFC 2047 and 2231). Of several forms of a text the plain one is
//! taken, if it says something. Files that are attached and can be read follow, each under its name.

mod mbox;
mod mhtml;
mod plain;

use mail_parser::{Address, Encoding, Message, MessageParser, MessagePart, MimeHeaders, PartType};

use super::{Damaged, Draft, html, within};
use crate::document::Place;
use crate::encoding::Utf16;

pub(super) use mbox::read as read_mailbox;
pub(super) use mhtml::read as read_page;

/// No more people are named in a line.
const MAX_PEOPLE: usize = 30;

/// Of what is attached to a message no more is read, in number.
const MAX_ATTACHED: usize = 20;

/// A plain text shorter than this, in bytes, gives way to a page that says much more.
const SHORT: usize = 200;

/// Words for messages that only those can read to whom they were written.
const ENCRYPTED: &str = "its text is encrypted; only who wrote it, when and what about are read";

/// Reads a message, which may be attached to others at a depth.
pub(super) fn read(file: &[u8], depth: usize) -> Result<Draft, Damaged> {
    let decoded;
    let file = if Utf16::of(file).is_some() {
        decoded = html::decode(file, None).into_owned();
        decoded.as_bytes()
    } else {
        file.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(file)
    };
    let file = of_apple(file).unwrap_or(file);
    let message = parse(file).ok_or_else(|| Damaged("it is no message: it has no headers".into()))?;
    let mut draft = Draft::default();
    draft.begin(Place::Message { number: 1 });
    write(&mut draft, &message, 1, depth);
    about(&mut draft, &message);
    Ok(draft)
}

/// The message in a file of Apple Mail (`emlx`): its length stands before it, and a property list behind it.
fn of_apple(file: &[u8]) -> Option<&[u8]> {
    let end = file.iter().take(20).position(|byte| *byte == b'\n')?;
    let length: usize = std::str::from_utf8(&file[..end]).ok()?.trim().parse().ok()?;
    let message = &file[end + 1..];
    Some(&message[..length.min(message.len())])
}

/// Reads the parts of a message, if it has headers.
fn parse(file: &[u8]) -> Option<Message<'_>> {
    let message = MessageParser::default().parse(file)?;
    let is_header = |name: &str| {
        [
            "from",
            "to",
            "cc",
            "subject",
            "date",
            "message-id",
            "mime-version",
            "content-type",
            "received",
            "sender",
        ]
        .iter()
        .any(|known| name.eq_ignore_ascii_case(known))
    };
    message.headers().iter().any(|header| is_header(header.name.as_str())).then_some(message)
}

/// What a message says of itself.
fn about(draft: &mut Draft, message: &Message<'_>) {
    draft.about.title = message.subject().map(str::to_owned).filter(|subject| !subject.trim().is_empty());
    draft.about.date =
        day(message).map(|(day, time)| if time.is_empty() { day } else { format!("{day}T{time}") });
    let authors = message.from().map(|from| from.iter().filter_map(|author| name(author)).take(5).collect());
    draft.about.authors = authors.unwrap_or_default();
}

/// The name of a person, or the address, if there is no name.
fn name(person: &mail_parser::Addr<'_>) -> Option<String> {
    person.name().or(person.address()).map(str::to_owned).filter(|name| !name.trim().is_empty())
}

/// Writes a message under a heading of a level.
fn write(draft: &mut Draft, message: &Message<'_>, level: usize, depth: usize) {
    let subject = message.subject().map(str::trim).filter(|subject| !subject.is_empty());
    draft.heading(level, &plain::no_tags(subject.unwrap_or("(no subject)")));
    let attached: Vec<(String, &MessagePart<'_>)> =
        message.attachments().filter_map(|part| Some((attached_name(part)?, part))).collect();
    let mut lines = Vec::new();
    for (label, people) in [("From", message.from()), ("To", message.to()), ("Cc", message.cc())] {
        if let Some(people) = people.map(people_of).filter(|people| !people.is_empty()) {
            lines.push(format!("{label}: {people}"));
        }
    }
    if let Some((day, time)) = day(message) {
        lines.push(format!("Date: {day} {time}").trim_end().to_owned());
    }
    if !attached.is_empty() {
        let names: Vec<&str> = attached.iter().map(|(name, _)| &**name).collect();
        lines.push(format!("Attachments: {}", names.join(", ")));
    }
    draft.plain(&lines.join("\n"));
    if is_encrypted(message) {
        draft.warn(ENCRYPTED);
    } else {
        text(draft, message);
    }
    for (name, part) in attached.into_iter().take(MAX_ATTACHED) {
        let Some(file) = attachment(part, &name, depth) else { continue };
        draft.begin(Place::Attachment { name: name.clone() });
        match file {
            Ok(file) => draft.within(level + 1, &name, &file),
            Err(damaged) => draft.warn(format!("{name}: {damaged}")),
        }
    }
}

/// Reads what is attached, if it can be.
fn attachment(part: &MessagePart<'_>, name: &str, depth: usize) -> Option<Result<Draft, Damaged>> {
    match &part.body {
        PartType::Message(message) if depth < 2 => {
            let mut draft = Draft::default();
            write(&mut draft, message, 1, depth + 1);
            Some(Ok(draft))
        }
        PartType::Message(_) | PartType::Multipart(_) => None,
        PartType::Html(page) => Some(html::page(page)),
        PartType::Text(text) if !name.contains('.') => {
            let mut draft = Draft::default();
            plain::write(&mut draft, text, false);
            Some(Ok(draft))
        }
        PartType::Text(text) => within::read(name, text.as_bytes(), depth),
        PartType::Binary(bytes) | PartType::InlineBinary(bytes) => within::read(name, bytes, depth),
    }
}

/// What an attachment is called.
fn attached_name(part: &MessagePart<'_>) -> Option<String> {
    let named = part.attachment_name().map(str::to_owned).or_else(|| match &part.body {
        PartType::Message(message) => Some(message.subject().unwrap_or("message").to_owned()),
        PartType::Text(_) => Some("text".to_owned()),
        _ => None,
    });
    // Names may be whole paths, and written by anybody.
    let name = named?.chars().filter(|c| !c.is_control()).collect::<String>();
    let is_message = matches!(part.body, PartType::Message(_));
    let name = if is_message { &*name } else { name.rsplit(['/', '\\']).next().unwrap_or_default() };
    let name: String = name.trim().chars().take(120).collect();
    (!name.is_empty()).then_some(name)
}

/// People, as they stand in a line: `Ann Lee <ann@example.org>, bo@example.org`.
fn people_of(people: &Address<'_>) -> String {
    let mut all: Vec<String> = people
        .iter()
        .take(MAX_PEOPLE)
        .filter_map(|person| match (person.name(), person.address()) {
            (Some(name), Some(address)) if name != address => Some(format!("{name} <{address}>")),
            (_, Some(one)) | (Some(one), None) => Some(one.to_owned()),
            (None, None) => None,
        })
        .collect();
    if people.iter().nth(MAX_PEOPLE).is_some() {
        all.push("and others".to_owned());
    }
    super::draft::one_line(&all.join(", "))
}

/// The day and the time of a message, where it was sent.
fn day(message: &Message<'_>) -> Option<(String, String)> {
    let Some(date) = message.date().filter(|date| date.is_valid()) else {
        // Some programs write dates as other formats have them.
        let date = html::date(message.header_raw("Date")?)?;
        let (day, time) = date.split_once('T').unwrap_or((&date, ""));
        return Some((day.to_owned(), time.to_owned()));
    };
    let day = format!("{:04}-{:02}-{:02}", date.year, date.month, date.day);
    Some((day, format!("{:02}:{:02}", date.hour, date.minute)))
}

/// Whether nobody can read a message but those to whom it was written: PGP (RFC 3156), S/MIME (RFC 8551).
fn is_encrypted(message: &Message<'_>) -> bool {
    message.parts.iter().any(|part| {
        let is_enveloped = || {
            let kind = part.content_type().and_then(|kind| kind.attribute("smime-type"));
            kind.is_none_or(|kind| kind.eq_ignore_ascii_case("enveloped-data"))
        };
        part.is_content_type("multipart", "encrypted")
            || part.is_content_type("application", "pgp-encrypted")
            || ((part.is_content_type("application", "pkcs7-mime")
                || part.is_content_type("application", "x-pkcs7-mime"))
                && is_enveloped())
    })
}

/// Writes what a message says.
fn text(draft: &mut Draft, message: &Message<'_>) {
    for (at, &id) in message.text_body.iter().enumerate() {
        let Some(part) = message.part(id) else { continue };
        match &part.body {
            PartType::Html(page) => write_page(draft, message, part, page),
            PartType::Text(text) => {
                // Some programs send a plain text that only says that there is none.
                let page = message.html_part(at as u32).filter(|_| text.trim().len() < SHORT);
                if let Some(part) = page
                    && let PartType::Html(page) = &part.body
                    && says_more(page, text)
                {
                    write_page(draft, message, part, page);
                    continue;
                }
                let text = as_sent(message, part).unwrap_or_else(|| text.to_string());
                let is_flowed = part
                    .content_type()
                    .and_then(|kind| kind.attribute("format"))
                    .is_some_and(|format| format.eq_ignore_ascii_case("flowed"));
                if text.trim_start().starts_with("-----BEGIN PGP MESSAGE-----") {
                    draft.warn(ENCRYPTED);
                } else {
                    plain::write(draft, &text, is_flowed);
                }
            }
            _ => {}
        }
    }
}

/// Whether a page says much more than a plain text.
fn says_more(page: &str, text: &str) -> bool {
    let mut draft = Draft::default();
    html::body(&mut draft, page, &html::Options::default());
    draft.text.len() > 4 * text.trim().len()
}

/// Writes a text that is a web page, all of it.
fn write_page(draft: &mut Draft, message: &Message<'_>, part: &MessagePart<'_>, page: &str) {
    let sent = as_sent(message, part);
    html::body(draft, sent.as_deref().unwrap_or(page), &html::Options::default());
}

/// A text whose encoding no header says, as its bytes look.
fn as_sent(message: &Message<'_>, part: &MessagePart<'_>) -> Option<String> {
    let is_said = part.content_type().is_some_and(|kind| kind.attribute("charset").is_some());
    if is_said || part.encoding != Encoding::None {
        return None;
    }
    let bytes = message.raw_message.get(part.offset_body as usize..part.offset_end as usize)?;
    std::str::from_utf8(bytes).is_err().then(|| html::decode(bytes, None).into_owned())
}

#[cfg(test)]
#[path = "../mail_tests.rs"]
mod tests;
