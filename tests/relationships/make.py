#!/usr/bin/env python3
"""Writes `src/access/standard_relationships.txt`: where the lookups of standard objects lead.

usage: make.py CHECKOUT > src/access/standard_relationships.txt

CHECKOUT is a clone of https://github.com/apex-dev-tools/sobject-types (BSD-3-Clause): Java declarations of Salesforce's
standard objects that are generated from an org's own description. A lookup is an `Id` field and, right after it, a field of
the object that it leads to:

    public Id BillToContactId;
    public Contact BillToContact;

The type `Name` or `SObject` stands for more than one kind of object. `CreatedBy`, `LastModifiedBy` and `Owner` are on nearly
every object; the program knows them by rule.
"""
import collections, pathlib, re, sys

BY_RULE = {"CreatedBy", "LastModifiedBy", "Owner"}
SEVERAL = {"Name", "SObject"}
LOOKUP = re.compile(r"public (?:[\w.]+\.)?Id (\w+)Id;\s*public (?:[\w.]+\.)?(\w+) \1;")
HEAD = """\
# Lookups of standard objects: an object a line, then its relationships. The lookup of relationship `X` is `XId`.
#
#   X          leads to the object `X`
#   X:Object   leads to `Object`
#   X:*        may lead to objects of more than one kind
#
# Made by tests/relationships/make.py from github.com/apex-dev-tools/sobject-types (BSD-3-Clause, Copyright (c) 2019 Kevin
# Jones, 2024 Certinia Inc.) as of 2026-11-29, API 67. Objects of features that an org lacks are here too. `CreatedBy`, `LastModifiedBy` and `Owner` are left out: known by rule."""


def relationships(java):
    """Relationship and target of each lookup of one class, `*` for more than one kind."""
    for name, target in LOOKUP.findall(java):
        if name not in BY_RULE:
            yield name, "*" if target in SEVERAL else target


def line(name, found):
    words = (relation if relation == target else f"{relation}:{target}" for relation, target in sorted(found))
    return " ".join([name, *words])


def main(checkout):
    objects = collections.defaultdict(set)
    for path in pathlib.Path(checkout).rglob("SObjects/*.java"):
        objects[path.stem].update(relationships(path.read_text(encoding="utf-8")))
    print(HEAD)
    for name in sorted(objects):
        if objects[name]:
            print(line(name, objects[name]))


if __name__ == "__main__":
    main(sys.argv[1])
