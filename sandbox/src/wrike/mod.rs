//! Wrike API v4, spaces. What is modelled is on these pages:
//! update <https://developers.wrike.com/reference/putspacessingle>,
//! create <https://developers.wrike.com/reference/postspacesempty>,
//! errors <https://developers.wrike.com/documentation/>, overview <https://developers.wrike.com/overview/>.

mod parameters;
mod refusal;
mod seeds;
mod space;

use http::{Method, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use self::parameters::Parameters;
use self::refusal::Refusal;
use crate::auth::{Access, access, bearer};
use crate::exchange::{Answer, NativeRequest};
use crate::objects::{Change, Object, Objects, seeded};
use crate::provider::Provider;
use crate::world::StandIn;

/// The stand-in for Wrike.
pub(crate) struct Wrike {
    spaces: Objects,
    created: u32,
}

impl Wrike {
    pub(crate) fn seeded() -> Self {
        Self { spaces: Objects::new(seeds::spaces()), created: 0 }
    }

    fn route(&mut self, request: &NativeRequest) -> Result<Answer, Refusal> {
        let mut parameters = Parameters::read(request);
        // A parameter may carry the token instead: https://developers.wrike.com/overview/
        let parameter = parameters.take("access_token");
        let access = access(Provider::Wrike, bearer(&request.headers).or(parameter.as_deref()));
        if access == Access::Refused {
            return Err(Refusal::NotAuthorized);
        }
        let segments = request.segments();
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        let id = match segments.as_slice() {
            ["api", "v4", "spaces"] => None,
            ["api", "v4", "spaces", id] => Some(*id),
            _ => return Err(Refusal::MethodNotFound),
        };
        let method = method(request, &mut parameters)?;
        parameters.check(request)?;
        if method != Method::GET && access == Access::ReadOnly {
            return Err(Refusal::AccessForbidden);
        }
        let spaces = match (&method, id) {
            (&Method::GET, None) => self.list(&parameters)?,
            (&Method::POST, None) => vec![self.create(&parameters)?],
            (&Method::GET, Some(id)) => vec![self.read(id, &parameters)?],
            (&Method::PUT, Some(id)) => vec![self.update(id, &parameters)?],
            (&Method::DELETE, Some(id)) => vec![self.delete(id, &parameters)?],
            _ => return Err(Refusal::request(format!("{method} is not allowed here"))),
        };
        let body = json!({ "kind": "spaces", "data": spaces });
        Ok(Answer::json(StatusCode::OK, &body))
    }

    fn list(&self, parameters: &Parameters) -> Result<Vec<Value>, Refusal> {
        parameters.only(space::LIST)?;
        let filter = space::Filter::read(parameters)?;
        let shown = space::shown(parameters)?;
        Ok(self.spaces.iter().filter(|space| filter.takes(space)).map(|space| space::view(space, &shown)).collect())
    }

    fn read(&self, id: &str, parameters: &Parameters) -> Result<Value, Refusal> {
        parameters.only(space::READ)?;
        let shown = space::shown(parameters)?;
        let space = self.spaces.get(id).ok_or(Refusal::ResourceNotFound)?;
        Ok(space::view(space, &shown))
    }

    fn create(&mut self, parameters: &Parameters) -> Result<Value, Refusal> {
        parameters.only(space::CREATE)?;
        let shown = space::shown(parameters)?;
        let created = space::create(parameters)?;
        self.created += 1;
        let space = seeds::space_with_id(self.created, created);
        let view = space::view(&space, &shown);
        self.spaces.push(space);
        Ok(view)
    }

    fn update(&mut self, id: &str, parameters: &Parameters) -> Result<Value, Refusal> {
        parameters.only(space::UPDATE)?;
        let shown = space::shown(parameters)?;
        let space = self.spaces.get_mut(id).ok_or(Refusal::ResourceNotFound)?;
        // On a copy: nothing is written when a later parameter is wrong.
        let mut changed: Object = space.clone();
        space::update(&mut changed, parameters)?;
        *space = changed;
        Ok(space::view(space, &shown))
    }

    fn delete(&mut self, id: &str, parameters: &Parameters) -> Result<Value, Refusal> {
        parameters.only(&[])?;
        let space = self.spaces.remove(id).ok_or(Refusal::ResourceNotFound)?;
        Ok(space::view(&space, &[]))
    }
}

/// The method meant: a client that can only send GET names another in a parameter
/// (<https://developers.wrike.com/overview/>). Elsewhere that parameter is as unknown as any.
fn method(request: &NativeRequest, parameters: &mut Parameters) -> Result<Method, Refusal> {
    if request.method != Method::GET {
        return Ok(request.method.clone());
    }
    match parameters.take("method").as_deref() {
        None | Some("GET") => Ok(Method::GET),
        Some("POST") => Ok(Method::POST),
        Some("PUT") => Ok(Method::PUT),
        Some("DELETE") => Ok(Method::DELETE),
        Some(_) => Err(Refusal::parameter("method")),
    }
}

impl StandIn for Wrike {
    fn answer(&mut self, request: &NativeRequest) -> Answer {
        self.route(request).unwrap_or_else(|refusal| refusal.answer()).with_header("wrike-response-id", &Uuid::new_v4().to_string())
    }

    fn error(&self, status: StatusCode, message: Option<&str>) -> Answer {
        refusal::any(status, message).with_header("wrike-response-id", &Uuid::new_v4().to_string())
    }

    fn objects(&self) -> Vec<Value> {
        self.spaces.to_values()
    }

    fn change(&mut self, id: &str, change: &Change) -> bool {
        let Some(space) = self.spaces.get_mut(id) else {
            return false;
        };
        // A space has neither date nor version.
        change.apply(space, "", |_| {});
        true
    }

    fn kinds(&self) -> &'static [&'static str] {
        &["spaces"]
    }

    fn add(&mut self, _kind: &str) {
        self.created += 1;
        let space = seeds::plain_space(&seeded::<String>(self.created.into()));
        self.spaces.push(seeds::space_with_id(self.created, space));
    }
}
