//! Parity: one list of requests, sent to the native server and to the edge app, whose
//! answers are the same bytes. What differs is meant, and stands in
//! `parity/differences.json` by name, or is a fault.

mod allowed;
mod compare;
mod list;
mod provider;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use patchboard_gateway::cursor::Cursors;
use patchboard_kit::case::Case;
use patchboard_tests::{Reply, raw};
use serde_json::Value;

use crate::world::{Homes, Made};
use allowed::Allowed;
use compare::{Difference, Done, differences};
pub use list::Account;
use list::{Answer, List, Request, body, cases, filled, named, request_of, waits};
use provider::Scripted;

/// Differences that are shown in full when a test fails; the others are counted.
const SHOWN: usize = 25;
/// Seconds for all exchanges of one request, where nothing is to be waited for.
const PATIENT: u64 = 60;
/// And where it is.
const IMPATIENT: u64 = 2;

#[test]
fn the_edge_answers_every_request_of_the_list_as_the_server_does() {
    let list = List::read();
    let stage = Stage::set(&list.accounts, PATIENT);
    assert_eq!(stage.made.ids.len(), list.accounts.len(), "every account of the list is one");
    let mut verdict = Verdict::default();
    for (nth, request) in list.requests.iter().enumerate().filter(|(_, request)| chosen(&request.name)) {
        verdict.add(&request.name, stage.play(nth, request, &list.answers(request)));
    }
    verdict
        .hold(&stage.homes, |allowed| allowed.requests.iter().any(|name| list.requests.iter().any(|request| starts(name, &request.name))));
}

#[test]
fn the_edge_answers_every_case_of_every_plugin_as_the_server_does() {
    compare_cases(&cases().into_iter().filter(|(_, case)| !waits(case)).collect::<Vec<_>>(), PATIENT);
}

#[test]
fn the_edge_answers_as_the_server_does_when_a_provider_does_not_answer_in_time() {
    if crate::world::elsewhere() {
        // A running app waits as long as it was told to.
        return;
    }
    compare_cases(&cases().into_iter().filter(|(_, case)| waits(case)).collect::<Vec<_>>(), IMPATIENT);
}

fn compare_cases(all: &[(Account, Case)], seconds: u64) {
    let accounts = all.iter().enumerate().map(|(nth, (account, _))| (nth.to_string(), account.clone())).collect();
    let stage = Stage::set(&accounts, seconds);
    let mut verdict = Verdict::default();
    let mut played = 0;
    for (nth, (account, case)) in all.iter().enumerate().filter(|(_, (account, case))| chosen(&named(account, case))) {
        // An account that the server does not take cannot be asked anything.
        let Some(id) = stage.made.ids.get(&nth.to_string()) else { continue };
        let (request, answers) = request_of(account, case, id, &stage.cursors);
        verdict.add(&request.name, stage.play(nth, &request, &answers));
        played += 1;
    }
    assert!(part() || played * 20 > all.len() * 19, "{played} of {} cases could be played", all.len());
    let names: Vec<String> = all.iter().map(|(account, case)| named(account, case)).collect();
    verdict.hold(&stage.homes, |allowed| allowed.requests.iter().any(|name| names.iter().any(|known| starts(name, known))));
}

/// For somebody who looks into a difference: only the requests whose name has this in it.
const ONLY: &str = "PATCHBOARD_PARITY_ONLY";

fn part() -> bool {
    std::env::var_os(ONLY).is_some()
}

fn chosen(name: &str) -> bool {
    std::env::var(ONLY).map_or(true, |only| name.contains(&only))
}

fn starts(pattern: &str, name: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == name, |start| name.starts_with(start))
}

/// The scripted provider, the two homes, and accounts that both know.
struct Stage {
    provider: Scripted,
    homes: Homes,
    made: Made,
    cursors: Cursors,
    _turn: MutexGuard<'static, ()>,
}

/// A running app knows one address of the scripted provider.
static TURN: Mutex<()> = Mutex::new(());

impl Stage {
    fn set(accounts: &BTreeMap<String, Account>, seconds: u64) -> Self {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let provider = Scripted::start(crate::world::upstream());
        let homes = Homes::start(&provider.origin(), seconds);
        let made = homes.share(accounts, &provider.origin());
        let cursors = Cursors::new(&homes.key());
        Self { provider, homes, made, cursors, _turn: turn }
    }

    /// Sends a request to both.
    fn play(&self, nth: usize, request: &Request, answers: &[Answer]) -> Vec<Difference> {
        let bytes = self.bytes(nth, request);
        let [server, edge] = [self.homes.server(), self.homes.edge()].map(|address| {
            self.provider.say(answers);
            let reply = exchange(address, bytes.clone(), &request.name);
            let (asked, left) = self.provider.asked();
            Done { reply, asked, left }
        });
        differences(request, &server, &edge)
    }

    /// The request as it goes over the wire.
    fn bytes(&self, nth: usize, request: &Request) -> Vec<u8> {
        let placed = |text: &str| self.made.place(&filled(text, &request.fill));
        let (method, target) = request.send.split_once(' ').expect("a method and a target");
        let body = body(request.json.as_ref(), request.text.as_ref(), request.base64.as_ref(), &request.fill);
        let mut headers: Vec<(String, String)> = Vec::new();
        let defaults = [
            ("authorization", Some("Bearer {token}".to_owned())),
            ("x-request-id", Some(format!("parity-{nth}"))),
            ("content-type", (!body.is_empty()).then(|| "application/json".to_owned())),
        ];
        for (name, value) in defaults.into_iter().filter(|(name, _)| !request.headers.contains_key(*name)) {
            headers.extend(value.map(|value| (name.to_owned(), placed(&value))));
        }
        for (name, value) in &request.headers {
            let values = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
            headers.extend(values.iter().filter_map(Value::as_str).map(|value| (name.clone(), placed(value))));
        }
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let target = placed(target);
        if request.chunked { raw::chunked(method, &target, &headers, &body) } else { raw::request(method, &target, &headers, &body) }
    }
}

/// Sends while it reads: a home may answer before it has read everything, or never read it.
fn exchange(address: SocketAddr, bytes: Vec<u8>, name: &str) -> Reply {
    let mut stream = raw::connect(address);
    let mut writer = stream.try_clone().unwrap_or_else(|error| panic!("{name}: {error}"));
    let written = std::thread::spawn(move || {
        let _ = writer.write_all(&bytes);
    });
    let none = || Reply { status: 0, headers: Default::default(), body: b"[no answer]".to_vec() };
    let reply = raw::try_read(&mut stream).unwrap_or_else(none);
    let _ = stream.shutdown(std::net::Shutdown::Both);
    written.join().expect("the thread that sends");
    reply
}

/// What came of the whole list.
#[derive(Default)]
struct Verdict {
    differing: Vec<(String, Difference)>,
}

impl Verdict {
    fn add(&mut self, request: &str, differences: Vec<Difference>) {
        self.differing.extend(differences.into_iter().map(|difference| (request.to_owned(), difference)));
    }

    /// Asserts that every difference is meant, and that what is meant still differs.
    fn hold(&self, homes: &Homes, concerns: impl Fn(&Allowed) -> bool) {
        let allowed = allowed::read();
        let meant = |(request, difference): &(String, Difference)| allowed.iter().find(|allowed| allowed.means(request, difference));
        let faults: Vec<_> = self.differing.iter().filter(|differing| meant(differing).is_none()).collect();
        let used: BTreeSet<&str> = self.differing.iter().filter_map(meant).map(|allowed| allowed.name.as_str()).collect();
        let stale: Vec<&str> =
            allowed.iter().filter(|a| concerns(a)).map(|a| a.name.as_str()).filter(|name| !used.contains(name)).collect();
        let shown: String = faults.iter().take(SHOWN).map(|(request, difference)| show(request, difference)).collect();
        let log = homes.edge_faults();
        assert!(faults.is_empty(), "{} differences are not meant:\n{shown}\nthe edge's faults: {log:#?}", faults.len());
        assert!(part() || stale.is_empty(), "these differences are there no more; take them out of differences.json: {stale:?}");
    }
}

/// What differs, from a little before the first character that does.
fn show(request: &str, difference: &Difference) -> String {
    let Difference { part, server, edge } = difference;
    let same = server.chars().zip(edge.chars()).take_while(|(one, other)| one == other).count();
    let from = |text: &str| text.chars().skip(same.saturating_sub(80)).take(400).collect::<String>();
    format!("- {request}, {part}, at {same}:\n  server: {}\n  edge:   {}\n", from(server), from(edge))
}
