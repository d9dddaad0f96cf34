//! `label-raised-over-grants`: a field's label comes to ask for more, and grants that already stand do
//! not meet it.

use super::catalogue::LABEL_RAISED_OVER_GRANTS as RULE;
use super::causes::Told;
use super::{Context, describe, together};
use crate::finding::{Finding, Related};
use crate::judge::{Justified, State};
use crate::policy::JUSTIFICATIONS;
use crate::words::FieldName;

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for ((field, _), told) in cx.told_together(&RULE, |told| Some(cx.defined_as(&told.pair.exposure.field))) {
        findings.extend(raised(cx, field, &told));
    }
}

fn raised(cx: &Context<'_>, field: &FieldName, told: &[&Told<'_>]) -> Option<Finding> {
    let (before, after) = (cx.classified_before(field), cx.classified(field));
    let remedy = match told {
        [one] => describe::next_step(cx, &one.pair.exposure, after),
        _ => format!(
            "remove the access (in profiles by `readable` and `editable` `false`), or justify it under `{JUSTIFICATIONS}` where \
             the policy allows that"
        ),
    };
    let mut finding = together::of_field(cx, &RULE, (field, after.place()), told, remedy)?;
    let who = match told.len() {
        1 => "1 permission set or profile gives".to_owned(),
        count => format!("{count} permission sets or profiles give"),
    };
    let how = if after.tier > before.tier { "rises" } else { "changes" };
    finding.message = format!(
        "the label of `{field}` {how} from {} to {}. {who} access to it without the justification or approval that this needs",
        before.words(),
        after.words()
    );
    finding.here = format!("now {}", after.label);
    if told.first()?.pair.state == State::NeedsApproval {
        finding.help =
            "have an authorised person approve the label with the access that exists; `flsgate audit \
                        --accept-raised` writes that access down for review"
                .into();
    }
    for Told { pair, .. } in told {
        let exposure = &pair.exposure;
        if let Justified::Lacking(entry, _) =
            cx.justified(&exposure.grantor, &exposure.field, exposure.access)
        {
            let message = "its justification, which does not count".to_owned();
            finding.related.push(Related::new(entry.place.clone(), message));
        }
    }
    Some(finding)
}
