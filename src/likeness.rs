//! What the cosines of a model mean, on one scale for all models.
//!
//! All models put like texts close together, but how close differs: the cosines of one spread out from 0, those of another
//! lie between .75 and .9. Fusion, confidence and answers were learned on those of the bundled model. So when another is
//! imported, the same texts are embedded with it, and its cosines are stretched until questions are as like to the passages
//! that answer them, and to passages about something else, as they are for the bundled one.
//!
//! How like unrelated texts are depends on the language, and where the question is in another language than the notes it is
//! less. So for each question it is taken from the notes themselves: the mean of its cosines with a sample of their passages,
//! within what the model was seen to do. A sample's mean is the cosine with the mean of its vectors, so that costs little.

/// The cosines of the bundled model on the texts that models are compared by.
const BUNDLED: Measured = Measured {
    unrelated: 0.058,
    related: 0.526,
    passages_near: 0.488,
    passages_unrelated: 0.086,
    least: 0.058,
    most: 0.058,
};
/// So many passages are as good a reason to believe their mean as what was seen of the model at import.
const BELIEF: f32 = 16.0;

/// The mean cosines of a model on the texts that models are compared by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measured {
    /// Of questions and passages about something else, in one language.
    pub unrelated: f32,
    /// Of questions and passages that answer them.
    pub related: f32,
    /// Of passages about the same.
    pub passages_near: f32,
    /// Of passages about something else.
    pub passages_unrelated: f32,
    /// Of unrelated questions and passages, the least of any two languages.
    pub least: f32,
    /// The same, the greatest.
    pub most: f32,
}

/// How a model's cosines are read.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LikenessScale(Option<Measured>);

/// A map of cosines: times a factor, plus a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CosineMap {
    gain: f32,
    shift: f32,
}

impl LikenessScale {
    /// The scale of a model whose cosines are read as they are.
    pub const OWN: Self = Self(None);

    /// The scale of a model with these cosines; [`OWN`](Self::OWN) if they don't tell what is related from what isn't.
    pub fn new(measured: Measured) -> Self {
        const LEAST_DIFFERENCE: f32 = 0.01;
        let Measured { unrelated, related, passages_near, passages_unrelated, least, most } = measured;
        let tells =
            related - unrelated >= LEAST_DIFFERENCE && passages_near - passages_unrelated >= LEAST_DIFFERENCE;
        let is_ordered = least <= unrelated && unrelated <= most && passages_near < 1.0;
        // Comparisons with what isn't a number are false.
        if tells && is_ordered { Self(Some(measured)) } else { Self::OWN }
    }

    /// Whether cosines are read as they are.
    pub fn is_own(&self) -> bool {
        self.0.is_none()
    }

    /// How the cosines of a question are read whose mean with a sample of so many passages is `mean`.
    pub fn of_question(&self, mean: f32, sample: usize) -> CosineMap {
        let Some(measured) = &self.0 else { return CosineMap::SAME };
        let Measured { unrelated, related, least, most, .. } = *measured;
        let belief = sample as f32 / (sample as f32 + BELIEF);
        let mean = if mean.is_finite() { mean.clamp(least, most) } else { unrelated };
        let background = unrelated + belief * (mean - unrelated);
        let gain = (BUNDLED.related - BUNDLED.unrelated) / (related - unrelated);
        CosineMap { gain, shift: BUNDLED.unrelated - gain * background }
    }

    /// How the cosines of two passages are read.
    pub fn of_passages(&self) -> CosineMap {
        let Some(Measured { passages_near, .. }) = self.0 else { return CosineMap::SAME };
        let gain = (1.0 - BUNDLED.passages_near) / (1.0 - passages_near);
        CosineMap { gain, shift: 1.0 - gain }
    }
}

impl Default for CosineMap {
    fn default() -> Self {
        Self::SAME
    }
}

impl CosineMap {
    /// The map that changes nothing.
    pub const SAME: Self = Self { gain: 1.0, shift: 0.0 };

    /// What a cosine means.
    pub fn of(&self, cosine: f32) -> f32 {
        if *self == Self::SAME { cosine } else { (self.gain * cosine + self.shift).clamp(-1.0, 1.0) }
    }

    /// The cosine that means so much.
    pub fn cosine_of(&self, meaning: f32) -> f32 {
        (meaning - self.shift) / self.gain
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A model whose cosines are crowded together.
    const CROWDED: Measured = Measured {
        unrelated: 0.79,
        related: 0.87,
        passages_near: 0.88,
        passages_unrelated: 0.82,
        least: 0.74,
        most: 0.84,
    };

    fn close(a: f32, b: f32) -> bool {
        (a - b).abs() < 1e-4
    }

    #[test]
    fn the_bundled_model_stays_as_it_is() {
        for scale in [LikenessScale::OWN, LikenessScale::new(BUNDLED)] {
            for mean in [-1.0, 0.0, 0.3, f32::NAN] {
                let map = scale.of_question(mean, 100);
                assert!([-0.5, 0.0, 0.4, 0.9].iter().all(|cosine| close(map.of(*cosine), *cosine)));
            }
            assert!(close(scale.of_passages().of(0.97), 0.97));
        }
        assert_eq!(LikenessScale::OWN.of_question(0.4, 9), CosineMap::SAME);
    }

    #[test]
    fn crowded_cosines_are_spread_out() {
        let scale = LikenessScale::new(CROWDED);
        let map = scale.of_question(0.79, 1000);
        assert!(close(map.of(0.79), 0.058) && close(map.of(0.87), 0.526));
        assert!(close(map.cosine_of(map.of(0.85)), 0.85));
        let passages = scale.of_passages();
        assert!(close(passages.of(1.0), 1.0) && close(passages.of(0.88), 0.488));
        assert!(passages.cosine_of(0.97) > 0.99);
    }

    #[test]
    fn many_passages_say_more_than_few_and_none_too_much() {
        let scale = LikenessScale::new(CROWDED);
        let shown = |mean, sample| scale.of_question(mean, sample).of(0.83);
        assert!(close(shown(0.75, 0), shown(0.79, 0)));
        assert!(shown(0.75, 2) < shown(0.75, 128) && shown(0.82, 128) < shown(0.79, 128));
        assert!(close(shown(0.2, 128), shown(0.74, 128)) && close(shown(f32::NAN, 128), shown(0.79, 128)));
    }

    #[test]
    fn a_model_that_tells_nothing_apart_is_read_as_it_is() {
        for measured in [
            Measured { related: 0.79, ..CROWDED },
            Measured { unrelated: f32::NAN, ..CROWDED },
            Measured { passages_near: 1.0, ..CROWDED },
            Measured { passages_near: 0.5, ..CROWDED },
            Measured { least: 0.8, ..CROWDED },
        ] {
            assert!(LikenessScale::new(measured).is_own(), "{measured:?}");
        }
    }
}
