use axum::body::Body;
use bytes::Bytes;
use http::{Response, StatusCode};

use super::kind::Kind;
use super::rules::Failure;
use super::spoil;
use crate::connection::Line;
use crate::exchange::{Answer, NativeRequest};
use crate::log::Ticket;
use crate::server::App;

/// One request that fails, with what it takes to log how.
struct Delivery<'a> {
    app: &'a App,
    line: &'a Line,
    ticket: Ticket,
}

/// Lets a request fail in the chosen way.
pub(crate) async fn deliver(app: &App, line: &Line, mut request: NativeRequest, ticket: Ticket, failure: Failure) -> Response<Body> {
    let delivery = Delivery { app, line, ticket };
    if matches!(failure.kind, Kind::IgnorePrefer) {
        request.headers.remove("prefer");
    }
    // The real answer: needed now by what spoils it, and the request's effect either way.
    let real = failure.apply.then(|| delivery.real_answer(&request));
    match failure.kind {
        Kind::Hang { pause: None } => {
            app.stopping().await;
            delivery.no_answer()
        }
        Kind::Hang { pause: Some(pause) } => {
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = app.stopping() => return delivery.no_answer(),
            }
            let answer = real.unwrap_or_else(|| delivery.real_answer(&request));
            delivery.log(answer).into_response()
        }
        Kind::Reset => delivery.no_answer(),
        Kind::GzipBomb { megabytes } => {
            let note = Bytes::from(format!("({megabytes} MB of zeros, compressed)"));
            delivery.log_text(StatusCode::OK, &note);
            spoil::gzip_bomb(megabytes)
        }
        kind => match real.filter(|_| kind.spoils_the_real_answer()) {
            Some(answer) => spoiled(&kind, delivery.log(answer)),
            None => delivery.own_answer(&kind, &request),
        },
    }
}

/// The log keeps the real answer: what went out in its place is known from the kind.
fn spoiled(kind: &Kind, answer: Answer) -> Response<Body> {
    match kind {
        Kind::Truncate => spoil::truncate(answer),
        Kind::TruncatedJson => spoil::truncated_json(answer).into_response(),
        Kind::InvalidUtf8 => spoil::invalid_utf8(answer).into_response(),
        Kind::SlowBody { chunk, pause } => spoil::slowly(answer, *chunk, *pause),
        Kind::Large { megabytes } => spoil::large(answer, *megabytes),
        _ => answer.into_response(),
    }
}

impl Delivery<'_> {
    fn real_answer(&self, request: &NativeRequest) -> Answer {
        let mut world = self.app.world();
        world.stand_in(request.provider).answer(request)
    }

    /// An answer of the kind's own.
    fn own_answer(&self, kind: &Kind, request: &NativeRequest) -> Response<Body> {
        let answer = {
            let mut world = self.app.world();
            kind.own_answer(world.stand_in(request.provider), request)
        };
        match answer {
            Some(answer) => self.log(answer).into_response(),
            None => self.no_answer(),
        }
    }

    fn log(&self, answer: Answer) -> Answer {
        self.log_text(answer.status, &answer.body);
        answer
    }

    fn log_text(&self, status: StatusCode, body: &Bytes) {
        self.app.world().log.answered(self.ticket, status, body);
    }

    /// The connection ends; the response only gives the cut something to cut.
    fn no_answer(&self) -> Response<Body> {
        self.line.cut();
        Response::new(Body::empty())
    }
}
