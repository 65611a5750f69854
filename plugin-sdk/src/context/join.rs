//! Several questions at once.

use crate::error::{Error, Result};

/// Asks several questions in one round.
///
/// ```
/// use bulkhead_sdk::prelude::*;
///
/// #[derive(Deserialize, JsonSchema)]
/// struct Name {
///     name: String,
/// }
///
/// /// Introduces two people.
/// #[tool]
/// fn introduce(ctx: &Context) -> Result<String> {
///     let (one, other): (Name, Name) =
///         join((ctx.elicit("one", "Who?"), ctx.elicit("other", "And who?")))?;
///     Ok(format!("{}, meet {}", one.name, other.name))
/// }
///
/// let harness = Harness::new().accept("one", json!({"name": "Ann"})).accept("other", json!({"name": "Bob"}));
/// assert_eq!(harness.tool::<introduce>(json!({}))?.all_text(), "Ann, meet Bob");
/// assert_eq!(harness.rounds(), 2);
/// # Ok::<(), Error>(())
/// ```
pub fn join<J: Join>(questions: J) -> Result<J::Answers> {
    questions.join()
}

/// A tuple of questions.
pub trait Join {
    /// Their answers.
    type Answers;

    /// All answers; or all questions that lack one, as one error; or the first
    /// failure.
    fn join(self) -> Result<Self::Answers>;
}

macro_rules! tuples {
    ($(($($answer:ident)*))*) => {$(
        impl<$($answer),*> Join for ($(Result<$answer>,)*) {
            type Answers = ($($answer,)*);

            #[expect(non_snake_case, reason = "one name for a type and its value")]
            fn join(self) -> Result<Self::Answers> {
                let ($($answer,)*) = self;
                let mut open = Vec::new();
                $(let $answer = keep($answer, &mut open)?;)*
                match ($($answer,)*) {
                    ($(Some($answer),)*) => Ok(($($answer,)*)),
                    _ => Err(Error::InputRequired(open)),
                }
            }
        }
    )*};
}

tuples! { (A B) (A B C) (A B C D) (A B C D E) (A B C D E F) }

fn keep<T>(answer: Result<T>, open: &mut Vec<crate::types::InputRequest>) -> Result<Option<T>> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(Error::InputRequired(requests)) => {
            open.extend(requests);
            Ok(None)
        }
        Err(failure) => Err(failure),
    }
}
