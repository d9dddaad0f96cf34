// What the matrix page looks like, and where it leads: node tests/browser/matrix-layout.mjs PAGE.html [--screenshots DIR]
//
// PAGE.html as for matrix.mjs. That of what stands (no change) must have muted access, a field that counts as another label than
// its own, a reason of two lines, and addresses where files can be looked at. Needs axe-core beside playwright-core.

import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { STATES, bad, check, clean, data, done, equal, frames, open, page, shot, tierOf, trouble } from "./matrix-page.mjs";

const axe = fs.readFileSync(createRequire(path.resolve("here")).resolve("axe-core/axe.min.js"), "utf8");
// The policy of the page lets no script in; axe is put there by the browser's debugger.
async function accessible(what) {
  await page.evaluate(axe);
  const found = await page.evaluate(async () => (await window.axe.run(document, { resultTypes: ["violations"] })).violations
    .map((v) => v.id + " " + v.nodes.map((n) => n.target.join(" ")).slice(0, 3).join(", ")));
  equal(found, [], "axe: " + what);
}
const nameOf = (c) => clean(data.fields[c.f].name);
const holderOf = (c) => data.grantors[c.g];
const addressOf = (c) => "#" + new URLSearchParams({ field: data.fields[c.f].name, grantor: holderOf(c).kind + ":" + holderOf(c).name });
const drawerText = () => page.locator("#drawer").textContent();
const isOpen = () => page.locator("#drawer").evaluate((d) => d.open);

// ---- Names ----

await open();
const cut = () => page.evaluate(() => [...document.querySelectorAll("#map .body .first .name > span, #map .columnname .name")]
  .filter((el) => el.checkVisibility() && (el.scrollWidth > el.clientWidth + 1 || el.scrollHeight > el.clientHeight + 1)).map((el) => el.textContent));
const long = data.fields.some((f) => f.name.length > 60) || data.grantors.some((g) => g.name.length > 60) || data.grantors.length > 12;
if (!long) equal(await cut(), [], "no name is cut while there is room");
check(await page.evaluate(() => [...document.querySelectorAll("#map .columnname .name")].filter((el) => /_[^_]/.test(el.textContent)).every((el) => el.querySelector("wbr"))),
  "long names break at their underscores");
equal(await page.evaluate(() => document.querySelectorAll(".cell.none button, .cell.none[role=button], .cell.none a").length), 0, "an empty cell is no button");
const none = page.locator("#map .cell.none").first();
if (await none.count()) {
  await none.click();
  check(!(await isOpen()), "and opens nothing");
}

// ---- Edges that stay in place ----

const shadows = (id) => page.evaluate((id) => [...document.querySelectorAll(`#${id} .head, #${id} .body .first`)].slice(0, 2).map((el) => getComputedStyle(el).boxShadow !== "none"), id);
await page.locator("input[value=list]").check();
await frames();
equal(await shadows("list"), [false, false], "edges have no shadow while nothing lies under them");
await page.setViewportSize({ width: 900, height: 500 });
await page.locator("#list").evaluate((el) => { el.scrollLeft = 40; el.scrollTop = 20; });
await frames();
const scrolls = await page.locator("#list").evaluate((el) => el.scrollTop > 0);
equal(await shadows("list"), [scrolls, true], "and one when something does");
await page.setViewportSize({ width: 1440, height: 900 });

// ---- Skip link, and the way back ----

await open();
await page.keyboard.press("Tab");
equal(await page.evaluate(() => document.activeElement.id), "skip", "the first stop skips to the accesses");
await page.keyboard.press("Enter");
check(await page.evaluate(() => Boolean(document.activeElement.closest("[role=grid]"))), "and goes into the grid");
const target = data.cells.find((c) => bad(c) && c.route.length) || data.cells[0];
await open();
await page.locator("#map .body .first").first().click();
await page.locator("#drawer .listed button").first().click();
const next = page.locator("#drawer .steps button:enabled", { hasText: /^(Next|Previous)$/ }).first();
if (await next.count()) await next.click();
await page.keyboard.press("Escape");
await frames();
check(!(await isOpen()) && !page.url().includes("field="), "Escape closes the drawer, however far one went in it");
await page.goBack();
equal(page.url(), "about:blank", "and back leaves");
await open(addressOf(target));
await page.keyboard.press("Escape");
await frames();
check(!(await isOpen()) && !page.url().includes("field="), "Escape closes what a link opened");
await page.goBack();
equal(page.url(), "about:blank", "and back leaves there, too");

// ---- Search, owners, reasons ----

await open();
const state = target.status;
await page.locator("#search").fill(STATES[state]);
await page.waitForTimeout(300);
const found = Number((await page.locator("#count strong").textContent()).split(" ")[0].replace(/,/g, ""));
check(found >= data.cells.filter((c) => c.status === state).length && found > 0, "the search finds states");
await open();
const owners = new Map();
for (const c of data.cells) if (c.justification) owners.set(c.justification.owner || "no owner", (owners.get(c.justification.owner || "no owner") || 0) + 1);
const ownerBox = page.locator("#facets fieldset", { has: page.locator("legend", { hasText: "Owner of the justification" }) });
if (owners.size && owners.size <= 30) {
  const most = [...owners].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))[0];
  equal(await ownerBox.locator(".name").first().textContent(), clean(most[0]), "owners are a filter, the one of most accesses first");
  await ownerBox.locator("input").first().check();
  await frames();
  equal((await page.locator("#count strong").textContent()).split(" ")[0], most[1].toLocaleString("en"), "which shows the accesses that they answer for");
}
const several = data.cells.find((c) => /\n./.test((c.justification?.text || "").trim()));
check(data.delta || several, "there is a reason of several lines to test with");
if (several) {
  await open(addressOf(several));
  const reason = page.locator("#drawer dt", { hasText: "Reason" }).first().locator("xpath=following-sibling::dd[1]");
  equal(await reason.locator("br").count(), several.justification.text.trim().split("\n").length - 1, "lines of a reason are lines");
  check(!(await drawerText()).includes("\\u{a}"), "and no break is spelt out");
  await page.keyboard.press("Escape");
  await open("#view=list");
  check(!(await page.locator("#list").textContent()).includes("\\u{a}"), "nor is one in the list");
}

// ---- Labels, and where lines can be looked at ----

const inherits = data.cells.find((c) => data.fields[c.f].own?.from);
check(data.delta || inherits, "there is a field that counts as another label than its own");
if (inherits) {
  const field = data.fields[inherits.f];
  await open(addressOf(inherits));
  const dl = async (heading) => page.evaluate((heading) => {
    const h3 = [...document.querySelectorAll("#drawer h3")].find((h) => h.textContent === heading);
    return h3 && Object.fromEntries([...h3.nextElementSibling.querySelectorAll("dt")].map((dt) => [dt.textContent, dt.nextElementSibling.textContent]));
  }, heading);
  const [counts, own] = [await dl("Label it counts as"), await dl("Its own label")];
  equal([counts.Classification, counts.Tier, counts.From], [clean(field.classification || "none"), field.tier, clean(field.own.from)], "the label that counts, and the field it comes from");
  equal([own.Classification, own.Tier], [clean(field.own.classification || "none"), field.own.tier], "stand apart from its own");
  await shot("own-label");
  await page.keyboard.press("Escape");
}
await open(addressOf(target));
const links = await page.locator("#drawer li a").evaluateAll((all) => all.map((a) => [a.href, a.textContent, a.rel, a.target]));
const here = data.cells.filter((c) => c.f === target.f && c.g === target.g).flatMap((c) => c.route);
const expected = here.map((h) => [data.lookup[h.on_base ? "base" : "head"], h]).filter(([blob]) => blob).map(([blob, h]) =>
  [blob + "/" + h.path.split("/").map(encodeURIComponent).join("/") + "#L" + h.line, clean(h.path) + ":" + h.line, "noopener noreferrer", "_blank"]);
equal(links, expected, "each step of the way leads to its line, at the commit of its side");
check(data.lookup.head && expected.length > 0, "there is one to follow");
await page.keyboard.press("Escape");

// ---- Muted in a group ----

await open();
check(data.delta ? data.muted.length === 0 : data.muted.length > 0, "what stands has muted access, and a change tells none", data.muted.length);
const tile = page.locator("#answers .answer", { hasText: /muted in a group/ });
equal(await tile.count(), data.muted.length ? 1 : 0, "an answer says what is muted");
if (data.muted.length) {
  equal(await tile.locator("strong").textContent(), data.muted.length.toLocaleString("en"), "with its number");
  await tile.click();
  equal(await page.locator("#drawer .muted").count(), Math.min(200, data.muted.length), "and lists it");
  const text = await page.locator("#drawer .muted").first().textContent();
  const m = data.muted[0];
  check([m.field, m.group, m.by, m.path + ":" + m.line, (m.left || "no access") + " instead of " + m.access].every((t) => text.includes(clean(t))), "with group, access, muting set and line", text);
  await accessible("muted access");
  await shot("muted");
  await page.keyboard.press("Escape");
  await frames();
  check(!page.url().includes("muted="), "and closes as the drawer does");
  await open("#" + new URLSearchParams({ field: m.field }));
  check((await drawerText()).includes("Muted"), "the field's drawer tells it, too");
  await page.keyboard.press("Escape");
}

// ---- Small windows ----

await page.setViewportSize({ width: 380, height: 800 });
await page.goto("about:blank");
await open(data.delta ? "#view=list" : "");
check(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "narrow: the page does not scroll sideways");
check(await page.locator("#list").isVisible() && await page.locator("#map").isHidden(), "narrow: it opens as a list");
check(await page.locator("#list").evaluate((m) => m.scrollWidth <= m.clientWidth), "narrow: nor does the list");
const rows = await page.locator("#list .body [role=row]").evaluateAll((all) => all.sort((a, b) => a.getAttribute("aria-rowindex") - b.getAttribute("aria-rowindex"))
  .slice(0, 3).map((row) => [...row.querySelectorAll(".line")].map((line) => line.textContent)));
if (!data.delta) equal(rows, data.cells.slice(0, 3).map((c) => [nameOf(c), `${c.access}, ${STATES[c.status]}` + clean(holderOf(c).name)]), "narrow: two lines a row, with state and permission set");
check(rows.length > 0 && rows.every((row) => row.length === 2), "narrow: rows have two lines");
const backwards = data.cells.map((c) => holderOf(c).name.toLowerCase()).sort().pop();
await page.locator("#sort").selectOption("-grantor");
await frames();
check((await page.locator("#list .body [role=row][aria-rowindex='2']").textContent()).toLowerCase().includes(clean(backwards)), "narrow: it can be sorted");
await accessible("narrow list");
await shot("narrow");
await page.locator("#list .body .first").first().click();
check(await isOpen(), "narrow: a row opens the drawer");
await accessible("narrow drawer");
await shot("narrow-drawer");
await page.keyboard.press("Escape");
await page.locator("#filters summary").click();
await shot("narrow-filters");
await open("#view=map");
check(await page.locator("#map").isVisible(), "narrow: the map is one step away");
/* 1440 x 900 at 200 %. */
await page.setViewportSize({ width: 720, height: 450 });
await open();
const whole = await page.locator("#map").evaluate((m) => (Math.min(m.clientHeight, innerHeight) - m.querySelector(".head").clientHeight) / 30);
check(whole >= 8, "at 200 % the grid keeps eight rows", whole);
check(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "at 200 % the page does not scroll sideways");
await accessible("200 %");
await shot("zoom");
await page.setViewportSize({ width: 1440, height: 900 });

// ---- Roles and names, light and dark ----

for (const colorScheme of ["light", "dark"]) {
  await page.emulateMedia({ colorScheme });
  for (const view of ["map", "list"]) {
    await open("#view=" + view);
    await accessible(`${view}, ${colorScheme}`);
  }
  await open(addressOf(target));
  await accessible(`drawer, ${colorScheme}`);
  await page.keyboard.press("Escape");
  await open("#" + new URLSearchParams({ grantor: holderOf(target).kind + ":" + holderOf(target).name }));
  await accessible(`drawer of a permission set, ${colorScheme}`);
  await page.keyboard.press("Escape");
}

// ---- Paper ----

await page.emulateMedia({ colorScheme: "light", media: "print" });
await open();
await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
const order = await page.locator("#paper .fields h2").allTextContents();
const tiers = order.map((h) => ["restricted", "conditional", "open"].findIndex((t) => h.includes("(" + t + ")")));
check(tiers.filter((t) => t >= 0).every((t, i, all) => i === 0 || all[i - 1] <= t), "paper: restricted fields first");
const sums = await page.locator("#paper .sums td").allTextContents();
equal(sums.reduce((n, t) => n + Number(t.replace(/,/g, "")), 0), data.cells.length, "paper: the sums are of all accesses");
const printed = await page.locator("#paper .fields tbody tr:not(:has(.of))").count();
check(await page.evaluate((text) => [...document.styleSheets[0].cssRules].some((r) => r instanceof CSSPageRule && r.cssText.includes(text)), data.evidence.replace(/[^\w .,|-]/g, "")),
  "paper: each sheet says what it is evidence of");
equal(await page.locator("#paper .limit").count(), printed < data.cells.length ? 1 : 0, "paper: what is left out is said", printed);
const notPrinted = data.cells.length > 5000 && tierOf(data.cells.find((c) => tierOf(c) === "restricted") || data.cells[0]);
if (notPrinted) check((await page.locator("#paper .limit").textContent()).includes("first 5,000"), "paper: with the number that is printed");
if (data.muted.length) equal(await page.locator("#paper .muted").count(), Math.min(200, data.muted.length), "paper: muted access");
await accessible("paper");
await page.evaluate(() => dispatchEvent(new Event("afterprint")));

equal(trouble, [], "no errors, dialogs or requests");
await done();
