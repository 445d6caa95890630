//! Many commenters at once: every way in which their requests may follow each other ends in one comment of the newest run.
//! The ways are random and the seeds fixed; what a request does is done by the fake's own state.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use xtask::model::comment::{
    Action, Comment, Event, Hold, Marker, Mine, Order, Outcome, PAUSE, Page, Part, Upsert,
};

use crate::fake::State;

const BOT: &str = "github-actions[bot]";
/// What must never happen.
const OVERWRITES: &str = "an older run overwrites a newer one";
const OLD_HEAD: &str = "aaaa";
const NEW_HEAD: &str = "bbbb";

/// Random numbers of a seed. Marsaglia, "Xorshift RNGs".
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }

    fn one_in(&mut self, count: u64) -> bool {
        self.below(count) == 0
    }
}

fn body(name: &str, order: Order, head: &str) -> String {
    page(name, order, head, Part::Run).to_string()
}

fn page(name: &str, order: Order, head: &str, part: Part) -> Page {
    let marker = Marker { name: name.to_owned(), order, head: head.to_owned() };
    Page::with(marker, part, &format!("{part:?} of {order}"))
}

struct Commenter {
    machine: Upsert,
    order: Order,
    head: &'static str,
    next: Action,
    decided: Duration,
    end: Option<Outcome>,
    is_dead: bool,
}

impl Commenter {
    fn new(order: Order, head: &'static str) -> Self {
        Self::of(order, head, Part::Run)
    }

    fn of(order: Order, head: &'static str, part: Part) -> Self {
        let machine = Upsert::new(Mine::of(&page("ci", order, head, part)), BOT.to_owned());
        Self { machine, order, head, next: Action::Look, decided: Duration::ZERO, end: None, is_dead: false }
    }

    fn is_busy(&self) -> bool {
        self.end.is_none() && !self.is_dead
    }
}

struct World {
    state: State,
    random: Random,
    now: Duration,
    head: &'static str,
    start: DateTime<Utc>,
    /// Reactions that were left without their owner's knowing.
    lost: usize,
    /// Texts that arrive after their sender has stopped waiting: when, where, what.
    on_the_way: Vec<(Duration, u64, String)>,
}

impl World {
    /// With comments of others, one of which looks like ours, one of ours about something else, and up to three old ones.
    fn new(seed: u64) -> Self {
        let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let mut state = State::default();
        let newest = Order::of_ci(u64::MAX, 9);
        state.comment(1, "eve", &body("ci", newest, NEW_HEAD));
        state.comment(1, BOT, &body("cd", newest, NEW_HEAD));
        state.comment(1, BOT, "no marker");
        (0..random.below(4))
            .for_each(|run| _ = state.comment(1, BOT, &body("ci", Order::of_ci(run, 1), "99")));
        Self {
            state,
            random,
            now: Duration::ZERO,
            head: OLD_HEAD,
            start: Utc::now(),
            lost: 0,
            on_the_way: Vec::new(),
        }
    }

    fn ours(&self) -> Vec<Order> {
        let by_us = self.state.comments.values().filter(|comment| comment.author == BOT);
        let marked = by_us.filter_map(|comment| Marker::of(&comment.body));
        marked.filter(|marker| marker.name == "ci").map(|marker| marker.order).collect()
    }

    /// One request of one commenter, with its answer.
    fn step(&mut self, commenter: &mut Commenter) {
        self.now += Duration::from_millis(self.random.below(150));
        self.arrive();
        let event = if self.random.one_in(25) {
            // The connection broke before the request was done, or after it, or it is done a little later.
            let late = self.now + Duration::from_millis(self.random.below(3000));
            if let (Action::Update { id, body }, true) = (&commenter.next, self.random.one_in(3)) {
                self.on_the_way.push((late, *id, body.clone()));
            } else if self.random.one_in(2) {
                let done = self.act(commenter);
                self.lost += usize::from(matches!(done, Event::Held(hold) if hold.is_new));
            }
            match commenter.next {
                Action::Look
                | Action::AskHead
                | Action::Create(_)
                | Action::Delete(_)
                | Action::Release { .. } => {
                    // The client does these again by itself.
                    self.act(commenter)
                }
                _ => Event::Unsure,
            }
        } else {
            self.act(commenter)
        };
        commenter.next = commenter.machine.next(event, self.now);
        commenter.decided = self.now;
        if let Action::End(outcome) = commenter.next {
            assert_eq!(commenter.machine.held_now(), None);
            commenter.end = Some(outcome);
        }
    }

    fn act(&mut self, commenter: &Commenter) -> Event {
        let is_late = self.now.saturating_sub(commenter.decided) > Duration::from_secs(20);
        match &commenter.next {
            Action::Look => {
                let seen = self.state.comments.iter().map(|(id, comment)| Comment {
                    id: *id,
                    author: comment.author.clone(),
                    body: comment.body.clone(),
                });
                Event::Seen(seen.collect())
            }
            Action::AskHead => Event::Head(self.head.to_owned()),
            Action::Create(body) => {
                let id = self.state.comment(1, BOT, body);
                Event::Created(Comment { id, author: BOT.to_owned(), body: body.clone() })
            }
            Action::Hold(comment) => {
                let now = self.start + TimeDelta::from_std(self.now).unwrap();
                let Some((id, at, is_new)) = self.state.react(*comment, BOT, now) else {
                    return Event::Unsure;
                };
                Event::Held(Hold { id, is_new, age: (now - at).to_std().unwrap() })
            }
            Action::Release { comment, hold } => {
                self.state.take_back(*comment, *hold);
                Event::Done
            }
            // The client gives up after so long.
            Action::Update { .. } if is_late => Event::Unsure,
            Action::Update { id, body } => {
                if self.update(*id, body) {
                    Event::Done
                } else {
                    Event::Unsure
                }
            }
            Action::Delete(id) => {
                self.state.comments.remove(id);
                Event::Done
            }
            Action::Wait => {
                self.now += PAUSE;
                Event::Done
            }
            Action::End(_) => unreachable!("it has ended"),
        }
    }

    /// Puts a text into a comment, if there is one.
    fn update(&mut self, id: u64, body: &str) -> bool {
        let Some(comment) = self.state.comments.get_mut(&id) else { return false };
        let order = |text: &str| Marker::of(text).unwrap().order;
        if order(&comment.body) > order(body) {
            std::panic::panic_any(OVERWRITES);
        }
        body.clone_into(&mut comment.body);
        true
    }

    /// What was on its way so long.
    fn arrive(&mut self) {
        let all = std::mem::take(&mut self.on_the_way);
        let (due, left): (Vec<_>, _) = all.into_iter().partition(|(at, ..)| *at <= self.now);
        self.on_the_way = left;
        for (_, id, body) in due {
            self.update(id, &body);
        }
    }

    /// All commenters to their ends, in random order. Those of the new head begin when it is there.
    fn run(&mut self, commenters: &mut [Commenter], deaths: u64) {
        let mut deaths_left = deaths;
        for _ in 0..20_000 {
            if self.random.one_in(30) {
                self.head = NEW_HEAD;
            }
            let ready = |commenter: &&mut Commenter| {
                commenter.is_busy() && (commenter.head == OLD_HEAD || self.head == NEW_HEAD)
            };
            let mut busy: Vec<&mut Commenter> = commenters.iter_mut().filter(ready).collect();
            if busy.is_empty() {
                if self.head == NEW_HEAD || commenters.iter().all(|commenter| !commenter.is_busy()) {
                    return;
                }
                continue;
            }
            let place = usize::try_from(self.random.below(busy.len() as u64)).unwrap();
            let commenter = &mut *busy[place];
            if deaths_left > 0 && self.random.one_in(15) {
                deaths_left -= 1;
                if self.random.one_in(2) {
                    self.act(commenter);
                }
                commenter.is_dead = true;
            } else {
                self.step(commenter);
            }
        }
        panic!("they go on for ever");
    }
}

/// Up to six runs, the later ones of the new head, some of them attempts at the same run.
fn commenters(random: &mut Random) -> Vec<Commenter> {
    let count = 2 + random.below(5);
    let first_new = random.below(count + 1);
    let one = |place: u64| {
        let head = if place < first_new { OLD_HEAD } else { NEW_HEAD };
        Commenter::new(Order::of_ci(100 + place / 2, 1 + u32::try_from(place % 2).unwrap()), head)
    };
    (0..count).map(one).collect()
}

/// What must be so when all have ended.
fn check(world: &World, newest: Order, seed: u64) {
    assert_eq!(world.ours(), [newest], "seed {seed}");
    assert_eq!(world.state.comments.len(), 4, "others were touched, seed {seed}");
    let left = world.state.comments.values().map(|comment| comment.reactions.len()).sum::<usize>();
    assert!(left <= world.lost, "seed {seed}");
}

#[test]
fn any_order_of_requests_ends_in_one_comment_of_the_newest_run() {
    let mut ends = std::collections::BTreeMap::new();
    for seed in 0..1000 {
        let mut world = World::new(seed);
        let mut commenters = commenters(&mut world.random);
        world.run(&mut commenters, 0);
        // Runs of a commit that is not proposed any more do not have to be told of.
        let told = commenters.iter().filter(|commenter| commenter.end != Some(Outcome::Moved));
        let Some(newest) = told.map(|commenter| commenter.order).max() else { continue };
        let last = commenters.last().unwrap();
        assert!(newest == last.order || last.head == OLD_HEAD, "seed {seed}");
        check(&world, newest, seed);
        for commenter in &commenters {
            let end = format!("{:?}", commenter.end.unwrap());
            *ends.entry(end.split('(').next().unwrap().to_owned()).or_insert(0) += 1;
        }
    }
    // Each way to end is tried, and nobody gives up.
    let kinds: Vec<&str> = ends.keys().map(String::as_str).collect();
    assert_eq!(kinds, ["Created", "Moved", "Superseded", "Updated"], "{ends:?}");
}

#[test]
fn what_a_run_came_to_and_its_delivery_end_in_one_comment() {
    let mut both = 0;
    for seed in 2000..3000 {
        let mut world = World::new(seed);
        let runs = commenters(&mut world.random);
        let deliveries: Vec<Commenter> =
            runs.iter().map(|run| Commenter::of(run.order, run.head, Part::Delivery)).collect();
        let mut all: Vec<Commenter> = runs.into_iter().chain(deliveries).collect();
        world.run(&mut all, 0);
        let told: Vec<&Commenter> = all.iter().filter(|one| one.end != Some(Outcome::Moved)).collect();
        let Some(newest) = told.iter().map(|one| one.order).max() else { continue };
        check(&world, newest, seed);
        let ours = world.state.comments.values().filter(|comment| comment.author == BOT);
        let page = ours.filter_map(|one| Page::of(&one.body)).find(|page| page.marker.name == "ci").unwrap();
        // Of the run that is told of, everything is there that its writers believe to have written, and nothing of others.
        let parts = [Part::Run, Part::Delivery].map(|part| page.part(part).map(str::to_owned));
        let expected = [0, all.len() / 2].map(|first| {
            let writers = all[first..first + all.len() / 2].iter();
            let mut ends = writers.filter(|one| one.order == newest && one.end != Some(Outcome::Moved));
            let part = if first == 0 { Part::Run } else { Part::Delivery };
            ends.next().map(|one| format!("{part:?} of {}", one.order))
        });
        assert_eq!(parts, expected, "seed {seed}");
        both += usize::from(parts.iter().all(Option::is_some));
    }
    assert!(both > 500, "{both}");
}

#[test]
fn whoever_dies_is_cleaned_up_after_by_the_next_run() {
    for seed in 5000..5200 {
        let mut world = World::new(seed);
        let mut all = commenters(&mut world.random);
        world.run(&mut all, 2);
        world.head = NEW_HEAD;
        let newest = Order::of_ci(200, 1);
        let mut last = [Commenter::new(newest, NEW_HEAD)];
        world.run(&mut last, 0);
        check(&world, newest, seed);
    }
}

#[test]
fn the_check_itself_fails_without_the_hold() {
    // The same with a hold that everybody gets at once: then older runs do overwrite newer ones.
    let failed = |seed: u64| {
        let mut world = World::new(seed);
        let mut commenters = commenters(&mut world.random);
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            for _ in 0..5_000 {
                let busy: Vec<usize> =
                    (0..commenters.len()).filter(|place| commenters[*place].is_busy()).collect();
                let Some(place) =
                    busy.get(usize::try_from(world.random.below(6)).unwrap() % busy.len().max(1))
                else {
                    return;
                };
                let commenter = &mut commenters[*place];
                world.head = commenter.head;
                if matches!(commenter.next, Action::Hold(_)) {
                    commenter.next = commenter.machine.next(Event::NoHold, world.now);
                } else {
                    world.step(commenter);
                }
            }
        }))
        .is_err_and(|panic| panic.downcast_ref() == Some(&OVERWRITES))
    };
    assert!((0..50).any(failed));
}

#[test]
fn the_same_run_again_changes_nothing() {
    let mut world = World::new(3);
    world.head = NEW_HEAD;
    let order = Order::of_ci(100, 1);
    let mut first = [Commenter::new(order, NEW_HEAD)];
    world.run(&mut first, 0);
    let mut again = [Commenter::new(order, NEW_HEAD)];
    world.run(&mut again, 0);
    assert!(matches!(again[0].end, Some(Outcome::Unchanged(_))), "{:?}", again[0].end);
}

#[test]
fn a_head_that_has_moved_on_writes_nothing() {
    let mut world = World::new(4);
    world.head = NEW_HEAD;
    let before = world.ours();
    let mut old = [Commenter::new(Order::of_ci(100, 1), OLD_HEAD)];
    world.run(&mut old, 0);
    assert_eq!(old[0].end, Some(Outcome::Moved));
    assert!(world.ours().iter().all(|order| before.contains(order)));
}
