use proptest::collection::vec;
use proptest::prelude::*;

use super::super::convert::pack;
use super::super::steps::{LinearView, Quantized};
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

    /// What `ops` make of it, with scales of 1 and no biases.
    fn run(&self, ops: &Ops) -> Vec<f32> {
        let packed = pack(&self.weights, self.inputs);
        let sums: Vec<i32> =
            self.weights.chunks(self.inputs).map(|row| row.iter().map(|w| i32::from(*w)).sum()).collect();
        let layer = LinearView {
            inputs: self.inputs,
            weights: packed.as_chunks().0,
            scales: &vec![1.0; self.outputs()],
            biases: &vec![0.0; self.outputs()],
            sums: &sums,
        };
        let input = Quantized {
            codes: self.codes.clone(),
            scales: vec![1.0; self.rows()],
            zeros: self.zeros.clone(),
        };
        let mut output = vec![f32::NAN; self.rows() * self.outputs()];
        (ops.linear)(&input, layer, &mut output);
        output
    }

    /// The same by the definition.
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
        for kernel in Kernel::ALL {
            if let Some(ops) = kernel.ops() {
                assert_eq!(self.run(ops), expected, "{kernel:?}, {} × {}", self.rows(), self.inputs);
            }
        }
    }
}

#[test]
fn extreme_values_dont_saturate() {
    for (code, zero) in [(255, 0), (255, 255), (0, 255), (0, 0)] {
        for weight in [-128, -127, 127] {
            for rows in 1..=7 {
                let inputs = 1536;
                let codes = vec![code; rows * inputs];
                let weights = vec![weight; 64 * inputs];
                Case { inputs, codes, zeros: vec![zero; rows], weights }.check();
            }
        }
    }
}

fn cases() -> impl Strategy<Value = Case> {
    (1..=14_usize, 1..=6_usize, 1..=3_usize).prop_flat_map(|(rows, inputs, outputs)| {
        let (inputs, outputs) = (inputs * 16, outputs * 64);
        (vec(any::<u8>(), rows * inputs), vec(0..=255, rows), vec(any::<i8>(), inputs * outputs))
            .prop_map(move |(codes, zeros, weights)| Case { inputs, codes, zeros, weights })
    })
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|x| x.to_bits()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_kernel_multiplies_exactly(case in cases()) {
        case.check();
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
        let run = |ops: &Ops| {
            let mut output = vec![f32::NAN; tokens * hidden];
            (ops.attend)(&input, heads, hidden, &mut Scratch::default(), &mut output);
            output
        };
        let expected = run(Kernel::PORTABLE);
        prop_assert!(expected.iter().all(|x| (-4.001..4.001).contains(x)));
        for ops in Kernel::ALL.into_iter().filter_map(Kernel::ops) {
            prop_assert_eq!(bits(&run(ops)), bits(&expected));
        }
    }

    #[test]
    fn every_kernel_quantizes_and_normalizes_the_same(
        row in vec(prop_oneof![-9.0_f32..9.0, Just(0.0), -1e30_f32..1e30], 128),
    ) {
        let run = |ops: &Ops| {
            let mut quantized = Quantized::default();
            (ops.quantize)(&row, &[0.75; 64], &mut quantized);
            let mut curved = row.clone();
            (ops.gelu)(&mut curved);
            let norm = Norm { gain: vec![1.5; 64], shift: vec![-0.25; 64] };
            (ops.add_normalize)(&mut curved, &row, &norm, 1e-12);
            (quantized.codes, bits(&quantized.scales), quantized.zeros, bits(&curved))
        };
        let expected = run(Kernel::PORTABLE);
        for ops in Kernel::ALL.into_iter().filter_map(Kernel::ops) {
            prop_assert_eq!(run(ops), expected.clone());
        }
    }
}
