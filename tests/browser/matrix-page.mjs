// What the tests of the matrix page share: the data, found without the page's code, a browser, and checks that count.

import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import zlib from "node:zlib";
import { pathToFileURL } from "node:url";

// From the folder in which this is run, so that the repository needs no node_modules.
const { chromium } = createRequire(path.resolve("here"))("playwright-core");

export const [file, option, screenshots] = process.argv.slice(2);
if (!file || (option && (option !== "--screenshots" || !screenshots))) {
  console.error("usage: node matrix.mjs PAGE.html [--screenshots DIR]");
  process.exit(2);
}
const executablePath = process.env.CHROMIUM || "/usr/bin/chromium";
export const url = pathToFileURL(path.resolve(file)).href;
export const html = fs.readFileSync(file, "utf8");
const raw = /<script type="application\/json" id="data">([^]*?)<\/script>/.exec(html)[1];
export const data = JSON.parse(raw.startsWith("gzip:") ? zlib.gunzipSync(Buffer.from(raw.slice(5), "base64")).toString() : raw);
for (const at of [...data.justifications, ...data.fields.flatMap((f) => [f.source || {}, f.own?.source || {}]), ...data.cells.flatMap((c) => c.route),
  ...data.muted, ...data.gaps]) {
  at.path = data.paths[at.path] ?? null;
}
for (const c of data.cells) c.justification = data.justifications[c.justification] ?? null;

let failed = 0;
export function check(ok, what, detail = "") {
  console.log((ok ? "ok    " : "FAIL  ") + what + (detail === "" ? "" : ": " + detail));
  if (!ok) failed++;
}
export const equal = (found, expected, what) =>
  check(JSON.stringify(found) === JSON.stringify(expected), what,
    JSON.stringify(found) === JSON.stringify(expected) ? String(found).slice(0, 80) : `${JSON.stringify(found)}, expected ${JSON.stringify(expected)}`);

export const browser = await chromium.launch({
  executablePath,
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync"],
});
export const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, acceptDownloads: true });
export const page = await context.newPage();
export const trouble = [];
page.on("pageerror", (e) => trouble.push("error " + e.message));
page.on("console", (m) => { if (m.type() === "error" || m.type() === "warning") trouble.push("console " + m.text()); });
page.on("dialog", (d) => { trouble.push("dialog " + d.message()); d.dismiss(); });
page.on("request", (r) => { if (!r.url().startsWith(url) && !r.url().startsWith("blob:")) trouble.push("request " + r.url()); });

export const shot = async (name) => {
  if (screenshots) await page.screenshot({ path: path.join(screenshots, name + ".png") });
};
export const frames = () => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
export const nodes = () => page.evaluate(() => document.getElementsByTagName("*").length);
export const shown = async () => Number((await page.locator("#count strong").textContent()).split(" ")[0].replace(/,/g, ""));
/* A delta opens as a list; what follows is about the map. */
export const open = async (hash = "") => {
  await page.goto("about:blank");
  const from = Date.now();
  await page.goto(url + (data.delta && !hash.includes("view=") ? "#view=map&" + hash.replace(/^#/, "") : hash));
  await frames();
  return Date.now() - from;
};
export const active = () => page.evaluate(() => {
  const el = document.activeElement;
  const row = el && el.closest("[role=row]");
  return row && { row: Number(row.getAttribute("aria-rowindex")), column: Number(el.getAttribute("aria-colindex")), label: el.getAttribute("aria-label") };
});

export const tierOf = (c) => data.fields[c.f].tier;
export const STATES = { not_allowed: "not allowed", unjustified: "unjustified", expired: "expired", needs_approval: "waiting for an approval",
  accepted: "accepted by the baseline", approved: "justified and approved", justified: "justified", allowed: "allowed",
  kept: "kept by the org", removed: "removed" };
export const bad = (c) => ["not_allowed", "unjustified", "expired", "needs_approval"].includes(c.status);
const hidden = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu;
export const clean = (t) => t.replace(hidden, (c) => "\\u{" + c.codePointAt(0).toString(16) + "}");

export async function done() {
  await browser.close();
  console.log(failed ? `${failed} checks failed` : "all checks passed");
  process.exit(Math.min(failed, 125));
}
