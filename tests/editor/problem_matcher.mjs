// Reads a run of `--format concise` as VS Code does with the problem matcher of docs/editor.md, and compares what it finds
// with the JSON report of the same run: each finding with file, line, column, severity, rule and message, and nothing else.
//
//     node problem_matcher.mjs docs/editor.md CONCISE JSON

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

const [page, concise, report] = process.argv.slice(2).map((path) => readFileSync(path, "utf8"));

const blocks = [...page.matchAll(/^```json\n(.*?)^```$/gms)].map(([, text]) => JSON.parse(text));
const task = blocks.flatMap((block) => block.tasks ?? []).find((one) => one.problemMatcher);
assert.equal(task.command, "flsgate", "the task runs flsgate");
assert.deepEqual(task.args.slice(0, 3), ["check", "--format", "concise"]);
const { pattern, fileLocation } = task.problemMatcher;
assert.deepEqual(fileLocation, ["relative", "${workspaceFolder}"], "paths are those of the repository");

// What VS Code makes of the text of a severity; of any other it makes an error.
const known = { error: "error", warning: "warning", note: "info" };
const found = concise.split("\n").flatMap((line) => {
  const match = new RegExp(pattern.regexp).exec(line);
  if (!match) return [];
  const [path, severity, rule, message] = ["file", "severity", "code", "message"].map((key) => match[pattern[key]]);
  const [at, column] = ["line", "column"].map((key) => Number(match[pattern[key]]));
  assert.ok(severity in known, line);
  return [{ path, line: at, column, severity: known[severity], rule, message }];
});

const { undecided, findings, warnings } = JSON.parse(report);
const reason = (one, severity, rule) => ({
  ...{ path: one.path, line: one.line ?? 1, column: one.column ?? 1, severity, rule, message: one.message },
});
const wanted = [
  ...undecided.map((one) => reason(one, "error", "undecided")),
  ...findings.map((one) => reason({ ...one.location, message: one.message }, known[one.severity], one.rule)),
  ...warnings.map((one) => reason(one, "warning", "input")),
];
assert.ok(wanted.length > 0, "there is something to find");
assert.deepEqual(found, wanted);
console.log(`problem matcher: ${found.map((one) => `${one.severity} ${one.rule}`).join(", ")}`);
