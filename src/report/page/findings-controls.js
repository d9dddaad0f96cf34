/* ---- Views, filters, groups ---- */

const MAX_OPTIONS = 8;

function buildViews() {
  for (const view of views) {
    const label = $("views").appendChild(element("label"));
    const radio = label.appendChild(element("input"));
    radio.type = "radio";
    radio.name = "view";
    radio.value = view.key;
    radio.addEventListener("change", () => changeView(view.key));
    label.append(view.title + " ", element("span", "n", number(view.items.length + sum(view.left))));
  }
}

function buildControls(view) {
  $("viewname").textContent = view.title;
  $("work").classList.toggle("bare", !view.items.length);
  const boxes = ready(view).map((f) => f.select ? selectFilter(f) : boxFilter(f));
  const selects = boxes.filter((el) => el.className === "field");
  const left = leftText(view);
  const cut = left ? [element("p", "cut", left + ", and the filters do not count them.")] : [];
  $("facets").replaceChildren(...cut, ...selects, ...boxes.filter((el) => el.className !== "field"));
  const group = $("group");
  group.replaceChildren(new Option("nothing", NONE), ...view.groups.map((g) => new Option(GROUPS[g].title, g)));
}

function selectFilter(f) {
  const box = element("div", "field");
  const label = box.appendChild(element("label", "legend", f.title));
  f.input = box.appendChild(element("select"));
  f.input.id = label.htmlFor = "filter-" + f.key;
  f.box = box;
  f.input.addEventListener("change", () => {
    const part = { [f.key]: f.input.value === "" ? [] : [f.options[Number(f.input.value)].value] };
    if (f.key === "object") part.field = [];
    narrow(part);
  });
  return box;
}

function boxFilter(f) {
  const set = element("fieldset");
  set.append(element("legend", "", f.title));
  f.options.forEach((o, i) => {
    o.line = set.appendChild(element("label", "option" + (i >= MAX_OPTIONS ? " extra" : "")));
    o.box = o.line.appendChild(element("input"));
    o.box.type = "checkbox";
    o.box.addEventListener("change", () => narrow({ [f.key]: f.options.filter((x) => x.box.checked).map((x) => x.value) }));
    if (f.mark) o.line.append(f.mark(o.value));
    o.line.append(element("span", "name", f.text(o.value)));
    o.counter = o.line.appendChild(element("span", "count"));
  });
  if (f.options.length > MAX_OPTIONS + 1) {
    set.className = "long";
    const more = set.appendChild(element("button", "button", "Show all " + f.options.length));
    more.type = "button";
    more.addEventListener("click", () => { set.className = ""; more.remove(); });
  }
  return set;
}

/* A select lists what passes the other filters; fields only those of one object, there can be thousands. */
function fillSelect(f) {
  const value = state[f.key][0];
  const object = state.object[0];
  if (f.key === "field") f.box.hidden = object === undefined;
  if (f.key === "field" && object === undefined) return;
  const options = [new Option(f.all, "")];
  f.options.forEach((o, i) => {
    if (f.key === "field" && objectOf(o.value) !== object) return;
    if (o.count || o.value === value) options.push(new Option(f.text(o.value) + " (" + number(o.count) + ")", String(i), false, o.value === value));
  });
  f.input.replaceChildren(...options);
}

function controls(view) {
  for (const radio of document.querySelectorAll("input[name=view]")) radio.checked = radio.value === view.key;
  if ($("search") !== document.activeElement || state.q === "") $("search").value = state.q;
  for (const f of ready(view)) {
    if (f.select) { fillSelect(f); continue; }
    for (const o of f.options) {
      o.box.checked = state[f.key].includes(o.value);
      o.counter.textContent = number(o.count);
      o.line.classList.toggle("none", o.count === 0);
    }
  }
  $("group").value = state.group;
  $("clear").hidden = !filtered();
  foldButton();
}

function foldButton() {
  const named = groups.some((g) => g.value !== null) && groups.length > 1;
  $("fold").hidden = !named;
  $("fold").textContent = list.folded.size ? "Open all" : "Close all";
}

function foldAll() {
  const open = list.folded.size > 0;
  list.folded.clear();
  if (!open) for (const g of groups) list.folded.add(g.value);
  list.fill(groups, list.folded, list.rowHeight);
  foldButton();
}

/* ---- Rows ---- */

function headRow(el, g) {
  const view = viewOf(state.view);
  el.append(element("span", "title name", g.text));
  countMarks(el, view, g.counts);
  if (!g.counts.length) el.append(element("span", "part", number(g.items.length)));
  if (sum(view.left)) el.append(element("span", "part here", "on this page"));
}

function itemRow(el, i) {
  const view = viewOf(state.view);
  el.classList.add(view.key === "findings" ? "finding" : "two");
  view.row(el, view.items[i], state.group);
}

/* ---- Events ---- */

function events() {
  let typing;
  $("search").addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(() => narrow({ q: $("search").value }, false), 120);
  });
  $("form").addEventListener("submit", (e) => e.preventDefault());
  $("group").addEventListener("change", () => change({ group: $("group").value }));
  $("fold").addEventListener("click", foldAll);
  $("clear").addEventListener("click", () => { clearFilters(); $("search").focus(); });
  $("drawer").addEventListener("click", (e) => { if (e.target === $("drawer")) $("drawer").close(); });
  $("drawer").addEventListener("close", () => {
    if (wide.matches) return;
    if (state.item || state.finding) change({ item: "", finding: "" });
    list.focus();
  });
  /* A number leads to what it counts. */
  $("figures").addEventListener("click", (e) => { if (e.target.closest("a")) setTimeout(() => $("views").scrollIntoView()); });
  wide.addEventListener("change", () => { shownAt = -1; show(); });
  narrowWindow.addEventListener("change", () => { made = ""; show(); });
  addEventListener("hashchange", () => {
    if (location.hash === written) return;
    written = location.hash;
    state = fromHash(location.hash);
    $("search").value = state.q;
    show();
  });
  addEventListener("keydown", press);
  addEventListener("beforeprint", paper);
  addEventListener("afterprint", () => $("paper").replaceChildren());
}

function press(e) {
  if (e.ctrlKey || e.metaKey || e.altKey) return;
  const typing = e.target.matches && e.target.matches("input[type=search], select");
  if (e.key === "Escape" && !$("drawer").open) leave();
  else if (typing) return;
  else if (e.key === "j") step(1);
  else if (e.key === "k") step(-1);
  else if (e.key === "/" && !$("drawer").open) {
    $("filters").open = true;
    $("search").focus();
    $("search").select();
  } else return;
  e.preventDefault();
}

/* First out of where one is, then what is set. */
function leave() {
  if ($("pane").contains(document.activeElement)) list.focus();
  else if (document.activeElement === $("search") && state.q === "" && $("search").value === "") list.focus();
  else if (document.activeElement === $("search")) { $("search").value = ""; narrow({ q: "" }); }
  else if (filtered()) clearFilters();
}

/* ---- Start ---- */

async function start() {
  data = read(await dataText());
  blobs();
  indexFindings();
  views = makeViews();
  heading();
  verdict();
  notices();
  troubles();
  buildViews();
  list = new List($("list"), {
    item: itemRow, head: headRow, toggled: foldButton, top: () => $("bar").getBoundingClientRect().bottom,
    choose: (i) => { if (wide.matches) change(address(i), false); },
    open: (i, byKey) => {
      change(address(i), !wide.matches);
      if (wide.matches && byKey) $("detailtitle").focus({ preventScroll: true });
    },
  });
  events();
  $("main").hidden = false;
  state = fromHash(location.hash);
  written = location.hash;
  show();
}

/* Whatever goes wrong: words, not a blank page. */
$("theme").hidden = false;
theme();
if (matchMedia("(max-width: 860px)").matches) $("filters").open = false;
start().catch((e) => {
  $("main").hidden = true;
  $("refused").hidden = false;
  $("title").textContent = document.title;
  $("refused").querySelector("h2").textContent = "This page cannot show its data";
  $("refused").querySelector("p").textContent = "There is no verdict here. Write the page anew with the flsgate that made it, or read the JSON form: " + short(String(e.message)) + ".";
  if (!(e instanceof Unfit)) throw e;
});
