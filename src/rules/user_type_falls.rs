//! `user-type-falls`: people outside the company could hold a permission set, profile or group, and after the merge its
//! licence says that they cannot.
//!
//! Whoever holds it keeps it: assignments outlive a licence. So the change itself is judged by the more exposed of both
//! sides; but the next one would know nothing of it. A site or a delegation whose file goes is forgotten like that, too.

use super::catalogue::USER_TYPE_FALLS as RULE;
use super::{Context, describe};
use crate::access::{Gone, GrantorAccess};
use crate::finding::{Finding, Related, Subject};
use crate::words::{Grantor, PrincipalClass};

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let goes = |holder: &Grantor| {
        cx.delta.removed.iter().any(|r| matches!(&r.gone, Gone::Grantor(gone) if gone == holder))
    };
    for (holder, licenses) in &cx.delta.licenses {
        let remembered = licenses.landing.remembered();
        let [before, after] = [&licenses.base, &remembered].map(|of| cx.user_type_by(holder, of));
        if licenses.existed && before >= PrincipalClass::Agent && after < before && !goes(holder) {
            findings.extend(falls(cx, holder, before, after));
        }
    }
}

fn falls(
    cx: &Context<'_>,
    holder: &Grantor,
    before: PrincipalClass,
    after: PrincipalClass,
) -> Option<Finding> {
    let license_of = |access: Option<&'_ GrantorAccess>| {
        let access = access?;
        let outside = access.handed_places.first().map(|(.., place)| place);
        let license = access.license_places.first().map(|(_, place)| place);
        outside.or(license).or(access.named.first().map(|(_, place)| place)).cloned()
    };
    let was = license_of(cx.delta.base.get(holder));
    let place = license_of(cx.delta.landing.get(holder)).or(was.clone())?;
    let mut finding = cx.finding(&RULE, &place, None);
    finding.message = format!(
        "{before} users could hold {holder}, and after the merge it counts as held by {after} users. Whoever holds it keeps \
         it"
    );
    finding.here = format!("counts as {after}");
    finding.help =
        format!("make sure in the org that no {before} user holds it, and {}", describe::APPROVE_IT);
    finding.approvable = true;
    finding.subject = Subject { grantor: Some((holder.clone(), cx.user_type(holder))), ..Subject::default() };
    finding.related.extend(was.map(|place| Related::new(place, format!("{before} before"))));
    Some(finding)
}
