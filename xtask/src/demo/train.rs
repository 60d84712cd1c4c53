//! What a server is asked while it counts what runs: reads, lists, updates and dry runs of every
//! provider of the demo, by one caller and by some at once.

use anyhow::{Context as _, ensure};
use reqwest::header::{CONTENT_TYPE, ETAG, IF_MATCH};
use reqwest::{Client, Method, RequestBuilder};
use tokio::task::JoinSet;

use super::processes::{self, Stage};
use super::providers::{PROVIDERS, Provider};
use crate::build::Built;

/// Callers at once, and how often each asks for everything.
const CALLERS: [(usize, usize); 2] = [(1, 400), (16, 100)];
/// How much more often something is updated than read: it is what most requests are.
const UPDATES: usize = 4;

/// Starts the server and the sandbox, asks, and has the server end of its own accord: that is
/// when it writes what it has counted.
pub fn train(built: &Built) -> anyhow::Result<()> {
    let stage = Stage::set(built)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let client = processes::client()?;
        for (callers, rounds) in CALLERS {
            let mut asking = JoinSet::new();
            for _ in 0..callers {
                let callers: Vec<Caller> = PROVIDERS.iter().map(|provider| Caller::new(&client, &stage, provider)).collect();
                asking.spawn(async move { ask(&callers, rounds).await });
            }
            asking.join_all().await.into_iter().collect::<anyhow::Result<()>>()?;
        }
        anyhow::Ok(())
    })?;
    stage.end()
}

async fn ask(callers: &[Caller], rounds: usize) -> anyhow::Result<()> {
    for _ in 0..rounds {
        for caller in callers {
            caller.ask().await.with_context(|| caller.object.clone())?;
        }
    }
    Ok(())
}

/// Who asks for one provider's objects.
struct Caller {
    client: Client,
    token: String,
    list: String,
    object: String,
}

impl Caller {
    fn new(client: &Client, stage: &Stage, provider: &Provider) -> Self {
        Self {
            client: client.clone(),
            token: stage.token.clone(),
            list: stage.url(provider, ""),
            object: stage.url(provider, provider.object),
        }
    }

    async fn ask(&self) -> anyhow::Result<()> {
        let read = self.request(Method::GET, &self.object).send().await?.error_for_status()?;
        let etag = read.headers().get(ETAG).cloned();
        read.bytes().await?;
        self.request(Method::GET, &self.list).send().await?.error_for_status()?.bytes().await?;
        for nth in 0..=UPDATES {
            let dry_run = nth == UPDATES;
            let url = if dry_run { format!("{}&dry_run=true", self.object) } else { self.object.clone() };
            let mut update = self.request(Method::PATCH, &url).header(CONTENT_TYPE, "application/json");
            update = update.body(super::change().to_string());
            if let Some(etag) = &etag {
                update = update.header(IF_MATCH, etag);
            }
            let status = update.send().await?.status();
            // Another caller may have been faster, where a version has to be named.
            ensure!(status.is_success() || etag.is_some(), "an update is answered with {status}");
        }
        Ok(())
    }

    fn request(&self, method: Method, url: &str) -> RequestBuilder {
        self.client.request(method, url).bearer_auth(&self.token)
    }
}
