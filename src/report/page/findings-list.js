/* ---- A list that draws only what is seen ---- */

const HEAD_HEIGHT = 40;
/* Browsers stop laying out past some 17 million pixels; rows past this are not drawn, and said so. */
const MAX_HEIGHT = 15000000;

/* Rows are items, or heads of groups written as ~group. They scroll with the page; the active row stays
   drawn wherever it is, so that focus is never lost to scrolling. */
class List {
  constructor(root, options) {
    this.root = root;
    this.o = options;   /* item(el, i), head(el, g, folded), choose(i), open(i), toggle(g, folded), top() */
    this.rows = [];
    this.tops = [0];
    this.active = 0;
    this.current = -1;
    this.shown = new Map();
    this.listen();
  }

  listen() {
    let waiting = false;
    const later = () => {
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(() => { waiting = false; this.draw(); });
    };
    addEventListener("scroll", later, { passive: true });
    addEventListener("resize", later);
    this.root.addEventListener("keydown", (e) => this.press(e));
    this.root.addEventListener("click", (e) => {
      const el = e.target.closest(".row");
      if (!el) return;
      this.activate(el.at, true);
      const row = this.rows[el.at];
      if (row < 0) this.flip(~row); else this.o.open(row);
    });
    this.root.addEventListener("focusin", (e) => {
      const el = e.target.closest(".row");
      if (el && el.at !== this.active) this.activate(el.at, false);
    });
  }

  /* `folded` holds the groups that show only their head. */
  fill(groups, folded, rowHeight) {
    this.groups = groups;
    this.folded = folded;
    this.rowHeight = rowHeight;
    this.layOut();
    this.active = this.current < 0 ? 0 : Math.max(0, this.rows.indexOf(this.current));
    this.redraw();
  }

  layOut() {
    this.rows = [];
    this.tops = [0];
    this.heads = [];
    this.cut = false;
    let top = 0;
    const push = (row, height) => {
      this.rows.push(row);
      top += height;
      this.tops.push(top);
    };
    for (let g = 0; g < this.groups.length; g++) {
      const { value, items } = this.groups[g];
      this.heads.push(this.rows.length);
      if (value !== null) push(~g, HEAD_HEIGHT);
      if (value !== null && this.folded.has(value)) continue;
      for (const i of items) {
        if (top > MAX_HEIGHT) { this.cut = true; break; }
        push(i, this.rowHeight);
      }
      if (this.cut) break;
    }
    this.root.style.height = top + "px";
  }

  redraw() {
    for (const el of this.shown.values()) el.remove();
    this.shown.clear();
    this.draw();
  }

  /* The row at a height. */
  at(height) {
    let [low, high] = [0, this.rows.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.tops[middle + 1] <= height) low = middle + 1; else high = middle;
    }
    return low;
  }

  window() {
    const top = this.root.getBoundingClientRect().top;
    const from = this.at(-top - 300);
    const to = Math.min(this.rows.length, this.at(innerHeight - top + 300) + 1);
    const wanted = [];
    if (this.active < from) wanted.push(this.active);
    for (let r = from; r < to; r++) wanted.push(r);
    if (this.active >= Math.max(from, to)) wanted.push(this.active);
    return wanted.filter((r) => r < this.rows.length);
  }

  draw() {
    if (this.root.hidden) return;
    const wanted = this.window();
    const keep = new Set(wanted);
    for (const [r, el] of this.shown) if (!keep.has(r)) { el.remove(); this.shown.delete(r); }
    let before = null;
    for (const r of wanted) {
      let el = this.shown.get(r);
      if (!el) { el = this.make(r); this.shown.set(r, el); }
      /* Kept in the order in which they are read aloud; moving one would take its focus away. */
      if (before ? before.nextSibling !== el : this.root.firstChild !== el) {
        if (before) before.after(el); else this.root.prepend(el);
      }
      before = el;
      el.tabIndex = r === this.active ? 0 : -1;
      if (this.rows[r] >= 0) el.setAttribute("aria-selected", String(this.rows[r] === this.current));
    }
  }

  make(r) {
    const row = this.rows[r];
    const el = element("div", row < 0 ? "row head" : "row");
    el.at = r;
    el.style.top = this.tops[r] + "px";
    el.style.height = this.tops[r + 1] - this.tops[r] + "px";
    el.setAttribute("role", "treeitem");
    const g = row < 0 ? ~row : this.groupOf(r);
    const flat = this.groups[g].value === null;
    const of = row < 0 ? [1, g + 1, this.groups.length] : [flat ? 1 : 2, r - this.heads[g] + (flat ? 1 : 0), this.groups[g].items.length];
    ["level", "posinset", "setsize"].forEach((name, i) => el.setAttribute("aria-" + name, String(of[i])));
    if (row < 0) {
      const folded = this.folded.has(this.groups[g].value);
      el.setAttribute("aria-expanded", String(!folded));
      this.o.head(el, this.groups[g]);
    } else this.o.item(el, row);
    return el;
  }

  groupOf(r) {
    let g = this.heads.length - 1;
    while (this.heads[g] > r) g--;
    return g;
  }

  flip(g, folded = !this.folded.has(this.groups[g].value)) {
    if (folded === this.folded.has(this.groups[g].value)) return;
    const held = this.root.contains(document.activeElement);
    if (folded) this.folded.add(this.groups[g].value); else this.folded.delete(this.groups[g].value);
    this.layOut();
    this.active = Math.min(this.heads[g], this.rows.length - 1);
    this.redraw();
    if (held) this.focus();
    this.o.toggled();
  }

  activate(r, focus) {
    this.active = Math.max(0, Math.min(r, this.rows.length - 1));
    this.draw();
    if (focus) this.focus();
  }

  focus() {
    const el = this.shown.get(this.active);
    if (el) el.focus({ preventScroll: true });
  }

  /* Shows an item as the current one, wherever it is, and opens its group. */
  point(i, focus, reveal = true) {
    this.current = i;
    let r = i < 0 ? -1 : this.rows.indexOf(i);
    if (r < 0 && i >= 0 && reveal) {
      const g = this.groups.findIndex((group) => group.items.includes(i));
      if (g >= 0) { this.flip(g, false); r = this.rows.indexOf(i); }
    }
    if (r >= 0) this.active = r;
    if (r >= 0 && reveal) this.reveal(r);
    this.draw();
    if (r >= 0 && focus) this.focus();
  }

  /* Scrolls just so far that the row stands clear of what sticks to the top. */
  reveal(r) {
    const top = this.root.getBoundingClientRect().top + this.tops[r];
    const bottom = top + this.tops[r + 1] - this.tops[r];
    const upper = this.o.top();
    if (top < upper) scrollBy(0, top - upper - 4);
    else if (bottom > innerHeight - 8) scrollBy(0, bottom - innerHeight + 12);
  }

  move(r) {
    r = Math.max(0, Math.min(r, this.rows.length - 1));
    this.reveal(r);
    this.activate(r, true);
    if (this.rows[r] >= 0) this.o.choose(this.rows[r]);
  }

  press(e) {
    if (e.altKey || e.metaKey || e.ctrlKey) return;
    const r = this.active;
    const row = this.rows[r];
    const page = Math.max(1, Math.floor(innerHeight / this.rowHeight) - 2);
    const to = { ArrowUp: r - 1, ArrowDown: r + 1, PageUp: r - page, PageDown: r + page, Home: 0, End: this.rows.length - 1 }[e.key];
    if (to !== undefined) this.move(to);
    else if (e.key === "ArrowRight" && row < 0) this.flip(~row, false);
    else if (e.key === "ArrowLeft" && row < 0) this.flip(~row, true);
    else if (e.key === "ArrowLeft" && this.groups[this.groupOf(r)].value !== null) this.move(this.heads[this.groupOf(r)]);
    else if ((e.key === "Enter" || e.key === " ") && row < 0) this.flip(~row);
    else if (e.key === "Enter" || e.key === " ") this.o.open(row, true);
    else return;
    e.preventDefault();
  }
}
