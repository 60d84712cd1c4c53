//! The component itself: reads a request, decides, and forwards.
#![allow(unsafe_code, reason = "what the macro of the handler expands to")]

use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt as _;
use http::header::CONTENT_LENGTH;
use http::{HeaderValue, Method, StatusCode};
use patchboard_edge::guest::{self, ErrorCode, Incoming, IncomingRequest, Outgoing, Received, ResponseOutparam, SpinStore, Times};
use patchboard_edge::store::Refused;
use patchboard_edge::{Answer, Head, Records, export, import};
use patchboard_gateway::limits::Limits;
use patchboard_gateway::model::Models;
use patchboard_gateway::trace::{REQUEST_ID, Trace};
use patchboard_gateway::{Code, Problem};
use serde_json::json;
use spin_sdk::http_component;

use crate::decide::{Forward, Router, Verdict};
use crate::refuse;

/// Until a provider's component has answered. It gives up before, unless its plugin loops.
const PATIENCE: Duration = Duration::from_secs(100);

#[http_component]
async fn handle(request: IncomingRequest, out: ResponseOutparam) {
    let head = guest::head(&request);
    let trace = Trace::of(&head.headers);
    let router = match open(&trace) {
        Ok(router) => router,
        Err(problem) => return refused(out, problem, &trace).await,
    };
    let Some(body) = request.consume().ok().and_then(Incoming::new) else { return };
    match router.decide(&head, &trace) {
        Err(Refused::Problem(problem)) => refused(out, problem, &trace).await,
        Err(Refused::Store(error)) => refused(out, store(&head, &trace, &error), &trace).await,
        Ok(Verdict::Answer(answer)) => guest::answer(out, answer.of_request(&trace)).await,
        Ok(Verdict::Import { prune }) => guest::answer(out, imported(&router, &body, prune, &trace).await.of_request(&trace)).await,
        Ok(Verdict::Refuse(problem)) => {
            let limits = Limits::default();
            let body = guest::gather(&body, limits.request_body).await;
            let problem = refuse::after_body(problem, &router.models, &limits, &head, body.as_deref().map_err(Clone::clone));
            refused(out, problem, &trace).await;
        }
        Ok(Verdict::Forward(to)) => forward(&router, to, &head, body, out, &trace).await,
    }
}

fn open(trace: &Trace) -> Result<Router<SpinStore>, Problem> {
    let internal = |why: String| guest::internal(trace, why);
    Ok(Router {
        records: Records(SpinStore::default()),
        models: Models::built_in().map_err(|e| internal(e.to_string()))?,
        providers: guest::variable("providers").map_err(internal)?.unwrap_or_default(),
        admin_token: guest::variable("admin_token").map_err(internal)?,
    })
}

async fn refused(out: ResponseOutparam, problem: Problem, trace: &Trace) {
    guest::answer(out, Answer::problem(problem, trace).of_request(trace)).await;
}

/// A store that does not answer is not ready, and a request's bad luck.
fn store(head: &Head, trace: &Trace, error: &patchboard_edge::StoreError) -> Problem {
    let problem = guest::internal(trace, error);
    if head.path == "/readyz" { problem.with_status(503) } else { problem }
}

async fn imported(router: &Router<SpinStore>, body: &Incoming, prune: bool, trace: &Trace) -> Answer {
    let file = match guest::gather(body, export::MAX_EXPORT).await {
        Ok(file) => file,
        Err(problem) => return Answer::problem(problem, trace),
    };
    match import(&router.records, &file, prune) {
        Ok(done) => {
            guest::log(trace, "imported", format!("{done:?}"));
            Answer::json(&json!(done))
        }
        Err(error) => {
            guest::log(trace, "not imported", &error);
            Answer::problem(refuse::import(&error), trace)
        }
    }
}

/// A body on its way to the provider's component.
enum Sent {
    None,
    /// What was read of it, and the rest.
    Streamed(Option<Vec<u8>>, Incoming),
    Whole(Bytes),
}

async fn forward(router: &Router<SpinStore>, mut to: Forward, head: &Head, body: Incoming, out: ResponseOutparam, trace: &Trace) {
    let sent = match read_ahead(&mut to, head, body).await {
        Ok(sent) => sent,
        Err(problem) => return refused(out, problem, trace).await,
    };
    let request = guest::request(&head.method, false, &to.authority, &head.path_and_query(), &to.headers);
    let Some(request) = request else { return refused(out, guest::internal(trace, "the request cannot be forwarded"), trace).await };
    let whole = if let Sent::Whole(whole) = &sent { Some(whole.clone()) } else { None };
    let outgoing = if matches!(sent, Sent::None) { None } else { request.body().ok().and_then(Outgoing::new) };
    let up = async {
        if let Some(outgoing) = outgoing {
            write(sent, outgoing).await;
        }
    };
    let mut up = pin!(up.fuse());
    let times = Times { connect: PATIENCE, read: PATIENCE };
    let answered = guest::timeout_in(PATIENCE, guest::beside(guest::send(request, times), up.as_mut())).await;
    match answered {
        Some(Ok(answer)) if ended(&answer) => refused(out, failed(trace, "ended without an answer"), trace).await,
        Some(Ok(answer)) => guest::beside(pass_on(answer, &head.method, out), up.as_mut()).await,
        Some(Err(ErrorCode::HttpRequestDenied | ErrorCode::DnsError(_))) => {
            let problem = router.not_loaded(&to.provider);
            let body = whole.as_deref().filter(|_| to.unified);
            let problem = match body {
                Some(body) => refuse::after_body(problem, &router.models, &Limits::default(), head, Ok(body)),
                None => problem,
            };
            refused(out, problem, trace).await;
        }
        Some(Err(code)) => refused(out, failed(trace, &format!("cannot be reached: {code:?}")), trace).await,
        None => refused(out, failed(trace, &format!("did not answer within {} s", PATIENCE.as_secs())), trace).await,
    }
}

/// How long the body is, as far as that can be known, and the whole of it where a refusal
/// may have to look at it.
async fn read_ahead(to: &mut Forward, head: &Head, body: Incoming) -> Result<Sent, Problem> {
    if !to.known && to.unified {
        let whole = guest::gather(&body, Limits::default().request_body).await?;
        to.headers.insert(CONTENT_LENGTH, HeaderValue::from(whole.len()));
        return Ok(if whole.is_empty() { Sent::None } else { Sent::Whole(whole) });
    }
    match head.headers.get(CONTENT_LENGTH) {
        Some(length) if length == "0" => Ok(Sent::None),
        Some(_) => Ok(Sent::Streamed(None, body)),
        None => match body.next().await {
            Ok(Some(first)) => Ok(Sent::Streamed(Some(first), body)),
            Ok(None) => Ok(Sent::None),
            Err(_) => Err(Problem::new(Code::BadRequest, "the body broke off")),
        },
    }
}

async fn write(sent: Sent, outgoing: Outgoing) {
    match sent {
        Sent::Streamed(first, incoming) => guest::pump(first, incoming, outgoing).await,
        Sent::Whole(whole) => {
            if outgoing.write(&whole).await.is_ok() {
                let _ = outgoing.finish();
            }
        }
        Sent::None => {}
    }
}

/// Every answer of a provider's component names its request; what Spin answers for one that
/// trapped does not.
fn ended(answer: &Received) -> bool {
    answer.status == StatusCode::INTERNAL_SERVER_ERROR && !answer.headers.contains_key(REQUEST_ID)
}

fn failed(trace: &Trace, what: &str) -> Problem {
    guest::log(trace, "the provider's component", what);
    refuse::plugin_failed(what)
}

async fn pass_on(answer: Received, method: &Method, out: ResponseOutparam) {
    let Some(outgoing) = guest::start(out, answer.status, &answer.headers) else { return };
    if method == Method::HEAD {
        // Its content-length is that of a body that is not sent.
        let _ = outgoing.finish();
    } else {
        guest::pump(None, answer.body, outgoing).await;
    }
}
