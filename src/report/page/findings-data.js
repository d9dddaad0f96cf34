/*
 The data (content of the element with the id `data`):

   title     heading of the page
   report    what `check` or `audit` write as JSON, version 1: docs/json-output.md. The form of an audit
             has `access`, the other one `new_access` and `removed_access`
   headline  the verdict in one line
   about     { today: the day for which it was judged, policy: which one, version: of flsgate,
             idle: there was nothing to judge, so a pass proves nothing }
   lines     closing lines, as the terminal prints them
   excerpts  for each finding, in order: { first_line, lines } around its location, or null
   next      for each finding, in order: { text, paste }: what to do, and what to write (or null)
   rules     by rule id: { summary, controls }
   left_out  what the page has no room for: { findings: by severity, new: by tier (or what exists),
             new_states: the same by state, removed: by tier, removed_kept: how many of them the org keeps;
             new_tables and removed_tables: { state, user_type, holder, object, through: by value of the filter, by tier } }
   blob      https://HOST/OWNER/NAME/blob/COMMIT, or null: where places of the head can be looked at

 Whatever does not fit this shape is refused as a whole: a report with holes would be believed. New rules,
 kinds and keys fit.
*/

const SEVERITIES = ["error", "warning", "note"];
const TIERS = ["restricted", "conditional", "open"];
const TIER_WORDS = { restricted: "tier 3", conditional: "tier 2", open: "tier 1" };
/* Where an access stands, worst first; the first three block. */
const STATE_WORDS = {
  not_allowed: "not allowed", unjustified: "unjustified", needs_approval: "waiting for an approval", accepted: "accepted by the baseline",
  approved: "justified and approved", justified: "justified", allowed: "allowed",
};
const STATES = Object.keys(STATE_WORDS);
const OPEN_STATES = STATES.slice(0, 3);
/* Most exposed first. */
const USER_TYPES = ["guest", "external", "agent", "integration", "internal"];
const ACCESSES = ["edit", "read"];
const VERDICTS = ["passed", "blocked", "waiting", "undecided"];
const APPROVAL_STATES = ["given", "missing", "not_read", "unknown"];
/* More of one text than this is never laid out; in lists less. */
const MAX_TEXT = 8000;
const MAX_SHORT = 400;

let data;

/* ---- Reading it ---- */

const isText = (v) => typeof v === "string";
const isThing = (v) => typeof v === "object" && v !== null && !Array.isArray(v);
const isCount = (v) => Number.isInteger(v) && v >= 0;
const isLine = (v) => Number.isInteger(v) && v > 0;
const orNull = (v, test) => v === null || v === undefined || test(v);
const isList = (v, test) => Array.isArray(v) && v.every(test);
const isTexts = (v) => isList(v, isText);
const isPoint = (v) => isThing(v) && isText(v.path) && isLine(v.line);
const isLocation = (v) => isPoint(v) && isLine(v.column) && isLine(v.end_line) && isLine(v.end_column);
const HOLDERS = { permission_set: "permission_set", group: "permission_set_group", profile: "profile" };
const isStateOrNull = (v) => orNull(v, (s) => STATES.includes(s));
const isLabel = (v) => isThing(v) && orNull(v.classification, isText) && isTexts(v.compliance_groups) && orNull(v.source, isPoint);
const isStep = (v) => isPoint(v) && isText(v.kind);
const isRelated = (v) => isThing(v) && isText(v.message) && isLocation(v.location);
const isReason = (v) => isThing(v) && isText(v.path) && isText(v.message) && orNull(v.line, isLine) && orNull(v.column, isLine);
const isSide = (v) => isThing(v) && orNull(v.classification, isText) && isTexts(v.compliance_groups) && TIERS.includes(v.tier);
const isFingerprint = (v) => isText(v) && /^[0-9a-f]{32}$/.test(v);
const isFlag = (v) => typeof v === "boolean";

function must(ok, what) {
  if (!ok) throw new Unfit(what);
}

/* Names the first part that does not fit. */
function each(list, name, parts) {
  must(Array.isArray(list), name + " is not a list");
  list.forEach((item, i) => {
    must(isThing(item), name + "[" + i + "] is not an object");
    for (const part in parts) {
      if (!parts[part](item[part])) throw new Unfit(name + "[" + i + "]." + part + " is malformed");
    }
  });
}

const HOLDER = Object.fromEntries(Object.keys(HOLDERS).map((key) => [key, (v) => orNull(v, isText)]));
const FINDING = {
  rule: isText, severity: (v) => SEVERITIES.includes(v), message: isText, help: isText, fingerprint: isFingerprint,
  ...HOLDER, user_type: (v) => orNull(v, (t) => USER_TYPES.includes(t)), field: (v) => orNull(v, isText),
  access: (v) => orNull(v, (a) => ACCESSES.includes(a)),
  tier: (v) => orNull(v, (t) => TIERS.includes(t)), label: (v) => orNull(v, isLabel), through: (v) => isList(v, isStep),
  location: isLocation, related: (v) => isList(v, isRelated), notes: isTexts, approvable: isFlag,
  justification: (v) => orNull(v, isLocation),
};
const ACCESS = {
  ...HOLDER, user_type: (v) => USER_TYPES.includes(v), field: isText, access: (v) => ACCESSES.includes(v),
  tier: (v) => TIERS.includes(v), classification: (v) => orNull(v, isText), compliance_groups: isTexts,
  label: (v) => orNull(v, isPoint), known: isFlag, state: isStateOrNull, kept_by_org: isFlag,
  through: (v) => isList(v, isStep), path: isText, line: isLine, justification: (v) => orNull(v, isPoint),
};
const RELABELLED = {
  field: isText, before: (v) => orNull(v, isSide), after: (v) => orNull(v, isSide), location: (v) => orNull(v, isLocation),
};
const isCounts = (v, names) => isThing(v) && Object.entries(v).every(([name, n]) => names.includes(name) && isCount(n));
const isTables = (v) => isThing(v) && Object.values(v).every((rows) => isThing(rows) && Object.values(rows).every((n) => isCounts(n, TIERS)));
const isLeftOut = (v) => isThing(v) && isCounts(v.findings, SEVERITIES) && isCounts(v.new, TIERS)
  && isCounts(v.new_states, STATES) && isCounts(v.removed, TIERS) && isCount(v.removed_kept) && isTables(v.new_tables) && isTables(v.removed_tables);
const isAbout = (v) => isThing(v) && isText(v.today) && isText(v.policy) && isText(v.version) && isFlag(v.idle);
const isNext = (v) => isThing(v) && isText(v.text) && orNull(v.paste, isText);
const EXCERPT = (v) => isThing(v) && isLine(v.first_line) && isTexts(v.lines);

function read(text) {
  let found;
  try { found = JSON.parse(text); } catch (e) { throw new Unfit("it is not JSON: " + e.message); }
  must(isThing(found), "it is not an object");
  const report = found.report;
  must(isThing(report), "it has no report");
  must(report.version === 1, "its version is " + clean(report.version) + "; this page reads version 1");
  must(isText(found.title), "title is not text");
  must(isText(found.headline), "headline is not text");
  must(isAbout(found.about), "about is malformed");
  must(isTexts(found.lines), "lines is not a list of texts");
  must(orNull(found.blob, isText), "blob is not text");
  must(isThing(found.rules), "rules is not an object");
  must(isLeftOut(found.left_out), "left_out is malformed");
  const rules = new Map(Object.entries(found.rules));
  for (const rule of rules.values()) must(isThing(rule) && isText(rule.summary) && isTexts(rule.controls), "rules is malformed");
  readReport(report);
  must(Array.isArray(found.excerpts) && found.excerpts.length === report.findings.length
    && found.excerpts.every((v) => orNull(v, EXCERPT)), "excerpts do not fit the findings");
  must(isList(found.next, isNext) && found.next.length === report.findings.length, "next does not fit the findings");
  return { title: found.title, headline: found.headline, about: found.about, lines: found.lines, excerpts: found.excerpts,
    next: found.next, blob: found.blob || null, leftOut: found.left_out, rules, report, audit: "access" in report };
}

function readReport(report) {
  must(VERDICTS.includes(report.verdict), "its verdict is " + clean(report.verdict) + "; it can be " + VERDICTS.join(", "));
  each(report.findings, "findings", FINDING);
  report.findings.forEach(nameHolder);
  if ("access" in report) {
    must(orNull(report.revision, isText), "revision is not text");
    must(isCount(report.accepted), "accepted is not a number");
    each(report.access, "access", ACCESS);
    report.access.forEach(asShown);
  } else {
    must(isText(report.base) && orNull(report.head, isText), "base or head is not text");
    each(report.new_access, "new_access", ACCESS);
    each(report.removed_access, "removed_access", ACCESS);
    report.new_access.forEach(asShown);
    report.removed_access.forEach((row) => { asShown(row); row.location.on_base = true; });
    each(report.labels_changed, "labels_changed", RELABELLED);
    must(orNull(report.approval, isApproval), "approval is malformed");
  }
  must(isList(report.undecided, isReason), "undecided is malformed");
  must(isList(report.warnings, isReason), "warnings is malformed");
  must(isTexts(report.remarks) && isCount(report.switched_off), "remarks or switched_off is malformed");
  must(isThing(report.read), "read is not an object");
  /* A page that calls this passed would be believed. */
  const errors = report.findings.some((f) => f.severity === "error");
  must(report.verdict !== "passed" || !(errors || report.undecided.length), "its verdict is passed, and what it holds is not");
}

/* The permission set, group or profile that a row is about. */
function nameHolder(row) {
  const key = Object.keys(HOLDERS).find((name) => isText(row[name]));
  row.holder = key ? { kind: HOLDERS[key], name: row[key], userType: row.user_type } : null;
}

/* A row of access as the views show it: its label, and the line that gives it as a place. */
function asShown(row) {
  nameHolder(row);
  must(row.holder, "a row of access names no permission set, group or profile");
  row.label = { classification: row.classification, compliance_groups: row.compliance_groups, source: row.label };
  row.location = placeOf(row);
  row.justification = row.justification && placeOf(row.justification);
}

const placeOf = (at) => ({ path: at.path, line: at.line, column: 1, end_line: at.line, end_column: 1, on_base: false });

const isApproval = (v) => isThing(v) && APPROVAL_STATES.includes(v.state) && isCount(v.needed) && isText(v.from)
  && orNull(v.commit, isText) && orNull(v.reason, isText) && isTexts(v.settled)
  && isTexts(v.held_by) && isList(v.approvals, (a) => isThing(a) && isText(a.login) && isText(a.commit) && isText(a.authority))
  && isList(v.refused, (r) => isThing(r) && isText(r.login) && isText(r.reason));

/* ---- Where places can be looked at ---- */

function addressOf(blob, at) {
  if (at.on_base && blob === data.blob) return data.baseBlob ? addressOf(data.baseBlob, at) : null;
  return lineAddress(blob, at);
}

/* Where places of the base can be looked at: beside those of the head, if that is what `blob` names. */
function baseBlob() {
  const { head, base } = data.report;
  if (!data.blob || !head || !base || !data.blob.endsWith("/" + head) || !/^[0-9a-f]+$/.test(base)) return null;
  return data.blob.slice(0, -head.length) + base;
}

function blobs() {
  data.blob = data.blob && safeBlob(data.blob);
  data.baseBlob = baseBlob();
}

/* ---- Text ---- */

function cut(text, most = MAX_TEXT) {
  if (text.length <= most) return text;
  return text.slice(0, most) + "\u2026 (" + number(text.length - most) + " more characters)";
}

/* What stands between backticks is a name. */
function prose(text, className = "prose", most = MAX_TEXT) {
  const box = element("span", className);
  const parts = cut(text, most).split("`");
  parts.forEach((part, i) => {
    if (i % 2 === 0) box.append(clean(part));
    else if (i === parts.length - 1) box.append("`" + clean(part));
    else box.append(part === "" ? "``" : code(part));
  });
  return box;
}

function code(text) {
  const el = element("code", "name", clean(cut(text)));
  el.dir = "auto";
  return el;
}

/* A name of a thing, or what else stands in one line. */
const short = (text) => clean(cut(text, MAX_SHORT));
const labelText = (label) => short([label.classification, label.compliance_groups.join(", ")].filter(Boolean).join(" \u00b7 ") || "none");
const kindText = (kind) => short(kind.replace(/_/g, " "));
const holderText = (g) => kindText(g.kind) + " " + short(g.name);
const throughKey = (steps) => steps.map((s) => s.kind).join(">");
/* As docs/words.md has them; a kind that is not here is shown as it is called. */
const THROUGH_WORDS = {
  permission_set_group: "group member", field_permissions: "field permission", object_permissions: "object access",
  view_all_fields: "View All Fields", record_access: "View or Modify All Records", system_permission: "system permission",
};
const stepText = (kind) => Object.hasOwn(THROUGH_WORDS, kind) ? THROUGH_WORDS[kind] : kindText(kind);
const throughText = (key) => short(key.split(">").map(stepText).join(" \u2192 "));
const tierText = (tier) => TIER_WORDS[tier] + " (" + tier + ")";
const stateText = (state) => state ? STATE_WORDS[state] : "";
const fileOf = (path) => path.slice(path.lastIndexOf("/") + 1);
const objectOf = (field) => field.split(".", 1)[0];
/* Names compare without regard to case, as everywhere. */
const holderKey = (g) => fold(g.kind + ":" + g.name);
