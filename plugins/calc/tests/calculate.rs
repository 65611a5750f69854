//! What the calculator answers, natively.

use std::time::{Duration, Instant};

use bulkhead_plugin_calc::{CalcError, MAX_DEPTH, MAX_DIGITS, calculate};

fn digits(expression: &str) -> String {
    match calculate(expression) {
        Ok(outcome) => outcome.digits,
        Err(error) => format!("error: {error}"),
    }
}

#[test]
fn precedence_is_that_of_arithmetic() {
    for (expression, expected) in [
        ("2 + 3 * 4", "14"),
        ("(2 + 3) * 4", "20"),
        ("2 * 3 + 4", "10"),
        ("10 - 4 - 3", "3"),
        ("100 / 10 / 5", "2"),
        ("2 ** 3 ** 2", "512"),
        ("2 ^ 10", "1024"),
        ("-2 ** 2", "-4"),
        ("(-2) ** 2", "4"),
        ("2 ** -2", "0.25"),
        ("2 * -3", "-6"),
        ("--5", "5"),
        ("+5", "5"),
        ("3! + 1", "7"),
        ("-3!", "-6"),
        ("2 ** 3!", "64"),
        ("7 // 2", "3"),
        ("-7 // 2", "-4"),
        ("-7 % 3", "2"),
        ("7 % -3", "-2"),
        ("5.5 % 2", "1.5"),
        ("6 × 7 ÷ 2", "21"),
        ("5 − 3", "2"),
    ] {
        assert_eq!(digits(expression), expected, "{expression}");
    }
}

#[test]
fn decimals_and_big_integers_are_exact() {
    for (expression, expected) in [
        ("0.1 + 0.2", "0.3"),
        ("1.10 * 3", "3.3"),
        ("1/3 * 3", "1"),
        ("1/8", "0.125"),
        ("2 ** 100", "1267650600228229401496703205376"),
        ("12345678901234567890 * 98765432109876543210", "1219326311370217952237463801111263526900"),
        ("25!", "15511210043330985984000000"),
        ("1e-10", "0.0000000001"),
        ("1e-50", "1e-50"),
        ("-1.5e-40", "-1.5e-40"),
        ("sqrt(16)", "4"),
        ("sqrt(0.25)", "0.5"),
        ("cbrt(-27)", "-3"),
        ("0xff + 0b1", "256"),
    ] {
        let outcome = calculate(expression);
        assert!(
            matches!(&outcome, Ok(found) if found.digits == expected && found.exact),
            "{expression}: {outcome:?}, expected {expected}"
        );
    }
}

#[test]
fn what_has_no_end_is_rounded_and_says_so() {
    for (expression, expected) in [
        ("1/3", "0.333333333333333333333333333333"),
        ("2/3", "0.666666666666666666666666666667"),
        ("sqrt(2)", "1.41421356237309504880168872421"),
        ("pi", "3.14159265358979323846264338328"),
        ("e", "2.71828182845904523536028747135"),
        ("sqrt(2) ** 2", "2"),
        ("2 ** 0.5", "1.41421356237309504880168872421"),
        ("sin(pi / 6)", "0.5"),
        ("cos(0)", "1"),
        ("tan(pi / 4)", "1"),
        ("atan2(1, 1) * 4", "3.14159265358979323846264338328"),
        ("degrees(pi)", "180"),
        ("radians(180)", "3.14159265358979323846264338328"),
        ("ln(e)", "1"),
        ("log(1000)", "3"),
        ("log(8, 2)", "3"),
        ("log2(1024)", "10"),
        ("exp(1)", "2.71828182845904523536028747135"),
        ("exp(100)", "2.68811714181613544841262555158e+43"),
        ("exp(-100)", "3.72007597602083596295969580386e-44"),
        ("sinh(1) + cosh(1) - e", "0"),
        ("1.000001 ** 1000000", "2.71828046931937688381979970845"),
        ("hypot(1, 1)", "1.41421356237309504880168872421"),
    ] {
        let outcome = calculate(expression);
        assert!(
            matches!(&outcome, Ok(found) if found.digits == expected && !found.exact),
            "{expression}: {outcome:?}, expected {expected}"
        );
    }
}

#[test]
fn functions_do_what_their_names_say() {
    for (expression, expected) in [
        ("abs(-3.5)", "3.5"),
        ("min(3, 1, 2)", "1"),
        ("max(3, 1, 2)", "3"),
        ("sum(1, 2, 3.5)", "6.5"),
        ("round(2.5)", "3"),
        ("round(-2.5)", "-3"),
        ("round(3.14159, 2)", "3.14"),
        ("round(1250, -2)", "1300"),
        ("floor(-1.5)", "-2"),
        ("ceil(-1.5)", "-1"),
        ("trunc(-1.5)", "-1"),
        ("sign(-3)", "-1"),
        ("gcd(12, 18, 27)", "3"),
        ("lcm(4, 6)", "12"),
        ("mod(-1, 5)", "4"),
        ("pow(2, 8)", "256"),
        ("hypot(3, 4)", "5"),
        ("factorial(5)", "120"),
        ("SQRT(9)", "3"),
    ] {
        assert_eq!(digits(expression), expected, "{expression}");
    }
}

#[test]
fn a_double_comes_along_where_there_is_one() {
    assert!(matches!(calculate("1/2"), Ok(outcome) if outcome.double == Some(0.5)));
    assert!(matches!(calculate("10 ** 400"), Ok(outcome) if outcome.double.is_none()));
}

#[test]
fn what_is_too_large_is_told_quickly() {
    let too_large = Err(CalcError::TooLarge { most: MAX_DIGITS });
    let started = Instant::now();
    for expression in [
        "9**9**9",
        "9**9**9**9",
        "-9**9**9",
        "0.5**9**9",
        "1.5**99999999",
        "99999!",
        "3000! * 3000!",
        "10**9999 * 10**9999",
        "exp(99999)",
        "1e99999",
        "sqrt(2)**(10**9)",
    ] {
        assert_eq!(calculate(expression), too_large, "{expression}");
    }
    assert!(started.elapsed() < Duration::from_secs(20), "took {:?}", started.elapsed());
}

#[test]
fn the_largest_that_is_allowed_is_quick() {
    let started = Instant::now();
    assert!(matches!(calculate("3000!"), Ok(outcome) if outcome.digits.len() == 9_131));
    assert!(matches!(calculate("9**10000"), Ok(outcome) if outcome.exact && outcome.digits.len() == 9_543));
    assert!(matches!(calculate("sin(1e99)"), Ok(outcome) if !outcome.exact));
    assert!(started.elapsed() < Duration::from_secs(20), "took {:?}", started.elapsed());
}

#[test]
fn nesting_has_a_bound() {
    let deep = |levels: usize| format!("{}1{}", "(".repeat(levels), ")".repeat(levels));
    assert_eq!(digits(&deep(MAX_DEPTH)), "1");
    for expression in [deep(MAX_DEPTH + 1), format!("{}1", "-".repeat(2_000)), vec!["1"; 1_000].join("**")] {
        assert!(matches!(calculate(&expression), Err(CalcError::TooDeep { .. })), "{:?}", calculate(&expression));
    }
    let flat = vec!["1"; 2_000].join("+");
    assert_eq!(digits(&flat), "2000");
}

#[test]
fn errors_say_where_and_what_was_expected() {
    for (expression, expected) in [
        ("", "the expression is empty"),
        ("   ", "the expression is empty"),
        ("1 +", "the expression ends where a number, a name or a parenthesis should follow"),
        ("1 + * 2", "at 5: `*` does not belong here; expected a number, a name or a parenthesis"),
        ("(1 + 2", "the expression ends where `)` should follow"),
        ("1 2", "at 3: `2` does not belong here; expected an operator or the end"),
        ("1 / 0", "division by zero"),
        ("1 % 0", "division by zero"),
        ("0 ** -1", "division by zero"),
        ("sqrt(-1)", "`sqrt` is not defined for -1: it needs 0 or more"),
        ("ln(0)", "`ln` is not defined for 0: it needs more than 0"),
        ("asin(2)", "`asin` is not defined for 2: it needs -1 to 1"),
        ("factorial(2.5)", "`factorial` is not defined for 2.5: it needs a whole number from 0 to 3000"),
        ("sqrt(1, 2)", "`sqrt` takes one argument, not 2"),
        ("min()", "`min` takes one or more arguments, not 0"),
        ("sqrt 4", "at 6: `4` does not belong here; expected `(` and the arguments"),
        ("\"a\"", "at 1: `\\\"` does not belong here; expected a number, a name, an operator or a parenthesis"),
    ] {
        assert_eq!(digits(expression), format!("error: {expected}"), "{expression}");
    }
}

#[test]
fn code_is_not_evaluated() {
    for expression in ["__import__('os')", "import os", "print(1)", "x = 1", "open"] {
        assert!(calculate(expression).is_err(), "{expression}");
    }
    assert!(matches!(
        calculate("system(1)"),
        Err(CalcError::UnknownName { at: 1, name, known }) if name == "system" && known.contains("sqrt")
    ));
}
