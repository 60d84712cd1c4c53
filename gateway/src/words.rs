//! What a plugin says of an error, cut to what a person reads. A plugin may hand on a
//! provider's page of errors, and one that means harm may say sixteen megabytes; the
//! provider's own answer stands in the problem beside it, whole.

use crate::contract::{FieldError, MappingError};

/// Characters of one text.
const MAX_CHARS: usize = 2000;
/// Fields at fault.
const MAX_FIELDS: usize = 100;

/// The error with its texts cut.
pub(crate) fn cut(error: MappingError) -> MappingError {
    match error {
        MappingError::Unsupported(why) => MappingError::Unsupported(text(why)),
        MappingError::Unreadable(why) => MappingError::Unreadable(text(why)),
        MappingError::Invalid(errors) => MappingError::Invalid(fields(errors)),
        MappingError::Rejected(mut rejection) => {
            rejection.message = text(rejection.message);
            rejection.fields = fields(rejection.fields);
            MappingError::Rejected(rejection)
        }
    }
}

fn fields(errors: Vec<FieldError>) -> Vec<FieldError> {
    errors.into_iter().take(MAX_FIELDS).map(|error| FieldError { path: text(error.path), message: text(error.message) }).collect()
}

fn text(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(MAX_CHARS) {
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
        assert_eq!(text("é".repeat(MAX_CHARS)).chars().count(), MAX_CHARS);
        assert_eq!(text("é".repeat(MAX_CHARS + 1)), format!("{}…", "é".repeat(MAX_CHARS)));
        let many = vec![FieldError { path: "/a".into(), message: "b".into() }; 101];
        let MappingError::Invalid(cut) = cut(MappingError::Invalid(many)) else { panic!("the same error") };
        assert_eq!(cut.len(), MAX_FIELDS);
    }
}
