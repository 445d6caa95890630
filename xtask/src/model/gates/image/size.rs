//! The gate on sizes: every image is within its budget.

use super::{Look, unfinished};
use crate::kit::text::{bytes, plural};
use crate::model::checks::size::{Budget, Limit, Unmeasured};
use crate::model::gate::{Gate, Measure};
use crate::model::step::Status;

/// Judges sizes; a budget that asks for nothing makes no gate.
#[must_use]
pub fn judge(look: Look<'_>, budget: &Budget) -> Option<Gate> {
    if budget.is_empty() {
        return None;
    }
    let measured = look.measured;
    let images = look.known();
    let contents = |image: &str| images.iter().find(|known| known.name == image)?.contents.as_ref();
    let limits: Vec<(&str, Limit)> = images
        .iter()
        .filter_map(|image| Some((image.name.as_str(), contents(&image.name)?)))
        .flat_map(|(name, contents)| budget.limits(contents).into_iter().map(move |limit| (name, limit)))
        .collect();
    let broken: Vec<&(&str, Limit)> = limits.iter().filter(|(_, limit)| limit.excess() > 0).collect();
    let unseen = |(_, limit): &&(&str, Limit)| limit.measured == Err(Unmeasured::NothingSeen);
    let unseen = limits.iter().find(unseen).map(|(name, _)| (*name).to_owned());
    let unseen = unseen.or_else(|| look.without(|image| image.contents.is_some()).into_iter().next());
    let largest =
        images.iter().filter_map(|image| image.contents.as_ref()).map(|contents| contents.size).max();
    let gate = Gate::pass("image.size", measured.mode, "size", "")
        .measured(largest.map_or(Measure::Nothing, Measure::Bytes), required(budget))
        .worst(broken.iter().map(|(name, limit)| place(name, limit)))
        .reproduce(measured.command());
    let nothing = Gate { measured: Measure::Nothing, ..gate.clone() };
    let remedy = unfinished(measured.outcome.status);
    Some(match (broken.iter().max_by_key(|(_, limit)| limit.excess()), unseen, measured.outcome.status) {
        (Some((name, limit)), ..) => {
            let reason = match broken.as_slice() {
                [_] => place(name, limit),
                more => format!(
                    "{} are exceeded, most of all {}",
                    plural(more.len(), "limit"),
                    place(name, limit)
                ),
            };
            let gap = format!("{} too many", bytes(limit.excess()));
            Gate { reason, ..gate }
                .fail(gap, "look at the layers in the report, or raise the limit in [image.size]")
        }
        (None, _, Status::Inconclusive | Status::Cancelled) | (None, Some(_), Status::Failed) => {
            Gate { reason: measured.reason(), ..nothing }.inconclusive(remedy)
        }
        (None, Some(name), _) => {
            Gate { reason: format!("nothing of {name} was measured"), ..nothing }.inconclusive(remedy)
        }
        (None, None, _) if images.is_empty() => {
            Gate { reason: "no image was measured".to_owned(), ..nothing }.inconclusive(remedy)
        }
        (None, None, _) => Gate { reason: held(&limits), ..gate },
    })
}

/// `2 limits held`, and what there was nothing to compare with.
fn held(limits: &[(&str, Limit)]) -> String {
    let skipped = limits.iter().find_map(|(_, limit)| limit.measured.as_ref().err());
    let count = limits.iter().filter(|(_, limit)| limit.measured.is_ok()).count();
    let skipped = skipped.map(|why| format!("; growth was not judged: {why}")).unwrap_or_default();
    format!("{} held{skipped}", plural(count, "limit"))
}

/// `at most 20 MB, no layer above 15 MB`.
fn required(budget: &Budget) -> String {
    let limits = budget.limits(&crate::model::image::Contents::default());
    limits.into_iter().map(|limit| limit.required).collect::<Vec<_>>().join(", ")
}

/// `app: 21.2 MB, at most 20 MB`.
fn place(image: &str, limit: &Limit) -> String {
    let measured = limit.measured.as_ref().map_or(0, |measured| *measured);
    format!("{image}: {}, {}", bytes(measured), limit.required)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::checks::size::tests::contents;
    use crate::model::gate::Decision;
    use crate::model::gates::image::tests::{checked, ended, judged};
    use crate::model::image::{Contents, ImageRecord};
    use crate::model::step::Outcome;

    fn with(contents: Option<Contents>) -> Outcome {
        ended(vec![ImageRecord { contents, ..ImageRecord::named("app") }])
    }

    fn of(outcome: &Outcome, budget: Budget) -> Option<Gate> {
        let mut gate = None;
        judged(
            |look| {
                gate = judge(look, &budget);
                Gate::pass("", look.measured.mode, "", "")
            },
            outcome,
            &[],
        );
        gate
    }

    const NARROW: Budget =
        Budget { total: Some(16_000_000), layer: None, growth: Some(1_000_000), wasted: None };

    #[test]
    fn more_than_allowed_fails_by_the_largest_excess() {
        let gate = of(&with(Some(contents())), NARROW).unwrap();
        assert_eq!((gate.verdict, gate.measured), (Decision::Fail, Measure::Bytes(17_300_000)));
        assert_eq!(gate.reason, "2 limits are exceeded, most of all app: 17.3 MB, at most 16 MB");
        assert_eq!(gate.required, "at most 16 MB, growth of at most 1 MB");
        assert_eq!(gate.gap.as_deref(), Some("1.3 MB too many"));
        assert_eq!(gate.worst, ["app: 17.3 MB, at most 16 MB", "app: 1.2 MB, growth of at most 1 MB"]);
    }

    #[test]
    fn what_is_within_its_budget_passes() {
        let wide = Budget { total: Some(17_300_000), ..Budget::default() };
        let gate = of(&with(Some(contents())), wide).unwrap();
        assert_eq!((gate.verdict, gate.reason.as_str()), (Decision::Pass, "1 limit held"));
        assert_eq!(of(&with(Some(contents())), Budget::default()), None);
    }

    #[test]
    fn the_first_image_has_nothing_to_grow_from() {
        let first = with(Some(Contents { before: None, ..contents() }));
        let gate = of(&first, Budget { total: Some(20_000_000), ..NARROW }).unwrap();
        let reason = "1 limit held; growth was not judged: there is no earlier image to compare it with";
        assert_eq!((gate.verdict, gate.reason.as_str()), (Decision::Pass, reason));
    }

    #[test]
    fn nothing_measured_is_never_green() {
        for outcome in [
            with(None),
            with(Some(Contents::default())),
            checked(Vec::new()),
            Outcome::because(Status::Cancelled, "interrupted"),
            Outcome { status: Status::Inconclusive, ..with(Some(contents())) },
        ] {
            let gate = of(&outcome, Budget { total: Some(u64::MAX), ..Budget::default() }).unwrap();
            assert_eq!(
                (gate.verdict, gate.measured),
                (Decision::Inconclusive, Measure::Nothing),
                "{outcome:?}"
            );
        }
    }
}
