/* ---- A grid that draws only what is seen ---- */

/* Keeps elements in the order in which they are read aloud. What stands right is not touched: moving an
   element takes its focus away. */
function put(parent, before, el) {
  if (before ? before.nextSibling === el : parent.firstChild === el) return;
  if (before) before.after(el); else parent.prepend(el);
}

/* How wide the longest of some texts is in the font of the page: of those with the most characters, which is near enough. */
const pen = document.createElement("canvas").getContext("2d");
function widest(texts) {
  pen.font = "14px " + getComputedStyle(document.body).fontFamily;
  const most = texts.reduce((n, text) => Math.max(n, text.length), 0);
  const some = texts.filter((text) => text.length >= most - 4).slice(0, 100);
  return Math.ceil(some.reduce((n, text) => Math.max(n, pen.measureText(clean(text)).width), 0));
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
    this.head.style.height = this.o.headHeight + "px";
    this.root.style.setProperty("--first", widths[0] + "px");
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
    /* What scrolls under the headings and under the first column is seen to. */
    this.root.classList.toggle("down", this.root.scrollTop > 0);
    this.root.classList.toggle("along", this.root.scrollLeft > 0);
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
