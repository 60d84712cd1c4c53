//! The sandbox over real sockets.

mod arbitrary;
mod capsule;
mod control;
mod failures;
mod harness;
mod insightly;
mod pipeliner;
mod planner;
mod polyteia;
mod program;
mod teamleader;
mod workiva;
mod wrike;
