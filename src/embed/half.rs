//! Numbers of half precision (IEEE 754 binary16), in which models are saved and scales are kept.

/// The value of a half. Exact: each half is a single too.
pub(super) fn from_half(half: u16) -> f32 {
    let (sign, exponent, fraction) = (half >> 15, half >> 10 & 0x1f, half & 0x3ff);
    let size = match exponent {
        0 => f32::from(fraction) * 2.0_f32.powi(-24),
        0x1f if fraction == 0 => f32::INFINITY,
        0x1f => f32::NAN,
        // The exponent's bias is 15 in halves and 127 in singles.
        _ => f32::from_bits((u32::from(exponent) + 112) << 23 | u32::from(fraction) << 13),
    };
    if sign == 0 { size } else { -size }
}

/// The half nearest to a number, ties to even; of a number that is too large, the largest.
pub(super) fn to_half(number: f32) -> u16 {
    const MOST: f32 = 65504.0;
    let size = number.abs().min(MOST);
    let bits = if size < 2.0_f32.powi(-14) {
        // Halves this small are multiples of 2⁻²⁴.
        (size * 2.0_f32.powi(24)).round_ties_even() as u16
    } else {
        let bits = size.to_bits();
        let rounded = bits + 0xfff + (bits >> 13 & 1);
        ((rounded >> 13) - (112 << 10)).min(0x7bff) as u16
    };
    if number.is_sign_negative() { bits | 0x8000 } else { bits }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_become_singles_exactly() {
        let cases = [
            (0x0000, 0.0),
            (0x8000, -0.0),
            (0x3c00, 1.0),
            (0xc000, -2.0),
            (0x3555, 0.333_251_95),
            (0x0001, 5.960_464_5e-8),
            (0x03ff, 6.097_555e-5),
            (0x0400, 6.103_515_6e-5),
            (0x7bff, 65504.0),
            (0x7c00, f32::INFINITY),
        ];
        for (half, single) in cases {
            assert_eq!(from_half(half).to_bits(), f32::to_bits(single), "{half:#06x}");
        }
        assert!(from_half(0x7e00).is_nan());
    }

    #[test]
    fn a_half_becomes_itself_and_what_lies_between_the_nearest() {
        for half in (0..0x7c00).chain(0x8000..0xfc00) {
            assert_eq!(to_half(from_half(half)), half, "{half:#06x}");
        }
        for half in 0..0x7bff_u16 {
            let (low, high) = (from_half(half), from_half(half + 1));
            let middle = f32::midpoint(low, high);
            assert_eq!(to_half(middle), half + (half & 1), "{half:#06x}");
            assert_eq!((to_half(middle.next_down()), to_half(middle.next_up())), (half, half + 1));
        }
        assert_eq!((to_half(1e9), to_half(f32::NEG_INFINITY)), (0x7bff, 0xfbff));
    }
}
