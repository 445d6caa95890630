//! What the tests have covered: the profiles that they left are read, written as reports, and recorded.

use std::sync::PoisonError;

use super::instrumented::Instrumented;
use super::wish::Wish;
use crate::engine::{Bench, Work};
use crate::model::command::CommandLine;
use crate::model::step::{Outcome, Status};
use crate::pipeline::{Session, covered};
use crate::settings::Backend;
use crate::tools::coverage::objects::{Objects, objects};
use crate::tools::coverage::profiles::{self, Read, Wanted};
use crate::tools::coverage::tracefiles;
use crate::tools::files;

/// The command and the work. Everything is built by then, so that cargo only tells what there is.
pub(super) fn prepare<'a>(wish: &Wish<'a>) -> (Vec<CommandLine>, Work<'a>) {
    let Some(measured) = wish.measured.clone() else {
        return (Vec::new(), Box::new(|_| Outcome::because(Status::Inconclusive, "nothing was measured")));
    };
    let list = wish
        .dressed(CommandLine::new("cargo"))
        .args(["test", "--workspace", "--tests", "--no-run", "--message-format=json-render-diagnostics"])
        .args(wish.flags.iter().cloned())
        .args(wish.session.settings().test.args.iter().cloned());
    let (session, line) = (wish.session, list.clone());
    (vec![list], Box::new(move |bench| run(session, &measured, &line, bench)))
}

fn run(session: &Session, measured: &Instrumented, list: &CommandLine, bench: &Bench<'_>) -> Outcome {
    let scope = match covered::scope(session, &[]) {
        Ok(scope) => scope,
        Err(error) => return Outcome::because(Status::Inconclusive, error),
    };
    let read = match read(session, measured, list, &|path| scope.keep(path), bench) {
        Ok(read) => read,
        Err(outcome) => return *outcome,
    };
    let paths = session.tracefiles.lock().unwrap_or_else(PoisonError::into_inner).clone();
    match tracefiles::read(&paths, None, &scope, &session.workspace) {
        Ok(own) => covered::outcome(session, read.with(own), &scope),
        Err(reason) => Outcome::because(Status::Inconclusive, reason),
    }
}

/// Reads the profiles, or says how the step ends without them.
fn read(
    session: &Session,
    measured: &Instrumented,
    list: &CommandLine,
    keep: slipway_coverage::embedded::Keep<'_>,
    bench: &Bench<'_>,
) -> Result<Read, Box<Outcome>> {
    let inconclusive = |reason: String| Box::new(Outcome::because(Status::Inconclusive, reason));
    let mut profiles = measured.profiles();
    if profiles.is_empty() {
        return Err(inconclusive("no test left a profile, so nothing was measured".to_owned()));
    }
    let built =
        bench.run(list).map_err(|error| Box::new(inconclusive(error.to_string()).blame_environment()))?;
    if !built.success() {
        let reason = format!("cargo does not tell what was built: {}", built.end);
        return Err(Box::new(inconclusive(reason).with_excerpt(built.tail(20))));
    }
    profiles.extend(measured.expansions_of(&built.stdout));
    let objects = Objects { libraries: measured.libraries(), ..objects(&session.workspace, &built.stdout) };
    if session.settings().coverage.keep_profiles {
        let listed = objects.linked.iter().map(|object| object.to_string_lossy() + "\n").collect::<String>();
        let list = measured.folder().join("objects.txt");
        files::write(&list, &listed).map_err(|error| inconclusive(error.to_string()))?;
    }
    profiles::read(&profiles::Source {
        profiles: &profiles,
        objects: &objects,
        keep,
        wanted: match session.settings().coverage.backend {
            Backend::Auto => Wanted::Auto,
            Backend::Embedded => Wanted::Embedded,
            Backend::Llvm => Wanted::Llvm,
        },
        folder: measured.folder(),
        supervisor: bench.supervisor(),
        run: &|line: &CommandLine| bench.run(line),
    })
    .map_err(inconclusive)
}
