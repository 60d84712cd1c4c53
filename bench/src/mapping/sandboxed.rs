//! The component, as the server runs it: a fresh instance for each call.

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use bytes::Bytes;
use patchboard::runtime::{Bounds, Machine, Plugin};
use patchboard_bench::paper::{CHANGE, NATIVE, SPACE, native_headers};
use patchboard_bench::timing::{self, BATCH, Count, WARM_UP};
use patchboard_gateway::contract::{Answer, Content, NativeResponse, Operation, Pair, Provider as _, Step, Target, UnifiedRequest};
use serde_json::Value;

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
    pub(super) async fn time(&self, length: Duration) -> anyhow::Result<timing::Answer> {
        let (content, unified) = self.once().await?;
        let Content::Form(fields) = content else { bail!("the content is {content:?}") };
        let fields = fields.into_iter().map(|(name, value)| (name, Value::String(value))).collect();
        self.run(WARM_UP).await?;
        self.run(length).await?.end(fields, serde_json::from_str(&unified)?)
    }

    async fn run(&self, length: Duration) -> anyhow::Result<Count> {
        let mut count = Count::begin(length)?;
        loop {
            for _ in 0..BATCH {
                black_box(self.once().await?);
            }
            if !count.again() {
                return Ok(count);
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
        let response = NativeResponse { status: 200, headers: native_headers(), body };
        match self.plugin.map_response(&self.settings, &request, exchange.state, &response).await? {
            Ok(Step::Finish(Answer::Item(item), _)) => Ok((exchange.request.content, Value::Object(item.body).to_string())),
            other => bail!("{other:?}"),
        }
    }
}
