// Salesforce's own deploy library, asked without an org: what would a deployment of this project send?
const threads = require("worker_threads");
// The library's own dependencies ask for a newer Node than many machines have; nothing of what they miss is used here.
if (!threads.markAsUncloneable) threads.markAsUncloneable = () => {};
const zlib = require("zlib");
if (!zlib.createZstdDecompress) zlib.createZstdDecompress = () => {};
zlib.constants.ZSTD_d_windowLogMax ??= 101;
process.env.SF_DISABLE_LOG_FILE = "true";
process.env.SF_DISABLE_TELEMETRY = "true";
process.env.SF_APPLY_REPLACEMENTS_ON_CONVERT = "true";
const { ComponentSet, MetadataConverter, RegistryAccess } = require("@salesforce/source-deploy-retrieve");
const fs = require("fs");
const path = require("path");

const TYPES = {
  permissionsets: "PermissionSet",
  profiles: "Profile",
  mutingpermissionsets: "MutingPermissionSet",
  permissionsetgroups: "PermissionSetGroup",
  useraccesspolicies: "UserAccessPolicy",
  networks: "Network",
  delegateGroups: "DelegateGroup",
  portalDelegablePermissionSet: "PortalDelegablePermissionSet",
  objects: "CustomObject",
};

const all = (text, element) => [...text.matchAll(new RegExp(`<${element}>([^]*?)</${element}>`, "g"))].map((m) => m[1]);
const first = (text, element) => (all(text, element)[0] ?? "").trim();

/** What one file of the deployment says, in the words of the record. */
function says(type, text) {
  const plain = text.replace(/<!--[^]*?-->/g, "");
  if (type === "PermissionSetGroup") return [...all(plain, "permissionSets"), ...all(plain, "mutingPermissionSets").map((m) => `-${m}`)];
  if (type === "Network" || type === "PortalDelegablePermissionSet") return all(plain, "permissionSet");
  if (type === "DelegateGroup") return all(plain, "permissionSets");
  if (type === "UserAccessPolicy") return all(plain, "target");
  if (type === "CustomObject") return all(plain, "fields").map((f) => `${first(f, "fullName")}:${first(f, "securityClassification") || "none"}`);
  const access = (entry) => (first(entry, "editable") === "true" ? "e" : first(entry, "readable") === "true" ? "r" : "-");
  return all(plain, "fieldPermissions").map((entry) => `${first(entry, "field")}:${access(entry)}`);
}

/** The components of a project that bear on field access, each as `Type name content…`, sorted; or why nothing deploys. */
async function deploys(project, out) {
  process.chdir(project);
  try {
    const config = JSON.parse(fs.readFileSync("sfdx-project.json", "utf8"));
    const registry = new RegistryAccess(undefined, project);
    const folders = config.packageDirectories.map((d) => path.join(project, d.path));
    const set = ComponentSet.fromSource({ fsPaths: folders, registry });
    set.projectDirectory = project;
    await new MetadataConverter(registry).convert(set, "metadata", { type: "directory", outputDirectory: out, genUniqueDir: false });
  } catch (error) {
    return { fails: error.name };
  }
  const components = new Map();
  const walk = (folder) => {
    for (const entry of fs.readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const at = path.join(folder, entry.name);
      if (entry.isDirectory()) walk(at);
      else {
        const [directory, name] = path.relative(out, at).split(path.sep);
        const type = TYPES[directory];
        if (!type || !name) continue;
        const key = `${type} ${JSON.stringify(name.replace(/\.[^.]*$/, ""))}`;
        components.set(key, [...(components.get(key) ?? []), ...says(type, fs.readFileSync(at, "utf8"))]);
      }
    }
  };
  walk(out);
  return { components: [...components].map(([key, content]) => [key, ...[...new Set(content)].sort()].join(" ")).sort() };
}

module.exports = { deploys };
