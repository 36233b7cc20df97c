//! The tokens of Rich Text (Rich Text Format Specification 1.9.1, "Basic entities").

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// `{`.
    Open,
    /// `}`.
    Close,
    /// `\word` with the number behind it, if there is one.
    Word(&'a str, Option<i32>),
    /// `\` and what is no letter: `\*`, `\~`.
    Symbol(u8),
    /// `\'e4`: a byte of text.
    Hex(u8),
    /// Bytes of text.
    Text(&'a [u8]),
}

/// A walk over tokens.
#[derive(Debug)]
pub(super) struct Tokens<'a> {
    rest: &'a [u8],
}

impl<'a> Tokens<'a> {
    /// Begins at the start of a file.
    pub(super) fn new(file: &'a [u8]) -> Self {
        Self { rest: file }
    }

    /// The token that a backslash begins.
    fn after_backslash(&mut self) -> Option<Token<'a>> {
        let (&first, rest) = self.rest.split_first()?;
        if !first.is_ascii_alphabetic() {
            self.rest = rest;
            if first != b'\'' {
                return Some(Token::Symbol(first));
            }
            let digits = rest.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
            let Some(byte) = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) else {
                return Some(Token::Symbol(0));
            };
            self.rest = &rest[2..];
            return Some(Token::Hex(byte));
        }
        let letters = self.rest.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
        let (word, rest) = self.rest.split_at(letters);
        let sign = usize::from(rest.first() == Some(&b'-'));
        let digits = rest[sign..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let length = if digits == 0 { 0 } else { sign + digits };
        let number = std::str::from_utf8(&rest[..length]).ok().and_then(|number| number.parse().ok());
        // The blank behind a word is part of it.
        self.rest = rest[length..].strip_prefix(b" ").unwrap_or(&rest[length..]);
        let word = std::str::from_utf8(word).unwrap_or_default();
        if word == "bin" {
            // Bytes of whatever kind follow.
            let length = usize::try_from(number.unwrap_or(0)).unwrap_or(0);
            self.rest = self.rest.get(length..).unwrap_or_default();
        }
        Some(Token::Word(word, number))
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    /// The next token; ends of lines are none.
    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            let (&first, rest) = self.rest.split_first()?;
            match first {
                b'{' | b'}' => {
                    self.rest = rest;
                    return Some(if first == b'{' { Token::Open } else { Token::Close });
                }
                b'\\' => {
                    self.rest = rest;
                    return self.after_backslash();
                }
                b'\r' | b'\n' | 0 => self.rest = rest,
                _ => {
                    let end = self.rest.iter().position(|byte| b"{}\\\r\n\0".contains(byte));
                    let (text, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
                    self.rest = rest;
                    return Some(Token::Text(text));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_end_where_they_end() {
        let tokens: Vec<_> = Tokens::new(b"{\\b0 a\\u-5?\\'e4\\~\\par\r\nx\\bin3 }}}y\\'zz}").collect();
        assert_eq!(
            tokens,
            [
                Token::Open,
                Token::Word("b", Some(0)),
                Token::Text(b"a"),
                Token::Word("u", Some(-5)),
                Token::Text(b"?"),
                Token::Hex(0xe4),
                Token::Symbol(b'~'),
                Token::Word("par", None),
                Token::Text(b"x"),
                Token::Word("bin", Some(3)),
                Token::Text(b"y"),
                Token::Symbol(0),
                Token::Text(b"zz"),
                Token::Close,
            ]
        );
    }
}
