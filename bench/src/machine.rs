//! Where the figures come from.

use std::fs;
use std::thread;

use serde::Serialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::Arguments;
use crate::processes::first_line;

/// What a reader has to know of the machine.
#[derive(Debug, Clone, Serialize)]
pub struct Facts {
    pub date: String,
    pub cpu: String,
    pub processors: usize,
    pub kernel: String,
    /// One-minute load average when the run began; 0 is a quiet machine.
    pub load_average: String,
    pub patchboard: String,
}

pub fn facts(arguments: &Arguments) -> Facts {
    let now = OffsetDateTime::now_utc();
    let read = |file: &str| fs::read_to_string(file).unwrap_or_default();
    let cpuinfo = read("/proc/cpuinfo");
    let cpu = cpuinfo.lines().find(|line| line.starts_with("model name")).and_then(|line| line.split_once(':'));
    Facts {
        date: now.replace_nanosecond(0).unwrap_or(now).format(&Rfc3339).unwrap_or_default(),
        cpu: cpu.map_or("unknown", |(_, name)| name.trim()).to_owned(),
        processors: thread::available_parallelism().map_or(1, std::num::NonZero::get),
        kernel: read("/proc/sys/kernel/osrelease").trim().to_owned(),
        load_average: read("/proc/loadavg").split(' ').next().unwrap_or_default().to_owned(),
        patchboard: first_line(&arguments.patchboard, &["--version"]).unwrap_or_default(),
    }
}
