//! What the tests have covered: the profiles that they left are read, written as reports, and recorded.

use super::instrumented::Instrumented;
use super::wish::Wish;
use crate::engine::{Bench, Work};
use crate::model::command::CommandLine;
use crate::model::step::{Outcome, Status};
use crate::pipeline::{Session, covered};
use crate::settings::Backend;
use crate::tools::coverage::objects::{Objects, objects};
use crate::tools::coverage::profiles::{self, Wanted};

/// The step.
pub(super) const ID: &str = "test.coverage";

/// The command and the work. Everything is built by then, so that cargo only tells what there is.
pub(super) fn prepare<'a>(wish: &Wish<'a>) -> (Vec<CommandLine>, Work<'a>) {
    let Some(measured) = wish.measured.clone() else {
        return (Vec::new(), Box::new(|_| Outcome::because(Status::Inconclusive, "nothing was measured")));
    };
    let list = CommandLine::new("cargo")
        .args(["test", "--workspace", "--tests", "--no-run", "--message-format=json-render-diagnostics"])
        .args(wish.flags.iter().cloned())
        .args(wish.session.settings().test.args.iter().cloned());
    let (session, line) = (wish.session, list.clone());
    (vec![list], Box::new(move |bench| run(session, &measured, &line, bench)))
}

fn run(session: &Session, measured: &Instrumented, list: &CommandLine, bench: &Bench<'_>) -> Outcome {
    let profiles = measured.profiles();
    if profiles.is_empty() {
        return Outcome::because(Status::Inconclusive, "no test left a profile, so nothing was measured");
    }
    let built = match bench.run(list) {
        Ok(built) => built,
        Err(error) => return Outcome::because(Status::Inconclusive, error.to_string()).blame_environment(),
    };
    if !built.success() {
        let reason = format!("cargo does not tell what was built: {}", built.end);
        return Outcome::because(Status::Inconclusive, reason).with_excerpt(built.tail(20));
    }
    let scope = match covered::scope(session) {
        Ok(scope) => scope,
        Err(error) => return Outcome::because(Status::Inconclusive, error),
    };
    let run = |line: &CommandLine| bench.run(line);
    let objects = Objects { libraries: measured.libraries(), ..objects(&session.workspace, &built.stdout) };
    let read = profiles::read(&profiles::Source {
        profiles: &profiles,
        objects: &objects,
        keep: &|path| scope.keep(path),
        wanted: match session.settings().coverage.backend {
            Backend::Auto => Wanted::Auto,
            Backend::Embedded => Wanted::Embedded,
            Backend::Llvm => Wanted::Llvm,
        },
        folder: measured.folder(),
        supervisor: bench.supervisor(),
        run: &run,
    });
    match read {
        Ok(read) => covered::outcome(session, read, &scope),
        Err(reason) => Outcome::because(Status::Inconclusive, reason),
    }
}
