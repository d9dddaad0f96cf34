/*
 The data, version 1 (content of the element with the id `data`). What repeats stands in a table of its
 own and is named by its position there, counted from 0; that makes a large page a third smaller.

   version   1
   title     heading of the page
   revision  a commit, or `working tree`
   policy    `built-in` or the path of the policy
   delta     true where the matrix tells a change, not all that exists
   as_of     the day for which it was judged, as 2026-06-01
   evidence  revision, day and flsgate in one line
   filters   what the matrix was narrowed to when it was made, [] when to nothing
   lookup    { head, base }: https://HOST/OWNER/NAME/blob/COMMIT or null, where files can be looked at
   paths     [ text ]
   fields    [ { name:           `Object.Field`
                 classification: text, or null when the field has none
                 groups:         compliance groups, [] when there are none
                 tier:           open | conditional | restricted
                 owner:          text or null
                 source:         { path, line } where the label is declared, or null
                 own:            where the field counts as another label than it declares: what it declares,
                                 { classification, groups, tier, source, from: the field whose label counts, or null } } ]
   grantors  [ { kind:           permission_set | permission_set_group | profile
                 name:           API name
                 principal:      internal | integration | agent | external | guest
                 users:          how many active users it is assigned to, or null } ]
   justifications
             [ { text, compliance, owner, ticket, expires: text or null, `expires` as in 2027-06-30
                 path, line } ]
   cells     [ { f, g:           positions in `fields` and `grantors`
                 access:         read | edit
                 status:         where it stands: one of STATUSES below
                 change:         in a delta: added | widened | narrowed | removed | relabelled
                 before:         in a delta: the access that was there before, or null
                 route:          hops from the permission set or profile to the field, in order, each { kind, path, line, text };
                                 `kind` is any word of snake case, `text` may be null
                 justification:  position in `justifications`, or null
                 notes:          what keeps the justification from counting, and other facts } ]
   muted     [ { field, group, access, left, by, path, line } ]: `access` that the members of a group give and the group
             does not; `left` (or null) is what it gives, `by` the muting permission set
   gaps      [ { path, line, text } ]: what could not be read, so that accesses may be missing

 Every `path` is a position in `paths` or null, every `line` a number from 1 or null; `on_base` beside them is true where
 only the base of a change has the line. What may be null may be left out.

 Several cells may name one field and one grantor (read by one route, edit by another): the matrix
 shows the widest access and the worst status of them, the drawer shows each.
 Whatever does not fit this shape is refused as a whole: a matrix with holes would be believed.

 Text reaches the page by textContent only.
*/

const TIERS = ["restricted", "conditional", "open"];
const TIER_WORDS = { restricted: "tier 3 (restricted)", conditional: "tier 2 (conditional)", open: "tier 1 (open)" };
/* Most exposed first: the order of the columns. */
const PRINCIPALS = ["guest", "external", "agent", "integration", "internal"];
const KINDS = ["profile", "permission_set", "permission_set_group"];
/* Gravest first: the order in which states are sorted and in which one wins over another. */
const STATUSES = ["not_allowed", "unjustified", "expired", "needs_approval", "accepted", "approved", "justified", "allowed", "kept", "removed"];
const STATE_WORDS = { not_allowed: "not allowed", unjustified: "unjustified", expired: "expired", needs_approval: "waiting for an approval",
  accepted: "accepted by the baseline", approved: "justified and approved", justified: "justified", allowed: "allowed",
  kept: "kept by the org", removed: "removed" };
const MARKS = { not_allowed: "\u00d7", unjustified: "!", expired: "\u25d4", needs_approval: "?", accepted: "\u2248", approved: "\u2713",
  justified: "\u00b6", allowed: "\u00b7", kept: "=", removed: "\u2212" };
/* Of these somebody has to do something. */
const BAD = ["not_allowed", "unjustified", "expired", "needs_approval"];
/* In these nobody has the access any more. */
const GONE = ["removed"];
const OUTSIDE = ["guest", "external", "agent"];
/* When the justification that counts ends. */
const EXPIRIES = ["ended", "within 30 days", "within 90 days", "later", "no date"];
const CHANGES = ["added", "widened", "narrowed", "removed", "relabelled"];
const ACCESSES = ["edit", "read"];
const LETTERS = { edit: "E", read: "R" };
/* Browsers stop laying out past some 17 to 33 million pixels; rows past this many are not drawn, and said so. */
const MAX_ROWS = 400000;
/* A mask has 32 bits. Route kinds past the first 30 share one box. */
const MAX_KINDS = 30;

/* ---- Reading the data ---- */

function read(text) {
  let data;
  try { data = JSON.parse(text); } catch (e) { throw new Unfit("it is not JSON: " + e.message); }
  const must = (ok, what) => { if (!ok) throw new Unfit(what); };
  const isText = (v) => typeof v === "string";
  const orNull = (v, test) => v === null || v === undefined || test(v);
  const isLine = (v) => Number.isInteger(v) && v > 0;
  const isPlace = (v) => typeof v === "object" && orNull(v.path, (n) => isText(data.paths[n])) && orNull(v.line, isLine);
  const isOwn = (v) => typeof v === "object" && TIERS.includes(v.tier) && Array.isArray(v.groups) && v.groups.every(isText)
    && orNull(v.classification, isText) && orNull(v.from, isText) && orNull(v.source, isPlace);
  must(data && data.version === 1, "its version is " + clean(data && data.version) + "; this page reads version 1");
  for (const key of ["title", "revision", "policy", "as_of", "evidence"]) must(isText(data[key]), key + " is not text");
  must(Array.isArray(data.filters) && data.filters.every(isText), "filters is not a list of texts");
  must(data.lookup && orNull(data.lookup.head, isText) && orNull(data.lookup.base, isText), "lookup is malformed");
  for (const key of ["paths", "fields", "grantors", "justifications", "cells", "muted", "gaps"]) must(Array.isArray(data[key]), key + " is not a list");
  const one = (value, allowed, where) =>
    must(allowed.includes(value), where + " is " + clean(value) + "; it can be " + allowed.join(", "));
  data.fields.forEach((f, i) => {
    const at = "fields[" + i + "]";
    must(f && isText(f.name), at + " has no name");
    one(f.tier, TIERS, at + ".tier");
    must(Array.isArray(f.groups) && f.groups.every(isText), at + ".groups is not a list of texts");
    must(orNull(f.classification, isText) && orNull(f.owner, isText) && orNull(f.source, isPlace) && orNull(f.own, isOwn), at + " is malformed");
  });
  data.grantors.forEach((g, i) => {
    const at = "grantors[" + i + "]";
    must(g && isText(g.name), at + " has no name");
    one(g.kind, KINDS, at + ".kind");
    one(g.principal, PRINCIPALS, at + ".principal");
    must(orNull(g.users, Number.isSafeInteger), at + ".users is no count");
  });
  data.justifications.forEach((j, i) => {
    must(j && isPlace(j) && ["text", "compliance", "owner", "ticket", "expires"].every((k) => orNull(j[k], isText)), "justifications[" + i + "] is malformed");
  });
  data.cells.forEach((c, i) => {
    const at = "cells[" + i + "]";
    must(c && data.fields[c.f] && data.grantors[c.g], at + " names no field or no grantor");
    one(c.access, ACCESSES, at + ".access");
    one(c.status, STATUSES, at + ".status");
    must(Array.isArray(c.route) && c.route.every((h) => h && isText(h.kind) && isPlace(h) && orNull(h.text, isText)),
      at + ".route is malformed");
    must(orNull(c.justification, (n) => data.justifications[n]), at + ".justification is in no list");
    must(orNull(c.change, (v) => CHANGES.includes(v)) && orNull(c.before, (v) => ACCESSES.includes(v)), at + ".change is malformed");
    must(orNull(c.notes, (v) => Array.isArray(v) && v.every(isText)), at + ".notes is not a list of texts");
  });
  data.muted.forEach((m, i) => must(m && isPlace(m) && [m.field, m.group, m.by].every(isText) && ACCESSES.includes(m.access)
    && orNull(m.left, (v) => ACCESSES.includes(v)), "muted[" + i + "] is malformed"));
  data.gaps.forEach((g, i) => must(g && isPlace(g) && isText(g.text), "gaps[" + i + "] is malformed"));
  /* From here on, things instead of their positions. */
  const spell = (v) => { if (v) v.path = orNull(v.path, () => false) ? "" : data.paths[v.path]; };
  data.fields.forEach((f) => { spell(f.source); if (f.own) spell(f.own.source); });
  for (const list of [data.justifications, data.muted, data.gaps]) list.forEach(spell);
  for (const side of ["head", "base"]) data.lookup[side] = data.lookup[side] ? safeBlob(data.lookup[side]) : null;
  for (const c of data.cells) {
    c.route.forEach(spell);
    c.justification = data.justifications[c.justification] || null;
    c.notes = c.notes || [];
  }
  return data;
}
