//! Formulas: references are what the text says at their place, and layout changes nothing.

#![no_main]

use flsgate::metadata::{Formula, Reference, formula_tokens, parse_formula};
use flsgate_fuzz::MAX;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if text.len() > MAX {
        return;
    }
    let tokens = formula_tokens(text);
    let formula = match parse_formula(text) {
        Ok(formula) => formula,
        Err(error) => {
            let at = error.at() as usize;
            assert!(text.is_char_boundary(at), "byte {at} is no place in {} bytes", text.len());
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    for list in [&formula.references, &formula.globals] {
        let mut last = 0;
        for reference in list {
            assert!(reference.start >= last, "references out of order");
            last = reference.end;
            written(text, reference);
        }
    }
    assert!(formula.references.iter().all(|r| !r.path[0].starts_with('$')));
    assert!(formula.globals.iter().all(|r| r.path[0].starts_with('$')));
    if text.contains('\u{1f}') {
        return;
    }
    // Another layout of the same tokens, with a comment between each two.
    for between in [" ", "\n/* a.B + ( */\n"] {
        let other = tokens.replace('\u{1f}', between);
        assert_eq!(formula_tokens(&other), tokens, "the layout changes the tokens");
        match parse_formula(&other) {
            Ok(again) => assert_eq!(paths(&again), paths(&formula), "the layout changes what is read"),
            Err(error) => panic!("the layout breaks the formula: {error}"),
        }
    }
});

fn paths(formula: &Formula) -> [Vec<&[String]>; 2] {
    [&formula.references, &formula.globals].map(|list| list.iter().map(|r| r.path.as_slice()).collect())
}

fn written(text: &str, reference: &Reference) {
    let (start, end) = (reference.start as usize, reference.end as usize);
    assert!(start < end, "an empty reference");
    let under = text.get(start..end).expect("a reference cuts no character and leaves no text");
    assert_eq!(under.split('.').count(), reference.path.len(), "`{under}`");
    if !under.contains("%%%") && !under.contains("___") && under.is_ascii() {
        assert_eq!(under, reference.path.join("."));
    }
    assert!(reference.path.iter().all(|name| !name.is_empty()));
}
