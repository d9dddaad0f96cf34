/* ---- The two views ---- */

let mapRows = [];      /* fields, as positions */
let mapColumns = [];   /* grantors, as positions */
let mapCells;          /* (field, grantor) -> [widest access, worst status], of the cells that pass */
let mapReach;          /* how many columns a row has, and rows a column */
let listRows = [];     /* cells, as positions */

/* Letter and mark are drawn by the style: whoever cannot see them hears the words instead. */
function chip(tier, status, letter, text = "", mark = MARKS[status]) {
  const el = element("span", "chip " + tier + " s-" + status, text);
  if (letter) el.dataset.letter = letter;
  if (mark) el.dataset.mark = mark;
  return el;
}

const map = new Grid($("map"), {
  label: "Fields by permission sets and profiles", rowHeight: 30, headHeight: 120,
  cell(el, r, c) {
    const f = mapRows[r];
    const field = data.fields[f];
    el.removeAttribute("aria-label");
    if (c === 0) {
      const name = element("span", "name");
      const dot = field.name.indexOf(".") + 1;
      name.append(element("span", "object", clean(field.name.slice(0, dot))), element("span", "part", clean(field.name.slice(dot))));
      const by = mapReach.fields[f];
      el.title = clean(field.name) + " (" + field.tier + (field.classification ? ", " + clean(field.classification) : "") + "): who has access, and why";
      el.setAttribute("aria-label", clean(field.name) + ", tier " + field.tier + ", " + count(by, "permission set or profile", "permission sets and profiles"));
      el.replaceChildren(element("span", "tier tier-" + field.tier), name, element("span", "total", number(by)));
      return;
    }
    const g = mapColumns[c - 1];
    const at = mapCells.get(key(f, g));
    const where = clean(field.name) + ", " + clean(data.grantors[g].name) + ": ";
    if (!at) {
      if (el.firstChild) el.replaceChildren();
      el.classList.add("none");
      el.removeAttribute("title");
      el.setAttribute("aria-label", where + "no access");
      return;
    }
    const [access, status] = [ACCESSES[at[0]], STATUSES[at[1]]];
    el.replaceChildren(chip(field.tier, status, LETTERS[access]));
    el.title = where + access + ", " + STATE_WORDS[status];
    el.setAttribute("aria-label", el.title);
  },
  head(el, c) {
    if (c === 0) { el.textContent = "Field"; return; }
    const g = data.grantors[mapColumns[c - 1]];
    const reach = mapReach.grantors[mapColumns[c - 1]];
    el.classList.add("columnname");
    let button = el.querySelector("button");
    if (!button) {
      button = element("button");
      button.type = "button";
      button.tabIndex = -1;
      button.addEventListener("click", () => openHolder(button.holder));
    }
    button.holder = mapColumns[c - 1];
    button.replaceChildren(broken(g.name), element("span", "total", number(reach)));
    el.replaceChildren(button);
    el.title = clean(g.name) + " (" + words(g.kind) + ", " + g.principal + "): all that it gives";
    el.setAttribute("aria-label", words(g.kind) + " " + clean(g.name) + ", " + g.principal + ", " + count(reach, "field"));
  },
  open(r, c) {
    if (c === 0) openField(mapRows[r]);
    else if (places.has(key(mapRows[r], mapColumns[c - 1]))) open(mapRows[r], mapColumns[c - 1]);
  },
});

const list = new Grid($("list"), {
  label: "Accesses", rowHeight: 36, headHeight: 40, whole: true,
  cell(el, r, c) {
    const cell = data.cells[listRows[r]];
    if (narrow.matches) { card(el, cell); return; }
    const column = COLUMNS[c];
    const text = clean(oneLine(column.of(cell)));
    el.title = text;
    if (column.key === "status") {
      el.replaceChildren(chip(fieldOf(cell).tier, cell.status, "", STATE_WORDS[cell.status]));
    } else el.replaceChildren(named(text));
  },
  head(el, c) {
    const column = COLUMNS[c];
    const sorted = state.sort.replace(/^-/, "") === column.key;
    const down = state.sort.startsWith("-");
    el.setAttribute("aria-sort", !sorted ? "none" : down ? "descending" : "ascending");
    let button = el.firstChild;
    if (!button) {
      button = el.appendChild(element("button"));
      button.type = "button";
      button.addEventListener("click", () => {
        const again = state.sort === column.key;
        change({ sort: (again ? "-" : "") + column.key });
      });
    }
    button.textContent = column.title + (sorted ? (down ? " \u2193" : " \u2191") : "");
  },
  open(r) {
    const cell = data.cells[listRows[r]];
    open(cell.f, cell.g);
  },
});

/* One access on two lines, where there is room for one column alone. */
function card(el, cell) {
  const field = fieldOf(cell);
  const first = element("span", "line");
  first.append(element("span", "tier tier-" + field.tier), broken(field.name));
  const second = element("span", "line");
  second.append(chip(field.tier, cell.status, "", (cell.change ? changed(cell) : cell.access) + ", " + STATE_WORDS[cell.status]), named(grantorOf(cell).name));
  el.classList.add("card");
  el.title = clean(field.name) + ", " + clean(grantorOf(cell).name);
  el.replaceChildren(first, second);
}

function arrangeMap(found) {
  mapCells = new Map();
  const reachOfField = new Int32Array(data.fields.length);
  const reachOfGrantor = new Int32Array(data.grantors.length);
  const worst = new Int32Array(data.fields.length).fill(STATUSES.length);
  for (const i of matched) {
    const c = data.cells[i];
    const access = rank(ACCESSES, c.access);
    const status = rank(STATUSES, c.status);
    worst[c.f] = Math.min(worst[c.f], status);
    const at = mapCells.get(key(c.f, c.g));
    if (at) { at[0] = Math.min(at[0], access); at[1] = Math.min(at[1], status); continue; }
    mapCells.set(key(c.f, c.g), [access, status]);
    reachOfField[c.f]++;
    reachOfGrantor[c.g]++;
  }
  mapReach = { fields: reachOfField, grantors: reachOfGrantor };
  const reached = bareFields();
  mapRows = [];
  data.fields.forEach((f, i) => {
    const bare = reached && !reached[i] && (!state.tier.length || state.tier.includes(f.tier))
      && (!state.group.length || f.groups.some((g) => state.group.includes(g)))
      && (state.object === "" || objects[objectOf[i]] === state.object) && (!found || found.field(i));
    if (reachOfField[i] > 0 || bare) mapRows.push(i);
  });
  const tier = Int32Array.from(data.fields, (f) => rank(TIERS, f.tier));
  const first = {
    tier: (a, b) => tier[a] - tier[b], name: () => 0,
    status: (a, b) => worst[a] - worst[b] || tier[a] - tier[b], reach: (a, b) => reachOfField[b] - reachOfField[a],
  }[state.rows];
  mapRows.sort((a, b) => first(a, b) || a - b);
  const principal = (g) => rank(PRINCIPALS, data.grantors[g].principal);
  mapColumns = data.grantors.map((_, g) => g).filter((g) => reachOfGrantor[g] > 0).sort((a, b) => principal(a) - principal(b)
    || (state.columns === "reach" ? reachOfGrantor[b] - reachOfGrantor[a] : 0) || grantorRank[a] - grantorRank[b]);
  const { head, firstWidth, width } = roomOfMap();
  map.o.headHeight = head;
  const bands = [];
  mapColumns.forEach((g, at) => {
    const text = data.grantors[g].principal;
    const band = bands[bands.length - 1];
    if (band && band.text === text) band.to = at + 2;
    else bands.push({ text, from: at + 1, to: at + 2 });
  });
  map.fill(mapRows.length, [firstWidth, ...mapColumns.map(() => width)], bands);
}

/* Room for names first, as far as there is any: headings stand upright, on two lines where they are long. */
function roomOfMap() {
  const stage = $("map").parentNode;
  const longest = widest(mapColumns.map((g) => data.grantors[g].name)) * 12 / 14 + 76;
  const head = Math.round(Math.max(96, Math.min(longest, innerHeight * 0.32, 300)));
  const least = longest > head ? 46 : 40;
  const wanted = widest(mapRows.map((f) => data.fields[f].name)) + 84;
  const room = stage.clientWidth - 20;
  const share = Math.max(room * 0.42, room - mapColumns.length * least);
  const firstWidth = Math.round(Math.min(Math.max(wanted, 140), share));
  const width = Math.max(least, Math.min(76, Math.floor((room - firstWidth) / Math.max(1, mapColumns.length))));
  return { head, firstWidth, width };
}

/* Which fields have access at all; null unless the others are to be shown, which a filter on access hides. */
function bareFields() {
  if (!state.bare || [state.principal, state.access, state.status, state.change, state.route, state.kind, state.owner, state.expiry].some((s) => s.length)) return null;
  const reached = new Uint8Array(data.fields.length);
  for (const c of data.cells) reached[c.f] = 1;
  return reached;
}

function arrangeList() {
  const column = COLUMNS.find((c) => c.key === state.sort.replace(/^-/, ""));
  const sign = state.sort.startsWith("-") ? -1 : 1;
  const by = column.by || ((c) => fold(column.of(c)));
  const keys = new Map(matched.map((i) => [i, by(data.cells[i])]));
  listRows = matched.slice().sort((a, b) => {
    const [x, y] = [keys.get(a), keys.get(b)];
    /* What is empty comes last either way: it is the least of what a reader sorts for. */
    if (x !== y && (x === "" || y === "")) return x === "" ? 1 : -1;
    if (x !== y) return x < y ? -sign : sign;
    /* Of equals, as in every other format. */
    return a - b;
  });
  const room = $("list").parentNode.clientWidth;
  $("list").classList.toggle("cards", narrow.matches);
  [list.o.rowHeight, list.o.headHeight] = narrow.matches ? [64, 0] : [36, 40];
  if (narrow.matches) { list.fill(listRows.length, [room - 2]); return; }
  const named = { field: () => data.fields.map((f) => f.name), grantor: () => data.grantors.map((g) => g.name) };
  list.fill(listRows.length, COLUMNS.map((c) => {
    const text = named[c.key];
    const least = Math.max(c.width, Math.ceil(widest([c.title + " \u2191"]) * 1.02) + 26);
    return text ? Math.round(Math.min(Math.max(widest(text()) + 28, least), Math.max(least, room * 0.4))) : least;
  }));
}
