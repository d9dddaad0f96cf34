/* ---- On paper ---- */

/* Rows that are drawn as one scrolls cannot be printed, so paper gets a document of its own, made when it
   is asked for: everything, unfolded; or, where filters are set, only what passes them. */

/* More would take minutes to lay out. */
const MAX_PRINTED = 5000;

function paper() {
  onPaper = true;
  try { writePaper($("paper")); } finally { onPaper = false; }
}

function writePaper(box) {
  const some = filtered();
  box.replaceChildren(element("h1", "name", short(data.title)), element("p", "", aboutText()), ...paperVerdict());
  if (some) box.append(element("p", "limit", "Only what passes these filters is printed: " + filterText() + "."));
  for (const view of some ? [viewOf(state.view)] : views) {
    const items = some ? matched : view.items.map((_, i) => i);
    if (!items.length) continue;
    box.append(element("h2", "", view.title + " (" + number(items.length) + ")"));
    if (items.length > MAX_PRINTED) {
      box.append(element("p", "limit", "Only the first " + number(MAX_PRINTED) + " of " + number(items.length) + " are printed. Filter to print the others."));
    }
    const printed = items.slice(0, MAX_PRINTED);
    if (view.key === "findings") for (const i of printed) box.append(paperFinding(i));
    else if (view.key === "labels") box.append(paperLabels(printed));
    else box.append(paperExposures(view, printed));
  }
}

/* The top of the page as it stands there, without its controls. */
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

function paperFinding(i) {
  const article = element("article", "drawer");
  findingDetail(article, data.report.findings[i], i);
  return article;
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
    for (const text of row) tr.insertCell().append(element("span", "name", text));
  }
  return table;
}

function paperExposures(view, items) {
  return paperTable(["Field", "Tier, label", "Permission set or profile", "Access", "Through"], items.map((i) => {
    const e = view.items[i];
    return [short(e.field), e.tier + (e.label ? ", " + labelText(e.label) : ""), grantorText(e.grantor) + ", " + e.grantor.principal,
      e.access + (e.kept_by_org ? " (the org keeps it)" : ""), routeText(routeKey(e.route)) + ", " + short(place(e.location))];
  }));
}

function paperLabels(items) {
  return paperTable(["Field", "Change", "Before", "As it would land", "Place"], items.map((i) => {
    const c = data.report.labels_changed[i];
    return [short(c.field), changeOf(c), sideText(c.before), sideText(c.after), short(place(c.location))];
  }), "labels");
}
