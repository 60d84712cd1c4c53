//! The one list of requests: `parity/requests.json`, and every case of every plugin.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use patchboard_gateway::contract::Operation;
use patchboard_gateway::cursor::Cursors;
use patchboard_kit::case::{Case, Failure, Native};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::{Map, Value};

/// The file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct List {
    /// By the name that requests use.
    pub accounts: BTreeMap<String, Account>,
    /// By the name that requests use.
    pub answers: BTreeMap<String, Answer>,
    /// In the order in which they are sent.
    pub requests: Vec<Request>,
}

/// An account of both homes.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// The provider.
    pub provider: String,
    /// Besides `base_url`, which is the scripted provider's.
    #[serde(default)]
    pub settings: BTreeMap<String, String>,
    /// Without a `base_url`: the provider's own address, to which nothing is sent.
    #[serde(default)]
    pub home: bool,
    /// What stands behind the origin in `base_url`.
    #[serde(default)]
    pub path: String,
    /// The tenant.
    pub tenant: Option<String>,
    /// The secret.
    pub token: Option<String>,
}

/// What the scripted provider answers.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// HTTP status, 200 where it is absent.
    pub status: Option<u16>,
    /// Headers.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// A body.
    pub json: Option<Value>,
    /// A body.
    pub text: Option<String>,
    /// A body.
    pub base64: Option<String>,
    /// The very bytes instead of an answer.
    pub raw: Option<String>,
    /// No answer for so long that nobody waits for it.
    #[serde(default)]
    pub hang: bool,
    /// Marks in `text`, and what stands there how many times; `{n}` counts.
    #[serde(default)]
    pub fill: BTreeMap<String, (String, usize)>,
}

/// A request of the list. In everything but the body `{name}` is the id of an account.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// A sentence, unique.
    pub name: String,
    /// Method and target.
    pub send: String,
    /// `null` leaves out what would be sent; a list sends a header more than once.
    #[serde(default)]
    pub headers: Map<String, Value>,
    /// A body.
    pub json: Option<Value>,
    /// A body.
    pub text: Option<String>,
    /// A body.
    pub base64: Option<String>,
    /// In chunks, without a length.
    #[serde(default)]
    pub chunked: bool,
    /// Marks, and what stands there how many times; `{n}` counts.
    #[serde(default)]
    pub fill: BTreeMap<String, (String, usize)>,
    /// What the provider answers, in order: by name or written out.
    #[serde(default)]
    pub answers: Vec<Named>,
    /// Members and headers that the home makes up.
    #[serde(default)]
    pub made: Vec<String>,
}

/// An answer.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Named {
    /// One of the file's.
    Name(String),
    /// Written out.
    Own(Box<Answer>),
}

impl List {
    /// Reads the file.
    pub fn read() -> Self {
        let file = folder().join("requests.json");
        let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let list: Self = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let mut names: Vec<&str> = list.requests.iter().map(|request| request.name.as_str()).collect();
        names.sort_unstable();
        assert!(names.windows(2).all(|two| two[0] != two[1]), "every request has a name of its own");
        list
    }

    /// The answers of a request.
    pub fn answers(&self, request: &Request) -> Vec<Answer> {
        let find = |name: &String| self.answers.get(name).unwrap_or_else(|| panic!("{}: no answer {name:?}", request.name)).clone();
        let own = |answer: &Named| match answer {
            Named::Name(name) => find(name),
            Named::Own(answer) => (**answer).clone(),
        };
        request.answers.iter().map(own).collect()
    }
}

/// Where the list and the differences stand.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("parity")
}

/// Every case of every plugin, with an account of its own.
pub fn cases() -> Vec<(Account, Case)> {
    let plugins = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../plugins");
    let mut all = Vec::new();
    for provider in sorted(&plugins) {
        let name = provider.file_name().unwrap().to_string_lossy().into_owned();
        for file in sorted(&provider.join("cases")) {
            let text = fs::read_to_string(&file).unwrap();
            let cases = Case::parse(&file.display().to_string(), &text).unwrap();
            let account = |case: &Case| Account { provider: name.clone(), settings: case.settings.clone(), ..Account::default() };
            all.extend(cases.into_iter().map(|case| (account(&case), case)));
        }
    }
    all
}

fn sorted(folder: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    entries.sort();
    entries
}

/// Whether the case waits for a provider that does not answer in time.
pub fn waits(case: &Case) -> bool {
    case.exchanges.iter().any(|exchange| exchange.answer.fails == Some(Failure::Timeout))
}

/// What a case is called in the list.
pub fn named(account: &Account, case: &Case) -> String {
    format!("{}: {}", account.provider, case.name)
}

/// A case as a request of the list.
pub fn request_of(account: &Account, case: &Case, id: &str, cursors: &Cursors) -> (Request, Vec<Answer>) {
    let asked = &case.request;
    let object = asked.id.as_ref().map(|id| format!("/{}", encode(id))).unwrap_or_default();
    let mut target = format!("/unified/{}/{}{object}?integrated_account_id={id}", encode(&asked.model), encode(&asked.resource));
    let mut pairs = Vec::new();
    asked.query.iter().for_each(|(name, value)| spread(name, value, &mut pairs));
    for (name, value) in pairs {
        let bound_to = format!("{id}/{}/{}", asked.model, asked.resource);
        let sealed = (name == "next_cursor" && !value.is_empty()).then(|| cursors.seal(&value, &bound_to));
        target.push_str(&format!("&{}={}", encode(&name), encode(sealed.as_ref().unwrap_or(&value))));
    }
    let media = asked.content_type.iter().map(|media| ("content-type".to_owned(), Value::from(media.clone())));
    let request = Request {
        name: named(account, case),
        send: format!("{} {target}", method(asked.operation)),
        headers: media.collect(),
        json: asked.body.clone(),
        ..Request::default()
    };
    let answers = case.exchanges.iter().flat_map(|exchange| native(&exchange.answer, &exchange.expect.method)).collect();
    (request, answers)
}

fn method(operation: Operation) -> &'static str {
    operation.method()
}

/// A read that gets no answer is made once more.
fn native(answer: &Native, method: &str) -> Vec<Answer> {
    if answer.fails == Some(Failure::Timeout) {
        return vec![Answer { hang: true, ..Answer::default() }];
    }
    if answer.fails == Some(Failure::Unreachable) {
        let nothing = Answer { raw: Some(String::new()), ..Answer::default() };
        return vec![nothing; if method == "GET" { 2 } else { 1 }];
    }
    let body = STANDARD.encode(answer.body());
    vec![Answer { status: Some(answer.status), headers: answer.headers.clone(), base64: Some(body), ..Answer::default() }]
}

fn spread(name: &str, value: &Value, pairs: &mut Vec<(String, String)>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| spread(name, item, pairs)),
        Value::Object(members) => members.iter().for_each(|(inner, value)| spread(&format!("{name}[{inner}]"), value, pairs)),
        Value::String(text) => pairs.push((name.to_owned(), text.clone())),
        other => pairs.push((name.to_owned(), other.to_string())),
    }
}

fn encode(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

/// Puts what is to be repeated in its places.
pub fn filled(text: &str, fill: &BTreeMap<String, (String, usize)>) -> String {
    fill.iter().fold(text.to_owned(), |text, (mark, (part, times))| {
        let whole: String =
            (0..*times).map(|n| if part.contains("{n}") { part.replace("{n}", &n.to_string()) } else { part.clone() }).collect();
        text.replace(mark, &whole)
    })
}

/// The body that is given in one of three ways.
pub fn body(json: Option<&Value>, text: Option<&String>, base64: Option<&String>, fill: &BTreeMap<String, (String, usize)>) -> Vec<u8> {
    match (json, text, base64) {
        (Some(json), ..) => json.to_string().into_bytes(),
        (_, Some(text), _) => filled(text, fill).into_bytes(),
        (.., Some(base64)) => STANDARD.decode(base64).expect("base64"),
        (None, None, None) => Vec::new(),
    }
}
