//! How much an engine keeps of what a container writes: one that writes without end must not fill the disk of the engine.

use std::collections::HashMap;

use bollard::models::HostConfigLogConfig;

use super::super::endpoint::Answer;

/// About as much as is read of both streams.
const MOST: &str = "16m";

/// The limit, for engines that know this log. Podman takes `json-file` for a log of its own and documents no `max-file`
/// (`podman-create(1)`): it keeps its default.
pub(super) fn of(answer: &Answer) -> Option<HostConfigLogConfig> {
    let options = [("max-size", MOST), ("max-file", "1")];
    let options = options.map(|(name, value)| (name.to_owned(), value.to_owned()));
    (!answer.is_podman).then(|| HostConfigLogConfig {
        typ: Some("json-file".to_owned()),
        config: Some(HashMap::from(options)),
    })
}

#[cfg(test)]
mod tests {
    use super::super::{ContainerSpec, Owner};
    use super::*;

    /// What is sent to an engine that is Podman or not.
    fn sent(is_podman: bool) -> serde_json::Value {
        let logs = of(&Answer { is_podman, ..Answer::default() });
        let body = ContainerSpec::new("app").body(&Owner::new("run-1"), "127.0.0.1", logs);
        serde_json::to_value(body).unwrap()["HostConfig"]["LogConfig"].clone()
    }

    #[test]
    fn what_containers_write_is_limited_where_the_engine_can() {
        let limit = serde_json::json!({"Type": "json-file", "Config": {"max-size": "16m", "max-file": "1"}});
        assert_eq!(sent(false), limit);
        assert_eq!(sent(true), serde_json::Value::Null);
    }
}
