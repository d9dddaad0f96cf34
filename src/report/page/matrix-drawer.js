/* ---- The drawer ---- */

const holderKey = (g) => data.grantors[g].kind + ":" + data.grantors[g].name;
const NOTHING = { field: "", grantor: "", muted: "" };
const opened = () => Boolean(state.field || state.grantor || state.muted);
const open = (f, g) => enter({ field: data.fields[f].name, grantor: holderKey(g) });
/* Who has access to a field, and all that a permission set or profile gives. */
const openField = (f) => enter({ field: data.fields[f].name });
const openHolder = (g) => enter({ grantor: holderKey(g) });
const openMuted = () => enter({ muted: "1" });

/* What the drawer shows is one step of the history, however far one goes in it: closing it takes the step back. */
let entered = false;
/* Who can hold it, and how many do where that is counted. */
function heldBy(grantor) {
  return ", held by " + grantor.principal + " users" + (grantor.users === null ? "" : ", assigned to " + count(grantor.users, "user"));
}

function enter(part) {
  const inside = $("drawer").open;
  if (!inside) entered = true;
  change({ ...NOTHING, ...part }, !inside);
}
function leave(part = {}) {
  if (entered && !Object.keys(part).length) { entered = false; history.back(); return; }
  entered = false;
  change({ ...NOTHING, ...part }, false);
}

function drawer() {
  const dialog = $("drawer");
  if (!opened()) { if (dialog.open) dialog.close(); return; }
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
  accepted: "This access existed when the baseline was written, and the baseline accepts it until it goes. Nobody has written why it is needed.",
  approved: "A justification covers this access, and it is merged, which needs an approval. Who gave it: see the reviews of the pull request that brought the justification.",
  justified: "A justification covers this access. The policy asks for no approval.",
  allowed: "The policy asks for nothing.",
  kept: "The file of the profile no longer mentions it. That revokes nothing: the org keeps the access.",
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
    else box.append(i === all.length - 1 ? "`" + clean(part) : broken(part, "name", "code"));
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

/* A line of a file; a link where it can be looked at. */
function placeElement(at) {
  const text = broken(place(at), "name", "code");
  const blob = data.lookup[at.on_base ? "base" : "head"];
  const href = blob && lineAddress(blob, at);
  return href ? outside(href, text) : text;
}

function fillDrawer(dialog, f, g) {
  const field = data.fields[f];
  const grantor = data.grantors[g];
  const box = element("div", "drawer");
  const top = box.appendChild(element("div", "top"));
  const title = top.appendChild(broken(state.muted ? "Muted in a group" : field ? field.name : grantor ? grantor.name : "Not in this matrix", "name", "h2"));
  title.id = "drawertitle";
  top.append(button("Close", () => dialog.close()));
  dialog.replaceChildren(box);
  if (state.muted) { mutedIn(box, data.muted); return; }
  const cells = field && grantor ? places.get(key(f, g)) || [] : [];
  const wanted = (state.field === "" || field) && (state.grantor === "" || grantor);
  if (!wanted || (field && grantor && !cells.length)) {
    box.append(element("p", "note", "The link names " + [state.field, state.grantor.replace(":", " ")].filter(Boolean).map(clean).join(" and ")
      + ". This matrix has no such access: it may be gone, or the names may have changed."));
    return;
  }
  if (!field || !grantor) { listIn(box, f, g); return; }
  const sub = box.appendChild(element("p", "sub", words(grantor.kind) + " "));
  sub.append(broken(grantor.name), heldBy(grantor));
  steps(box, f, g);
  labelOf(box, field);
  for (const i of cells) accessSection(box, data.cells[i], field, grantor);
}

/* The label that counts; where that comes from what the field reads, what it declares itself too. */
function labelOf(box, field) {
  const own = field.own;
  box.append(element("h3", "", own ? "Label it counts as" : "Label"));
  pairs(box, [["Classification", field.classification || "none"], ["Compliance groups", field.groups.join(", ") || "none"], ["Tier", field.tier],
    ["From", own && (own.from ? broken(own.from) : "compliance groups of what it reads")], ["Declared at", field.source && placeElement(field.source)],
    ["Owner", field.owner]]);
  if (!own) return;
  box.append(element("h3", "", "Its own label"));
  pairs(box, [["Classification", own.classification || "none"], ["Compliance groups", own.groups.join(", ") || "none"], ["Tier", own.tier],
    ["Declared at", own.source && placeElement(own.source)]]);
}

/* What groups do not give, and which muting permission set takes it away. */
function mutedIn(box, all) {
  box.append(element("p", "sub", "The members of a group give this access, the group does not: a muting permission set takes it away. Whoever has a member by itself keeps it."));
  const list = box.appendChild(element("div", "listed"));
  for (const m of all.slice(0, MAX_LISTED)) {
    const row = list.appendChild(element("div", "muted"));
    const what = row.appendChild(element("p"));
    what.append(broken(m.field), ": group ", broken(m.group), " gives " + (m.left ? m.left + " instead of " + m.access : "no access instead of " + m.access));
    const by = row.appendChild(element("p", "sub"));
    by.append("Muted by ", broken(m.by), " ", placeElement(m));
  }
  if (all.length > MAX_LISTED) box.append(element("p", "note", "The first " + MAX_LISTED + " of " + number(all.length) + " are listed. The JSON and Markdown formats have all."));
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
  else box.append(element("p", "sub", words(grantor.kind) + heldBy(grantor)));
  box.append(element("h3", "", field ? count(cells.length, "access", "accesses") + ", gravest first" : "Gives " + count(cells.length, "access", "accesses") + ", gravest first"));
  const rows = box.appendChild(element("div", "listed"));
  for (const c of cells.slice(0, MAX_LISTED)) {
    const row = rows.appendChild(element("div"));
    const other = field ? grantorOf(c).name : fieldOf(c).name;
    const go = row.appendChild(button("", () => open(c.f, c.g)));
    go.className = "plain";
    go.append(chip(fieldOf(c).tier, c.status, LETTERS[c.access]), broken(other), element("span", "sub", c.access + ", " + STATE_WORDS[c.status]
      + (field ? ", " + grantorOf(c).principal : "")));
  }
  if (cells.length > MAX_LISTED) box.append(element("p", "note", "The first " + MAX_LISTED + " of " + number(cells.length) + " are listed."));
  if (!cells.length) box.append(element("p", "note", "Nobody has access to it."));
  const filters = Object.fromEntries(FILTERS.map((k) => [k, START[k]]));
  box.append(button("Show them in the list", () => leave({ ...filters, view: "list", q: (field || grantor).name })));
  const muted = data.muted.filter((m) => field ? m.field === field.name : grantor.kind === "permission_set_group" && m.group === grantor.name);
  if (!muted.length) return;
  box.append(element("h3", "", "Muted"));
  mutedIn(box, muted);
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
    if (hop.path) li.append(placeElement(hop));
  }
  if (!c.route.length) section.append(element("p", "", "How it comes about is not recorded."));
  const j = c.justification;
  if (!j && c.status === "unjustified") {
    const yaml = element("pre", "yaml", stub(c, field, grantor).map(clean).join("\n"));
    yaml.tabIndex = 0;
    section.append(element("h3", "", "Next step"), element("p", "", "Remove the access, or write why it is needed:"), yaml);
  }
  if (!j) return;
  section.append(element("h3", "", "Justification"));
  pairs(section, [["Reason", j.text || "missing"], ["Compliance", j.compliance || "missing"], ["Owner", j.owner || "missing"],
    ["Ticket", j.ticket], ["Expires", j.expires || "missing"], ["Approval", approval(c)],
    ["Written at", placeElement(j)]]);
}

/* Texts, or elements as they are; what is not known is left out. */
function pairs(box, entries) {
  const dl = box.appendChild(element("dl"));
  for (const [term, value] of entries) {
    if (!value) continue;
    dl.append(element("dt", "", term));
    dl.appendChild(element("dd")).append(typeof value === "string" ? lines(value) : value);
  }
}
