// node findings.mjs PAGE.html...  drives the page of a verdict in a real browser; expectations come from its own data.
import zlib from "node:zlib";
import fs from "node:fs"; import { createRequire } from "node:module"; import path from "node:path"; import { pathToFileURL } from "node:url";
const require = createRequire(path.resolve("here")); const { chromium } = require("playwright-core");
const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
let failed = 0; const check = (ok, what, d = "") => { if (!ok) { failed++; console.log("FAIL  " + what + " " + d); } else if (process.env.V) console.log("ok    " + what); };
const equal = (a, b, what) => check(JSON.stringify(a) === JSON.stringify(b), what, JSON.stringify(a)?.slice(0, 300) + " expected " + JSON.stringify(b)?.slice(0, 300));
const HID = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu;
const clean = (t) => t.replace(HID, (c) => "\\u{" + c.codePointAt(0).toString(16) + "}");
for (const file of process.argv.slice(2)) {
  console.log("== " + file);
  const html = fs.readFileSync(file, "utf8"), url = pathToFileURL(path.resolve(file)).href;
  const raw = /<script type="application\/json" id="data">([^]*?)<\/script>/.exec(html)[1];
  const d = JSON.parse(raw.startsWith("gzip:") ? zlib.gunzipSync(Buffer.from(raw.slice(5), "base64")).toString() : raw); const R = d.report; const F = R.findings;
  const audit = "access" in R; const access = audit ? R.access : R.new_access; const removed = R.removed_access || [];
  const holder = (f) => { const kind = ["permission_set", "group", "profile"].find((k) => typeof f[k] === "string"); return kind ? (kind === "group" ? "permission_set_group" : kind) + ":" + f[kind] : ""; };
  const nameOf = (f) => holder(f).slice(holder(f).indexOf(":") + 1); const sum = (counts) => Object.values(counts).reduce((a, b) => a + b, 0); const L = d.left_out;
  const TIER = { restricted: "tier 3 (restricted)", conditional: "tier 2 (conditional)", open: "tier 1 (open)" };
  const STATE = { not_allowed: "not allowed", unjustified: "unjustified", needs_approval: "waiting for an approval", accepted: "accepted by the baseline", approved: "justified and approved", justified: "justified", allowed: "allowed" };
  const trouble = [];
  const make = async (o = {}) => { const c = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...o }); const p = await c.newPage();
    p.on("pageerror", (e) => trouble.push("error " + e.stack)); p.on("console", (m) => { if (m.type() !== "log") trouble.push("console " + m.text()); });
    p.on("dialog", (x) => { trouble.push("dialog"); x.dismiss(); }); p.on("request", (r) => { if (!r.url().startsWith(url)) trouble.push("request " + r.url()); }); return p; };
  const p = await make();
  const frames = () => p.evaluate(() => new Promise((f) => requestAnimationFrame(() => requestAnimationFrame(f))));
  const open = async (h = "") => { await p.goto("about:blank"); await p.goto(url + h); await frames(); };
  const shown = async () => Number((await p.locator("#count strong").textContent()).split(" ")[0].replace(/,/g, ""));
  const hash = () => p.evaluate(() => location.hash);
  const title = () => p.locator("#pane h2").first().textContent();
  const focus = () => p.evaluate(() => document.activeElement.id || document.activeElement.className);
  await open();
  check(await p.locator("#main").isVisible() && await p.locator("#refused").isHidden(), "it shows");
  const plain = (t) => clean(t).replace(/`/g, "");
  equal(await p.locator("#outcome").textContent(), plain(d.headline), "verdict in one line");
  const idle = d.about.idle && R.verdict === "passed"; equal(await p.locator("#verdict").getAttribute("class"), "verdict " + (idle ? "idle" : R.verdict), "the colour is that of the verdict");
  const about = await p.locator("#about").textContent();
  for (const part of [audit ? "" : R.base.slice(0, 12), (audit ? R.revision : R.head)?.slice(0, 12) ?? "working tree, uncommitted", "judged as of " + clean(d.about.today), "policy: " + plain(d.about.policy), "flsgate " + clean(d.about.version)])
    check(about.includes(part), "the heading has " + part, about);
  equal(await p.locator("#notices li").count(), R.remarks.length + (R.switched_off > 0), "remarks are at the top");
  for (const r of R.remarks) check((await p.locator("#notices").textContent()).includes(plain(r).slice(1, 200)), "remark " + r);
  check(!idle || await p.locator("#notices").isVisible(), "a run without anything to judge says so");
  equal(await p.locator(".figure.s-error strong").textContent(), (F.filter((f) => f.severity === "error").length + (L.findings.error || 0)).toLocaleString("en"), "errors counted");
  const left = sum(L.findings) + sum(L.new) + sum(L.removed);
  equal(/has room for the most serious only/.test(await p.locator("#says").textContent()), left > 0, "what is left out is said");
  equal(await p.locator(".figure strong").nth(3).textContent(), (access.length + sum(L.new)).toLocaleString("en"), "accesses counted");
  { const open = Object.keys(STATE).slice(0, 3).map((s) => [s, access.filter((e) => e.state === s).length + (L.new_states[s] || 0)]).filter(([, n]) => n); const small = await p.locator(".figure").nth(3).textContent();
    for (const [s, n] of open) check(small.includes(n.toLocaleString("en") + " " + (s === "needs_approval" && n > 1 ? "need an approval" : STATE[s])), "the total says " + s, small); }
  if (!audit) { const kept = removed.filter((e) => e.kept_by_org).length + L.removed_kept; equal(/([\d,]+) of them kept by the org/.exec((await p.locator(".figure").nth(4).locator("small").allTextContents()).join("; "))?.[1] ?? "0", kept.toLocaleString("en"), "what the org keeps is said"); }
  const words = await p.evaluate(() => document.body.innerText); for (const word of ["grantor", "exposure", "principal", "settle"]) check(!new RegExp(word, "i").test(words.replace(/\S*[./_:]\S*/g, "")), "no word of the code: " + word);
  equal(await p.locator("#undecided").isVisible(), R.undecided.length > 0, "undecided shown"); equal(await p.locator("#warnings").isVisible(), R.warnings.length > 0, "warnings shown");
  if (R.undecided.length) equal(await p.locator("#undecided li").count(), Math.min(20, R.undecided.length), "each reason");
  equal(await p.evaluate(() => document.scripts.length + " " + document.querySelectorAll("img,svg,iframe,[onerror],[style*=javascript]").length), "2 0", "no markup from data");
  if (F.length) {
    equal(await shown(), F.length, "all findings");
    // walk
    const strip = (m) => m;
    if (F.length > 2) {
      await p.keyboard.press("j"); await frames(); const a = await title(); await p.keyboard.press("j"); await frames(); const b2 = await p.locator("#pane .position").textContent();
      check(b2.startsWith("3 of"), "j goes on", b2); check((await focus()).startsWith("row"), "j focuses the row", await focus());
      await p.keyboard.press("k"); await frames(); equal(await title(), a, "k goes back");
      await p.waitForTimeout(500); check((await hash()).includes("finding="), "the address names it", await hash());
    }
    await p.keyboard.press("/"); equal(await focus(), "search", "/ to search"); 
    await p.keyboard.type("zzzz-none"); await p.waitForTimeout(300); equal(await shown(), 0, "nothing"); check(await p.locator("#nothing").isVisible(), "said");
    await p.keyboard.press("Escape"); await frames(); equal(await shown(), F.length, "Escape clears the search"); equal(await p.locator("#search").inputValue(), "", "box empty");
    // facets
    const val = { severity: (f) => f.severity, tier: (f) => f.tier ? TIER[f.tier] : "no tier", rule: (f) => f.rule, "user type": (f) => holder(f) ? f.user_type : "no permission set or profile" };
    for (const [k, of] of Object.entries(val)) {
      const set = p.locator("#facets fieldset").filter({ has: p.locator("legend", { hasText: new RegExp("^" + k + "$", "i") }) });
      const distinct = new Set(F.map(of)); equal(await set.count(), distinct.size > 1 ? 1 : 0, "facet " + k); if (distinct.size < 2) continue;
      const o = set.locator("label").first(); const name = await o.locator(".name").textContent(); const n = F.filter((f) => clean(of(f)) === name).length;
      equal(Number((await o.locator(".count").textContent()).replace(/,/g, "")), n, "count beside " + name); await o.locator("input").check(); await frames(); equal(await shown(), n, "filter " + k);
      const h = await hash(); await open(h); equal(await shown(), n, "address brings it back"); await p.keyboard.press("Escape"); await frames(); equal(await shown(), F.length, "Escape clears filters");
    }
    if (await p.locator("#filter-holder").count()) { const opt = await p.locator("#filter-holder option").nth(1).textContent(); await p.locator("#filter-holder").selectOption({ index: 1 }); await frames();
      equal(await shown(), Number(/\(([\d,]+)\)$/.exec(opt)[1].replace(/,/g, "")), "permission set select"); await p.locator("#clear").click(); }
    for (const g of ["rule", "file", "holder", "field", ""]) { await p.locator("#group").selectOption(g); await frames(); equal(await shown(), F.length, "grouped by " + g); const rows = await p.locator("#list .row").count(); check(rows > 0, "rows");
      if (g) { const of = { rule: (f) => f.rule, file: (f) => f.location.path, holder, field: (f) => f.field || "" }[g]; equal(await p.locator("#list .row[aria-level='1']").first().getAttribute("aria-setsize"), String(new Set(F.map(of)).size), "groups of " + g); } }
    // every finding's detail, by its address; sampled in big reports
    const seen = new Map(); const ids = F.map((f) => { const n = (seen.get(f.fingerprint) || 0) + 1; seen.set(f.fingerprint, n); return f.fingerprint + (n > 1 ? "." + n : ""); });
    const stepBy = Math.max(1, Math.floor(F.length / 60));
    for (let i = 0; i < F.length; i += stepBy) {
      const f = F[i], x = d.excerpts[i];
      await p.evaluate((h) => { location.hash = h; }, "#" + new URLSearchParams({ finding: ids[i] })); await frames();
      const seenNow = await p.evaluate(() => ({ rule: document.querySelector("#pane .kind code").textContent, sev: document.querySelector("#pane .kind strong").textContent, marks: [...document.querySelectorAll("#pane .lines mark")].map((m) => m.textContent), no: [...document.querySelectorAll("#pane .lines .no")].map((m) => m.textContent),
        text: document.querySelector("#pane").textContent, li: document.querySelectorAll("#pane ol li").length, next: document.querySelector("#pane .next")?.textContent ?? "", paste: document.querySelector("#pane .paste")?.textContent ?? null, rel: document.querySelectorAll("#pane .places li").length, links: [...document.querySelectorAll("#pane a[target]")].map((a) => a.href), cur: document.querySelectorAll("#list [aria-selected=true]").length }));
      const same = clean(f.rule.length > 8000 ? seenNow.rule : f.rule); equal([seenNow.rule, seenNow.sev, seenNow.li, seenNow.rel], [same, f.severity, f.through.length, f.related.length], "finding " + i);
      equal(seenNow.cur, 1, "its row is current"); const next = d.next[i]; check(!next.text || next.text.length > 8000 || seenNow.next.includes(plain(next.text)), "next step of " + i, seenNow.next);
      if ((next.paste ?? "").length < 8000) equal(seenNow.paste, next.paste?.split("\n").map(clean).join("\n").trimEnd() ?? null, "entry to paste of " + i);
      if (x) { equal(seenNow.no, x.lines.map((_, k) => String(x.first_line + k)), "line numbers");
        const marks = []; x.lines.forEach((t, k) => { const line = x.first_line + k, L = f.location; if (line < L.line || line > L.end_line) return; let c = [...t.replace(/\r$/, "")]; if (line === 1 && c[0] === "\ufeff") c = c.slice(1);
          if (c.length > 600) { marks.push(null); return; } const m = c.slice(line === L.line ? L.column - 1 : 0, line === L.end_line ? L.end_column - 1 : undefined).join(""); if (m) marks.push(m.replace(HID, (h) => h === "\t" ? h : clean(h))); });
        if (!marks.includes(null)) equal(seenNow.marks, marks, "marked span of " + i); }
      for (const n of f.notes) check(n.length > 8000 || seenNow.text.includes(clean(n.replace(/`/g, ""))) || n.includes("`"), "note");
      for (const l of seenNow.links) check(d.blob && (l.startsWith(d.blob + "/") || l.startsWith(d.blob.replace(R.head, R.base) + "/")) && /#L\d+$/.test(l), "safe link", l);
      if (!d.blob) equal(seenNow.links.length, 0, "no links");
    }
    if (/^[0-9a-f]{32}$/.test(F[F.length - 1].fingerprint)) { await open("#" + F[F.length - 1].fingerprint); check((await p.locator("#pane").textContent()).includes(F[F.length - 1].fingerprint), "short address");
      check(await p.evaluate(() => { const r = document.querySelector("#list [aria-selected=true]").getBoundingClientRect(); return r.top >= 0 && r.bottom <= innerHeight; }), "its row is in view"); }
    await open("#finding=" + "0".repeat(32)); check((await p.locator("#pane").textContent()).includes("Not in this report"), "unknown finding is said");
    await open("#view=nowhere&tier=nonsense&group=none&item=99999999"); equal(await shown(), F.length, "unknown words filter nothing");
    // keyboard in the list
    await open(); await p.locator("#list [tabindex='0']").focus(); await p.keyboard.press("End"); await frames(); check((await focus()).startsWith("row"), "End keeps focus");
    await p.evaluate(() => scrollTo(0, 0)); await frames(); check((await focus()).startsWith("row"), "scrolling away keeps focus"); await p.keyboard.press("Home"); await frames();
    equal(await p.locator("#list [tabindex='0']").count(), 1, "one row in the tab order");
    const first = p.locator("#list .row.head").first(); if (await first.count()) { await first.focus(); await p.keyboard.press("ArrowLeft"); await frames(); equal(await first.getAttribute("aria-expanded"), "false", "left closes"); await p.keyboard.press("ArrowRight"); await frames(); equal(await first.getAttribute("aria-expanded"), "true", "right opens"); await p.keyboard.press("ArrowDown"); }
    await p.keyboard.press("Enter"); await frames(); equal(await focus(), "detailtitle", "Enter goes to the detail"); await p.keyboard.press("Escape"); await frames(); check((await focus()).startsWith("row"), "Escape comes back", await focus());
  }
  for (const [v, list] of audit ? [["access", access]] : [["new", access], ["removed", removed], ["labels", R.labels_changed]]) {
    await open("#view=" + v); if (!list.length) { check(await p.locator("#nothing").isVisible(), v + " empty is said"); continue; }
    equal(await shown(), list.length, v + " all"); const q = v === "labels" ? list[0].field : nameOf(list[0]);
    if (v === "new" || v === "access") {
      const badges = await p.evaluate(() => [...document.querySelectorAll("#list .row .badge")].map((b) => b.textContent)); const known = new Set(Object.values(STATE)); check(badges.every((b) => known.has(b)), "badges say states", badges.join());
      const set = p.locator("#facets fieldset").filter({ has: p.locator("legend", { hasText: /^State$/ }) }); const states = Object.keys(STATE).filter((s) => list.some((e) => e.state === s)); equal(await set.count(), states.length > 1 ? 1 : 0, "facet state");
      if (states.length > 1) { equal(await set.locator(".name").allTextContents(), states.map((s) => STATE[s]), "states, worst first"); await set.locator("input").first().check(); await frames(); equal(await shown(), list.filter((e) => e.state === states[0]).length, "filter state"); await open("#view=" + v); }
      await open("#view=" + v + "&item=0"); check((await p.locator("#pane").textContent()).includes(STATE[list[0].state]), "the detail has the state"); await open("#view=" + v);
      equal(await p.locator("#bar .cut").count(), sum(L.new) ? 1 : 0, "a list that is cut says so"); equal(await p.locator("#facets .cut").count(), sum(L.new) ? 1 : 0, "so do its filters");
    }
    if (!q || q.length > 200 || /\s/.test(q)) continue;
    await p.locator("#search").fill(q); await p.waitForTimeout(400); check(await shown() >= 1 && await shown() <= list.length, v + " search");
    await open("#view=" + v + "&item=" + (list.length - 1)); check((await p.locator("#pane").textContent()).includes(clean(list[list.length - 1].field.slice(0, 300))), v + " item by address");
    await p.goBack().catch(() => {});
  }
  { const big = Object.entries({ [audit ? "access" : "new"]: access, removed }).find(([, l]) => l && l.length > 1);
    if (big) for (const [w] of [[1440], [800]]) { const q = await make({ viewport: { width: w, height: 900 } }); await q.goto(url + "#view=" + big[0]); await q.locator("#filters").evaluate((x) => { x.open = true; });
      await q.locator("#search").fill("zzzz-nothing"); await q.waitForTimeout(250); await q.locator("#clear").click(); await q.waitForTimeout(100); await q.evaluate(() => document.getElementById("bar").scrollIntoView()); await q.waitForTimeout(100); check(await q.locator("#list .row").count() > 1, "the list comes back " + w);
      if (w === 1440) { await q.keyboard.press("Escape"); await q.locator("#pane .top button[title^=Next]").click(); check(await q.evaluate(() => !!document.activeElement.closest("#pane")), "the button keeps the focus"); } await q.context().close(); } }
  // a page that is cut: half of its accesses are counted beside it, as flsgate does with more than it has room for
  if (audit && access.length > 3 && !sum(L.new)) {
    const kept = access.filter((_, i) => i % 2 === 0), gone = access.filter((_, i) => i % 2), c = structuredClone(d); c.report.access = kept;
    const tables = { state: {}, user_type: {}, holder: {}, object: {}, through: {} }; const inc = (o, k) => { o[k] = (o[k] || 0) + 1; }; c.left_out.new = {}; c.left_out.new_states = {};
    for (const e of gone) { inc(c.left_out.new, e.tier); inc(c.left_out.new_states, e.state);
      for (const [t, v] of [["state", e.state], ["user_type", e.user_type], ["holder", holder(e)], ["object", e.field.split(".")[0]], ["through", e.through.map((x) => x.kind).join(">")]]) inc(tables[t][v] ||= {}, e.tier); }
    c.left_out.new_tables = tables; const cutFile = path.resolve(file.replace(/html$/, "cut.html"));
    fs.writeFileSync(cutFile, html.replace(/(<script type="application\/json" id="data">)[^]*?(<\/script>)/, (_, a, b) => a + JSON.stringify(c).replace(/</g, "\\u003c") + b));
    const q = await make({ viewport: { width: 1440, height: 900 } }); const read = async (p) => p.evaluate(() => [...document.querySelectorAll("#pane table.counts")].map((t) => t.innerText));
    await q.goto(url + "#view=access"); await q.waitForTimeout(200); const whole = await read(q);
    await q.goto(pathToFileURL(cutFile).href + "#view=access"); await q.waitForTimeout(200); equal((await read(q)).map((t) => t.split("\n").sort()), whole.map((t) => t.split("\n").sort()), "cut: rankings are of the whole"); check(whole.length === 5, "five of them");
    check((await q.locator("#pane h2").textContent()).includes(access.length.toLocaleString("en") + " accesses"), "cut: so is the total of the overview"); check(await q.locator("#list .row.head").count() === await q.locator("#list .row.head .here").count(), "cut: heads say what they count");
    const set = q.locator("#facets fieldset input").first(); if (await set.count()) { await set.check(); await q.waitForTimeout(200); check((await q.locator("#pane .note").textContent()).includes("do not count them") && (await q.locator("#pane table.counts").first().innerText()).includes("(part)"), "cut and filtered: the tables say that they are not"); }
    await q.context().close(); fs.unlinkSync(cutFile); }
  // drawer
  const n = await make({ viewport: { width: 390, height: 844 } }); await n.goto(url);
  if (F.length) { const modal = () => n.locator("#drawer").evaluate((x) => x.open); check(!(await modal()), "narrow starts with the list");
    await n.evaluate(() => document.getElementById("bar").scrollIntoView()); await n.waitForTimeout(100); await n.locator("#list .row:not(.head)").first().click(); check(await modal(), "a row opens the drawer"); await n.keyboard.press("j"); await n.waitForTimeout(50); check(await modal(), "j in the drawer"); await n.goBack(); await n.waitForTimeout(500);
    await n.keyboard.press("Escape"); await n.waitForTimeout(100); check(!(await modal()), "Escape closes"); 
    check(await n.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "no sideways scroll", await n.evaluate(() => document.documentElement.scrollWidth)); }
  await n.context().close();
  // paper
  if (F.length <= 500 && access.length < 5000) { await open(); await p.evaluate(() => dispatchEvent(new Event("beforeprint"))); equal(await p.locator(F.length <= 100 ? "#paper article" : "#paper .short tbody tr").count(), F.length, "paper has every finding"); 
    equal(await p.locator("#paper [id]").count(), 0, "no id twice"); await p.evaluate(() => dispatchEvent(new Event("afterprint"))); }
  // axe
  const detail = F.length ? "#finding=" + encodeURIComponent(F[0].fingerprint) : null, rows = access.length ? (audit ? "#view=access" : "#view=new") : null;
  for (const [colorScheme, w, h, media] of [["light", 1440, ""], ["dark", 1440, ""], ["light", 768, ""], ["light", 390, detail], ["dark", 390, detail], ["light", 380, rows], ["light", 1440, rows], ["dark", 1440, rows],
    ["light", 700, F.length <= 500 && access.length < 5000 ? "" : null, "print"]]) if (h !== null) { const a = await make({ bypassCSP: true, colorScheme, reducedMotion: "reduce", viewport: { width: w, height: 900 } }); await a.goto(url + h); await a.evaluate(axe); if (media) { await a.emulateMedia({ media }); await a.evaluate(() => dispatchEvent(new Event("beforeprint"))); }
    const r = await a.evaluate(() => axe.run(document, { rules: { "skip-link": { enabled: false } }, runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] })); for (const v of r.violations) check(false, "axe " + (media || colorScheme) + w + h + " " + v.id + ": " + v.help, v.nodes.slice(0, 2).map((x) => x.target + " " + x.html.slice(0, 120) + (x.any[0]?.message || "")).join(" | ")); await a.context().close(); }
  equal(trouble.filter((t) => !t.includes(".cut.html")), [], "no errors, no warnings, no requests");
  await p.context().close();
}
console.log(failed ? failed + " failed" : "all passed"); await browser.close(); process.exit(Math.min(failed, 125));
