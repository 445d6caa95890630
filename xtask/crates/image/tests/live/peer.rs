//! Debian's `docker-registry`, started for one test and ended with it.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use slipway_image::registry::{Credentials, Options, Registry, Secret};
use tempfile::TempDir;

/// A user, a password with characters that the base64 alphabets differ in, and its bcrypt hash.
pub(crate) const USER: &str = "alice";
pub(crate) const PASSWORD: &str = "a~?>\u{fc}\u{20ac}:/+=";
const HASH: &str = "$2y$05$xnnUK.SUXWp7pPKp9V.pM.cMtiEu32cEl4LF/PHir2VipZFKWw3A6";

/// A running registry.
pub(crate) struct Peer {
    pub(crate) host: String,
    pub(crate) place: TempDir,
    child: Child,
}

impl Peer {
    /// One that wants a password.
    pub(crate) fn with_password() -> Self {
        Self::start("auth: {htpasswd: {realm: test, path: PLACE/htpasswd}}", "", |_| {})
    }

    /// One with these lines in its configuration. `PLACE` is its folder, which may be filled before.
    pub(crate) fn start(auth: &str, http: &str, fill: impl FnOnce(&Path)) -> Self {
        let place = tempfile::tempdir().unwrap();
        fill(place.path());
        fs::write(place.path().join("htpasswd"), format!("{USER}:{HASH}\n")).unwrap();
        // Free when it was asked for; the registry says so if somebody was faster, and the test fails.
        let host = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        let config = format!(
            "version: 0.1\nlog: {{level: error, accesslog: {{disabled: true}}}}\n\
             storage: {{filesystem: {{rootdirectory: PLACE/data}}, delete: {{enabled: true}}}}\n\
             http: {{addr: '{host}', secret: s{http}}}\n{auth}\n"
        );
        let settings = place.path().join("config.yml");
        fs::write(&settings, config.replace("PLACE", place.path().to_str().unwrap())).unwrap();
        let log = fs::File::create(place.path().join("log")).unwrap();
        let mut command = Command::new("docker-registry");
        command.arg("serve").arg(&settings).env("OTEL_TRACES_EXPORTER", "none").stdin(Stdio::null());
        let child = command.stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap();
        let mut peer = Self { host, place, child };
        peer.wait();
        peer
    }

    fn wait(&mut self) {
        let start = Instant::now();
        while TcpStream::connect(&self.host).is_err() {
            let ended = self.child.try_wait().unwrap();
            let log = fs::read_to_string(self.place.path().join("log")).unwrap_or_default();
            assert!(
                ended.is_none() && start.elapsed() < Duration::from_secs(20),
                "docker-registry: {ended:?} {log}"
            );
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// A client with the password.
    pub(crate) fn client(&self) -> Registry {
        client(&self.host, PASSWORD, Options::default())
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn client(host: &str, password: &str, options: Options) -> Registry {
    let credentials = Credentials::password(USER, Secret::new(password)).unwrap();
    Registry::new(host, credentials, options).unwrap()
}

/// Runs a program to its end, which must be good.
pub(crate) fn run(folder: &Path, program: &str, arguments: &[&str]) -> Vec<u8> {
    let output = Command::new(program).args(arguments).current_dir(folder).output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {arguments:?}: {error}");
    output.stdout
}

/// Makes a key and a certificate of its own for 127.0.0.1 in a folder: `key.pem`, `cert.pem`.
pub(crate) fn certificate(folder: &Path) {
    let arguments = "req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=slipway-test \
                     -addext subjectAltName=IP:127.0.0.1 -addext basicConstraints=critical,CA:FALSE";
    run(folder, "openssl", &arguments.split_whitespace().collect::<Vec<_>>());
}
