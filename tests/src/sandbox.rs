//! The sandbox, on a thread of its own so that a test may wait for a command meanwhile.

use std::net::SocketAddr;
use std::sync::mpsc::channel;
use std::thread::{self, JoinHandle};

use reqwest::Client;
use serde_json::{Value, json};
use tokio::runtime::Builder;
use tokio::sync::oneshot;

use crate::client::{Call, client};
use crate::seeds::Seed;

/// A sandbox that ends with this value.
#[derive(Debug)]
pub struct Sandbox {
    address: SocketAddr,
    client: Client,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Sandbox {
    /// Starts one on a free port.
    #[must_use]
    pub fn start() -> Self {
        let (say, said) = channel();
        let (stop, stopped) = oneshot::channel();
        let thread = thread::spawn(move || {
            let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                let sandbox = patchboard_sandbox::Sandbox::start().await.expect("a sandbox");
                say.send(sandbox.address()).expect("a test that waits");
                let _ = stopped.await;
            });
            // Answers that hang are given up.
            runtime.shutdown_background();
        });
        let address = said.recv().expect("an address");
        Self { address, client: client(), stop: Some(stop), thread: Some(thread) }
    }

    /// The address of a path.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// What an operator consents to.
    #[must_use]
    pub fn origin(&self) -> String {
        self.url("")
    }

    async fn control(&self, method: &str, route: &str, body: Option<Value>) -> Value {
        let call = Call::new(&self.client, method, &self.url(&format!("/_control{route}")));
        let reply = body.iter().fold(call, |call, body| call.json(body)).send().await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        reply.json()
    }

    /// Lets the next request of a provider fail; `more` are the members of the kind.
    pub async fn fail(&self, seed: &Seed, kind: &str, more: Value) {
        let mut body = json!({ "provider": seed.provider, "kind": kind });
        let members = body.as_object_mut().expect("an object");
        members.extend(more.as_object().cloned().unwrap_or_default());
        self.control("POST", "/fail", Some(body)).await;
    }

    /// The requests that arrived, oldest first.
    pub async fn requests(&self) -> Vec<Value> {
        self.control("GET", "/requests", None).await["requests"].as_array().cloned().expect("a list")
    }

    /// The one request that arrived.
    pub async fn request(&self) -> Value {
        let mut requests = self.requests().await;
        assert_eq!(requests.len(), 1, "{requests:#?}");
        requests.remove(0)
    }

    /// Forgets the requests.
    pub async fn forget(&self) {
        self.control("DELETE", "/requests", None).await;
    }

    /// The object of a seed as it is now.
    pub async fn object(&self, seed: &Seed) -> Value {
        self.objects(seed).await.into_iter().find(|object| object["id"] == seed.id).expect("the seed")
    }

    /// The ids of a provider's objects.
    pub async fn ids(&self, seed: &Seed) -> Vec<String> {
        self.objects(seed).await.iter().filter_map(id).collect()
    }

    async fn objects(&self, seed: &Seed) -> Vec<Value> {
        let state = self.control("GET", &format!("/state?provider={}", seed.provider), None).await;
        state["objects"][seed.provider].as_array().cloned().expect("objects")
    }

    /// Adds objects of a seed's kind behind the gateway's back.
    pub async fn add_many(&self, seed: &Seed, count: usize) {
        let mut body = json!({ "provider": seed.provider, "count": count });
        if seed.provider == "planhat" {
            body["resource"] = seed.resource.rsplit('/').next().into();
        }
        self.control("POST", "/seed", Some(body)).await;
    }

    /// Changes an object behind the gateway's back.
    pub async fn change(&self, seed: &Seed, change: Value) {
        self.control("POST", "/object", Some(json!({ "provider": seed.provider, "id": seed.id, "change": change }))).await;
    }

    /// Throws a switch.
    pub async fn switch(&self, body: Value) {
        self.control("POST", "/switch", Some(body)).await;
    }
}

/// Where an object has its id, whatever the provider calls it.
fn id(object: &Value) -> Option<String> {
    let members = [&object["id"], &object["_id"], &object["PROJECT_ID"], &object["id"]["record_id"]];
    members.into_iter().find_map(|id| id.as_str().map(str::to_owned).or_else(|| id.as_u64().map(|id| id.to_string())))
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.stop.take().map(|stop| stop.send(()));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
