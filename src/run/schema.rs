//! `flsgate schema`: the JSON Schemas of what people write and other tools read.

use crate::policy;
use crate::report;

/// What a schema describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schema {
    /// `.flsgate/policy.yml`.
    Policy,
    /// A file of `.flsgate/justifications/`.
    Justification,
    /// A file of `.flsgate/tests/`.
    Tests,
    /// `--format json` of `check` and `audit`.
    Output,
}

/// The schema as JSON text.
pub fn schema(of: Schema) -> &'static str {
    match of {
        Schema::Policy => policy::POLICY_SCHEMA,
        Schema::Justification => policy::JUSTIFICATION_SCHEMA,
        Schema::Tests => policy::TESTS_SCHEMA,
        Schema::Output => report::OUTPUT_SCHEMA,
    }
}
