#!/usr/bin/env python3
"""Measures changes that are made to be slow, each at about 5 and 10 MB: docs/performance.md says what came out.

    cargo build --release && benches/worst.py target/release/flsgate [CASE...]

Makes repositories below a temporary folder and prints a table: the time of `flsgate check` at both sizes, and its memory.
Each figure is one run. Needs git and Python 3 on Linux.
"""

import os
import pathlib
import subprocess
import sys
import tempfile
import time

BINARY = str(pathlib.Path(sys.argv[1]).resolve())
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
XMLNS = 'xmlns="http://soap.sforce.com/2006/04/metadata"'


def entry(name):
    return f"<fieldPermissions>\n<editable>false</editable>\n<field>Claim__c.{name}</field>\n<readable>true</readable>\n</fieldPermissions>\n"


def field(name, label=None, formula=None):
    classification = f"<securityClassification>{label}</securityClassification>\n" if label else ""
    formula = f"<formula>{formula}</formula>\n" if formula else ""
    text = f"{HEAD}<CustomField {XMLNS}>\n<fullName>{name}</fullName>\n{formula}<label>{name}</label>\n{classification}<type>Text</type>\n</CustomField>\n"
    return f"objects/Claim__c/fields/{name}.field-meta.xml", text


def fields(count, label=None):
    return [field(f"F{n}__c", label) for n in range(count)]


def permission_set(name, body):
    return f"permissionsets/{name}.permissionset-meta.xml", f"{HEAD}<PermissionSet {XMLNS}>\n{body}<label>{name}</label>\n</PermissionSet>\n"


def reading(name, names):
    return permission_set(name, "".join(entry(each) for each in names))


def all_of(count):
    return [f"F{n}__c" for n in range(count)]


def groups(count, muted):
    """Groups that each have all of as many permission sets, which each have all of as many fields."""
    members = "".join(f"<permissionSets>S{n}</permissionSets>\n" for n in range(count))
    files = [reading(f"S{n}", all_of(count)) for n in range(count)]
    for n in range(count):
        mutes = f"<mutingPermissionSets>M{n}</mutingPermissionSets>\n" if muted else ""
        text = f"{HEAD}<PermissionSetGroup {XMLNS}>\n<label>G{n}</label>\n{mutes}{members}</PermissionSetGroup>\n"
        files.append((f"permissionsetgroups/G{n}.permissionsetgroup-meta.xml", text))
        if muted:
            body = "".join(entry(name) for name in all_of(count)[::2])
            files.append((f"mutingpermissionsets/M{n}.mutingpermissionset-meta.xml", f"{HEAD}<MutingPermissionSet {XMLNS}>\n{body}<label>M{n}</label>\n</MutingPermissionSet>\n"))
    return fields(count, "Restricted"), files


def formulas(count, width):
    """Formulas that each read so many of those before; the first field gets a label."""
    read = lambda n: " &amp; ".join(f"F{before}__c" for before in range(max(0, n - width), n))
    derived = [field(f"F{n}__c", formula=read(n)) for n in range(1, count)]
    return [field("F0__c"), *derived, reading("S", all_of(count))], [field("F0__c", "Restricted")]


def justifications(count):
    reason = "    access: read\n    justification: The yearly audit of claims looks at it.\n    compliance: Kept in the region.\n    owner: audit@acme.example\n    expires: 2099-01-01\n"
    files, names = [reading("S", all_of(count))], all_of(count)
    # No such file may be larger than 1 MiB.
    for start in range(0, count, 4_000):
        said = "".join(f"  - field: Claim__c.{name}\n{reason}" for name in names[start : start + 4_000])
        files.append((f".flsgate/justifications/S-{start}.yml", f"permission_set: S\nentries:\n{said}"))
    return fields(count, "Restricted"), files


def profile(count):
    text = f"{HEAD}<Profile {XMLNS}>\n{''.join(entry(name) for name in all_of(count))}</Profile>\n"
    return fields(500, "Restricted"), [("profiles/Desk.profile-meta.xml", text)]


def replacements(count):
    rules = [f'{{"filename": "force-app/main/default/classes/C{n}.cls", "stringToReplace": "a{n}", "replaceWithEnv": "A{n}"}}' for n in range(count)]
    project = f'{{"packageDirectories": [{{"path": "force-app"}}], "replacements": [{",".join(rules)}]}}'
    return fields(20_000, "Restricted") + [reading("S", ["F1__c"])], [("sfdx-project.json", project), reading("T", ["F2__c"])]


CASES = {
    "n groups of the same n permission sets of n fields": (lambda n: groups(n, False), 165, 235),
    "the same, each with a muting permission set": (lambda n: groups(n, True), 140, 200),
    "a chain of formulas, whose first field gets a label": (lambda n: formulas(n, 1), 13_500, 27_000),
    "formulas that each read the 120 before": (lambda n: formulas(n, 120), 2_500, 5_000),
    "justifications": (justifications, 8_000, 16_000),
    "one profile": (profile, 37_000, 74_000),
    "500 and 1,000 string replacements in 20,000 files": (replacements, 500, 1_000),
}


def git(repo, *arguments):
    subprocess.run(["git", "-C", str(repo), "-c", "user.name=t", "-c", "user.email=t@example.com", *arguments], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def write(root, files):
    for path, text in files:
        outside = path.startswith(".") or path == "sfdx-project.json"
        path = root / path if outside else root / "force-app/main/default" / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def measured(root, base, head):
    """Size of the files in MB, seconds and MB of memory of one check."""
    git(root, "init", "--quiet", "--initial-branch=main")
    write(root, [("sfdx-project.json", '{"packageDirectories": [{"path": "force-app"}]}'), (".flsgate/policy.yml", "version: 1\n"), *base])
    git(root, "add", ".")
    git(root, "commit", "--quiet", "-m", "base")
    git(root, "checkout", "--quiet", "-b", "change")
    write(root, head)
    git(root, "add", ".")
    git(root, "commit", "--quiet", "-m", "change")
    git(root, "repack", "-adq")
    start = time.perf_counter()
    child = subprocess.Popen([BINARY, "check", "--base", "main", "--format", "json"], cwd=root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    assert os.waitstatus_to_exitcode(status) in (0, 1), status
    size = sum(len(text) for _, text in base + head) / 1e6
    return size, time.perf_counter() - start, usage.ru_maxrss / 1024


def main():
    print("| change | size | time | size | time | memory |\n|---|---|---|---|---|---|")
    for name, (make, *counts) in CASES.items():
        if sys.argv[2:] and not any(part in name for part in sys.argv[2:]):
            continue
        cells = []
        for count in counts:
            with tempfile.TemporaryDirectory() as folder:
                size, seconds, memory = measured(pathlib.Path(folder), *make(count))
            cells += [f"{size:.1f} MB", f"{seconds:.1f} s"]
        print(f"| {name} | {' | '.join(cells)} | {memory:.0f} MB |", flush=True)


main()
