//! Failures on demand: which requests fail (`rules`), how (`kind`), what a control body says (`parse`), and the
//! answers that are spoiled or never come (`deliver`, `spoil`, `bomb`).

mod bomb;
mod deliver;
mod kind;
mod parse;
mod rules;
mod spoil;

pub(crate) use deliver::deliver;
pub(crate) use kind::KINDS;
pub(crate) use parse::rule;
pub(crate) use rules::Rules;
