/* ---- What is shown: the state, which is also the address ---- */

const LISTS = ["severity", "tier", "rule", "principal", "access", "route", "known", "kept", "approvable", "change", "grantor", "object", "field"];
const wide = matchMedia("(min-width: 1180px)");
const REASONS = 20;

let views;
let state;
let matched = [];      /* items of the view that pass */
let groups = [];       /* and how they are grouped */
let order = [];        /* and their order, heads left out */
let list;
let made = "";         /* what the list was made from */
let written = "";      /* the address as this page wrote it */
let shownAt = -1;      /* the item in the pane or the drawer */

const viewOf = (key) => views.find((v) => v.key === key) || views[0];

/* `item` is a position in the view, `finding` a fingerprint, with `.2` for the second finding that has it. */
function fresh(view) {
  return { view: view.key, q: "", group: view.start, item: "", finding: "", ...Object.fromEntries(LISTS.map((k) => [k, []])) };
}

function toHash() {
  const params = new URLSearchParams();
  const start = fresh(viewOf(state.view));
  if (state.view !== views[0].key) params.append("view", state.view);
  for (const [key, value] of Object.entries(state)) {
    if (key === "view") continue;
    if (Array.isArray(value)) value.forEach((v) => params.append(key, v));
    else if (value !== start[key]) params.append(key, value);
  }
  return "#" + params;
}

function fromHash(hash) {
  /* The short form: a fingerprint and nothing else. */
  if (/^#[0-9a-f]{32}(\.\d+)?$/.test(hash)) hash = "#finding=" + hash.slice(1);
  const params = new URLSearchParams(hash.slice(1));
  const view = params.has("finding") ? views[0] : viewOf(params.get("view"));
  const next = fresh(view);
  for (const key of ["q", "group", "item", "finding"]) if (params.has(key)) next[key] = params.get(key);
  if (next.group !== NONE && !view.groups.includes(next.group)) next.group = view.start;
  /* What this report does not have filters nothing, and must not look as if it did. */
  for (const f of ready(view)) next[f.key] = params.getAll(f.key).filter((v) => f.options.some((o) => o.value === v));
  return next;
}

/* Only the fragment changes, which is allowed for files, sandboxes and every other place where
   history.pushState is not. Browsers count how often: whoever holds a key down gets one address. */
let writing;
function write(push) {
  clearTimeout(writing);
  const now = () => {
    const hash = toHash();
    if (hash !== (location.hash || "#")) {
      if (push) location.hash = hash; else location.replace(hash);
    }
    written = location.hash;
  };
  if (push) now(); else writing = setTimeout(now, 300);
}

/* A step that `back` should undo is pushed; typing and walking replace. */
function change(part, push = true) {
  state = { ...state, ...part };
  show();
  write(push);
}

/* Each view keeps its filters while another one is looked at. */
const kept = new Map();
function changeView(key) {
  kept.set(state.view, state);
  change(kept.get(key) || fresh(viewOf(key)));
}

/* ---- Findings by fingerprint ---- */

let ids, byId;
function indexFindings() {
  const seen = new Map();
  byId = new Map();
  ids = data.report.findings.map((f, i) => {
    const n = (seen.get(f.fingerprint) || 0) + 1;
    seen.set(f.fingerprint, n);
    const id = f.fingerprint + (n > 1 ? "." + n : "");
    byId.set(id, i);
    return id;
  });
}
const findingId = (i) => ids[i];

/* The item that the address names; -1 where it names none, undefined where it names one that is not here. */
function named_item() {
  if (state.finding) return byId.get(state.finding);
  if (!state.item) return -1;
  const i = Number(state.item);
  return viewOf(state.view).items[i] ? i : undefined;
}
