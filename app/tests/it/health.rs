//! What a healthy service answers on the wire.

use crate::service::Service;

#[test]
fn a_running_service_reports_its_health() {
    let service = Service::start(&[]);
    for path in ["/health", "/health/live", "/health/ready"] {
        let answer = service.connect().ask("GET", path);
        assert_eq!(answer.status(), "200", "{path}");
        assert_eq!(answer.header("content-type"), Some("application/json"), "{path}");
        let report = answer.json();
        assert_eq!(report["status"], "ok", "{path}");
        assert_eq!(report["version"], env!("CARGO_PKG_VERSION"), "{path}");
        assert!(report["uptime_seconds"].is_u64(), "{path}");
    }
}

#[test]
fn an_unknown_path_is_not_found_in_json() {
    let answer = Service::start(&[]).connect().ask("GET", "/nowhere");
    assert_eq!((answer.status(), answer.header("content-type")), ("404", Some("application/json")));
    assert_eq!(answer.json()["error"], "Not Found");
}

#[test]
fn head_has_the_headers_of_get_and_no_body() {
    let service = Service::start(&[]);
    for path in ["/health", "/nowhere"] {
        let get = service.connect().ask("GET", path);
        let head = service.connect().ask("HEAD", path);
        assert_eq!(head.body, "", "{path}");
        assert_eq!(head.status(), get.status(), "{path}");
        for name in ["content-type", "content-length"] {
            assert!(head.header(name).is_some(), "{path} {name}");
            assert_eq!(head.header(name), get.header(name), "{path} {name}");
        }
    }
}
