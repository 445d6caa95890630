#!/usr/bin/env python3
"""Cuts the routes in use out of GitHub's published OpenAPI description.

    npm pack @octokit/openapi@23.0.2
    tar xzf octokit-openapi-23.0.2.tgz package/generated/api.github.com.json
    python3 openapi.py package/generated/api.github.com.json > openapi.json

What stays of a route: its parameters, the schema of its body, and for each status the schema of the answer and the first
example. Descriptions go. Schemas become plain JSON Schema: `nullable` is another type, and unknown fields of requests are
refused, which the description leaves open. The description is under the MIT licence.
"""

import json
import sys

ROUTES = {
    "/app/installations/{installation_id}": ["get"],
    "/app/installations/{installation_id}/access_tokens": ["post"],
    "/user": ["get"],
    "/repos/{owner}/{repo}": ["get"],
    "/repos/{owner}/{repo}/installation": ["get"],
    "/repos/{owner}/{repo}/issues/{issue_number}/comments": ["get", "post"],
    "/repos/{owner}/{repo}/issues/comments/{comment_id}": ["get", "patch", "delete"],
    "/repos/{owner}/{repo}/issues/comments/{comment_id}/reactions": ["post"],
    "/repos/{owner}/{repo}/issues/comments/{comment_id}/reactions/{reaction_id}": ["delete"],
    "/repos/{owner}/{repo}/pulls": ["get"],
    "/repos/{owner}/{repo}/pulls/{pull_number}": ["get"],
    "/repos/{owner}/{repo}/commits/{commit_sha}/pulls": ["get"],
    "/repos/{owner}/{repo}/commits/{ref}/statuses": ["get"],
    "/repos/{owner}/{repo}/commits/{ref}/check-runs": ["get"],
    "/repos/{owner}/{repo}/statuses/{sha}": ["post"],
    "/repos/{owner}/{repo}/check-runs": ["post"],
    "/repos/{owner}/{repo}/check-runs/{check_run_id}": ["get", "patch"],
    "/repos/{owner}/{repo}/check-runs/{check_run_id}/annotations": ["get"],
    "/repos/{owner}/{repo}/code-scanning/sarifs": ["post"],
    "/repos/{owner}/{repo}/code-scanning/sarifs/{sarif_id}": ["get"],
    "/repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs": ["get"],
    "/repos/{owner}/{repo}/actions/runs/{run_id}": ["get"],
    "/repos/{owner}/{repo}/actions/runs/{run_id}/attempts/{attempt_number}/jobs": ["get"],
    "/repos/{owner}/{repo}/actions/runs/{run_id}/artifacts": ["get"],
    "/repos/{owner}/{repo}/actions/artifacts/{artifact_id}/{archive_format}": ["get"],
    "/repos/{owner}/{repo}/attestations/{subject_digest}": ["get"],
    "/repos/{owner}/{repo}/git/ref/{ref}": ["get"],
    "/repos/{owner}/{repo}/git/refs": ["post"],
    "/repos/{owner}/{repo}/git/tags": ["post"],
    "/repos/{owner}/{repo}/git/tags/{tag_sha}": ["get"],
    "/repos/{owner}/{repo}/releases": ["get", "post"],
    "/repos/{owner}/{repo}/releases/tags/{tag}": ["get"],
    "/repos/{owner}/{repo}/releases/{release_id}": ["get", "patch", "delete"],
    "/repos/{owner}/{repo}/releases/{release_id}/assets": ["get", "post"],
    "/repos/{owner}/{repo}/releases/assets/{asset_id}": ["get", "delete"],
}

KEPT = {
    "type", "properties", "required", "items", "enum", "anyOf", "oneOf", "allOf", "additionalProperties",
    "minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems", "pattern", "const",
}


def main(path):
    whole = json.load(open(path))
    schemas = {}

    def resolve(node):
        while "$ref" in node:
            target = whole
            for part in node["$ref"].removeprefix("#/").split("/"):
                target = target[part]
            node = target
        return node

    def schema(node):
        if "$ref" in node:
            name = node["$ref"].rsplit("/", 1)[1]
            if name not in schemas:
                schemas[name] = None
                schemas[name] = schema(resolve(node))
            return {"$ref": f"#/schemas/{name}"}
        kept = {}
        for key, value in node.items():
            if key not in KEPT:
                continue
            if key == "properties":
                value = {name: schema(inner) for name, inner in value.items()}
            elif key in ("anyOf", "oneOf", "allOf"):
                # A number or a string matches more than one of GitHub's alternatives now and then.
                key = "anyOf" if key == "oneOf" else key
                value = [schema(inner) for inner in value]
            elif key in ("items", "additionalProperties") and isinstance(value, dict):
                value = schema(value)
            kept[key] = value
        if node.get("nullable"):
            return {"anyOf": [{"type": "null"}, kept]}
        return kept

    def strict(node):
        if node.get("type") == "object" and "properties" in node:
            node.setdefault("additionalProperties", False)
        for inner in node.get("properties", {}).values():
            strict(inner)
        return node

    def content(node):
        media = next(iter(node.get("content", {}).values()), {})
        found = {}
        if "schema" in media:
            found["schema"] = schema(media["schema"])
        examples = list(media.get("examples", {}).values())
        if examples:
            found["example"] = resolve(examples[0]).get("value")
        return found

    routes = {}
    for path, verbs in ROUTES.items():
        for verb in verbs:
            operation = whole["paths"][path][verb]
            parameters = [resolve(one) for one in operation.get("parameters", [])]
            cut = {
                "path": {one["name"]: schema(one["schema"]) for one in parameters if one["in"] == "path"},
                "query": {one["name"]: schema(one["schema"]) for one in parameters if one["in"] == "query"},
                "answers": {code: content(resolve(one)) for code, one in operation["responses"].items()},
            }
            if "requestBody" in operation:
                body = resolve(operation["requestBody"])
                cut["body"] = strict(content(body)["schema"])
            routes[f"{verb.upper()} {path}"] = cut
    version = whole["info"]["version"]
    print(json.dumps({"source": f"npm @octokit/openapi {version}, api.github.com.json", "routes": routes, "schemas": schemas}, indent=1, sort_keys=True))


main(sys.argv[1])
