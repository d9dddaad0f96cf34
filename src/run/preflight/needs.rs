//! Which fields an integration needs: by name, and by what its queries read.

use crate::access::{self, follow};
use crate::finding::Place;
use crate::gate::Reason;
use crate::org::Org;
use crate::policy::{Integration, Need};
use crate::soql::{self, Clause, FieldRef, Query};
use crate::source::{Entry, Snapshot, SourceFile, Span};
use crate::words::{Access, FieldName};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Everything that one integration needs.
#[derive(Default)]
pub(super) struct Needs {
    /// By field: the widest access, and the first place that asks for it.
    pub(super) fields: BTreeMap<FieldName, Need>,
    /// Its queries, with what each field of the `SELECT` list means.
    pub(super) queries: Vec<QueryNeeds>,
    /// What could not be understood.
    pub(super) undecided: Vec<Reason>,
}

/// One query of a file.
pub(super) struct QueryNeeds {
    pub(super) file: Arc<SourceFile>,
    pub(super) query: Query,
    /// Fields that it reads itself, as the objects call them, beside each reference.
    pub(super) reads: Vec<(FieldRef, Vec<FieldName>)>,
    /// Fields that other parts of it read.
    pub(super) elsewhere: Vec<FieldName>,
}

pub(super) fn gather(integration: &Integration, org: &Org<'_>, snapshot: &dyn Snapshot) -> Needs {
    let mut needs = Needs::default();
    for need in &integration.fields {
        needs.add(need.clone());
    }
    let entries = snapshot.entries().unwrap_or_default();
    for pattern in &integration.queries {
        let named: Vec<&Entry> =
            entries.iter().filter(|e| fast_glob::glob_match(pattern, e.path.as_str())).collect();
        if named.is_empty() {
            let message = format!(
                "no file of the repository matches `{pattern}` of integration `{}`; correct the pattern",
                integration.name
            );
            let path = crate::policy::POLICY_PATH.into();
            needs.undecided.push(Reason { path, position: None, message });
        }
        for entry in named {
            match snapshot.read(entry) {
                Ok(file) => needs.file(org, &file),
                Err(error) => {
                    needs.undecided.push(Reason { path: error.path, position: None, message: error.reason })
                }
            }
        }
    }
    needs
}

impl Needs {
    fn add(&mut self, need: Need) {
        match self.fields.get_mut(&need.field) {
            Some(known) => known.access = known.access.max(need.access),
            None => drop(self.fields.insert(need.field.clone(), need)),
        }
    }

    fn file(&mut self, org: &Org<'_>, file: &Arc<SourceFile>) {
        let bytes = file.bytes();
        let Ok(text) = std::str::from_utf8(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes)) else {
            self.refuse(file, 0, "the file is not UTF-8; save it as UTF-8".into());
            return;
        };
        let shift = bytes.len() - text.len();
        let queries = match soql::parse_queries(text) {
            Ok(queries) => queries,
            Err(error) => {
                self.refuse(file, shift + error.at() as usize, format!("no query that can be read: {error}"));
                return;
            }
        };
        for query in queries {
            let object = query.object.text.clone();
            let mut found = QueryNeeds {
                file: Arc::clone(file),
                query: Query::default(),
                reads: Vec::new(),
                elsewhere: Vec::new(),
            };
            self.query(org, file, shift, &query, &object, &mut found, true);
            found.query = query;
            self.queries.push(found);
        }
    }

    fn refuse(&mut self, file: &SourceFile, at: usize, message: String) {
        let at = u32::try_from(at).unwrap_or(u32::MAX);
        self.undecided.push(Reason { path: file.path().clone(), position: Some(file.position(at)), message });
    }

    #[expect(clippy::too_many_arguments, reason = "a query, its object, and where it stands")]
    fn query(
        &mut self,
        org: &Org<'_>,
        file: &Arc<SourceFile>,
        shift: usize,
        query: &Query,
        object: &str,
        found: &mut QueryNeeds,
        top: bool,
    ) {
        let place =
            |start: u32, end: u32| Place::new(file, Span::new(start as usize + shift, end as usize + shift));
        // The SOQL reference: `FIELDS()` respects field-level security and gives only what the user may see.
        for whole in &query.whole {
            let message = "`FIELDS(…)` gives whatever the integration may see, and does not say which fields it needs; \
                           name the fields";
            self.refuse(file, shift + whole.start as usize, message.into());
        }
        // A query of no field reads the object all the same.
        if let Some(id) = FieldName::of(object, "Id") {
            self.add(Need {
                field: id,
                access: Access::Read,
                place: place(query.object.start, query.object.end),
            });
        }
        let aliases: Vec<&str> = query.aliases.iter().map(|a| a.text.as_str()).collect();
        let branches = query.type_of.iter().flat_map(|t| {
            let own = t.branches.iter().flat_map(|(to, paths)| paths.iter().map(|p| (to.text.as_str(), p)));
            own.chain([(object, &t.relationship)])
        });
        for reference in &query.fields {
            // Only there may the name of a result stand.
            if let [only] = reference.path.as_slice()
                && matches!(reference.clause, Clause::Having | Clause::OrderBy)
                && aliases.iter().any(|a| a.eq_ignore_ascii_case(only))
            {
                continue;
            }
            let names = self.path(org, file, shift, object, reference);
            if top {
                found.reads.push((reference.clone(), names));
            } else {
                found.elsewhere.extend(names);
            }
        }
        for (from, reference) in branches {
            // The relationship itself is a lookup, whose field is what has to be open.
            let names = match reference.path.as_slice() {
                [only] if from == object => access::lookup_of(object, only).into_iter().collect(),
                _ => self.path(org, file, shift, from, reference),
            };
            for field in &names {
                let place = place(reference.start, reference.end);
                self.add(Need { field: field.clone(), access: Access::Read, place });
            }
            found.elsewhere.extend(names);
        }
        for typed in &query.type_of {
            for reference in &typed.otherwise {
                let message = "the object behind `ELSE` is not known; name it in a `WHEN`";
                self.refuse(file, shift + reference.start as usize, message.into());
            }
        }
        for sub in &query.subqueries {
            match access::child(org, object, &sub.object.text) {
                Some((child, lookup)) => {
                    self.add(Need {
                        field: lookup,
                        access: Access::Read,
                        place: place(sub.object.start, sub.object.end),
                    });
                    self.query(org, file, shift, sub, &child, found, false);
                }
                None => {
                    let message = format!(
                        "which object `{}` of `{object}` holds is not known in this repository; retrieve its lookup, \
                         or query it by itself",
                        sub.object.text
                    );
                    self.refuse(file, shift + sub.object.start as usize, message);
                }
            }
        }
        for join in &query.joins {
            self.query(org, file, shift, join, &join.object.text, found, false);
        }
    }

    /// What a path means, taken in.
    fn path(
        &mut self,
        org: &Org<'_>,
        file: &Arc<SourceFile>,
        shift: usize,
        object: &str,
        reference: &FieldRef,
    ) -> Vec<FieldName> {
        // In a subquery the object's own name may stand in front.
        let own = reference.path.len() > 1 && reference.path[0].eq_ignore_ascii_case(object);
        let path = &reference.path[usize::from(own)..];
        match follow(org, object, path) {
            Ok((fields, lookups)) => {
                let place = || {
                    let span = Span::new(reference.start as usize + shift, reference.end as usize + shift);
                    Place::new(file, span)
                };
                let all: Vec<FieldName> = fields.into_iter().chain(lookups).collect();
                for field in &all {
                    self.add(Need { field: field.clone(), access: Access::Read, place: place() });
                }
                all
            }
            Err(why) => {
                self.refuse(file, shift + reference.start as usize, format!("{why}; retrieve the lookup"));
                Vec::new()
            }
        }
    }
}
