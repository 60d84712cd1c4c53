//! The component, as the server runs it: a fresh instance for each call.

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use bytes::Bytes;
use patchboard::runtime::{Bounds, Machine, Plugin};
use patchboard_gateway::contract::{Answer, Content, NativeResponse, Operation, Pair, Provider as _, Step, Target, UnifiedRequest};
use serde_json::Value;

use super::{BATCH, Count, Time, WARM_UP, check};
use crate::exchange::{CHANGE, NATIVE, SPACE};

pub(super) struct Mapping {
    plugin: Plugin,
    settings: Vec<Pair>,
}

impl Mapping {
    pub(super) fn load(file: &Path) -> anyhow::Result<Self> {
        let bytes = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        let machine = Arc::new(Machine::new(Bounds::default())?);
        let plugin = Plugin::admit(&machine, &bytes, None)?;
        Ok(Self { plugin, settings: vec![("host".to_owned(), "www.wrike.com".to_owned())] })
    }

    /// Times the two calls.
    pub(super) async fn time(&self, length: Duration) -> anyhow::Result<Time> {
        let (content, unified) = self.once().await?;
        let Content::Form(fields) = content else { bail!("the content is {content:?}") };
        check(&fields, &unified)?;
        self.run(WARM_UP).await?;
        self.run(length).await
    }

    async fn run(&self, length: Duration) -> anyhow::Result<Time> {
        let mut count = Count::begin(length)?;
        loop {
            for _ in 0..BATCH {
                black_box(self.once().await?);
            }
            if !count.again() {
                return count.end();
            }
        }
    }

    async fn once(&self) -> anyhow::Result<(Content, String)> {
        let target = Target {
            model: "ticketing".to_owned(),
            resource: "workspaces".to_owned(),
            operation: Operation::Update,
            id: Some(SPACE.to_owned()),
        };
        let request = UnifiedRequest { target, params: Vec::new(), body: serde_json::from_str(black_box(CHANGE))? };
        let exchange = self.plugin.map_request(&self.settings, &request).await?.map_err(|e| anyhow!("{e:?}"))?;
        let body = Bytes::from_static(black_box(NATIVE).as_bytes());
        let response = NativeResponse { status: 200, headers: answer_headers(), body };
        match self.plugin.map_response(&self.settings, &request, exchange.state, &response).await? {
            Ok(Step::Finish(Answer::Item(item), _)) => Ok((exchange.request.content, Value::Object(item.body).to_string())),
            other => bail!("{other:?}"),
        }
    }
}

/// What the sandbox's answers carry.
pub(super) fn answer_headers() -> Vec<Pair> {
    [
        ("content-type", "application/json"),
        ("wrike-response-id", "55a56f8c-db66-4d37-bfe2-73a7c15ad767"),
        ("content-length", "395"),
        ("date", "Thu, 01 Jan 2026 00:00:00 GMT"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec()
}
