//! A sentence that was made of a source is judged by how it was made: copies are quoted, and what was changed isn't.

mod set;

use std::path::Path;

use qsearch::embed::Encoder;
use set::{Kind, Set, shares};

#[test]
fn what_is_changed_is_neither_quoted_nor_near() {
    let encoder = Encoder::bundled().expect("the bundled model");
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let set = Set::of(&corpus, &encoder, 17, 60, 5000);
    let verdicts = set.judge(&encoder);
    assert!(set.pairs.len() >= 400, "{}", set.pairs.len());
    let shares = shares(&set, &verdicts);
    let (quoted, near) = (|kind| shares[&kind].1, |kind| shares[&kind].2);
    for kind in [Kind::Copy, Kind::Part] {
        assert!(quoted(kind) >= 0.95, "{shares:#?}");
    }
    // A little word that limits what is said can't be left out of a quotation.
    assert!(quoted(Kind::Dropped) >= 0.80, "{shares:#?}");
    assert!(quoted(Kind::Dropped) + near(Kind::Dropped) >= 0.95, "{shares:#?}");
    for kind in [Kind::Number, Kind::Name, Kind::NearbyName] {
        assert!(quoted(kind) + near(kind) <= 0.0, "{shares:#?}");
    }
    assert!(quoted(Kind::Other) <= 0.02 && near(Kind::Other) <= 0.10, "{shares:#?}");
    assert!(quoted(Kind::Negation) <= 0.05 && quoted(Kind::Swap) <= 0.05, "{shares:#?}");
    assert!(quoted(Kind::Order) <= 0.05, "{shares:#?}");
}
