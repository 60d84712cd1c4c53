//! The results for people.

use std::fmt::{self, Write as _};

use crate::neighbour::ATTACKERS;
use crate::report::{Line, Summary};
use crate::servers::Name;

impl Summary {
    pub fn table(&self) -> String {
        let mut out = String::new();
        // Writing to a string does not fail.
        let _ = self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) -> fmt::Result {
        let facts = &self.machine;
        writeln!(out, "{}, {}, {} processors, Linux {}", facts.patchboard, facts.cpu, facts.processors, facts.kernel)?;
        let versions: Vec<String> = self.versions.iter().map(|(name, version)| format!("{name} {version}")).collect();
        writeln!(out, "{}; load average at the start {}; {}", facts.date, facts.load_average, versions.join(", "))?;
        if !self.servers.is_empty() {
            let (rounds, seconds) = (self.rounds, self.seconds);
            writeln!(
                out,
                "\nOne Wrike update through each server: median of {rounds} rounds of {seconds} s, each round's CPU in brackets"
            )?;
            self.servers(out)?;
        }
        if !self.mapping.is_empty() {
            writeln!(out, "\nThe mapping alone, both calls")?;
            self.mapping(out)?;
        }
        if !self.neighbours.is_empty() {
            writeln!(out, "\nOne plugin's requests while another plugin attacks on {ATTACKERS} connections")?;
            self.neighbours(out)?;
        }
        if !self.starts.is_empty() {
            writeln!(out, "\nA start: until it listens, its first request, those after it, in ms")?;
            for start in &self.starts {
                writeln!(
                    out,
                    "  {:<15} {:>8.0} {:>8.2} {:>8.2}",
                    start.server.to_string(),
                    start.listening_ms,
                    start.first_ms,
                    start.warm_ms
                )?;
            }
        }
        self.notes(out)
    }

    fn servers(&self, out: &mut String) -> fmt::Result {
        let heads = ["conn", "server", "CPU µs/request", "", "requests/s", "p50 ms", "p99 ms", "x nginx", "x Node"];
        let [conn, server, cpu, rounds, per_second, p50, p99, nginx, node] = heads;
        writeln!(out, "{conn:>4}  {server:<15} {cpu:>14} {rounds:<15} {per_second:>10} {p50:>8} {p99:>8} {nginx:>8} {node:>7}")?;
        let mut last = None;
        for line in &self.servers {
            if last.is_some_and(|last| last != line.connections) {
                writeln!(out)?;
            }
            last = Some(line.connections);
            row(line, out)?;
        }
        Ok(())
    }

    fn mapping(&self, out: &mut String) -> fmt::Result {
        for line in &self.mapping {
            let name = line.mapper.title();
            writeln!(out, "  {name:<28} {:>7.1} µs  {:>7.1} µs CPU  {}", line.us, line.cpu_us, brackets(&line.us_rounds))?;
        }
        Ok(())
    }

    fn neighbours(&self, out: &mut String) -> fmt::Result {
        writeln!(
            out,
            "{:>4}  {:>10} {:>12} {:>10} {:>12} {:>10} {:>7}",
            "conn", "p50 alone", "beside, ms", "p99 alone", "beside, ms", "attacks/s", "x p99"
        )?;
        for line in &self.neighbours {
            let ms = |micros: f64| micros / 1000.0;
            writeln!(
                out,
                "{:>4}  {:>10.2} {:>12.2} {:>10.2} {:>12.2} {:>10.0} {:>7.2}",
                line.connections,
                ms(line.alone.p50_us),
                ms(line.beside.p50_us),
                ms(line.alone.p99_us),
                ms(line.beside.p99_us),
                line.attacks_per_second,
                line.times_p99
            )?;
        }
        Ok(())
    }

    fn notes(&self, out: &mut String) -> fmt::Result {
        writeln!(out)?;
        if let Some(target) = &self.target {
            let ratios: Vec<String> = target.times_node.iter().map(|(n, ratio)| format!("{ratio:.2} at {n}")).collect();
            let met = if target.met { "yes" } else { "no" };
            writeln!(out, "At most half of the Node server's CPU for a request: {met} ({} connections)", ratios.join(", "))?;
        }
        if let Some(first) = self.neighbours.first() {
            let met = if self.neighbours.iter().all(|line| line.times_p99 <= line.at_most) { "yes" } else { "no" };
            writeln!(out, "The p99 beside attacks at most {:.1} times as long: {met}", first.at_most)?;
        }
        if !self.windows.is_empty() {
            writeln!(out, "Other processes took at most {:.0} % of the machine during a window", self.noise())?;
        }
        if self.windows.iter().any(|window| window.server == Name::Direct) {
            writeln!(out, "direct is the sandbox alone: what no server before it can pass")?;
        }
        if self.starts.iter().any(|start| start.server == Name::Edge) || self.servers.iter().any(|line| line.server == Name::Edge) {
            writeln!(out, "edge runs in the stand-in for Spin of tests/edge, whose costs are not Spin's")?;
        }
        for missing in &self.missing {
            writeln!(out, "{} was not measured: {}", missing.name, missing.why)?;
        }
        Ok(())
    }
}

fn row(line: &Line, out: &mut String) -> fmt::Result {
    let ratio = |ratio: Option<f64>| ratio.map_or_else(|| "-".to_owned(), |ratio| format!("{ratio:.2}"));
    writeln!(
        out,
        "{:>4}  {:<15} {:>14.1} {:<15} {:>10.0} {:>8.2} {:>8.2} {:>8} {:>7}",
        line.connections,
        line.server.to_string(),
        line.cpu_us_per_request,
        brackets(&line.cpu_us_rounds),
        line.requests_per_second,
        line.p50_us / 1000.0,
        line.p99_us / 1000.0,
        ratio(line.times_nginx),
        ratio(line.times_node),
    )
}

fn brackets(rounds: &[f64]) -> String {
    format!("[{}]", rounds.iter().map(|round| format!("{round:.1}")).collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use crate::report::tests::summary;

    #[test]
    fn the_table_says_what_was_measured_and_what_was_not() {
        let table = summary().table();
        for part in [
            "  16  patchboard                60.0 [60.0 60.0]           1000     0.90     2.00     6.00    0.40\n",
            "  16  node                     151.0 [150.0 152.0]         1000     0.90     2.00    15.10    1.00\n",
            "At most half of the Node server's CPU for a request: yes (0.40 at 1, 0.40 at 16 connections)\n",
            "direct was not measured: it is not here\n",
            "   1        0.20         0.20       0.40         0.45         30    1.12\n",
            "  edge                 300    12.00     2.50\n",
            "The p99 beside attacks at most 1.2 times as long: yes\n",
            "  component, fresh instances      45.0 µs     45.0 µs CPU  [45.0]\n",
        ] {
            assert!(table.contains(part), "{part}\nis not in\n{table}");
        }
    }
}
