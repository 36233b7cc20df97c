//! Events from bytes, however they are cut: server-sent events, and JSON line by line.
//!
//! Both are lines of UTF-8. [Server-sent events](https://html.spec.whatwg.org/multipage/server-sent-events.html) have their
//! data behind `data:` and end with an empty line; what servers leave out of that is forgiven where it is clear what they
//! mean. Of lines of JSON each is an event.

use serde::de::IgnoredAny;

/// How long a line or the data of an event may be.
const MOST_BYTES: usize = 1 << 20;
/// The mark at the beginning of some texts.
const BOM: &[u8] = b"\xef\xbb\xbf";

/// How events are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// As server-sent events.
    Sent,
    /// Each as a line of JSON.
    Lines,
    /// Not as events: one JSON after the other, over as many lines as it takes.
    Bare,
}

/// A line that nobody would read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooLong;

/// What makes events of bytes.
#[derive(Debug)]
pub(super) struct Events {
    form: Form,
    /// The line that has no end yet.
    line: Vec<u8>,
    /// The data of the event that has no end yet.
    data: Option<String>,
    /// Whether the data is no JSON, whatever follows.
    torn: bool,
    /// Whether the last byte was a carriage return, so that a line feed behind it is no other end.
    after_return: bool,
    /// Whether no line has ended yet.
    first: bool,
}

impl Events {
    /// Nothing has come yet.
    pub(super) fn new(form: Form) -> Self {
        Self { form, line: Vec::new(), data: None, torn: false, after_return: false, first: true }
    }

    /// Takes bytes; gives the events that end in them to `found`.
    pub(super) fn take(&mut self, bytes: &[u8], found: &mut dyn FnMut(String)) -> Result<(), TooLong> {
        let mut rest = bytes;
        if self.after_return && !rest.is_empty() {
            rest = rest.strip_prefix(b"\n").unwrap_or(rest);
            self.after_return = false;
        }
        while let Some(end) = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
            self.extend(&rest[..end])?;
            self.end_line(found)?;
            let after = &rest[end + 1..];
            rest = match (rest[end], after) {
                (b'\r', [b'\n', after @ ..]) => after,
                (b'\r', []) => {
                    self.after_return = true;
                    after
                }
                _ => after,
            };
        }
        self.extend(rest)
    }

    /// Nothing comes any more; gives what has no end, but may be whole, to `found`.
    pub(super) fn end(&mut self, found: &mut dyn FnMut(String)) -> Result<(), TooLong> {
        if !self.line.is_empty() {
            self.end_line(found)?;
        }
        if let Some(data) = self.data.take() {
            found(data);
        }
        Ok(())
    }

    /// Goes on with the line.
    fn extend(&mut self, bytes: &[u8]) -> Result<(), TooLong> {
        self.line.extend_from_slice(bytes);
        if self.line.len() > MOST_BYTES { Err(TooLong) } else { Ok(()) }
    }

    /// The line has ended.
    fn end_line(&mut self, found: &mut dyn FnMut(String)) -> Result<(), TooLong> {
        let bytes = std::mem::take(&mut self.line);
        let bytes = if std::mem::take(&mut self.first) {
            bytes.strip_prefix(BOM).unwrap_or(&bytes)
        } else {
            bytes.as_slice()
        };
        let line = String::from_utf8_lossy(bytes);
        if self.form == Form::Lines {
            if !line.trim().is_empty() {
                found(line.into_owned());
            }
            return Ok(());
        }
        if line.is_empty() {
            if let Some(data) = self.data.take() {
                found(data);
            }
            return Ok(());
        }
        if self.data.is_none() && line.trim_start().starts_with(['{', '[']) {
            // A reply that isn't streamed.
            self.form = Form::Bare;
        }
        if self.form == Form::Bare {
            return self.end_data(&line, found);
        }
        // A comment has an empty name.
        let (name, value) = line.split_once(':').unwrap_or((&line, ""));
        // llama.cpp once wrote `error:` for data that is an error.
        if name == "data" || name == "error" {
            self.end_data(value.strip_prefix(' ').unwrap_or(value), found)?;
        }
        Ok(())
    }

    /// Goes on with the data, or begins the next event where the last one was whole without an empty line behind it.
    fn end_data(&mut self, value: &str, found: &mut dyn FnMut(String)) -> Result<(), TooLong> {
        match &mut self.data {
            Some(data) if self.torn || !is_followed(data, value, &mut self.torn) => {
                data.push('\n');
                data.push_str(value);
                if data.len() > MOST_BYTES {
                    return Err(TooLong);
                }
            }
            data => {
                self.torn = false;
                if let Some(whole) = data.replace(value.to_owned()) {
                    found(whole);
                }
            }
        }
        Ok(())
    }
}

/// Whether the data of an event is all of it, and what follows begins another one. `torn` says of data that isn't JSON
/// that it never will be; so data is read a few times at most, however many lines it has.
fn is_followed(data: &str, value: &str, torn: &mut bool) -> bool {
    if data == "[DONE]" {
        return true;
    }
    if !data.ends_with(['}', ']']) || !value.starts_with(['{', '[']) {
        return false;
    }
    match serde_json::from_str::<IgnoredAny>(data) {
        Ok(_) => true,
        Err(error) => {
            *torn = !error.is_eof();
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn events(form: Form, pieces: &[&[u8]]) -> Result<Vec<String>, TooLong> {
        let (mut events, mut found) = (Events::new(form), Vec::new());
        for piece in pieces {
            events.take(piece, &mut |event| found.push(event))?;
        }
        events.end(&mut |event| found.push(event))?;
        Ok(found)
    }

    #[test]
    fn what_servers_write_is_read() {
        let sent = |text: &str| events(Form::Sent, &[text.as_bytes()]).unwrap();
        assert_eq!(sent("data: {\"a\":1}\n\ndata: [DONE]\n\n"), ["{\"a\":1}", "[DONE]"]);
        assert_eq!(sent("\u{feff}data:{}\r\n\r\ndata:  x\r\rdata: y"), ["{}", " x", "y"]);
        assert_eq!(sent(": OPENROUTER PROCESSING\n\nevent: message_stop\ndata: {}\nid: 7\n\n"), ["{}"]);
        assert_eq!(sent("data: {\ndata: \"a\": 1}\n\n"), ["{\n\"a\": 1}"]);
        assert_eq!(sent("data: {}\ndata: {}\ndata: [DONE]\n"), ["{}", "{}", "[DONE]"]);
        assert_eq!(sent("error: {\"code\":500}\n\ndata\n\n\n\n"), ["{\"code\":500}", ""]);
        assert_eq!(sent("{\n \"a\": [\n {}\n]}\n"), ["{\n \"a\": [\n {}\n]}"], "a reply that isn't streamed");
        assert_eq!(sent("{\"a\":1}\n{\"b\":2}\n"), ["{\"a\":1}", "{\"b\":2}"]);
        let lines = |text: &str| events(Form::Lines, &[text.as_bytes()]).unwrap();
        assert_eq!(lines("{\"a\":1}\r\n\n  \n{\"b\":2}"), ["{\"a\":1}", "{\"b\":2}"]);
    }

    #[test]
    fn endless_lines_are_refused() {
        let line = vec![b'a'; MOST_BYTES];
        for form in [Form::Sent, Form::Lines] {
            assert_eq!(events(form, &[b"data: ", &line]), Err(TooLong));
        }
        for many in ["data: {\n", "data: ,{}\n", "data: [1]\ndata: {\n"] {
            let many = format!("data: [{{}}\n{}", many.repeat(MOST_BYTES / 2));
            assert_eq!(events(Form::Sent, &[many.as_bytes()]), Err(TooLong));
        }
    }

    proptest! {
        #[test]
        fn it_does_not_matter_where_bytes_are_cut(
            text in "([{}\"a:é€𝄞 ]|data: ?|\r\n|\n|\r|\\[DONE\\]|\u{feff}|event: x|: c){0,40}",
            cuts in proptest::collection::vec(0_usize..400, 0..12),
        ) {
            let bytes = text.as_bytes();
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(bytes.len())).collect();
            cuts.extend([0, bytes.len()]);
            cuts.sort_unstable();
            let pieces: Vec<&[u8]> = cuts.windows(2).map(|cut| &bytes[cut[0]..cut[1]]).collect();
            for form in [Form::Sent, Form::Lines] {
                prop_assert_eq!(events(form, &pieces), events(form, &[bytes]));
            }
        }
    }
}
