//! Every answer of the router, asked without a socket.

use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, Response, header};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::*;

async fn ask(router: Router, method: Method, path: &str) -> Response<Body> {
    let request = Request::builder().method(method).uri(path).body(Body::empty()).expect("a request");
    router.oneshot(request).await.expect("a router always answers")
}

async fn get_from(health: &Arc<Health>, path: &str) -> Response<Body> {
    ask(router(health.clone()), Method::GET, path).await
}

fn healthy() -> Router {
    router(Arc::new(Health::start()))
}

fn content_type(response: &Response<Body>) -> &str {
    response.headers()[header::CONTENT_TYPE].to_str().expect("a content type in ASCII")
}

async fn body(response: Response<Body>) -> Value {
    let bytes = to_bytes(response.into_body(), MAX_BODY_BYTES).await.expect("a whole body");
    serde_json::from_slice(&bytes).expect("a body in JSON")
}

#[tokio::test]
async fn a_healthy_service_says_so_on_every_health_path() {
    let health = Arc::new(Health::start());
    for path in ["/health", "/health/live", "/health/ready"] {
        let response = get_from(&health, path).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        assert_eq!(content_type(&response), "application/json", "{path}");
        assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store", "{path}");
        let expected = json!({"status": "ok", "version": env!("CARGO_PKG_VERSION"), "uptime_seconds": 0});
        assert_eq!(body(response).await, expected, "{path}");
    }
}

#[tokio::test]
async fn a_stopping_service_is_alive_but_not_ready() {
    let health = Arc::new(Health::start());
    health.begin_stop();

    for path in ["/health", "/health/ready"] {
        let response = get_from(&health, path).await;
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE, "{path}");
        assert_eq!(content_type(&response), "application/json", "{path}");
        assert_eq!(body(response).await["status"], "stopping", "{path}");
    }
    let live = get_from(&health, "/health/live").await;
    assert_eq!(live.status(), StatusCode::OK);
    assert_eq!(body(live).await["status"], "ok");
}

#[tokio::test]
async fn an_unknown_path_is_not_found_in_json() {
    let response = ask(healthy(), Method::GET, "/nowhere").await;
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    assert_eq!(content_type(&response), "application/json");
    assert_eq!(body(response).await, json!({"error": "Not Found"}));
}

#[tokio::test]
async fn a_wrong_method_is_told_which_are_right() {
    let response = ask(healthy(), Method::POST, "/health").await;
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(response.headers()[header::ALLOW], "GET,HEAD");
    assert_eq!(body(response).await, json!({"error": "Method Not Allowed"}));
}

#[tokio::test]
async fn head_is_answered_as_get_is() {
    for path in ["/health", "/nowhere"] {
        let get = ask(healthy(), Method::GET, path).await;
        let head = ask(healthy(), Method::HEAD, path).await;
        assert_eq!(head.status(), get.status(), "{path}");
        assert_eq!(content_type(&head), content_type(&get), "{path}");
    }
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused() {
    let request = Request::get("/health")
        .header(header::CONTENT_LENGTH, MAX_BODY_BYTES + 1)
        .body(Body::empty())
        .expect("a request");
    let response = healthy().oneshot(request).await.expect("a router always answers");
    assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(content_type(&response), "application/json");
    assert_eq!(body(response).await, json!({"error": "Payload Too Large"}));
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_never_comes_is_given_up() {
    let routes = within_limits(Router::new().route("/never", get(std::future::pending::<()>)));
    let response = ask(routes, Method::GET, "/never").await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(body(response).await, json!({"error": "Service Unavailable"}));
}
