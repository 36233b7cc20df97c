//! The vectors of parts are read as they were written, and damage is noticed.

use proptest::collection::vec;
use proptest::prelude::*;
use tantivy::directory::OwnedBytes;

use super::*;
use crate::random::SplitMix64;
use crate::store::checksummed_file::ChecksummedWriter;
use crate::word_vector::BITS;

/// The content of a file with these rows of sentences, and as many words in each as its number.
fn content(rows: &[Vec<Vec<f32>>], dim: usize) -> Vec<u8> {
    let mut columns = PartVectorColumns::new(dim);
    for (at, row) in rows.iter().enumerate() {
        columns.push(PartVectors::quantise(&passage(dim), row, &words(at)).as_bytes()).unwrap();
    }
    let mut bytes = Vec::new();
    columns.write(&mut bytes).unwrap();
    bytes
}

/// The vector of all passages.
fn passage(dim: usize) -> Vector {
    Vector::new(1.0, vec![1; dim])
}

/// So many words.
fn words(count: usize) -> Vec<WordVector> {
    let word = |at: usize| WordVector(std::array::from_fn(|bit| if bit % 7 == at { 1.0 } else { -0.5 }));
    (0..count).map(word).collect()
}

/// A file with these rows.
pub(in super::super) fn file(rows: &[Vec<Vec<f32>>], dim: usize) -> PartVectorFile {
    let file = ChecksummedFile::verified(OwnedBytes::new(content(rows, dim)));
    PartVectorFile::open(file, dim, rows.len() as u32).unwrap()
}

#[test]
fn what_is_written_is_read() {
    let rows = [vec![vec![0.0; 3], vec![1.0, 3.0, 0.5]], vec![], vec![vec![2.0, f32::NAN, -4.0]]];
    let file = file(&rows, 3);
    let first = file.sentences(0).unwrap();
    let bytes = |codes: [i8; 3]| codes.map(|code| code as u8);
    assert_eq!((first[0].along, first[0].step, first[0].weights), (0.0, 0.0, [0.0, 0.0]));
    // 4.5 / √(10.25 · 3), and what is left of it beside the standard deviation .34: -.5, 1.3, -.9.
    assert_eq!((first[1].along, first[1].weights), (103.0 / 127.0, [1.0, 0.0]));
    assert_eq!(first[1].codes, bytes([-3, 10, -3]));
    assert!(file.sentences(1).unwrap().is_empty());
    assert_eq!(file.sentences(2).unwrap()[0].codes, bytes([10, 3, -10]));
    assert_eq!(file.stored(0).unwrap(), PartVectors::quantise(&passage(3), &rows[0], &[]));
    for row in 0..3 {
        let sketches: Vec<[u8; SKETCH_BYTES]> = words(row).iter().map(|word| word.sketch().0).collect();
        assert_eq!(file.words(row).unwrap(), sketches);
    }
    assert_eq!(
        file.words(2).unwrap()[1].iter().map(|byte| byte.count_ones()).sum::<u32>(),
        (BITS as u32 - 1).div_ceil(7)
    );
}

/// A vector with numbers of a nearly normal distribution.
fn noise(random: &mut SplitMix64, dim: usize) -> Vec<f32> {
    let mut number = || (random.bits() >> 40) as f32 / (1 << 24) as f32 - 0.5;
    (0..dim).map(|_| (0..12).map(|_| number()).sum()).collect()
}

/// A vector as its record has it.
fn restored(vector: &SentenceVector, passage: &[f64]) -> Vec<f64> {
    let codes = vector.codes.iter().map(|&code| f64::from(code as i8) * vector.step);
    codes.zip(passage).map(|(rest, of)| rest + vector.along * of).collect()
}

proptest! {
    /// The nearer a part is to its passage, the nearer its record is to it.
    #[test]
    fn a_record_is_near_its_vector(seed in any::<u64>(), dim in 128..400usize, share in 0.0f32..4.0) {
        let mut random = SplitMix64::new(seed);
        let of_passage = noise(&mut random, dim);
        let (context, own) = (noise(&mut random, dim), noise(&mut random, dim));
        let part: Vec<f32> = own.iter().zip(&of_passage).map(|(own, of)| own + share * of).collect();
        let vector = Vector::quantise(&of_passage);
        let parts = PartVectors::quantise(&vector, &[context.clone(), part.clone()], &[]);
        let (records, words) = parts.unpack(dim);
        prop_assert_eq!((records.len(), words.len()), (2, 0));
        let (passage, _) = unit(&vector.values());
        let (part, length) = unit(&part);
        let (context, above) = unit(&context);
        let again = restored(&records[1], &passage);
        let beside = 1.0 - dot(&part, &passage).powi(2);
        let apart: f64 = part.iter().zip(&again).map(|(a, b)| (a - b).powi(2)).sum();
        prop_assert!(apart < 0.2 * beside + 1e-4, "{} of {}", apart, beside);
        let rest: f64 =
            records[1].codes.iter().map(|&code| (f64::from(code as i8) * records[1].step).powi(2)).sum();
        prop_assert!((rest - beside).abs() < 0.02, "{} of {}", rest, beside);
        let both: Vec<f64> = part.iter().zip(&context).map(|(a, b)| a * length + b * above).collect();
        let both = dot(&both, &both).sqrt();
        prop_assert!((records[1].weights[0] - length / both).abs() < 0.005);
        prop_assert!((records[1].weights[1] - above / both).abs() < 0.005);
        prop_assert_eq!(PartVectors { bytes: parts.as_bytes().to_vec() }, parts);
    }

    /// No numbers are too strange to be stored, and what comes back is finite.
    #[test]
    fn any_numbers_have_a_record(rows in vec(vec(any::<f32>(), 5), 0..4), of in vec(any::<f32>(), 5)) {
        let parts = PartVectors::quantise(&Vector::quantise(&of), &rows, &[]);
        let (records, _) = parts.unpack(5);
        prop_assert_eq!(records.len(), rows.len());
        for record in records {
            prop_assert!(record.along.abs() <= 1.0 && record.codes.len() == 5);
            prop_assert!((0.0..=1.0).contains(&record.step));
        }
    }
}

#[test]
fn damage_is_noticed_where_it_is() {
    let mut sound = ChecksummedWriter::new(Vec::new());
    sound.write_all(&content(&[vec![vec![1.0, 2.0]], vec![vec![3.0, -1.0]; 2], vec![]], 2)).unwrap();
    sound.end().unwrap();
    let sound = std::mem::take(sound.get_mut());
    let open = |bytes: Vec<u8>| PartVectorFile::open(ChecksummedFile::open(OwnedBytes::new(bytes))?, 2, 3);
    for at in 0..sound.len() {
        let mut bytes = sound.clone();
        bytes[at] ^= 0x41;
        let Ok(file) = open(bytes) else { continue };
        assert!((0..3).any(|row| file.sentences(row).is_err()), "byte {at}");
    }
    for length in 0..sound.len() {
        assert!(open(sound[..length].to_vec()).is_err());
    }
}

#[test]
fn numbers_that_lie_are_refused() {
    let whole = content(&[vec![vec![1.0, 2.0]], vec![vec![3.0, -1.0]; 2], vec![]], 2);
    for at in 0..whole.len() {
        for value in [0, 1, 2, 9, 255] {
            let mut bytes = whole.clone();
            bytes[at] = value;
            let file = ChecksummedFile::verified(OwnedBytes::new(bytes));
            let Ok(file) = PartVectorFile::open(file, 2, 3) else { continue };
            // Other vectors, or none; but never any beyond the end.
            (0..4).for_each(|row| drop((file.sentences(row), file.words(row).map(<[_]>::len))));
            assert_eq!(file.bytes(3), Err(BlockError::Beyond));
        }
    }
    let mut bytes = whole;
    bytes[header::BYTES + 8] = 200;
    let file = PartVectorFile::open(ChecksummedFile::verified(OwnedBytes::new(bytes)), 2, 3).unwrap();
    assert_eq!((file.bytes(1), file.bytes(2)), (Err(BlockError::Beyond), Err(BlockError::Beyond)));
}

#[test]
fn a_row_that_is_not_what_it_says_is_refused() {
    for row in [&[0u8; 7][..], &[1, 0, 0, 0], &[0, 0, 1, 0, 9, 9, 9, 9], &[0; 8], &[]] {
        assert!(PartVectorColumns::new(4).push(row).is_err(), "{row:?}");
    }
    assert!(PartVectorColumns::new(4).push(&[0; 4]).is_ok());
}
