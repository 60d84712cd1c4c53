//! The exchange loop: a checked request, mapped by a plugin, sent by a home, exchange
//! by exchange, until there is one answer.
//!
//! Three rules of the contract are kept here. What the plugin asks for must fit what it
//! declared. After the exchange that answers only read-backs follow, so what a dry run
//! shows and what `raw` hands over is never half of a write. And when something fails
//! after a write, the caller is told which writes stand.

use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde_json::{Map, Value};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::access::Access;
use crate::check::{Checked, UNKNOWN, UNSUPPORTED, strict};
use crate::contract::{Exchange, MappingError, NativeRequest, NativeResponse, Pair, PluginFailure, Provider, Step, Warning};
use crate::engine::{Gateway, Outcome, Reply};
use crate::manifest::{Call, Effect};
use crate::model::Model;
use crate::params::{DryRun, Params, ResponseFormat};
use crate::problem::{Applied, Code, Phase, Problem};
use crate::upstream::{Opened, Outbound, Upstream, UpstreamError};
use crate::{dry_run, extend, fit, prepare, quota, remote, warning, words};

mod answer;

use answer::{raw, stream};

/// How much larger a body can become in another form: a form writes a byte as three, JSON as six.
const MAX_GROWTH: usize = 8;

/// One request on its way.
pub(crate) struct Run<'a, P, U> {
    gateway: &'a Gateway,
    model: &'a Model,
    params: Params,
    /// Taken by the exchange that it is merged into.
    remote_data: Option<Value>,
    /// Bytes of the request's body.
    size: usize,
    checked: Checked<'a>,
    access: &'a Access,
    provider: &'a P,
    upstream: &'a U,
    deadline: Instant,
    /// How many exchanges have been made.
    made: usize,
    /// The bodies of the answers so far, for `remote_data`.
    bodies: Vec<Bytes>,
    /// The requests so far, for a dry run.
    shown: Vec<Value>,
    applied: Vec<Applied>,
    /// The exchange that answers has been made.
    answered: bool,
    /// Quota and deprecation, for every answer.
    headers: HeaderMap,
    refused_credential: Option<String>,
}

/// An exchange that may leave.
struct Ready<'m> {
    call: &'m Call,
    native: NativeRequest,
    outbound: Outbound,
    answers: bool,
    /// It follows the exchange that answers.
    after_answer: bool,
    state: Vec<u8>,
    known: Option<Map<String, Value>>,
}

/// What follows an exchange.
enum Next<S> {
    Send(Box<Exchange>),
    Reply(Reply<S>),
}

impl<'a, P: Provider, U: Upstream> Run<'a, P, U> {
    #[allow(clippy::too_many_arguments, reason = "the rooms before this one each hand over what they made")]
    pub(crate) fn new(
        gateway: &'a Gateway,
        model: &'a Model,
        params: Params,
        remote_data: Option<Value>,
        size: usize,
        checked: Checked<'a>,
        access: &'a Access,
        provider: &'a P,
        upstream: &'a U,
    ) -> Self {
        Self {
            gateway,
            model,
            params,
            remote_data,
            size,
            checked,
            access,
            provider,
            upstream,
            deadline: Instant::now() + gateway.limits.overall,
            made: 0,
            bodies: Vec::new(),
            shown: Vec::new(),
            applied: Vec::new(),
            answered: false,
            headers: HeaderMap::new(),
            refused_credential: None,
        }
    }

    pub(crate) async fn make_all(&mut self) -> Result<Reply<U::Stream>, Problem> {
        let mut exchange = Box::new(self.first().await?);
        loop {
            let ready = self.ready(*exchange)?;
            let stop = self.stops_at(ready.call);
            if self.params.dry_run != DryRun::Off {
                self.shown.push(dry_run::request(ready.call, &ready.native, &ready.outbound, self.access, !stop));
            }
            if stop {
                return self.report(ready.answers);
            }
            match self.make(ready).await? {
                Next::Send(next) => exchange = next,
                Next::Reply(reply) => return Ok(reply),
            }
        }
    }

    /// Adds what every answer carries.
    pub(crate) fn close(self, reply: Result<Reply<U::Stream>, Problem>) -> Outcome<U::Stream> {
        let reply = match reply {
            Ok(mut reply) => {
                reply.headers.extend(self.headers);
                reply.headers.extend(warning::header(&self.checked.warnings).map(|value| (warning::HEADER, value)));
                Ok(reply)
            }
            Err(mut problem) => {
                problem.headers.extend(self.headers);
                problem.applied = self.applied;
                Err(problem)
            }
        };
        Outcome { reply, refused_credential: self.refused_credential }
    }

    async fn first(&mut self) -> Result<Exchange, Problem> {
        let mapped = self.provider.map_request(&self.access.settings, &self.checked.request).await?;
        mapped.map_err(|error| match words::cut(error, &self.gateway.limits) {
            MappingError::Rejected(_) | MappingError::Unreadable(_) => broken("map-request spoke of an answer before there was one").into(),
            MappingError::Unsupported(why) => unsupported(why),
            MappingError::Invalid(fields) => invalid(fields),
        })
    }

    /// Fit, extend, authorise.
    fn ready(&mut self, mut exchange: Exchange) -> Result<Ready<'a>, Problem> {
        let (call, headers) =
            fit::fit(&exchange, self.checked.spec, &self.access.settings, self.access.proof_header(), &self.gateway.limits)?;
        if self.answered && call.effect != Effect::ReadBack {
            return Err(broken("an exchange follows the one that answers and is no read-back").into());
        }
        if self.made == self.gateway.limits.exchanges {
            return Err(PluginFailure::OverLimit(format!("more than {} exchanges", self.made)).into());
        }
        self.made += 1;
        let after_answer = self.answered;
        self.answered |= exchange.answers;
        self.take_warnings(std::mem::take(&mut exchange.warnings))?;
        self.deprecation(call);
        let mut native = exchange.request;
        if call.remote_data.is_some()
            && let Some(data) = self.remote_data.take()
        {
            extend::data(&mut native, call, data)?;
        }
        extend::query(&mut native, call, &self.params.remote_query);
        let outbound =
            prepare::outbound(&native, call, headers, self.access, self.deadline).map_err(|e| Problem::from(e).at(Phase::Authorise))?;
        if outbound.body.len() > self.gateway.limits.request_body {
            return Err(self.too_large(outbound.body.len()));
        }
        Ok(Ready { call, native, outbound, answers: exchange.answers, after_answer, state: exchange.state, known: exchange.known })
    }

    /// What a plugin finds out only after it was asked counts as what is known before, while
    /// nothing is written.
    fn take_warnings(&mut self, warnings: Vec<Warning>) -> Result<(), Problem> {
        let lost = |warning: &Warning| [UNSUPPORTED, UNKNOWN].contains(&warning.reason.as_str());
        if self.params.strict && self.applied.is_empty() && warnings.iter().any(lost) {
            let lost: Vec<Warning> = warnings.into_iter().filter(lost).collect();
            return Err(strict(&lost).at(Phase::Map));
        }
        self.checked.warnings.extend(warnings);
        Ok(())
    }

    /// A body grows where the provider wants it in another form; one that grows out of
    /// nothing is the plugin's.
    fn too_large(&self, native: usize) -> Problem {
        if native / MAX_GROWTH > self.size {
            return PluginFailure::OverLimit(format!("a native body of {native} bytes")).into();
        }
        let most = self.gateway.limits.request_body;
        let why = format!("the change has {native} bytes in the form that the provider takes; at most {most} are sent");
        Problem::new(Code::BodyTooLarge, why).at(Phase::Map)
    }

    fn stops_at(&self, call: &Call) -> bool {
        match self.params.dry_run {
            DryRun::Off => false,
            DryRun::Everything => true,
            DryRun::Read => call.effect == Effect::Write,
        }
    }

    fn report(&mut self, complete: bool) -> Result<Reply<U::Stream>, Problem> {
        let shown = std::mem::take(&mut self.shown);
        let report = dry_run::report(shown, complete, &self.checked.warnings, self.provider.identity());
        answer::json(StatusCode::OK, &report)
    }

    async fn make(&mut self, ready: Ready<'a>) -> Result<Next<U::Stream>, Problem> {
        let known = ready.known.clone();
        // What was asked for is done or known; what is missing is no reason to fail.
        let read_back = ready.call.effect == Effect::ReadBack && (ready.after_answer || !self.applied.is_empty());
        match self.exchange(ready).await {
            Err(problem) if read_back && problem.phase == Phase::Send => self.known(known, &problem).map(Next::Reply),
            other => other,
        }
    }

    /// One exchange, from the request that leaves to what the plugin makes of the answer.
    async fn exchange(&mut self, ready: Ready<'a>) -> Result<Next<U::Stream>, Problem> {
        let name = self.provider.identity().name.clone();
        let writes = ready.call.effect == Effect::Write;
        if let Some(kept) = self.kept(&ready) {
            return self.map(ready.state, &kept, None, &name).await;
        }
        let opened = self.open(&ready.outbound).await;
        let Opened { status, headers, body } = opened.map_err(|e| self.failed(e, &name, writes))?;
        let done = writes && (200..300).contains(&status);
        let applied = done.then(|| Applied { method: ready.native.method.clone(), path: ready.native.path.clone(), status });
        quota::copy(&headers, self.provider.manifest().quota.as_ref(), self.upstream.now(), &mut self.headers);
        if ready.answers && self.params.format == ResponseFormat::Stream && (200..300).contains(&status) {
            return Ok(Next::Reply(stream(status, &headers, body, &self.access.redactor)));
        }
        let seen = remote::headers(&headers, &self.access.redactor);
        let received = self.upstream.collect(body, self.gateway.limits.response_body, self.deadline).await;
        let body = match received {
            Ok(body) => self.access.redactor.bytes(body),
            Err(error) => {
                self.applied.extend(applied);
                return Err(self.cut_short(error, status, seen, &name));
            }
        };
        let response = NativeResponse { status, headers: seen, body };
        if (300..400).contains(&status) {
            return Err(remote::redirected(&name, &response));
        }
        if ready.answers && self.params.format == ResponseFormat::Raw && status < 300 {
            return Ok(Next::Reply(raw(response)));
        }
        let next = self.map(ready.state, &response, applied, &name).await?;
        if ready.call.cache_seconds > 0 && (200..300).contains(&status) {
            let digest = &self.provider.identity().digest;
            self.gateway.kept.keep(self.access.fingerprint, digest, &ready.outbound, &response, ready.call.cache_seconds);
        }
        Ok(next)
    }

    /// What reads is sent once more when nothing is known to have arrived.
    async fn open(&self, request: &Outbound) -> Result<Opened<U::Stream>, UpstreamError> {
        match self.upstream.open(request).await {
            Err(UpstreamError::Unreachable(_)) if request.repeatable => self.upstream.open(request).await,
            opened => opened,
        }
    }

    /// What the plugin makes of an answer. A write that the plugin does not call rejected
    /// stands, whatever else went wrong.
    async fn map(
        &mut self,
        state: Vec<u8>,
        response: &NativeResponse,
        applied: Option<Applied>,
        name: &str,
    ) -> Result<Next<U::Stream>, Problem> {
        self.bodies.push(response.body.clone());
        let step = self.provider.map_response(&self.access.settings, &self.checked.request, state, response).await;
        if !matches!(step, Ok(Err(MappingError::Rejected(_)))) {
            self.applied.extend(applied);
        }
        match step? {
            Ok(Step::Send(next)) => Ok(Next::Send(next)),
            Ok(Step::Finish(answer, warnings)) => {
                self.take_warnings(warnings)?;
                self.finish(answer).map(Next::Reply)
            }
            Err(error) => Err(self.refused(error, response, name)),
        }
    }

    /// The answer of a call that may be used again.
    fn kept(&self, ready: &Ready<'_>) -> Option<NativeResponse> {
        let digest = &self.provider.identity().digest;
        (ready.call.cache_seconds > 0).then(|| self.gateway.kept.find(self.access.fingerprint, digest, &ready.outbound))?
    }

    fn refused(&mut self, error: MappingError, response: &NativeResponse, name: &str) -> Problem {
        let problem = match words::cut(error, &self.gateway.limits) {
            MappingError::Rejected(rejection) => remote::rejected(name, response, rejection),
            MappingError::Unreadable(why) if response.status >= 400 => remote::unreadable_error(name, response, &why),
            MappingError::Unreadable(why) => remote::unreadable(name, response, &why),
            MappingError::Unsupported(why) => unsupported(why),
            MappingError::Invalid(fields) => invalid(fields),
        };
        self.note_refusal(&problem);
        problem
    }

    fn note_refusal(&mut self, problem: &Problem) {
        if problem.remote.is_some() && problem.status == StatusCode::UNAUTHORIZED {
            self.refused_credential = Some(problem.detail.clone());
        }
    }

    fn failed(&self, error: UpstreamError, name: &str, writes: bool) -> Problem {
        let mut problem = remote::failed(error, name, writes);
        problem.detail = self.access.redactor.text(problem.detail);
        problem
    }

    /// The head of an answer came and its body did not.
    fn cut_short(&mut self, error: UpstreamError, status: u16, headers: Vec<Pair>, name: &str) -> Problem {
        let why = error.to_string();
        let response = remote::without_body(status, headers);
        let problem = match (error, status) {
            (_, 400..) => remote::unreadable_error(name, &response, &why),
            (_, 300..) => remote::redirected(name, &response),
            (UpstreamError::Timeout, _) => self.failed(UpstreamError::Timeout, name, false),
            _ => remote::unreadable(name, &response, &why),
        };
        self.note_refusal(&problem);
        problem
    }

    /// RFC 9745 and RFC 8594.
    fn deprecation(&mut self, call: &Call) {
        let instant = |date: &String| OffsetDateTime::parse(&format!("{date}T00:00:00Z"), &Rfc3339).ok();
        if let Some(since) = call.deprecated.as_ref().and_then(instant) {
            let value = HeaderValue::from_str(&format!("@{}", since.unix_timestamp()));
            self.headers.extend(value.ok().map(|value| (HeaderName::from_static("deprecation"), value)));
        }
        if let Some(end) = call.sunset.as_ref().and_then(instant) {
            let end = SystemTime::UNIX_EPOCH + Duration::from_secs(end.unix_timestamp().unsigned_abs());
            let value = HeaderValue::from_str(&httpdate::fmt_http_date(end));
            self.headers.extend(value.ok().map(|value| (HeaderName::from_static("sunset"), value)));
        }
    }
}

/// The plugin broke its contract.
pub(crate) fn broken(why: &str) -> PluginFailure {
    PluginFailure::Contract(why.to_owned())
}

fn unsupported(why: String) -> Problem {
    Problem::new(Code::ChangeNotSupported, why)
}

fn invalid(fields: Vec<crate::contract::FieldError>) -> Problem {
    let all: Vec<String> = fields.iter().map(|field| format!("{} {}", field.path, field.message)).collect();
    Problem::new(Code::InvalidField, all.join("; ")).at(Phase::Map).with_errors(fields)
}
