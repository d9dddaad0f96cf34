//! Field definitions, alone and inline: spans are what they claim, and both forms are read alike.

#![no_main]

use flsgate::metadata::{CustomField, CustomObject, formula_tokens, parse_field, parse_formula, parse_object};
use flsgate::source::{SourceFile, Spanned};
use flsgate::words::FieldName;
use flsgate_fuzz::{MAX, check};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if data.len() > MAX {
        return;
    }
    let file = SourceFile::new("f.field-meta.xml".into(), data);
    match &parse_field(&file) {
        Ok(field) => {
            one(&file, field);
            inline(&file, field);
        }
        Err(error) => check::metadata_error(&file, error),
    }
    match parse_object(&file) {
        Ok(CustomObject { fields, .. }) => {
            let mut last = 0;
            for field in &fields {
                assert!(field.span.start >= last, "definitions out of order");
                last = field.span.end;
                assert!(field.full_name.is_some());
                one(&file, field);
            }
        }
        Err(error) => check::metadata_error(&file, &error),
    }
});

fn one(file: &SourceFile, field: &CustomField) {
    check::field(file, field);
    if let Some(formula) = &field.formula {
        let _ = parse_formula(&formula.value);
        let _ = formula_tokens(&formula.value);
    }
    let name = FieldName::parse("Contact.SSN__c").expect("a name");
    if let Some(at) = field.outside_fls(&name) {
        check::element(file, at);
    }
    let _ = (field.is_derived(), field.is_computed());
}

/// The same definition inside an object.
fn inline(file: &SourceFile, field: &CustomField) {
    let whole = &file.bytes()[field.span.range()];
    let inside = whole.strip_prefix(b"<CustomField>").and_then(|i| i.strip_suffix(b"</CustomField>"));
    let (Some(inside), Some(full_name)) = (inside, &field.full_name) else { return };
    let object = [b"<CustomObject><fields>".as_slice(), inside, b"</fields></CustomObject>"].concat();
    let object = SourceFile::new("o.object".into(), object);
    let fields = parse_object(&object).unwrap_or_else(|error| panic!("not read inline: {error}")).fields;
    let [again] = fields.as_slice() else { panic!("{} definitions of one", fields.len()) };
    assert_eq!(again.full_name.as_ref().map(|n| &n.value), Some(&full_name.value));
    let text = |t: &Option<Spanned<String>>| t.as_ref().map(|t| t.value.clone());
    let texts = |f: &CustomField| {
        let all = [
            &f.classification,
            &f.compliance,
            &f.business_status,
            &f.owner,
            &f.label,
            &f.field_type,
            &f.encryption_scheme,
            &f.reference_target_field,
            &f.formula,
            &f.summarized_field,
            &f.summary_foreign_key,
            &f.summary_operation,
            &f.relationship_name,
        ];
        (all.map(text), f.required.as_ref().map(|r| r.value), f.summary_filters.clone())
    };
    assert_eq!(texts(again), texts(field));
}
