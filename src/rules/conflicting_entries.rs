//! `conflicting-entries`: entries of one file that disagree about a field. The widest access counts.

use super::Context;
use super::catalogue::CONFLICTING_ENTRIES as RULE;
use crate::finding::{Finding, Related, Subject};

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for contradiction in &cx.delta.contradictions {
        let field = &contradiction.field;
        let mut finding = cx.finding(&RULE, &contradiction.place, None);
        finding.subject = Subject {
            grantor: Some((contradiction.grantor.clone(), cx.user_type(&contradiction.grantor))),
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
