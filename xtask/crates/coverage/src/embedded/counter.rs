//! Counters: of a region the compiler says how its count is made from those that the program counted.

use super::{bytes::Bytes, fault::Fault};

/// A counter as a map writes it: two bits for its kind, the rest a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counter(u32);

/// What a counter is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Nothing is counted here.
    Zero,
    /// The program's counter of this number.
    Counted(usize),
    /// The result of the expression of this number.
    Result(usize),
}

impl Counter {
    /// A counter of the map; none when it is the result of an expression that is not there.
    pub(super) fn new(encoded: u32, expressions: &mut Expressions) -> Option<Self> {
        let counter = Self(encoded);
        match counter.kind() {
            Kind::Zero => {}
            Kind::Counted(index) => expressions.counters = expressions.counters.max(index + 1),
            // Which of the two an expression does is said only where its result is used.
            Kind::Result(index) => expressions.list.get_mut(index)?.subtracts = encoded & 3 == 2,
        }
        Some(counter)
    }

    /// Reads a counter.
    pub(super) fn read(bytes: &mut Bytes<'_>, expressions: &mut Expressions) -> Result<Self, Fault> {
        let encoded = bytes.leb32()?;
        Self::new(encoded, expressions).ok_or_else(|| bytes.fault("a counter names no expression"))
    }

    /// Whether nothing is counted here.
    pub(super) fn is_zero(self) -> bool {
        self.kind() == Kind::Zero
    }

    fn kind(self) -> Kind {
        let number = (self.0 >> 2) as usize;
        match self.0 & 3 {
            0 => Kind::Zero,
            1 => Kind::Counted(number),
            _ => Kind::Result(number),
        }
    }
}

/// The expressions of a function.
#[derive(Debug, Default)]
pub(super) struct Expressions {
    list: Vec<Expression>,
    /// One more than the highest counter that is used.
    counters: usize,
}

#[derive(Clone, Copy, Debug, Default)]
struct Expression {
    left: Counter,
    right: Counter,
    subtracts: bool,
}

impl Expressions {
    /// Reads the expressions of a function in the place of those that were there.
    pub(super) fn read(&mut self, bytes: &mut Bytes<'_>) -> Result<(), Fault> {
        let count = bytes.leb_count()?;
        self.counters = 0;
        self.list.clear();
        self.list.resize(count, Expression::default());
        for index in 0..count {
            let left = Counter::read(bytes, self)?;
            let right = Counter::read(bytes, self)?;
            if let Some(expression) = self.list.get_mut(index) {
                (expression.left, expression.right) = (left, right);
            }
        }
        Ok(())
    }
}

/// The values of a function's counters and expressions. Kept between functions for its memory.
#[derive(Debug, Default)]
pub(super) struct Values {
    results: Vec<Value>,
    waiting: Vec<usize>,
    /// All counters are zero, and so is every result.
    nothing: bool,
    /// How many regions came out below zero: a panic leaves code without passing the counters that follow, and
    /// threads that count at once lose counts. llvm-cov prints such a count as one near 2^64, so as covered.
    pub(super) negative: usize,
}

/// The value of an expression. It may be below zero on the way to one that is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Value {
    New,
    Begun,
    /// It uses itself, or a counter that is not there.
    Wrong,
    Is(i128),
}

impl Values {
    /// Finds the value of every expression, each once. None of `counters` when the function never ran.
    pub(super) fn evaluate(&mut self, expressions: &Expressions, counters: Option<&[u64]>) {
        let used = expressions.counters;
        self.nothing = counters.is_none_or(|all| all.len() >= used && all.iter().all(|count| *count == 0));
        self.results.clear();
        if self.nothing {
            return;
        }
        let counters = counters.unwrap_or_default();
        self.results.resize(expressions.list.len(), Value::New);
        for index in 0..expressions.list.len() {
            self.waiting.push(index);
            while let Some(&last) = self.waiting.last() {
                if self.step(last, expressions, counters) {
                    self.waiting.pop();
                }
            }
        }
    }

    /// Evaluates an expression, or makes one that it needs wait in front of it.
    fn step(&mut self, index: usize, expressions: &Expressions, counters: &[u64]) -> bool {
        let (Some(expression), Some(known)) = (expressions.list.get(index), self.results.get(index)) else {
            return true;
        };
        if matches!(known, Value::Is(_) | Value::Wrong) {
            return true;
        }
        let (left, right) = (self.value(expression.left, counters), self.value(expression.right, counters));
        let result = match (left, right) {
            (Value::Is(left), Value::Is(right)) if expression.subtracts => {
                Value::Is(left.saturating_sub(right))
            }
            (Value::Is(left), Value::Is(right)) => Value::Is(left.saturating_add(right)),
            (Value::Wrong | Value::Begun, _) | (_, Value::Wrong | Value::Begun) => Value::Wrong,
            (Value::New, _) => return self.wait(index, expression.left),
            (_, Value::New) => return self.wait(index, expression.right),
        };
        self.set(index, result);
        true
    }

    fn wait(&mut self, index: usize, operand: Counter) -> bool {
        self.set(index, Value::Begun);
        if let Kind::Result(needed) = operand.kind() {
            self.waiting.push(needed);
        }
        false
    }

    fn set(&mut self, index: usize, value: Value) {
        if let Some(result) = self.results.get_mut(index) {
            *result = value;
        }
    }

    fn value(&self, counter: Counter, counters: &[u64]) -> Value {
        match counter.kind() {
            Kind::Zero => Value::Is(0),
            Kind::Counted(index) => {
                counters.get(index).map_or(Value::Wrong, |count| Value::Is((*count).into()))
            }
            Kind::Result(index) => self.results.get(index).copied().unwrap_or(Value::Wrong),
        }
    }

    /// The count of a region; none when it cannot be found. Counts below zero are zero.
    pub(super) fn count(&mut self, counter: Counter, counters: &[u64]) -> Option<u64> {
        if self.nothing {
            return Some(0);
        }
        let Value::Is(value) = self.value(counter, counters) else { return None };
        self.negative += usize::from(value < 0);
        Some(u64::try_from(value.max(0)).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEFT: u8 = 1;
    const RIGHT: u8 = 1 | (1 << 2);

    /// The value of the result of the first expression.
    fn first(encoded: &[u8], subtracts: bool, counters: &[u64]) -> Option<u64> {
        let mut expressions = Expressions::default();
        expressions.read(&mut Bytes::new(encoded)).unwrap();
        let counter = Counter::new(if subtracts { 2 } else { 3 }, &mut expressions).unwrap();
        let mut values = Values::default();
        values.evaluate(&expressions, Some(counters));
        values.count(counter, counters)
    }

    #[test]
    fn counters_are_added_and_subtracted() {
        assert_eq!(first(&[1, LEFT, RIGHT], false, &[7, 2]), Some(9));
        assert_eq!(first(&[1, LEFT, RIGHT], true, &[7, 2]), Some(5));
        assert_eq!(first(&[1, LEFT, RIGHT], false, &[u64::MAX, 2]), Some(u64::MAX));
    }

    #[test]
    fn an_expression_may_use_a_later_one_and_go_below_zero() {
        // The first is the second plus a counter, the second a difference below zero.
        assert_eq!(first(&[2, 2 | (1 << 2), LEFT, RIGHT, LEFT], false, &[7, 2]), Some(2));
    }

    #[test]
    fn a_count_below_zero_is_zero() {
        assert_eq!(first(&[1, LEFT, RIGHT], true, &[2, 7]), Some(0));
    }

    #[test]
    fn wrong_expressions_have_no_value() {
        assert_eq!(first(&[1, LEFT, RIGHT], false, &[7]), None);
        assert_eq!(first(&[1, 3, LEFT], false, &[7]), None);
        assert_eq!(first(&[2, 3 | (1 << 2), LEFT, 3, LEFT], false, &[7]), None);
        assert!(Expressions::default().read(&mut Bytes::new(&[1, 3 | (1 << 2), LEFT])).is_err());
    }

    #[test]
    fn a_long_chain_is_evaluated_without_recursion() {
        let links = 100_000_u32;
        let mut encoded = vec![0xa0, 0x8d, 0x06];
        for link in 1..=links {
            let next = if link == links { u32::from(LEFT) } else { (link << 2) | 3 };
            encoded.extend([next, u32::from(LEFT)].into_iter().flat_map(leb));
        }
        assert_eq!(first(&encoded, false, &[1]), Some(u64::from(links) + 1));
    }

    fn leb(number: u32) -> impl Iterator<Item = u8> {
        let low = |shift: u32| u8::try_from(number >> shift & 0x7f).unwrap() | 0x80;
        [low(0), low(7), low(14), low(21), low(28) & 0x7f].into_iter()
    }
}
