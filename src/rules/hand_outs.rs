//! How files hand permission sets, profiles and groups out, in words.

use crate::access::{HandOutWay, News};

/// How a way of handing out is said of what is handed out: subject (with the file's name for `$`), verb, verb where
/// other people get it, verb where it comes into force.
const WORDS: [(HandOutWay, &str, &str, &str, &str); 7] = [
    (
        HandOutWay::AccessPolicy,
        "user access policy `$`",
        "hands out",
        "hands out to other people",
        "becomes active and hands out",
    ),
    (
        HandOutWay::SelfRegistration,
        "site `$`",
        "gives people who register",
        "gives people who register",
        "lets people register and gives them",
    ),
    (
        HandOutWay::SiteMember,
        "site `$`",
        "lets in whoever holds",
        "lets in whoever holds",
        "lets in whoever holds",
    ),
    (
        HandOutWay::DelegatedAdministrator,
        "delegated administrators of `$`",
        "can assign",
        "can assign to users of other roles",
        "can assign",
    ),
    (
        HandOutWay::PortalAdministrator,
        "administrators among customers (`$`)",
        "can assign",
        "can assign to users of another profile",
        "can assign",
    ),
    (
        HandOutWay::ExternalClientApp,
        "external client app `$`",
        "works in the name of whoever holds",
        "works in the name of whoever holds",
        "works in the name of whoever holds",
    ),
    (
        HandOutWay::ConnectedApp,
        "connected app `$`",
        "works in the name of whoever holds",
        "works in the name of whoever holds",
        "works in the name of whoever holds",
    ),
];

/// What a file does with something that it hands out, up to the name of that.
pub(super) fn says(name: &str, way: HandOutWay, news: News) -> String {
    let words = WORDS.iter().find(|(of, ..)| *of == way);
    let Some((_, subject, hands_out, to_others, begins)) = words else { return String::new() };
    let verb = match news {
        News::HandsOut => hands_out,
        News::OtherPeople => to_others,
        News::InForce => begins,
    };
    format!("{} {verb}", subject.replace('$', name))
}
