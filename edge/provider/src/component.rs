//! The component itself: reads what the router forwards, and answers.
#![allow(unsafe_code, reason = "what the macro of the handler expands to")]

use std::pin::pin;

use futures_util::FutureExt as _;
use http::header::CONTENT_LENGTH;
use http::{HeaderMap, HeaderValue, Method};
use patchboard_edge::guest::{self, Incoming, IncomingRequest, Outgoing, ResponseOutparam, SpinStore};
use patchboard_edge::store::Refused;
use patchboard_edge::{Answer, Head, Records};
use patchboard_gateway::contract::Provider as _;
use patchboard_gateway::cursor::Cursors;
use patchboard_gateway::door::Place;
use patchboard_gateway::kept::KeptAnswers;
use patchboard_gateway::model::Models;
use patchboard_gateway::redact::StreamRedactor;
use patchboard_gateway::trace::{REQUEST_ID, Trace};
use patchboard_gateway::{Gateway, Problem, Reply, ReplyBody, proxy, route};
use spin_sdk::http_component;

use crate::exchange::{Body, Exchanges, TIMES, answered};
use crate::mapper::Mapper;
use crate::settings;
use crate::shell::Shell;

type Open = Shell<Mapper, SpinStore>;

#[http_component]
async fn handle(request: IncomingRequest, out: ResponseOutparam) {
    let head = guest::head(&request);
    let trace = Trace::of(&head.headers);
    let Some(body) = request.consume().ok().and_then(Incoming::new) else { return };
    let shell = match open() {
        Ok(shell) => shell,
        Err(why) => return refused(out, guest::internal(&trace, why), &trace).await,
    };
    if Place::of(&head.path) == Place::Proxy {
        return proxied(&shell, &head, body, out, &trace).await;
    }
    match unified(&shell, &head, &body, &trace).await {
        Ok(reply) => respond(out, reply, &trace).await,
        Err(problem) => refused(out, problem, &trace).await,
    }
}

fn open() -> Result<Open, String> {
    let variable = guest::variable;
    let sealer = settings::sealer(variable("encryption_key")?.as_deref())?;
    let digest = variable("plugin_digest")?.unwrap_or_else(|| "unknown".to_owned());
    Ok(Shell {
        gateway: Gateway {
            limits: settings::limits(variable("total_seconds")?.as_deref())?,
            cursors: Cursors::new(sealer.key()),
            kept: KeptAnswers::default(),
        },
        models: Models::built_in().map_err(|e| e.to_string())?,
        provider: Mapper::open(digest).map_err(|e| e.to_string())?,
        records: Records(SpinStore::default()),
        sealer,
        policy: settings::policy(variable("extra_upstream")?.as_deref())?,
    })
}

fn problem(refused: Refused, trace: &Trace) -> Problem {
    match refused {
        Refused::Problem(problem) => problem,
        Refused::Store(error) => guest::internal(trace, error),
    }
}

async fn refused(out: ResponseOutparam, problem: Problem, trace: &Trace) {
    guest::answer(out, Answer::problem(problem, trace).of_request(trace)).await;
}

async fn unified(shell: &Open, head: &Head, body: &Incoming, trace: &Trace) -> Result<Reply<Body>, Problem> {
    if let Some(route) = route::meta(&head.method, &head.path) {
        let described = shell.describe(&route, &head.query).map_err(|refused| problem(refused, trace))?;
        let Answer { status, headers, body } = Answer::json(&described);
        return Ok(Reply { status, headers, body: ReplyBody::Bytes(body.into()) });
    }
    let body = guest::gather(body, shell.gateway.limits.request_body).await?;
    let upstream = Exchanges { trace: trace.outbound() };
    let unmarked = |error| guest::log(trace, "the account could not be marked needs_reauth", error);
    shell.unified(head, &body, &upstream, unmarked).await.map_err(|refused| problem(refused, trace))
}

async fn respond(out: ResponseOutparam, mut reply: Reply<Body>, trace: &Trace) {
    name(&mut reply.headers, trace);
    match reply.body {
        ReplyBody::Bytes(bytes) => guest::respond(out, reply.status, reply.headers, &bytes).await,
        ReplyBody::Stream(body, redactor) => {
            if let Some(outgoing) = guest::start(out, reply.status, &reply.headers) {
                stream(body, redactor, outgoing).await;
            }
        }
    }
}

fn name(headers: &mut HeaderMap, trace: &Trace) {
    headers.extend(HeaderValue::from_str(&trace.request_id).ok().map(|id| (REQUEST_ID, id)));
}

/// The pieces of an answer as they come, then what was held back. A body that breaks off is
/// broken off.
async fn stream(mut body: Body, mut redactor: StreamRedactor, outgoing: Outgoing) {
    loop {
        let piece = match body.next().await {
            Ok(Some(piece)) => redactor.push(piece.into()),
            Ok(None) => break,
            Err(_) => return outgoing.break_off().await,
        };
        if outgoing.write(&piece).await.is_err() {
            return;
        }
    }
    if outgoing.write(&redactor.finish()).await.is_ok() {
        let _ = outgoing.finish();
    }
}

async fn proxied(shell: &Open, head: &Head, body: Incoming, out: ResponseOutparam, trace: &Trace) {
    let forward = match shell.proxy(head) {
        Ok(forward) => forward,
        Err(refusal) => return refused(out, problem(refusal, trace), trace).await,
    };
    let (first, has_body) = match head.headers.get(CONTENT_LENGTH) {
        Some(length) => (None, length != "0"),
        None => {
            let first = body.next().await.ok().flatten();
            let has_body = first.is_some();
            (first, has_body)
        }
    };
    let exchanges = Exchanges { trace: trace.outbound() };
    let failed = |error| proxy::failed(error, &shell.provider.identity().name);
    let (request, outgoing) = match exchanges.forward(&forward.outbound, has_body) {
        Ok(prepared) => prepared,
        Err(error) => return refused(out, failed(error), trace).await,
    };
    let up = async {
        if let Some(outgoing) = outgoing {
            guest::pump(first, body, outgoing).await;
        }
    };
    let mut up = pin!(up.fuse());
    let sent = guest::beside(guest::send(request, TIMES), up.as_mut());
    let answer = match answered(&forward.outbound, sent).await {
        Ok(answer) => answer,
        Err(error) => return refused(out, failed(error), trace).await,
    };
    let unmarked = |error| guest::log(trace, "the account could not be marked needs_reauth", error);
    let mut headers = shell.proxied(answer.status, &answer.headers, &forward, unmarked);
    name(&mut headers, trace);
    let down = async {
        let Some(outgoing) = guest::start(out, answer.status, &headers) else { return };
        if head.method == Method::HEAD {
            // Its content-length is that of a body that is not sent.
            let _ = outgoing.finish();
        } else {
            guest::pump(None, answer.body, outgoing).await;
        }
    };
    guest::beside(down, up.as_mut()).await;
}
