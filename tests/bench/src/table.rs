//! Figures, and how they are printed.

use std::fmt;

/// A figure that was taken several times.
#[derive(Clone, Debug, Default)]
pub struct Figure(Vec<f64>);

impl Figure {
    pub fn take(&mut self, value: f64) {
        self.0.push(value);
        self.0.sort_by(f64::total_cmp);
    }

    /// The middle one: noise makes single ones much worse, seldom better.
    pub fn median(&self) -> f64 {
        self.0.get(self.0.len() / 2).copied().unwrap_or(f64::NAN)
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (least, most) = (self.0.first().unwrap_or(&f64::NAN), self.0.last().unwrap_or(&f64::NAN));
        let digits = usize::from(self.median() < 100.0);
        write!(f, "{:.digits$} ({least:.digits$}–{most:.digits$})", self.median())
    }
}

/// What a ratio is to be.
#[derive(Clone, Copy)]
pub enum Goal {
    AtLeast(f64),
    AtMost(f64),
}

impl Goal {
    pub fn told(self, value: f64) -> String {
        let (sign, bound, met) = match self {
            Self::AtLeast(bound) => ('≥', bound, value >= bound),
            Self::AtMost(bound) => ('≤', bound, value <= bound),
        };
        format!("{sign} {bound} {}", if met { "met" } else { "MISSED" })
    }
}

/// One line under a heading.
pub fn heading(text: &str, columns: &[&str]) {
    println!("\n### {text}\n\n| {} |", columns.join(" | "));
    println!("|{}", "---|".repeat(columns.len()));
}

pub fn row(cells: &[String]) {
    println!("| {} |", cells.join(" | "));
}

/// A ratio beside its goal, for two cells of a row.
pub fn against(value: f64, goal: Option<Goal>) -> [String; 2] {
    [format!("{value:.2} ×"), goal.map_or_else(String::new, |goal| goal.told(value))]
}
