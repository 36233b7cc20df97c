//! How often is a sentence quoted or near that was made of a note, by how it was made?
//!
//! Run with `cargo bench --bench support -- FOLDER [KIND]`: the table for the notes below a folder, and with a kind, those
//! of its sentences that are judged in another way than most.

#![expect(clippy::print_stdout, reason = "a benchmark reports to the terminal")]

#[path = "../../tests/perturbations/set.rs"]
mod set;

use std::path::PathBuf;
use std::time::Instant;

use qsearch::embed::Encoder;
use qsearch::written::Support;
use set::{Kind, Set, shares};

fn main() {
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    let folder = PathBuf::from(arguments.next().unwrap_or_else(|| "corpus".to_owned()));
    let shown = arguments.next();
    let seed = arguments.next().and_then(|seed| seed.parse().ok()).unwrap_or(17);
    let encoder = Encoder::bundled().expect("the bundled model");
    let set = Set::of(&folder, &encoder, seed, 120, 1200);
    let begun = Instant::now();
    let verdicts = set.judge(&encoder);
    let time = begun.elapsed().as_secs_f64() * 1000.0 / set.pairs.len().max(1) as f64;
    println!("{} pairs, {time:.1} ms each, what isn't embedded yet included", set.pairs.len());
    println!("kind            n  quoted   near   none");
    for (kind, (count, quoted, near)) in shares(&set, &verdicts) {
        println!("{:12} {count:4} {quoted:7.3} {near:6.3} {:6.3}", format!("{kind:?}"), 1.0 - quoted - near);
    }
    let right = set
        .pairs
        .iter()
        .zip(&verdicts)
        .filter(|(pair, verdict)| pair.truth.is_some() && verdict.support.is_some());
    let (all, right) =
        right.fold((0, 0), |(all, right), (_, verdict)| (all + 1, right + usize::from(verdict.is_right)));
    println!("the source that says it is among the places: {right} of {all}");
    for (pair, verdict) in set.pairs.iter().zip(&verdicts) {
        let is_shown = shown.as_ref().is_some_and(|kind| *kind == format!("{:?}", pair.kind));
        let is_true = matches!(pair.kind, Kind::Copy | Kind::Dropped | Kind::Part);
        let is_odd =
            if is_true { verdict.support != Some(Support::Quoted) } else { verdict.support.is_some() };
        if is_shown && is_odd {
            println!(
                "\n{:?} {:?}\n  of  {}\n  by  {}",
                verdict.support, pair.sentence, pair.origin, verdict.text
            );
        }
    }
}
