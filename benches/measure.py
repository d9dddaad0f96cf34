#!/usr/bin/env python3
"""Measures whole runs of a built binary on made-up repositories: docs/performance.md says what came out.

    cargo build --release && benches/measure.py target/release/flsgate [SIZES]
    cargo build && benches/measure.py target/debug/flsgate costs [--bless]

Makes repositories below a temporary folder (about 1.5 GB at the end) and prints tables: each run beside what does the
least that it must do, in turn, with the ratio. Each figure is the best of three runs. `SIZES` takes the first so many of
the three sizes. Needs git and Python 3 on Linux, and xmllint for the line on libxml2.

`costs` counts instead of timing: instructions of fixed runs, with valgrind and on one thread, which are the same on a busy
machine to within 0.1 %, and bytes of reports. It compares them with benches/costs.json, whatever differs by more than a
tenth is told, and what costs more fails; `--bless` writes them down.
"""

import json
import math
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time

BINARY = str(pathlib.Path(sys.argv[1]).resolve())
SIZES = [(1_000, 100), (10_000, 300), (50_000, 1_000)]
if len(sys.argv) > 2 and sys.argv[2].isdigit():
    SIZES = SIZES[: int(sys.argv[2])]


def git(repo, *arguments, stdin=None):
    git = ["git", "-C", str(repo), "-c", "user.name=t", "-c", "user.email=t@example.com", *arguments]
    # With fixed dates the same objects come out each time.
    dates = {"GIT_AUTHOR_DATE": "1700000000 +0000", "GIT_COMMITTER_DATE": "1700000000 +0000"}
    return subprocess.run(git, input=stdin, env=os.environ | dates, check=True, stdout=subprocess.PIPE).stdout


def timed(command, cwd, stdin=None, runs=3):
    """Best wall time in seconds, and peak memory in MB, of a command whose output goes nowhere."""
    best, peak = math.inf, 0
    for _ in range(runs):
        start = time.perf_counter()
        child = subprocess.Popen(command, cwd=cwd, stdin=stdin and open(stdin), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        best = min(best, time.perf_counter() - start)
        peak = max(peak, usage.ru_maxrss / 1024)
        assert os.waitstatus_to_exitcode(status) in (0, 1), command
        if best > 20:
            break
    return best, peak


def apart(work, *arguments):
    """Runs it in a process of its own: what starts from a large process counts as large itself."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            work(*arguments)
            status = 0
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0, work


LABELS = ["Restricted"] * 3 + ["Confidential"] * 10 + ["Internal"] * 40 + [None] * 47


def field(name, label):
    said = f"    <securityClassification>{label}</securityClassification>\n" if label else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<CustomField xmlns="http://soap.sforce.com/2006/04/metadata">\n'
        f"    <fullName>{name}</fullName>\n    <externalId>false</externalId>\n    <label>{name}</label>\n"
        f"    <length>80</length>\n    <required>false</required>\n{said}    <type>Text</type>\n</CustomField>\n"
    )


def entry(name, chance):
    readable = chance.random() < 0.7
    editable = readable and chance.random() < 0.2
    return (
        f"    <fieldPermissions>\n        <editable>{str(editable).lower()}</editable>\n        <field>{name}</field>\n"
        f"        <readable>{str(readable).lower()}</readable>\n    </fieldPermissions>\n"
    )


def permission_set(fields, chance):
    entries = "".join(entry(name, chance) for name in fields)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<PermissionSet xmlns="http://soap.sforce.com/2006/04/metadata">\n'
        f"{entries}    <hasActivationRequired>false</hasActivationRequired>\n    <label>Set</label>\n</PermissionSet>\n"
    )


def make(root, fields, grantors):
    """A repository with one commit. Each grantor names a fifth of the fields, 5,000 at most."""
    chance = random.Random(1)
    base = root / "force-app/main/default"
    names = []
    for n in range(fields):
        object_name, name = f"Object_{n // 200:04}__c", f"Field_{n % 200:03}__c"
        names.append(f"{object_name}.{name}")
        folder = base / "objects" / object_name / "fields"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.field-meta.xml").write_text(field(name, chance.choice(LABELS)))
    (base / "permissionsets").mkdir()
    for n in range(grantors):
        some = sorted(chance.sample(names, min(fields // 5, 5_000)))
        (base / f"permissionsets/Set_{n:04}.permissionset-meta.xml").write_text(permission_set(some, chance))
    git(root, "init", "--quiet", "--initial-branch=main")
    git(root, "add", ".")
    git(root, "commit", "--quiet", "-m", "all")
    git(root, "gc", "--quiet")


def change(root, branch, sets, fields):
    """A commit on top of main that alters so many permission sets and fields."""
    files = git(root, "ls-tree", "-r", "--name-only", "main").decode().splitlines()
    chosen = [f for f in files if "permissionset" in f][:sets] + [f for f in files if "field-meta" in f][:fields]
    parent = git(root, "rev-parse", "main").decode().strip()
    lines = [f"commit refs/heads/{branch}\ncommitter t <t@example.com> 1700000000 +0000\ndata 1\nx\nfrom {parent}\n".encode()]
    for path in chosen:
        text = git(root, "show", f"main:{path}")
        text = text.replace(b"<editable>false</editable>", b"<editable>true</editable>", 5)
        text = text.replace(b"<length>80</length>", b"<length>90</length>")
        lines.append(f"M 644 inline {path}\ndata {len(text)}\n".encode() + text + b"\n")
    git(root, "fast-import", "--quiet", "--force", stdin=b"".join(lines))
    git(root, "gc", "--quiet")


def blobs(root, branch, to):
    """The blobs that differ, both sides, as `git cat-file --batch` takes them."""
    raw = git(root, "diff", "--raw", "--no-abbrev", "--no-renames", "main", branch).decode().splitlines()
    to.write_text("".join(f"{part}\n" for line in raw for part in line.split()[2:4]))


def one_file(folder):
    """One permission set of 300,000 entries, as a repository of its own, beside libxml2 and a count of lines."""
    root = folder / "one"
    root.mkdir()
    names = [f"Object_{n // 200:04}__c.Field_{n % 200:03}__c" for n in range(300_000)]
    path = root / "Large.permissionset-meta.xml"
    apart(path.write_text, permission_set(names, random.Random(1)))
    git(root, "init", "--quiet")
    git(root, "commit", "--quiet", "--allow-empty", "-m", "nothing")
    size = path.stat().st_size
    print(f"\n## one file of {size / 1e6:.0f} MB\n\n| command | time | MB/s |\n|---|---|---|")
    commands = [["flsgate audit --quiet", [BINARY, "audit", "--quiet"]], ["wc -l", ["wc", "-l", path.name]]]
    if shutil.which("xmllint"):
        commands.append(["xmllint --stream --noout (libxml2)", ["xmllint", "--stream", "--noout", path.name]])
    for name, command in commands:
        seconds, _ = timed(command, root)
        print(f"| `{name}` | {seconds:.3f} s | {size / 1e6 / seconds:,.0f} |", flush=True)


COSTS = pathlib.Path(__file__).with_name("costs.json")


def costs():
    """Instructions of whole runs, as callgrind counts them, and bytes of what they write."""
    # A debug build of another compiler makes other instructions.
    compiler = subprocess.run(["rustc", "--version"], stdout=subprocess.PIPE, check=True).stdout.decode().split()[1]
    found = {"rustc": compiler}
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder) / "org"
        root.mkdir()
        make(root, 300, 25)
        change(root, "sets", 10, 0)
        change(root, "fields", 0, 20)
        report = pathlib.Path(folder) / "report"
        for name, command in [
            ("--version", ["--version"]),
            ("audit", ["audit"]),
            ("audit, json", ["audit", "--quiet", "--output", f"json={report}"]),
            ("audit, html", ["audit", "--quiet", "--output", f"html={report}"]),
            ("audit, ndjson of everything", ["audit", "--quiet", "--all", "--output", f"ndjson={report}"]),
            ("check, 10 permission sets", ["check", "--base", "main", "--head", "sets", "--json"]),
            ("check, 20 fields", ["check", "--base", "main", "--head", "fields", "--json"]),
        ]:
            report.unlink(missing_ok=True)
            valgrind = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", BINARY, *command]
            one_thread = os.environ | {"RAYON_NUM_THREADS": "1"}
            ran = subprocess.run(valgrind, cwd=root, env=one_thread, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
            counted = re.search(rb"Collected : ([0-9]+)", ran.stderr)
            assert counted, ran.stderr.decode()
            size = report.stat().st_size if report.exists() else len(ran.stdout)
            found[name] = {"instructions": int(counted[1]), "bytes": size}
    if "--bless" in sys.argv:
        COSTS.write_text(json.dumps(found, indent=2) + "\n")
    known = json.loads(COSTS.read_text())
    more = False
    print("| run | instructions | to what is written down | bytes | to what is written down |\n|---|---|---|---|---|")
    for name, now in ((name, now) for name, now in found.items() if name != "rustc"):
        ratios = {key: now[key] / known[name][key] for key in now}
        more |= max(ratios.values()) > 1.1
        print(f"| {name} | {now['instructions']:,} | {ratios['instructions']:.3f} | {now['bytes']:,} | {ratios['bytes']:.3f} |")
        if min(ratios.values()) < 0.9:
            print(f"{name} costs less than {COSTS.name} says: write it down with --bless")
    if known["rustc"] != compiler:
        print(f"{COSTS.name} was written with rustc {known['rustc']}, and this is {compiler}: nothing is compared")
    elif more:
        sys.exit(f"a run costs more than {COSTS.name} says. If it is worth it: benches/measure.py BINARY costs --bless")


def beside(rows):
    """A table of runs and of what does the least that each must do, with the ratio."""
    print("\n| run | flsgate | memory | beside | time | ratio |\n|---|---|---|---|---|---|")
    for name, command, peer_name, peer, root, stdin in rows:
        mine, memory = timed([BINARY, *command], root)
        theirs, _ = timed(peer, root, stdin=stdin)
        print(f"| {name} | {mine:.3f} s | {memory:,.0f} MB | `{peer_name}` | {theirs:.3f} s | {mine / theirs:.1f} |", flush=True)


def audits(folder):
    """Audits of every size beside counting the lines of the same files."""
    print("## audit, the summary\n\n| fields | permission sets | on disk | accesses | time | beside `cat … \\| wc -l` | memory | bytes an access |\n|---|---|---|---|---|---|---|---|")
    for fields, grantors in SIZES:
        root = folder / f"org-{fields}"
        root.mkdir()
        apart(make, root, fields, grantors)
        size = sum(f.stat().st_size for f in (root / "force-app").rglob("*.xml"))
        closing = subprocess.run([BINARY, "audit"], cwd=root, stdout=subprocess.PIPE, check=False).stdout.decode()
        accesses = int(re.search(r"([0-9]+) accesses \(", closing)[1])
        seconds, memory = timed([BINARY, "audit"], root)
        count, _ = timed(["sh", "-c", "git ls-files -z | xargs -0 cat | wc -l"], root)
        print(
            f"| {fields:,} | {grantors:,} | {size / 1e6:,.0f} MB | {accesses:,} | {seconds:.2f} s | {count:.2f} s: {seconds / count:.1f} | {memory:,.0f} MB | {memory * 1e6 / accesses:,.0f} |",
            flush=True,
        )


def reports(root):
    """What writing a report adds to an audit."""
    plain, _ = timed([BINARY, "audit"], root)
    print(f"\n## reports of the second repository\n\nThe audit alone: {plain:.2f} s.\n\n| report | bytes | time with it | memory |\n|---|---|---|---|")
    for name, command in [
        ("JSON", ["audit", "--output", "json=out"]),
        ("JSON of everything", ["audit", "--all", "--output", "json=out"]),
        ("ndjson", ["audit", "--output", "ndjson=out"]),
        ("page", ["audit", "--output", "html=out"]),
        ("SARIF", ["audit", "--output", "sarif=out"]),
        ("page of the matrix", ["matrix", "--output", "out.html"]),
    ]:
        seconds, memory = timed([BINARY, *command], root, runs=2)
        out = root / ("out.html" if command[0] == "matrix" else "out")
        print(f"| {name} | {out.stat().st_size / 1e6:,.1f} MB | {seconds:.2f} s | {memory:,.0f} MB |", flush=True)
        out.unlink()


def main():
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        audits(folder)
        reports(folder / f"org-{SIZES[min(1, len(SIZES) - 1)][0]}")

        root = folder / f"org-{SIZES[-1][0]}"
        print(f"\n## check, in the repository of {SIZES[-1][0]:,} fields")
        listing = ["git", "ls-tree", "-r", "--name-only", "main"]
        rows = []
        for name, sets, changed in [("20 permission sets", 20, 0), ("20 fields", 0, 20), ("2,000 fields", 0, 2_000), ("500 permission sets, 1,500 fields", 500, 1_500)]:
            branch = name.replace(" ", "-").replace(",", "")
            apart(change, root, branch, sets, changed)
            wanted = folder / branch
            apart(blobs, root, branch, wanted)
            check = ["check", "--base", "main", "--head", branch]
            if changed <= 20:
                rows.append((name, check, "git ls-tree -r", listing, root, None))
            rows.append((name, check, "git cat-file --batch", ["git", "cat-file", "--batch"], root, wanted))
        beside(rows)

        one_file(folder)
        print("\n## the rest\n")
        start, memory = timed([BINARY, "--version"], folder, runs=20)
        print(f"* starting up (`--version`): {start * 1000:.1f} ms, {memory:.1f} MB")
        demo, _ = timed([BINARY, "demo"], folder)
        print(f"* `demo`, repository and all: {demo * 1000:.0f} ms")


if sys.argv[2:3] == ["costs"]:
    costs()
else:
    main()
