/* ---- What is shown: the state, which is also the address ---- */

const START = { view: "map", q: "", object: "", tier: [], principal: [], access: [], status: [], change: [], route: [], group: [],
  kind: [], owner: [], expiry: [], bare: "", rows: "tier", columns: "name", sort: "field", field: "", grantor: "", muted: "" };
const ALLOWED = { view: ["map", "list"], muted: ["", "1"], rows: ["tier", "name", "status", "reach"], columns: ["name", "reach"] };
let state = { ...START };

function toHash() {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(state)) {
    if (Array.isArray(value)) value.forEach((v) => params.append(key, v));
    else if (value !== START[key]) params.append(key, value);
  }
  return "#" + params;
}

function fromHash(hash) {
  const params = new URLSearchParams(hash.slice(1));
  const next = {};
  for (const [key, value] of Object.entries(START)) {
    if (Array.isArray(value)) next[key] = params.getAll(key);
    else next[key] = params.has(key) ? params.get(key) : value;
    if (ALLOWED[key] && !ALLOWED[key].includes(next[key])) next[key] = value;
  }
  if (!COLUMNS.some((c) => c.key === next.sort.replace(/^-/, ""))) next.sort = START.sort;
  /* What this matrix does not have filters nothing, and must not look as if it did. */
  if (!objects.includes(next.object)) next.object = "";
  for (const f of facets) next[f.key] = next[f.key].filter((v) => f.options.some((o) => o.value === v));
  return next;
}

let written = "";
/* A step that `back` should undo is pushed; typing replaces. Only the fragment changes, which is allowed
   for files, sandboxes and every other place where history.pushState is not. */
function change(part, push = true) {
  state = { ...state, ...part };
  const hash = toHash();
  if (hash !== (location.hash || "#")) {
    if (push) location.hash = hash; else location.replace(hash);
  }
  written = location.hash;
  show();
}

/* ---- The columns of the list, the CSV and the printed table ---- */

const fieldOf = (c) => data.fields[c.f];
const grantorOf = (c) => data.grantors[c.g];
const reason = (c, key) => c.justification && c.justification[key] ? c.justification[key] : "";
/* A step through a group says which member it leads through. */
const hop = (h) => words(h.kind) + (h.text && h.text.startsWith("member ") ? " (" + h.text.replaceAll("`", "") + ")" : "");
const hops = (c) => c.route.map(hop).join(" \u2192 ");
const APPROVALS = { approved: "approved", needs_approval: "not approved yet", justified: "not asked for", allowed: "not asked for", expired: "ended" };
const approval = (c) => c.justification ? APPROVALS[c.status] || "does not count" : "";
/* What a change does to an access, in a few words. */
const changed = (c) => {
  if (!c.change) return "";
  if (c.change === "added") return "+ " + c.access;
  if (c.change === "removed") return c.status === "kept" ? "kept: " + c.access : "\u2212 " + c.access;
  if (c.change === "relabelled") return "label changed";
  return c.before && c.before !== c.access ? c.before + " \u2192 " + c.access : "more exposed";
};
const inWords = (c) => c.change ? c.change + (c.before && c.before !== c.access ? " from " + c.before : "") : "";
const rank = (list, value) => list.indexOf(value);

/* As other formats write it, and as people read it. */
const labelText = (label) => [label.classification, label.groups.join(";")].filter(Boolean).join(", ") || "no label";
const labelWords = (label) => [label.classification, ...label.groups].filter(Boolean).join(", ") || "no label";
const ownLabel = (f) => f.own ? labelText(f.own) : "";
const labelFrom = (f) => f.own && f.own.from ? f.own.from : "";

/* `of` is the text, `by` what to sort by where that is not the text. The CSV has the columns of flsgate's own. */
const COLUMNS = [
  { key: "field", title: "Field", width: 0, of: (c) => fieldOf(c).name, by: (c) => c.f },
  { key: "grantor", title: "Permission set or profile", width: 140, of: (c) => grantorOf(c).name, by: (c) => grantorRank[c.g] },
  { key: "access", title: "Access", width: 78, of: (c) => c.access },
  { key: "status", title: "State", width: 170, of: (c) => STATE_WORDS[c.status], by: (c) => rank(STATUSES, c.status) },
  { key: "principal", title: "User type", width: 116, of: (c) => grantorOf(c).principal, by: (c) => rank(PRINCIPALS, grantorOf(c).principal) },
  { key: "tier", title: "Tier", width: 110, of: (c) => fieldOf(c).tier, by: (c) => rank(TIERS, fieldOf(c).tier) },
  { key: "label", title: "Classification", width: 118, of: (c) => fieldOf(c).classification || "" },
  { key: "groups", title: "Compliance groups", width: 160, of: (c) => fieldOf(c).groups.join(", ") },
  { key: "route", title: "Through", width: 280, of: hops },
  { key: "justification", title: "Business justification", width: 320, of: (c) => reason(c, "text") },
  { key: "owner", title: "Owner", width: 190, of: (c) => reason(c, "owner") },
  { key: "approval", title: "Approval", width: 120, of: approval },
  { key: "expires", title: "Expires", width: 110, of: (c) => reason(c, "expires") },
  { key: "kind", title: "Kind", width: 160, of: (c) => words(grantorOf(c).kind) },
];
const CHANGE = { key: "change", title: "Change", width: 130, of: changed, by: (c) => rank(CHANGES, c.change) };
/* The columns of flsgate's own CSV: the five that auditors ask for, then the others. `bare` is of a field without access. */
const CSV = [
  { title: "Field", of: (c) => fieldOf(c).name, bare: (f) => f.name },
  { title: "Classification", of: (c) => fieldOf(c).classification || "", bare: (f) => f.classification || "" },
  { title: "Access granted", of: (c) => GONE.includes(c.status) ? "No" : "Yes", bare: () => "No" },
  { title: "Business justification", of: (c) => reason(c, "text") },
  { title: "Compliance considerations", of: (c) => reason(c, "compliance") },
  { title: "Permission set or profile", of: (c) => grantorOf(c).name },
  { title: "Kind", of: (c) => words(grantorOf(c).kind) },
  { title: "User type", of: (c) => grantorOf(c).principal },
  { title: "Access", of: (c) => c.access },
  { title: "State", of: (c) => STATE_WORDS[c.status] },
  { title: "Tier", of: (c) => fieldOf(c).tier, bare: (f) => f.tier },
  { title: "Compliance groups", of: (c) => fieldOf(c).groups.join(", "), bare: (f) => f.groups.join(", ") },
  { title: "Through", of: hops },
  { title: "Owner", of: (c) => reason(c, "owner") },
  { title: "Approval", of: approval },
  { title: "Expires", of: (c) => reason(c, "expires") },
  { title: "Ticket", of: (c) => reason(c, "ticket") },
  { title: "Label owner", of: (c) => fieldOf(c).owner || "", bare: (f) => f.owner || "" },
  { title: "Label at", of: (c) => place(fieldOf(c).source), bare: (f) => place(f.source) },
  { title: "Own label", of: (c) => ownLabel(fieldOf(c)), bare: (f) => ownLabel(f) },
  { title: "Label from", of: (c) => labelFrom(fieldOf(c)), bare: (f) => labelFrom(f) },
  { title: "Through at", of: (c) => c.route.map(place).filter(Boolean).join(" ; ") },
  { title: "Justification at", of: (c) => place(c.justification) },
  { title: "Notes", of: (c) => c.notes.join("; ") },
  { title: "Change", of: inWords },
  { title: "Users", of: (c) => grantorOf(c).users === null ? "" : String(grantorOf(c).users) },
];

/* ---- Indexes, made once ---- */

let data;
let grantorRank;              /* position in the order of names; fields stand in theirs */
let objects, objectOf;        /* objects by name, and the object of each field */
let places;                   /* (field, grantor) -> cells */
let facets;                   /* filters with boxes: options, and for each cell the bits of its options */
let hay;                      /* text of each cell to search in, made at the first search */

const key = (f, g) => f * data.grantors.length + g;

function ranks(items, text) {
  const folded = items.map((item) => fold(text(item)));
  const order = items.map((_, i) => i).sort((a, b) => folded[a] < folded[b] ? -1 : folded[a] > folded[b] ? 1 : a - b);
  const out = new Int32Array(items.length);
  order.forEach((i, at) => { out[i] = at; });
  return out;
}

function facet(key, title, values, of) {
  const index = new Map(values.map((v, i) => [v, i]));
  const last = values.length - 1;
  const bits = new Uint32Array(data.cells.length);
  data.cells.forEach((c, i) => {
    for (const value of of(c)) bits[i] |= 1 << (index.has(value) ? index.get(value) : last);
  });
  let seen = 0;
  for (const b of bits) seen |= b;
  const options = values.map((value, i) => ({ value, bit: 1 << i, present: (seen & (1 << i)) !== 0, count: 0 }));
  return { key, title, bits, options: options.filter((o) => o.present) };
}

const MANY_COLUMNS = 20;
/* A change is read as a list, and so is everything where there is no room for a map. */
const narrow = matchMedia("(max-width: 560px)");
const ownView = () => data.delta || narrow.matches ? "list" : "map";

function index() {
  START.view = ownView();
  /* Where not all columns fit, those with most are seen first. */
  if (data.grantors.length > MANY_COLUMNS) START.columns = "reach";
  if (data.delta) {
    COLUMNS.splice(1, 0, CHANGE);
    START.sort = "change";
  }
  grantorRank = ranks(data.grantors, (g) => g.name);
  const object = (f) => f.name.split(".", 1)[0];
  objects = [...new Set(data.fields.map(object))].sort((a, b) => fold(a) < fold(b) ? -1 : 1);
  const at = new Map(objects.map((o, i) => [o, i]));
  objectOf = Int32Array.from(data.fields, (f) => at.get(object(f)));
  places = new Map();
  data.cells.forEach((c, i) => {
    const k = key(c.f, c.g);
    const list = places.get(k);
    if (list) list.push(i); else places.set(k, [i]);
  });
  const kinds = new Set();
  for (const c of data.cells) for (const h of c.route) kinds.add(h.kind);
  const routes = [...kinds].sort();
  if (routes.length > MAX_KINDS) routes.splice(MAX_KINDS, routes.length, "all others");
  const groups = [...new Set(data.fields.flatMap((f) => f.groups))].sort();
  if (groups.length > MAX_KINDS) groups.splice(MAX_KINDS, groups.length, "all others");
  facets = [
    facet("tier", "Tier", TIERS, (c) => [fieldOf(c).tier]),
    facet("status", "State", STATUSES, (c) => [c.status]),
    facet("access", "Access", ACCESSES, (c) => [c.access]),
    ...data.delta ? [facet("change", "Change", CHANGES, (c) => c.change ? [c.change] : [])] : [],
    facet("principal", "User type", PRINCIPALS, (c) => [grantorOf(c).principal]),
    facet("route", "Through", routes, (c) => c.route.map((h) => h.kind)),
    facet("group", "Compliance group", groups.length ? groups : ["none"], (c) => fieldOf(c).groups),
    facet("kind", "Kind", KINDS, (c) => [grantorOf(c).kind]),
    facet("owner", "Owner of the justification", owners(), (c) => c.justification ? [c.justification.owner || "no owner"] : []),
    facet("expiry", "Justification ends", EXPIRIES, (c) => c.justification ? [expiry(c)] : []),
  ];
}

/* Those who answer for most first. */
function owners() {
  const counts = new Map();
  for (const c of data.cells) if (c.justification) {
    const owner = c.justification.owner || "no owner";
    counts.set(owner, (counts.get(owner) || 0) + 1);
  }
  const all = [...counts.keys()].sort((a, b) => counts.get(b) - counts.get(a) || (a < b ? -1 : 1));
  if (all.length > MAX_KINDS) all.splice(MAX_KINDS, all.length, "all others");
  return all.length ? all : ["no owner"];
}

/* Days from the day of the matrix to the last day of a justification. */
function expiry(c) {
  const last = Date.parse((c.justification.expires || "") + "T00:00:00Z");
  if (Number.isNaN(last)) return "no date";
  const days = (last - Date.parse(data.as_of + "T00:00:00Z")) / 86400000;
  return days < 0 ? "ended" : days <= 30 ? "within 30 days" : days <= 90 ? "within 90 days" : "later";
}

/* ---- Filtering ---- */

let matched = [];      /* cells that pass */
let objectCounts;

const fieldText = (f) => fold([f.name, f.classification || "", f.owner || "", ...f.groups].join("\n"));
const grantorText = (g) => fold([g.name, g.kind, g.kind.replace(/_/g, " "), g.principal].join("\n"));
function cellText(c) {
  const j = c.justification;
  const of = j ? [j.text, j.compliance, j.owner, j.ticket, j.expires, j.path] : [];
  of.push(STATE_WORDS[c.status], ...c.notes);
  for (const h of c.route) of.push(h.kind, h.text, h.path);
  return fold(of.filter(Boolean).join("\n"));
}

/* Every word must be found in the field, in the permission set or profile, or in the access. */
function search(q) {
  const terms = fold(q).split(/\s+/).filter(Boolean).slice(0, 8);
  if (!terms.length) return null;
  if (!hay) hay = { fields: data.fields.map(fieldText), grantors: data.grantors.map(grantorText), cells: data.cells.map(cellText) };
  const inFields = terms.map((t) => hay.fields.map((text) => text.includes(t)));
  const inGrantors = terms.map((t) => hay.grantors.map((text) => text.includes(t)));
  return {
    cell: (i, c) => terms.every((t, n) => inFields[n][c.f] || inGrantors[n][c.g] || hay.cells[i].includes(t)),
    field: (f) => terms.every((_, n) => inFields[n][f]),
  };
}

/* One pass. The count beside an option says how many cells it would show: a cell that fails one filter
   only counts there, so that options which are not chosen yet show what choosing them would add. */
function filter() {
  const found = search(state.q);
  const chosen = facets.map((f) => f.options.reduce((mask, o) => state[f.key].includes(o.value) ? mask | o.bit : mask, 0));
  const object = state.object === "" ? -1 : objects.indexOf(state.object);
  objectCounts = new Int32Array(objects.length);
  const counts = facets.map(() => new Map());
  const add = (k, i) => {
    const bits = facets[k].bits[i];
    counts[k].set(bits, (counts[k].get(bits) || 0) + 1);
  };
  matched = [];
  data.cells.forEach((c, i) => {
    if (found && !found.cell(i, c)) return;
    let failed = 0;
    let which = -1;
    for (let k = 0; k < facets.length; k++) {
      if (chosen[k] !== 0 && (facets[k].bits[i] & chosen[k]) === 0) { failed++; which = k; }
    }
    const otherObject = object >= 0 && objectOf[c.f] !== object;
    if (failed + otherObject > 1) return;
    if (failed === 0) objectCounts[objectOf[c.f]]++;
    if (otherObject) return;
    if (failed === 1) { add(which, i); return; }
    matched.push(i);
    for (let k = 0; k < facets.length; k++) add(k, i);
  });
  facets.forEach((f, k) => f.options.forEach((o) => {
    o.count = 0;
    for (const [bits, n] of counts[k]) if (bits & o.bit) o.count += n;
  }));
  return found;
}
