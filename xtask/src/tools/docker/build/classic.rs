//! A build by the classic builder, for engines without BuildKit. It knows no secrets and no cache mounts.

use std::collections::VecDeque;

use bollard::models::BuildInfoAux;
use bollard::query_parameters::BuildImageOptions;

use super::error::BuildError;
use super::spec::{BuildSpec, Built, Cache, Event};
use super::{archive, dockerfile};
use crate::tools::docker::context::Context;
use crate::tools::docker::engine::Engine;
use crate::tools::docker::error::Cause;
use crate::tools::docker::lines;
use crate::tools::docker::transfer::Credentials;

/// How many lines of a step are kept for the case that it fails.
const KEPT: usize = 20;

pub(super) fn build(
    engine: &Engine,
    spec: &BuildSpec,
    context: &Context,
    progress: &mut dyn FnMut(Event),
) -> Result<Built, BuildError> {
    let before = |cause| BuildError::before(&context.dockerfile, cause);
    if let Some(id) = spec.secrets.keys().next() {
        let why = format!("the secret `{id}` needs BuildKit, which the classic builder is not");
        return Err(before(Cause::Here(why)));
    }
    let own = engine.another().map_err(before)?;
    let (named, pieces) = archive::stream(context, spec.source_date_epoch);
    let docker = own.patient(&spec.limits);
    let credentials = spec
        .credentials
        .iter()
        .map(|(registry, it)| (registry.clone(), Credentials::for_registry(it, registry)));
    let stream = docker.build_image(
        options(spec, named.dockerfile),
        Some(credentials.collect()),
        Some(bollard::body_try_stream(pieces)),
    );
    let mut stream = Box::pin(stream);
    let mut output = Output::default();
    let work = async {
        while let Some(item) = lines::next(&mut stream).await? {
            if let Some(error) = item.error_detail {
                return Err(Cause::Failed(error.message.unwrap_or_default()));
            }
            if let Some(BuildInfoAux::Default(image)) = item.aux {
                output.image = image.id.or(output.image.take());
            }
            output.print(&item.stream.unwrap_or_default(), progress);
        }
        output.image.take().ok_or_else(|| Cause::Malformed("it names no image after the build".to_owned()))
    };
    let done = own.long("build", "", &spec.limits, work);
    drop((stream, own));
    let id = match done {
        Ok(id) => id,
        Err(error) => return Err(output.blame(context, error.cause, progress)),
    };
    output.finish(progress);
    for tag in &spec.tags {
        let name = tag.tag.clone().or_else(|| "latest".parse().ok());
        let named = name.map(|name| engine.tag(&id, &tag.repository, &name));
        named.transpose().map_err(|error| before(error.cause))?;
    }
    Ok(Built { id })
}

fn options(spec: &BuildSpec, dockerfile: String) -> BuildImageOptions {
    let args = spec.all_args();
    BuildImageOptions {
        dockerfile,
        rm: true,
        forcerm: true,
        nocache: spec.cache == Cache::Ignore,
        buildargs: (!args.is_empty()).then(|| args.into_iter().collect()),
        labels: (!spec.labels.is_empty()).then(|| spec.labels.clone().into_iter().collect()),
        target: spec.target.clone().unwrap_or_default(),
        platform: spec.platform.clone().unwrap_or_default(),
        cachefrom: (!spec.cache_from.is_empty())
            .then(|| spec.cache_from.iter().map(ToString::to_string).collect()),
        ..BuildImageOptions::default()
    }
}

/// What the builder has printed: text in pieces that are no lines, in which steps begin with `Step 2/5 : RUN …`.
#[derive(Debug, Default)]
struct Output {
    image: Option<String>,
    rest: String,
    /// The number that the builder gave the running step, from 1, and its instruction.
    step: Option<(usize, String)>,
    is_cached: bool,
    last: VecDeque<String>,
}

impl Output {
    fn print(&mut self, text: &str, tell: &mut dyn FnMut(Event)) {
        self.rest.push_str(text);
        while let Some((line, rest)) = self.rest.split_once('\n') {
            let (line, rest) = (line.to_owned(), rest.to_owned());
            self.rest = rest;
            self.line(console::strip_ansi_codes(line.trim_end()).as_ref(), tell);
        }
    }

    fn line(&mut self, line: &str, tell: &mut dyn FnMut(Event)) {
        if let Some((number, name)) = step(line) {
            self.finish(tell);
            tell(Event::Started(number - 1, name.clone()));
            self.step = Some((number, name));
            return;
        }
        let Some((number, name)) = &self.step else { return };
        if line.trim() == "---> Using cache" {
            self.is_cached = true;
            tell(Event::Cached(number - 1, name.clone()));
        } else if !line.is_empty()
            && !line.starts_with(" --->")
            && !line.starts_with("Removing intermediate container")
        {
            tell(Event::Log(number - 1, line.to_owned()));
            if self.last.len() == KEPT {
                self.last.pop_front();
            }
            self.last.push_back(line.to_owned());
        }
    }

    /// The running step went well.
    fn finish(&mut self, tell: &mut dyn FnMut(Event)) {
        if let Some((number, name)) = self.step.take().filter(|_| !self.is_cached) {
            tell(Event::Finished(number - 1, name));
        }
        self.is_cached = false;
        self.last.clear();
    }

    fn blame(mut self, context: &Context, cause: Cause, tell: &mut dyn FnMut(Event)) -> BuildError {
        self.print("\n", tell);
        let Some((number, name)) = &self.step else { return BuildError::before(&context.dockerfile, cause) };
        if matches!(cause, Cause::Failed(_)) {
            tell(Event::Failed(number - 1, name.clone()));
        }
        let instructions = dockerfile::instructions(&context.dockerfile_text);
        let instruction = instructions.get(number - 1);
        BuildError::of_step(&context.dockerfile, name.clone(), instruction, self.last.into(), cause)
    }
}

/// The number and the instruction in `Step 2/5 : RUN make`.
fn step(line: &str) -> Option<(usize, String)> {
    let (place, name) = line.strip_prefix("Step ")?.split_once(" : ")?;
    let number = place.split_once('/')?.0.parse().ok().filter(|number| *number > 0)?;
    Some((number, name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_become_steps() {
        let mut events = Vec::new();
        let mut output = Output::default();
        let text = "Step 1/2 : FROM scratch\n ---> \nStep 2/2 : RUN make\n ---> Using cache\n ---> 0123\n";
        // The pieces of the stream end anywhere.
        for piece in text.as_bytes().chunks(7) {
            output.print(std::str::from_utf8(piece).unwrap(), &mut |event| events.push(event));
        }
        output.print("\u{1b}[91mwarn\u{1b}[0m\n", &mut |event| events.push(event));
        output.finish(&mut |event| events.push(event));
        let (from, run) = ("FROM scratch".to_owned(), "RUN make".to_owned());
        let expected = [
            Event::Started(0, from.clone()),
            Event::Finished(0, from),
            Event::Started(1, run.clone()),
            Event::Cached(1, run),
            Event::Log(1, "warn".to_owned()),
        ];
        assert_eq!(events, expected);
        assert_eq!(step("Step 0/1 : FROM x"), None);
    }
}
