//! What a plugin says of an error, cut to what a person reads. A plugin may hand on a
//! provider's page of errors, and one that means harm may say sixteen megabytes; the
//! provider's own answer stands in the problem beside it, whole.

use crate::contract::{FieldError, MappingError};
use crate::limits::Limits;

/// The error with its texts cut.
pub(crate) fn cut(error: MappingError, limits: &Limits) -> MappingError {
    match error {
        MappingError::Unsupported(why) => MappingError::Unsupported(text(why, limits)),
        MappingError::Unreadable(why) => MappingError::Unreadable(text(why, limits)),
        MappingError::Invalid(errors) => MappingError::Invalid(fields(errors, limits)),
        MappingError::Rejected(mut rejection) => {
            rejection.message = text(rejection.message, limits);
            rejection.fields = fields(rejection.fields, limits);
            MappingError::Rejected(rejection)
        }
    }
}

fn fields(errors: Vec<FieldError>, limits: &Limits) -> Vec<FieldError> {
    let cut = |error: FieldError| FieldError { path: text(error.path, limits), message: text(error.message, limits) };
    errors.into_iter().take(limits.error_fields).map(cut).collect()
}

fn text(mut text: String, limits: &Limits) -> String {
    if let Some((end, _)) = text.char_indices().nth(limits.error_chars) {
        text.truncate(end);
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_between_characters_and_a_list_at_its_limit() {
        let limits = Limits { error_chars: 3, error_fields: 2, ..Limits::default() };
        assert_eq!(text("ééé".to_owned(), &limits), "ééé");
        assert_eq!(text("éééé".to_owned(), &limits), "ééé…");
        let many = vec![FieldError { path: "/a".into(), message: "b".into() }; 3];
        let MappingError::Invalid(cut) = cut(MappingError::Invalid(many), &limits) else { panic!("the same error") };
        assert_eq!(cut.len(), 2);
    }
}
