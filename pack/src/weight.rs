//! What compiling a function costs, counted before it is compiled.
//!
//! A compiler takes time and memory that grow faster than some shapes of code: a small
//! file can keep it busy for hours. Nothing can interrupt it, so what would is told here
//! by its shape. The unit is a byte of plain code, in a function of an ordinary size.

use wasmparser::{BlockType, FunctionBody, Operator, Result};

/// What every function costs, however small it is.
const FUNCTION: u64 = 50;
/// A function of so many bytes costs twice what its bytes say.
const LARGE_FUNCTION: u64 = 128 << 10;
/// A function of so many branches costs twice what its branches say.
const MANY_BRANCHES: u64 = 1 << 8;
/// A value that a branch carries.
const CARRIED: u64 = 4;
/// One entry of a branch table.
const TABLE_ENTRY: u64 = 32;
/// Values that a branch carries where its block has a type of its own: the most there may be.
const BLOCK_VALUES: u64 = 1000;

/// The shape of a function.
#[derive(Debug, Default)]
struct Shape {
    bytes: u64,
    /// Every branch may have to carry every local.
    locals: u64,
    /// Blocks, and jumps between them.
    branches: u64,
    table_entries: u64,
    typed_blocks: u64,
}

/// What a function costs. `results` is the most values that a function of the file answers.
pub(crate) fn weight(body: &FunctionBody<'_>, results: u64) -> Result<u64> {
    let mut shape = Shape { bytes: u64::try_from(body.range().len()).unwrap_or(u64::MAX), ..Shape::default() };
    for locals in body.get_locals_reader()? {
        shape.locals = shape.locals.saturating_add(locals?.0.into());
    }
    let mut operators = body.get_operators_reader()?;
    while !operators.eof() {
        match operators.read()? {
            Operator::Block { blockty } | Operator::Loop { blockty } | Operator::If { blockty } => {
                shape.branches += 1;
                shape.typed_blocks += u64::from(matches!(blockty, BlockType::FuncType(_)));
            }
            Operator::Br { .. } | Operator::BrIf { .. } | Operator::Return => shape.branches += 1,
            Operator::BrTable { targets } => {
                shape.branches += 1;
                shape.table_entries += u64::from(targets.len());
            }
            _ => {}
        }
    }
    Ok(shape.weight(results))
}

impl Shape {
    fn weight(&self, results: u64) -> u64 {
        let values = if self.typed_blocks > 0 { BLOCK_VALUES } else { results };
        let size = self.bytes.saturating_add(self.bytes.saturating_mul(self.bytes) / LARGE_FUNCTION);
        let carried =
            self.branches.saturating_mul(self.locals.saturating_add(values)).saturating_add(self.table_entries.saturating_mul(values));
        let carried = carried.saturating_mul(CARRIED);
        let met = self.branches.saturating_mul(self.branches) / MANY_BRANCHES;
        let tables = self.table_entries.saturating_mul(TABLE_ENTRY);
        [FUNCTION, size, carried, met, tables].into_iter().fold(0, u64::saturating_add)
    }
}

#[cfg(test)]
mod tests {
    use crate::needs;

    fn of(body: &str) -> u64 {
        let text = format!("(component (core module (func (param i32) {body})))");
        needs(&wat::parse_str(text).unwrap()).unwrap().code
    }

    #[test]
    fn plain_code_weighs_what_it_measures() {
        let plain = of(&"(drop (i32.add (local.get 0) (i32.const 1)))".repeat(1000));
        assert!((6_000..7_000).contains(&plain), "{plain}");
        assert_eq!(of(""), 50 + 2);
    }

    #[test]
    fn what_a_compiler_takes_long_for_weighs_more_than_it_measures() {
        let locals = |count: usize| format!("(local {})", "i64 ".repeat(count));
        for (what, body) in [
            ("a large function", "(drop (local.get 0))".repeat(300_000)),
            ("locals through nested loops", format!("{} {} {}", locals(10_000), "(loop ".repeat(1_000), ")".repeat(1_000))),
            ("many branches", "(if (local.get 0) (then))".repeat(40_000)),
            ("branch tables", format!("(block (br_table {} (local.get 0)))", "0 ".repeat(100_000)).repeat(2)),
            ("blocks that carry much", format!("(param {0}) (result {0})", "i32 ".repeat(9))),
        ] {
            let weight = match what {
                "blocks that carry much" => carrying(&body),
                _ => of(&body),
            };
            assert!(weight > 5_000_000, "{what}: {weight}");
        }
    }

    /// Ten thousand blocks that hand on what they get.
    fn carrying(signature: &str) -> u64 {
        let blocks = format!("{} {}", format!("(loop {signature} ").repeat(10_000), ")".repeat(10_000));
        of(&format!("unreachable {blocks} unreachable"))
    }
}
