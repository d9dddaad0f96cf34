// Drives the HTML matrix in a real browser: node tests/browser/matrix.mjs PAGE.html [--screenshots DIR]
//
// PAGE.html is a finished page (its placeholders filled in). Every expectation is computed here from the
// page's own data, so any matrix with at least one access will do. One line per check; the exit status is
// the number of failed checks, 125 at most.

import fs from "node:fs";
import path from "node:path";
import { STATES, active, bad, check, clean, data, done, equal, file, frames, html, nodes, open, page, screenshots, shot, shown, tierOf, trouble } from "./matrix-page.mjs";

// ---- What the data says, found without the page's code ----

const pairs = new Set(data.cells.map((c) => c.f + " " + c.g));
const fieldsReached = new Set(data.cells.map((c) => c.f)).size;
const grantorsReached = new Set(data.cells.map((c) => c.g)).size;
const someTier = ["restricted", "conditional", "open"].find((t) => data.cells.some((c) => tierOf(c) === t));
check(data.cells.length > 0, "the page has accesses to test with", data.cells.length);

// ---- Loading ----

check(!html.includes("{{") && !html.includes("<!--TITLE-->") || JSON.stringify(data).includes("{{"), "no placeholder is left");
console.log("      loaded in " + await open() + " ms, " + await nodes() + " elements");
equal(await shown(), data.cells.length, "every access is counted");
equal(await page.locator("#map [role=grid]").getAttribute("aria-rowcount"), String(fieldsReached + 1), "one row for each field with access");
equal(await page.locator("#map [role=grid]").getAttribute("aria-colcount"), String(grantorsReached + 1), "one column for each permission set or profile with access");
equal(await page.locator("#title").textContent(), clean(data.title), "the title is text");
equal(await page.locator("#gaps").isVisible() && await page.locator("#gaps li").count(), data.gaps.length > 0 && data.gaps.length, "what could not be read is said");
const marked = await page.locator("#facets fieldset", { has: page.locator("legend", { hasText: "State" }) }).locator(".name").allTextContents();
equal(marked, Object.keys(STATES).filter((s) => data.cells.some((c) => c.status === s)).map((s) => STATES[s]), "each state that occurs is in the key, gravest first");
equal(await page.locator("#facets legend", { hasText: "Change" }).count(), data.delta ? 1 : 0, "only a delta filters by change");
await shot("matrix-light");

// ---- The keyboard ----

await page.keyboard.press("/");
equal(await page.evaluate(() => document.activeElement.id), "search", "/ goes to the search");
equal(await page.locator("#map [tabindex='0']").count(), 1, "one cell of the grid is in the tab order");
await page.locator("#map [tabindex='0']").focus();
await page.keyboard.press("ArrowDown");
await page.keyboard.press("ArrowRight");
let at = await active();
equal([at.row, at.column], [Math.min(3, fieldsReached + 1), 2], "arrow keys move");
await page.keyboard.press("Control+End");
at = await active();
equal([at.row, at.column], [fieldsReached + 1, grantorsReached + 1], "Control+End goes to the last cell");
await page.evaluate(() => { document.getElementById("map").scrollTop = 0; document.getElementById("map").scrollLeft = 0; });
await frames();
equal([(await active()).row], [fieldsReached + 1], "scrolling away keeps the focus");
await page.keyboard.press("Control+Home");
equal([(await active()).row, (await active()).column], [2, 1], "Control+Home goes to the first cell");

// ---- The drawer ----

const target = data.cells.find((c) => bad(c) && c.route.length) || data.cells[0];
const address = new URLSearchParams({ field: data.fields[target.f].name, grantor: data.grantors[target.g].kind + ":" + data.grantors[target.g].name });
const first = page.locator("#map .row .cell:has(.chip)").first();
await first.focus();
const label = await first.getAttribute("aria-label");
await page.keyboard.press("Enter");
check(await page.locator("#drawer").evaluate((d) => d.open && d.matches(":modal")), "Enter opens the drawer as a dialog");
check((await page.evaluate(() => location.hash)).includes("field="), "the open cell is in the address");
check(label.startsWith(await page.locator("#drawertitle").textContent()), "the drawer names the field");
await page.keyboard.press("Escape");
await frames();
check(!(await page.locator("#drawer").evaluate((d) => d.open)), "Escape closes the drawer");
equal((await active())?.label, label, "focus returns to the cell");
check(!(await page.evaluate(() => location.hash)).includes("field="), "the closed cell is no longer in the address");
await page.goBack();
equal(page.url(), "about:blank", "and back leaves the page");

await open("#" + address);
check(await page.locator("#drawer").evaluate((d) => d.open), "a deep link opens the drawer");
const same = data.cells.filter((c) => c.f === target.f && c.g === target.g);
equal(await page.locator("#drawer section.access").count(), same.length, "the drawer shows each access of the cell");
equal(await page.locator("#drawer li").count(), same.reduce((n, c) => n + c.route.length, 0), "and each hop of its routes");
const text = await page.locator("#drawer").textContent();
check(same.every((c) => c.route.every((h) => !h.path || text.includes(clean(h.path) + (h.line ? ":" + h.line : "")))), "hops have path and line");
const spoken = (t) => clean(t.trim().replace(/\r\n|\r|\n/g, ""));
check(same.every((c) => !c.justification || text.includes(spoken(c.justification.text || "missing"))), "the reason is shown");
check(same.every((c) => (c.notes || []).every((n) => text.includes(clean(n.replace(/`/g, ""))) || text.includes(clean(n)))), "and what keeps it from counting");
await shot("drawer");
await page.keyboard.press("Escape");
await frames();
check((await active())?.label?.startsWith(clean(data.fields[target.f].name) + ", " + clean(data.grantors[target.g].name)), "closing it leaves the focus on its cell");
await open("#tier=nonsense&object=None&view=nowhere&sort=-nothing");
equal(await shown(), data.cells.length, "an address with unknown words filters nothing");
check(await page.locator("#clear").isHidden(), "and does not look as if it did");
await open("#field=No.Such&grantor=profile%3ANobody");
check((await page.locator("#drawer").textContent()).includes("no such access"), "a deep link to nothing says so");
await page.keyboard.press("Escape");

// ---- Headings, steps and answers ----

await open();
const held = () => page.evaluate(() => document.querySelectorAll("#drawer .listed > div").length);
const firstRow = page.locator("#map .body .first").first();
const rowName = (await firstRow.getAttribute("aria-label")).split(", tier ")[0];
await firstRow.click();
equal(await held(), Math.min(200, data.cells.filter((c) => clean(data.fields[c.f].name) === rowName).length), "a field's heading lists who has it");
await page.keyboard.press("Escape");
await frames();
const heading = page.locator("#map .columnname button").first();
const holderName = await heading.locator(".name").textContent();
await heading.click();
equal(await page.locator("#drawertitle").textContent(), holderName, "a column's heading opens all that it gives");
check(await held() > 0, "and lists it");
await page.locator("#drawer .listed button").first().click();
await frames();
check(await page.locator("#drawer section.access").count() > 0, "from there to one access");
const before = await page.evaluate(() => location.hash);
const next = page.locator("#drawer .steps button", { hasText: /^(Next|Previous)$/ }).and(page.locator(":enabled")).first();
if (await next.count()) {
  await next.click();
  await frames();
  check(await page.evaluate(() => location.hash) !== before, "and on to the next one");
}
await page.keyboard.press("Escape");
await frames();
const outside = new Set(data.cells.filter((c) => c.status !== "removed" && tierOf(c) === "restricted"
  && ["guest", "external", "agent"].includes(data.grantors[c.g].principal)).map((c) => c.f)).size;
equal(Number((await page.locator("#answers strong").first().textContent()).replace(/,/g, "")), outside, "the first answer is true");
const lacking = data.cells.filter((c) => c.status !== "removed" && tierOf(c) === "restricted" && bad(c)).length;
equal(Number((await page.locator("#answers strong").nth(1).textContent()).replace(/,/g, "")), lacking, "and the second");
if (lacking) {
  await page.locator("#answers .answer").nth(1).click();
  await frames();
  equal(await shown(), lacking, "an answer filters the view to what it counts");
}

// ---- Filters ----

await open();
const TIER_NAMES = { restricted: "tier 3 (restricted)", conditional: "tier 2 (conditional)", open: "tier 1 (open)" };
const box = (facet, value) => page.locator("#facets fieldset", { has: page.locator("legend", { hasText: facet }) })
  .locator("label", { has: page.locator(".name", { hasText: new RegExp("^" + value.replace(/[()]/g, "\\$&") + "$") }) });
const said = async (facet, value) => Number((await box(facet, value).locator(".count").textContent()).replace(/,/g, ""));
const inTier = data.cells.filter((c) => tierOf(c) === someTier);
equal(await said("Tier", TIER_NAMES[someTier]), inTier.length, "the count beside a filter is right");
const clicked = Date.now();
await box("Tier", TIER_NAMES[someTier]).locator("input").check();
await frames();
console.log("      filtered in " + (Date.now() - clicked) + " ms");
equal(await shown(), inTier.length, "a filter shows what it counted");
const status = inTier[0].status;
const stateWords = STATES[status];
equal(await said("State", stateWords), inTier.filter((c) => c.status === status).length, "counts follow the other filters");
await box("State", stateWords).locator("input").check();
await frames();
equal(await shown(), inTier.filter((c) => c.status === status).length, "two filters are joined");
await page.goBack();
await frames();
equal(await shown(), inTier.length, "back takes the last filter away");
const hash = await page.evaluate(() => location.hash);
await open(hash);
equal(await shown(), inTier.length, "the address brings the filter back");
await page.locator("#clear").click();
await frames();
equal(await shown(), data.cells.length, "clear shows everything");
const objectOf = (c) => data.fields[c.f].name.split(".", 1)[0];
const object = objectOf(data.cells[0]);
await page.locator("#object").selectOption(object);
await frames();
equal(await shown(), data.cells.filter((c) => objectOf(c) === object).length, "the object filter");
await page.locator("#clear").click();
const kind = data.cells.find((c) => c.route.length)?.route[0].kind;
if (kind) {
  await box("Through", kind.replace(/_/g, " ")).locator("input").check();
  await frames();
  equal(await shown(), data.cells.filter((c) => c.route.some((h) => h.kind === kind)).length, "the route filter");
  await page.locator("#clear").click();
}
const name = data.grantors[data.cells[0].g].name;
const words = name.toLowerCase().split(/\s+/).slice(0, 8);
const hay = (c) => [data.fields[c.f].name, data.fields[c.f].classification, data.fields[c.f].owner, ...data.fields[c.f].groups,
  data.grantors[c.g].name, data.grantors[c.g].kind, data.grantors[c.g].kind.replace(/_/g, " "), data.grantors[c.g].principal,
  ...c.route.flatMap((h) => [h.kind, h.text, h.path]),
  STATES[c.status], ...(c.notes || []), ...(c.justification ? ["text", "compliance", "owner", "ticket", "expires", "path"].map((k) => c.justification[k]) : [])].join("\n").toLowerCase();
await page.locator("#search").fill(name);
await page.waitForTimeout(300);
equal(await shown(), data.cells.filter((c) => words.every((w) => hay(c).includes(w))).length, "the search finds a permission set by its name");
await page.locator("#search").fill("no such thing anywhere");
await page.waitForTimeout(300);
check(await page.locator("#nothing h2").isVisible() && await shown() === 0, "nothing found is said", await page.locator("#nothing h2").textContent());
await shot("no-match");
await page.locator("#clear").click();
await page.locator("#bare").check();
await frames();
equal(await page.locator("#map [role=grid]").getAttribute("aria-rowcount"), String(data.fields.length + 1), "fields without access can be shown");
await page.locator("#bare").uncheck();

// ---- The list ----

await page.locator("input[value=list]").check();
await frames();
equal(await page.locator("#list [role=grid]").getAttribute("aria-rowcount"), String(data.cells.length + 1), "the list has a row for each access");
await shot("list-light");
const column = async (n) => page.evaluate((n) => [...document.querySelectorAll("#list [role=rowgroup]:last-child [role=row]")]
  .sort((a, b) => a.getAttribute("aria-rowindex") - b.getAttribute("aria-rowindex"))
  .map((r) => r.querySelector(`[aria-colindex="${n}"]`).textContent), n);
for (const title of ["Owner", "Permission set or profile"]) {
  const head = page.locator("#list [role=columnheader]", { hasText: new RegExp(`^${title}( [\u2191\u2193])?$`) });
  const n = await head.getAttribute("aria-colindex");
  await head.locator("button").click();
  await frames();
  const up = await column(n);
  const of = (c) => clean(title === "Owner" ? c.justification?.owner || "" : data.grantors[c.g].name);
  const all = data.cells.map(of).sort((a, b) => (a === "") - (b === "") || (a.toLowerCase() < b.toLowerCase() ? -1 : a.toLowerCase() > b.toLowerCase() ? 1 : 0));
  equal(up, all.slice(0, up.length), `the list sorts by ${title}`);
  equal(await head.getAttribute("aria-sort"), "ascending", "and says so");
  await head.locator("button").click();
  await frames();
  equal(await head.getAttribute("aria-sort"), "descending", "a second click turns the order");
  const down = await column(n);
  equal(down[0], all.filter((t) => t !== "").pop() ?? "", "the last comes first");
}

// ---- CSV ----

function csv(text) {
  const rows = [[]];
  let at = 0;
  while (at < text.length) {
    let value = "";
    if (text[at] === '"') {
      for (at++; text[at] !== '"' || text[at + 1] === '"'; at++) { value += text[at]; if (text[at] === '"') at++; }
      at++;
    } else while (at < text.length && text[at] !== "," && text[at] !== "\r") value += text[at++];
    rows[rows.length - 1].push(value);
    if (text[at] === ",") at++;
    else { at += 2; if (at < text.length) rows.push([]); }
  }
  return rows;
}
await page.locator("#search").fill("");
await box("Tier", TIER_NAMES[someTier]).locator("input").check();
const [download] = await Promise.all([page.waitForEvent("download"), page.locator("#export").click()]);
const bytes = fs.readFileSync(await download.path());
check(bytes.subarray(0, 3).equals(Buffer.from([0xef, 0xbb, 0xbf])), "the CSV starts with a byte order mark");
const sheet = csv(bytes.toString("utf8").slice(1));
equal(sheet[1][0], "Revision " + clean(data.evidence), "the CSV says what it is evidence of");
const table = sheet.slice(sheet.findIndex((row) => row[0] === "Field"));
equal(table.length - 1, inTier.length, "the CSV has the accesses of the filtered view");
check(sheet.some((row) => row[0].startsWith("Narrowed to:") && row[0].includes("tier " + someTier)), "and says to what it is narrowed");
check(table.every((row) => row.length === table[0].length), "each row of the CSV has as many fields as its header");
check(table.every((row) => row.every((t) => !/^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]/.test(t))), "no field of the CSV starts like a formula");
check(!/(^|[^\r])\n/.test(bytes.toString("utf8").replace(/"[^"]*"/g, "")), "the lines of the CSV end in CRLF");
const plain = (t) => t.replace(/^'(?=\s*[=+\-@\uff1d\uff0b\uff0d\uff20])/, "");
const keyOf = (row) => [0, 5, 8].map((n) => plain(row[n])).join("\u0001");
equal(table.slice(1).map(keyOf).sort(), inTier.map((c) => [data.fields[c.f].name, data.grantors[c.g].name, c.access].map(clean).join("\u0001")).sort(),
  "the CSV names the same accesses");
await page.locator("#clear").click();
await frames();
const own = file.replace(/html$/, "csv");
if (fs.existsSync(own)) {
  await open();
  const [whole] = await Promise.all([page.waitForEvent("download"), page.locator("#export").click()]);
  check(fs.readFileSync(await whole.path()).equals(fs.readFileSync(own)), "unfiltered, it is byte for byte what flsgate writes as CSV");
}

// ---- Scrolling ----

// Two speeds: a fast wheel (120 pixels a frame), and one that shows other rows and columns in every frame.
for (const [view, wheel] of [["map", true], ["map", false], ["list", true], ["list", false]]) {
  await page.locator(`input[value=${view}]`).check();
  await frames();
  const result = await page.evaluate(async ([id, wheel]) => {
    const root = document.getElementById(id);
    const times = [];
    let most = 0;
    const steps = 180;
    const tick = () => new Promise(requestAnimationFrame);
    await tick();
    let before = performance.now();
    for (let n = 1; n <= steps; n++) {
      root.scrollTop = wheel ? n * 120 : (root.scrollHeight - root.clientHeight) * n / steps;
      root.scrollLeft = wheel ? 0 : (root.scrollWidth - root.clientWidth) * n / steps;
      await tick();
      const now = performance.now();
      times.push(now - before);
      before = now;
      most = Math.max(most, document.getElementsByTagName("*").length);
    }
    await tick();
    times.sort((a, b) => a - b);
    const rows = [...root.querySelectorAll("[role=row]")];
    return { most, last: Math.max(...rows.map((r) => Number(r.getAttribute("aria-rowindex")))), total: Number(root.firstChild.getAttribute("aria-rowcount")),
      median: times[steps >> 1], p95: times[Math.floor(steps * 0.95)], max: times[steps - 1] };
  }, [view, wheel]);
  const how = view + (wheel ? ", wheel" : ", top to bottom");
  if (!wheel) equal(result.last, Math.min(result.total, 400001), `${view}: the last row is drawn at the bottom`);
  check(result.most < 6000, `${how}: few elements while scrolling`, result.most);
  console.log(`      ${how}: frames median ${result.median.toFixed(1)} ms, 95 % ${result.p95.toFixed(1)} ms, longest ${result.max.toFixed(1)} ms`);
  await shot("bottom-" + view);
}

// ---- Other surroundings ----

await open();
await page.emulateMedia({ colorScheme: "dark" });
await shot("matrix-dark");
const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
const dark = await background();
await page.locator("#theme").click();
check(await background() !== dark, "the toggle goes against the system's theme");
await page.locator("#theme").click();
equal(await background(), dark, "and to dark");
await page.locator("input[value=list]").check();
await frames();
await shot("list-dark");
await page.locator("#theme").click();

// Contrast of every chip, label and note, light and dark, by WCAG's formula; the target for text is 4.5.
const contrast = () => page.evaluate(() => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const rgb = (color) => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1); return [...canvas.getImageData(0, 0, 1, 1).data]; };
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255).map((v) => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (el) => { for (; el; el = el.parentElement) { const c = rgb(getComputedStyle(el).backgroundColor); if (c[3] === 255) return c; } return [255, 255, 255]; };
  const probe = document.createElement("div");
  document.body.append(probe);
  for (const tier of ["open", "conditional", "restricted"]) for (const status of ["allowed", "justified", "approved", "accepted", "expired", "unjustified", "needs_approval", "not_allowed", "kept", "removed"]) {
    const el = document.createElement("span");
    el.className = `chip ${tier} s-${status}`;
    el.textContent = "R";
    probe.append(el);
  }
  const worst = { ratio: 99, text: "" };
  for (const el of document.querySelectorAll("*")) {
    if (!el.checkVisibility() || ![...el.childNodes].some((n) => n.nodeType === 3 && n.data.trim())) continue;
    const [a, b] = [light(rgb(getComputedStyle(el).color)), light(behind(el))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < worst.ratio) { worst.ratio = ratio; worst.text = (el.className || el.tagName) + " " + el.textContent.slice(0, 20); }
  }
  probe.remove();
  return worst;
});
for (const colorScheme of ["light", "dark"]) {
  await page.emulateMedia({ colorScheme });
  for (const view of ["map", "list"]) {
    await page.locator(`input[value=${view}]`).check();
    await frames();
    const worst = await contrast();
    check(worst.ratio >= 4.5, `contrast, ${colorScheme}, ${view}`, worst.ratio.toFixed(2) + " at " + worst.text);
  }
}
await page.emulateMedia({ colorScheme: "light", forcedColors: "active" });
await page.locator("input[value=map]").check();
await frames();
await shot("forced-colors");
await page.emulateMedia({ colorScheme: "light", forcedColors: "none", reducedMotion: "reduce" });
await open("#" + address);
equal(await page.locator("#drawer").evaluate((d) => getComputedStyle(d).animationName), "none", "reduced motion: the drawer does not slide");

await page.setViewportSize({ width: 1440, height: 900 });
await open("#" + new URLSearchParams({ object }));
const inObject = data.cells.filter((c) => objectOf(c) === object).length;
await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
equal(await page.locator("#paper .fields tbody tr:not(:has(.of))").count(), Math.min(inObject, 5000), "paper gets each access of the filtered view");
const inPaper = new Set(data.cells.filter((c) => objectOf(c) === object).map((c) => c.f)).size;
if (inObject <= 5000) equal(await page.locator("#paper .fields h2").count(), inPaper, "under a heading for each field");
await page.evaluate(() => dispatchEvent(new Event("afterprint")));
equal(await page.locator("#paper *").count(), 0, "and the page is rid of it afterwards");
const pdf = await page.pdf({ path: screenshots ? path.join(screenshots, "print.pdf") : undefined, preferCSSPageSize: true });
check(pdf.subarray(0, 5).toString() === "%PDF-", "it prints");

// ---- Hostile text ----

await open();
equal(await page.locator("img, svg, iframe, object, embed, link, a, [onload], [onerror]").count(), 0, "no element comes from the data");
equal(await page.locator("script").count(), 2, "no script comes from the data");
const broken = await page.evaluate(async () => {
  const violations = [];
  addEventListener("securitypolicyviolation", (e) => violations.push(e.effectiveDirective));
  const script = document.createElement("script");
  script.textContent = "window.ran = true";
  document.body.append(script);
  const image = document.createElement("img");
  image.src = "https://example.invalid/x.png";
  document.body.append(image);
  await fetch("https://example.invalid/").catch(() => {});
  await new Promise((done) => setTimeout(done, 100));
  return { ran: window.ran === true, violations: violations.sort() };
});
check(!broken.ran && ["connect-src", "img-src", "script-src-elem"].every((d) => broken.violations.includes(d)), "the content security policy holds", broken.violations.join(" "));
const expected = /Content Security Policy|example\.invalid|Failed to fetch/;
equal(trouble.filter((t) => !expected.test(t)), [], "no errors, dialogs or requests");

await done();
