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

/* What stands in both kinds of lists. */
const tierOf = (item) => item.tier || NONE;
const principalOf = (item) => item.grantor ? item.grantor.principal : NONE;
const grantorOf = (item) => item.grantor ? item.grantor.kind + ":" + item.grantor.name : NONE;
const grantorName = (value) => value === NONE ? "no grantor" : short(value.slice(value.indexOf(":") + 1));
const grantorWords = (value) => value === NONE ? "no grantor" : kindText(value.slice(0, value.indexOf(":"))) + " " + grantorName(value);
const fieldOf = (item) => item.field || NONE;
const fieldName = (value) => value === NONE ? "no single field" : short(value);
const objectOfItem = (item) => item.field ? objectOf(item.field) : NONE;
const objectName = (value) => value === NONE ? "no single field" : value === "*" ? "user permissions" : short(value);
const orWord = (none) => (value) => value === NONE ? none : kindText(value);

function placeFacets(items) {
  return [
    facet("grantor", "Permission set or profile", items, grantorOf, { select: true, byName: true, text: grantorName, all: "All permission sets and profiles" }),
    facet("object", "Object", items, objectOfItem, { select: true, byName: true, text: objectName, all: "All objects" }),
    facet("field", "Field", items, fieldOf, { select: true, byName: true, text: fieldName, all: "All fields" }),
  ];
}

const severityFacet = (items) => facet("severity", "Severity", items, (f) => f.severity, { order: SEVERITIES, mark: severityMark });
const tierFacet = (items) => facet("tier", "Tier", items, tierOf, { order: TIERS, text: orWord("no tier"), mark: tierMark });
const principalFacet = (items) =>
  facet("principal", "User type", items, principalOf, { order: PRINCIPALS, text: orWord("no permission set") });

function severityMark(severity) {
  const el = element("span", "mark s-" + severity);
  el.setAttribute("aria-hidden", "true");
  return el;
}

/* For those who do not see a mark. */
const unseen = (text) => element("span", "unseen", text + " ");

function tierMark(tier) {
  return element("span", tier === NONE ? "tier" : "tier tier-" + tier);
}

const by = (title, of, text = short) => ({ title, of, text });
const GROUPS = {
  rule: by("rule", (f) => f.rule),
  file: by("file", (f) => f.location.path),
  grantor: by("grantor", grantorOf, grantorWords),
  field: by("field", fieldOf, fieldName),
  object: by("object", objectOfItem, objectName),
  tier: by("tier", tierOf, orWord("no tier")),
  route: by("route", (e) => routeKey(e.route), routeText),
  change: by("change", (c) => changeOf(c)),
};

/* ---- The views ---- */

/* Counted in this order, the first counts most: it sorts groups, and stands in their headings. */
const severityWeights = { names: SEVERITIES, of: (f) => f.severity, text: (s, n) => count(n, s), mark: severityMark };
const tierWeights = { names: TIERS, of: (e) => e.tier, text: (t, n) => number(n) + " " + t, mark: tierMark };

function findingsView() {
  const items = data.report.findings;
  return {
    key: "findings", title: "Findings", nouns: ["finding"], items, groups: ["rule", "file", "grantor", "field"],
    start: items.length > 12 ? "rule" : NONE, rowHeight: 86, weights: severityWeights, unfoldedTo: Infinity,
    empty: "The rules have nothing to say about what was read.",
    facets: () => [
      severityFacet(items), tierFacet(items),
      facet("rule", "Rule", items, (f) => f.rule, { text: short }),
      principalFacet(items), ...placeFacets(items),
      facet("approvable", "An approval would settle it", items, (f) => f.approvable ? "yes" : "no", { order: ["yes", "no"] }),
    ],
    row: findingRow, text: findingText, detail: findingDetail,
  };
}

const findingText = (f) => [f.rule, f.severity, f.message, f.help, f.fingerprint, f.field, f.tier, f.location.path, ...f.notes,
  ...grantorWordsOf(f), ...labelWords(f.label)];
const grantorWordsOf = (item) => item.grantor ? [item.grantor.name, words(item.grantor.kind), item.grantor.principal] : [];
const labelWords = (label) => label ? [label.classification, ...label.compliance_groups] : [];

/* What the head of the group says is not said again. */
function findingRow(el, f, group) {
  const line = element("span", "line");
  if (f.tier) line.append(tierMark(f.tier), element("span", "", f.tier));
  if (group !== "rule") line.append(element("span", "name", short(f.rule)));
  const at = line.appendChild(element("span", "at"));
  at.append(group === "file" ? "line " : element("span", "name", short(fileOf(f.location.path))), (group === "file" ? "" : ":") + f.location.line);
  el.append(severityMark(f.severity), unseen(f.severity), prose(f.message, "message", MAX_SHORT), line);
}

function exposuresView(key, title, items, empty) {
  return {
    key, title, nouns: ["exposure"], items, groups: ["grantor", "field", "object", "tier", "route", "file"],
    start: items.length > 12 ? "grantor" : NONE, rowHeight: 58, weights: tierWeights, unfoldedTo: 60, empty,
    facets: () => [
      tierFacet(items),
      facet("access", "Access", items, (e) => e.access, { order: ACCESSES }),
      principalFacet(items), ...placeFacets(items),
      facet("route", "Through", items, (e) => routeKey(e.route), { text: routeText }),
      facet("justified", "Justified", items, (e) => e.justification ? "yes" : "no", { order: ["yes", "no"] }),
      facet("known", "Defined or labelled here", items, (e) => e.known ? "yes" : "no", { order: ["yes", "no"] }),
      facet("kept", "The org keeps the grant", items, (e) => e.kept_by_org ? "yes" : "no", { order: ["yes", "no"] }),
    ].filter((f) => f.key !== "kept" || key === "closed"),
    row: exposureRow, text: exposureText, detail: exposureDetail, overview: exposuresOverview,
  };
}

const exposureText = (e) => [e.field, e.tier, e.access, e.location.path, routeText(routeKey(e.route)), ...grantorWordsOf(e), ...labelWords(e.label)];

function exposureRow(el, e, group) {
  const head = element("span", "subject");
  const dot = e.field.indexOf(".") + 1;
  const name = element("span", "name");
  name.append(element("span", "object", short(e.field.slice(0, dot))), short(e.field.slice(dot)));
  head.append(name, element("span", "access", e.access));
  const line = element("span", "line");
  if (group !== "grantor") line.append(element("span", "name", short(e.grantor.name)), element("span", "", e.grantor.principal));
  line.append(element("span", "", routeText(routeKey(e.route))));
  if (e.kept_by_org) line.append(element("span", "warn", "the org keeps it"));
  el.append(tierMark(e.tier), unseen(e.tier), head, line);
}

const CHANGES = ["gone", "lowered", "raised", "same tier", "new"];
function changeOf(c) {
  if (!c.before) return "new";
  if (!c.after) return "gone";
  const [from, to] = [TIERS.indexOf(c.before.tier), TIERS.indexOf(c.after.tier)];
  return to > from ? "lowered" : to < from ? "raised" : "same tier";
}
const sideText = (side) => side ? side.tier + " (" + labelText(side) + ")" : "not defined";

function labelsView() {
  const items = data.report.labels_changed;
  return {
    key: "labels", title: "Labels changed", nouns: ["field definition"], items, groups: ["change", "object"],
    start: items.length > 12 ? "change" : NONE, rowHeight: 58, weights: null, unfoldedTo: 60,
    empty: "No field is new, gone or labelled differently.",
    facets: () => [
      facet("change", "Change", items, changeOf, { order: CHANGES }),
      facet("tier", "Tier as it would land", items, (c) => c.after ? c.after.tier : NONE, { order: TIERS, text: orWord("not defined"), mark: tierMark }),
      facet("object", "Object", items, objectOfItem, { select: true, byName: true, text: objectName, all: "All objects" }),
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
  if (data.audit) views.push(exposuresView("exposures", "What exists", r.access, "Nothing that was read gives access to a field."));
  else {
    views.push(exposuresView("opened", "New access", r.new_access, "The change gives no new access and widens none."),
      exposuresView("closed", "Removed access", r.removed_access, "The change removes and narrows no access."), labelsView());
  }
  return views;
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
    part.append(view.weights.mark(name), number(n), unseen(" " + name));
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

/* Worst first: by the counts, then by size, then by name. Without a key all is one group without a head. */
function grouped(view, matched, key) {
  const def = GROUPS[key];
  if (!def) return [{ value: null, items: matched, counts: null }];
  const found = new Map();
  for (const i of matched) {
    const value = def.of(view.items[i]);
    const group = found.get(value);
    if (group) group.items.push(i); else found.set(value, { value, items: [i], text: def.text(value) });
  }
  const groups = [...found.values()];
  for (const g of groups) g.counts = view.weights ? tally(view, g.items) : [];
  const weigh = (a, b) => {
    const k = a.counts.findIndex((n, at) => n !== b.counts[at]);
    return k >= 0 ? b.counts[k] - a.counts[k] : b.items.length - a.items.length;
  };
  return groups.sort((a, b) => weigh(a, b) || (fold(a.text) < fold(b.text) ? -1 : 1));
}
