//! Sampling parameters: how a model is to choose its words.
//!
//! One table says which there are and what each may be. A name that is not in
//! it is an error wherever it is read: a misspelt parameter must not vanish.

use std::collections::BTreeMap;

/// Most stop sequences, and longest one. Answers "parameters that fill every
/// call's context".
const MOST_STOPS: usize = 16;
const LONGEST_STOP: usize = 256;

/// One parameter, by the name that clients and files write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Parameter {
    Temperature,
    TopP,
    TopK,
    MaxTokens,
    StopSequences,
    PresencePenalty,
    FrequencyPenalty,
    Seed,
}

/// What a parameter is set to.
#[derive(Clone, Debug, PartialEq)]
pub enum Setting {
    Number(f64),
    Whole(u64),
    Texts(Vec<String>),
}

/// What a parameter may be set to.
enum Shape {
    Number(f64, f64),
    Whole(u64, u64),
    Texts,
}

/// A parameter that there is none of, or a value that it cannot have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {0}")]
pub struct ParameterError(pub String);

impl Parameter {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Temperature,
        Self::TopP,
        Self::TopK,
        Self::MaxTokens,
        Self::StopSequences,
        Self::PresencePenalty,
        Self::FrequencyPenalty,
        Self::Seed,
    ];

    /// The name that clients and files write.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Temperature => "temperature",
            Self::TopP => "topP",
            Self::TopK => "topK",
            Self::MaxTokens => "maxTokens",
            Self::StopSequences => "stopSequences",
            Self::PresencePenalty => "presencePenalty",
            Self::FrequencyPenalty => "frequencyPenalty",
            Self::Seed => "seed",
        }
    }

    /// The parameter of this name.
    ///
    /// # Errors
    /// There is none: the error lists those that there are.
    pub fn named(name: &str) -> Result<Self, ParameterError> {
        let found = Self::ALL.into_iter().find(|parameter| parameter.name() == name);
        found.ok_or_else(|| ParameterError(format!("one of {}", Self::ALL.map(Self::name).join(", "))))
    }

    const fn shape(self) -> Shape {
        match self {
            Self::Temperature => Shape::Number(0.0, 2.0),
            Self::TopP => Shape::Number(0.0, 1.0),
            Self::PresencePenalty | Self::FrequencyPenalty => Shape::Number(-2.0, 2.0),
            Self::TopK => Shape::Whole(1, 1_000_000),
            Self::MaxTokens => Shape::Whole(1, 100_000_000),
            // What a double holds exactly.
            Self::Seed => Shape::Whole(0, 1 << 53),
            Self::StopSequences => Shape::Texts,
        }
    }

    /// The setting that `text` spells, for a parameter that is a number.
    ///
    /// # Errors
    /// It spells none, or one that is out of range.
    pub fn number(self, text: &str) -> Result<Setting, ParameterError> {
        match self.shape() {
            Shape::Number(least, most) => {
                let number = text.parse().ok().filter(|number: &f64| (least..=most).contains(number));
                // Minus zero is zero.
                number.map(|number| Setting::Number(number + 0.0)).ok_or_else(|| self.wrong())
            }
            Shape::Whole(least, most) => {
                let number = text.parse().ok().filter(|number| (least..=most).contains(number));
                number.map(Setting::Whole).ok_or_else(|| self.wrong())
            }
            Shape::Texts => Err(self.wrong()),
        }
    }

    /// The setting that is these texts, for a parameter that is a list of them.
    ///
    /// # Errors
    /// It is no list, or a text is empty or too long.
    pub fn texts(self, texts: Vec<String>) -> Result<Setting, ParameterError> {
        let fit = texts.len() <= MOST_STOPS && texts.iter().all(|text| (1..=LONGEST_STOP).contains(&text.len()));
        match self.shape() {
            Shape::Texts if fit => Ok(Setting::Texts(texts)),
            _ => Err(self.wrong()),
        }
    }

    /// Something else stands there than this parameter can be.
    #[must_use]
    pub fn wrong(self) -> ParameterError {
        ParameterError(match self.shape() {
            Shape::Number(least, most) => format!("a number from {least} to {most}"),
            Shape::Whole(least, most) => format!("a whole number from {least} to {most}"),
            Shape::Texts => format!("at most {MOST_STOPS} texts of 1 to {LONGEST_STOP} bytes"),
        })
    }
}

/// Parameters that are set. What is not set is the model's own affair.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sampling(BTreeMap<Parameter, Setting>);

impl Sampling {
    /// Whether nothing is set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is set, in the order of [`Parameter::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = (Parameter, &Setting)> {
        self.0.iter().map(|(parameter, setting)| (*parameter, setting))
    }

    /// Sets one parameter, or takes it away.
    pub fn set(&mut self, parameter: Parameter, setting: Option<Setting>) {
        match setting {
            Some(setting) => self.0.insert(parameter, setting),
            None => self.0.remove(&parameter),
        };
    }

    /// These parameters, and those of `below` that are not set here.
    #[must_use]
    pub fn over(&self, below: &Self) -> Self {
        let mut joined = below.clone();
        joined.0.extend(self.0.clone());
        joined
    }
}

impl FromIterator<(Parameter, Setting)> for Sampling {
    fn from_iter<I: IntoIterator<Item = (Parameter, Setting)>>(settings: I) -> Self {
        Self(settings.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_parameter_has_a_name_and_a_range() {
        for parameter in Parameter::ALL {
            assert_eq!(Parameter::named(parameter.name()), Ok(parameter));
        }
        let error = Parameter::named("top_p").unwrap_err();
        assert!(error.to_string().starts_with("expected one of temperature, topP"), "{error}");
        let table = [
            (Parameter::Temperature, "0", true),
            (Parameter::Temperature, "2", true),
            (Parameter::Temperature, "2.01", false),
            (Parameter::Temperature, "-0.1", false),
            (Parameter::Temperature, "NaN", false),
            (Parameter::Temperature, "inf", false),
            (Parameter::TopP, "1e-1", true),
            (Parameter::TopP, "1.5", false),
            (Parameter::MaxTokens, "1", true),
            (Parameter::MaxTokens, "0", false),
            (Parameter::MaxTokens, "-1", false),
            (Parameter::MaxTokens, "1.5", false),
            (Parameter::StopSequences, "1", false),
        ];
        for (parameter, text, good) in table {
            assert_eq!(parameter.number(text).is_ok(), good, "{parameter:?} {text}");
        }
        assert!(Parameter::StopSequences.texts(vec!["\n".into()]).is_ok());
        assert!(Parameter::StopSequences.texts(vec![String::new()]).is_err());
        assert!(Parameter::StopSequences.texts(vec!["x".into(); 17]).is_err());
        assert!(Parameter::TopP.texts(vec!["x".into()]).is_err());
    }

    #[test]
    fn what_is_set_wins_over_what_lies_below() {
        let below: Sampling =
            [(Parameter::TopP, Setting::Number(0.5)), (Parameter::Seed, Setting::Whole(1))].into_iter().collect();
        let above: Sampling = [(Parameter::TopP, Setting::Number(0.9))].into_iter().collect();
        let joined = above.over(&below);
        let values: Vec<_> = joined.iter().collect();
        assert_eq!(values, [(Parameter::TopP, &Setting::Number(0.9)), (Parameter::Seed, &Setting::Whole(1))]);
    }
}
