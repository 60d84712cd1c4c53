use serde_json::{Map, Value, json};

use crate::failures::KINDS;
use crate::provider::Provider;

/// What `GET /_control` answers: the sandbox explained to whoever has only its address.
pub(crate) fn index() -> Value {
    let providers: Map<String, Value> = Provider::ALL
        .into_iter()
        .map(|provider| {
            let mut about = Map::new();
            about.insert("prefix".to_owned(), format!("/{provider}").into());
            about.insert("base".to_owned(), base(provider).into());
            let (name, readonly) = match password(provider) {
                None => ("token", "readonly_token"),
                Some(_) => ("username", "readonly_username"),
            };
            about.insert(name.to_owned(), format!("sandbox-{provider}").into());
            about.insert(readonly.to_owned(), format!("sandbox-{provider}-readonly").into());
            about.extend(password(provider).map(|password| ("password".to_owned(), password.into())));
            (provider.name().to_owned(), Value::Object(about))
        })
        .collect();
    let kinds: Map<String, Value> = KINDS.iter().map(|(name, about)| ((*name).to_owned(), Value::from(*about))).collect();
    json!({
        "about": "Stateful stand-ins of the providers' APIs. Control routes ask for no token.",
        "providers": providers,
        "routes": routes(),
        "failure_kinds": kinds,
    })
}

/// The provider's base path behind its prefix.
fn base(provider: Provider) -> String {
    let base = match provider {
        Provider::Wrike => "/api/v4",
        Provider::Workiva | Provider::Teamleader | Provider::Attio | Provider::Planhat => "",
        Provider::MicrosoftPlanner | Provider::Microsoft365 => "/v1.0",
        Provider::Polyteia => "/api",
        Provider::Capsule => "/api/v2",
        Provider::Insightly => "/v3.1",
        Provider::Pipeliner => "/api/v100/rest/spaces/my_space",
    };
    format!("/{provider}{base}")
}

/// The password beside the user name, for a provider that takes HTTP Basic in place of a bearer token.
fn password(provider: Provider) -> Option<&'static str> {
    match provider {
        Provider::Insightly => Some(""),
        Provider::Pipeliner => Some("sandbox-pipeliner"),
        _ => None,
    }
}

fn routes() -> Value {
    json!({
        "GET /_control": "this",
        "POST /_control/fail": {
            "about": "the next requests of a provider fail",
            "provider": "required",
            "kind": "required; see failure_kinds, which also lists the members of each",
            "times": "how many requests fail (default 1)",
            "after": "how many matching requests pass first (default 0)",
            "method": "only requests with this method",
            "apply": "true: the request takes effect although its answer is replaced (default false; \
                      kinds that spoil the real answer always apply)",
            "example": { "provider": "wrike", "kind": "rate_limit", "retry_after": "2", "times": 1 },
        },
        "GET /_control/requests[?provider=]":
            "what arrived, oldest first, at most 1,000: provider, method, path behind the prefix, query, headers, \
             body, status and answer (null and empty when there was none; the real answer when it was spoiled)",
        "DELETE /_control/requests": "forgets them",
        "GET /_control/state[?provider=]": "objects of each provider, pending failures, switches, log",
        "POST /_control/object": {
            "about": "changes an object behind the gateway's back; its etag or date moves on unless named",
            "example": { "provider": "microsoft-planner", "id": "xqQg5FS2LkCp935s-FIFm2QAFkHM",
                         "change": { "title": "Changed elsewhere" }, "remove": [] },
        },
        "POST /_control/seed": {
            "about": "adds objects with the shape of new ones, for tests of long lists",
            "count": "how many (1 to 100000)",
            "resource": "which kind of object, where a provider keeps several; planhat: 'workspaces' (default) or 'projects'",
            "example": { "provider": "planhat", "resource": "projects", "count": 2500 },
        },
        "POST /_control/switch": {
            "about": "chooses where the provider's documentation is unclear",
            "polyteia.envelope": "'command' (default): changes only under command; 'query': under query too",
            "polyteia.update": "'merge' (default): attributes are added to, an omitted description stays; \
                                'replace': attributes are replaced, omitted members are cleared",
            "teamleader.module": "'projects-v2' (default) or 'legacy': the projects module that the account has",
            "example": { "provider": "polyteia", "envelope": "query" },
        },
        "POST /_control/log": { "about": "switches the request log", "example": { "enabled": false } },
        "POST /_control/reset": "seeds, no failures, no switches, an empty log that is on",
    })
}
