use http::Method;
use http::header::HeaderName;
use serde_json::{Value, json};

use super::kind::Kind;
use crate::exchange::NativeRequest;
use crate::provider::Provider;

/// A failure that was asked for, and how often it is still due.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub(crate) provider: Provider,
    pub(crate) method: Option<Method>,
    /// Matching requests that pass first.
    pub(crate) after: u64,
    pub(crate) times: u64,
    pub(crate) name: &'static str,
    pub(crate) failure: Failure,
}

/// What happens to one request.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    pub(crate) kind: Kind,
    /// Whether the request takes effect although its answer is replaced: the write that happened and looks lost.
    pub(crate) apply: bool,
}

/// The failures that are due, in the order in which they were asked for.
#[derive(Debug, Default)]
pub(crate) struct Rules(Vec<Rule>);

impl Rules {
    pub(crate) fn add(&mut self, rule: Rule) {
        self.0.push(rule);
    }

    /// The failure of this request, if one is due. A request counts for one rule only: the first that it matches.
    pub(crate) fn fire(&mut self, request: &NativeRequest) -> Option<Failure> {
        let place = self.0.iter().position(|rule| rule.matches(request))?;
        let rule = self.0.get_mut(place)?;
        if rule.after > 0 {
            rule.after -= 1;
            return None;
        }
        rule.times = rule.times.saturating_sub(1);
        let failure = rule.failure.clone();
        if rule.times == 0 {
            self.0.remove(place);
        }
        Some(failure)
    }

    pub(crate) fn to_json(&self) -> Vec<Value> {
        self.0
            .iter()
            .map(|rule| {
                json!({
                    "provider": rule.provider.name(),
                    "kind": rule.name,
                    "method": rule.method.as_ref().map(Method::as_str),
                    "after": rule.after,
                    "times": rule.times,
                    "apply": rule.failure.apply,
                })
            })
            .collect()
    }
}

impl Rule {
    fn matches(&self, request: &NativeRequest) -> bool {
        let prefer = HeaderName::from_static("prefer");
        self.provider == request.provider
            && self.method.as_ref().is_none_or(|method| *method == request.method)
            && (!matches!(self.failure.kind, Kind::IgnorePrefer) || request.headers.contains_key(prefer))
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Request;
    use bytes::Bytes;

    use super::*;

    fn request(provider: Provider, method: &str) -> NativeRequest {
        let (parts, ()) = Request::builder().method(method).body(()).unwrap().into_parts();
        NativeRequest::new(provider, parts, Bytes::new())
    }

    fn rule(after: u64, times: u64, method: Option<Method>) -> Rule {
        Rule { provider: Provider::Wrike, method, after, times, name: "reset", failure: Failure { kind: Kind::Reset, apply: false } }
    }

    #[test]
    fn a_rule_lets_some_pass_then_fires_as_often_as_asked() {
        let mut rules = Rules::default();
        rules.add(rule(1, 2, None));
        let fired: Vec<bool> = (0..5).map(|_| rules.fire(&request(Provider::Wrike, "GET")).is_some()).collect();
        assert_eq!(fired, [false, true, true, false, false]);
        assert!(rules.to_json().is_empty());
    }

    #[test]
    fn other_providers_and_methods_do_not_count() {
        let mut rules = Rules::default();
        rules.add(rule(0, 1, Some(Method::PUT)));
        assert!(rules.fire(&request(Provider::Workiva, "PUT")).is_none());
        assert!(rules.fire(&request(Provider::Wrike, "GET")).is_none());
        assert!(rules.fire(&request(Provider::Wrike, "PUT")).is_some());
    }
}
