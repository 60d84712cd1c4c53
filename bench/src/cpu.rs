//! The CPU time of processes, as Linux counts it in `/proc`.

use std::process::Command;
use std::{fs, io};

use anyhow::{Context as _, bail};

/// Fields of `/proc/PID/stat` after the command's name, which may hold anything but is
/// closed by the last parenthesis: state is the first, then the parent.
const PARENT: usize = 1;
const USER: usize = 11;
const SYSTEM: usize = 12;
/// Fields of the line `cpu` of `/proc/stat`: user, nice, system, idle, iowait, irq,
/// softirq, steal; what guests use is counted in the first two already.
const MACHINE: usize = 8;
const RESTING: [usize; 2] = [3, 4];

/// Clock ticks in a second: the unit of everything in this file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock(u64);

impl Clock {
    /// Asks the system.
    ///
    /// # Errors
    /// When it does not say.
    pub fn ask() -> anyhow::Result<Self> {
        let answer = Command::new("getconf").arg("CLK_TCK").output().context("cannot run getconf, which knows the clock's unit")?;
        let text = String::from_utf8_lossy(&answer.stdout);
        match text.trim().parse() {
            Ok(hertz @ 1..) => Ok(Self(hertz)),
            _ => bail!("getconf CLK_TCK answers {text:?}"),
        }
    }

    /// Ticks as microseconds.
    #[must_use]
    pub fn micros(self, ticks: u64) -> f64 {
        ticks as f64 * 1e6 / self.0 as f64
    }
}

/// A process and all that it started.
///
/// # Errors
/// When `/proc` cannot be read.
pub fn family(root: u32) -> io::Result<Vec<u32>> {
    let mut parents = Vec::new();
    for entry in fs::read_dir("/proc")? {
        let Some(pid) = entry?.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        // A process may end while they are listed.
        let Ok(text) = fs::read_to_string(format!("/proc/{pid}/stat")) else { continue };
        parents.extend(field(&text, PARENT).map(|parent| (pid, parent)));
    }
    let mut family = vec![root];
    let mut known = 0;
    while known < family.len() {
        let children = parents.iter().filter(|(_, parent)| family.get(known).is_some_and(|pid| u64::from(*pid) == *parent));
        let children: Vec<u32> = children.map(|(pid, _)| *pid).collect();
        family.extend(children);
        known += 1;
    }
    Ok(family)
}

/// User and system time of processes.
///
/// # Errors
/// When one of them is gone.
pub fn ticks(processes: &[u32]) -> io::Result<u64> {
    processes.iter().map(|pid| fs::read_to_string(format!("/proc/{pid}/stat")).and_then(|text| spent(&text))).sum()
}

fn spent(stat: &str) -> io::Result<u64> {
    let sum = field(stat, USER).zip(field(stat, SYSTEM)).map(|(user, system)| user + system);
    sum.ok_or_else(|| io::Error::other(format!("cannot read the CPU time in {stat:?}")))
}

fn field(stat: &str, index: usize) -> Option<u64> {
    stat.rsplit_once(')')?.1.split_ascii_whitespace().nth(index)?.parse().ok()
}

/// What all processors did together but rest.
///
/// # Errors
/// When `/proc/stat` cannot be read.
pub fn machine_ticks() -> io::Result<u64> {
    busy(&fs::read_to_string("/proc/stat")?).ok_or_else(|| io::Error::other("cannot read /proc/stat"))
}

fn busy(stat: &str) -> Option<u64> {
    let numbers = stat.lines().next()?.strip_prefix("cpu ")?.split_ascii_whitespace().take(MACHINE).enumerate();
    numbers.filter(|(index, _)| !RESTING.contains(index)).map(|(_, number)| number.parse::<u64>().ok()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_command_may_hold_anything() {
        let stat = "7 (a) b (c 1 2) S 42 1 1 0 -1 4194560 100 0 0 0 250 50 9 9 20 0 5 0 100";
        assert_eq!((field(stat, PARENT), spent(stat).ok()), (Some(42), Some(300)));
        assert!(spent("7 (a) S 42").is_err());
    }

    #[test]
    fn resting_is_not_counted_and_guests_are_not_counted_twice() {
        assert_eq!(busy("cpu  1 2 4 1000 1000 8 16 32 1000 1000\ncpu0 1\n"), Some(63));
        assert_eq!(busy("intr 5"), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_very_process_and_its_child_are_found() {
        let mut child = Command::new("sleep").arg("60").spawn().unwrap();
        let own = std::process::id();
        let family = family(own);
        let _ = child.kill();
        let _ = child.wait();
        let family = family.unwrap();
        assert!(family.starts_with(&[own]) && family.contains(&child.id()), "{family:?}");
        assert!(ticks(&[own]).is_ok() && machine_ticks().unwrap() > 0);
        assert_eq!(Clock(100).micros(2), 20_000.0);
        assert!(Clock::ask().unwrap().0 > 0);
    }
}
