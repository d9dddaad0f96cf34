/* ---- What is shown: the state, which is also the address ---- */

/* Filters of all views. */
const LISTS = ["severity", "state", "tier", "rule", "user_type", "access", "through", "known", "kept", "approvable", "change",
  "holder", "object", "field"];
/* With room for the detail beside the list. */
const wide = matchMedia("(min-width: 1180px)");

/* With no room for the state beside the rest of a row. */
const narrowWindow = matchMedia("(max-width: 560px)");

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
function namedItem() {
  if (state.finding) return byId.get(state.finding);
  if (!state.item) return -1;
  const i = Number(state.item);
  return viewOf(state.view).items[i] ? i : undefined;
}

/* ---- Showing it ---- */

/* Where few items pass, their groups are open; where many do, the heads alone tell more. */
const folds = new Map();
function foldedOf(view) {
  const key = view.key + " " + state.group;
  const many = groups.length > 1 && matched.length > view.unfoldedTo;
  const before = folds.get(key);
  if (before && before.many === many) return before.folded;
  const folded = new Set(many ? groups.map((g) => g.value) : []);
  folds.set(key, { many, folded });
  return folded;
}

/* Filters and groups only; which item is shown is no part of it. */
function listKey() {
  const { item, finding, ...rest } = state;
  return JSON.stringify(rest);
}

function show(narrowing = false) {
  const view = viewOf(state.view);
  if (made !== listKey()) {
    const other = !made || JSON.parse(made).view !== view.key;
    made = listKey();
    shownAt = -1;
    matched = filter(view, state);
    groups = grouped(view, matched, state.group);
    order = groups.flatMap((g) => g.items);
    if (narrowing && !matched.includes(namedItem())) state.item = state.finding = "";
    list.current = -1;
    list.fill(groups, foldedOf(view), narrowWindow.matches ? view.narrowHeight : view.rowHeight);
    if (other) buildControls(view);
    controls(view);
    announce(view);
    if ($("work").getBoundingClientRect().top < 0) $("work").scrollIntoView();
  }
  showItem(view);
}

/* In a narrow window only what was asked for is shown, over the list. */
function showItem(view) {
  const asked = namedItem();
  const i = asked === -1 && wide.matches && order.length && !view.overview ? order[0] : asked;
  const box = wide.matches ? $("pane") : $("drawer");
  if (i !== list.current || i === undefined) list.point(i === undefined ? -1 : i, false, asked >= 0);
  if (!wide.matches) $("pane").replaceChildren(); else $("drawer").replaceChildren();
  if (wide.matches && $("drawer").open) $("drawer").close();
  if (i === -1 && !wide.matches) { if ($("drawer").open) $("drawer").close(); return; }
  if (i !== shownAt || i === -1 || !box.firstChild) fillBox(box, view, i);
  shownAt = i;
  if (!wide.matches && !$("drawer").open) $("drawer").showModal();
}

function fillBox(box, view, i) {
  const content = element("div", "drawer");
  content.append(detailTop(view, i));
  if (i === undefined) absent(content);
  else if (i === -1) { if (view.overview) view.overview(content, view); }
  else view.detail(content, view.items[i], i, view);
  const title = content.querySelector("h2");
  if (title) { title.id = "detailtitle"; title.tabIndex = -1; }
  box.replaceChildren(content);
  box.scrollTop = 0;
}

function absent(box) {
  box.append(element("h2", "", "Not in this report"), element("p", "note", "The link names " + short(state.finding || state.item)
    + ". This report has nothing of that name. It may be resolved by now, or this report is of another commit."));
}

function detailTop(view, i) {
  const top = element("div", "top");
  const at = order.indexOf(i);
  top.append(element("p", "position", at < 0 ? i === -1 ? "Overview" : "" : number(at + 1) + " of " + count(order.length, ...view.nouns) + (sum(view.left) ? " on this page" : "")));
  const button = (text, label, act, off) => {
    const el = top.appendChild(element("button", "button", text));
    el.type = "button";
    el.disabled = off;
    if (label) { el.setAttribute("aria-label", label); el.title = label; }
    el.addEventListener("click", act);
  };
  if (order.length > 1) {
    button("\u2191", "Previous (k)", () => step(-1), at <= 0);
    button("\u2193", "Next (j)", () => step(1), at === order.length - 1);
  }
  if (!wide.matches) button("Close", "", () => $("drawer").close(), false);
  return top;
}

const address = (i) => state.view === "findings" ? { finding: findingId(i), item: "" } : { finding: "", item: String(i) };

/* Focus stays in the list or in the detail, whichever has it; there on the same button, if it can. */
function step(by) {
  const next = order[order.indexOf(list.current) + by];
  if (next === undefined) return;
  const box = $("drawer").open ? $("drawer") : $("pane");
  const inDetail = box === $("drawer") || box.contains(document.activeElement);
  const held = document.activeElement.title;
  if (wide.matches || inDetail) change(address(next), false);
  list.point(next, !inDetail);
  if (!inDetail) return;
  const again = [...box.querySelectorAll(".top button")].find((b) => b.title && b.title === held && !b.disabled);
  (again || $("detailtitle")).focus({ preventScroll: true });
}

function filtered() {
  return state.q !== "" || LISTS.some((k) => state[k].length > 0);
}

function clearFilters() {
  $("search").value = "";
  change({ q: "", ...Object.fromEntries(LISTS.map((k) => [k, []])) });
}

/* A filter that hides the item that is shown lets it go. */
function narrow(part, push = true) {
  state = { ...state, ...part };
  show(true);
  write(push);
}

function announce(view) {
  const [one, many] = view.nouns;
  const text = $("count");
  const all = view.items.length + sum(view.left);
  text.replaceChildren(element("strong", "", matched.length === all ? count(all, one, many)
    : number(matched.length) + " of " + count(all, one, many)));
  if (view.weights) countMarks(text, view, tally(view, matched));
  const left = leftText(view);
  if (left) text.append(element("span", "cut", left));
  if (list.cut) text.append(" \u00b7 not all are drawn; filter to see the rest");
  $("list").hidden = !matched.length;
  $("nothing").hidden = matched.length > 0;
  $("pane").hidden = !matched.length && namedItem() === -1;
  const [title, why] = view.items.length ? ["Nothing matches", "Nothing passes these filters. Take one away, or clear them all."] : ["No " + (many || one + "s"), view.empty];
  $("nothing").querySelector("h2").textContent = title;
  $("nothing").querySelector("p").textContent = why;
  list.draw();
}
