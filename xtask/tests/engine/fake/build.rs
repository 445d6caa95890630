//! The classic builder, with as much of a Dockerfile as tests need: `FROM`, `COPY` of one file, `RUN` of words that are known
//! here, and what goes to the image's configuration.

use std::io::{self, Read as _};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use super::Shared;
use super::containers::Container;
use super::http::{Answer, Asked};
use super::state::Image;

/// Why a build ends early.
enum Stop {
    /// A step failed, with this message.
    Failed(String),
    /// Nobody waits for it any more.
    Unwanted,
    Broken(io::Error),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Broken(error)
    }
}

/// What is known of an image that is being built.
struct Progress {
    config: Value,
    layers: Vec<Vec<u8>>,
}

impl Shared {
    pub(super) fn build(&self, asked: &Asked, answer: &mut Answer<'_>) -> io::Result<()> {
        let path = asked.query("dockerfile");
        let Some(dockerfile) = file(&asked.body, path) else {
            return answer.refuse(500, &format!("Cannot locate specified Dockerfile: {path}"));
        };
        let dockerfile = String::from_utf8_lossy(&dockerfile).into_owned();
        let steps: Vec<(usize, &str)> =
            dockerfile.lines().enumerate().filter(|(_, line)| !line.is_empty()).collect();
        for (number, line) in &steps {
            let word = line.split(' ').next().unwrap_or_default();
            if !["FROM", "COPY", "RUN", "USER", "EXPOSE", "ENTRYPOINT", "CMD", "HEALTHCHECK"].contains(&word)
            {
                let why = format!("dockerfile parse error line {}: unknown instruction: {word}", number + 1);
                return answer.refuse(400, &why);
            }
        }
        answer.begin("application/json")?;
        let labels: Value = serde_json::from_str(asked.query("labels")).unwrap_or_default();
        let mut progress = Progress { config: json!({ "Labels": labels }), layers: Vec::new() };
        for (place, (_, line)) in steps.iter().enumerate() {
            answer.line(&json!({ "stream": format!("Step {}/{} : {line}", place + 1, steps.len()) }))?;
            answer.line(&json!({ "stream": "\n" }))?;
            match self.step(line, asked, &mut progress, answer) {
                Ok(()) => answer.line(&json!({ "stream": " ---> 0123456789ab\n" }))?,
                Err(Stop::Failed(why)) => {
                    answer.line(&json!({ "errorDetail": { "code": 1, "message": why }, "error": why }))?;
                    return answer.end();
                }
                Err(Stop::Unwanted) => return Ok(()),
                Err(Stop::Broken(error)) => return Err(error),
            }
        }
        let image = Image::of(&progress.config, progress.layers);
        let id = image.id();
        self.state().keep(image);
        answer.line(&json!({ "aux": { "ID": id } }))?;
        answer.line(&json!({ "stream": format!("Successfully built {}\n", &id[7..19]) }))?;
        answer.end()
    }

    fn step(
        &self,
        line: &str,
        asked: &Asked,
        progress: &mut Progress,
        answer: &mut Answer<'_>,
    ) -> Result<(), Stop> {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let exec = |text: &str| {
            serde_json::from_str::<Value>(text).unwrap_or_else(|_| json!(["/bin/sh", "-c", text]))
        };
        let config = &mut progress.config;
        match word {
            "FROM" if rest == "scratch" => {}
            "FROM" => {
                let image = self.state().image(rest).cloned().ok_or_else(|| {
                    let why = "repository does not exist or may require 'docker login': denied: requested access to the resource is denied";
                    Stop::Failed(format!("pull access denied for {rest}, {why}"))
                })?;
                progress.layers = image.layers;
            }
            "COPY" => {
                let (from, to) = rest.split_once(' ').unwrap_or((rest, "/"));
                let content = file(&asked.body, from).ok_or_else(|| {
                    let why = "file not found in build context or excluded by .dockerignore: stat";
                    Stop::Failed(format!("COPY failed: {why} {from}: file does not exist"))
                })?;
                progress.layers.push(layer(to.trim_start_matches('/'), &content));
            }
            "RUN" => self.run(rest, answer)?,
            "EXPOSE" => config["ExposedPorts"] = json!({ format!("{rest}/tcp"): {} }),
            "USER" => config["User"] = json!(rest),
            "ENTRYPOINT" => config["Entrypoint"] = exec(rest),
            "CMD" => config["Cmd"] = exec(rest),
            _ => {
                let mut test = exec(rest.trim_start_matches("CMD ")).as_array().cloned().unwrap_or_default();
                test.insert(0, json!("CMD"));
                config["Healthcheck"] = json!({ "Test": test });
            }
        }
        Ok(())
    }

    /// In a container, which is gone afterwards.
    fn run(&self, command: &str, answer: &mut Answer<'_>) -> Result<(), Stop> {
        let id = {
            let mut state = self.state();
            let id = state.next_id();
            state.containers.insert(id.clone(), Container::new("a step", Value::Null, Value::Null));
            id
        };
        let done = Self::carry_out(command, &id[..12], answer);
        self.state().containers.remove(&id);
        done
    }

    fn carry_out(command: &str, id: &str, answer: &mut Answer<'_>) -> Result<(), Stop> {
        answer.line(&json!({ "stream": format!(" ---> Running in {id}\n") }))?;
        let (word, rest) = command.split_once(' ').unwrap_or((command, ""));
        match word {
            "echo" => answer.line(&json!({ "stream": format!("{rest}\n") }))?,
            "fill" => return Err(Stop::Failed("write /x: no space left on device".to_owned())),
            "wait" => loop {
                if !answer.is_wanted() {
                    return Err(Stop::Unwanted);
                }
                thread::sleep(Duration::from_millis(5));
            },
            _ => {
                answer
                    .line(&json!({ "stream": format!("\u{1b}[91m/bin/sh: {word}: not found\n\u{1b}[0m") }))?;
                let why = format!("The command '/bin/sh -c {command}' returned a non-zero code: 127");
                return Err(Stop::Failed(why));
            }
        }
        answer.line(&json!({ "stream": format!("Removing intermediate container {id}\n") }))?;
        Ok(())
    }
}

/// A file of the context.
fn file(context: &[u8], path: &str) -> Option<Vec<u8>> {
    let mut archive = tar::Archive::new(context);
    let mut entries = archive.entries().ok()?.flatten();
    let mut entry = entries.find(|entry| entry.path().is_ok_and(|it| it.as_os_str() == path))?;
    let mut bytes = Vec::new();
    entry.read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

fn layer(path: &str, content: &[u8]) -> Vec<u8> {
    let mut layer = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_ustar();
    header.set_size(content.len() as u64);
    header.set_mode(0o755);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    layer.append_data(&mut header, path, content).unwrap();
    layer.into_inner().unwrap()
}
