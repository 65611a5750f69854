//! The functions and constants that an expression may name.

use dashu_base::{Abs, Gcd};
use dashu_float::{DBig, FpError, Repr, round::Rounded};
use dashu_int::{IBig, UBig};
use dashu_ratio::RBig;

use crate::{
    error::CalcError,
    limits::{MAX_ANGLE_DIGITS, MAX_ARGUMENTS, MAX_DIGITS, MAX_FACTORIAL, WORKING_DIGITS},
    value::{TOO_LARGE, Value, context, exact_root},
};

type Answer = Result<Value, CalcError>;

/// What a function does with arguments that were counted before.
enum Body {
    One(fn(&Value) -> Answer),
    Many(fn(&[Value]) -> Answer),
}

/// One function: its name, how many arguments it takes, and what it does.
pub(crate) struct Function {
    pub(crate) name: &'static str,
    least: usize,
    most: usize,
    takes: &'static str,
    body: Body,
}

/// Every function, by name.
const FUNCTIONS: &[Function] = &[
    one("abs", |x| Ok(x.clone().magnitude())),
    one("acos", |x| unit("acos", x, |r| context().acos(r, None))),
    one("asin", |x| unit("asin", x, |r| context().asin(r, None))),
    one("atan", |x| Value::rounded("atan", context().atan(&x.float(), None), x)),
    many("atan2", 2, 2, "two arguments (y, x)", |a| {
        Value::rounded("atan2", context().atan2(&a[0].float(), &a[1].float(), None), &a[0])
    }),
    one("cbrt", |x| root("cbrt", x, 3)),
    one("ceil", |x| Value::derived(RBig::from(x.number().ceil()), &[x])),
    one("cos", |x| angle("cos", x, |r| context().cos(r, None))),
    one("cosh", |x| growing("cosh", x, |r| context().cosh(r, None))),
    one("degrees", |x| x.times(&Value::exact(180))?.over(&pi())),
    one("exp", |x| growing("exp", x, |r| context().exp(r, None))),
    one("factorial", factorial),
    one("floor", |x| Value::derived(RBig::from(x.number().floor()), &[x])),
    many("gcd", 2, MAX_ARGUMENTS, "two or more whole numbers", |a| fold(a, gcd)),
    many("hypot", 2, 2, "two arguments", |a| root("hypot", &a[0].times(&a[0])?.plus(&a[1].times(&a[1])?)?, 2)),
    many("lcm", 2, MAX_ARGUMENTS, "two or more whole numbers", |a| fold(a, lcm)),
    one("ln", |x| logarithm("ln", x, |r| context().ln(r, None))),
    many("log", 1, 2, "a number, and a base if it is not 10", log),
    one("log10", |x| logarithm("log10", x, |r| context().log10(r, None))),
    one("log2", |x| logarithm("log2", x, |r| context().log2(r, None))),
    many("max", 1, MAX_ARGUMENTS, "one or more arguments", |a| fold(a, |x, y| Ok(larger(x, y)))),
    many("min", 1, MAX_ARGUMENTS, "one or more arguments", |a| fold(a, |x, y| Ok(smaller(x, y)))),
    many("mod", 2, 2, "two arguments", |a| a[0].modulo(&a[1])),
    many("pow", 2, 2, "a base and an exponent", |a| a[0].power(&a[1])),
    one("radians", |x| x.times(&pi())?.over(&Value::exact(180))),
    many("round", 1, 2, "a number, and decimal places if not 0", round),
    one("sign", |x| Value::derived(x.number().signum(), &[x])),
    one("sin", |x| angle("sin", x, |r| context().sin(r, None))),
    one("sinh", |x| growing("sinh", x, |r| context().sinh(r, None))),
    one("sqrt", |x| root("sqrt", x, 2)),
    many("sum", 1, MAX_ARGUMENTS, "one or more arguments", |a| fold(a, Value::plus)),
    one("tan", |x| angle("tan", x, |r| context().tan(r, None))),
    one("tanh", |x| growing("tanh", x, |r| context().tanh(r, None))),
    one("trunc", |x| Value::derived(RBig::from(x.number().trunc()), &[x])),
];

/// The names that stand for a number.
const CONSTANTS: [&str; 4] = ["e", "pi", "tau", "\u{3c0}"];

const fn one(name: &'static str, body: fn(&Value) -> Answer) -> Function {
    Function { name, least: 1, most: 1, takes: "one argument", body: Body::One(body) }
}

const fn many(
    name: &'static str,
    least: usize,
    most: usize,
    takes: &'static str,
    body: fn(&[Value]) -> Answer,
) -> Function {
    Function { name, least, most, takes, body: Body::Many(body) }
}

/// The function called `name`.
pub(crate) fn function(name: &str) -> Option<&'static Function> {
    FUNCTIONS.iter().find(|function| function.name.eq_ignore_ascii_case(name))
}

/// The constant called `name`.
pub(crate) fn constant(name: &str) -> Option<Value> {
    match name {
        "pi" | "PI" | "\u{3c0}" => Some(pi()),
        "tau" => Some(rounded_constant(&(DBig::pi(WORKING_DIGITS) * DBig::from(2)))),
        "e" => Some(rounded_constant(&DBig::e(WORKING_DIGITS))),
        _ => None,
    }
}

/// Every name that an expression may use, for the error about one that it may not.
pub(crate) fn known() -> String {
    let names: Vec<&str> = FUNCTIONS.iter().map(|function| function.name).chain(CONSTANTS).collect();
    names.join(", ")
}

impl Function {
    pub(crate) fn call(&self, arguments: &[Value]) -> Answer {
        let fits = (self.least..=self.most).contains(&arguments.len());
        match (&self.body, arguments) {
            (Body::One(body), [only]) => body(only),
            (Body::Many(body), many) if fits => body(many),
            _ => Err(CalcError::Arguments { name: self.name, takes: self.takes, found: arguments.len() }),
        }
    }
}

type Float = Result<Rounded<DBig>, FpError>;

fn pi() -> Value {
    rounded_constant(&DBig::pi(WORKING_DIGITS))
}

fn rounded_constant(value: &DBig) -> Value {
    Value::inexact(RBig::try_from(value.clone()).unwrap_or(RBig::ZERO))
}

fn fold(arguments: &[Value], step: fn(&Value, &Value) -> Answer) -> Answer {
    let mut rest = arguments.iter();
    let first = rest.next().cloned().unwrap_or_else(|| Value::exact(0));
    rest.try_fold(first, |so_far, next| step(&so_far, next))
}

fn larger(x: &Value, y: &Value) -> Value {
    if y.number() > x.number() { y.clone() } else { x.clone() }
}

fn smaller(x: &Value, y: &Value) -> Value {
    if y.number() < x.number() { y.clone() } else { x.clone() }
}

/// A root: exact where there is an exact one.
fn root(name: &'static str, x: &Value, degree: usize) -> Answer {
    if x.is_negative() && degree.is_multiple_of(2) {
        return Err(x.undefined(name, "0 or more"));
    }
    let positive = x.clone().magnitude();
    let found = match exact_root(positive.number(), degree) {
        Some(exact) => Value::derived(exact, &[x])?,
        None => Value::rounded(name, context().nth_root(degree, &positive.float()), x)?,
    };
    Ok(if x.is_negative() { found.negated() } else { found })
}

fn logarithm(name: &'static str, x: &Value, body: fn(&Repr<10>) -> Float) -> Answer {
    if x.is_zero() || x.is_negative() {
        return Err(x.undefined(name, "more than 0"));
    }
    Value::rounded(name, body(&x.float()), x)
}

fn log(arguments: &[Value]) -> Answer {
    let ln = |x: &Value| logarithm("log", x, |r| context().ln(r, None));
    match arguments {
        [x, base] if base.number() == &RBig::ONE => Err(x.undefined("log", "a base other than 1")),
        [x, base] => ln(x)?.over(&ln(base)?),
        [x, ..] => logarithm("log", x, |r| context().log10(r, None)),
        [] => Ok(Value::exact(0)),
    }
}

/// Arguments of -1 to 1.
fn unit(name: &'static str, x: &Value, body: fn(&Repr<10>) -> Float) -> Answer {
    if x.clone().magnitude().number() > &RBig::ONE {
        return Err(x.undefined(name, "-1 to 1"));
    }
    Value::rounded(name, body(&x.float()), x)
}

/// Angles: subtracting whole turns of a huge one would cost as many digits.
fn angle(name: &'static str, x: &Value, body: fn(&Repr<10>) -> Float) -> Answer {
    if x.clone().magnitude().number() > &RBig::from(UBig::from(10u8).pow(MAX_ANGLE_DIGITS)) {
        return Err(x.undefined(name, "less than 10^100"));
    }
    Value::rounded(name, body(&x.float()), x)
}

/// Functions that grow like `exp`.
fn growing(name: &'static str, x: &Value, body: fn(&Repr<10>) -> Float) -> Answer {
    if x.clone().magnitude().number() > &RBig::from(2 * MAX_DIGITS) {
        return Err(TOO_LARGE);
    }
    Value::rounded(name, body(&x.float()), x)
}

fn factorial(x: &Value) -> Answer {
    let whole = x.whole().and_then(|whole| u32::try_from(whole).ok());
    let most = whole.ok_or_else(|| x.undefined("factorial", "a whole number from 0 to 3000"))?;
    if most > MAX_FACTORIAL {
        return Err(TOO_LARGE);
    }
    let product = (2..=most).fold(UBig::ONE, |product, next| product * next);
    Value::derived(RBig::from(product), &[x])
}

fn gcd(x: &Value, y: &Value) -> Answer {
    let (a, b) = (whole("gcd", x)?, whole("gcd", y)?);
    if a.is_zero() && b.is_zero() {
        return Ok(Value::exact(0));
    }
    Value::derived(RBig::from(a.gcd(b)), &[x, y])
}

fn lcm(x: &Value, y: &Value) -> Answer {
    let (a, b) = (whole("lcm", x)?, whole("lcm", y)?);
    if a.is_zero() || b.is_zero() {
        return Ok(Value::exact(0));
    }
    let shared = IBig::from(a.gcd(b));
    Value::derived(RBig::from(a * b / shared).abs(), &[x, y])
}

fn whole<'v>(name: &'static str, x: &'v Value) -> Result<&'v IBig, CalcError> {
    x.whole().ok_or_else(|| x.undefined(name, "whole numbers"))
}

/// Half away from zero, to so many decimal places; fewer than none rounds to
/// tens, hundreds and so on.
fn round(arguments: &[Value]) -> Answer {
    let Some(x) = arguments.first() else { return Ok(Value::exact(0)) };
    let places = match arguments.get(1) {
        None => 0,
        Some(places) => places
            .whole()
            .and_then(|whole| isize::try_from(whole).ok())
            .filter(|places| places.unsigned_abs() <= MAX_DIGITS)
            .ok_or_else(|| places.undefined("round", "whole decimal places within 10000"))?,
    };
    let scale = RBig::from(10).pow(places);
    let scaled = RBig::from((x.number() * &scale).round());
    Value::derived(scaled / scale, arguments.iter().collect::<Vec<_>>().as_slice())
}
