//! A hunk: so many lines of the left side against so many of the right one.

use super::super::ranges::Ranges;
use super::DiffProblem;

/// A hunk that is being read: how many lines of each side are still to come, and the next line of the right side.
#[derive(Debug)]
pub(super) struct Hunk {
    old_left: u32,
    new_left: u32,
    next: u32,
}

impl Hunk {
    /// Reads `@@ -OLD[,COUNT] +NEW[,COUNT] @@ …`; a count that is left out is 1.
    pub(super) fn read(head: &str) -> Option<Self> {
        let (sides, _) = head.strip_prefix("@@ -")?.split_once(" @@")?;
        let (old, new) = sides.split_once(" +")?;
        let ((_, old_left), (next, new_left)) = (side(old)?, side(new)?);
        // Lines are counted from 1, and the last one has to have a number too.
        let fits = new_left == 0 || (next > 0 && next.checked_add(new_left - 1).is_some());
        fits.then_some(Self { old_left, new_left, next })
    }

    pub(super) fn is_done(&self) -> bool {
        self.old_left == 0 && self.new_left == 0
    }

    /// Takes a line; those that are new go to `added`.
    pub(super) fn line(&mut self, line: &str, added: &mut Ranges) -> Result<(), DiffProblem> {
        match line.bytes().next() {
            Some(b'+') => {
                added.push(self.next);
                self.right()
            }
            Some(b'-') => self.left(),
            // Mail programs and editors cut the blank of an empty context line.
            Some(b' ' | b'\r') | None => self.left().and_then(|()| self.right()),
            // "\ No newline at end of file" counts on no side.
            Some(b'\\') => Ok(()),
            Some(_) => Err(DiffProblem::Short),
        }
    }

    fn left(&mut self) -> Result<(), DiffProblem> {
        self.old_left = self.old_left.checked_sub(1).ok_or(DiffProblem::Unexpected)?;
        Ok(())
    }

    fn right(&mut self) -> Result<(), DiffProblem> {
        self.new_left = self.new_left.checked_sub(1).ok_or(DiffProblem::Unexpected)?;
        self.next = self.next.saturating_add(1);
        Ok(())
    }
}

fn side(text: &str) -> Option<(u32, u32)> {
    let number = |digits: &str| {
        let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        digits.parse().ok().filter(|_| plain)
    };
    match text.split_once(',') {
        Some((start, count)) => Some((number(start)?, number(count)?)),
        None => Some((number(text)?, 1)),
    }
}
