/* ---- The top of the page ---- */

/* What a verdict means, in plain words. */
const SAYS = {
  check: {
    passed: "Nothing in this change blocks it: no finding is an error, and all that decides could be read.",
    blocked: "This change opens or alters access that the policy does not allow as it stands. Each error names the next step; all must be settled before it lands.",
    waiting: "Every error waits for an approval, and for nothing else. A review by one of the approvers that the policy names settles them.",
    undecided: "Something that decides could not be read, so nobody can say what this change opens. This is not a pass. What is found below is only what could be judged.",
  },
  audit: {
    passed: "Nothing that stands is an error, and all that decides could be read.",
    blocked: "Access stands that the policy does not allow. Each error names the next step.",
    undecided: "Something that decides could not be read, so nobody can say what stands. This is not a pass. What is found below is only what could be judged.",
  },
};
const STATUS = { passed: 0, blocked: 1, waiting: 1, undecided: 2 };

const severityCount = (severity) => data.report.findings.filter((f) => f.severity === severity).length + (data.leftOut.findings[severity] || 0);
const sum = (counts) => Object.values(counts).reduce((a, b) => a + b, 0);

function aboutText() {
  const r = data.report;
  const commit = (id) => id ? short(id) : "working tree";
  return data.audit ? "Audit of " + commit(r.revision) : "Base " + short(r.base) + " \u2192 head " + commit(r.head);
}

function heading() {
  const r = data.report;
  const commit = (id) => id ? code(id) : "working tree";
  $("title").textContent = short(data.title);
  if (data.audit) $("about").append("Audit of ", commit(r.revision));
  else $("about").append("Base ", commit(r.base), " \u2192 head ", commit(r.head));
}

function verdict() {
  const r = data.report;
  const section = $("verdict");
  section.classList.add(r.verdict);
  $("outcome").textContent = r.verdict[0].toUpperCase() + r.verdict.slice(1);
  $("says").append(element("p", "", SAYS[data.audit ? "audit" : "check"][r.verdict]));
  const settleable = r.findings.filter((f) => f.severity === "error" && f.approvable).length;
  if (settleable) {
    const errors = severityCount("error");
    $("says").append(element("p", "", "An approval by an authorised person would settle "
      + (settleable === errors ? (errors === 1 ? "it" : "all " + count(errors, "error")) : number(settleable) + " of " + count(errors, "error")) + "."));
  }
  const { findings, opened, closed } = data.leftOut;
  const lacking = [[sum(findings), "finding"], [sum(opened) + sum(closed), "exposure"]].filter(([n]) => n).map(([n, one]) => count(n, one));
  if (lacking.length) {
    $("says").append(element("p", "note", "This page has no room for " + lacking.join(" and ")
      + ": errors and restricted fields come first. The figures count them; --format json has all of them."));
  }
  figures();
  for (const text of data.lines) $("lines").append(element("p", "name", clean(cut(text))));
  readCounts();
}

/* One number with its noun; a link to what it counts. */
function figure(n, noun, params, className = "", rest = "") {
  const el = element("a", "figure " + className + (n ? "" : " zero"));
  el.href = "#" + new URLSearchParams(params);
  el.append(element("strong", "", number(n)), element("span", "", noun));
  if (rest) el.append(element("small", "", rest));
  return el;
}

const tierCounts = (items, left) => TIERS.map((t) => [t, items.filter((e) => e.tier === t).length + (left[t] || 0)]).filter(([, n]) => n)
  .map(([t, n]) => number(n) + " " + t).join(", ");

function figures() {
  const r = data.report;
  const box = $("figures");
  for (const severity of SEVERITIES) {
    const n = severityCount(severity);
    box.append(figure(n, n === 1 ? severity : severity + "s", { view: "findings", severity }, "s-" + severity));
  }
  const { opened, closed } = data.leftOut;
  const exposures = (items, left, said, view, rest = "") => {
    const n = items.length + sum(left);
    return figure(n, (n === 1 ? "exposure " : "exposures ") + said(n), { view }, "", tierCounts(items, left) + rest);
  };
  if (data.audit) {
    const accepted = r.accepted ? "; the baseline accepts " + number(r.accepted) : "";
    box.append(exposures(r.access, opened, (n) => n === 1 ? "stands" : "stand", "exposures", accepted));
    return;
  }
  box.append(exposures(r.new_access, opened, () => "opened", "opened"), exposures(r.removed_access, closed, () => "closed", "closed"),
    figure(r.labels_changed.length, r.labels_changed.length === 1 ? "label changed" : "labels changed", { view: "labels" }));
}

function readCounts() {
  const dl = $("read");
  const add = (name, value) => dl.appendChild(element("div")).append(element("dt", "", name), element("dd", "", value));
  add("Exit status", String(STATUS[data.report.verdict]));
  const walk = (counts, prefix) => {
    for (const [key, value] of Object.entries(counts)) {
      if (typeof value === "number") add(prefix + kindText(key), number(value));
      else if (isThing(value)) walk(value, kindText(key) + " ");
    }
  };
  walk(data.report.read, "");
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
      element("p", "", "These decide, and cannot be read. The verdict holds only once they can."));
    fillReasons($("undecided"), undecided);
  }
  if (warnings.length) {
    $("warnings").hidden = false;
    $("warnings").append(element("h2", "", "Could not be read, and decides nothing here: " + count(warnings.length, "place")));
    fillReasons($("warnings"), warnings);
  }
  if (approval) approvalSection($("approval"), approval);
}

const APPROVAL = { given: "Approval: given", missing: "Approval: missing", not_read: "Approval: not read", unknown: "Approval: not known" };

function approvalSection(box, a) {
  box.hidden = false;
  box.classList.add(a.state === "given" ? "given" : a.state === "unknown" ? "undecided" : "missing");
  box.append(element("h2", "", APPROVAL[a.state]));
  const said = [];
  if (a.state === "given") said.push("It settles " + count(a.settled.length, "finding") + ".");
  else said.push(number(a.approvals.length) + " of " + number(a.needed) + " given; it counts from " + cut(a.from, MAX_SHORT) + ".");
  if (a.commit) said.push("The commit that must have been reviewed: " + cut(a.commit, MAX_SHORT) + ".");
  if (a.reason) said.push(cut(a.reason, MAX_SHORT * 3));
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
