//! What the programs of the benchmarks share: the exchange on paper, CPU time, and the
//! timing of a mapping.

pub mod cpu;
pub mod paper;
pub mod timing;
