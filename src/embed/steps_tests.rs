use super::*;

/// The series of the error function, in `f64`.
fn exact_erf(x: f64) -> f64 {
    let (mut term, mut sum) = (x, x);
    for n in 1..200 {
        term *= -x * x / f64::from(n);
        sum += term / f64::from(2 * n + 1);
    }
    sum * std::f64::consts::FRAC_2_SQRT_PI
}

#[test]
fn gelu_is_right_to_a_fraction_of_a_byte() {
    for at in -6000..=6000 {
        let x = f64::from(at) / 1000.0;
        let exact = 0.5 * x * (1.0 + exact_erf(x * std::f64::consts::FRAC_1_SQRT_2));
        let got = f64::from(gelu(x as f32));
        assert!((got - exact).abs() < 1e-4, "gelu({x}) = {got}, {exact}");
    }
    assert_eq!(gelu(0.0).to_bits(), 0);
    assert!((gelu(1e6) - 1e6).abs() < 1.0 && gelu(-1e6).abs() < 1.0);
}

#[test]
fn lanes_add_up_as_a_tree() {
    // Lanes 0 and 8 meet first, so nothing is lost on the large numbers.
    let lanes = std::array::from_fn(|lane| [1e8, -1e8, 0.25][if lane % 8 == 0 { lane / 8 } else { 2 }]);
    assert_eq!(tree(lanes, |a, b| a + b).to_bits(), 3.5_f32.to_bits());
    assert_eq!(sum_of(&[1.0; 32], |x| 2.0 * x).to_bits(), 64.0_f32.to_bits());
}

#[test]
fn quantized_rows_come_back_within_half_a_step() {
    let row: Vec<f32> = (0..64_u8).map(|at| f32::from(at) * 0.1 - 2.0).collect();
    let mut quantized = Quantized::default();
    quantize(&row, &[1.0; 64], &mut quantized);
    for (code, x) in quantized.codes.iter().zip(&row) {
        let back = quantized.scales[0] * (i32::from(*code) - quantized.zeros[0]) as f32;
        assert!((back - x).abs() <= quantized.scales[0] * 0.501, "{x} came back as {back}");
    }
    // Zeros stay zero, and a row of nothing else doesn't divide by it.
    quantize(&[0.0; 64], &[1.0; 64], &mut quantized);
    assert!(quantized.codes.iter().all(|code| i32::from(*code) == quantized.zeros[0]));
}
