//! Networks and volumes.

use std::io;

use serde_json::{Value, json};

use super::http::{Answer, Asked};
use super::{Shared, State};

impl Shared {
    pub(super) fn networks(&self, rest: &str, asked: &Asked, answer: &mut Answer<'_>) -> io::Result<()> {
        let mut state = self.state();
        match (asked.method.as_str(), rest) {
            ("GET", "") => {
                let all = state.networks.iter().filter(|(_, (_, labels))| is_wanted(asked, labels));
                let all = all.map(|(id, (name, labels))| json!({ "Id": id, "Name": name, "Labels": labels }));
                let all: Value = all.collect();
                answer.json(200, &all)
            }
            ("POST", "create") => {
                let body = asked.json();
                let name = body["Name"].as_str().unwrap_or_default();
                if name.is_empty() {
                    return answer.refuse(400, "invalid reference format");
                }
                if state.networks.values().any(|(taken, _)| taken == name) {
                    return answer.refuse(409, &format!("network with name {name} already exists"));
                }
                let id = state.next_id();
                state.networks.insert(id.clone(), (name.to_owned(), body["Labels"].clone()));
                answer.json(201, &json!({ "Id": id, "Warning": "" }))
            }
            ("DELETE", id) => {
                let Some((name, _)) = state.networks.get(id).cloned() else {
                    return answer.refuse(404, &format!("network {id} not found"));
                };
                if is_used(&state, &name) {
                    return answer.refuse(
                        403,
                        &format!("error while removing network: network {name} has active endpoints"),
                    );
                }
                state.networks.remove(id);
                answer.empty(204)
            }
            _ => answer.refuse(404, "page not found"),
        }
    }

    pub(super) fn volumes(&self, rest: &str, asked: &Asked, answer: &mut Answer<'_>) -> io::Result<()> {
        let mut state = self.state();
        match (asked.method.as_str(), rest) {
            ("GET", "") => {
                let all = state.volumes.iter().filter(|(_, labels)| is_wanted(asked, labels));
                let one = |(name, labels): (&String, &Value)| {
                    json!({
                        "Name": name,
                        "Driver": "local",
                        "Mountpoint": format!("/var/lib/docker/volumes/{name}/_data"),
                        "Labels": labels,
                        "Scope": "local",
                        "Options": null,
                    })
                };
                let all: Value = all.map(one).collect();
                answer.json(200, &json!({ "Volumes": all, "Warnings": null }))
            }
            ("DELETE", name) if state.volumes.remove(name).is_some() => answer.empty(204),
            ("DELETE", name) => answer.refuse(404, &format!("get {name}: no such volume")),
            _ => answer.refuse(404, "page not found"),
        }
    }
}

fn is_used(state: &State, network: &str) -> bool {
    state.containers.values().any(|it| it.body["HostConfig"]["NetworkMode"] == network)
}

/// Whether something with these labels belongs into a list: `filters={"label":["name"]}`.
pub(super) fn is_wanted(asked: &Asked, labels: &Value) -> bool {
    let filters: Value = serde_json::from_str(asked.query("filters")).unwrap_or_default();
    let wanted = filters["label"].as_array().cloned().unwrap_or_default();
    wanted.iter().filter_map(Value::as_str).all(|label| labels.get(label).is_some())
}
