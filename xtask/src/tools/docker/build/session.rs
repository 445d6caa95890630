//! What BuildKit asks of us during a build: files, secrets, credentials, and whether we are still there.

use std::collections::BTreeMap;

use bollard::health::health_server::{Health, HealthServer};
use bollard::health::{
    HealthCheckRequest, HealthCheckResponse, HealthListRequest, HealthListResponse,
    health_check_response::ServingStatus,
};
use bollard::moby::buildkit::secrets::v1::secrets_server::{Secrets, SecretsServer};
use bollard::moby::buildkit::secrets::v1::{GetSecretRequest, GetSecretResponse};
use bollard::moby::filesync::packet::file_sync_server::FileSyncServer;
use bollard::moby::filesync::v1::auth_server::{Auth, AuthServer};
use bollard::moby::filesync::v1::{
    CredentialsRequest, CredentialsResponse, FetchTokenRequest, FetchTokenResponse, GetTokenAuthorityRequest,
    GetTokenAuthorityResponse, VerifyTokenAuthorityRequest, VerifyTokenAuthorityResponse,
};
use futures_util::stream;
use tonic::{Request, Response, Status, async_trait};

use super::files::Files;
use super::transport::{NoWire, Wire};
use crate::kit::secret::Secret;
use crate::tools::docker::endpoint::Endpoint;
use crate::tools::docker::transfer::Credentials;

/// The methods that we answer, as BuildKit wants to know in advance.
const METHODS: [&str; 4] = [
    "/grpc.health.v1.Health/Check",
    "/moby.filesync.v1.FileSync/DiffCopy",
    "/moby.filesync.v1.Auth/Credentials",
    "/moby.buildkit.secrets.v1.Secrets/GetSecret",
];

/// HTTP/2 here closes a connection on which many tiny messages wait, such as the wishes for thousands of files on a busy
/// machine, when they take more than half of this.
pub(super) const WINDOW: u32 = 64 << 20;

/// What a build may ask for.
pub(super) struct Session {
    /// Unique among all builds.
    pub(super) id: String,
    /// The same for builds that send the same folder: of that, only changes are sent.
    pub(super) shared_key: String,
    pub(super) files: Files,
    pub(super) secrets: BTreeMap<String, Secret>,
    pub(super) credentials: BTreeMap<String, Credentials>,
}

impl Session {
    /// Opens the session, and answers for as long as the runtime lives.
    pub(super) async fn open(self, endpoint: &Endpoint) -> Result<(), NoWire> {
        let mut headers = vec![
            ("X-Docker-Expose-Session-Uuid", self.id.clone()),
            ("X-Docker-Expose-Session-Name", "slipway".to_owned()),
            ("X-Docker-Expose-Session-Sharedkey", self.shared_key.clone()),
        ];
        headers.extend(METHODS.map(|method| ("X-Docker-Expose-Session-Grpc-Method", method.to_owned())));
        let wire = Wire::open(endpoint, "/session", &headers).await?;
        let server = tonic::transport::Server::builder()
            .initial_connection_window_size(WINDOW)
            .add_service(HealthServer::new(Alive))
            .add_service(FileSyncServer::new(self.files))
            .add_service(AuthServer::new(Registries(self.credentials)))
            .add_service(SecretsServer::new(Kept(self.secrets)));
        // The one connection comes, and none after it; without the wait the server would end at once.
        let incoming = stream::unfold(Some(wire), |wire| async {
            match wire {
                Some(wire) => Some((Ok::<_, std::io::Error>(wire), None)),
                None => std::future::pending().await,
            }
        });
        tokio::spawn(server.serve_with_incoming(incoming));
        Ok(())
    }
}

struct Alive;

#[async_trait]
impl Health for Alive {
    type WatchStream = stream::Empty<Result<HealthCheckResponse, Status>>;

    async fn check(
        &self,
        _asked: Request<HealthCheckRequest>,
    ) -> Result<Response<HealthCheckResponse>, Status> {
        Ok(Response::new(HealthCheckResponse { status: ServingStatus::Serving.into() }))
    }

    async fn list(&self, _asked: Request<HealthListRequest>) -> Result<Response<HealthListResponse>, Status> {
        Err(Status::unimplemented("health of one service at a time"))
    }

    async fn watch(
        &self,
        _asked: Request<HealthCheckRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        Err(Status::unimplemented("health of one moment at a time"))
    }
}

struct Kept(BTreeMap<String, Secret>);

#[async_trait]
impl Secrets for Kept {
    async fn get_secret(
        &self,
        asked: Request<GetSecretRequest>,
    ) -> Result<Response<GetSecretResponse>, Status> {
        let id = &asked.get_ref().id;
        let secret = self
            .0
            .get(id)
            .ok_or_else(|| Status::not_found(format!("the build was given no secret `{id}`")))?;
        Ok(Response::new(GetSecretResponse { data: secret.expose().as_bytes().to_vec() }))
    }
}

struct Registries(BTreeMap<String, Credentials>);

#[async_trait]
impl Auth for Registries {
    async fn credentials(
        &self,
        asked: Request<CredentialsRequest>,
    ) -> Result<Response<CredentialsResponse>, Status> {
        let host = match asked.get_ref().host.as_str() {
            "registry-1.docker.io" | "index.docker.io" | "https://index.docker.io/v1/" => "docker.io",
            host => host,
        };
        let (username, secret) = match self.0.get(host) {
            Some(Credentials::Password { user, password }) => (user.clone(), password.expose().to_owned()),
            Some(Credentials::Identity(token)) => (String::new(), token.expose().to_owned()),
            // Nobody in particular: many images are public.
            None => (String::new(), String::new()),
        };
        Ok(Response::new(CredentialsResponse { username, secret }))
    }

    async fn fetch_token(
        &self,
        _asked: Request<FetchTokenRequest>,
    ) -> Result<Response<FetchTokenResponse>, Status> {
        Err(Status::unimplemented("BuildKit fetches tokens itself, with the credentials"))
    }

    async fn get_token_authority(
        &self,
        _asked: Request<GetTokenAuthorityRequest>,
    ) -> Result<Response<GetTokenAuthorityResponse>, Status> {
        Err(Status::unimplemented("BuildKit fetches tokens itself, with the credentials"))
    }

    async fn verify_token_authority(
        &self,
        _asked: Request<VerifyTokenAuthorityRequest>,
    ) -> Result<Response<VerifyTokenAuthorityResponse>, Status> {
        Err(Status::unimplemented("BuildKit fetches tokens itself, with the credentials"))
    }
}
