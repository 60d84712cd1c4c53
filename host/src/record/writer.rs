//! The thread that makes files of what was heard.

use std::io;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::SystemTime;

use http::HeaderMap;
use patchboard_gateway::contract::Provider as _;
use patchboard_gateway::cursor::Cursors;
use patchboard_gateway::engine::bound_to;
use patchboard_gateway::redact::Redactor;
use patchboard_gateway::{params, route};
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use uuid::Uuid;

use super::file::{self, Body, Came, Cursor, Exchange, FORM, Recording};
use super::folder::Folder;
use super::play::{Played, Player};
use super::redact::Chosen;
use super::{Asked, Draft, Made};
use crate::config;
use crate::runtime::Plugin;

/// Requests that may wait to be written. They hold their bodies in memory.
const QUEUE: usize = 64;
/// The names of the two cursors of a page.
const CURSORS: [&str; 2] = ["next_cursor", "prev_cursor"];

/// Keeps recordings until it is dropped; what waits then is still written.
pub struct Recorder {
    queue: Option<SyncSender<Box<Draft>>>,
    thread: Option<JoinHandle<()>>,
}

impl Recorder {
    /// Starts the thread.
    ///
    /// # Errors
    /// When the folder cannot be made or read, or there is no thread.
    pub fn start(config: &config::Record, cursors: Cursors, player: Player) -> io::Result<Option<Self>> {
        let Some(path) = &config.dir else { return Ok(None) };
        let named = |e: io::Error| io::Error::new(e.kind(), format!("the folder of recordings {}: {e}", path.display()));
        let folder = Folder::open(path, config.max_bytes, config.max_files).map_err(named)?;
        let runtime = tokio::runtime::Builder::new_current_thread().build()?;
        let (queue, drafts) = sync_channel(QUEUE);
        let mut writer = Writer { folder, cursors, player, runtime, chosen: config.redact.clone() };
        let thread = thread::Builder::new().name("recordings".to_owned()).spawn(move || writer.write_all(&drafts))?;
        tracing::info!(folder = %path.display(), "unified requests are recorded");
        Ok(Some(Self { queue: Some(queue), thread: Some(thread) }))
    }

    /// Hands a request to the thread. A request never waits for the disk.
    pub(super) fn keep(&self, draft: Draft) {
        let sent = self.queue.as_ref().map(|queue| queue.try_send(Box::new(draft)));
        if let Some(Err(TrySendError::Full(draft) | TrySendError::Disconnected(draft))) = sent {
            tracing::warn!(request_id = draft.request_id, waiting = QUEUE, "a request was not recorded: too many wait to be written");
        }
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.queue = None;
        self.thread.take().map(JoinHandle::join);
    }
}

struct Writer {
    folder: Folder,
    cursors: Cursors,
    player: Player,
    /// Plugins are called by it; nothing else happens in it.
    runtime: tokio::runtime::Runtime,
    chosen: Vec<String>,
}

impl Writer {
    fn write_all(&mut self, drafts: &Receiver<Box<Draft>>) {
        for draft in drafts {
            let (request_id, at, plugin) = (draft.request_id.clone(), draft.at, draft.plugin.clone());
            let recording = self.recording(*draft, &plugin);
            let text = serde_json::to_string_pretty(&recording).map_err(io::Error::other);
            let written = text.and_then(|text| self.folder.write(name(at), format!("{text}\n").as_bytes()));
            if let Err(error) = written {
                tracing::warn!(request_id, %error, "a request was not recorded");
            }
        }
    }

    /// What is kept of a request: no secret, and no value that the operator has chosen.
    fn recording(&mut self, draft: Draft, plugin: &Plugin) -> Recording {
        let (clean, models) = (is_clean(&draft.asked, &draft.redactor), draft.models.clone());
        let mut recording = self.whole(draft);
        if clean && self.chosen.is_empty() {
            return recording;
        }
        recording.redacted.clone_from(&self.chosen);
        Chosen::new(&self.chosen).inputs(&mut recording);
        // What the plugin made of a value that is gone now is made again.
        let Played { exchanges, answer } = self.runtime.block_on(self.player.play(models.all(), &recording, plugin));
        Recording { exchanges, answer, ..recording }
    }

    /// Everything that was heard, without the account's secrets.
    fn whole(&self, draft: Draft) -> Recording {
        let Draft { at, request_id, plugin, ready, redactor, asked, made, answer, .. } = draft;
        let account = &ready.account;
        let identity = plugin.identity();
        let cursors = self.cursors(&asked, &account.id, answer.body.as_deref());
        Recording {
            form: FORM.to_owned(),
            recorded_at: rfc3339(at),
            request_id,
            plugin: file::Plugin { name: identity.name.clone(), version: identity.version.clone(), digest: identity.digest.clone() },
            account: file::Account {
                id: account.id.clone(),
                settings: account.settings.clone(),
                secrets: account.credential.names().map(str::to_owned).collect(),
            },
            request: file::Request {
                operation: asked.operation,
                method: asked.method,
                path: redactor.text(asked.path),
                query: redactor.text(asked.query),
                headers: file::headers(&asked.headers).into_iter().map(|(name, value)| (name, redactor.text(value))).collect(),
                body: Body::of(&redactor.bytes(asked.body)),
            },
            cursors,
            exchanges: made.into_iter().map(|made| exchange(made, &redactor)).collect(),
            answer: file::Answer {
                status: answer.status.as_u16(),
                headers: file::headers(&answer.headers),
                streamed: answer.body.is_none(),
                body: Body::of(&redactor.bytes(answer.body.unwrap_or_default())),
            },
            redacted: Vec::new(),
        }
    }

    /// The cursors of a request and of its answer, opened.
    fn cursors(&self, asked: &Asked, account_id: &str, answer: Option<&[u8]>) -> Vec<Cursor> {
        let method = asked.method.parse().unwrap_or_default();
        let Ok(route) = route::parse(&method, &asked.path) else { return Vec::new() };
        let given = params::parse(&asked.query, &HeaderMap::new()).map(|params| params.others).unwrap_or_default();
        let given = given.into_iter().filter(|(name, _)| CURSORS.contains(&name.as_str())).map(|(_, value)| value);
        let answer: Value = answer.and_then(|body| serde_json::from_slice(body).ok()).unwrap_or_default();
        let got = CURSORS.iter().filter_map(|name| answer.get(name)?.as_str().map(str::to_owned));
        let bound_to = bound_to(account_id, &route.model, &route.resource);
        let open = |sealed: String| Some(Cursor { own: self.cursors.open(&sealed, &bound_to)?, sealed });
        given.chain(got).filter_map(open).collect()
    }
}

/// Whether the caller's request holds no secret of the account.
fn is_clean(asked: &Asked, redactor: &Redactor) -> bool {
    let texts = [&asked.path, &asked.query].into_iter().all(|text| redactor.text(text.clone()) == *text);
    texts && redactor.bytes(asked.body.clone()) == asked.body
}

fn exchange(made: Made, redactor: &Redactor) -> Exchange {
    let fails = made.fails.as_ref().map(file::Failure::from);
    Exchange {
        call: made.call,
        request: made.request.map(|wanted| wanted.whole(redactor)),
        answer: Came {
            status: made.status,
            headers: made.headers,
            body: Body::of(&redactor.bytes(made.body)),
            fails: fails.map(|failure| file::Failure { why: redactor.text(failure.why), ..failure }),
            received_at: made.received.map(rfc3339),
        },
    }
}

fn rfc3339(time: SystemTime) -> String {
    OffsetDateTime::from(time).format(&Rfc3339).unwrap_or_default()
}

/// Names stand in the order of their times, and none is there twice.
fn name(at: SystemTime) -> String {
    let (time, one) = (OffsetDateTime::from(at), Uuid::new_v4().simple().to_string());
    let date = format!("{:04}{:02}{:02}", time.year(), u8::from(time.month()), time.day());
    let clock = format!("{:02}{:02}{:02}.{:06}", time.hour(), time.minute(), time.second(), time.microsecond());
    format!("{date}T{clock}Z-{}.json", one.get(..8).unwrap_or_default())
}
