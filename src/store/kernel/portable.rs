//! The portable kernel, for whatever the program was compiled for.

/// See [`Dots`](super::Dots).
pub(super) fn dots(query: &[i16], rows: &[&[u8]], sums: &mut [i32]) {
    assert_eq!(rows.len(), sums.len());
    for (row, sum) in rows.iter().zip(sums) {
        assert_eq!(row.len(), query.len());
        *sum = dot(query, row);
    }
}

/// Two products at a time into sixteen sums: a shape that becomes multiply-and-add-pairs instructions.
pub(super) fn dot(query: &[i16], codes: &[u8]) -> i32 {
    let product = |query: i16, code: u8| i32::from(query) * i32::from(code as i8);
    let (query_blocks, query_rest) = query.as_chunks::<32>();
    let (code_blocks, code_rest) = codes.as_chunks::<32>();
    let mut sums = [0; 16];
    for (query, codes) in query_blocks.iter().zip(code_blocks) {
        for (at, sum) in sums.iter_mut().enumerate() {
            *sum += product(query[at], codes[at]) + product(query[16 + at], codes[16 + at]);
        }
    }
    let rest: i32 = query_rest.iter().zip(code_rest).map(|(&query, &code)| product(query, code)).sum();
    sums.iter().sum::<i32>() + rest
}
