//! `release promote`: the same bytes under further names.

use serde_json::json;

use super::project::Project;

#[test]
fn proven_bytes_get_further_names() {
    let project = Project::new();
    let digest = project.put(&json!({ "a": "b" }), "1.2.2");
    let host = project.registry.host().to_owned();
    let by_tag = format!("{host}/team/app:1.2.2");
    project.run(&["promote", "--from", &by_tag, "--to", "prod", "--dry-run"]).exits(0).says("would be made");
    assert_eq!(project.tagged("prod"), None);
    project.run(&["promote", "--from", &by_tag, "--to", "prod", "stable"]).exits(0).says(&digest);
    for tag in ["prod", "stable"] {
        assert_eq!(project.tagged(tag).as_ref(), Some(&digest));
    }
    // A person may go back, by its digest.
    let other = format!("{host}/team/app@{}", project.digest);
    project.run(&["promote", "--from", &other, "--to", "prod"]).exits(0);
    assert_eq!(project.tagged("prod").as_ref(), Some(&project.digest));
    let missing = format!("{host}/team/app:none");
    project
        .run(&["promote", "--from", &missing, "--to", "prod"])
        .exits(2)
        .says(&format!("there is no {missing}"));
    project.run(&["promote", "--from", &by_tag, "--to", "no/tag"]).exits(2);
}
