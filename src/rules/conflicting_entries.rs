//! `conflicting-entries`: entries of one file that disagree about a field. The widest access counts.

use super::{Context, Rule};
use crate::finding::{Finding, Related, RuleInfo, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    info: RuleInfo {
        id: "conflicting-entries",
        summary: "entries about one field disagree; the widest access counts",
        severity: Some(Severity::Warning),
        since: "0.1.0",
        controls: &[],
        page: include_str!("../../docs/rules/conflicting-entries.md"),
    },
    check,
};

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for contradiction in &cx.delta.contradictions {
        let field = &contradiction.field;
        let mut finding = cx.finding(&RULE.info, &contradiction.place, None);
        finding.subject = Subject {
            grantor: Some((contradiction.grantor.clone(), cx.principal(&contradiction.grantor))),
            field: Some(field.clone()),
            tier: Some(cx.classified(field).tier),
            ..Subject::default()
        };
        match &contradiction.other {
            Some(other) => {
                finding.message =
                    format!("{} has entries for `{field}` that disagree", contradiction.grantor);
                finding.here = "disagrees with an earlier entry".into();
                finding.related.push(Related::new(other.clone(), "the earlier entry"));
                finding.notes.push("the widest access of all entries is what is judged".into());
                finding.help = "keep one entry".into();
            }
            None => {
                finding.message =
                    format!("{} makes `{field}` editable but not readable", contradiction.grantor);
                finding.here = "`editable` without `readable`".into();
                finding.notes.push("no org can hold such a row; it is judged as edit access".into());
                finding.help = "set `readable` to `true` as well, or `editable` to `false`".into();
            }
        }
        findings.push(finding);
    }
}
