//! The one check that a pull request needs: it always runs, its name stays, and it knows how all others ended.

use super::super::tree::{Findings, Tree};
use super::{Job, Workflow};

/// It may run on fewer events than the workflow: the gate cannot wait for it everywhere.
fn is_conditional(job: &Job<'_>) -> bool {
    !job.yaml["if"].is_null()
}

pub(super) fn gate(_: &Tree, workflows: &[Workflow<'_>]) -> Findings {
    let Some(ci) = workflows.iter().find(|workflow| workflow.is_named("ci.yml")) else {
        return vec!["there is no ci.yml".to_owned()];
    };
    let Some(gate) = ci.jobs().find(|job| job.id == "gate") else {
        return vec![ci.says("there is no job gate")];
    };
    let mut findings = Findings::new();
    if gate.yaml["if"].as_str() != Some("always()") {
        findings.push(gate.says("it does not always run, and a skipped check counts as passed"));
    }
    if !gate.yaml["strategy"].is_null() || gate.yaml["name"].as_str().is_some_and(|name| name != "gate") {
        findings.push(gate.says("its name may be another one than `gate`"));
    }
    let needs = match &gate.yaml["needs"] {
        serde_json::Value::String(one) => vec![one.as_str()],
        more => more.as_array().into_iter().flatten().filter_map(|need| need.as_str()).collect(),
    };
    let others = ci.jobs().filter(|job| job.id != "gate" && !is_conditional(job));
    let missing = others.filter(|job| !needs.contains(&job.id));
    findings.extend(missing.map(|job| gate.says(&format!("it does not wait for {}", job.id))));
    let skipped = ci.jobs().filter(|job| needs.contains(&job.id) && is_conditional(job));
    findings.extend(skipped.map(|job| gate.says(&format!("{} is skipped on some events", job.id))));
    let status =
        gate.steps().find(|step| step.run().is_some_and(|run| run.starts_with("cargo xtask status")));
    let is_told = |step: &super::Step<'_>| {
        step.yaml["env"]["SLIPWAY_NEEDS"].as_str() == Some("${{ toJSON(needs) }}")
            && step.yaml["if"].is_null()
    };
    if !status.as_ref().is_some_and(is_told) {
        findings.push(gate.says("its verdict does not know how the other jobs ended"));
    }
    let optional =
        gate.steps().filter(|step| step.run().is_some() && !step.yaml["continue-on-error"].is_null());
    findings.extend(optional.map(|step| step.says("its failure is passed over")));
    findings
}

#[cfg(test)]
mod tests {
    use super::super::finds;
    use super::*;

    #[test]
    fn a_gate_that_lets_things_through_is_found() {
        let finds = |from, to, expected| finds(gate, "ci.yml", from, to, &[expected]);
        finds("  gate:\n", "  door:\n", "there is no job gate");
        finds("    if: always()\n    runs-on", "    runs-on", "does not always run");
        let needs = "    needs: test\n    if: always()";
        finds(needs, "    needs: []\n    if: always()", "wait for test");
        finds(needs, "    needs: [test, attest]\n    if: always()", "attest is skipped");
        finds(needs, "    name: the gate\n    needs: test\n    if: always()", "its name");
        finds("SLIPWAY_NEEDS", "SLIPWAY_OTHERS", "does not know how");
        let status = "- continue-on-error: true\n        run: cargo xtask status";
        finds("- run: cargo xtask status", status, "passed over");
    }
}
