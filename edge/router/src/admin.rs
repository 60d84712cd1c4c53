//! The one route for the operator: `PUT /edge/import`.

use http::Method;
use patchboard_edge::Head;
use patchboard_gateway::{Code, Phase, Problem, door, query};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

pub(crate) const IMPORT: &str = "/edge/import";
const PRUNE: &str = "prune";

/// Who may import.
pub(crate) struct Admin<'a> {
    /// None closes the route.
    pub(crate) token: Option<&'a str>,
}

impl Admin<'_> {
    /// Whether what the export lacks is to be removed.
    pub(crate) fn check(&self, head: &Head) -> Result<bool, Problem> {
        let Some(token) = self.token else {
            let why = "the import route is closed: set the variable admin_token of the app";
            return Err(Problem::new(Code::Forbidden, why).at(Phase::Http));
        };
        // Hashes are compared, so that time says nothing about the token, nor its length.
        let given = Sha256::digest(door::bearer(&head.headers)?);
        if !bool::from(given.ct_eq(&Sha256::digest(token))) {
            return Err(Problem::new(Code::Unauthorized, "the token is not the app's admin_token"));
        }
        if head.method != Method::PUT {
            let why = format!("{} is not a method of this path", head.method);
            return Err(Problem::new(Code::MethodNotAllowed, why).with_allow(&["PUT"]));
        }
        prune(&head.query)
    }
}

fn prune(given: &str) -> Result<bool, Problem> {
    let mut prune = false;
    for entry in query::parse(given)? {
        prune = match (entry.name.as_str(), entry.value.as_str()) {
            (PRUNE, "true" | "1") => true,
            (PRUNE, "false" | "0") => false,
            (PRUNE, _) => return Err(refused(PRUNE, "must be true or false")),
            (other, _) => return Err(refused(other, "is unknown; there is prune")),
        };
    }
    Ok(prune)
}

fn refused(name: &str, why: &str) -> Problem {
    Problem::new(Code::InvalidParameter, format!("{name} {why}")).with_error(format!("?{name}"), why)
}
