// Records what Salesforce's own deploy library makes of odd projects: `recorded.txt`, which tests/deploys.rs compares with
// what flsgate reads. Nothing here is needed to run the tests.
//
//   cp -r tests/deploys /tmp/deploys && cd /tmp/deploys && npm install
//   node generate.js > recorded.txt          (about a minute; the same text each time)
//
// Needs Node 20 or later and a file system that keeps letter case and Unicode as written. Then copy recorded.txt back.
// A project is a family of variants of one idea, or a seeded mixture of several. There is no .forceignore in any: the
// library honours one, and flsgate reads past it unless the policy says otherwise.
const fs = require("fs");
const os = require("os");
const path = require("path");
const { deploys } = require("./library");

const NS = 'xmlns="http://soap.sforce.com/2006/04/metadata"';
const READ = "<editable>false</editable><field>Contact.$__c</field><readable>true</readable>";
/** What files hold; `$` stands for a name that no other file of the project has. */
const FORMS = {
  set: `<PermissionSet ${NS}><fieldPermissions>${READ}</fieldPermissions><label>x</label></PermissionSet>`,
  profile: `<Profile ${NS}><fieldPermissions>${READ}</fieldPermissions></Profile>`,
  muting: `<MutingPermissionSet ${NS}><fieldPermissions>${READ}</fieldPermissions><label>x</label></MutingPermissionSet>`,
  group: `<PermissionSetGroup ${NS}><label>x</label><permissionSets>$</permissionSets></PermissionSetGroup>`,
  policy: `<UserAccessPolicy ${NS}><status>Active</status><userAccessPolicyActions><action>Grant</action><target>$</target><type>PermissionSet</type></userAccessPolicyActions></UserAccessPolicy>`,
  site: `<Network ${NS}><networkMemberGroups><permissionSet>$</permissionSet></networkMemberGroups><selfRegistration>false</selfRegistration></Network>`,
  delegates: `<DelegateGroup ${NS}><label>x</label><loginAccess>false</loginAccess><permissionSets>$</permissionSets></DelegateGroup>`,
  portal: `<PortalDelegablePermissionSet ${NS}><masterLabel>x</masterLabel><permissionSet>$</permissionSet><profile>x</profile></PortalDelegablePermissionSet>`,
  field: `<CustomField ${NS}><fullName>$__c</fullName><label>x</label><securityClassification>Restricted</securityClassification><type>Text</type></CustomField>`,
  unnamed: `<CustomField ${NS}><label>x</label><securityClassification>Restricted</securityClassification><type>Text</type></CustomField>`,
  object: `<CustomObject ${NS}><label>x</label></CustomObject>`,
  inline: `<CustomObject ${NS}><fields><fullName>$__c</fullName><label>x</label><securityClassification>Restricted</securityClassification><type>Text</type></fields><label>x</label></CustomObject>`,
  parent: `<PermissionSet ${NS}><fieldPermissions>${READ}</fieldPermissions></PermissionSet>`,
  own: `<FieldPermission ${NS}>${READ}</FieldPermission>`,
  element: `<fieldPermissions ${NS}>${READ}</fieldPermissions>`,
  bare: `<PermissionSet ${NS}>${READ}</PermissionSet>`,
  user: `<UserPermission ${NS}><enabled>true</enabled><name>ViewSetup</name></UserPermission>`,
  users: `<PermissionSet ${NS}><userPermissions><enabled>true</enabled><name>ViewSetup</name></userPermissions></PermissionSet>`,
  root: `<PermissionSet ${NS}><label>x</label></PermissionSet>`,
  text: "nothing to deploy",
};
const HOME = "force-app/main/default";
const BETA1 = ["decomposePermissionSetBeta"];
const BETA2 = ["decomposePermissionSetBeta2"];
const projects = [];

/** A project: files as `[path, form]`, links as `[path, "->", target]`; `~` stands for the usual folder. */
function project(family, files, { presets = [], directories = ["force-app"], also = {} } = {}) {
  const config = { packageDirectories: directories.map((d, at) => ({ path: d, default: at === 0 })), sourceApiVersion: "63.0", ...also };
  if (presets.length) config.sourceBehaviorOptions = presets;
  const named = files.map(([at, form, target], n) => [at.replace(/^~/, HOME), form, target ?? `F${n + 1}`]);
  projects.push({ family, config, files: named });
}

const WHOLE = [
  ["permissionsets", "permissionset", "set"],
  ["profiles", "profile", "profile"],
  ["mutingpermissionsets", "mutingpermissionset", "muting"],
  ["permissionsetgroups", "permissionsetgroup", "group"],
  ["useraccesspolicies", "useraccesspolicy", "policy"],
  ["networks", "network", "site"],
  ["delegateGroups", "delegateGroup", "delegates"],
  ["portalDelegablePermissionSet", "portalDelegablePermissionSet", "portal"],
];
const upper = (text) => text[0].toUpperCase() + text.slice(1);

function suffixes() {
  for (const [folder, suffix, form] of WHOLE) {
    for (const end of [`.${suffix}-meta.xml`, `.${suffix}-meta.xml.bak`, `.${suffix}-meta.xml~`, `.${suffix}-meta.xml.txt`, `.${suffix}-meta.xml.orig.xml`,
      `.${suffix}-meta.xmlx`, `.${suffix}`, `.${suffix}.xml`, `.${suffix}-META.XML`, `.${upper(suffix)}-meta.xml`, `.${suffix}-meta-meta.xml`, `-${suffix}-meta.xml`,
      `${suffix}-meta.xml`, `.a.${suffix}-meta.xml`, `.profile-meta.xml.${suffix}-meta.xml`, `.${suffix}-meta.xml.${suffix}-meta.xml`, `.${suffix}-meta.xml.zz-meta.xml`,
      `.${suffix} -meta.xml`, `. ${suffix}-meta.xml`]) {
      project("suffix", [[`~/${folder}/Desk${end}`, form]]);
      if (end !== `.${suffix}-meta.xml`) project("suffix beside", [[`~/${folder}/Desk.${suffix}-meta.xml`, form], [`~/${folder}/Desk${end}`, form]]);
    }
  }
}

function folders() {
  for (const [folder, suffix, form] of WHOLE) {
    for (const at of ["", "team/", "team/deep/", "Desk/", "desk/", "objects/", "profiles/", `${folder}/`, "mutingpermissionsets/M/", "100%25/", "%"]) {
      project("folder", [[`~/${folder}/${at}Desk.${suffix}-meta.xml`, form]]);
      project("folder, metadata format", [[`~/${folder}/${at}Desk.${suffix}`, form]]);
    }
    for (const at of [upper(folder), folder.toUpperCase(), "classes", "profiles", "permissionsets", "objects/Contact", "objects/Contact/fields", "elsewhere/x"]) {
      project("other folder", [[`~/${at}/Desk.${suffix}-meta.xml`, form]]);
      project("other folder, metadata format", [[`~/${at}/Desk.${suffix}`, form]]);
    }
    project("at the root of the package directory", [[`force-app/Desk.${suffix}-meta.xml`, form]]);
    project("two folders, one name", [[`~/${folder}/Desk.${suffix}-meta.xml`, form], [`~/${folder}/x/Desk.${suffix}-meta.xml`, form]]);
  }
}

function names() {
  for (const name of ["Sales %28EU%29", "Sales (EU)", "Custom%3A Sales", "100%", "Sales___A___", "___NAMESPACE___Sales", "%%%NAMESPACE%%%Sales", "Sales___NAMESPACE___", "Atenci\u00f3n",
    "Atencio\u0301n", "\u65e5\u672c", "a.b", "a b", " a", "A+B", "A&amp;B", "A_B", "-meta", "x.permissionset", "\u{1f600}"]) {
    for (const [folder, suffix, form] of WHOLE.slice(0, 3)) project("name", [[`~/${folder}/${name}.${suffix}-meta.xml`, form]]);
  }
  project("name", [["~/profiles/Atenci\u00f3n.profile-meta.xml", "profile"], ["~/profiles/x/Atencio\u0301n.profile-meta.xml", "profile"]]);
  project("name", [["~/profiles/Sales.profile-meta.xml", "profile"], ["~/profiles/Sales___A___.profile-meta.xml", "profile"]]);
  project("name", [["~/profiles/Sales.profile-meta.xml", "profile"], ["~/profiles/SALES.profile-meta.xml", "profile"]]);
}

/** Pieces of a permission set by preset: folder, end of the file's name, form. */
const PIECES = {
  1: [["fieldPermissions/", "Contact.$__c.fieldPermission-meta.xml", ["parent", "own", "element", "bare"]], ["userPermissions/", "ViewSetup.userPermission-meta.xml", ["user", "users"]]],
  2: [["objectSettings/", "Contact.objectSettings-meta.xml", ["parent", "own", "element", "bare"]], ["", "Desk.userPermission-meta.xml", ["users", "user"]]],
};

function decomposed() {
  for (const [number, presets] of [[1, BETA1], [2, BETA2], [0, []]]) {
    for (const [inside, end, forms] of PIECES[number || 1].concat(number ? [] : PIECES[2])) {
      for (const form of forms) {
        const piece = (folder, n) => [`~/permissionsets/${folder}${end.replace("$", `F${n}`)}`, form];
        const root = (folder, name) => [`~/permissionsets/${folder}${name}.permissionset-meta.xml`, "root"];
        const to = (files) => project("decomposed", files, { presets });
        to([root("Desk/", "Desk"), piece(`Desk/${inside}`, 2)]);
        to([root("Desk/", "Desk"), piece("Desk/", 2)]);
        to([root("Desk/", "Desk"), piece("Desk/x/y/", 2)]);
        to([piece(`Desk/${inside}`, 1)]);
        to([root("", "Desk"), piece(`Desk/${inside}`, 2)]);
        to([root("", "Desk"), piece(inside || "x/", 2)]);
        to([root("", "Desk"), piece("", 2)]);
        to([root("Spain/Desk/", "Desk"), piece(`Spain/Desk/${inside}`, 2)]);
        to([root("Spain/Desk/", "Desk"), piece(`Spain/Desk/${inside}`, 2), root("Spain/Other/", "Other"), piece(`Spain/Other/${inside}`, 4)]);
        to([root("Spain/Desk/", "Desk"), piece(`Spain/${inside || "x/"}`, 2)]);
        to([root("Spain/", "Spain"), root("Spain/Desk/", "Desk"), piece(`Spain/Desk/${inside}`, 3)]);
        to([root("Desk/", "Desk"), piece(`Desk/${inside}mutingpermissionsets/M/`, 2)]);
        to([root("Desk/", "Desk"), piece(`Desk/${inside}profiles/P/`, 2)]);
        to([root("Desk/", "Desk"), piece(`Desk/permissionsets/Other/${inside}`, 2)]);
        to([root("Desk/", "Desk"), piece(`Desk/objects/Contact/${inside}`, 2)]);
        to([root("Desk/", "Desk"), piece(`Desk/${inside.toUpperCase()}`, 2)]);
        to([root("Desk/", "Desk"), piece(`desk/${inside}`, 2)]);
        to([root("Desk/", "Desk"), [`~/permissionsets/Desk/${inside}${end.replace("$", "F2")}.bak`, form]]);
        to([root("Desk/", "Desk"), piece(`Desk/${inside}`, 2), ["~/permissionsets/Desk/Other.permissionset-meta.xml", "set"]]);
        to([root("Desk/", "Desk"), piece(`Desk/${inside}`, 2), ["~/permissionsets/Other.permissionset-meta.xml", "set"]]);
        to([root("Desk/", "Desk"), [`~/permissionsets/Desk/${inside}Wrong.${end.split(".").slice(-2).join(".")}`, form]]);
        to([["~/PermissionSets/Desk/Desk.permissionset-meta.xml", "root"], [`~/PermissionSets/Desk/${inside}${end.replace("$", "F2")}`, form]]);
        to([["~/permissionsets/Desk/Desk.permissionset-meta.xml", "set"], piece(`Desk/${inside}`, 2)]);
        to([["~/permissionsets/Desk/Desk.permissionset-meta.xml.bak", "set"], piece(`Desk/${inside}`, 2)]);
      }
    }
    const to = (files) => project("whole under a preset", files, { presets });
    to([["~/permissionsets/Desk.permissionset-meta.xml", "set"]]);
    to([["~/permissionsets/Desk.permissionset-meta.xml", "set"], ["~/permissionsets/Other.permissionset-meta.xml", "set"]]);
    to([["~/permissionsets/Desk/Desk.permissionset-meta.xml", "set"]]);
    to([["~/permissionsets/Desk/Desk.permissionset-meta.xml", "set"], ["~/permissionsets/Other/Other.permissionset-meta.xml", "set"]]);
    to([["~/permissionsets/team/Desk.permissionset-meta.xml", "set"]]);
    to([["~/permissionsets/Spain/Desk/Desk.permissionset-meta.xml", "set"], ["~/permissionsets/Spain/Other/Other.permissionset-meta.xml", "set"]]);
    to([["~/permissionsets/Deskpermissionset-meta.xml", "set"]]);
    to([["~/permissionsets/Desk/Deskpermissionset-meta.xml", "set"]]);
    to([["~/permissionsets/Desk.permissionset", "set"]]);
    to([["~/permissionsets/Desk/Desk.permissionset", "set"]]);
    to([["~/permissionsets/Desk.permissionset-meta.xml.bak", "set"]]);
    to([["~/other/Desk.permissionset-meta.xml", "set"]]);
    to([["~/profiles/Desk/Desk.profile-meta.xml", "profile"], ["~/permissionsets/Desk/Desk.permissionset-meta.xml", "set"]]);
  }
}

function plugin() {
  for (const [folder, suffix, form] of WHOLE.slice(0, 3)) {
    const to = (files) => project("sf-decomposer", files);
    to([[`~/${folder}/Desk/fieldPermissions.xml`, "parent"]]);
    to([[`~/${folder}/Desk/Desk.${suffix}-meta.xml`, form], [`~/${folder}/Desk/fieldPermissions.xml`, "parent"]]);
    to([[`~/${folder}/Desk/Desk.${suffix}-meta.xml`, form], [`~/${folder}/Desk/fieldPermissions/Contact.F2__c.fieldPermissions-meta.xml`, "parent"]]);
    to([[`~/${folder}/Desk/Desk.${suffix}-meta.xml`, form], [`~/${folder}/Desk/Other.${suffix}-meta.xml`, form]]);
    to([[`~/${folder}/Desk/Other.${suffix}-meta.xml`, form], [`~/${folder}/Other.${suffix}-meta.xml`, form]]);
  }
}

function objects() {
  const at = (file, form = "field", also = []) => project("field", [[`~/${file}`, form], ...also]);
  const contact = ["~/objects/Contact/Contact.object-meta.xml", "object"];
  for (const folder of ["objects/Contact/fields/", "objects/Contact/", "objects/Contact/x/y/", "Objects/Contact/fields/", "OBJECTS/Contact/fields/", "objects/Contact/Objects/Decoy/fields/",
    "objects/Contact/objects/Decoy/fields/", "objects/objects/fields/", "objects/objects/objects/fields/", "objects/Contact/F1__c/", "objects/", "objects/sub/Contact/fields/", "fields/", "classes/",
    "permissionsets/objects/Contact/fields/", "objects/Contact/fields/objects/", "objects/Con%74act/fields/", "objects/Claim__c/fields/", "objects/contact/fields/", "objects/Contact/permissionsets/X/"]) {
    for (const end of ["F1__c.field-meta.xml", "F1__c.field-meta.xml.bak", "F1__c.field", "F1__cfield-meta.xml", "F1__c.Field-meta.xml", "F1__c.x.field-meta.xml"]) {
      at(folder + end);
      if (folder.startsWith("objects/Contact/")) at(folder + end, "field", [contact]);
    }
  }
  for (const form of ["field", "unnamed"]) for (const name of ["Other__c", "F1__c", "f1__c"]) at(`objects/Contact/fields/${name}.field-meta.xml`, form, [contact]);
  for (const file of ["objects/Contact/Contact.object-meta.xml", "objects/Contact.object", "objects/Contact.object-meta.xml", "objects/Contact/Account.object-meta.xml", "objects/sub/Contact.object",
    "objects/Contact/Contact.object-meta.xml.bak", "objects/Contact/Contact.object", "Objects/Contact/Contact.object-meta.xml", "other/Contact.object-meta.xml", "other/Contact.object",
    "objects/Contact/x/Contact/Contact.object-meta.xml", "objects/Contact/Contact.x.object-meta.xml", "objects/x/Contact/Contact.object-meta.xml", "objects/Contactobject-meta.xml", "objects/Contact/Contact.listView-meta.xml"]) {
    at(file, "inline");
    at(file, "inline", [["~/objects/Contact/fields/F2__c.field-meta.xml", "field"]]);
    at(file, "inline", [["~/objects/Contact/fields/F1__c.field-meta.xml", "field"]]);
  }
  const spain = (name, n) => [[`~/objects/Spain/${name}/${name}.object-meta.xml`, "object"], [`~/objects/Spain/${name}/fields/F${n}__c.field-meta.xml`, "field"]];
  project("objects in a country folder", spain("Contact", 2));
  project("objects in a country folder", [...spain("Contact", 2), ...spain("Claim__c", 4)]);
  project("objects in a country folder", [...spain("Contact", 2), ["~/objects/Spain/Other__c/fields/F3__c.field-meta.xml", "field"]]);
  project("objects in a country folder", [...spain("Contact", 2), ["~/objects/Spain/Spain.object-meta.xml", "object"]]);
  project("objects in a country folder", [["~/objects/Spain/Contact/fields/F1__c.field-meta.xml", "field"], ["~/objects/Spain/Spain.object-meta.xml", "object"]]);
  project("objects in a country folder", [["packages/objects/main/objects/Contact/fields/F1__c.field-meta.xml", "field"]], { directories: ["packages"] });
  project("objects in a country folder", [["packages/objects/main/objects/Contact/fields/F1__c.field-meta.xml", "field"], ["packages/objects/main/main.object-meta.xml", "object"]], { directories: ["packages"] });
  for (const form of ["field"]) {
    at("objects/Contact/fields/F1__c.field-meta.xml", form, [["~/x/objects/Contact/fields/F1__c.field-meta.xml", form]]);
    at("objects/Contact/fields/F1__c.field-meta.xml", form, [["~/x/objects/Contact/fields/F2__c.field-meta.xml", form]]);
    at("objects/Activity/fields/F1__c.field-meta.xml", form);
    at("objects/Contact/fields/F1__c/F1__c.field-meta.xml", form);
  }
}

function links() {
  const set = ["docs/Desk.permissionset-meta.xml", "set"];
  project("link", [set, ["~/permissionsets/Desk.permissionset-meta.xml", "->", "../../../../docs/Desk.permissionset-meta.xml"]]);
  project("link", [set, ["~/permissionsets/Other.permissionset-meta.xml", "->", "../../../../docs/Desk.permissionset-meta.xml"]]);
  project("link", [["docs/x.txt", "set"], ["~/permissionsets/Desk.permissionset-meta.xml", "->", "../../../../docs/x.txt"]]);
  project("link", [set, ["~/permissionsets", "->", "../../../docs"]]);
  project("link", [set, ["~/more", "->", "../../../docs"]]);
  project("link", [set, ["force-app", "->", "docs"]]);
  project("link", [["docs/Decoy/fields/F1__c.field-meta.xml", "field"], ["~/objects/Contact", "->", "../../../../docs/Decoy"]]);
  project("link", [["docs/objects/Contact/fields/F1__c.field-meta.xml", "field"], ["~/x", "->", "../../../docs"]]);
  project("link", [["docs/objects/Contact/fields/F1__c.field-meta.xml", "field"], ["~/objects", "->", "../../../docs/objects"]]);
  project("link", [["~/permissionsets/Desk.permissionset-meta.xml", "set"], ["~/permissionsets/Copy.permissionset-meta.xml", "->", "Desk.permissionset-meta.xml"]]);
  project("link", [["~/permissionsets/Desk.permissionset-meta.xml", "set"], ["~/profiles", "->", "permissionsets"]]);
  project("link", [["docs/Desk/x.fieldPermission-meta.xml", "parent"], ["~/permissionsets/Desk/Desk.permissionset-meta.xml", "root"], ["~/permissionsets/Desk/fieldPermissions", "->", "../../../../../docs/Desk"]], { presets: BETA1 });
  project("link", [set, ["~/permissionsets/gone.permissionset-meta.xml", "->", "nowhere"]]);
  project("link", [["~/permissionsets/Desk.permissionset-meta.xml", "set"], ["docs/link", "->", "../force-app"]]);
}

function directories() {
  const two = { directories: ["force-app", "other"] };
  project("package directories", [["~/permissionsets/Desk.permissionset-meta.xml", "set"], ["other/permissionsets/Desk.permissionset-meta.xml", "set"]], two);
  project("package directories", [["~/permissionsets/Desk.permissionset-meta.xml", "set"], ["other/permissionsets/More.permissionset-meta.xml", "set"]], two);
  project("package directories", [["~/permissionsets/Desk.permissionset-meta.xml", "set"], ["docs/permissionsets/More.permissionset-meta.xml", "set"]]);
  project("package directories", [["docs/permissionsets/More.permissionset-meta.xml", "set"], ["~/profiles/P.profile-meta.xml", "profile"]]);
  project("package directories", [["a/b/permissionsets/Desk.permissionset-meta.xml", "set"]], { directories: ["a", "a/b"] });
  project("package directories", [["permissionsets/Desk.permissionset-meta.xml", "set"]], { directories: ["."] });
  project("package directories", [["permissionsets/Desk.permissionset-meta.xml", "set"]], { directories: ["permissionsets"] });
  project("package directories", [["a/permissionsets/Desk.permissionset-meta.xml", "set"]], { directories: ["./a/"] });
  project("package directories", [["~/objects/Contact/fields/F1__c.field-meta.xml", "field"], ["other/objects/Contact/fields/F1__c.field-meta.xml", "field"]], two);
  project("package directories", [["~/objects/Contact/fields/F1__c.field-meta.xml", "field"], ["other/objects/Contact/Contact.object-meta.xml", "inline"]], two);
  project("package directories", [["~/permissionsets/Desk/Desk.permissionset-meta.xml", "root"], ["other/permissionsets/Desk/fieldPermissions/Contact.F2__c.fieldPermission-meta.xml", "parent"]], { ...two, presets: BETA1 });
  project("package directories", [["~/permissionsets/Desk/Desk.permissionset-meta.xml", "root"], ["~/permissionsets/Desk/objectSettings/Contact.objectSettings-meta.xml", "parent"],
    ["other/permissionsets/Desk/Desk.permissionset-meta.xml", "root"], ["other/permissionsets/Desk/objectSettings/Contact.objectSettings-meta.xml", "parent"]], { ...two, presets: BETA2 });
  project("nested project", [["~/permissionsets/Desk.permissionset-meta.xml", "set"], ["force-app/sfdx-project.json", "text"]]);
}

/** A seeded mixture: what no family thought of. */
function mixtures(count) {
  let seed = 20261129;
  const random = (below) => (seed = (seed * 1103515245 + 12345) % 2147483648) % below;
  const pick = (list) => list[random(list.length)];
  for (let n = 0; n < count; n++) {
    const presets = pick([[], [], BETA1, BETA2]);
    const files = new Map();
    for (let k = 1 + random(4); k > 0; k--) {
      const [folder, suffix, form] = pick(WHOLE);
      const name = pick(["Desk", "Desk", "Other", "Sales (EU)", "Spain"]);
      const above = pick(["", "", "", "Spain/", `${name}/`, `Spain/${name}/`, "profiles/", "x/y/"]);
      files.set(`~/${pick(["", "", "", "sub/"])}${pick([folder, folder, folder, upper(folder), "elsewhere"])}/${above}${name}.${suffix}${pick(["-meta.xml", "-meta.xml", "-meta.xml", "-meta.xml.bak", "-meta.xml~", ""])}`, form);
    }
    if (random(2)) {
      const object = pick(["Contact", "Claim__c", "objects"]);
      files.set(`~/objects/${object}/${pick(["fields/", "fields/", "", "x/"])}F${files.size + 1}__c.field-meta.xml${pick(["", "", ".bak"])}`, "field");
      if (random(2)) files.set(`~/objects/${object}/${object}.object-meta.xml`, pick(["object", "inline"]));
    }
    project("mixture", [...files], { presets });
  }
}

[suffixes, folders, names, decomposed, plugin, objects, links, directories].forEach((family) => family());
mixtures(250);

(async () => {
  console.error = () => {};
  const top = fs.mkdtempSync(path.join(os.tmpdir(), "deploys-"));
  const lines = ["# What Salesforce's deploy library 12.37.2 makes of odd projects. Written by generate.js; not by hand."];
  for (const [name, text] of Object.entries(FORMS)) lines.push(`form\t${name}\t${text}`);
  const seen = new Set();
  for (const [at, { family, config, files }] of projects.entries()) {
    const id = JSON.stringify([config, files]);
    if (seen.has(id)) continue;
    seen.add(id);
    const folder = path.join(top, String(at), "project");
    for (const [file, form, argument] of files) {
      const to = path.join(folder, file);
      fs.mkdirSync(path.dirname(to), { recursive: true });
      if (form === "->") fs.symlinkSync(argument, to);
      else fs.writeFileSync(to, FORMS[form].replaceAll("$", argument));
    }
    for (const directory of config.packageDirectories) fs.mkdirSync(path.join(folder, directory.path), { recursive: true });
    fs.writeFileSync(path.join(folder, "sfdx-project.json"), JSON.stringify(config));
    const answer = await deploys(folder, path.join(top, String(at), "out"));
    lines.push(`tree\t${family}`);
    const usual = config.packageDirectories.length === 1 && config.packageDirectories[0].path === "force-app";
    if (!usual || config.sourceBehaviorOptions) lines.push(`project\t${JSON.stringify(config)}`);
    for (const [file, form, argument] of files) lines.push(`${form === "->" ? "link" : "file"}\t${file.replace(HOME, "~")}\t${form === "->" ? argument : `${form}\t${argument}`}`);
    if (answer.fails) lines.push(`fails\t${answer.fails}`);
    else if (!answer.components.length) lines.push("nothing");
    for (const component of answer.components ?? []) lines.push(`sends\t${component}`);
  }
  process.chdir(os.tmpdir());
  fs.rmSync(top, { recursive: true });
  process.stdout.write(`${lines.join("\n")}\n`);
})();
