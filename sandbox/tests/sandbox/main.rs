//! The sandbox over real sockets.

mod arbitrary;
mod attio;
mod capsule;
mod control;
mod failures;
mod harness;
mod insightly;
mod lists;
mod microsoft_365;
mod pipeliner;
mod planhat;
mod planner;
mod polyteia;
mod program;
mod teamleader;
mod workiva;
mod wrike;
