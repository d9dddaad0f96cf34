//! Salesforce metadata: XML bytes to typed values with byte spans, and the map from paths to
//! components.
//!
//! Knows nothing of git, policy or where files come from. What is read here is everything that
//! bears on field access; what cannot be understood is a [`MetadataError`], never an empty value.

mod access_policy;
mod apex;
mod child;
mod copied_field;
mod custom_field;
mod dashboard;
mod data_transform;
mod email_template;
mod error;
mod flow;
mod flow_copies;
mod flow_parts;
mod fls;
mod formula;
mod granted;
mod group;
mod guard;
mod hand_out;
mod hand_out_files;
mod insert;
mod manifest;
mod mappings;
mod named;
mod object_permission;
mod overlay;
mod permissions;
mod pieces;
mod quick_action;
mod retrieved;
mod settings;
mod slip;
mod standard_names;
mod workflow;
mod xml;

pub use apex::{Apex, parse_apex_version, read_apex};
pub use copied_field::{CopiedField, CopiedFrom};
pub use custom_field::{CustomField, CustomObject, Encryption, parse_field, parse_object};
pub use dashboard::{Column, Component as DashboardComponent, Dashboard, parse_dashboard, parse_report};
pub use data_transform::{DataTransform, parse_data_transform};
pub use email_template::{merged_in_body, merged_in_template};
pub use error::{MetadataError, Problem};
pub use flow::{Flow, parse_flow};
pub use flow_copies::FlowCopies;
pub use fls::{
    StandardField, is_custom_metadata, is_custom_object_name, is_object_without_fls, is_system_field,
    is_without_fls, standard,
};
pub use formula::{Formula, FormulaError, Reference, formula_tokens, global_field, parse_formula};
pub use granted::{FieldPermission, Permissions, TypeAccess, UserPermission};
pub use group::{PermissionSetGroup, parse_group};
pub use guard::{Guard, Guards, parse_restriction_rule, parse_settings};
pub use hand_out::{Criterion, HandOut, HandOutKind, HandOutWay, HandOuts};
pub use hand_out_files::parse_hand_outs;
pub use insert::insertion;
pub use manifest::{Member, manifest_version, parse_manifest};
pub use mappings::{parse_analytic_snapshot, parse_lead_conversion};
pub use named::Named;
pub use object_permission::ObjectPermission;
#[doc(hidden)]
pub use permissions::parse_permissions_as_xml;
pub use permissions::{parse_muting_permission_set, parse_permission_set, parse_profile};
pub use quick_action::parse_field_overrides;
#[doc(hidden)]
pub use retrieved::read as read_retrieved;
pub use settings::{Setting, parse_settings_of};
pub use slip::Slip;
pub use standard_names::{is_standard_field, meant_standard_field};
pub use workflow::parse_field_updates;
