use std::sync::Arc;

use crate::{
    Pass, Policy, Rule, RuleError,
    baseline::Lexicon,
    fold::Folds,
    hits::Anchors,
    rule::{self, FILES, Form, RawRule},
};

/// The rules, ready to be used by everyone at once.
pub struct Screen {
    pub(crate) rules: Vec<Arc<Rule>>,
    /// Of all rules, folded: where one of a rule about text as it is stands, it
    /// stands in folded text too, so that most texts are read once.
    pub(crate) folded: Anchors,
    /// Of rules about text as it is.
    pub(crate) raw: Anchors,
    /// What is spelt letter by letter.
    pub(crate) spelt: Anchors,
    pub(crate) folds: Arc<Folds>,
    pub(crate) lexicon: Arc<Lexicon>,
    pub(crate) hidden: Hidden,
}

/// Rules about what is not seen: about counts, not about patterns.
pub(crate) struct Hidden {
    pub(crate) tags: Arc<Rule>,
    pub(crate) overrides: Arc<Rule>,
    pub(crate) run: Arc<Rule>,
    pub(crate) commands: Arc<Rule>,
    pub(crate) exact: Arc<Rule>,
    pub(crate) too_long: Arc<Rule>,
    pub(crate) crowded: Arc<Rule>,
}

impl Screen {
    /// With the rules that are built in.
    ///
    /// # Errors
    /// A file of rules is wrong, which a test of this crate excludes.
    pub fn standard() -> Result<Self, RuleError> {
        let folds = Arc::new(Folds::new());
        let (mut raw, mut rules) = (Vec::new(), Vec::new());
        for (file, text) in FILES {
            for rule in rule::parse(file, text)? {
                let compiled = Rule::compile(&rule, &folds);
                let compiled = compiled.map_err(|text| RuleError { file: file.to_owned(), text })?;
                rules.push(Arc::new(compiled));
                raw.push(rule);
            }
        }
        let lexicon = Arc::new(Lexicon::standard(folds.clone())?);
        let anchors = |form, wanted: &dyn Fn(&RawRule) -> &[String]| anchors(&raw, form, wanted, &folds);
        Ok(Self {
            hidden: Hidden::among(&rules)?,
            folded: anchors(Form::Folded, &|rule| &rule.anchors),
            raw: anchors(Form::Raw, &|rule| if rule.form == Form::Raw { &rule.anchors } else { &[] }),
            spelt: anchors(Form::Folded, &|rule| &rule.spelt),
            rules,
            folds,
            lexicon,
        })
    }

    /// Begins an answer.
    #[must_use]
    pub fn pass(&self, policy: Policy) -> Pass<'_> {
        Pass::new(self, policy)
    }

    /// Every rule, in the order of findings.
    pub fn rules(&self) -> impl Iterator<Item = &Arc<Rule>> {
        self.rules.iter()
    }
}

impl Hidden {
    fn among(rules: &[Arc<Rule>]) -> Result<Self, RuleError> {
        let named = |id: &str| {
            let missing = || RuleError { file: "hidden.toml".to_owned(), text: format!("{id} is missing") };
            rules.iter().find(|rule| rule.id() == id).cloned().ok_or_else(missing)
        };
        Ok(Self {
            tags: named("hidden.tags")?,
            overrides: named("hidden.override")?,
            run: named("hidden.run")?,
            commands: named("hidden.terminal-command")?,
            exact: named("hidden.exact")?,
            too_long: named("hidden.too-long")?,
            crowded: named("hidden.crowded")?,
        })
    }
}

fn anchors(raw: &[RawRule], form: Form, wanted: &dyn Fn(&RawRule) -> &[String], folds: &Folds) -> Anchors {
    let word = |word: &String| if form == Form::Folded { folds.fold(word) } else { word.clone() };
    let of_rule = |(number, rule)| wanted(rule).iter().map(move |anchor| (word(anchor), number));
    let words: Vec<(String, usize)> = raw.iter().enumerate().flat_map(of_rule).collect();
    Anchors::new(words.iter().map(|(word, number)| (word.as_str(), *number)))
}
