//! `cargo xtask demo`: the main job over real HTTP, with nothing but Rust on the machine.

mod layout;
mod processes;
mod providers;
mod train;

use anyhow::Context as _;
use reqwest::{Client, Response};
use serde_json::{Value, json};

use crate::build::{self, Built};
use layout::{Pane, panes};
use processes::Stage;
use providers::{PROVIDERS, Provider};
pub use train::train;

/// The body of the request that the demo makes of every provider.
fn change() -> Value {
    json!({"name": "your_name", "description": "your_description", "remote_data": {}})
}

/// What to show.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct Options {
    /// Stop at the end instead of leaving the server running
    #[arg(long)]
    pub once: bool,
}

/// Runs the demo.
pub fn run(options: Options) -> anyhow::Result<()> {
    show(options, &build::run(&build::Options::default())?)
}

/// Runs the demo with what was built.
pub fn show(options: Options, built: &Built) -> anyhow::Result<()> {
    let stage = Stage::set(built)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let demo = Demo { stage: &stage, client: processes::client()? };
        demo.play().await?;
        if options.once {
            return Ok(());
        }
        demo.leave_running();
        tokio::signal::ctrl_c().await.context("cannot wait for Ctrl-C")
    })
}

struct Demo<'a> {
    stage: &'a Stage,
    client: Client,
}

/// What a request led to.
struct Played {
    status: u16,
    headers: Vec<(String, String)>,
    body: Value,
}

impl Demo<'_> {
    async fn play(&self) -> anyhow::Result<()> {
        for provider in PROVIDERS {
            self.update(provider).await?;
        }
        let wrike = PROVIDERS.first().context("there is no provider")?;
        self.show("A dry run: nothing leaves, the native request is shown", wrike, "&dry_run=true", wrike.object, 200).await?;
        let planner = PROVIDERS.iter().find(|p| p.name == "microsoft-planner").context("no Planner")?;
        self.show("strict: a field that the provider cannot take is refused", planner, "&strict=true", planner.object, 422).await?;
        self.show("An error of the provider's arrives whole", wrike, "", "IEAAAAAAI7777777", 404).await
    }

    /// One provider: the unified and the native side of the same update.
    async fn update(&self, provider: &Provider) -> anyhow::Result<()> {
        self.stage.forget_requests(&self.client).await?;
        let played = self.send(provider, "", provider.object).await?;
        let native = self.stage.last_request(&self.client, provider.name).await?;
        let left = [Pane::new("unified request", self.unified_request(provider)), Pane::new("unified answer", answer(&played))];
        let right =
            [Pane::new("native request, as it arrived", native_request(&native)), Pane::new("native answer", native_answer(&native))];
        println!("{}", panes(&format!("{} ({})", provider.title, provider.what), &left, &right));
        anyhow::ensure!(played.status == 200, "{} answered {}", provider.name, played.status);
        anyhow::ensure!(played.body.get("name").is_some_and(|name| name == "your_name"), "{} did not take the name", provider.name);
        Ok(())
    }

    async fn show(&self, title: &str, provider: &Provider, more: &str, object: &str, expected: u16) -> anyhow::Result<()> {
        let played = self.send(provider, more, object).await?;
        let request = format!("PATCH /unified/ticketing/workspaces/{object}\n  ?integrated_account_id=…{more}\n\n{}", pretty(&change()));
        println!("{}", panes(title, &[Pane::new("unified request", request)], &[Pane::new("answer", answer(&played))]));
        anyhow::ensure!(played.status == expected, "{title}: {} where {expected} was expected", played.status);
        Ok(())
    }

    async fn send(&self, provider: &Provider, more: &str, object: &str) -> anyhow::Result<Played> {
        let url = format!("{}{more}", self.stage.update_url(provider, object));
        let request = self.client.patch(url).bearer_auth(&self.stage.token).header("content-type", "application/json");
        let response = request.body(change().to_string()).send().await?;
        played(response).await
    }

    fn unified_request(&self, provider: &Provider) -> String {
        let query = provider.query.map(|query| format!("\n  &{query}")).unwrap_or_default();
        format!("PATCH /unified/ticketing/workspaces/{}\n  ?integrated_account_id=…{query}\n\n{}", provider.object, pretty(&change()))
    }

    fn leave_running(&self) {
        println!("The server is running at {}, the sandbox of the providers at {}.", self.stage.server, self.stage.sandbox);
        println!("Try it yourself, for example with {}:\n", PROVIDERS.first().map_or("", |p| p.title));
        if let Some(provider) = PROVIDERS.first() {
            println!("curl -X PATCH '{}' \\", self.stage.update_url(provider, provider.object));
            println!("  -H 'Authorization: Bearer {}' \\\n  -H 'Content-Type: application/json' \\", self.stage.token);
            println!("  -d '{{\"name\": \"Marketing\", \"description\": \"Campaign space\"}}'\n");
        }
        println!("Ctrl-C stops both and removes what they stored.");
    }
}

async fn played(response: Response) -> anyhow::Result<Played> {
    let status = response.status().as_u16();
    let shown = |(name, value): (&reqwest::header::HeaderName, &reqwest::header::HeaderValue)| {
        (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    let headers = response.headers().iter().map(shown).collect();
    let body = serde_json::from_slice(&response.bytes().await?).context("the answer is not JSON")?;
    Ok(Played { status, headers, body })
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

fn answer(played: &Played) -> String {
    let mut text = format!("{}\n", played.status);
    for (name, value) in played.headers.iter().filter(|(name, _)| !matches!(name.as_str(), "date" | "content-length" | "x-request-id")) {
        text.push_str(&format!("{name}: {value}\n"));
    }
    format!("{text}\n{}", pretty(&played.body))
}

fn native_request(native: &Value) -> String {
    let text = |name: &str| native.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let query = Some(text("query")).filter(|query| !query.is_empty()).map(|query| format!("?{query}")).unwrap_or_default();
    let mut shown = format!("{} {}{query}\n", text("method"), text("path"));
    for (name, value) in native.get("headers").and_then(Value::as_object).into_iter().flatten() {
        let value = value.as_str().unwrap_or_default();
        match name.as_str() {
            "authorization" => shown.push_str("authorization: Bearer …\n"),
            "accept-encoding" | "host" | "user-agent" | "traceparent" | "content-length" => {}
            _ => shown.push_str(&format!("{name}: {value}\n")),
        }
    }
    format!("{shown}\n{}", json_or_text(&text("body")))
}

fn native_answer(native: &Value) -> String {
    format!(
        "{}\n\n{}",
        native.get("status").unwrap_or(&Value::Null),
        json_or_text(native.get("answer").and_then(Value::as_str).unwrap_or_default())
    )
}

fn json_or_text(text: &str) -> String {
    serde_json::from_str::<Value>(text).map_or_else(|_| text.to_owned(), |value| pretty(&value))
}
