/* ---- One item, as far as it is known: for the pane, the drawer and paper ---- */

/* A line longer than this is cut around what is marked in it. */
const MAX_LINE = 600;
/* Places of one finding that are listed at once. */
const MAX_PLACES = 200;

/* Set while paper is written: nobody follows a link on it, and thousands of them take minutes to print. */
let onPaper = false;

/* ---- Places ---- */

/* A path as text, its file first to the eye; a link where places can be looked at. */
function pathElement(at, blob = data.blob) {
  const el = element("code", "path name");
  const file = fileOf(at.path);
  const folder = el.appendChild(element("span", "folder"));
  for (const part of cut(at.path.slice(0, at.path.length - file.length), MAX_SHORT).split(/(?<=\/)/)) folder.append(clean(part), element("wbr"));
  el.append(element("span", "name", short(file)), at.line ? ":" + at.line : "");
  const href = blob && !onPaper && addressOf(blob, at);
  return href ? outside(href, el) : el;
}

/* ---- Source ---- */

/* Hidden characters are written out, and told apart from the same letters in the source. */
function sourceText(box, text) {
  let from = 0;
  for (const found of text.matchAll(HIDDEN)) {
    if (found[0] === "\t") continue;
    if (found.index > from) box.append(text.slice(from, found.index));
    box.append(element("span", "ctl", clean(found[0])));
    from = found.index + found[0].length;
  }
  if (from < text.length) box.append(text.slice(from));
}

/* Columns count characters from 1; the end is exclusive. Nothing where the line has no part of the span. */
function spanIn(location, line, length) {
  if (line < location.line || line > location.end_line) return null;
  const from = line === location.line ? Math.min(location.column - 1, length) : 0;
  const to = line === location.end_line ? Math.min(location.end_column - 1, length) : length;
  return to > from ? [from, to] : null;
}

function sourceLine(text, line, location) {
  const chars = Array.from(text.replace(/\r$/, ""));
  /* A byte order mark has no column. */
  if (line === 1 && chars[0] === "\ufeff") chars.shift();
  const span = spanIn(location, line, chars.length);
  const here = line >= location.line && line <= Math.max(location.line, location.end_line - (location.end_column === 1 ? 1 : 0));
  const el = element("div", here ? "here" : "");
  el.append(element("span", "no", String(line)));
  const box = el.appendChild(element("span", "text"));
  const first = chars.length > MAX_LINE && span ? Math.max(0, span[0] - 120) : 0;
  const last = Math.min(chars.length, first + MAX_LINE);
  const put = (parent, from, to) => sourceText(parent, chars.slice(Math.max(from, first), Math.max(first, Math.min(to, last))).join(""));
  if (first > 0) box.append(element("span", "gone", "\u2026"));
  const [from, to] = span || [chars.length, chars.length];
  put(box, 0, from);
  if (span) put(box.appendChild(element("mark")), from, to);
  put(box, to, chars.length);
  if (last < chars.length) box.append(element("span", "gone", "\u2026 " + number(chars.length - last) + " more characters"));
  return el;
}

function excerptElement(excerpt, location, severity) {
  const figure = element("figure", "source of-" + severity);
  figure.append(element("figcaption"));
  figure.firstChild.append(pathElement(location));
  if (!excerpt) {
    figure.append(element("p", "", "The report holds no source of this place."));
    return figure;
  }
  const box = figure.appendChild(element("div", "lines"));
  excerpt.lines.slice(0, 200).forEach((text, i) => box.append(sourceLine(text, excerpt.first_line + i, location)));
  return figure;
}

/* ---- Parts ---- */

function facts(box, entries) {
  const dl = box.appendChild(element("dl"));
  for (const [term, value] of entries) {
    if (value === null || value === undefined || value === "") continue;
    dl.append(element("dt", "", term));
    dl.appendChild(element("dd", "name")).append(value);
  }
}

function tierElement(tier) {
  const el = element("span", "tiered");
  el.append(tierMark(tier), tierText(tier));
  return el;
}

function labelFacts(label, blob) {
  if (!label) return [];
  return [["Label", labelText(label)],
    ["Label is in", label.source ? pathElement(label.source, blob) : "no file that can be read defines the field"]];
}

function throughSection(box, item, blob) {
  if (!item.through.length) return;
  box.append(element("h3", "", "Through"));
  const list = box.appendChild(element("ol"));
  for (const step of item.through) {
    const li = list.appendChild(element("li"));
    li.append(element("p", "", stepText(step.kind)), pathElement(step, blob));
  }
}

function placesSection(box, title, places) {
  if (!places.length) return;
  box.append(element("h3", "", title));
  const list = box.appendChild(element("ul", "places"));
  const add = (from, to) => {
    for (const related of places.slice(from, to)) {
      const li = list.appendChild(element("li"));
      li.append(prose(related.message), pathElement(related.location));
    }
  };
  add(0, MAX_PLACES);
  if (places.length > MAX_PLACES) {
    const more = box.appendChild(element("button", "button", "Show " + number(places.length - MAX_PLACES) + " more"));
    more.type = "button";
    more.addEventListener("click", () => { add(MAX_PLACES); more.remove(); });
  }
}

function linkTo(text, params) {
  const link = element("a", "", text);
  link.href = "#" + new URLSearchParams(params);
  return link;
}

/* ---- A finding ---- */

function approvalHint(f) {
  const approval = data.report.approval;
  if (approval && approval.settled.includes(f.fingerprint)) return "This finding is approved.";
  if (!f.approvable || f.severity === "note") return "";
  return approval && approval.from ? "An approval by " + cut(approval.from, MAX_SHORT) + " is enough." : "An approval is enough.";
}

/* What to write, as it stands in the file. Some browsers give a page from a disk no clipboard. */
function pasteElement(box, text) {
  const shown = cut(text).split("\n").map(clean).join("\n").trimEnd();
  const pre = box.appendChild(element("pre", "paste"));
  pre.append(element("code", "", shown));
  if (onPaper || !navigator.clipboard) return;
  const button = box.appendChild(element("button", "button", "Copy"));
  button.type = "button";
  button.addEventListener("click", () => navigator.clipboard.writeText(shown + "\n")
    .then(() => { button.textContent = "Copied"; }, () => getSelection().selectAllChildren(pre)));
}

function findingDetail(box, f, i) {
  const title = element("h2");
  title.append(prose(f.message));
  const kind = element("p", "kind");
  kind.append(severityMark(f.severity), element("strong", "s-" + f.severity, f.severity), code(f.rule));
  box.append(kind, title);
  const hint = approvalHint(f);
  const { text, paste } = data.next[i];
  if (text || hint) {
    const next = box.appendChild(element("div", "note next"));
    if (text) {
      const p = next.appendChild(element("p"));
      p.append(element("strong", "", "Next step: "), prose(text));
    }
    if (paste) pasteElement(next, paste);
    if (hint) next.appendChild(element("p", "hint")).append(prose(hint));
  }
  box.append(excerptElement(data.excerpts[i], f.location, f.severity));
  for (const text of f.notes) {
    const note = box.appendChild(element("div", "note"));
    note.append(prose(text));
  }
  findingFacts(box, f, i);
  throughSection(box, f);
  placesSection(box, "Related places", f.related);
  reachSection(box, f);
}

function findingFacts(box, f, i) {
  const rule = data.rules.get(f.rule);
  const link = linkTo("", { finding: findingId(i) });
  link.append(code(f.fingerprint));
  link.title = "A link to this finding";
  box.append(element("h3", "", "What it is about"));
  facts(box, [
    ["Field", f.field && code(f.field)],
    ["Tier", f.tier && tierElement(f.tier)],
    ...labelFacts(f.label),
    ["Access", f.access],
    ["Permission set or profile", f.holder && holderText(f.holder)],
    ["User type", f.holder && f.holder.userType],
    ["Justification", f.justification && pathElement(f.justification)],
    ["Rule", rule ? short(rule.summary) : ""],
    ["Controls", rule && short(rule.controls.join(", "))],
    ["Fingerprint", onPaper ? code(f.fingerprint) : link],
  ]);
}

/* From a finding on to all access of its permission set or profile. */
function reachSection(box, f) {
  const view = views.find((v) => v.key === (data.audit ? "access" : "new"));
  const n = f.holder && !onPaper ? reach().get(holderKey(f.holder)) || 0 : 0;
  if (!n) return;
  const p = box.appendChild(element("p", "more"));
  p.append(linkTo((data.audit ? "All access of this " : "All new access of this ") + kindText(f.holder.kind) + ": " + count(n, ...view.nouns)
    + (sum(view.left) ? " on this page" : ""),
    { view: view.key, holder: holderOf(f) }));
}

let reached = null;
function reach() {
  if (reached) return reached;
  reached = new Map();
  for (const e of data.audit ? data.report.access : data.report.new_access) {
    const key = holderKey(e.holder);
    reached.set(key, (reached.get(key) || 0) + 1);
  }
  return reached;
}

/* ---- An access ---- */

const KEPT = "The entry disappears with the file of its profile, or is left out of that file. This revokes nothing: the org keeps the access.";

function accessDetail(box, e, i, view) {
  const blob = view.key === "removed" ? data.baseBlob : data.blob;
  const title = element("h2");
  title.append(code(e.field));
  const kind = kindText(e.holder.kind);
  const sub = element("p", "sub", kind[0].toUpperCase() + kind.slice(1) + " ");
  sub.append(code(e.holder.name), (view.key === "removed" && !e.kept_by_org ? " gave " : " gives ") + e.access + " access.");
  box.append(title, sub);
  if (e.kept_by_org) box.append(element("p", "note", KEPT));
  if (!e.known) box.append(element("p", "note", "No file here defines the field or gives it a label."));
  box.append(element("h3", "", "What it is about"));
  facts(box, [["State", e.state && stateBadge(e.state)], ["User type", e.holder.userType],
    [view.key === "removed" ? "Tier before" : "Tier", tierElement(e.tier)], ...labelFacts(e.label, blob), ["Justification", e.justification && pathElement(e.justification, blob)]]);
  throughSection(box, e, blob);
  const about = view.key === "removed" ? [] : findingsAbout(e);
  if (!about.length) return;
  box.append(element("h3", "", "Findings about it"));
  const list = box.appendChild(element("ul", "places"));
  for (const at of about.slice(0, MAX_PLACES)) {
    const f = data.report.findings[at];
    const link = linkTo("", { finding: findingId(at) });
    link.append(prose(f.message, "prose", MAX_SHORT));
    const li = list.appendChild(element("li", "found"));
    li.append(severityMark(f.severity), link);
  }
}

/* What passes the filters, counted: shown while no access is chosen. Without filters it is the whole, be it on this page or not. */
function accessOverview(box, view) {
  const left = leftText(view);
  const whole = !filtered();
  const all = view.items.length + sum(view.left);
  box.append(element("h2", "", view.title + ": " + (whole || !left ? count(whole ? all : matched.length, ...view.nouns) : number(matched.length) + " of " + count(all, ...view.nouns))));
  if (left) box.append(element("p", "note", left + (whole ? ", and the tables count them, too." : ", and the tables do not count them.")));
  for (const [title, key] of [["By state", "state"], ["By user type", "user_type"], ["By permission set or profile", "holder"], ["By object", "object"], ["Through", "through"]]) {
    const f = view.counted.find((c) => c.key === key);
    if (key === "state" && view.key === "removed") continue;
    const rows = new Map(f.options.map((o) => [o.value, { text: f.text(o.value), counts: TIERS.map(() => 0) }]));
    for (const i of matched) rows.get(f.options[f.codes[i]].value).counts[TIERS.indexOf(view.items[i].tier)]++;
    if (whole) addLeft(rows, f, view.leftTables[key] || {});
    countTable(box, title, [...rows.values()].filter((r) => r.counts.some((n) => n)), whole ? {} : view.left);
  }
}

/* What is not on this page, in the rows where it belongs. */
function addLeft(rows, f, left) {
  for (const [value, counts] of Object.entries(left)) {
    if (!rows.has(value)) rows.set(value, { text: f.text(value), counts: TIERS.map(() => 0) });
    TIERS.forEach((tier, k) => { rows.get(value).counts[k] += counts[tier] || 0; });
  }
}

const MAX_COUNTED = 12;
function countTable(box, title, rows, left) {
  const worst = (a, b) => TIERS.reduce((found, _, k) => found || b.counts[k] - a.counts[k], 0);
  rows.sort(worst);
  const table = box.appendChild(element("table", "counts"));
  const head = table.createTHead().insertRow();
  for (const text of [title, ...TIERS.map((t) => TIER_WORDS[t] + (left[t] ? " (part)" : ""))]) {
    const th = head.appendChild(element("th", "", text));
    th.scope = "col";
  }
  const body = table.createTBody();
  for (const { text, counts } of rows.slice(0, MAX_COUNTED)) {
    const tr = body.insertRow();
    const th = tr.appendChild(element("th", "name", text));
    th.scope = "row";
    for (const n of counts) tr.insertCell().append(element("span", n ? "" : "none", number(n)));
  }
  if (rows.length > MAX_COUNTED) box.append(element("p", "sub", "and " + number(rows.length - MAX_COUNTED) + " more"));
}

let byPlace = null;
function findingsAbout(e) {
  if (!byPlace) {
    byPlace = new Map();
    data.report.findings.forEach((f, i) => {
      if (!f.holder || !f.field) return;
      const key = holderKey(f.holder) + "\n" + fold(f.field);
      if (byPlace.has(key)) byPlace.get(key).push(i); else byPlace.set(key, [i]);
    });
  }
  return byPlace.get(holderKey(e.holder) + "\n" + fold(e.field)) || [];
}

/* ---- A label that changes ---- */

const CHANGED = {
  new: "The field is new.", removed: "The definition of the field is removed.",
  lowered: "The label is lowered, so the policy asks for less.", raised: "The label is raised, so the policy asks for more.",
  "same tier": "The label changes, and the tier stays the same.",
};

function labelDetail(box, c) {
  const title = element("h2");
  title.append(code(c.field));
  box.append(title, element("p", "sub", CHANGED[changeOf(c)]));
  for (const [name, side] of [["Before", c.before], ["After the merge", c.after]]) {
    box.append(element("h3", "", name));
    if (side) facts(box, [["Tier", tierElement(side.tier)], ["Label", labelText(side)]]);
    else box.append(element("p", "", "No file defines the field."));
  }
  if (!c.location) return;
  box.append(element("h3", "", c.after ? "The label is in" : "The label was in"), pathElement(c.location, c.after ? data.blob : data.baseBlob));
}
