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

const FILTERS = ["q", "object", "tier", "principal", "access", "status", "change", "route", "bare"];
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
      none ? (data.delta ? "The change alters no access to a field of these tiers." : "No grantor that was read opens a field of these tiers.") + (data.fields.length ? " " + count(data.fields.length, "field") + " can be shown without access." : "")
        : "No access passes these filters. Take one away, or clear them all.");
  }
  const cells = matched.map((i) => data.cells[i]);
  const bad = cells.filter((c) => BAD.includes(c.status)).length;
  const text = $("count");
  const amount = element("strong", "", matched.length === data.cells.length ? count(matched.length, "access", "accesses")
    : number(matched.length) + " of " + count(data.cells.length, "access", "accesses"));
  const fields = new Set(cells.map((c) => c.f)).size;
  const grantors = new Set(cells.map((c) => c.g)).size;
  text.replaceChildren(amount, " \u00b7 " + count(fields, "field") + " \u00b7 " + count(grantors, "grantor"));
  if (isMap && mapRows.length > fields) text.append(" \u00b7 " + count(mapRows.length - fields, "field") + " without access");
  if (bad) text.append(" \u00b7 ", element("span", "warn", number(bad) + " unjustified, denied or expired"));
  if (rows > MAX_ROWS) text.append(" \u00b7 the first " + number(MAX_ROWS) + " rows are drawn; filter to see the rest");
  (isMap ? map : list).draw();
}

function say(title, text) {
  $("nothing").querySelector("h2").textContent = title;
  $("nothing").querySelector("p").textContent = text;
}

/* ---- The drawer ---- */

function open(f, g) {
  change({ field: data.fields[f].name, grantor: data.grantors[g].kind + ":" + data.grantors[g].name });
}

function drawer() {
  const dialog = $("drawer");
  if (!state.field) { if (dialog.open) dialog.close(); return; }
  const f = data.fields.findIndex((x) => x.name === state.field);
  const g = data.grantors.findIndex((x) => x.kind + ":" + x.name === state.grantor);
  fillDrawer(dialog, f, g);
  if (dialog.open) return;
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
  open: "This access asks for no justification.",
  justified: "A justification covers this access. No approval is asked for.",
  approved: "A justification covers this access, and an authorised person approved it.",
  unjustified: "Nobody has written why this access is needed. Add a justification, or remove the grant.",
  denied: "The policy denies this access to this principal class or kind of grantor. No justification opens it: remove the grant.",
  expired: "The justification has expired. Renew it with a new date and approval, or remove the grant.",
  accepted: "This access stood on the day of adoption, and the baseline accepts it until it goes. Nobody has written why it is needed.",
  removed: "The change takes this access away.",
};
const CHANGED = {
  added: "The change adds this access.", widened: "The change widens this access.", narrowed: "The change narrows this access.",
  relabelled: "This access stands. The change alters the label of the field.",
};

function sentence(c) {
  if (c.status === "unjustified" && c.justification) {
    return "A justification is written, but it does not count yet.";
  }
  return SENTENCES[c.status];
}

function fillDrawer(dialog, f, g) {
  const field = data.fields[f];
  const grantor = data.grantors[g];
  const box = element("div", "drawer");
  const top = box.appendChild(element("div", "top"));
  const title = top.appendChild(element("h2", "name", field ? clean(field.name) : "Not in this matrix"));
  title.id = "drawertitle";
  const close = top.appendChild(element("button", "button", "Close"));
  close.type = "button";
  close.addEventListener("click", () => dialog.close());
  dialog.replaceChildren(box);
  const cells = field && grantor ? places.get(key(f, g)) || [] : [];
  if (!cells.length) {
    box.append(element("p", "note", "The link names " + clean(state.field) + " and " + clean(state.grantor.replace(":", " "))
      + ". This matrix has no such access: it may be gone, or the names may have changed."));
    return;
  }
  const sub = box.appendChild(element("p", "sub", "opened by " + words(grantor.kind) + " "));
  sub.append(named(grantor.name, "name"), ", held by " + grantor.principal + " users");
  box.append(element("h3", "", "Label"));
  pairs(box, [["Tier", field.tier], ["Classification", field.classification || "none"], ["Groups", field.groups.join(", ") || "none"],
    ["Owner", field.owner], ["Declared at", place(field.source), "code"]]);
  for (const i of cells) accessSection(box, data.cells[i], field);
}

function accessSection(box, c, field) {
  const section = box.appendChild(element("section", "access"));
  const heading = section.appendChild(element("h3"));
  heading.append(chip(field.tier, c.status, LETTERS[c.access]), (c.access === "edit" ? "Edit, " : "Read, ") + c.status);
  const note = section.appendChild(element("div", "note" + (BAD.includes(c.status) ? " bad" : "")));
  note.append(element("p", "", sentence(c)));
  if (CHANGED[c.change]) note.append(element("p", "", CHANGED[c.change] + (c.before ? " Before: " + c.before + "." : "")));
  for (const text of c.notes) note.append(element("p", "name", clean(text)));
  section.append(element("h3", "", "Through"));
  const route = section.appendChild(element("ol"));
  for (const hop of c.route) {
    const li = route.appendChild(element("li"));
    li.append(element("p", "", words(hop.kind)));
    if (hop.text) li.append(element("p", "name", clean(hop.text)));
    if (hop.path) li.append(element("code", "name", place(hop)));
  }
  if (!c.route.length) section.append(element("p", "", "No route is recorded."));
  const j = c.justification;
  if (!j) return;
  section.append(element("h3", "", "Justification"));
  pairs(section, [["Reason", j.text || "missing"], ["Compliance", j.compliance || "missing"], ["Owner", j.owner || "missing"],
    ["Ticket", j.ticket], ["Expires", j.expires || "missing"], ["Approval", approved(j)],
    ["Written at", place(j), "code"]]);
}

function pairs(box, entries) {
  const dl = box.appendChild(element("dl"));
  for (const [term, text, tag] of entries) {
    if (!text) continue;
    dl.append(element("dt", "", term));
    dl.appendChild(element("dd")).append(element(tag || "span", "name", clean(text)));
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
  const columns = [...COLUMNS.filter((c) => c !== CHANGE), ...CSV_ONLY, ...data.delta ? [CHANGE, BEFORE] : []];
  const lines = [columns.map((c) => c.title)];
  if (state.view === "map") arrangeList();
  for (const i of listRows) lines.push(columns.map((c) => c.of(data.cells[i])));
  const text = "\ufeff" + lines.map((line) => line.map((t) => csvField(clean(t))).join(",") + "\r\n").join("");
  const url = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  const link = element("a");
  link.href = url;
  link.download = "data-access-matrix.csv";
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}

/* Virtual rows cannot be printed, so paper gets a table of its own, made when it is asked for. */
function paper() {
  const box = $("paper");
  if (state.view === "map") arrangeList();
  const rows = listRows.slice(0, MAX_PRINTED);
  const said = [];
  if (filtered()) {
    said.push("Filtered: " + FILTERS.filter((k) => k !== "bare" && state[k].length > 0)
      .map((k) => (k === "q" ? "text" : k) + " " + clean([].concat(state[k]).join(", "))).join("; ") + ".");
  }
  if (rows.length < listRows.length) {
    said.push("Only the first " + number(rows.length) + " of " + number(listRows.length) + " are printed. Filter, or export CSV.");
  }
  const table = element("table");
  const head = table.createTHead().insertRow();
  for (const title of ["Field", "Label", "Permission set or profile", "Access", "Through", "Justification"]) {
    const th = head.appendChild(element("th", "", title));
    th.scope = "col";
  }
  const body = table.createTBody();
  for (const i of rows) {
    const c = data.cells[i];
    const field = fieldOf(c);
    const tr = body.insertRow();
    const put = (...parts) => tr.insertCell().append(...parts.filter(Boolean).flatMap((p) => [p, document.createElement("br")]).slice(0, -1));
    put(named(field.name));
    put(field.tier, clean([field.classification, ...field.groups].filter(Boolean).join(", ")));
    put(named(grantorOf(c).name), words(grantorOf(c).kind) + ", " + grantorOf(c).principal);
    put(chip(field.tier, c.status, LETTERS[c.access]), c.access + ", " + c.status, c.change && c.change !== c.status ? c.change : "");
    put(hops(c), place(c.route[c.route.length - 1]));
    const j = c.justification;
    if (j) put(clean(j.text || ""), clean(j.compliance || ""), clean([j.owner, j.expires && "expires " + j.expires, j.ticket].filter(Boolean).join(", ")));
    else put("");
  }
  box.replaceChildren(element("h1", "name", clean(data.title)), element("p", "", $("about").textContent),
    element("p", "", $("count").textContent),
    element("p", "", $("gaps").hidden ? "" : $("gaps").querySelector("summary").textContent + "."), ...said.map((t) => element("p", "", t)), table);
}

/* ---- Controls ---- */

function build() {
  $("title").textContent = clean(data.title);
  $("about").textContent = "Revision " + clean(data.revision) + " \u00b7 policy " + clean(data.policy) + " \u00b7 "
    + count(data.fields.length, "field") + " \u00b7 " + count(data.grantors.length, "grantor");
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
      if (f.key === "access") o.line.append(chip("open", "open", LETTERS[o.value], "", ""));
      o.line.append(element("span", "name", words(o.value)));
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
    if (state.field) change({ field: "", grantor: "" });
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
try {
  data = read($("data").textContent);
  index();
  build();
  state = fromHash(location.hash);
  written = location.hash;
  show();
} catch (e) {
  if (!(e instanceof Unfit)) throw e;
  document.body.className = "refused";
  $("map").hidden = $("list").hidden = true;
  $("nothing").hidden = false;
  $("title").textContent = document.title;
  say("This page cannot show its data", "Write it anew with the flsgate that made it: " + e.message + ".");
}
