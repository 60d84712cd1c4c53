//! The sandbox over real sockets.

mod arbitrary;
mod attio;
mod control;
mod failures;
mod harness;
mod lists;
mod microsoft_365;
mod planhat;
mod planner;
mod polyteia;
mod program;
mod workiva;
mod wrike;
