//! How much one expression may ask for. Each limit answers "a short text that
//! computes for ever or fills memory", such as `9**9**9`.

/// Most characters of an expression.
pub const MAX_EXPRESSION_CHARS: usize = 4_096;

/// Deepest nesting of parentheses, signs and powers: each level is a frame on
/// the guest's stack.
pub const MAX_DEPTH: usize = 100;

/// Most decimal digits of any number on the way.
pub const MAX_DIGITS: usize = 10_000;

/// `MAX_DIGITS` in bits, rounded up.
pub const MAX_BITS: usize = 33_220;

/// Largest argument of `factorial`: 3,000! has 9,131 digits.
pub const MAX_FACTORIAL: u32 = 3_000;

/// Digits that an irrational number is computed to.
pub const WORKING_DIGITS: usize = 50;

/// Digits of an inexact result that are told. The rest guards against rounding.
pub const SHOWN_DIGITS: usize = 30;

/// Decimal places of the largest angle: reducing it by pi costs as many digits.
pub const MAX_ANGLE_DIGITS: usize = 100;

/// Most arguments of one function.
pub const MAX_ARGUMENTS: usize = 256;
