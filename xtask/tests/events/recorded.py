#!/usr/bin/env python3
"""Cuts the payloads of the npm package @octokit/webhooks-examples (MIT) down to the keys that say what happened.

    npm pack @octokit/webhooks-examples@7.6.1
    python3 recorded.py octokit-webhooks-examples-7.6.1.tgz > recorded.json

Each payload that differs from the others of its event after the cut is kept once.
"""

import json
import sys
import tarfile

VERSION = "7.6.1"
SHORT = {"repository": ["full_name", "default_branch"], "organization": ["login"], "sender": ["login"]}
SIDE = {"ref": 0, "sha": 0, "repo": ["full_name", "default_branch"]}
KEPT = {
    "push": {"ref": 0, "before": 0, "after": 0, "created": 0, "deleted": 0, "base_ref": 0},
    "pull_request": {"number": 0, "pull_request": {"head": SIDE, "base": SIDE, "merged": 0, "draft": 0}},
    "merge_group": {"merge_group": ["head_sha", "head_ref", "base_sha", "base_ref"]},
    "release": {"release": ["tag_name", "prerelease", "draft", "target_commitish"]},
    "workflow_dispatch": {"inputs": 0, "ref": 0, "workflow": 0},
    "workflow_run": {
        "workflow_run": {
            **dict.fromkeys(["id", "run_attempt", "event", "conclusion", "status", "head_branch", "head_sha"], 0),
            "head_repository": ["full_name"],
            "pull_requests": 0,
        }
    },
}


def cut(value, kept):
    """The part of a value that is kept: all of it, some keys, or some keys cut further."""
    if kept == 0 or not isinstance(value, dict):
        return value
    if isinstance(kept, list):
        kept = dict.fromkeys(kept, 0)
    return {key: cut(value[key], inner) for key, inner in kept.items() if key in value}


def main():
    with tarfile.open(sys.argv[1]) as archive:
        package = json.load(archive.extractfile("package/package.json"))
        assert package["version"] == VERSION, package["version"]
        kinds = json.load(archive.extractfile("package/api.github.com/index.json"))
    events = []
    for kind in kinds:
        kept = {"action": 0, **SHORT, **KEPT.get(kind["name"], {})}
        for example in kind["examples"]:
            event = {"event": kind["name"], "payload": cut(example, kept)}
            if event not in events:
                events.append(event)
    head = f"@octokit/webhooks-examples {VERSION} (MIT), cut by recorded.py"
    rows = ",\n".join("  " + json.dumps(event, sort_keys=True, ensure_ascii=False) for event in events)
    print(json.dumps({"source": head})[:-1] + ', "events": [\n' + rows + "\n]}")


main()
