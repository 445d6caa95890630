//! A build by the BuildKit that is in an engine, over its own protocol: what is to be done goes through `/grpc`, what it
//! asks us for comes through `/session`, and both at once.

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Duration;

use bollard::moby::buildkit::v1::control_client::ControlClient;
use bollard::moby::buildkit::v1::{
    CacheOptions, CacheOptionsEntry, SolveRequest, StatusRequest, StatusResponse,
};
use futures_util::future::{self, Either};
use sha2::{Digest as _, Sha256};
use tonic::transport::{Channel, Endpoint as Address};
use tonic::{Status, Streaming};

use super::dockerfile;
use super::error::BuildError;
use super::files::Files;
use super::progress::Steps;
use super::session::{Session, WINDOW};
use super::spec::{BuildSpec, Built, Cache, Event};
use super::transport::{NoWire, Once, Wire};
use crate::kit::text;
use crate::tools::docker::context::Context;
use crate::tools::docker::engine::{Engine, limited};
use crate::tools::docker::error::{Cause, chain};

/// How long after the end of a build the last of what it printed may take to come.
const LAST_WORDS: Duration = Duration::from_secs(3);

/// The most bytes of a message.
const MESSAGE: usize = 16 << 20;

/// Why BuildKit gave no image.
pub(super) enum Failure {
    /// The engine has none.
    Missing(String),
    /// The build failed.
    Build(Box<BuildError>),
}

/// Builds with connections of its own. They break when this returns, and with them everything that still goes on for us.
pub(super) fn build(
    engine: &Engine,
    spec: &BuildSpec,
    context: &Context,
    progress: &mut dyn FnMut(Event),
) -> Result<Built, Failure> {
    let before = |cause| Failure::Build(Box::new(BuildError::before(&context.dockerfile, cause)));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| before(Cause::Here(format!("cannot start a runtime: {error}"))))?;
    let mut steps = Steps::default();
    let work = async {
        match run(engine, spec, context, &mut steps, progress).await {
            Ok(built) => Ok(Ok(built)),
            Err(Failed::Missing(why)) => Ok(Err(why)),
            Err(Failed::Because(cause)) => Err(cause),
        }
    };
    let done = runtime.block_on(limited(&spec.limits, work));
    drop(runtime);
    match done {
        Ok(Ok(built)) => Ok(built),
        Ok(Err(why)) => Err(Failure::Missing(why)),
        Err(cause) => Err(Failure::Build(Box::new(blame(steps, context, cause, progress)))),
    }
}

/// The step that failed, or that was at work when everything was stopped.
fn blame(steps: Steps, context: &Context, cause: Cause, progress: &mut dyn FnMut(Event)) -> BuildError {
    let (culprit, cause) = match cause {
        Cause::Failed(words) => match steps.culprit(progress) {
            Some((culprit, words)) => (culprit, Cause::Failed(words)),
            None => return BuildError::before(&context.dockerfile, Cause::Failed(words)),
        },
        cause => match steps.running() {
            Some(culprit) => (culprit, cause),
            None => return BuildError::before(&context.dockerfile, cause),
        },
    };
    let instructions = dockerfile::instructions(&context.dockerfile_text);
    let instruction = dockerfile::of_step(&instructions, &culprit.name);
    BuildError::of_step(&context.dockerfile, culprit.name, instruction, culprit.log, cause)
}

enum Failed {
    Missing(String),
    Because(Cause),
}

impl From<NoWire> for Failed {
    fn from(none: NoWire) -> Self {
        match none {
            NoWire::Missing(why) => Self::Missing(why),
            NoWire::Broken(error) => Self::Because(Cause::Gone(error.to_string())),
        }
    }
}

impl From<Status> for Failed {
    /// A status that the engine sent is its word on the build; one that has a source here tells that the connection broke.
    fn from(status: Status) -> Self {
        let broken = std::error::Error::source(&status).map(chain);
        let words = status.message().trim().to_owned();
        let is_broken = broken.is_some() || words.contains("error reading a body from connection");
        Self::Because(if is_broken { Cause::Gone(broken.unwrap_or(words)) } else { Cause::Failed(words) })
    }
}

async fn run(
    engine: &Engine,
    spec: &BuildSpec,
    context: &Context,
    steps: &mut Steps,
    progress: &mut dyn FnMut(Event),
) -> Result<Built, Failed> {
    let id = random_id().map_err(|error| Failed::Because(Cause::Here(error)))?;
    let name =
        context.dockerfile.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let wire = Wire::open(engine.endpoint(), "/grpc", &[]).await?;
    let session = Session {
        id: id.clone(),
        shared_key: shared_key(spec, context),
        files: Files::new(context, &name, spec.source_date_epoch),
        secrets: spec.secrets.clone(),
        credentials: spec.credentials.clone(),
    };
    session.open(engine.endpoint()).await?;

    let address = Address::from_static("http://buildkit").initial_connection_window_size(WINDOW);
    let channel = address.connect_with_connector(Once(Some(wire))).await;
    let channel = channel.map_err(|error| Failed::Because(Cause::Gone(chain(&error))))?;
    let client =
        ControlClient::new(channel).max_decoding_message_size(MESSAGE).max_encoding_message_size(MESSAGE);
    let mut builder = client.clone();
    let mut solve = std::pin::pin!(builder.solve(request(spec, &name, &id)));
    let mut watch = std::pin::pin!(watch(client, id, steps, progress));
    let answer = match future::select(solve.as_mut(), watch.as_mut()).await {
        Either::Left((answer, _)) => {
            let _ = tokio::time::timeout(LAST_WORDS, watch).await;
            answer
        }
        Either::Right(((), _)) => solve.await,
    };
    let answer = answer?.into_inner().exporter_response;
    match answer.get("containerimage.digest") {
        Some(id) => Ok(Built { id: id.clone() }),
        None => Err(Failed::Because(Cause::Malformed("BuildKit names no image after the build".to_owned()))),
    }
}

/// Tells of the steps until BuildKit has no more to tell. That the telling breaks is no failure: the build itself says how
/// it ended.
async fn watch(
    mut client: ControlClient<Channel>,
    id: String,
    steps: &mut Steps,
    progress: &mut dyn FnMut(Event),
) {
    let Ok(stream) = client.status(StatusRequest { r#ref: id }).await else { return };
    let mut stream: Streaming<StatusResponse> = stream.into_inner();
    while let Ok(Some(told)) = stream.message().await {
        steps.take(told, progress);
    }
}

fn request(spec: &BuildSpec, dockerfile: &str, id: &str) -> SolveRequest {
    let mut attributes = HashMap::from([("filename".to_owned(), dockerfile.to_owned())]);
    let mut set = |name: &str, value: &str| attributes.insert(name.to_owned(), value.to_owned());
    for (name, value) in &spec.all_args() {
        set(&format!("build-arg:{name}"), value);
    }
    for (name, value) in &spec.labels {
        set(&format!("label:{name}"), value);
    }
    if let Some(target) = &spec.target {
        set("target", target);
    }
    if let Some(platform) = &spec.platform {
        set("platform", platform);
    }
    if spec.cache == Cache::Ignore {
        set("no-cache", "");
    }
    let import = |name: String| CacheOptionsEntry {
        r#type: "registry".to_owned(),
        attrs: HashMap::from([("ref".to_owned(), name)]),
    };
    let names: Vec<String> = spec.tags.iter().map(ToString::to_string).collect();
    let mut exported = HashMap::new();
    if !names.is_empty() {
        exported.insert("name".to_owned(), names.join(","));
    }
    SolveRequest {
        r#ref: id.to_owned(),
        session: id.to_owned(),
        frontend: "dockerfile.v0".to_owned(),
        frontend_attrs: attributes,
        // The image store of the engine that BuildKit is in.
        exporter_deprecated: "moby".to_owned(),
        exporter_attrs_deprecated: exported,
        cache: Some(CacheOptions {
            imports: spec.cache_from.iter().map(ToString::to_string).map(import).collect(),
            ..CacheOptions::default()
        }),
        ..SolveRequest::default()
    }
}

fn random_id() -> Result<String, String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| format!("the system gives no random bytes: {error}"))?;
    Ok(text::hex(&bytes))
}

/// BuildKit keeps the files of a folder and takes those of the same size and time for unchanged. Where all files have one
/// time, the key changes with their true times.
fn shared_key(spec: &BuildSpec, context: &Context) -> String {
    let mut hash = Sha256::new();
    let root: PathBuf = context.root.canonicalize().unwrap_or_else(|_| context.root.clone());
    hash.update(root.to_string_lossy().as_bytes());
    if spec.source_date_epoch.is_some() {
        hash.update(format!("{:?}", context.entries));
    }
    text::hex(&hash.finalize())
}
