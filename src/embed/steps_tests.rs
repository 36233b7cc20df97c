use super::*;

#[test]
fn the_exponential_is_right_to_two_units_in_the_last_place() {
    for at in 0..=87_000 {
        let x = -f64::from(at) / 1000.0;
        let (got, exact) = (f64::from(exp(x as f32)), f64::from(x as f32).exp());
        assert!((got - exact).abs() <= 2.5e-7 * exact, "exp({x}) = {got}");
    }
    assert_eq!(exp(0.0).to_bits(), 1.0_f32.to_bits());
    assert!(exp(-1e30) < 1e-37);
}

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
fn the_error_function_is_right_to_six_digits() {
    for at in -4500..=4500 {
        let x = f64::from(at) / 1000.0;
        let got = f64::from(erf(x as f32));
        assert!((got - exact_erf(x)).abs() < 6e-7, "erf({x}) = {got}");
    }
    assert!((erf(1e30) - 1.0).abs() < 2e-7 && (erf(-1e30) + 1.0).abs() < 2e-7);
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
