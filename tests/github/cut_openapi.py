#!/usr/bin/env python3
"""Cuts the request bodies that flsgate sends out of GitHub's own API description.

    npm pack @octokit/openapi@23.0.2 && tar xzf octokit-openapi-23.0.2.tgz
    python3 tests/github/cut_openapi.py package/generated/api.github.com.json > tests/github/openapi.json

The result is JSON Schema by "METHOD /path", with what OpenAPI 3.0 says in its own words translated. See
openapi-LICENSE for the licence of the description (MIT).
"""
import json
import sys

OPERATIONS = [
    ("post", "/repos/{owner}/{repo}/pulls/{pull_number}/reviews"),
    ("post", "/repos/{owner}/{repo}/pulls/{pull_number}/comments"),
    ("patch", "/repos/{owner}/{repo}/pulls/comments/{comment_id}"),
    ("post", "/repos/{owner}/{repo}/issues/{issue_number}/comments"),
    ("patch", "/repos/{owner}/{repo}/issues/comments/{comment_id}"),
    ("post", "/repos/{owner}/{repo}/statuses/{sha}"),
    ("post", "/repos/{owner}/{repo}/check-runs"),
    ("patch", "/repos/{owner}/{repo}/check-runs/{check_run_id}"),
]


def schema(node, inside_properties=False):
    if isinstance(node, list):
        return [schema(n) for n in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        sys.exit(f"a reference is not followed: {node['$ref']}")
    out = {}
    for key, value in node.items():
        if not inside_properties and key in ("description", "example", "examples", "nullable", "deprecated"):
            continue
        out[key] = schema(value, key == "properties" and not inside_properties)
    if not inside_properties and node.get("nullable") and "type" in node:
        out["type"] = [node["type"], "null"]
    return out


whole = json.load(open(sys.argv[1], encoding="utf-8"))
subset = {}
for method, path in OPERATIONS:
    body = whole["paths"][path][method]["requestBody"]["content"]["application/json"]["schema"]
    subset[f"{method.upper()} {path}"] = schema(body)
json.dump(subset, sys.stdout, indent=1, sort_keys=True)
print()
