//! Labels to tiers, and what each tier asks for.

use super::principals::{glob, is_pattern};
use crate::finding::Label;
use crate::words::{Access, Grantor, GrantorKind, PrincipalClass, Tier};
use std::collections::BTreeMap;

/// What a cell of the policy asks for before a grant may land, least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Duty {
    /// Nothing.
    Allow,
    /// A written justification.
    Justify,
    /// A written justification and an authorised person's approval.
    Approve,
    /// It is not allowed at all.
    Deny,
}

impl Duty {
    /// What it asks for, said of a tier: ``tier 3 needs an approval``.
    pub fn words(self) -> &'static str {
        match self {
            Duty::Allow => "needs nothing",
            Duty::Justify => "needs a justification",
            Duty::Approve => "needs a justification and an approval",
            Duty::Deny => "is not allowed",
        }
    }
}

/// How a tier's demands bind, the strictest last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Enforcement {
    /// Findings are warnings.
    Advisory,
    /// Findings block unless justified.
    Soft,
    /// Findings block and no justification is accepted.
    Hard,
}

/// Duties for reading and editing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cells {
    /// To open a field for reading.
    pub read: Duty,
    /// To open a field for editing.
    pub edit: Duty,
}

impl Cells {
    /// The duty for one access. Editing includes reading, so it is never less than reading's.
    pub fn duty(self, access: Access) -> Duty {
        match access {
            Access::Read => self.read,
            Access::Edit => self.edit.max(self.read),
        }
    }
}

/// What the policy says of one tier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TierRules {
    /// Duties.
    pub cells: Cells,
    /// Which profiles may grant a field of this tier.
    pub profiles: Profiles,
    /// How the demands bind.
    pub enforcement: Enforcement,
}

/// Which profiles may grant fields of a tier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Profiles {
    /// Any profile.
    All,
    /// No profile.
    None,
    /// Those that one of these names or patterns names.
    Named(Vec<String>),
}

impl Profiles {
    /// Whether they include a profile. Authors choose names, so a pattern speaks of profiles that existed alone.
    fn include(&self, name: &str, existed: bool) -> bool {
        match self {
            Profiles::All => true,
            Profiles::None => false,
            Profiles::Named(names) => {
                names.iter().any(|named| (existed || !is_pattern(named)) && glob(named, name))
            }
        }
    }
}

/// What a compliance group adds. It can only add.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupDuties {
    /// At least these duties.
    pub cells: Option<Cells>,
    /// A justification needs a ticket.
    pub ticket: bool,
    /// A justification may run for at most so many days from today.
    pub max_days: Option<u32>,
}

/// Which label leads to which tier. Values compare without case; white space around them is nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelMap {
    /// Classification value (lower case) to tier.
    pub(super) classifications: BTreeMap<String, Tier>,
    /// Compliance group (lower case) to tier.
    pub(super) groups: BTreeMap<String, Tier>,
    /// Tier of a compliance group that `groups` does not name.
    pub(super) other_groups: Tier,
    /// Compliance groups that the policy asks something of (lower case).
    pub(super) groups_with_duties: Vec<String>,
    /// Values that say "no group" (lower case).
    pub(super) no_group: Vec<String>,
    pub(super) unlabelled: Tier,
    pub(super) unknown_fields: Tier,
    pub(super) unmapped: Tier,
}

/// The tier of a label and whether the policy knows its classification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TierOf {
    /// The tier.
    pub tier: Tier,
    /// The classification has a value that the policy does not map.
    pub unmapped: bool,
}

impl LabelMap {
    /// The tier of a field with this label. A compliance group may raise it, never lower it.
    pub fn tier(&self, label: &Label) -> TierOf {
        let (mut tier, mut unmapped) = (self.unlabelled, false);
        if let Some(value) = &label.classification {
            match self.classifications.get(&value.to_lowercase()) {
                Some(mapped) => tier = *mapped,
                None => (tier, unmapped) = (self.unmapped, true),
            }
        } else if !label.compliance_groups.is_empty() {
            tier = Tier::Open;
        }
        for group in &label.compliance_groups {
            tier = tier.max(self.groups.get(&group.to_lowercase()).copied().unwrap_or(self.other_groups));
        }
        TierOf { tier, unmapped }
    }

    /// The tier of a field that the repository does not define.
    pub fn unknown_fields(&self) -> Tier {
        self.unknown_fields
    }
}

/// The whole tier model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tiers {
    pub(super) rules: BTreeMap<Tier, TierRules>,
    /// Cells that replace a tier's for one principal class.
    pub(super) principals: BTreeMap<(PrincipalClass, Tier), Cells>,
    /// By group, lower case.
    pub(super) groups: BTreeMap<String, GroupDuties>,
}

impl Tiers {
    /// What `access` to a field of `tier` with `label` asks of a grantor of `principal` class, and
    /// whether it is the principal class that forbids it.
    pub fn duty(&self, tier: Tier, label: &Label, access: Access, principal: PrincipalClass) -> (Duty, bool) {
        let own = self.principals.get(&(principal, tier));
        let mut duty =
            own.copied().or(self.rules.get(&tier).map(|r| r.cells)).map_or(Duty::Deny, |c| c.duty(access));
        let by_principal = own.is_some() && duty == Duty::Deny;
        for cells in self.group_duties(label).filter_map(|g| g.cells) {
            duty = duty.max(cells.duty(access));
        }
        if duty > Duty::Allow && self.enforcement(tier) == Enforcement::Hard {
            duty = Duty::Deny;
        }
        (duty, by_principal)
    }

    /// How findings about a tier bind.
    pub fn enforcement(&self, tier: Tier) -> Enforcement {
        self.rules.get(&tier).map_or(Enforcement::Soft, |r| r.enforcement)
    }

    /// Where a tier is protected less than the one below it, in words, and the key of the policy that says so: it asks somebody
    /// for less, or is enforced less.
    pub fn laxer_than_the_one_below(&self) -> Option<(String, String)> {
        [(Tier::Open, Tier::Conditional), (Tier::Conditional, Tier::Restricted)]
            .into_iter()
            .find_map(|(lower, tier)| self.asks_less(lower, tier).or_else(|| self.binds_less(lower, tier)))
    }

    fn binds_less(&self, lower: Tier, tier: Tier) -> Option<(String, String)> {
        let is_laxer = lower > Tier::Open && self.enforcement(tier) < self.enforcement(lower);
        is_laxer.then(|| {
            let what = format!("`enforcement` of `{tier}` is weaker than that of `{lower}`");
            (what, format!("tiers.{tier}.enforcement"))
        })
    }

    fn asks_less(&self, lower: Tier, tier: Tier) -> Option<(String, String)> {
        let asked = |tier, access, holder| self.duty(tier, &Label::default(), access, holder);
        // What the tiers themselves say before what they say of some people.
        let pairs = std::iter::once(PrincipalClass::Internal)
            .chain(PrincipalClass::ALL)
            .flat_map(|holder| [Access::Read, Access::Edit].map(|a| (holder, a)));
        let is_laxer = |(holder, access): &(PrincipalClass, Access)| {
            asked(tier, *access, *holder).0 < asked(lower, *access, *holder).0
        };
        let (holder, access) = pairs.into_iter().find(is_laxer)?;
        let words = |tier| asked(tier, access, holder).0.words();
        let what = format!(
            "{access} access of {holder} users to `{tier}` {}, and to `{lower}` {}",
            words(tier),
            words(lower)
        );
        let key = match holder {
            PrincipalClass::Internal => format!("tiers.{tier}.{access}"),
            _ => format!("user_types.{holder}.{tier}.{access}"),
        };
        Some((what, key))
    }

    /// Whether a permission set, profile or group may open fields of `tier` at all. `existed`: the base has it.
    pub fn may_open(&self, tier: Tier, grantor: &Grantor, existed: bool) -> bool {
        let included = |rules: &TierRules| rules.profiles.include(grantor.name(), existed);
        grantor.kind != GrantorKind::Profile || self.rules.get(&tier).is_some_and(included)
    }

    /// Whether the policy asks anything of this compliance group beyond its tier.
    pub fn has_duties(&self, group: &str) -> bool {
        self.groups.contains_key(&group.to_lowercase())
    }

    /// Whether this compliance group asks for a ticket, or for a shorter time, in each justification.
    pub fn asks_to_write(&self, group: &str) -> bool {
        self.groups
            .get(&group.to_lowercase())
            .is_some_and(|duties| duties.ticket || duties.max_days.is_some())
    }

    /// What the compliance groups of a label add.
    pub fn group_duties(&self, label: &Label) -> impl Iterator<Item = &GroupDuties> {
        label.compliance_groups.iter().filter_map(|g| self.groups.get(&g.to_lowercase()))
    }
}
