/* ---- A grid that draws only what is seen ---- */

/* Keeps elements in the order in which they are read aloud. What stands right is not touched: moving an
   element takes its focus away. */
function put(parent, before, el) {
  if (before ? before.nextSibling === el : parent.firstChild === el) return;
  if (before) before.after(el); else parent.prepend(el);
}

/* Rows and columns live in windows around the scroll position; elements are reused. The active cell's row
   and column stay drawn wherever it is, so that focus is never lost to scrolling. */
class Grid {
  constructor(root, options) {
    this.root = root;
    this.o = options;   /* label, rowHeight, headHeight, whole, cell(el, r, c), head(el, c), open(r, c) */
    this.rows = 0;
    this.lefts = [0, 0];
    this.active = { r: 0, c: 0 };
    this.shown = new Map();
    this.heads = new Map();
    this.spare = [];
    this.canvas = element("div", "canvas");
    this.canvas.setAttribute("role", "grid");
    this.canvas.setAttribute("aria-label", options.label);
    this.canvas.setAttribute("aria-readonly", "true");
    this.canvas.setAttribute("aria-describedby", "help");
    this.head = element("div", "head");
    this.head.setAttribute("role", "rowgroup");
    this.head.style.height = options.headHeight + "px";
    this.headRow = this.head.appendChild(element("div", "row"));
    this.headRow.setAttribute("role", "row");
    this.headRow.setAttribute("aria-rowindex", "1");
    this.body = element("div", "body");
    this.body.setAttribute("role", "rowgroup");
    this.canvas.append(this.head, this.body);
    root.append(this.canvas);
    let waiting = false;
    root.addEventListener("scroll", () => {
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(() => { waiting = false; this.draw(); });
    }, { passive: true });
    new ResizeObserver(() => this.draw()).observe(root);
    this.body.addEventListener("keydown", (e) => this.press(e));
    this.body.addEventListener("click", (e) => {
      const el = e.target.closest(".cell, .first");
      if (!el) return;
      this.go(el.at.r, el.at.c, true);
      this.o.open(el.at.r, el.at.c);
    });
    this.body.addEventListener("focusin", (e) => {
      const at = e.target.at;
      if (at && (at.r !== this.active.r || at.c !== this.active.c)) this.go(at.r, at.c, false);
    });
  }

  /* `widths` of all columns, the frozen first one included. */
  fill(rows, widths, bands = []) {
    this.rows = Math.min(rows, MAX_ROWS);
    this.lefts = [0];
    for (const w of widths) this.lefts.push(this.lefts[this.lefts.length - 1] + w);
    this.canvas.style.width = this.lefts[widths.length] + "px";
    this.canvas.style.height = this.o.headHeight + this.rows * this.o.rowHeight + "px";
    this.canvas.setAttribute("aria-rowcount", String(rows + 1));
    this.canvas.setAttribute("aria-colcount", String(widths.length));
    this.head.querySelectorAll(".band").forEach((b) => b.remove());
    for (const band of bands) {
      const el = element("div", "band");
      el.setAttribute("aria-hidden", "true");
      el.style.left = this.lefts[band.from] + "px";
      el.style.width = this.lefts[band.to] - this.lefts[band.from] + "px";
      el.append(element("span", "", band.text));
      this.head.append(el);
    }
    this.active = { r: Math.min(this.active.r, Math.max(0, this.rows - 1)), c: Math.min(this.active.c, widths.length - 1) };
    for (const row of this.shown.values()) { row.el.remove(); this.spare.push(row); }
    this.shown.clear();
    for (const [c, el] of this.heads) if (c >= widths.length) { el.remove(); this.heads.delete(c); }
    for (const [c, el] of this.heads) this.bindHead(el, c);
    this.draw();
  }

  window() {
    const { root, lefts, o } = this;
    const last = lefts.length - 1;
    const from = Math.max(0, Math.floor(root.scrollTop / o.rowHeight) - 3);
    const to = Math.min(this.rows, Math.ceil((root.scrollTop + root.clientHeight - o.headHeight) / o.rowHeight) + 3);
    const rows = [];
    if (this.rows > 0 && this.active.r < from) rows.push(this.active.r);
    for (let r = from; r < to; r++) rows.push(r);
    if (this.rows > 0 && this.active.r >= Math.max(from, to)) rows.push(this.active.r);
    const cols = [];
    const left = o.whole ? -1 : root.scrollLeft + lefts[1] - 80;
    const right = o.whole ? Infinity : root.scrollLeft + root.clientWidth + 80;
    for (let c = 0; c < last; c++) {
      if (c === 0 || c === this.active.c || (lefts[c + 1] > left && lefts[c] < right)) cols.push(c);
    }
    return { rows, cols };
  }

  draw() {
    if (this.root.hidden || this.root.clientHeight === 0) return;
    const held = this.body.contains(document.activeElement);
    const { rows, cols } = this.window();
    const wanted = new Set(rows);
    for (const [r, row] of this.shown) {
      if (!wanted.has(r)) { this.shown.delete(r); this.spare.push(row); row.el.remove(); }
    }
    const inCols = new Set(cols);
    let before = null;
    for (const r of rows) {
      let row = this.shown.get(r);
      const fresh = !row;
      if (fresh) {
        row = this.spare.pop() || { el: element("div", "row"), cells: new Map() };
        this.shown.set(r, row);
        row.el.setAttribute("role", "row");
        row.el.setAttribute("aria-rowindex", String(r + 2));
        row.el.style.cssText = "height:" + this.o.rowHeight + "px;top:" + (this.o.headHeight + r * this.o.rowHeight) + "px";
      }
      this.bindRow(row, r, cols, inCols, fresh);
      put(this.body, before, row.el);
      before = row.el;
    }
    this.spare.length = Math.min(this.spare.length, 60);
    for (const [c, el] of this.heads) if (!inCols.has(c)) { el.remove(); this.heads.delete(c); }
    before = null;
    for (const c of cols) {
      let el = this.heads.get(c);
      if (!el) {
        el = element("div");
        el.setAttribute("role", "columnheader");
        this.heads.set(c, el);
        this.bindHead(el, c);
      }
      put(this.headRow, before, el);
      before = el;
      el.classList.toggle("here", c === this.active.c && c > 0);
    }
    if (held) {
      const el = this.activeElement();
      if (el && el !== document.activeElement) el.focus({ preventScroll: true });
    }
  }

  bindRow(row, r, cols, inCols, fresh) {
    const free = [];
    for (const [c, el] of row.cells) if (!inCols.has(c)) { row.cells.delete(c); free.push(el); el.remove(); }
    let before = null;
    for (const c of cols) {
      let el = row.cells.get(c);
      if (!el || fresh) {
        if (!el) { el = free.pop() || element("div"); row.cells.set(c, el); }
        el.at = { r, c };
        el.className = c === 0 ? "first" : "cell";
        el.setAttribute("role", c === 0 ? "rowheader" : "gridcell");
        el.setAttribute("aria-colindex", String(c + 1));
        this.span(el, c);
        this.o.cell(el, r, c);
      }
      put(row.el, before, el);
      before = el;
      el.tabIndex = r === this.active.r && c === this.active.c ? 0 : -1;
    }
  }

  bindHead(el, c) {
    el.className = c === 0 ? "first" : "cell";
    el.setAttribute("aria-colindex", String(c + 1));
    this.span(el, c);
    this.o.head(el, c);
  }

  span(el, c) {
    const width = this.lefts[c + 1] - this.lefts[c] + "px";
    el.style.cssText = c === 0 ? "height:100%;width:" + width : "left:" + this.lefts[c] + "px;width:" + width;
  }

  activeElement() {
    const row = this.shown.get(this.active.r);
    return row && row.cells.get(this.active.c);
  }

  go(r, c, focus) {
    this.active = { r: Math.max(0, Math.min(r, this.rows - 1)), c: Math.max(0, Math.min(c, this.lefts.length - 2)) };
    this.reveal();
    this.draw();
    const el = this.activeElement();
    if (focus && el) el.focus({ preventScroll: true });
  }

  /* Scrolls just so far that the active cell stands clear of the header and of the first column. */
  reveal() {
    const { root, o, lefts, active } = this;
    const top = active.r * o.rowHeight;
    const seen = root.clientHeight - o.headHeight;
    if (top < root.scrollTop) root.scrollTop = top;
    else if (top + o.rowHeight > root.scrollTop + seen) root.scrollTop = top + o.rowHeight - seen;
    if (active.c === 0) return;
    const left = lefts[active.c] - lefts[1];
    const right = lefts[active.c + 1];
    if (left < root.scrollLeft) root.scrollLeft = left;
    else if (right > root.scrollLeft + root.clientWidth) root.scrollLeft = right - root.clientWidth;
  }

  press(e) {
    if (e.altKey || e.metaKey) return;
    const { r, c } = this.active;
    const page = Math.max(1, Math.floor((this.root.clientHeight - this.o.headHeight) / this.o.rowHeight) - 1);
    const last = this.lefts.length - 2;
    const to = {
      ArrowUp: [r - 1, c], ArrowDown: [r + 1, c], ArrowLeft: [r, c - 1], ArrowRight: [r, c + 1],
      PageUp: [r - page, c], PageDown: [r + page, c],
      Home: [e.ctrlKey ? 0 : r, 0], End: [e.ctrlKey ? this.rows - 1 : r, last],
    }[e.key];
    if (to) this.go(to[0], to[1], true);
    else if (e.key === "Enter" || e.key === " ") this.o.open(r, c);
    else return;
    e.preventDefault();
  }
}

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
  label: "Fields by permission sets and profiles", rowHeight: 30, headHeight: matchMedia("(max-width: 860px)").matches ? 150 : 214,
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
    button.replaceChildren(named(g.name), element("span", "total", number(reach)));
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
    const column = COLUMNS[c];
    const text = clean(column.of(cell));
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
      && (state.object === "" || objects[objectOf[i]] === state.object) && (!found || found.field(i));
    if (reachOfField[i] > 0 || bare) mapRows.push(i);
  });
  const tier = Int32Array.from(data.fields, (f) => rank(TIERS, f.tier));
  const first = {
    tier: (a, b) => tier[a] - tier[b], name: () => 0,
    status: (a, b) => worst[a] - worst[b] || tier[a] - tier[b], reach: (a, b) => reachOfField[b] - reachOfField[a],
  }[state.rows];
  mapRows.sort((a, b) => first(a, b) || fieldRank[a] - fieldRank[b]);
  const principal = (g) => rank(PRINCIPALS, data.grantors[g].principal);
  mapColumns = data.grantors.map((_, g) => g).filter((g) => reachOfGrantor[g] > 0).sort((a, b) => principal(a) - principal(b)
    || (state.columns === "reach" ? reachOfGrantor[b] - reachOfGrantor[a] : 0) || grantorRank[a] - grantorRank[b]);
  /* Headings stand upright and get the room that the longest of them needs. */
  const longest = mapColumns.reduce((most, g) => Math.max(most, data.grantors[g].name.length), 0);
  map.o.headHeight = Math.min(matchMedia("(max-width: 860px)").matches ? 150 : 214, Math.max(96, 62 + 7 * longest));
  map.head.style.height = map.o.headHeight + "px";
  const bands = [];
  mapColumns.forEach((g, at) => {
    const text = data.grantors[g].principal;
    const band = bands[bands.length - 1];
    if (band && band.text === text) band.to = at + 2;
    else bands.push({ text, from: at + 1, to: at + 2 });
  });
  const room = ($("map").parentNode.clientWidth - firstWidth() - 20) / mapColumns.length;
  const width = Math.max(40, Math.min(64, Math.floor(room)));
  map.fill(mapRows.length, [firstWidth(), ...mapColumns.map(() => width)], bands);
}

/* Which fields have access at all; null unless the others are to be shown, which a filter on access hides. */
function bareFields() {
  if (!state.bare || [state.principal, state.access, state.status, state.change, state.route, state.kind, state.expiry].some((s) => s.length)) return null;
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
    const [c, d] = [data.cells[a], data.cells[b]];
    return fieldRank[c.f] - fieldRank[d.f] || grantorRank[c.g] - grantorRank[d.g] || a - b;
  });
  list.fill(listRows.length, COLUMNS.map((c) => c.width || firstWidth()));
}

const firstWidth = () => parseInt(getComputedStyle(document.documentElement).getPropertyValue("--first"), 10) || 300;
