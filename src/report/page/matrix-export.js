/* ---- Taking it elsewhere: CSV and paper ---- */

/* RFC 4180. A spreadsheet runs what starts like a formula, so such text gets an apostrophe first; some pass
   over blanks before it, and some read the wide forms. */
function csvField(text) {
  const safe = /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]/.test(text) ? "'" + text : text;
  return /[",\r\n]|^ | $/.test(safe) ? '"' + safe.replace(/"/g, '""') + '"' : safe;
}

function exportCsv() {
  const text = "\ufeff" + csvLines().map((line) => line.map((t) => csvField(clean(oneLine(t)))).join(",") + "\r\n").join("");
  const url = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  const link = element("a");
  link.href = url;
  link.download = "data-access-" + data.evidence.split(",")[0].replace(/[^A-Za-z0-9.]+/g, "-") + "-" + data.as_of.replace(/[^0-9-]/g, "") + ".csv";
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}

/* The lines that flsgate itself writes, in its order, unless the list is sorted otherwise. */
function csvLines() {
  const sorted = state.view === "list" && state.sort !== START.sort;
  const rows = sorted ? listRows : matched;
  const head = [data.title, "Revision " + data.evidence, "Policy " + data.policy, ...narrowed().map((t) => "Narrowed to: " + t)];
  if (data.gaps.length) head.push("Not complete: " + data.gaps.length + " could not be read");
  const lines = [...head.map((text) => [text]), [""], CSV.map((c) => c.title)];
  for (const i of rows) lines.push(CSV.map((c) => c.of(data.cells[i])));
  if (!data.delta && !filtered()) {
    const reached = new Set(data.cells.map((c) => c.f));
    data.fields.forEach((f, i) => { if (!reached.has(i)) lines.push(CSV.map((c) => c.bare ? c.bare(f) : "")); });
  }
  return lines;
}

/* What is in force of filters: those that the matrix was made with, and those of the page. */
function narrowed() {
  const own = FILTERS.filter((k) => k !== "bare" && state[k].length > 0)
    .map((k) => (k === "q" ? "text" : titleOf(k)) + " " + [].concat(state[k]).map((v) => k === "status" ? STATE_WORDS[v] : v).join(", "));
  const all = [...data.filters, ...own];
  return all.length ? [all.join("; ")] : [];
}

const titleOf = (k) => { const f = facets.find((x) => x.key === k); return fold(f ? f.title : k); };

/* Some 500 sheets, where each field has a few accesses. Of 20,000 Chromium prints none at all. */
const MAX_PRINTED = 5000;

/* Virtual rows cannot be printed, so paper gets a text of its own, made when it is asked for: a sheet with the sums,
   then a heading for each field, restricted ones first, with its accesses. Sums are of all that is shown. */
function paper() {
  const box = $("paper");
  margins(data.evidence);
  const said = narrowed().map((t) => "Narrowed to: " + clean(t) + ".");
  const byField = new Map();
  for (const i of matched) {
    const c = data.cells[i];
    if (byField.has(c.f)) byField.get(c.f).push(c); else byField.set(c.f, [c]);
  }
  const order = [...byField.keys()].sort((a, b) => rank(TIERS, data.fields[a].tier) - rank(TIERS, data.fields[b].tier) || a - b);
  let printed = 0;
  const table = fieldsTable();
  for (const f of order) {
    if (printed >= MAX_PRINTED) break;
    const cells = byField.get(f).slice(0, MAX_PRINTED - printed);
    printed += cells.length;
    ofField(table, data.fields[f], cells);
  }
  if (printed < matched.length) {
    said.push("The sums are of all " + number(matched.length) + " accesses. Below them stand the first " + number(printed) + ", restricted fields first. "
      + "Filter to print the others, or export CSV.");
  }
  box.replaceChildren(element("h1", "name", clean(data.title)), element("p", "", $("about").textContent), element("p", "", $("count").textContent),
    element("p", "", $("gaps").hidden ? "" : $("gaps").querySelector("summary").textContent + "."),
    ...said.map((t, i) => element("p", i === said.length - 1 && printed < matched.length ? "limit" : "", t)), sums(), ...printed ? [table] : []);
  if (data.muted.length && !filtered()) {
    const section = box.appendChild(element("section"));
    section.append(element("h2", "", "Muted in a group \u00b7 " + number(data.muted.length)));
    mutedIn(section, data.muted);
  }
}

/* Accesses by state and tier, of what is shown. */
function sums() {
  const table = element("table", "sums");
  const head = table.createTHead().insertRow();
  for (const title of ["State", ...TIERS]) head.appendChild(element("th", "", title)).scope = "col";
  const body = table.createTBody();
  for (const status of STATUSES) {
    const of = matched.map((i) => data.cells[i]).filter((c) => c.status === status);
    if (!of.length) continue;
    const tr = body.insertRow();
    tr.appendChild(element("th", "", STATE_WORDS[status])).scope = "row";
    for (const tier of TIERS) tr.insertCell().textContent = number(of.filter((c) => fieldOf(c).tier === tier).length);
  }
  return table;
}

/* One table for all fields, so that each sheet repeats its head; a field is a group of rows under its name. */
function fieldsTable() {
  const table = element("table", "fields");
  const head = table.createTHead().insertRow();
  for (const title of ["Permission set or profile", "Access", "Given at", "Justification", "Owner, approval, last day", "Notes"]) {
    head.appendChild(element("th", "", title)).scope = "col";
  }
  return table;
}

function ofField(table, field, cells) {
  const body = table.createTBody();
  if (cells.length <= 3) body.className = "whole";
  const th = body.insertRow().appendChild(element("th", "of"));
  th.colSpan = 6;
  th.scope = "rowgroup";
  const h2 = th.appendChild(element("h2"));
  h2.append(broken(field.name), " \u00b7 " + TIER_WORDS[field.tier] + " \u00b7 " + clean(labelWords(field)));
  if (field.own) th.append(element("p", "", (labelWords(field.own) === "no label" ? "It has no label of its own" : "Its own label: " + clean(labelWords(field.own)))
    + (field.own.from ? "; the label it counts as is that of " + clean(field.own.from) : "") + "."));
  for (const c of cells) {
    const tr = body.insertRow();
    const put = (...parts) => tr.insertCell().append(...parts.filter(Boolean).flatMap((p) => [p, document.createElement("br")]).slice(0, -1));
    put(broken(grantorOf(c).name), words(grantorOf(c).kind) + ", " + grantorOf(c).principal);
    put(chip(field.tier, c.status, LETTERS[c.access]), c.access + ", " + STATE_WORDS[c.status], changed(c));
    const grant = c.route.filter((h) => h.kind !== "derived_field").pop();
    put(hops(c), grant ? broken(place(grant)) : "");
    const j = c.justification;
    if (j) put(lines(j.text || ""), lines(j.compliance || "")); else put("");
    if (j) put(clean(j.owner || ""), approval(c), j.expires ? "until " + clean(j.expires) : "", clean(j.ticket || "")); else put("");
    tr.insertCell().append(...c.notes.map(prose));
  }
}
