/* ---- On paper ---- */

/* Rows that are drawn as one scrolls cannot be printed, so paper gets a document of its own, made when it
   is asked for: everything, unfolded; or, where filters are set, only what passes them. */

/* More would take minutes to lay out. */
const MAX_PRINTED = 5000;
/* A finding with all that is known of it takes most of a sheet; of more findings than this each has a row. */
const MAX_WHOLE = 100;

function paper() {
  onPaper = true;
  try { writePaper($("paper")); } finally { onPaper = false; }
}

function paperAbout() {
  const p = element("p", "about");
  aboutInto(p);
  return p;
}

/* In the margin of each sheet. */
function evidence() {
  const r = data.report;
  const of = data.audit ? r.revision : r.head;
  return ["flsgate " + data.about.version, (data.audit ? "audit of " : "check of ") + (of ? of.slice(0, COMMIT) : "the working tree, uncommitted"),
    "judged as of " + data.about.today].join("  |  ");
}

function writePaper(box) {
  const some = filtered();
  box.replaceChildren(element("h1", "name", short(data.title)), paperAbout(), ...paperVerdict());
  margins(evidence());
  if (some) box.append(element("p", "limit", "Only what passes these filters is printed: " + filterText() + "."));
  for (const view of some ? [viewOf(state.view)] : views) {
    const items = some ? matched : view.items.map((_, i) => i);
    if (!items.length) continue;
    const all = view.items.length + sum(view.left);
    box.append(element("h2", "", view.title + " (" + (items.length < all ? number(items.length) + " of " : "") + number(all) + ")"));
    if (leftText(view)) box.append(element("p", "limit", leftText(view) + "."));
    if (items.length > MAX_PRINTED) {
      box.append(element("p", "limit", "Only the first " + number(MAX_PRINTED) + " of " + number(items.length) + " are printed. Filter to print the others."));
    }
    const printed = items.slice(0, MAX_PRINTED);
    if (view.key === "findings") box.append(...paperFindings(printed));
    else if (view.key === "labels") box.append(paperLabels(printed));
    else box.append(paperAccess(view, printed));
  }
}

/* The top of the page as it is there, without its controls. */
function paperVerdict() {
  const section = element("section", "verdict " + data.report.verdict);
  section.append(...[...$("verdict").querySelectorAll(".words, #lines")].map((el) => el.cloneNode(true)));
  const troubles = [...document.querySelectorAll(".trouble:not([hidden])")].map((el) => el.cloneNode(true));
  fillReasons(troubles.find((el) => el.id === "undecided"), data.report.undecided, Infinity);
  fillReasons(troubles.find((el) => el.id === "warnings"), data.report.warnings, Infinity);
  for (const el of [section, ...troubles]) {
    for (const twice of [el, ...el.querySelectorAll("[id]")]) twice.removeAttribute("id");
  }
  return [section, ...troubles];
}

function filterText() {
  const view = viewOf(state.view);
  const said = ready(view).filter((f) => state[f.key].length)
    .map((f) => fold(f.title) + " " + state[f.key].map((v) => f.text(v)).join(" or "));
  if (state.q) said.push("text " + short(state.q));
  return said.join("; ");
}

function paperFindings(items) {
  if (items.length <= MAX_WHOLE) return items.map(paperFinding);
  const rows = items.map((i) => {
    const f = data.report.findings[i];
    const kind = element("span");
    kind.append(f.severity, document.createElement("br"), breakable(short(f.rule)));
    return [kind, prose(f.message, "prose", MAX_SHORT), breakable(short(place(f.location))), prose(data.next[i].text, "prose", MAX_SHORT)];
  });
  return [element("p", "limit", "Each finding has a row: there are more than " + MAX_WHOLE + ". Filter to fewer to print them with all that is known of them."),
    paperTable(["Severity, rule", "Finding", "Place", "Next step"], rows, "short")];
}

function paperFinding(i) {
  const article = element("article", "drawer");
  findingDetail(article, data.report.findings[i], i);
  return article;
}

/* A long name breaks after a dot or a slash, or before an underscore. */
function breakable(text) {
  const el = element("span", "name");
  text.split(/(?<=[./])|(?<=[^_])(?=_)/).forEach((part, i) => el.append(...(i ? [element("wbr"), part] : [part])));
  return el;
}

function paperTable(titles, rows, className = "") {
  const table = element("table", className);
  const head = table.createTHead().insertRow();
  for (const title of titles) {
    const th = head.appendChild(element("th", "", title));
    th.scope = "col";
  }
  const body = table.createTBody();
  for (const row of rows) {
    const tr = body.insertRow();
    for (const part of row) tr.insertCell().append(typeof part === "string" ? breakable(part) : part);
  }
  return table;
}

function paperAccess(view, items) {
  return paperTable(["Field", "Tier, label", "Permission set or profile", view.key === "removed" ? "Access" : "Access, state", "Through"], items.map((i) => {
    const e = view.items[i];
    return [short(e.field), TIER_WORDS[e.tier] + (e.label ? ", " + labelText(e.label) : ""), holderText(e.holder) + ", " + e.holder.userType,
      e.access + (e.state ? ", " + stateText(e.state) : "") + (e.kept_by_org ? " (the org keeps it)" : ""), throughText(throughKey(e.through)) + ", " + short(place(e.location))];
  }));
}

function paperLabels(items) {
  return paperTable(["Field", "Change", "Before", "After the merge", "Place"], items.map((i) => {
    const c = data.report.labels_changed[i];
    return [short(c.field), changeOf(c), sideText(c.before), sideText(c.after), short(place(c.location))];
  }), "labels");
}
