//! Numbers: always a fraction, with a note of whether rounding went into it.
//! Sums, products and whole powers stay exact; roots, logarithms and angles
//! are rounded to [`WORKING_DIGITS`].

use dashu_base::{Abs, BitTest, Sign};
use dashu_float::{
    Context, DBig, FBig, FpError, Repr,
    round::{Rounded, mode::HalfAway},
};
use dashu_int::{IBig, UBig};
use dashu_ratio::RBig;

use crate::{
    error::CalcError,
    limits::{MAX_BITS, MAX_DIGITS, WORKING_DIGITS},
};

/// One number.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Value {
    number: RBig,
    exact: bool,
}

pub(crate) const TOO_LARGE: CalcError = CalcError::TooLarge { most: MAX_DIGITS };

impl Value {
    /// A number as it was written.
    pub(crate) fn exact(number: impl Into<RBig>) -> Self {
        Self { number: number.into(), exact: true }
    }

    /// A number that was rounded.
    pub(crate) fn inexact(number: RBig) -> Self {
        Self { number, exact: false }
    }

    /// `number`, which came out of `operands`: exact if they were, inside the
    /// bounds or refused.
    pub(crate) fn derived(number: RBig, operands: &[&Self]) -> Result<Self, CalcError> {
        let exact = operands.iter().all(|operand| operand.exact);
        Self { number, exact }.bounded()
    }

    /// What a rounding function made.
    pub(crate) fn rounded(
        name: &'static str,
        result: Result<Rounded<FBig<HalfAway, 10>>, FpError>,
        of: &Self,
    ) -> Result<Self, CalcError> {
        let value = match result {
            Ok(rounded) => rounded.value(),
            Err(FpError::Overflow(_) | FpError::Underflow(_)) => return Err(TOO_LARGE),
            Err(_) => return Err(of.undefined(name, "another argument")),
        };
        if value.repr().is_infinite() || value.repr().exponent().unsigned_abs() > MAX_DIGITS + WORKING_DIGITS {
            return Err(TOO_LARGE);
        }
        let number = RBig::try_from(value).map_err(|_| TOO_LARGE)?;
        Self { number, exact: false }.bounded()
    }

    pub(crate) fn number(&self) -> &RBig {
        &self.number
    }

    pub(crate) fn is_exact(&self) -> bool {
        self.exact
    }

    pub(crate) fn is_zero(&self) -> bool {
        self.number.numerator().is_zero()
    }

    pub(crate) fn is_negative(&self) -> bool {
        self.number.sign() == Sign::Negative && !self.is_zero()
    }

    /// The number, if it is whole.
    pub(crate) fn whole(&self) -> Option<&IBig> {
        self.number.is_int().then(|| self.number.numerator())
    }

    /// The number for functions that round.
    pub(crate) fn float(&self) -> Repr<10> {
        self.decimal(WORKING_DIGITS).into_repr()
    }

    /// The number, rounded to `digits`.
    pub(crate) fn decimal(&self, digits: usize) -> DBig {
        self.number.to_float::<HalfAway, 10>(digits).value()
    }

    /// Says that `name` has no value here.
    pub(crate) fn undefined(&self, name: &'static str, needs: &'static str) -> CalcError {
        CalcError::Undefined { name, value: crate::show::brief(self), needs }
    }

    pub(crate) fn negated(self) -> Self {
        Self { number: -self.number, exact: self.exact }
    }

    pub(crate) fn magnitude(self) -> Self {
        Self { number: self.number.abs(), exact: self.exact }
    }

    pub(crate) fn plus(&self, other: &Self) -> Result<Self, CalcError> {
        Self::derived(&self.number + &other.number, &[self, other])
    }

    pub(crate) fn minus(&self, other: &Self) -> Result<Self, CalcError> {
        Self::derived(&self.number - &other.number, &[self, other])
    }

    pub(crate) fn times(&self, other: &Self) -> Result<Self, CalcError> {
        Self::derived(&self.number * &other.number, &[self, other])
    }

    pub(crate) fn over(&self, other: &Self) -> Result<Self, CalcError> {
        if other.is_zero() {
            return Err(CalcError::DivisionByZero);
        }
        Self::derived(&self.number / &other.number, &[self, other])
    }

    /// The largest whole number that is not above `self / other`.
    pub(crate) fn floor_over(&self, other: &Self) -> Result<Self, CalcError> {
        let quotient = self.over(other)?;
        Self::derived(RBig::from(quotient.number.floor()), &[&quotient])
    }

    /// What a floor division leaves: it has the sign of `other`.
    pub(crate) fn modulo(&self, other: &Self) -> Result<Self, CalcError> {
        self.minus(&self.floor_over(other)?.times(other)?)
    }

    /// `self` to the power of `exponent`.
    pub(crate) fn power(&self, exponent: &Self) -> Result<Self, CalcError> {
        if exponent.is_zero() {
            return Self::derived(RBig::ONE, &[self, exponent]);
        }
        if self.is_zero() {
            return if exponent.is_negative() { Err(CalcError::DivisionByZero) } else { Ok(self.clone()) };
        }
        self.check_power(exponent)?;
        if let Some(times) = exponent.whole() {
            return self.whole_power(times, exponent);
        }
        if self.is_negative() {
            return Err(self.undefined("a power with a fraction", "a base of 0 or more"));
        }
        Self::rounded("power", context().powf(&self.float(), &exponent.float(), None), self)
    }

    /// Refuses a power whose size alone tells that it is out of bounds.
    fn check_power(&self, exponent: &Self) -> Result<(), CalcError> {
        let size = Context::<HalfAway>::new(20).log10(&self.clone().magnitude().float(), None);
        let size = size.map_or(f64::INFINITY, |size| size.value().to_f64().value());
        let digits = size * exponent.number.to_f64_fast();
        if digits.is_finite() && digits.abs() <= MAX_DIGITS as f64 { Ok(()) } else { Err(TOO_LARGE) }
    }

    fn whole_power(&self, times: &IBig, exponent: &Self) -> Result<Self, CalcError> {
        let bits = self.number.numerator().bit_len().max(self.number.denominator().bit_len());
        if let Ok(small) = isize::try_from(times)
            && bits.saturating_mul(small.unsigned_abs()) <= 2 * MAX_BITS
            && let Ok(value) = Self::derived(self.number.pow(small), &[self, exponent])
        {
            return Ok(value);
        }
        Self::rounded("power", context().powi(&self.float(), times.clone()), self)
    }

    /// Inside the bounds: an inexact number is cut to its working digits, an
    /// exact one that is too long is refused.
    fn bounded(self) -> Result<Self, CalcError> {
        let longest = self.number.numerator().bit_len().max(self.number.denominator().bit_len());
        if longest > 2 * MAX_BITS {
            return Err(TOO_LARGE);
        }
        if !self.exact && longest > 8 * WORKING_DIGITS {
            let cut = self.number.to_float::<HalfAway, 10>(WORKING_DIGITS).value();
            let number = RBig::try_from(cut).map_err(|_| TOO_LARGE)?;
            return Ok(Self { number, exact: false });
        }
        if longest > MAX_BITS { Err(TOO_LARGE) } else { Ok(self) }
    }
}

/// Rounding to [`WORKING_DIGITS`], half away from zero.
pub(crate) fn context() -> Context<HalfAway> {
    Context::new(WORKING_DIGITS)
}

/// The whole `degree`th root of `number`, if it is one.
pub(crate) fn exact_root(number: &RBig, degree: usize) -> Option<RBig> {
    let numerator = UBig::try_from(number.numerator().clone()).ok()?;
    let top = numerator.nth_root(degree);
    let bottom = number.denominator().nth_root(degree);
    let fits = top.pow(degree) == numerator && &bottom.pow(degree) == number.denominator();
    fits.then(|| RBig::from_parts(IBig::from(top), bottom))
}
