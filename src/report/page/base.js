"use strict";
/*
 What the pages have in common. It stands before the script of each, in one scope with it.

 Text reaches a page by textContent only.
*/

const $ = (id) => document.getElementById(id);

/* ---- Text ---- */

/* Characters that hide or reorder text are written out, as everywhere in flsgate's output. */
const HIDDEN = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu;
const clean = (text) => String(text).replace(HIDDEN, (c) => "\\u{" + c.codePointAt(0).toString(16) + "}");
const words = (text) => clean(text).replace(/_/g, " ");
const fold = (text) => String(text).toLowerCase();
const number = (n) => n.toLocaleString("en");
const count = (n, one, many = one + "s") => number(n) + " " + (n === 1 ? one : many);
const place = (at) => at && at.path ? clean(at.path) + (at.line ? ":" + at.line : "") : "";

function element(tag, className, text) {
  const el = document.createElement(tag);
  if (className) el.className = className;
  if (text !== undefined) el.textContent = text;
  return el;
}

/* A text of several lines on one. */
const oneLine = (text) => /[\r\n]/.test(text) ? text.split(/[\r\n]+/).map((line) => line.trim()).filter(Boolean).join(" ") : text;

/* A name that breaks after its dots, underscores and slashes and before its capitals, before it breaks anywhere else. */
function broken(text, className = "name", tag = "span") {
  const el = element(tag, className);
  el.dir = "auto";
  clean(text).split(/(?<=[._/:-])(?=[^._/:-])|(?<=[a-z])(?=[A-Z])/).forEach((part, i) => el.append(...i ? [element("wbr"), part] : [part]));
  return el;
}

function named(text, className = "name") {
  const el = element("span", className, clean(text));
  el.dir = "auto";
  return el;
}

/* ---- Where lines can be looked at ---- */

/* The address without its end, if it is one that a link may have. */
function safeBlob(blob) {
  try {
    const url = new URL(blob);
    const plain = url.protocol === "https:" && !url.username && !url.password && !url.search && !url.hash;
    return plain ? url.href.replace(/\/+$/, "") : null;
  } catch (e) { return null; }
}

/* A backslash may stand for bytes that no address can hold, and dots would climb out of the commit. */
function lineAddress(blob, at) {
  const parts = at.path.split("/");
  if (at.path.includes("\\") || parts.some((p) => p === "" || p === "." || p === "..")) return null;
  try {
    return blob + "/" + parts.map(encodeURIComponent).join("/") + (at.line ? "#L" + at.line : "");
  } catch (e) { return null; }   /* half of a surrogate pair */
}

function outside(href, inside) {
  const link = element("a", "to");
  link.href = href;
  link.target = "_blank";
  link.rel = "noopener noreferrer";
  link.append(inside);
  return link;
}

/* The data as text: it stands in the page as it is or, where there is much of it, packed. */
async function dataText() {
  const text = $("data").textContent;
  if (!text.startsWith("gzip:")) return text;
  if (typeof DecompressionStream === "undefined") throw new Unfit("this browser cannot unpack it; take a newer one");
  const bytes = Uint8Array.from(atob(text.slice(5)), (c) => c.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
}

/* The data does not have the shape that the page reads. */
class Unfit extends Error {}

/* What each sheet of paper says in its margin. It becomes a rule of the style, so it has letters that say nothing there. */
let margin = false;
function margins(evidence) {
  if (margin) return;
  margin = true;
  const text = evidence.replace(/[^\w .,|-]/g, "");
  const font = "font: 7pt system-ui, sans-serif; color: #56606b;";
  try {
    document.styleSheets[0].insertRule('@page { @bottom-left { content: "' + text + '"; ' + font
      + ' } @bottom-right { content: counter(page) " / " counter(pages); ' + font + " } }");
  } catch (e) { /* a browser that knows no margins prints none */ }
}

/* Kept between visits where the browser allows it; files and sandboxes may not. */
function theme() {
  const choices = ["auto", "light", "dark"];
  const kept = () => { try { return localStorage.getItem("theme"); } catch (e) { return null; } };
  let now = Math.max(0, choices.indexOf(kept()));
  const set = () => {
    document.documentElement.dataset.theme = choices[now];
    $("theme").textContent = "Theme: " + choices[now];
  };
  $("theme").addEventListener("click", () => {
    now = (now + 1) % choices.length;
    try { localStorage.setItem("theme", choices[now]); } catch (e) { /* the choice lasts for this visit */ }
    set();
  });
  set();
}
