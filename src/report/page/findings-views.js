/* ---- Filters and groups ---- */

const NONE = "";

/* Options of a filter: every value that occurs, in a given order or the most frequent first. Each item
   has one value, so a position in the options is all there is to store. */
function facet(key, title, items, of, more = {}) {
  const seen = new Map();
  const codes = Uint32Array.from(items, (item) => {
    const value = of(item);
    const known = seen.get(value);
    if (known) { known.total++; return known.code; }
    seen.set(value, { value, code: seen.size, total: 1, count: 0 });
    return seen.size - 1;
  });
  const order = more.order || [];
  const rank = (o) => order.includes(o.value) ? order.indexOf(o.value) : order.length;
  const options = [...seen.values()].sort((a, b) => rank(a) - rank(b)
    || (more.byName ? 0 : b.total - a.total) || (fold(a.value) < fold(b.value) ? -1 : 1));
  const moved = new Uint32Array(options.length);
  options.forEach((o, i) => { moved[o.code] = i; });
  for (let i = 0; i < codes.length; i++) codes[i] = moved[codes[i]];
  return { key, title, codes, options, text: more.text || kindText, select: more.select, mark: more.mark, all: more.all };
}

/* What both kinds of lists have. */
const tierOf = (item) => item.tier || NONE;
const userTypeOf = (item) => item.holder ? item.holder.userType : NONE;
const holderOf = (item) => item.holder ? item.holder.kind + ":" + item.holder.name : NONE;
const holderName = (value) => value === NONE ? "no permission set or profile" : short(value.slice(value.indexOf(":") + 1));
const holderWords = (value) => value === NONE ? holderName(value) : kindText(value.slice(0, value.indexOf(":"))) + " " + holderName(value);
const fieldOf = (item) => item.field || NONE;
const fieldName = (value) => value === NONE ? "no single field" : short(value);
const objectOfItem = (item) => item.field ? objectOf(item.field) : NONE;
const objectName = (value) => value === NONE ? "no single field" : value === "*" ? "user permissions" : short(value);
const orWord = (none) => (value) => value === NONE ? none : kindText(value);

function placeFacets(items) {
  return [
    facet("holder", "Permission set or profile", items, holderOf, { select: true, byName: true, text: holderName, all: "All" }),
    facet("object", "Object", items, objectOfItem, { select: true, byName: true, text: objectName, all: "All" }),
    facet("field", "Field", items, fieldOf, { select: true, byName: true, text: fieldName, all: "All" }),
  ];
}

const severityFacet = (items) => facet("severity", "Severity", items, (f) => f.severity, { order: SEVERITIES, mark: severityMark });
const orTier = (none) => (value) => value === NONE ? none : tierText(value);
const tierFacet = (items) => facet("tier", "Tier", items, tierOf, { order: TIERS, text: orTier("no tier"), mark: tierMark });
const stateOf = (item) => item.state || NONE;
const stateFacet = (items) => facet("state", "State", items, stateOf, { order: STATES, text: stateText, mark: stateMark });
const userTypeFacet = (items) =>
  facet("user_type", "User type", items, userTypeOf, { order: USER_TYPES, text: orWord("no permission set or profile") });

function severityMark(severity) {
  const el = element("span", "mark s-" + severity);
  el.setAttribute("aria-hidden", "true");
  return el;
}

/* The words say it; the colour only finds it faster. */
function stateMark(state) {
  const el = element("span", "dot st-" + state);
  el.setAttribute("aria-hidden", "true");
  return el;
}
const stateBadge = (state) => element("span", "badge st-" + state, STATE_WORDS[state]);

/* For those who do not see a mark. */
const unseen = (text) => element("span", "unseen", text + " ");

function tierMark(tier) {
  return element("span", tier === NONE ? "tier" : "tier tier-" + tier);
}

const by = (title, of, text = short) => ({ title, of, text });
const GROUPS = {
  rule: by("rule", (f) => f.rule),
  file: by("file", (f) => f.location.path),
  holder: by("set or profile", holderOf, holderWords),
  field: by("field", fieldOf, fieldName),
  object: by("object", objectOfItem, objectName),
  tier: by("tier", tierOf, orTier("no tier")),
  state: by("state", stateOf, stateText),
  through: by("through", (e) => throughKey(e.through), throughText),
  change: by("change", (c) => changeOf(c)),
};

/* ---- The views ---- */

/* Counted in this order, the first counts most: it sorts groups, and stands in their headings. */
const severityWeights = { names: SEVERITIES, of: (f) => f.severity, text: (s, n) => count(n, s), word: (s) => s, mark: severityMark };
const tierWeights = { names: TIERS, of: (e) => e.tier, text: (t, n) => number(n) + " of " + TIER_WORDS[t], word: (t) => "of " + TIER_WORDS[t], mark: tierMark };

function findingsView() {
  const items = data.report.findings;
  return {
    key: "findings", title: "Findings", nouns: ["finding"], items, left: data.leftOut.findings, groups: ["rule", "file", "holder", "field"],
    start: items.length > 12 ? "rule" : NONE, rowHeight: 86, narrowHeight: 86, weights: severityWeights, rank: findingRank, unfoldedTo: Infinity,
    empty: "No rule has anything to report about what was read.",
    facets: () => [
      severityFacet(items), tierFacet(items),
      facet("rule", "Rule", items, (f) => f.rule, { text: short }),
      userTypeFacet(items), ...placeFacets(items),
      facet("approvable", "An approval is enough", items, (f) => f.approvable ? "yes" : "no", { order: ["yes", "no"] }),
    ],
    row: findingRow, text: findingText, detail: findingDetail,
  };
}

const findingText = (f) => [f.rule, f.severity, f.message, f.help, f.fingerprint, f.field, f.tier, f.tier && TIER_WORDS[f.tier], f.location.path, ...f.notes,
  ...holderWordsOf(f), ...labelWords(f.label)];
const holderWordsOf = (item) => item.holder ? [item.holder.name, words(item.holder.kind), item.holder.userType] : [];
const labelWords = (label) => label ? [label.classification, ...label.compliance_groups] : [];

/* What the head of the group says is not said again. */
function findingRow(el, f, group) {
  const line = element("span", "line");
  if (f.tier) line.append(tierMark(f.tier), element("span", "", TIER_WORDS[f.tier]));
  if (group !== "rule") line.append(element("span", "name", short(f.rule)));
  const at = line.appendChild(element("span", "at"));
  at.append(group === "file" ? "line " : element("span", "name", short(fileOf(f.location.path))), (group === "file" ? "" : ":") + f.location.line);
  el.append(severityMark(f.severity), unseen(f.severity), prose(f.message, "message", MAX_SHORT), line);
}

function accessView(key, title, items, left, leftTables, empty) {
  return {
    key, title, nouns: ["access", "accesses"], items, left, leftTables,
    groups: ["holder", "field", "object", "tier", "state", "through", "file"].filter((g) => g !== "state" || key !== "removed"),
    start: items.length > 12 ? "holder" : NONE, rowHeight: 58, narrowHeight: 84, weights: tierWeights, unfoldedTo: 60, empty,
    facets: () => [
      stateFacet(items), tierFacet(items),
      facet("access", "Access", items, (e) => e.access, { order: ACCESSES }),
      userTypeFacet(items), ...placeFacets(items),
      facet("through", "Through", items, (e) => throughKey(e.through), { text: throughText }),
      facet("known", "Defined or labelled here", items, (e) => e.known ? "yes" : "no", { order: ["yes", "no"] }),
      facet("kept", "The org keeps the access", items, (e) => e.kept_by_org ? "yes" : "no", { order: ["yes", "no"] }),
    ].filter((f) => f.key !== "kept" || key === "removed"),
    row: accessRow, text: accessText, detail: accessDetail, overview: accessOverview,
  };
}

const accessText = (e) => [e.field, e.tier, TIER_WORDS[e.tier], stateText(e.state), e.access, e.location.path, throughText(throughKey(e.through)), ...holderWordsOf(e), ...labelWords(e.label)];

function accessRow(el, e, group) {
  const head = element("span", "subject");
  const dot = e.field.indexOf(".") + 1;
  const name = element("span", "name");
  name.append(element("span", "object", short(e.field.slice(0, dot))), short(e.field.slice(dot)));
  head.append(name, element("span", "access", e.access));
  const line = element("span", "line");
  if (group !== "holder") line.append(element("span", "name", short(e.holder.name)), element("span", "", e.holder.userType));
  line.append(element("span", "", throughText(throughKey(e.through))));
  el.append(tierMark(e.tier), unseen(TIER_WORDS[e.tier]), head, line);
  if (e.state) el.append(stateBadge(e.state));
  if (e.kept_by_org) el.append(element("span", "badge kept", "the org keeps it"));
}

const CHANGES = ["removed", "lowered", "raised", "same tier", "new"];
function changeOf(c) {
  if (!c.before) return "new";
  if (!c.after) return "removed";
  const [from, to] = [TIERS.indexOf(c.before.tier), TIERS.indexOf(c.after.tier)];
  return to > from ? "lowered" : to < from ? "raised" : "same tier";
}
const sideText = (side) => side ? TIER_WORDS[side.tier] + " (" + labelText(side) + ")" : "not defined";

function labelsView() {
  const items = data.report.labels_changed;
  return {
    key: "labels", title: "Labels changed", nouns: ["field definition"], items, left: {}, groups: ["change", "object"],
    start: items.length > 12 ? "change" : NONE, rowHeight: 58, narrowHeight: 58, weights: null, unfoldedTo: 60,
    empty: "No field is new, removed or labelled differently.",
    facets: () => [
      facet("change", "Change", items, changeOf, { order: CHANGES }),
      facet("tier", "Tier after the merge", items, (c) => c.after ? c.after.tier : NONE, { order: TIERS, text: orTier("not defined"), mark: tierMark }),
      facet("object", "Object", items, objectOfItem, { select: true, byName: true, text: objectName, all: "All" }),
    ],
    row: labelRow, text: labelChangeText, detail: labelDetail,
  };
}

const labelChangeText = (c) => [c.field, changeOf(c), c.location && c.location.path, c.before && c.before.tier, c.after && c.after.tier,
  ...labelWords(c.before), ...labelWords(c.after)];

function labelRow(el, c) {
  const head = element("span", "subject");
  head.append(element("span", "name", short(c.field)), element("span", "access", changeOf(c)));
  const line = element("span", "line");
  line.append(element("span", "", sideText(c.before) + " \u2192 " + sideText(c.after)));
  el.append(tierMark(c.after ? c.after.tier : NONE), head, line);
}

function makeViews() {
  const r = data.report;
  const views = [findingsView()];
  if (data.audit) views.push(accessView("access", "What exists", r.access, data.leftOut.new, data.leftOut.new_tables, "Nothing that was read gives access to a field."));
  else {
    views.push(accessView("new", "New access", r.new_access, data.leftOut.new, data.leftOut.new_tables, "The change gives no new access and widens none."),
      accessView("removed", "Removed access", r.removed_access, data.leftOut.removed, data.leftOut.removed_tables, "The change removes and narrows no access."), labelsView());
  }
  return views;
}

const sum = (counts) => Object.values(counts).reduce((a, b) => a + b, 0);

/* What of a view is not on this page, in words; nothing where all of it is. */
function leftText(view) {
  const n = sum(view.left);
  if (!n) return "";
  const parts = view.weights.names.filter((name) => view.left[name]).map((name) => view.weights.text(name, view.left[name]));
  const last = parts.pop();
  return (parts.length ? parts.join(", ") + " and " : "") + last + (n === 1 ? " is" : " are") + " not on this page";
}

/* ---- Filtering ---- */

/* Facets are made when a view is first looked at; what all items share is no filter. */
function ready(view) {
  if (!view.counted) {
    view.counted = view.facets();
    view.filters = view.counted.filter((f) => f.options.length > 1);
  }
  return view.filters;
}

function searcher(view, q) {
  const terms = fold(q).split(/\s+/).filter(Boolean).slice(0, 8);
  if (!terms.length) return null;
  if (!view.hay) view.hay = view.items.map((item) => fold(view.text(item).filter(Boolean).join("\n")));
  return (i) => terms.every((t) => view.hay[i].includes(t));
}

/* Which options are chosen, or null where none is. */
function chosen(f, state) {
  const values = state[f.key] || [];
  const mask = Uint8Array.from(f.options, (o) => values.includes(o.value) ? 1 : 0);
  return mask.includes(1) ? mask : null;
}

/* One pass. The count beside an option says how many items it would show: an item that fails one filter
   only counts there, so that options which are not chosen yet show what choosing them would add. */
function filter(view, state) {
  const filters = ready(view);
  const found = searcher(view, state.q);
  const masks = filters.map((f) => chosen(f, state));
  const counts = filters.map((f) => new Uint32Array(f.options.length));
  const matched = [];
  for (let i = 0; i < view.items.length; i++) {
    if (found && !found(i)) continue;
    let failed = 0;
    let which = 0;
    for (let k = 0; k < filters.length; k++) {
      if (masks[k] && !masks[k][filters[k].codes[i]]) { failed++; which = k; }
    }
    if (failed > 1) continue;
    if (failed === 1) { counts[which][filters[which].codes[i]]++; continue; }
    matched.push(i);
    for (let k = 0; k < filters.length; k++) counts[k][filters[k].codes[i]]++;
  }
  filters.forEach((f, k) => f.options.forEach((o, i) => { o.count = counts[k][i]; }));
  return matched;
}

/* Counts as marks with numbers; the words are for those who do not see the marks. */
function countMarks(el, view, counts) {
  counts.forEach((n, k) => {
    if (!n) return;
    const name = view.weights.names[k];
    const part = el.appendChild(element("span", "part"));
    part.title = view.weights.text(name, n);
    part.append(view.weights.mark(name), number(n), unseen(" " + view.weights.word(name)));
  });
}

function tally(view, indexes) {
  const { names, of } = view.weights;
  const counts = names.map(() => 0);
  for (const i of indexes) {
    const at = names.indexOf(of(view.items[i]));
    if (at >= 0) counts[at]++;
  }
  return counts;
}

/* Less is worse: an error of tier 3 is before one of tier 2, and every error before a warning. */
const findingRank = (f) => SEVERITIES.indexOf(f.severity) * 4 + (f.tier ? TIERS.indexOf(f.tier) : 3);

/* Worst first: by the worst item, the counts, then by size, then by name. Without a key all is one group without a head. */
function grouped(view, matched, key) {
  const def = GROUPS[key];
  const rank = (i) => view.rank(view.items[i]);
  if (!def) return [{ value: null, items: view.rank ? [...matched].sort((a, b) => rank(a) - rank(b)) : matched, counts: null }];
  const found = new Map();
  for (const i of matched) {
    const value = def.of(view.items[i]);
    const group = found.get(value);
    if (group) group.items.push(i); else found.set(value, { value, items: [i], text: def.text(value) });
  }
  const groups = [...found.values()];
  for (const g of groups) {
    g.counts = view.weights ? tally(view, g.items) : [];
    g.rank = view.rank ? g.items.reduce((worst, i) => Math.min(worst, rank(i)), Infinity) : 0;
  }
  const weigh = (a, b) => {
    if (a.rank !== b.rank) return a.rank - b.rank;
    const k = a.counts.findIndex((n, at) => n !== b.counts[at]);
    return k >= 0 ? b.counts[k] - a.counts[k] : b.items.length - a.items.length;
  };
  return groups.sort((a, b) => weigh(a, b) || (fold(a.text) < fold(b.text) ? -1 : 1));
}
