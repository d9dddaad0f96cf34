/* ---- Showing the state ---- */

let last = {};   /* what the view was made from */

function show() {
  const of = ({ field, grantor, ...rest }) => JSON.stringify([rest, firstWidth()]);
  if (last.of !== of(state)) {
    if (last.q !== undefined && last.view === state.view) { $("map").scrollTop = 0; $("list").scrollTop = 0; }
    last = { of: of(state), q: state.q, view: state.view };
    const found = filter();
    controls();
    if (state.view === "map") arrangeMap(found); else arrangeList();
    announce();
  }
  drawer();
}

function controls() {
  const isMap = state.view === "map";
  for (const radio of document.querySelectorAll("input[name=view]")) radio.checked = radio.value === state.view;
  for (const el of document.querySelectorAll(".maponly")) el.hidden = !isMap;
  $("bareline").hidden = !isMap;
  if ($("search") !== document.activeElement || state.q === "") $("search").value = state.q;
  $("rows").value = state.rows;
  $("columns").value = state.columns;
  $("bare").checked = state.bare !== "";
  const select = $("object");
  [...select.options].forEach((o, i) => {
    o.textContent = i === 0 ? "All objects" : clean(objects[i - 1]) + " (" + number(objectCounts[i - 1]) + ")";
  });
  select.value = state.object;
  for (const f of facets) for (const o of f.options) {
    o.box.checked = state[f.key].includes(o.value);
    o.counter.textContent = number(o.count);
    o.line.classList.toggle("none", o.count === 0);
  }
  $("clear").hidden = !filtered();
}

const FILTERS = ["q", "object", "tier", "principal", "access", "status", "change", "route", "group", "kind", "expiry", "bare"];
const filtered = () => FILTERS.some((k) => state[k].length > 0);

function announce() {
  const isMap = state.view === "map";
  const rows = isMap ? mapRows.length : listRows.length;
  $("map").hidden = !isMap || rows === 0;
  $("list").hidden = isMap || rows === 0;
  $("nothing").hidden = rows > 0;
  if (rows === 0) {
    const none = data.cells.length === 0 && !filtered();
    say(none ? "No access to show" : "Nothing matches",
      none ? (data.delta ? "The change alters no access to a field of these tiers." : "No permission set or profile gives access to a field of these tiers.") + (data.fields.length ? " " + count(data.fields.length, "field") + " can be shown without access." : "")
        : "No access passes these filters. Take one away, or clear them all.");
  }
  const cells = matched.map((i) => data.cells[i]);
  const bad = cells.filter((c) => BAD.includes(c.status)).length;
  const text = $("count");
  const amount = element("strong", "", matched.length === data.cells.length ? count(matched.length, "access", "accesses")
    : number(matched.length) + " of " + count(data.cells.length, "access", "accesses"));
  const fields = new Set(cells.map((c) => c.f)).size;
  const grantors = new Set(cells.map((c) => c.g)).size;
  text.replaceChildren(amount, " \u00b7 " + count(fields, "field") + " \u00b7 " + count(grantors, "permission set or profile", "permission sets and profiles"));
  if (isMap && mapRows.length > fields) text.append(" \u00b7 " + count(mapRows.length - fields, "field") + " without access");
  if (bad) text.append(" \u00b7 ", element("span", "warn", number(bad) + (bad === 1 ? " lacks something" : " lack something")));
  if (rows > MAX_ROWS) text.append(" \u00b7 the first " + number(MAX_ROWS) + " rows are drawn; filter to see the rest");
  (isMap ? map : list).draw();
}

function say(title, text) {
  $("nothing").querySelector("h2").textContent = title;
  $("nothing").querySelector("p").textContent = text;
}

/* ---- The drawer ---- */

const holderKey = (g) => data.grantors[g].kind + ":" + data.grantors[g].name;
const open = (f, g) => change({ field: data.fields[f].name, grantor: holderKey(g) });
/* Who has access to a field, and all that a permission set or profile gives. */
const openField = (f) => change({ field: data.fields[f].name, grantor: "" });
const openHolder = (g) => change({ field: "", grantor: holderKey(g) });

function drawer() {
  const dialog = $("drawer");
  if (!state.field && !state.grantor) { if (dialog.open) dialog.close(); return; }
  const f = data.fields.findIndex((x) => x.name === state.field);
  const g = data.grantors.findIndex((x) => x.kind + ":" + x.name === state.grantor);
  fillDrawer(dialog, f, g);
  if (dialog.open) { dialog.scrollTop = 0; return; }
  /* The cell that a link names is where focus goes when the drawer closes. */
  const isMap = state.view === "map";
  const grid = isMap ? map : list;
  const names = (i) => i !== undefined && data.cells[i].f === f && data.cells[i].g === g;
  const r = isMap ? mapRows.indexOf(f) : names(listRows[list.active.r]) ? list.active.r : listRows.findIndex(names);
  const c = isMap ? mapColumns.indexOf(g) + 1 : list.active.c;
  if (r >= 0 && (c > 0 || !isMap)) grid.go(r, c, false);
  dialog.showModal();
  dialog.scrollTop = 0;
}

const SENTENCES = {
  not_allowed: "The policy does not allow this access, whatever is written or approved. Remove it.",
  unjustified: "Nobody has written why this access is needed. Add a justification, or remove the access.",
  expired: "The justification has ended. Renew it with a new date, or remove the access.",
  needs_approval: "A justification is written. Somebody who may approve it has not done so yet.",
  accepted: "This access existed on the day of adoption, and the baseline accepts it until it goes. Nobody has written why it is needed.",
  approved: "A justification covers this access, and somebody who may approve it has approved it.",
  justified: "A justification covers this access. The policy asks for no approval.",
  allowed: "The policy asks for nothing.",
  kept: "The file of the profile stops to mention it. That revokes nothing: the org keeps the access.",
  removed: "The change takes this access away.",
};
const CHANGED = {
  added: "The change adds this access.", widened: "The change widens this access.", narrowed: "The change narrows this access.",
  relabelled: "This access already exists. The change alters the label of the field.",
};

const sentence = (c) => c.status === "unjustified" && c.justification
  ? "A justification is written, but it lacks something." : SENTENCES[c.status];

/* What stands between backticks is a name. */
function prose(text) {
  const box = element("p");
  text.split("`").forEach((part, i, all) => {
    if (i % 2 === 0) box.append(clean(part));
    else box.append(i === all.length - 1 ? "`" + clean(part) : element("code", "name", clean(part)));
  });
  return box;
}

/* A text of several lines, as it was written. */
function lines(text) {
  const box = element("span", "name");
  text.trim().split(/\r\n|\r|\n/).forEach((line, i) => {
    if (i) box.append(document.createElement("br"));
    box.append(clean(line));
  });
  return box;
}

function button(text, act) {
  const el = element("button", "button", text);
  el.type = "button";
  el.addEventListener("click", act);
  return el;
}

function fillDrawer(dialog, f, g) {
  const field = data.fields[f];
  const grantor = data.grantors[g];
  const box = element("div", "drawer");
  const top = box.appendChild(element("div", "top"));
  const title = top.appendChild(element("h2", "name", clean(field ? field.name : grantor ? grantor.name : "Not in this matrix")));
  title.id = "drawertitle";
  top.append(button("Close", () => dialog.close()));
  dialog.replaceChildren(box);
  const cells = field && grantor ? places.get(key(f, g)) || [] : [];
  const wanted = (state.field === "" || field) && (state.grantor === "" || grantor);
  if (!wanted || (field && grantor && !cells.length)) {
    box.append(element("p", "note", "The link names " + [state.field, state.grantor.replace(":", " ")].filter(Boolean).map(clean).join(" and ")
      + ". This matrix has no such access: it may be gone, or the names may have changed."));
    return;
  }
  if (!field || !grantor) { listIn(box, f, g); return; }
  const sub = box.appendChild(element("p", "sub", words(grantor.kind) + " "));
  sub.append(named(grantor.name, "name"), ", held by " + grantor.principal + " users");
  steps(box, f, g);
  labelOf(box, field);
  for (const i of cells) accessSection(box, data.cells[i], field, grantor);
}

function labelOf(box, field) {
  box.append(element("h3", "", "Label"));
  pairs(box, [["Tier", field.tier], ["Classification", field.classification || "none"], ["Compliance groups", field.groups.join(", ") || "none"],
    ["Owner", field.owner], ["Declared at", place(field.source), "code"]]);
}

/* From one access to the next of the view, and to all of its field and of its permission set or profile. */
function steps(box, f, g) {
  const bar = box.appendChild(element("div", "steps"));
  const seen = new Set();
  const order = [];
  const add = (x, y) => { const k = key(x, y); if (!seen.has(k)) { seen.add(k); order.push([x, y]); } };
  if (state.view === "map") { for (const x of mapRows) for (const y of mapColumns) if (mapCells.has(key(x, y))) add(x, y); }
  else for (const i of listRows) add(data.cells[i].f, data.cells[i].g);
  const at = order.findIndex(([x, y]) => x === f && y === g);
  for (const [text, to] of [["Previous", order[at - 1]], ["Next", order[at + 1]]]) {
    const el = bar.appendChild(button(text, () => open(...to)));
    el.disabled = at < 0 || !to;
  }
  bar.append(button("Who has this field", () => openField(f)), button("All that this gives", () => openHolder(g)));
  if (navigator.clipboard) {
    const el = bar.appendChild(button("Copy link", () => {
      navigator.clipboard.writeText(location.href).then(() => { el.textContent = "Copied"; }, () => { el.textContent = "Not copied"; });
    }));
  }
}

/* More are in the list, which is one step away. */
const MAX_LISTED = 200;

/* Everybody who has a field, or every field that somebody has, gravest first. */
function listIn(box, f, g) {
  const field = data.fields[f];
  const grantor = data.grantors[g];
  const cells = data.cells.filter((c) => field ? c.f === f : c.g === g);
  cells.sort((a, b) => rank(STATUSES, a.status) - rank(STATUSES, b.status) || rank(TIERS, fieldOf(a).tier) - rank(TIERS, fieldOf(b).tier));
  if (field) labelOf(box, field);
  else box.append(element("p", "sub", words(grantor.kind) + ", held by " + grantor.principal + " users"));
  box.append(element("h3", "", field ? count(cells.length, "access", "accesses") + ", gravest first" : "Gives " + count(cells.length, "access", "accesses") + ", gravest first"));
  const rows = box.appendChild(element("div", "listed"));
  for (const c of cells.slice(0, MAX_LISTED)) {
    const row = rows.appendChild(element("div"));
    const other = field ? grantorOf(c).name : fieldOf(c).name;
    const go = row.appendChild(button("", () => open(c.f, c.g)));
    go.className = "plain";
    go.append(chip(fieldOf(c).tier, c.status, LETTERS[c.access]), named(other), element("span", "sub", c.access + ", " + STATE_WORDS[c.status]
      + (field ? ", " + grantorOf(c).principal : "")));
  }
  if (cells.length > MAX_LISTED) box.append(element("p", "note", "The first " + MAX_LISTED + " of " + number(cells.length) + " are listed."));
  if (!cells.length) box.append(element("p", "note", "Nobody has access to it."));
  const filters = Object.fromEntries(FILTERS.map((k) => [k, START[k]]));
  box.append(button("Show them in the list", () => change({ ...filters, view: "list", field: "", grantor: "", q: (field || grantor).name })));
}

/* Where a justification is missing: what to write, and where. */
function stub(c, field, grantor) {
  const plain = (text) => /^[A-Za-z][\w.]*$/.test(text) ? text : JSON.stringify(text);
  const holder = grantor.kind;
  const file = grantor.name.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "") || "access";
  return ["# .flsgate/justifications/" + file + ".yml", holder + ": " + plain(grantor.name), "entries:", "  - field: " + plain(field.name),
    "    access: " + c.access, "    justification: # why is it needed?", "    compliance: # which data, and what is agreed?",
    "    owner: # who answers for it?", "    expires: # the last day, as 2027-06-30"];
}

function accessSection(box, c, field, grantor) {
  const section = box.appendChild(element("section", "access"));
  const heading = section.appendChild(element("h3"));
  heading.append(chip(field.tier, c.status, LETTERS[c.access]), (c.access === "edit" ? "Edit, " : "Read, ") + STATE_WORDS[c.status]);
  const note = section.appendChild(element("div", "note" + (BAD.includes(c.status) ? " bad" : "")));
  note.append(element("p", "", sentence(c)));
  if (CHANGED[c.change]) note.append(element("p", "", CHANGED[c.change] + (c.before ? " Before: " + c.before + "." : "")));
  for (const text of c.notes) note.append(prose(text));
  section.append(element("h3", "", "Through"));
  const route = section.appendChild(element("ol"));
  for (const hop of c.route) {
    const li = route.appendChild(element("li"));
    li.append(element("p", "", words(hop.kind)));
    if (hop.text) li.append(prose(hop.text));
    if (hop.path) li.append(element("code", "name", place(hop)));
  }
  if (!c.route.length) section.append(element("p", "", "How it comes about is not recorded."));
  const j = c.justification;
  if (!j && c.status === "unjustified") {
    section.append(element("h3", "", "Next step"), element("p", "", "Remove the access, or write why it is needed:"), element("pre", "yaml", stub(c, field, grantor).map(clean).join("\n")));
  }
  if (!j) return;
  section.append(element("h3", "", "Justification"));
  pairs(section, [["Reason", j.text || "missing"], ["Compliance", j.compliance || "missing"], ["Owner", j.owner || "missing"],
    ["Ticket", j.ticket], ["Expires", j.expires || "missing"], ["Approval", approval(c)],
    ["Written at", place(j), "code"]]);
}

function pairs(box, entries) {
  const dl = box.appendChild(element("dl"));
  for (const [term, text, tag] of entries) {
    if (!text) continue;
    dl.append(element("dt", "", term));
    dl.appendChild(element("dd")).append(tag ? element(tag, "name", clean(text)) : lines(text));
  }
}

/* ---- What an auditor asks first ---- */

const TOP = 5;

function answers() {
  const box = $("answers");
  const now = data.cells.filter((c) => !GONE.includes(c.status));
  const tile = (n, text, part, bad) => {
    const el = box.appendChild(button("", () => change({ ...Object.fromEntries(FILTERS.map((k) => [k, START[k]])), ...part })));
    el.className = "answer" + (bad && n ? " bad" : "");
    el.disabled = n === 0;
    el.append(element("strong", "", number(n)), element("span", "", text));
  };
  const outside = now.filter((c) => fieldOf(c).tier === "restricted" && OUTSIDE.includes(grantorOf(c).principal));
  tile(new Set(outside.map((c) => c.f)).size, "restricted fields that guests, external users or agents reach",
    { tier: ["restricted"], principal: OUTSIDE }, true);
  for (const [tier, text] of [["restricted", "tier 3"], ["conditional", "tier 2"]]) {
    tile(now.filter((c) => fieldOf(c).tier === tier && BAD.includes(c.status)).length, "accesses of " + text + " lack something", { tier: [tier], status: BAD }, true);
  }
  const ends = (value) => now.filter((c) => c.justification && expiry(c) === value).length;
  tile(ends("ended"), "justifications have ended", { expiry: ["ended"] }, true);
  tile(ends("within 30 days"), "justifications end within 30 days", { expiry: ["within 30 days"] });
  tile(ends("within 30 days") + ends("within 90 days"), "justifications end within 90 days", { expiry: ["within 30 days", "within 90 days"] });
  const held = new Map();
  for (const c of now) if (fieldOf(c).tier !== "open") held.set(c.g, (held.get(c.g) || new Set()).add(c.f));
  const most = [...held].sort((a, b) => b[1].size - a[1].size || grantorRank[a[0]] - grantorRank[b[0]]).slice(0, TOP);
  if (!most.length) return;
  const list = box.appendChild(element("div", "answer most"));
  list.append(element("span", "", "Most classified fields"));
  for (const [g, fields] of most) {
    const el = list.appendChild(button("", () => openHolder(g)));
    el.className = "plain";
    el.append(named(data.grantors[g].name), element("span", "total", number(fields.size)));
  }
}

/* ---- Taking it elsewhere: CSV and paper ---- */

/* RFC 4180. A spreadsheet runs what starts like a formula, so such text gets an apostrophe first; some pass
   over blanks before it, and some read the wide forms. */
function csvField(text) {
  const safe = /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]/.test(text) ? "'" + text : text;
  return /[",\r\n]|^ | $/.test(safe) ? '"' + safe.replace(/"/g, '""') + '"' : safe;
}

function exportCsv() {
  const text = "\ufeff" + csvLines().map((line) => line.map((t) => csvField(clean(t))).join(",") + "\r\n").join("");
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

/* Virtual rows cannot be printed, so paper gets a text of its own, made when it is asked for: a sheet with the sums,
   then a heading for each field, restricted ones first, with its accesses. */
function paper() {
  const box = $("paper");
  const rows = matched.slice(0, MAX_PRINTED);
  const said = narrowed().map((t) => "Narrowed to: " + clean(t) + ".");
  if (rows.length < matched.length) {
    said.push("Only the first " + number(rows.length) + " of " + number(matched.length) + " are printed. Filter, or export CSV.");
  }
  box.replaceChildren(element("h1", "name", clean(data.title)), element("p", "", $("about").textContent), element("p", "", $("count").textContent),
    element("p", "", $("gaps").hidden ? "" : $("gaps").querySelector("summary").textContent + "."), ...said.map((t) => element("p", "", t)), sums());
  const byField = new Map();
  for (const i of rows) { const c = data.cells[i]; byField.set(c.f, [...byField.get(c.f) || [], c]); }
  const order = [...byField.keys()].sort((a, b) => rank(TIERS, data.fields[a].tier) - rank(TIERS, data.fields[b].tier) || fieldRank[a] - fieldRank[b]);
  for (const f of order) box.append(ofField(data.fields[f], byField.get(f)));
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

function ofField(field, cells) {
  const section = element("section");
  const h2 = section.appendChild(element("h2"));
  h2.append(named(field.name), " \u00b7 " + field.tier + ", " + (clean([field.classification, ...field.groups].filter(Boolean).join(", ")) || "no label"));
  const table = section.appendChild(element("table"));
  const head = table.createTHead().insertRow();
  for (const title of ["Permission set or profile", "Access", "Given at", "Justification", "Owner, approval, last day", "Notes"]) {
    head.appendChild(element("th", "", title)).scope = "col";
  }
  const body = table.createTBody();
  for (const c of cells) {
    const tr = body.insertRow();
    const put = (...parts) => tr.insertCell().append(...parts.filter(Boolean).flatMap((p) => [p, document.createElement("br")]).slice(0, -1));
    put(named(grantorOf(c).name), words(grantorOf(c).kind) + ", " + grantorOf(c).principal);
    put(chip(field.tier, c.status, LETTERS[c.access]), c.access + ", " + STATE_WORDS[c.status], changed(c));
    const grant = c.route.filter((h) => h.kind !== "derived_field").pop();
    put(hops(c), grant ? place(grant) : "");
    const j = c.justification;
    if (j) put(lines(j.text || ""), lines(j.compliance || "")); else put("");
    if (j) put(clean(j.owner || ""), approval(c), j.expires ? "until " + clean(j.expires) : "", clean(j.ticket || "")); else put("");
    put(...c.notes.map(clean));
  }
  return section;
}

/* ---- Controls ---- */

function build() {
  $("title").textContent = clean(data.title);
  $("about").textContent = [clean(data.evidence), "policy " + clean(data.policy), ...data.filters.map((t) => "only " + clean(t)),
    count(data.fields.length, "field"), count(data.grantors.length, "permission set or profile", "permission sets and profiles")].join(" \u00b7 ");
  answers();
  if (data.gaps.length) {
    const box = $("gaps");
    box.hidden = false;
    box.querySelector("summary").textContent = "This matrix is not complete: " + count(data.gaps.length, "place") + " could not be read";
    box.querySelector("ul").replaceChildren(...data.gaps.map((g) => element("li", "", (place(g) ? place(g) + ": " : "") + clean(g.text))));
  }
  const select = $("object");
  select.append(new Option("All objects", ""));
  for (const object of objects) select.append(new Option(clean(object), object));
  for (const f of facets) {
    if (!f.options.length) continue;
    const set = $("facets").appendChild(element("fieldset"));
    set.append(element("legend", "", f.title));
    for (const o of f.options) {
      o.line = set.appendChild(element("label", "option"));
      o.box = o.line.appendChild(element("input"));
      o.box.type = "checkbox";
      o.box.addEventListener("change", () => {
        change({ [f.key]: f.options.filter((x) => x.box.checked).map((x) => x.value) });
      });
      if (f.key === "tier") o.line.append(element("span", "tier tier-" + o.value));
      if (f.key === "status") o.line.append(chip("conditional", o.value));
      if (f.key === "access") o.line.append(chip("open", "allowed", LETTERS[o.value], "", ""));
      o.line.append(element("span", "name", f.key === "status" ? STATE_WORDS[o.value] : words(o.value)));
      o.counter = o.line.appendChild(element("span", "count"));
    }
  }
  let typing;
  $("search").addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(() => change({ q: $("search").value }, false), 120);
  });
  $("form").addEventListener("submit", (e) => e.preventDefault());
  select.addEventListener("change", () => change({ object: select.value }));
  $("bare").addEventListener("change", () => change({ bare: $("bare").checked ? "1" : "" }));
  for (const id of ["rows", "columns"]) $(id).addEventListener("change", () => change({ [id]: $(id).value }));
  for (const radio of document.querySelectorAll("input[name=view]")) {
    radio.addEventListener("change", () => change({ view: radio.value }));
  }
  $("clear").addEventListener("click", () => {
    $("search").value = "";
    change(Object.fromEntries(FILTERS.map((k) => [k, START[k]])));
    $("search").focus();
  });
  $("export").addEventListener("click", exportCsv);
  $("drawer").addEventListener("click", (e) => { if (e.target === $("drawer")) $("drawer").close(); });
  $("drawer").addEventListener("close", () => {
    if (state.field || state.grantor) change({ field: "", grantor: "" });
    const grid = state.view === "map" ? map : list;
    const el = grid.activeElement();
    if (el) el.focus({ preventScroll: true });
  });
  addEventListener("hashchange", () => {
    if (location.hash === written) return;
    written = location.hash;
    state = fromHash(location.hash);
    $("search").value = state.q;
    show();
  });
  addEventListener("keydown", (e) => {
    if (e.key !== "/" || e.ctrlKey || e.metaKey || e.altKey || $("drawer").open) return;
    if (e.target.matches && e.target.matches("input[type=search], select")) return;
    e.preventDefault();
    $("filters").open = true;
    $("search").focus();
    $("search").select();
  });
  addEventListener("beforeprint", paper);
  addEventListener("afterprint", () => $("paper").replaceChildren());
  addEventListener("resize", show);
}

theme();
if (matchMedia("(max-width: 860px)").matches) $("filters").open = false;
async function start() {
  data = read(await dataText());
  index();
  build();
  state = fromHash(location.hash);
  written = location.hash;
  show();
}

start().catch((e) => {
  if (!(e instanceof Unfit)) throw e;
  document.body.className = "refused";
  $("map").hidden = $("list").hidden = true;
  $("nothing").hidden = false;
  $("title").textContent = document.title;
  say("This page cannot show its data", "Write it anew with the flsgate that made it: " + e.message + ".");
});
