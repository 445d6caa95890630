//! Which gate judges which step of an image, in which mode.

use crate::engine::Finished;
use crate::model::gate::{Decision, Gate, Mode};
use crate::model::gates::image::{Look, build, pull, push, size, smoke, structure};
use crate::model::gates::{Measured, outcome, scan};
use crate::model::image::ImageRecord;
use crate::pipeline::required::{budget, is_structure_asked};
use crate::pipeline::scanning::tolerance;
use crate::settings::Settings;

/// The gates of these steps, which are in the order of the plan: each is held against what those before it found out.
pub(super) fn judge<'a>(finished: impl Iterator<Item = &'a Finished>, settings: &Settings) -> Vec<Gate> {
    let (mut gates, mut earlier) = (Vec::new(), Vec::<ImageRecord>::new());
    for Finished { step, outcome, .. } in finished {
        let look = |mode: Mode| Look {
            measured: Measured { step, outcome, mode: settings.image.mode.and(mode) },
            earlier: &earlier,
        };
        gates.extend(of_step(step.name(), look, settings));
        ImageRecord::merge(&mut earlier, outcome.facts.images.clone());
    }
    gates
}

fn of_step<'a>(name: &str, look: impl Fn(Mode) -> Look<'a>, settings: &Settings) -> Vec<Gate> {
    let image = &settings.image;
    match name {
        "build" => vec![build::judge(look(Mode::Block))],
        "push" => vec![push::judge(look(Mode::Block))],
        "pull" => vec![pull::judge(look(Mode::Block))],
        "check" => {
            let structure =
                structure::judge(look(image.structure.mode), |image| is_structure_asked(image, settings));
            let size = size::judge(look(image.size.mode), &budget(&image.size));
            let gates: Vec<Gate> = structure.into_iter().chain(size).collect();
            // A step that did not end well is never green, even where nothing is required of what it looked at.
            let ended = outcome::judge(look(Mode::Block).measured);
            let is_untold =
                ended.verdict != Decision::Pass && gates.iter().all(|gate| gate.verdict == Decision::Pass);
            if is_untold { gates.into_iter().chain([ended]).collect() } else { gates }
        }
        "smoke" => vec![smoke::judge(look(Mode::Block))],
        "scan" => vec![scan::judge(look(settings.scan.mode).measured, tolerance(&settings.scan))],
        // A step without a gate of its own is never left out: it has to have ended well.
        _ => vec![outcome::judge(look(Mode::Block).measured)],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::facts::Facts;
    use crate::model::gates::outcome::tests::step;
    use crate::model::step::{Outcome, Status};
    use crate::settings::{File, Sources, load};

    fn finished(id: &str, images: Vec<ImageRecord>) -> Finished {
        let outcome = Outcome::new(Status::Passed, Facts::of_images(images));
        Finished { step: step(id), outcome, started: None, duration: std::time::Duration::ZERO, log: None }
    }

    fn settings(text: &str) -> Settings {
        let file = File { path: "slipway.toml", text };
        load(&Sources { file: Some(file), env: &std::collections::BTreeMap::new(), flags: &[] })
            .unwrap()
            .settings
    }

    fn judged(finished: &[Finished], text: &str) -> Vec<(String, Decision, Mode)> {
        let gates = judge(finished.iter(), &settings(text)).into_iter();
        gates.map(|gate| (gate.id, gate.verdict, gate.mode)).collect()
    }

    fn built(digest: &str) -> ImageRecord {
        ImageRecord { digest: Some(digest.to_owned()), ..ImageRecord::named("app") }
    }

    #[test]
    fn each_step_has_its_gate_in_its_own_mode() {
        let ids = ["build", "push", "pull", "check", "smoke", "sbom", "scan"];
        let steps = ids.map(|name| finished(&format!("image.{name}"), vec![built("sha256:1")]));
        let modes = "image.structure.mode = 'report-only'\nscan.mode = 'report-only'\nimage.size.max = '1MB'";
        let expected = [
            ("image.build", Decision::Pass, Mode::Block),
            ("image.push", Decision::Inconclusive, Mode::Block),
            ("image.pull", Decision::Inconclusive, Mode::Block),
            ("image.structure", Decision::Inconclusive, Mode::ReportOnly),
            ("image.size", Decision::Inconclusive, Mode::Block),
            ("image.smoke", Decision::Inconclusive, Mode::Block),
            ("image.sbom", Decision::Pass, Mode::Block),
            ("image.scan", Decision::Pass, Mode::ReportOnly),
        ];
        assert_eq!(judged(&steps, modes), expected.map(|(id, verdict, mode)| (id.to_owned(), verdict, mode)));
        let lowered = judged(&steps, "image.mode = 'report-only'");
        assert!(lowered.iter().all(|(.., mode)| *mode == Mode::ReportOnly), "{lowered:?}");
    }

    #[test]
    fn a_step_is_held_against_those_before_it() {
        let steps = [
            finished("image.build", vec![built("sha256:1")]),
            finished("image.pull", vec![built("sha256:2")]),
        ];
        assert_eq!(judged(&steps, "")[1], ("image.pull".to_owned(), Decision::Fail, Mode::Block));
    }

    #[test]
    fn nothing_is_judged_of_what_nothing_is_required() {
        let off = "image.structure = {non-root = false, no-setuid = false}";
        let steps = [finished("image.check", vec![built("sha256:1")])];
        assert_eq!(judged(&steps, off), []);
        let failed = Finished {
            outcome: Outcome::because(Status::Failed, "no layout"),
            ..finished("image.check", Vec::new())
        };
        let told = ("image.check".to_owned(), Decision::Fail, Mode::Block);
        assert_eq!(judged(&[finished("image.build", vec![built("sha256:1")]), failed], off)[1..], [told]);
        let of_one = format!("{off}\n[[images]]\nname = 'app'\nmust-have = ['/app/app']");
        assert_eq!(judged(&steps, &of_one)[0].1, Decision::Inconclusive);
    }
}
