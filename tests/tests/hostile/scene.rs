//! A server that has loaded hostile plugins beside the good ones, and a provider that gives
//! away what it is told.

use patchboard_tests::plugin_files::PluginFolder;
use patchboard_tests::{Reply, Seen, Setup, Stub, World, answer, seeds};
use serde_json::{Value, json};

pub const TOKEN: &str = "hostile+access/token";

/// Everything a test needs.
pub struct Scene {
    pub world: World,
    pub stub: Stub,
    plugins: PluginFolder,
}

/// What a careless provider makes of a request: the credential in its headers and its body,
/// in every spelling that servers use.
fn careless(seen: &Seen) -> Vec<u8> {
    let authorization = seen.header("authorization").unwrap_or_default();
    let token = authorization.trim_start_matches("Bearer ");
    let spellings = [
        token.to_owned(),
        token.replace('/', "\\/"),
        token.replace('+', "\\u002B"),
        token.replace('+', "%2B").replace('/', "%2F"),
        token.replace('+', "%2b").replace('/', "%2f"),
        token.bytes().map(|byte| format!("{byte:02x}")).collect(),
    ];
    let echo = spellings.iter().map(|spelling| format!("\"Bearer {spelling}\"")).collect::<Vec<_>>().join(",");
    let body = format!(r#"{{"id":"7","echo":[{echo}]}}"#);
    answer(200, &[("content-type", "application/json"), ("x-echo", authorization)], body.as_bytes())
}

impl Scene {
    /// A server with these components, by file name.
    pub fn set(components: &[(&str, Vec<u8>)]) -> Self {
        Self::with(components, Setup::default())
    }

    /// The same with settings.
    pub fn with(components: &[(&str, Vec<u8>)], setup: Setup) -> Self {
        let stub = Stub::start(careless);
        let plugins = PluginFolder::empty();
        for (name, component) in components {
            plugins.put(&format!("{name}.wasm"), component);
        }
        let world = setup.arg("--plugins").arg(&plugins.text()).allow(&stub.origin()).start();
        Self { world, stub, plugins }
    }

    /// A further account of a hostile provider.
    pub fn account(&self, provider: &str) -> String {
        let base_url = format!("base_url={}", self.stub.origin());
        let plugins = self.plugins.text();
        let add = ["account", "add", "--provider", provider, "--plugins", &plugins, "--setting", &base_url, "--credential-file", "-"];
        self.world.command(&add).input(&seeds::credential(TOKEN)).succeed().stdout.trim().to_owned()
    }

    /// A change of the name.
    pub async fn does(&self, account: &str, name: &str) -> Reply {
        let query = format!("integrated_account_id={account}");
        self.world.call("PATCH", "/unified/ticketing/workspaces/7").query(&query).json(&json!({"name": name})).send().await
    }

    /// The request fails as the plugin's fault with this detail, nothing left, and the next
    /// one of another plugin is served.
    pub async fn refuses(&self, account: &str, name: &str, detail: &str) {
        let before = self.stub.seen().len();
        let problem = self.does(account, name).await.problem(502, "plugin_failed");
        assert_eq!(of(&problem), ("plugin_failed", "map", detail), "{name}");
        assert_eq!(self.stub.seen().len(), before, "{name}: something left");
        self.world.serves(&seeds::WRIKE).await;
    }
}

/// Code, phase and detail.
pub fn of(problem: &Value) -> (&str, &str, &str) {
    let text = |name: &str| problem[name].as_str().unwrap_or_default();
    (text("code"), text("phase"), text("detail"))
}
