use proptest::collection::vec;
use proptest::prelude::*;

use super::super::attention::Scratch;
use super::super::convert::pack;
use super::super::model::Norm;
use super::super::steps::{Activation, LinearView, Quantized, ROWS, WideBuffers};
use super::*;

/// A linear map over `i8` weights and its input, small enough to multiply by hand.
#[derive(Debug)]
struct Case {
    inputs: usize,
    codes: Vec<u8>,
    zeros: Vec<i32>,
    weights: Vec<i8>,
}

impl Case {
    fn rows(&self) -> usize {
        self.zeros.len()
    }

    fn outputs(&self) -> usize {
        self.weights.len() / self.inputs
    }

    /// The output of `ops`, with one scale and one bias for all channels.
    fn run(&self, ops: &Ops, scale: f32, bias: f32, activation: Activation) -> Vec<f32> {
        let packed = pack(&self.weights, self.inputs);
        let sums: Vec<i32> =
            self.weights.chunks(self.inputs).map(|row| row.iter().map(|w| i32::from(*w)).sum()).collect();
        let layer = LinearView {
            inputs: self.inputs,
            weights: packed.as_chunks().0,
            scales: &vec![scale; self.outputs()],
            biases: &vec![bias; self.outputs()],
            sums: &sums,
            activation,
        };
        let input = Quantized {
            codes: self.codes.clone(),
            scales: vec![1.0; self.rows()],
            zeros: self.zeros.clone(),
        };
        let mut output = vec![f32::NAN; self.rows() * self.outputs()];
        (ops.linear)(&input, layer, &mut WideBuffers::default(), &mut output);
        output
    }

    /// The same by the definition, with a scale of 1 and no bias.
    fn naive(&self) -> Vec<f32> {
        let rows = self.codes.chunks(self.inputs).zip(&self.zeros);
        rows.flat_map(|(row, zero)| {
            self.weights.chunks(self.inputs).map(move |weights| {
                let products = row.iter().zip(weights).map(|(x, w)| (i32::from(*x) - zero) * i32::from(*w));
                products.sum::<i32>() as f32
            })
        })
        .collect()
    }

    fn check(&self) {
        let expected = self.naive();
        for (kernel, ops) in supported() {
            let got = self.run(ops, 1.0, 0.0, Activation::Identity);
            assert!(got == expected, "{kernel:?}, {} × {}", self.rows(), self.inputs);
        }
    }
}

/// The kernels that this processor runs.
fn supported() -> impl Iterator<Item = (Kernel, &'static Ops)> {
    Kernel::ALL.into_iter().filter_map(|kernel| Some((kernel, kernel.ops()?)))
}

/// The bits of each value. All NaNs count as the same: which of two is passed on isn't defined.
fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|x| if x.is_nan() { f32::NAN } else { *x }.to_bits()).collect()
}

/// Fails if `run` gives other bits with any kernel than with the portable one, which it returns.
fn same_everywhere<T: PartialEq>(what: &str, run: impl Fn(&Ops) -> T) -> T {
    let expected = run(Kernel::PORTABLE);
    for (kernel, ops) in supported() {
        assert!(run(ops) == expected, "{kernel:?}: {what}");
    }
    expected
}

#[test]
fn extreme_values_dont_saturate() {
    for (code, zero) in [(255, 0), (255, 255), (0, 255), (0, 0)] {
        for weight in [-128, -127, 127] {
            for rows in 1..=ROWS + 1 {
                let inputs = 1536;
                let codes = vec![code; rows * inputs];
                let weights = vec![weight; 64 * inputs];
                Case { inputs, codes, zeros: vec![zero; rows], weights }.check();
            }
        }
    }
}

#[test]
fn every_shape_at_the_edge_is_multiplied_exactly() {
    for rows in [1, ROWS - 1, ROWS, ROWS + 1, 3 * ROWS + 2] {
        for inputs in [64, 128, 192, 384, 1536, 3072] {
            // The extremes of codes and weights, in an order that neither repeats with the groups nor the rows.
            let codes = (0..rows * inputs).map(|at| [0, 255, 128, 1, 254][at * 7 % 5]).collect();
            let weights = (0..128 * inputs).map(|at| [-128, 127, -127, 1, 0, -1, 64][at * 3 % 7]).collect();
            Case { inputs, codes, zeros: vec![131; rows], weights }.check();
        }
    }
}

/// Numbers that float arithmetic treats specially.
const ODD: [f32; 14] = [
    0.0,
    -0.0,
    1e-45,
    -1e-40,
    f32::MIN_POSITIVE,
    1.0,
    -87.5,
    1e30,
    -1e30,
    f32::MAX,
    f32::MIN,
    f32::INFINITY,
    f32::NEG_INFINITY,
    f32::NAN,
];

#[test]
fn odd_numbers_pass_through_every_step_in_the_same_way() {
    for (at, odd) in ODD.into_iter().enumerate() {
        // Alone in its row, all over it, and with the others.
        let lone: Vec<_> = (0..128).map(|i| if i == 5 { odd } else { i as f32 * 0.1 - 3.0 }).collect();
        let mixed: Vec<_> = (0..128).map(|i| ODD[(at + i * i) % (at + 1)]).collect();
        for row in [lone, vec![odd; 128], mixed] {
            quantize_and_normalize(&row);
            let input: Vec<_> = row.iter().cycle().copied().take(17 * 3 * 64).collect();
            attend(&input, 2, 64);
        }
        let case = Case { inputs: 64, codes: vec![200; 64], zeros: vec![3], weights: vec![-7; 64 * 64] };
        for activation in [Activation::Identity, Activation::Gelu] {
            same_everywhere("scale", |ops| bits(&case.run(ops, odd, 1.0, activation)));
            same_everywhere("bias", |ops| bits(&case.run(ops, 1e-5, odd, activation)));
        }
    }
}

fn quantize_and_normalize(row: &[f32]) {
    same_everywhere("quantize and normalize", |ops| {
        let mut quantized = Quantized::default();
        (ops.quantize)(row, &[0.75; 64], &mut quantized);
        let mut sum = row.to_vec();
        let norm = Norm { gain: vec![1.5; 64], shift: vec![-0.25; 64] };
        (ops.add_normalize)(&mut sum, row, &norm, 1e-12);
        (quantized.codes, bits(&quantized.scales), quantized.zeros, bits(&sum))
    });
}

fn attend(input: &[f32], heads: usize, hidden: usize) -> Vec<f32> {
    let run = |ops: &Ops| {
        let mut output = vec![f32::NAN; input.len() / 3];
        (ops.attend)(input, heads, hidden, &mut Scratch::default(), &mut output);
        output
    };
    same_everywhere("attend", |ops| bits(&run(ops)));
    run(Kernel::PORTABLE)
}

#[test]
fn every_length_and_width_of_heads_is_attended_the_same() {
    for width in [16, 32, 64] {
        for tokens in [1, 2, 7, 8, 9, 15, 16, 17, 31, 33, 512] {
            let input: Vec<_> =
                (0..tokens * 2 * width * 3).map(|at| (at * at % 8191) as f32 / 1024.0 - 4.0).collect();
            let output = attend(&input, 2, 2 * width);
            assert!(output.iter().all(|x| (-4.001..4.001).contains(x)), "{tokens} × {width}");
        }
    }
}

#[test]
fn every_supported_kernel_has_a_peak() {
    for kernel in Kernel::ALL {
        let peak = kernel.peak();
        assert_eq!(peak.is_some(), kernel.is_supported());
        assert!(peak.is_none_or(|peak| peak > 0.0 && peak.is_finite()), "{kernel:?}: {peak:?}");
    }
}

fn cases() -> impl Strategy<Value = Case> {
    (1..=14_usize, 1..=6_usize, 1..=3_usize).prop_flat_map(|(rows, inputs, outputs)| {
        let (inputs, outputs) = (inputs * 64, outputs * 64);
        (vec(any::<u8>(), rows * inputs), vec(0..=255, rows), vec(any::<i8>(), inputs * outputs))
            .prop_map(move |(codes, zeros, weights)| Case { inputs, codes, zeros, weights })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_kernel_multiplies_exactly(case in cases(), scale in -1e-3_f32..1e-3, bias in -2.0_f32..2.0) {
        case.check();
        for activation in [Activation::Identity, Activation::Gelu] {
            same_everywhere("linear", |ops| bits(&case.run(ops, scale, bias, activation)));
        }
    }

    #[test]
    fn every_kernel_attends_the_same(
        tokens in 1..40_usize,
        heads in 1..=3_usize,
        seed in vec(-4.0_f32..4.0, 61),
    ) {
        let hidden = heads * 32;
        // Cyclic, of a prime length that no width divides.
        let input: Vec<f32> = seed.iter().cycle().copied().take(tokens * hidden * 3).collect();
        let output = attend(&input, heads, hidden);
        prop_assert!(output.iter().all(|x| (-4.001..4.001).contains(x)));
    }

    #[test]
    fn every_kernel_quantizes_and_normalizes_the_same(
        row in vec(prop_oneof![-9.0_f32..9.0, Just(0.0), -1e30_f32..1e30, any::<f32>()], 128),
    ) {
        quantize_and_normalize(&row);
    }
}
