#![allow(clippy::unwrap_used, reason = "a panic is the verdict")]

use serde_json::Value;

use crate::harness::Harness;

const PATHS: [(&str, &str, &str); 20] = [
    ("PUT", "/wrike/api/v4/spaces/MQAAAAEQ_HoD", "sandbox-wrike"),
    ("PUT", "/wrike/api/v4/spaces/%ff%00%2f?%ff=%fe&&==", "sandbox-wrike"),
    ("PATCH", "/workiva/organizations/d6e178fd-4dd5-47e5-9457-68dd64b03655/workspaces/%ff", "sandbox-workiva"),
    ("PATCH", "/microsoft-planner/v1.0/planner/plans/xqQg5FS2LkCp935s-FIFm2QAFkHM", "sandbox-microsoft-planner"),
    ("POST", "/polyteia/api", "sandbox-polyteia"),
    ("PATCH", "/attio/v2/objects/workspaces/records/bf071e1f-6035-429d-b874-d83ea64ea13b", "sandbox-attio"),
    ("PUT", "/attio/v2/objects/workspaces/records?matching_attribute=%ff", "sandbox-attio"),
    ("POST", "/attio/v2/objects/workspaces/records/query", "sandbox-attio"),
    ("PUT", "/planhat/workspaces/extid-ws-1", "sandbox-planhat"),
    ("PUT", "/planhat/projects", "sandbox-planhat"),
    ("PATCH", "/microsoft-365/v1.0/planner/plans/jd8S5gOaFk2S8aWCIAJz42QAAxtD", "sandbox-microsoft-365"),
    ("PUT", "/capsule/api/v2/kases/5271516?%ff=%fe&&==", "sandbox-capsule"),
    ("POST", "/capsule/api/v2/kases", "sandbox-capsule"),
    ("PUT", "/insightly/v3.1/Projects", "sandbox-insightly"),
    ("GET", "/insightly/v3.1/Projects/Search?%ff=%fe&&==", "sandbox-insightly"),
    ("PATCH", "/pipeliner/api/v100/rest/spaces/my_space/entities/Projects/0190978c-d6d1-de35-3f6d-7cf0a0e264db", "sandbox-pipeliner"),
    ("GET", "/pipeliner/api/v100/rest/spaces/my_space/entities/Projects?after=%ff&filter[%ff]=%fe&&==", "sandbox-pipeliner"),
    ("POST", "/teamleader/projects-v2/projects.update", "sandbox-teamleader"),
    ("POST", "/teamleader/projects-v2/projects.list?%ff=%fe&&==", "sandbox-teamleader"),
    ("POST", "/_control/fail", "none"),
];

#[tokio::test]
async fn any_bytes_get_an_answer() {
    let harness = Harness::start().await;
    let deep = [vec![b'['; 100_000], vec![b']'; 100_000]].concat();
    let bodies = [
        Vec::new(),
        vec![0xff; 300],
        b"{\"\\ud800\":1e999999999}".to_vec(),
        b"[{\"op\":{},\"path\":[],\"value\":-0.0}]".to_vec(),
        b"title=%&%zz=%ff&=".to_vec(),
        deep,
        vec![b' '; 10_485_761],
    ];
    let types = ["application/json", "application/x-www-form-urlencoded", "\u{e9}"];
    for (method, path, token) in PATHS {
        for body in &bodies {
            for media_type in types {
                let bearer = match token {
                    "sandbox-insightly" => "Basic c2FuZGJveC1pbnNpZ2h0bHk6".to_owned(),
                    "sandbox-pipeliner" => "Basic c2FuZGJveC1waXBlbGluZXI6c2FuZGJveC1waXBlbGluZXI=".to_owned(),
                    token => format!("Bearer {token}"),
                };
                let headers = [
                    ("authorization", bearer.as_str()),
                    ("content-type", media_type),
                    ("x-version", "2026-01-01"),
                    ("if-match", "W/\"JzEtUGxhbiAgQEBAQEBAQEBAQEBAQEBARCc=\""),
                ];
                // A server that stops reading a body in the middle may close before the client has sent it.
                let outcome = harness.try_send(method, path, &headers, body.clone()).await;
                match outcome {
                    Ok(reply) => assert!(reply.status < 500, "{method} {path}: {}", reply.status),
                    Err(error) => assert!(body.len() > 1_048_576, "{method} {path}: {error:?}"),
                }
            }
        }
    }
    harness.control("GET", "/state", &Value::Null).await;
}
