/* ---- The top of the page ---- */

/* What a verdict means, in plain words. */
const SAYS = {
  check: {
    passed: "No finding is an error, and everything that decides could be read.",
    blocked: "This change gives or changes access in a way that the policy does not accept. Each error says what to do next. The change passes when no error is left.",
    waiting: "Every error needs an approval and nothing else.",
    undecided: "Something that decides could not be read, so nobody can say what access this change gives. This is not a pass. The findings below are only those of what could be judged.",
  },
  audit: {
    passed: "No access that exists is an error, and everything that decides could be read.",
    blocked: "Access exists that the policy does not accept. Each error says what to do next.",
    undecided: "Something that decides could not be read, so nobody can say what access exists. This is not a pass. The findings below are only those of what could be judged.",
  },
};
const IDLE = "There was nothing to judge, so this pass says nothing about access.";
const STATUS = { passed: 0, blocked: 1, waiting: 1, undecided: 2 };

const severityCount = (severity) => data.report.findings.filter((f) => f.severity === severity).length + (data.leftOut.findings[severity] || 0);
const isIdle = () => data.about.idle && data.report.verdict === "passed";
const COMMIT = 12;

/* What the page is evidence of, part by part. */
function aboutParts() {
  const r = data.report;
  const commit = (id) => {
    if (!id) return data.audit ? "the working tree, uncommitted" : "working tree, uncommitted";
    const el = code(id.slice(0, COMMIT));
    el.title = short(id);
    return el;
  };
  return [
    data.audit ? ["Audit of ", commit(r.revision)] : ["Base ", commit(r.base), " \u2192 head ", commit(r.head)],
    ["judged as of " + short(data.about.today)],
    ["policy: ", prose(data.about.policy, "", MAX_SHORT)],
    ["flsgate " + short(data.about.version)],
  ];
}

function aboutInto(box) {
  aboutParts().forEach((part, i) => {
    if (i) box.append(" \u00b7 ");
    box.appendChild(element("span", "fact")).append(...part);
  });
}

function heading() {
  $("title").textContent = short(data.title);
  aboutInto($("about"));
}

function verdict() {
  const r = data.report;
  $("verdict").classList.add(isIdle() ? "idle" : r.verdict);
  $("outcome").append(prose(data.headline));
  const says = $("says");
  says.append(element("p", "", isIdle() ? IDLE : SAYS[data.audit ? "audit" : "check"][r.verdict]));
  const left = views.filter((view) => leftText(view)).map((view) => view.title + ": " + leftText(view));
  if (left.length) {
    says.append(element("p", "limit", "This page has room for the most serious only: errors, and access to fields of tier 3, come first. "
      + left.join(". ") + ". The totals beside count them; the JSON report lists them all."));
  }
  figures();
  for (const text of data.lines) $("lines").append(element("p", "name", clean(cut(text))));
  readCounts();
}

/* One number with its noun; a link to what it counts. */
function figure(n, noun, params, className = "", rest = []) {
  const el = element("a", "figure " + className + (n ? "" : " zero"));
  el.href = "#" + new URLSearchParams(params);
  el.append(element("strong", "", number(n)), element("span", "", noun));
  for (const text of rest) if (text) el.append(element("small", "", text));
  return el;
}

/* All of a list by one of its values, what is not on this page counted too. */
function totals(items, of, names, left, text) {
  const counts = new Map();
  for (const item of items) counts.set(of(item), (counts.get(of(item)) || 0) + 1);
  return names.map((name) => [name, (counts.get(name) || 0) + (left[name] || 0)]).filter(([, n]) => n)
    .map(([name, n]) => text(name, n)).join(", ");
}

const tierTotals = (items, left) => totals(items, (e) => e.tier, TIERS, left, tierWeights.text);
const openTotals = (items) => totals(items, (e) => e.state, OPEN_STATES, data.leftOut.new_states,
  (state, n) => number(n) + " " + (state === "needs_approval" && n > 1 ? "need an approval" : STATE_WORDS[state]));

function figures() {
  const r = data.report;
  const box = $("figures");
  for (const severity of SEVERITIES) {
    const n = severityCount(severity);
    box.append(figure(n, n === 1 ? severity : severity + "s", { view: "findings", severity }, "s-" + severity));
  }
  const accesses = (items, left, noun, view, ...rest) => {
    const n = items.length + sum(left);
    return figure(n, noun(n), { view }, "", [tierTotals(items, left), ...rest]);
  };
  if (data.audit) {
    const accepted = r.accepted ? number(r.accepted) + " accepted by the baseline" : "";
    box.append(accesses(r.access, data.leftOut.new, (n) => n === 1 ? "access exists" : "accesses exist", "access", openTotals(r.access), accepted));
    return;
  }
  const kept = r.removed_access.filter((e) => e.kept_by_org).length + data.leftOut.removed_kept;
  box.append(accesses(r.new_access, data.leftOut.new, (n) => n === 1 ? "new access" : "new accesses", "new", openTotals(r.new_access)),
    accesses(r.removed_access, data.leftOut.removed, (n) => n === 1 ? "removed access" : "removed accesses", "removed", kept ? number(kept) + " of them kept by the org" : ""),
    figure(r.labels_changed.length, r.labels_changed.length === 1 ? "label changed" : "labels changed", { view: "labels" }));
}

/* As docs/json-output.md explains them; a count that is not here is shown as it is called. */
const READ_WORDS = {
  files: "files read", bytes: "bytes read", listed: "files listed", changed: "files changed", groups: "permission set groups",
  fields: "field definitions", labelled_fields: "fields with a label",
};
const READ_FOR_WORDS = {
  change: "read for the change", groups: "read for groups", whole_objects: "read for access to whole objects", labels: "read for labels",
  derived_fields: "read for formulas and lookups", existing_access: "read for access that already exists",
  justifications: "read for justifications",
};

function readCounts() {
  const dl = $("read");
  const add = (name, value) => dl.appendChild(element("div")).append(element("dt", "", name), element("dd", "", value));
  const called = (names, key) => Object.hasOwn(names, key) ? names[key] : kindText(key);
  add("exit status", String(STATUS[data.report.verdict]));
  const walk = (counts, names) => {
    for (const [key, value] of Object.entries(counts)) {
      if (typeof value === "number") add(called(names, key), number(value));
      else if (isThing(value)) walk(value, READ_FOR_WORDS);
    }
  };
  walk(data.report.read, READ_WORDS);
}

/* ---- What is to be said of the run itself ---- */

const sentence = (text) => text[0].toUpperCase() + text.slice(1) + (/[.!?:]$/.test(text) ? "" : ".");

function notices() {
  const { remarks, switched_off: off } = data.report;
  const said = remarks.filter(Boolean).map(sentence);
  if (off) said.push(count(off, "access needs", "accesses need") + " something and " + (off === 1 ? "is" : "are")
    + " in no finding, because the policy turns off every rule that would report " + (off === 1 ? "it." : "them."));
  if (!said.length) return;
  const box = $("notices");
  box.hidden = false;
  box.append(element("h2", "", said.length === 1 ? "Note about this run" : "Notes about this run"));
  const list = box.appendChild(element("ul"));
  for (const text of said) list.appendChild(element("li")).append(prose(text, "prose", MAX_SHORT * 3));
}

/* ---- What could not be read, and who approved ---- */

/* As many are listed at once; the others at a click, and on paper. */
const REASONS = 20;

function fillReasons(box, reasons, most = REASONS) {
  if (!box) return;
  const list = element("ul");
  for (const r of reasons.slice(0, most)) {
    const li = list.appendChild(element("li"));
    const at = r.line ? { path: r.path, line: r.line + (r.column ? ":" + r.column : "") } : { path: r.path };
    li.append(pathElement(at, null), ": ", prose(r.message, "prose", MAX_SHORT * 3));
  }
  const old = box.querySelector("ul");
  if (old) old.replaceWith(list); else box.append(list);
  const button = box.querySelector("button");
  if (button) button.remove();
  if (reasons.length <= most) return;
  const more = box.appendChild(element("button", "button", "Show all " + number(reasons.length)));
  more.type = "button";
  more.addEventListener("click", () => fillReasons(box, reasons, Infinity));
}

function troubles() {
  const { undecided, warnings, approval } = data.report;
  if (undecided.length) {
    $("undecided").hidden = false;
    $("undecided").append(element("h2", "", "Could not be judged: " + count(undecided.length, "place")),
      element("p", "", "The verdict depends on these, and they cannot be read. Mend them and run flsgate again."));
    fillReasons($("undecided"), undecided);
  }
  if (warnings.length) {
    $("warnings").hidden = false;
    $("warnings").append(element("h2", "", "Files that were not used, or not in full: " + count(warnings.length, "place")));
    fillReasons($("warnings"), warnings);
  }
  if (approval) approvalSection($("approval"), approval);
}

const APPROVAL = { given: "Approved", missing: "An approval is missing", not_read: "No approvals were read", unknown: "The approvals are not known" };

function approvalSection(box, a) {
  box.hidden = false;
  box.classList.add(a.state === "given" ? "given" : a.state === "unknown" ? "undecided" : "missing");
  box.append(element("h2", "", APPROVAL[a.state]));
  const said = [];
  if (a.state === "given") said.push(count(a.settled.length, "finding is", "findings are") + " approved.");
  else said.push(number(a.approvals.length) + " of " + count(a.needed, "approval is", "approvals are") + " there" + (a.from ? "; needed: by " + cut(a.from, MAX_SHORT) : "") + ".");
  if (a.held_by.length) said.push("No approval counts until " + a.held_by.map((login) => "`@" + short(login) + "`").join(", ") + " no longer " + (a.held_by.length === 1 ? "asks" : "ask") + " for changes.");
  if (a.commit) said.push("Reviews count for commit `" + short(a.commit.slice(0, COMMIT)) + "`.");
  if (a.reason) said.push(sentence(cut(a.reason, MAX_SHORT * 3)));
  box.appendChild(element("p")).append(prose(said.join(" ")));
  if (!a.approvals.length && !a.refused.length) return;
  const list = box.appendChild(element("ul"));
  for (const one of a.approvals) {
    const li = list.appendChild(element("li"));
    li.append(code(one.login), " approved ", code(one.commit.slice(0, 12)), ": ", prose(one.authority));
  }
  for (const one of a.refused) {
    const li = list.appendChild(element("li"));
    li.append("not counted: ", code(one.login), " ", prose(one.reason));
  }
}
