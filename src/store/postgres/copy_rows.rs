//! Rows for `COPY … FROM STDIN (FORMAT binary)`; see "Binary Format" in PostgreSQL's documentation of `COPY`.

/// What a stream of rows begins with: a signature, no flags, no extension.
const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
/// What it ends with.
const END: [u8; 2] = (-1i16).to_be_bytes();
/// The number of the type `text`.
const TEXT: u32 = 25;
/// A stream is sent in pieces of about so many bytes.
const PIECE: usize = 1 << 20;

/// Rows of one table, in the order of its columns.
#[derive(Debug)]
pub(super) struct CopyRows {
    pieces: Vec<Vec<u8>>,
    columns: u16,
    rows: u64,
}

impl CopyRows {
    /// A stream of rows with so many columns.
    pub(super) fn new(columns: u16) -> Self {
        Self { pieces: vec![HEADER.to_vec()], columns, rows: 0 }
    }

    /// Whether it has no rows.
    pub(super) fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Begins a row; as many values as there are columns follow.
    pub(super) fn row(&mut self) -> &mut Self {
        self.rows += 1;
        if self.pieces.last().is_some_and(|piece| piece.len() > PIECE) {
            self.pieces.push(Vec::with_capacity(PIECE + PIECE / 4));
        }
        let columns = self.columns.to_be_bytes();
        self.put(&columns)
    }

    /// The next value: bytes, as the type of the column has them.
    pub(super) fn bytes(&mut self, value: &[u8]) -> &mut Self {
        let length = (value.len() as i32).to_be_bytes();
        self.put(&length).put(value)
    }

    /// The next value: a text.
    pub(super) fn text(&mut self, value: &str) -> &mut Self {
        self.bytes(value.as_bytes())
    }

    /// The next value: a text, or none.
    pub(super) fn text_or_none(&mut self, value: Option<&str>) -> &mut Self {
        match value {
            Some(value) => self.text(value),
            None => self.put(&(-1i32).to_be_bytes()),
        }
    }

    /// The next value: a whole number of 64 bits.
    pub(super) fn number(&mut self, value: i64) -> &mut Self {
        self.bytes(&value.to_be_bytes())
    }

    /// The next value: a whole number of 32 bits.
    pub(super) fn small(&mut self, value: i32) -> &mut Self {
        self.bytes(&value.to_be_bytes())
    }

    /// The next value: a real number of 32 bits.
    pub(super) fn real(&mut self, value: f32) -> &mut Self {
        self.bytes(&value.to_be_bytes())
    }

    /// The next value: whether something is so.
    pub(super) fn flag(&mut self, value: bool) -> &mut Self {
        self.bytes(&[u8::from(value)])
    }

    /// The next value: an array of texts.
    pub(super) fn texts(&mut self, values: &[String]) -> &mut Self {
        let mut array = Vec::new();
        let dimensions = u32::from(!values.is_empty());
        for number in [dimensions, 0, TEXT] {
            array.extend(number.to_be_bytes());
        }
        if dimensions > 0 {
            for number in [values.len() as u32, 1] {
                array.extend(number.to_be_bytes());
            }
        }
        for value in values {
            array.extend((value.len() as u32).to_be_bytes());
            array.extend(value.as_bytes());
        }
        self.bytes(&array)
    }

    /// The pieces of the stream.
    pub(super) fn finish(mut self) -> Vec<Vec<u8>> {
        self.put(&END);
        self.pieces
    }

    fn put(&mut self, bytes: &[u8]) -> &mut Self {
        if let Some(piece) = self.pieces.last_mut() {
            piece.extend_from_slice(bytes);
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_as_documented() {
        let mut rows = CopyRows::new(2);
        assert!(rows.is_empty());
        rows.row().number(7).text_or_none(None);
        assert!(!rows.is_empty());
        let bytes = rows.finish().concat();
        let mut expected = HEADER.to_vec();
        expected.extend([0, 2, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 7, 255, 255, 255, 255, 255, 255]);
        assert_eq!((bytes, HEADER.len()), (expected, 19));
    }
}
