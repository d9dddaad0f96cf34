/* ---- Showing the state ---- */

let last = {};   /* what the view was made from */

function show() {
  const of = ({ field, grantor, muted, ...rest }) => JSON.stringify([rest, document.documentElement.clientWidth, innerHeight]);
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
  $("sortline").hidden = isMap || !narrow.matches;
  $("sort").value = state.sort;
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

const FILTERS = ["q", "object", "tier", "principal", "access", "status", "change", "route", "group", "kind", "owner", "expiry", "bare"];
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
      none && data.filters.length ? "Nothing matches the filters that this page was made with: " + data.filters.map(clean).join(", ") + "."
        : none ? (data.delta ? "The change alters no access to a field of these tiers." : "No permission set or profile gives access to a field of these tiers.") + (data.fields.length ? " " + count(data.fields.length, "field") + " can be shown without access." : "")
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
  grid().draw();
}

function say(title, text) {
  $("nothing").querySelector("h2").textContent = title;
  $("nothing").querySelector("p").textContent = text;
}

/* ---- What an auditor asks first ---- */

const TOP = 5;

function answers() {
  const box = $("answers");
  const now = data.cells.filter((c) => !GONE.includes(c.status));
  const tile = (n, one, many, part, bad) => {
    const el = box.appendChild(button("", () => change({ ...Object.fromEntries(FILTERS.map((k) => [k, START[k]])), ...part })));
    el.className = "answer" + (bad && n ? " bad" : "");
    el.disabled = n === 0;
    el.append(element("strong", "", number(n)), element("span", "", n === 1 ? one : many));
  };
  const outsiders = now.filter((c) => fieldOf(c).tier === "restricted" && OUTSIDE.includes(grantorOf(c).principal));
  tile(new Set(outsiders.map((c) => c.f)).size, "restricted field is open to guests, external users or agents",
    "restricted fields are open to guests, external users or agents", { tier: ["restricted"], principal: OUTSIDE }, true);
  for (const [tier, text] of [["restricted", "tier 3"], ["conditional", "tier 2"]]) {
    tile(now.filter((c) => fieldOf(c).tier === tier && BAD.includes(c.status)).length, "access of " + text + " lacks something",
      "accesses of " + text + " lack something", { tier: [tier], status: BAD }, true);
  }
  tile(now.filter((c) => c.status === "accepted").length, "access is accepted by the baseline, without a reason",
    "accesses are accepted by the baseline, without a reason", { status: ["accepted"] });
  const ends = (value) => now.filter((c) => c.justification && expiry(c) === value).length;
  tile(ends("ended"), "access has an expired justification", "accesses have an expired justification", { expiry: ["ended"] }, true);
  const [month, quarter] = [ends("within 30 days"), ends("within 90 days")];
  tile(month, "access loses its justification within 30 days", "accesses lose their justification within 30 days", { expiry: ["within 30 days"] });
  tile(month + quarter, "access loses its justification within 90 days", "accesses lose their justification within 90 days",
    { expiry: ["within 30 days", "within 90 days"] });
  if (data.muted.length) {
    const el = box.appendChild(button("", openMuted));
    el.className = "answer";
    el.append(element("strong", "", number(data.muted.length)), element("span", "", data.muted.length === 1 ? "access is muted in a group" : "accesses are muted in a group"));
  }
  const held = new Map();
  for (const c of now) if (fieldOf(c).tier !== "open") held.set(c.g, (held.get(c.g) || new Set()).add(c.f));
  const most = [...held].sort((a, b) => b[1].size - a[1].size || grantorRank[a[0]] - grantorRank[b[0]]).slice(0, TOP);
  if (!most.length) return;
  const list = box.appendChild(element("div", "answer most"));
  list.append(element("span", "", data.delta ? "Most classified fields changed:" : "With most classified fields:"));
  for (const [g, fields] of most) {
    const el = list.appendChild(button("", () => openHolder(g)));
    el.className = "plain";
    el.append(broken(data.grantors[g].name), element("span", "total", number(fields.size)));
  }
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
    const box = set.appendChild(element("div", f.options.length > 10 ? "options many" : "options"));
    for (const o of f.options) {
      o.line = box.appendChild(element("label", "option"));
      o.box = o.line.appendChild(element("input"));
      o.box.type = "checkbox";
      o.box.addEventListener("change", () => {
        change({ [f.key]: f.options.filter((x) => x.box.checked).map((x) => x.value) });
      });
      if (f.key === "tier") o.line.append(element("span", "tier tier-" + o.value));
      if (f.key === "status") o.line.append(chip("conditional", o.value));
      if (f.key === "access") o.line.append(chip("open", "allowed", LETTERS[o.value], "", ""));
      o.line.append(element("span", "name", f.key === "status" ? STATE_WORDS[o.value] : f.key === "tier" ? TIER_WORDS[o.value] : f.key === "owner" ? clean(o.value) : words(o.value)));
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
  for (const c of COLUMNS) $("sort").append(new Option(c.title, c.key), new Option(c.title + ", backwards", "-" + c.key));
  $("sort").addEventListener("change", () => change({ sort: $("sort").value }));
  $("skip").addEventListener("click", () => {
    const el = grid().activeElement();
    if (el) el.focus();
  });
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
    if (opened()) leave();
    const el = grid().activeElement();
    if (el) el.focus({ preventScroll: true });
  });
  addEventListener("hashchange", () => {
    if (location.hash === written) return;
    written = location.hash;
    entered = false;
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
  addEventListener("resize", () => {
    const was = START.view;
    START.view = ownView();
    if (state.view === was && !/[#&]view=/.test(location.hash)) state = { ...state, view: START.view };
    show();
  });
}

const grid = () => state.view === "map" ? map : list;

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
