//! What was measured, put together: medians of the rounds, ratios, the target.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::Arguments;
use crate::WARM_UP;
use crate::cold::Start;
use crate::machine::Facts;
use crate::mapping::{Mapper, Timed};
use crate::neighbour::{self, Latency, Pair};
use crate::servers::{Missing, Name};
use crate::windows::Window;

/// Patchboard may take this much of the Node server's CPU time for a request.
pub const TARGET: f64 = 0.5;

/// What a run gathers.
pub struct Report {
    machine: Facts,
    seconds: u64,
    rounds: u8,
    pub versions: BTreeMap<String, String>,
    pub missing: Vec<Missing>,
    pub windows: Vec<Window>,
    pub mapping: Vec<Timed>,
    pub neighbours: Vec<Pair>,
    pub starts: Vec<Start>,
}

/// What a run says.
#[derive(Debug, Serialize)]
pub struct Summary {
    pub machine: Facts,
    pub versions: BTreeMap<String, String>,
    pub seconds: u64,
    pub warm_up_seconds: u64,
    pub rounds: u8,
    pub servers: Vec<Line>,
    pub mapping: Vec<MappingLine>,
    pub neighbours: Vec<NeighbourLine>,
    pub starts: Vec<Start>,
    pub target: Option<Target>,
    pub missing: Vec<Missing>,
    /// Each window as it was measured.
    pub windows: Vec<Window>,
    pub mapping_rounds: Vec<Timed>,
    pub neighbour_rounds: Vec<Pair>,
}

/// A server at a number of connections: medians of its rounds.
#[derive(Debug, Serialize)]
pub struct Line {
    pub server: Name,
    pub connections: usize,
    pub cpu_us_per_request: f64,
    /// Each round's.
    pub cpu_us_rounds: Vec<f64>,
    pub requests_per_second: f64,
    pub p50_us: f64,
    pub p99_us: f64,
    /// CPU time as a multiple of nginx's at as many connections.
    pub times_nginx: Option<f64>,
    /// CPU time as a multiple of Node's at as many connections.
    pub times_node: Option<f64>,
}

/// Time of the two mapping calls: medians of the rounds.
#[derive(Debug, Serialize)]
pub struct MappingLine {
    pub mapper: Mapper,
    pub us: f64,
    pub cpu_us: f64,
    pub us_rounds: Vec<f64>,
}

/// Requests of a well-behaved plugin alone, and beside one that attacks: medians of the rounds.
#[derive(Debug, Serialize)]
pub struct NeighbourLine {
    pub connections: usize,
    pub alone: Latency,
    pub beside: Latency,
    pub attacks_per_second: f64,
    /// The p99 beside attacks as a multiple of that alone: the median of the rounds'.
    pub times_p99: f64,
    pub at_most: f64,
}

/// Whether Patchboard is where it should be.
#[derive(Debug, Serialize)]
pub struct Target {
    pub at_most_times_node: f64,
    /// At each number of connections.
    pub times_node: Vec<(usize, f64)>,
    pub met: bool,
}

impl Report {
    pub fn new(machine: Facts, arguments: &Arguments) -> Self {
        Self {
            machine,
            seconds: arguments.seconds,
            rounds: arguments.rounds,
            versions: BTreeMap::new(),
            missing: Vec::new(),
            windows: Vec::new(),
            mapping: Vec::new(),
            neighbours: Vec::new(),
            starts: Vec::new(),
        }
    }

    /// Puts everything together.
    pub fn summary(self) -> Summary {
        let servers = lines(&self.windows);
        Summary {
            target: target(&servers),
            servers,
            mapping: mapping_lines(&self.mapping),
            neighbours: neighbour_lines(&self.neighbours),
            machine: self.machine,
            versions: self.versions,
            seconds: self.seconds,
            warm_up_seconds: WARM_UP.as_secs(),
            rounds: self.rounds,
            missing: self.missing,
            windows: self.windows,
            mapping_rounds: self.mapping,
            neighbour_rounds: self.neighbours,
            starts: self.starts,
        }
    }
}

impl Summary {
    /// For machines.
    pub fn json(&self) -> serde_json::Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }

    /// The most that anything else took of the machine during a window.
    pub fn noise(&self) -> f64 {
        self.windows.iter().map(|window| window.others_percent).fold(0.0, f64::max)
    }
}

fn lines(windows: &[Window]) -> Vec<Line> {
    let mut groups: BTreeMap<(usize, Name), Vec<&Window>> = BTreeMap::new();
    for window in windows {
        groups.entry((window.connections, window.server)).or_default().push(window);
    }
    let cpu = |group: &[&Window]| median(group.iter().map(|w| w.cpu_us_per_request));
    let peer = |connections: usize, name: Name| groups.get(&(connections, name)).map(|group| cpu(group));
    let line = |(&(connections, server), group): (&(usize, Name), &Vec<&Window>)| {
        let own = cpu(group);
        Line {
            server,
            connections,
            cpu_us_per_request: own,
            cpu_us_rounds: group.iter().map(|w| w.cpu_us_per_request).collect(),
            requests_per_second: median(group.iter().map(|w| w.requests_per_second)),
            p50_us: median(group.iter().map(|w| w.p50_us)),
            p99_us: median(group.iter().map(|w| w.p99_us)),
            times_nginx: peer(connections, Name::Nginx).map(|nginx| own / nginx),
            times_node: peer(connections, Name::Node).map(|node| own / node),
        }
    };
    groups.iter().map(line).collect()
}

fn mapping_lines(timed: &[Timed]) -> Vec<MappingLine> {
    let mut groups: BTreeMap<Mapper, Vec<&Timed>> = BTreeMap::new();
    for one in timed {
        groups.entry(one.mapper).or_default().push(one);
    }
    let line = |(mapper, group): (Mapper, Vec<&Timed>)| MappingLine {
        mapper,
        us: median(group.iter().map(|t| t.us)),
        cpu_us: median(group.iter().map(|t| t.cpu_us)),
        us_rounds: group.iter().map(|t| t.us).collect(),
    };
    groups.into_iter().map(line).collect()
}

fn neighbour_lines(pairs: &[Pair]) -> Vec<NeighbourLine> {
    let mut groups: BTreeMap<usize, Vec<&Pair>> = BTreeMap::new();
    for pair in pairs {
        groups.entry(pair.connections).or_default().push(pair);
    }
    let line = |(connections, group): (usize, Vec<&Pair>)| {
        let middle = |part: fn(&Pair) -> f64| median(group.iter().map(|pair| part(pair)));
        let alone = Latency {
            requests_per_second: middle(|p| p.alone.requests_per_second),
            p50_us: middle(|p| p.alone.p50_us),
            p99_us: middle(|p| p.alone.p99_us),
        };
        let beside = Latency {
            requests_per_second: middle(|p| p.beside.requests_per_second),
            p50_us: middle(|p| p.beside.p50_us),
            p99_us: middle(|p| p.beside.p99_us),
        };
        let attacks_per_second = middle(|p| p.attacks_per_second);
        let times_p99 = middle(|p| p.beside.p99_us / p.alone.p99_us);
        NeighbourLine { connections, alone, beside, attacks_per_second, times_p99, at_most: neighbour::TARGET }
    };
    groups.into_iter().map(line).collect()
}

fn target(lines: &[Line]) -> Option<Target> {
    let own = lines.iter().filter(|line| line.server == Name::Patchboard);
    let times_node: Vec<(usize, f64)> = own.filter_map(|line| Some((line.connections, line.times_node?))).collect();
    let met = times_node.iter().all(|(_, ratio)| *ratio <= TARGET);
    (!times_node.is_empty()).then_some(Target { at_most_times_node: TARGET, times_node, met })
}

/// The middle value; of an even number of values the mean of the middle two.
pub fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let at = |index: usize| sorted.get(index).copied().unwrap_or_default();
    let half = sorted.len() / 2;
    if sorted.len() % 2 == 1 { at(half) } else { (at(half.saturating_sub(1)) + at(half)) / 2.0 }
}

#[cfg(test)]
pub mod tests {
    use super::*;

    pub fn window(server: Name, connections: usize, round: u8, cpu: f64) -> Window {
        Window {
            server,
            connections,
            round,
            requests: 1000,
            seconds: 1.0,
            cpu_us_per_request: cpu,
            requests_per_second: 1000.0,
            p50_us: 900.0,
            p99_us: 2000.0,
            upstream_cpu_us_per_request: 20.0,
            load_cpu_us_per_request: 10.0,
            others_percent: f64::from(round),
        }
    }

    fn pair(round: u8, beside: f64) -> Pair {
        let latency = |p99_us| Latency { requests_per_second: 2000.0, p50_us: 200.0, p99_us };
        Pair { connections: 1, round, alone: latency(400.0), beside: latency(beside), attacks_per_second: 30.0 }
    }

    pub fn summary() -> Summary {
        let mut windows = Vec::new();
        for (round, more) in [(1, 0.0), (2, 2.0)] {
            for connections in [1, 16] {
                windows.push(window(Name::Node, connections, round, 150.0 + more));
                windows.push(window(Name::Nginx, connections, round, 10.0));
                windows.push(window(Name::Patchboard, connections, round, 60.0));
            }
        }
        let timed = |mapper, us| Timed { mapper, round: 1, iterations: 10, us, cpu_us: us };
        Report {
            machine: Facts {
                date: "2026-01-01T00:00:00Z".to_owned(),
                cpu: "Example".to_owned(),
                processors: 2,
                kernel: "6.1".to_owned(),
                load_average: "0.00".to_owned(),
                patchboard: "patchboard 0.1.0".to_owned(),
            },
            seconds: 5,
            rounds: 2,
            versions: BTreeMap::from([("node".to_owned(), "v20".to_owned())]),
            missing: vec![Missing { name: "direct".to_owned(), why: "it is not here".to_owned() }],
            windows,
            mapping: vec![timed(Mapper::Jsonata, 74.0), timed(Mapper::Sandboxed, 45.0)],
            neighbours: [(1, 440.0), (2, 450.0), (3, 900.0)].map(|(round, beside)| pair(round, beside)).to_vec(),
            starts: vec![Start { server: Name::Edge, listening_ms: 300.0, first_ms: 12.0, warm_ms: 2.5 }],
        }
        .summary()
    }

    #[test]
    fn lines_are_medians_with_ratios_to_the_peers() {
        let summary = summary();
        let line = summary.servers.iter().find(|line| line.server == Name::Patchboard).unwrap();
        assert_eq!((line.cpu_us_per_request, line.times_nginx), (60.0, Some(6.0)));
        assert!((line.times_node.unwrap() - 60.0 / 151.0).abs() < 1e-9);
        assert!(summary.target.as_ref().unwrap().met);
        assert_eq!((summary.noise(), summary.servers.len(), summary.mapping.len()), (2.0, 6, 2));
        let [beside] = summary.neighbours.as_slice() else { panic!("one number of connections") };
        assert_eq!((beside.alone.p99_us, beside.beside.p99_us, beside.times_p99), (400.0, 450.0, 1.125));
    }

    #[test]
    fn the_target_is_missed_by_one_number_of_connections() {
        let windows = [(1, 70.0), (16, 80.0)].map(|(n, cpu)| [window(Name::Node, n, 1, 150.0), window(Name::Patchboard, n, 1, cpu)]);
        assert!(!target(&lines(windows.as_flattened())).unwrap().met);
        assert!(target(&lines(&[window(Name::Patchboard, 1, 1, 1.0)])).is_none());
    }

    #[test]
    fn the_median_of_an_even_number_is_the_mean_of_the_middle() {
        assert_eq!(median([3.0, 1.0, 2.0].into_iter()), 2.0);
        assert_eq!(median([4.0, 1.0, 2.0, 3.0].into_iter()), 2.5);
    }

    #[test]
    fn the_json_names_every_window() {
        let json: serde_json::Value = serde_json::from_str(&summary().json().unwrap()).unwrap();
        assert_eq!(json["windows"].as_array().unwrap().len(), 12);
        assert_eq!((json["target"]["met"].as_bool(), json["servers"][0]["server"].as_str()), (Some(true), Some("patchboard")));
    }
}
