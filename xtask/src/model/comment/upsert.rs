//! How a run puts its comment on a pull request while others do the same: what to do next, after what happened last.
//!
//! GitHub has no write that depends on what was there before. What it has is a reaction, which one user can leave once:
//! it answers whether it was there. So a reaction to the oldest comment is held while that comment is changed and others
//! of ours are removed, and what is written is decided after it was got. Only the first comment of all is written without
//! it: when two do that at once there are two comments, and both see them when they look again, which they do before
//! they end. The oldest stays, because it is where readers found it; the newest run's text goes into it.
//!
//! A holder that died leaves its reaction behind. It is taken away by the next one when it is older than any holder may
//! be: a holder gives up long before.

use std::cmp::Ordering;
use std::time::Duration;

use super::page::of_one_part;
use super::{Comment, Marker, Page, Part};

/// A holder does not begin to write later than this after it got hold.
const LEASE: Duration = Duration::from_secs(30);

/// Nobody holds so long: the lease, the longest request, and as much again.
const STALE: Duration = Duration::from_secs(100);

/// How long others are given time, each time.
pub const PAUSE: Duration = Duration::from_secs(3);

/// How often is looked before this is given up: others write all the time, or something is odd.
const LOOKS: u32 = 100;

/// How often a list may miss what we wrote before its answer is taken for good.
const MISSED: u32 = 3;

/// What we want to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mine {
    /// What the first line of the body says.
    pub marker: Marker,
    /// The whole text, with its first line: a [`Page`] of what we write.
    pub body: String,
}

impl Mine {
    /// What is written when nobody else has written anything.
    #[must_use]
    pub fn of(page: &Page) -> Self {
        Self { marker: page.marker.clone(), body: page.to_string() }
    }

    /// Of the text about a run, whose first line is the marker.
    #[must_use]
    pub fn of_run(marker: &Marker, text: &str) -> Self {
        Self { marker: marker.clone(), body: of_one_part(text) }
    }

    fn page(&self) -> Page {
        Page::of(&self.body).unwrap_or_else(|| Page::with(self.marker.clone(), Part::Run, &self.body))
    }
}

/// A reaction that is there now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hold {
    /// The reaction.
    pub id: u64,
    /// It was not there before: it is ours.
    pub is_new: bool,
    /// How old it is.
    pub age: Duration,
}

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Read all comments.
    Look,
    /// Ask which commit the pull request proposes now.
    AskHead,
    /// Write a comment.
    Create(String),
    /// Leave a reaction on this comment.
    Hold(u64),
    /// Take that reaction back.
    Release {
        /// The comment.
        comment: u64,
        /// The reaction.
        hold: u64,
    },
    /// Put this text into this comment.
    Update {
        /// The comment.
        id: u64,
        /// The text.
        body: String,
    },
    /// Remove this comment.
    Delete(u64),
    /// Give others time: [`PAUSE`].
    Wait,
    /// Nothing more.
    End(Outcome),
}

/// What came of the last action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// All comments.
    Seen(Vec<Comment>),
    /// The commit that the pull request proposes.
    Head(String),
    /// The comment was written.
    Created(Comment),
    /// There is a reaction.
    Held(Hold),
    /// Reactions are not allowed here.
    NoHold,
    /// It was done, or there was nothing to do.
    Done,
    /// It is not known whether it was done.
    Unsure,
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Our comment is there; it is new.
    Created(u64),
    /// Our text is in the comment that was there.
    Updated(u64),
    /// Our text was in the comment before.
    Unchanged(u64),
    /// The comment tells of a newer run.
    Superseded(u64),
    /// The pull request proposes another commit by now.
    Moved,
    /// Others write all the time.
    GaveUp,
}

/// What the last action was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Nobody holds anything for us.
    Free,
    /// We got hold of this comment at this time; without a reaction where they are not allowed.
    Holding { comment: u64, hold: Option<u64>, since: Duration },
    /// We want to hold this comment.
    Wanting(u64),
    /// We take the reaction of somebody who died from this comment.
    Breaking(u64),
}

/// The way to one comment. Time is counted from any fixed moment.
#[derive(Clone, Debug)]
pub struct Upsert {
    mine: Mine,
    page: Page,
    author: String,
    phase: Phase,
    looks: u32,
    has_moved: bool,
    /// The head is the one that we tell of, as far as is known since we began to write.
    is_head: bool,
    wrote: Option<fn(u64) -> Outcome>,
    /// The comment that we wrote, and how often it was not among all comments since.
    created: Option<(u64, u32)>,
}

impl Upsert {
    /// For this text by this author. The first action is [`Action::Look`].
    #[must_use]
    pub fn new(mine: Mine, author: String) -> Self {
        let phase = Phase::Free;
        let page = mine.page();
        let (has_moved, is_head, wrote, created) = (false, false, None, None);
        Self { mine, page, author, phase, looks: 0, has_moved, is_head, wrote, created }
    }

    /// What to do after this event.
    pub fn next(&mut self, event: Event, now: Duration) -> Action {
        match event {
            Event::Seen(comments) => {
                let ours = self.ours(comments);
                match self.phase {
                    Phase::Holding { comment, hold, since } => {
                        self.fold(&ours, (comment, hold), now.saturating_sub(since))
                    }
                    _ => self.judge(&ours),
                }
            }
            Event::Head(sha) => self.head(&sha),
            Event::Created(comment) => {
                // The token may be another user's than was thought: then the comments of that one are ours.
                if !comment.author.is_empty() {
                    self.author = comment.author;
                }
                self.wrote = Some(Outcome::Created);
                self.created = Some((comment.id, 0));
                self.look()
            }
            Event::Held(hold) => self.held(hold, now),
            Event::NoHold => {
                if let Phase::Wanting(comment) = self.phase {
                    self.phase = Phase::Holding { comment, hold: None, since: now };
                }
                self.look()
            }
            Event::Done => match self.phase {
                // The others try, too: whoever is first gets hold.
                Phase::Breaking(comment) => self.want(comment),
                _ => self.look(),
            },
            Event::Unsure => match self.phase {
                Phase::Wanting(_) | Phase::Breaking(_) => {
                    self.phase = Phase::Free;
                    Action::Wait
                }
                // What was written may still be on its way: it must not arrive after the hold is gone.
                Phase::Holding { .. } => Action::Wait,
                Phase::Free => self.look(),
            },
        }
    }

    /// The comment and the reaction that have to be given back when this is left before its end.
    #[must_use]
    pub fn held_now(&self) -> Option<(u64, u64)> {
        match self.phase {
            Phase::Holding { comment, hold, .. } => hold.map(|hold| (comment, hold)),
            _ => None,
        }
    }

    /// Ours, the oldest first, each with what it says.
    fn ours(&self, comments: Vec<Comment>) -> Vec<(u64, Page)> {
        let by_us = comments.into_iter().filter(|comment| comment.author == self.author);
        let pages = by_us.filter_map(|comment| Some((comment.id, Page::of(&comment.body)?)));
        let mut ours: Vec<_> = pages.filter(|(_, page)| page.marker.name == self.mine.marker.name).collect();
        ours.sort_by_key(|(id, _)| *id);
        ours
    }

    fn look(&mut self) -> Action {
        self.looks += 1;
        match self.held_now() {
            _ if self.looks <= LOOKS => Action::Look,
            Some((comment, hold)) => {
                self.phase = Phase::Free;
                Action::Release { comment, hold }
            }
            None => Action::End(Outcome::GaveUp),
        }
    }

    fn want(&mut self, comment: u64) -> Action {
        self.phase = Phase::Wanting(comment);
        Action::Hold(comment)
    }

    fn release(&mut self, comment: u64, hold: Option<u64>) -> Action {
        self.phase = Phase::Free;
        hold.map_or_else(|| self.look(), |hold| Action::Release { comment, hold })
    }

    /// Without hold: whether all is well.
    fn judge(&mut self, ours: &[(u64, Page)]) -> Action {
        self.phase = Phase::Free;
        self.is_head = false;
        match ours {
            [] => self.nothing(),
            [(id, page)] if self.wants_in(page) => self.want(*id),
            [(id, page)] => {
                let outcome = self.wrote.unwrap_or(Outcome::Unchanged);
                Action::End(match page.marker.order.cmp(&self.mine.marker.order) {
                    Ordering::Greater => Outcome::Superseded(*id),
                    Ordering::Equal if page.has_parts_of(&self.page) => outcome(*id),
                    Ordering::Equal | Ordering::Less => Outcome::Moved,
                })
            }
            [(first, _), ..] => self.want(*first),
        }
    }

    /// None of ours is there. One that we wrote is not written again: a list may be older than what was written, or leave out what
    /// somebody hid.
    fn nothing(&mut self) -> Action {
        match &mut self.created {
            Some((id, missed)) if *missed >= MISSED => Action::End(Outcome::Created(*id)),
            Some((_, missed)) => {
                *missed += 1;
                Action::Wait
            }
            None if self.has_moved => Action::End(Outcome::Moved),
            None => Action::AskHead,
        }
    }

    /// Whether our text belongs into a page. Of two texts of the same part and run the first that was written stays, lest
    /// both writers go on for ever; one that got lost is written again.
    fn wants_in(&self, page: &Page) -> bool {
        let would_change = || {
            let mut with = page.clone();
            with.put(&self.page);
            with != *page
        };
        !self.has_moved
            && would_change()
            && (self.wrote.is_none()
                || !page.has_parts_of(&self.page)
                || self.mine.marker.order > page.marker.order)
    }

    /// With hold: one thing at a time, and a look after each.
    fn fold(
        &mut self,
        ours: &[(u64, Page)],
        (comment, hold): (u64, Option<u64>),
        for_so_long: Duration,
    ) -> Action {
        let Some(((id, first), others)) = ours.split_first().filter(|_| for_so_long < LEASE) else {
            return self.release(comment, hold);
        };
        if *id != comment {
            return self.release(comment, hold);
        }
        let mut page = first.clone();
        for (_, other) in others {
            page.add(other);
        }
        if self.wants_in(&page) {
            if !self.is_head {
                return Action::AskHead;
            }
            self.wrote = self.wrote.or(Some(Outcome::Updated));
            page.put(&self.page);
        }
        if page != *first {
            return Action::Update { id: *id, body: page.to_string() };
        }
        match others.last() {
            Some((other, _)) => Action::Delete(*other),
            None => self.release(comment, hold),
        }
    }

    fn head(&mut self, sha: &str) -> Action {
        self.is_head = sha == self.mine.marker.head;
        self.has_moved = !self.is_head;
        match self.phase {
            Phase::Free if self.is_head => Action::Create(self.mine.body.clone()),
            _ => self.look(),
        }
    }

    fn held(&mut self, hold: Hold, now: Duration) -> Action {
        let Phase::Wanting(comment) = self.phase else { return self.look() };
        if hold.is_new {
            self.phase = Phase::Holding { comment, hold: Some(hold.id), since: now };
            return self.look();
        }
        if hold.age > STALE {
            self.phase = Phase::Breaking(comment);
            return Action::Release { comment, hold: hold.id };
        }
        self.phase = Phase::Free;
        Action::Wait
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::comment::Order;

    const SECOND: Duration = Duration::from_secs(1);

    fn mine(run: u64) -> Mine {
        let marker = Marker { name: "ci".to_owned(), order: Order::of_ci(run, 1), head: "c0ffee".to_owned() };
        Mine { body: format!("{marker}\nrun {run}"), marker }
    }

    fn comment(id: u64, run: u64) -> Comment {
        Comment { id, author: "bot".to_owned(), body: mine(run).body }
    }

    fn held(is_new: bool, age: Duration) -> Event {
        Event::Held(Hold { id: 9, is_new, age })
    }

    /// A writer of run 5 that has got hold of a comment of run 1 at second 0.
    fn holder() -> Upsert {
        let mut writer = Upsert::new(mine(5), "bot".to_owned());
        assert_eq!(writer.next(Event::Seen(vec![comment(1, 1)]), Duration::ZERO), Action::Hold(1));
        assert_eq!(writer.next(held(true, Duration::ZERO), Duration::ZERO), Action::Look);
        assert_eq!(writer.held_now(), Some((1, 9)));
        writer
    }

    #[test]
    fn what_a_list_misses_is_not_written_again() {
        let mut writer = Upsert::new(mine(5), "bot".to_owned());
        let nothing = || Event::Seen(Vec::new());
        assert_eq!(writer.next(nothing(), Duration::ZERO), Action::AskHead);
        let create = Action::Create(mine(5).body);
        assert_eq!(writer.next(Event::Head("c0ffee".to_owned()), Duration::ZERO), create);
        let mut written = comment(4, 5);
        written.author = String::new();
        assert_eq!(writer.next(Event::Created(written), Duration::ZERO), Action::Look);
        for _ in 0..MISSED {
            assert_eq!(writer.next(nothing(), SECOND), Action::Wait);
            assert_eq!(writer.next(Event::Done, SECOND), Action::Look);
        }
        assert_eq!(writer.next(nothing(), SECOND), Action::End(Outcome::Created(4)));
    }

    #[test]
    fn what_is_written_is_decided_under_the_hold() {
        let mut writer = holder();
        // Somebody newer was there before us.
        let release = Action::Release { comment: 1, hold: 9 };
        assert_eq!(writer.next(Event::Seen(vec![comment(1, 6)]), SECOND), release);
        assert_eq!(writer.next(Event::Done, SECOND), Action::Look);
        let seen = Event::Seen(vec![comment(1, 6)]);
        assert_eq!(writer.next(seen, SECOND), Action::End(Outcome::Superseded(1)));
    }

    #[test]
    fn the_head_is_asked_for_before_our_text_is_written() {
        let mut writer = holder();
        assert_eq!(writer.next(Event::Seen(vec![comment(1, 1)]), SECOND), Action::AskHead);
        assert_eq!(writer.next(Event::Head("c0ffee".to_owned()), SECOND), Action::Look);
        let update = Action::Update { id: 1, body: mine(5).body };
        assert_eq!(writer.next(Event::Seen(vec![comment(1, 1)]), SECOND), update);
        let mut late = holder();
        assert_eq!(late.next(Event::Seen(vec![comment(1, 1)]), SECOND), Action::AskHead);
        assert_eq!(late.next(Event::Head("decade".to_owned()), SECOND), Action::Look);
        let release = Action::Release { comment: 1, hold: 9 };
        assert_eq!(late.next(Event::Seen(vec![comment(1, 1)]), SECOND), release);
    }

    #[test]
    fn the_newest_of_several_goes_into_the_oldest_and_then_the_others_go() {
        let mut writer = holder();
        let seen = || Event::Seen(vec![comment(1, 1), comment(2, 7), comment(3, 2)]);
        assert_eq!(writer.next(seen(), SECOND), Action::Update { id: 1, body: mine(7).body });
        assert_eq!(writer.next(Event::Unsure, SECOND), Action::Wait);
        assert_eq!(writer.next(Event::Done, SECOND), Action::Look);
        let folded = Event::Seen(vec![comment(1, 7), comment(2, 7), comment(3, 2)]);
        assert_eq!(writer.next(folded, SECOND), Action::Delete(3));
    }

    #[test]
    fn nobody_writes_after_the_lease() {
        let mut writer = holder();
        let release = Action::Release { comment: 1, hold: 9 };
        assert_eq!(writer.next(Event::Seen(vec![comment(1, 1)]), LEASE), release);
        assert_eq!(writer.held_now(), None);
    }

    #[test]
    fn a_hold_of_others_is_waited_for_and_a_stale_one_is_taken_away() {
        let mut writer = Upsert::new(mine(5), "bot".to_owned());
        writer.next(Event::Seen(vec![comment(1, 1)]), Duration::ZERO);
        assert_eq!(writer.next(held(false, STALE), SECOND), Action::Wait);
        assert_eq!(writer.next(Event::Done, SECOND), Action::Look);
        writer.next(Event::Seen(vec![comment(1, 1)]), SECOND);
        let release = Action::Release { comment: 1, hold: 9 };
        assert_eq!(writer.next(held(false, STALE + SECOND), SECOND), release);
        assert_eq!(writer.next(Event::Done, SECOND), Action::Hold(1));
    }

    #[test]
    fn where_nobody_can_hold_it_is_written_all_the_same() {
        let mut writer = Upsert::new(mine(5), "bot".to_owned());
        writer.next(Event::Seen(vec![comment(1, 1)]), Duration::ZERO);
        assert_eq!(writer.next(Event::NoHold, SECOND), Action::Look);
        assert_eq!(writer.next(Event::Seen(vec![comment(1, 1)]), SECOND), Action::AskHead);
        assert_eq!(writer.held_now(), None);
    }

    #[test]
    fn whoever_gives_up_gives_the_hold_back_first() {
        let mut writer = holder();
        for _ in 1..LOOKS {
            assert_eq!(writer.next(Event::Done, SECOND), Action::Look);
        }
        let release = Action::Release { comment: 1, hold: 9 };
        assert_eq!(writer.next(Event::Done, SECOND), release);
        assert_eq!(writer.next(Event::Done, SECOND), Action::End(Outcome::GaveUp));
    }

    #[test]
    fn two_texts_of_one_run_do_not_fight() {
        let mut writer = Upsert::new(mine(5), "bot".to_owned());
        assert_eq!(writer.next(Event::Seen(Vec::new()), SECOND), Action::AskHead);
        let create = Action::Create(mine(5).body);
        assert_eq!(writer.next(Event::Head("c0ffee".to_owned()), SECOND), create);
        assert_eq!(writer.next(Event::Created(comment(1, 5)), SECOND), Action::Look);
        let mut other = comment(1, 5);
        other.body += " by another job";
        assert_eq!(writer.next(Event::Seen(vec![other]), SECOND), Action::End(Outcome::Created(1)));
    }
}
