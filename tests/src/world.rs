//! A sandbox, a server, a token for it, and accounts that point to the sandbox.

use std::collections::HashMap;
use std::sync::Mutex;

use reqwest::Client;
use serde_json::{Value, json};

use crate::client::{Call, client};
use crate::data_dir::DataDir;
use crate::program::{Invocation, patchboard};
use crate::sandbox::Sandbox;
use crate::seeds::{self, Seed};
use crate::server::Server;

/// How a world is to be.
#[derive(Debug, Default)]
pub struct Setup {
    variables: Vec<(String, String)>,
    arguments: Vec<String>,
}

impl Setup {
    /// Sets a variable of the server's environment, such as `PATCHBOARD_EGRESS__TOTAL_SECONDS`.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Adds an argument of `serve`.
    #[must_use]
    pub fn arg(mut self, argument: &str) -> Self {
        self.arguments.push(argument.to_owned());
        self
    }

    /// Consents to one more origin.
    #[must_use]
    pub fn allow(self, origin: &str) -> Self {
        self.arg("--allow-upstream").arg(origin)
    }

    /// Starts it.
    #[must_use]
    pub fn start(self) -> World {
        self.start_in(DataDir::warm())
    }

    /// Starts it in a data folder.
    #[must_use]
    pub fn start_in(mut self, data: DataDir) -> World {
        let sandbox = Sandbox::start();
        self = self.allow(&sandbox.origin());
        let server = Server::start(&data, &self.arguments, &self.variables);
        let created = patchboard(&["token", "create", "--name", "tests", "--data-dir", &data.text()]).succeed();
        let token = created.stdout.trim().to_owned();
        World { server, sandbox, token, data, client: client(), accounts: Mutex::default() }
    }
}

/// Everything a test needs.
#[derive(Debug)]
pub struct World {
    /// The server.
    pub server: Server,
    /// The providers.
    pub sandbox: Sandbox,
    /// An API token that may use every account.
    pub token: String,
    /// The server's data folder.
    pub data: DataDir,
    client: Client,
    accounts: Mutex<HashMap<Seed, String>>,
}

impl World {
    /// The usual one.
    #[must_use]
    pub fn start() -> Self {
        Setup::default().start()
    }

    /// A command on the server's data folder.
    #[must_use]
    pub fn command(&self, arguments: &[&str]) -> Invocation {
        patchboard(arguments).args(["--data-dir", &self.data.text()])
    }

    /// An account that points to the sandbox, made when it is first asked for.
    #[must_use]
    pub fn account(&self, seed: &Seed) -> String {
        let mut accounts = self.accounts.lock().expect("the accounts");
        accounts.entry(*seed).or_insert_with(|| self.add_account(seed, &[], &seed.credential())).clone()
    }

    /// A further account; `settings` win over the seed's.
    #[must_use]
    pub fn add_account(&self, seed: &Seed, settings: &[(&str, &str)], credential: &str) -> String {
        let base = self.sandbox.url(seed.base);
        let mut all: HashMap<&str, &str> = HashMap::from([("base_url", base.as_str())]);
        all.extend(seed.settings.iter().copied());
        all.extend(settings.iter().copied());
        let mut add = self.command(&["account", "add", "--provider", seed.provider, "--credential-file", "-"]).input(credential);
        for (name, value) in all.into_iter().filter(|(_, value)| !value.is_empty()) {
            add = add.args(["--setting", &format!("{name}={value}")]);
        }
        add.succeed().stdout.trim().to_owned()
    }

    /// An account as the command shows it.
    #[must_use]
    pub fn show_account(&self, id: &str) -> Value {
        self.command(&["account", "show", id]).succeed().json()
    }

    /// A request with the token; the path is as it is written, with a query if it has one.
    #[must_use]
    pub fn call(&self, method: &str, path: &str) -> Call {
        Call::new(&self.client, method, &self.server.url(path)).token(&self.token)
    }

    /// An update of a seed through its account.
    #[must_use]
    pub fn update(&self, seed: &Seed) -> Call {
        self.update_with(seed, &self.account(seed))
    }

    /// An update of a seed through another account.
    #[must_use]
    pub fn update_with(&self, seed: &Seed, account: &str) -> Call {
        self.call("PATCH", &seed.path()).query(&format!("integrated_account_id={account}"))
    }

    /// Asserts that a good request is served, whatever came before it.
    pub async fn serves(&self, seed: &Seed) {
        let mut call = self.update(seed);
        if *seed == seeds::PLANNER {
            let etag = self.sandbox.object(seed).await["@odata.etag"].as_str().map(str::to_owned).expect("an etag");
            call = call.header("if-match", &etag);
        }
        let object = call.json(&json!({ "name": "still here" })).send().await.ok();
        assert_eq!(object["name"], "still here");
        self.sandbox.forget().await;
    }
}
