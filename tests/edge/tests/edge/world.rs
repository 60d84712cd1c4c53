//! The native server and the edge app side by side, with the same accounts.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use patchboard_tests::{Call, DataDir, Setup, World, client};
use patchboard_tests_edge::{App, Options};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::parity::Account;

/// What guards the import route.
pub const ADMIN_TOKEN: &str = "an-admin-token-of-the-tests";
/// A running edge app, such as a real `spin up`, to be used instead of the stand-in. Its
/// variables must be those of [`variables`].
const EDGE: &str = "PATCHBOARD_EDGE_URL";
/// Where the scripted provider must listen for it: its `extra_upstream`.
const UPSTREAM: &str = "PATCHBOARD_EDGE_UPSTREAM";
/// The key that it was started with.
const KEY: &str = "PATCHBOARD_EDGE_KEY";
/// The token of its import route.
const ADMIN: &str = "PATCHBOARD_EDGE_ADMIN_TOKEN";

/// The project's folder.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The manifest at the root, with the digests of the plugins that this build has made:
/// those that are committed are of another machine's.
pub fn manifest() -> String {
    let text = fs::read_to_string(root().join("spin.toml")).expect("spin.toml");
    let tables: toml::Table = toml::from_str(&text).expect("TOML");
    let components = tables["component"].as_table().expect("components");
    components.values().fold(text, |text, component| {
        let committed = component.get("variables").and_then(|variables| variables.get("plugin_digest")).and_then(toml::Value::as_str);
        let plugin = component.get("dependencies").and_then(|dependencies| dependencies.as_table()?.values().next()?.get("path")?.as_str());
        let (Some(committed), Some(plugin)) = (committed, plugin) else { return text };
        let bytes = fs::read(root().join(plugin)).unwrap_or_else(|error| panic!("{plugin}: {error}; run `cargo xtask edge`"));
        let digest: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        text.replace(committed, &format!("sha256:{digest}"))
    })
}

/// The app of the manifest.
pub fn app() -> Options {
    Options::text(&manifest(), &root())
}

/// The manifest with one of its providers, which starts sooner.
pub fn only(provider: &str) -> String {
    let text = manifest();
    let (component, trigger) = (format!("[component.p-{provider}]"), format!("component = \"p-{provider}\""));
    let others = |table: &&str| table.contains("[component.p-") || table.contains("component = \"p-");
    let kept = text.split("\n\n").filter(|table| !others(table) || table.contains(&component) || table.lines().any(|line| line == trigger));
    kept.collect::<Vec<_>>().join("\n\n")
}

/// Where the scripted provider listens.
pub fn upstream() -> SocketAddr {
    env::var(UPSTREAM).map_or_else(|_| SocketAddr::from(([127, 0, 0, 1], 0)), |url| address_of(&url))
}

/// Whether a running app is used, whose variables a test cannot choose.
pub fn elsewhere() -> bool {
    env::var_os(EDGE).is_some()
}

fn address_of(url: &str) -> SocketAddr {
    url.trim_start_matches("http://").trim_end_matches('/').parse().expect("http://address:port")
}

/// The variables of the app.
pub fn variables(options: Options, key: &str, upstream: &str) -> Options {
    options.variable("encryption_key", key).variable("admin_token", ADMIN_TOKEN).variable("extra_upstream", upstream)
}

/// The two homes.
pub struct Homes {
    world: World,
    key: String,
    edge: Edge,
    tenant_token: String,
}

enum Edge {
    Here(App),
    There(SocketAddr),
}

/// Accounts and tokens that both homes know.
pub struct Made {
    /// Ids by the list's names.
    pub ids: BTreeMap<String, String>,
    tokens: [(&'static str, String); 2],
}

impl Made {
    /// A text with ids and tokens in their places.
    pub fn place(&self, text: &str) -> String {
        let tokens = self.tokens.iter().map(|(name, token)| ((*name).to_owned(), token));
        let ids = self.ids.iter().map(|(name, id)| (format!("{{{name}}}"), id));
        ids.chain(tokens).fold(text.to_owned(), |text, (mark, value)| text.replace(&mark, value))
    }
}

impl Homes {
    /// Starts both; a base URL at `upstream` is consented to.
    pub fn start(upstream: &str, seconds: u64) -> Self {
        let given = env::var(KEY).ok();
        let setup = Setup::default().allow(upstream).env("PATCHBOARD_EGRESS__TOTAL_SECONDS", &seconds.to_string());
        let world = setup.start_in(given.as_ref().map_or_else(DataDir::warm, |key| with_key(key)));
        let tenant = world.command(&["token", "create", "--tenant", "acme"]).succeed();
        let tenant_token = tenant.stdout.trim().to_owned();
        let key = given.unwrap_or_else(|| fs::read_to_string(world.data.path().join("key")).unwrap().trim().to_owned());
        let edge = match env::var(EDGE) {
            Ok(url) => Edge::There(address_of(&url)),
            Err(_) => {
                let options = variables(app(), &key, upstream).variable("total_seconds", &seconds.to_string());
                Edge::Here(options.start().unwrap_or_else(|error| panic!("the edge app does not start: {error}")))
            }
        };
        Self { world, key, edge, tenant_token }
    }

    /// The native server.
    pub fn server(&self) -> SocketAddr {
        self.world.server.address()
    }

    /// The edge app.
    pub fn edge(&self) -> SocketAddr {
        match &self.edge {
            Edge::Here(app) => app.address(),
            Edge::There(address) => *address,
        }
    }

    /// What went wrong in its components.
    pub fn edge_faults(&self) -> Vec<String> {
        match &self.edge {
            Edge::Here(app) => app.faults(),
            Edge::There(_) => Vec::new(),
        }
    }

    /// The key of both.
    pub fn key(&self) -> Vec<u8> {
        STANDARD.decode(&self.key).expect("a key in base64")
    }

    /// Makes accounts on the server and carries them to the edge. One that the server
    /// refuses is left out.
    pub fn share(&self, accounts: &BTreeMap<String, Account>, origin: &str) -> Made {
        let made = block_on(async {
            let mut made = BTreeMap::new();
            for (name, account) in accounts {
                let reply = self.world.call("POST", "/integrated-account").json(&account.create(origin)).send().await;
                if reply.status == 201 {
                    made.insert(name.clone(), reply.json()["id"].as_str().unwrap().to_owned());
                }
            }
            made
        });
        carry(&self.world, self.edge());
        Made { ids: made, tokens: [("{token}", self.world.token.clone()), ("{tenant-token}", self.tenant_token.clone())] }
    }
}

/// A folder of a native host that has this key.
fn with_key(key: &str) -> DataDir {
    let data = DataDir::cold();
    let file = data.path().join("key");
    fs::create_dir_all(data.path()).unwrap();
    fs::write(&file, key).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    data
}

/// Carries accounts and tokens of a server to an edge app.
pub fn carry(world: &World, edge: SocketAddr) {
    let token = env::var(ADMIN).unwrap_or_else(|_| ADMIN_TOKEN.to_owned());
    let reply = import(edge, &token, export(world));
    assert_eq!(reply.status, 200, "{}", reply.text());
}

/// What `patchboard edge sync` writes.
pub fn export(world: &World) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("export.jsonl");
    let _ = world.command(&["edge", "sync", "--output", &file.display().to_string()]).succeed();
    fs::read(&file).unwrap()
}

/// Hands an export to an edge app.
pub fn import(edge: SocketAddr, token: &str, file: Vec<u8>) -> patchboard_tests::Reply {
    let call = Call::new(&client(), "PUT", &format!("http://{edge}/edge/import")).token(token);
    block_on(call.media("application/x-ndjson", file).send())
}

/// Waits for a future.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

impl Account {
    /// The body that makes it.
    fn create(&self, origin: &str) -> Value {
        let mut settings = self.settings.clone();
        if !self.home {
            settings.entry("base_url".to_owned()).or_insert_with(|| format!("{origin}{}", self.path));
        }
        let token = self.token.clone().unwrap_or_else(|| format!("secret-of-{}", self.provider));
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../plugins").join(&self.provider).join("manifest.json");
        let declared: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
        let credentials = match declared["authentication"][0]["scheme"].as_str() {
            Some("basic") => json!({"username": "user", "password": token}),
            _ => json!({"access_token": token}),
        };
        let mut body = json!({"provider": self.provider, "settings": settings, "credentials": credentials});
        if let Some(tenant) = &self.tenant {
            body["tenant_id"] = json!(tenant);
        }
        body
    }
}
