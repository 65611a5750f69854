//! Patterns of whole numbers of 64 bits that are written as strings: exactly
//! those that fit.

use super::{schema::EXACT_DIGITS, shape::Int};

/// Decimal numbers of more than [`EXACT_DIGITS`] digits that fit, in one spelling.
pub(super) fn wide(int: Int) -> String {
    let (least, most) = int.range();
    let most = up_to(most.unsigned_abs());
    if least == 0 {
        return format!("^({most})$");
    }
    // The smallest is one further from zero than the largest.
    format!("^(-?({most})|{least})$")
}

/// A pattern of the numbers of more than [`EXACT_DIGITS`] digits and up to `most`.
fn up_to(most: u128) -> String {
    let digits = most.to_string();
    let shorter = digits.len() - 2;
    format!("[1-9][0-9]{{{EXACT_DIGITS},{shorter}}}|{}", at_most(digits.as_bytes(), b'1'))
}

/// Numbers of as many digits as `digits` that are not larger, and begin with `least` or more.
fn at_most(digits: &[u8], least: u8) -> String {
    let Some((&digit, rest)) = digits.split_first() else { return String::new() };
    if rest.is_empty() {
        return one_of(least, digit);
    }
    let same = format!("{}{}", char::from(digit), at_most(rest, b'0'));
    if digit == least {
        return same;
    }
    let any = if rest.len() == 1 { "[0-9]".to_owned() } else { format!("[0-9]{{{}}}", rest.len()) };
    format!("({}{any}|{same})", one_of(least, digit - 1))
}

fn one_of(least: u8, most: u8) -> String {
    let [least, most] = [least, most].map(char::from);
    if least == most { least.to_string() } else { format!("[{least}-{most}]") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_of_wide_numbers_ends_where_they_do() {
        assert_eq!(
            wide(Int::U64),
            "^([1-9][0-9]{15,18}|1([0-7][0-9]{18}|8([0-3][0-9]{17}|4([0-3][0-9]{16}|4([0-5][0-9]{15}|6([0-6][0-9]{14}|\
             7([0-3][0-9]{13}|4([0-3][0-9]{12}|40([0-6][0-9]{10}|7([0-2][0-9]{9}|3([0-6][0-9]{8}|70([0-8][0-9]{6}|\
             9([0-4][0-9]{5}|5([0-4][0-9]{4}|5(0[0-9]{3}|1([0-5][0-9]{2}|6(0[0-9]|1[0-5])))))))))))))))))$"
        );
        assert!(wide(Int::S64).starts_with("^(-?([1-9][0-9]{15,17}|([1-8][0-9]{18}|9("));
        assert!(wide(Int::S64).ends_with("|-9223372036854775808)$"));
    }
}
