//! The grammar piece by piece, and text that means harm.

use super::*;

/// Every path of fields, then of globals, joined again.
fn paths(text: &str) -> Vec<String> {
    let found = parse_formula(text).unwrap_or_else(|e| panic!("{text:?}: {e}"));
    found.references.iter().chain(&found.globals).map(|r| r.path.join(".")).collect()
}

fn error(text: &str) -> String {
    match parse_formula(text) {
        Ok(found) => panic!("{text:?} is read as {found:?}"),
        Err(e) => format!("byte {}: {e}", e.at()),
    }
}

#[test]
fn a_reference_knows_its_bytes() {
    let text = "\"ø\" & Account.Parent__r.SSN__c";
    let found = parse_formula(text).unwrap();
    let [reference] = found.references.as_slice() else { panic!("{found:?}") };
    assert_eq!(reference.path, ["Account", "Parent__r", "SSN__c"]);
    assert_eq!((reference.start, reference.end), (7, 31));
    assert_eq!(&text[7..31], "Account.Parent__r.SSN__c");
}

#[test]
fn every_operator_joins_two_operands() {
    for operator in "+ - * / ^ & = == <> != < <= > >= && ||".split(' ') {
        assert_eq!(paths(&format!("a__c{operator}b__c")), ["a__c", "b__c"], "{operator}");
        assert_eq!(paths(&format!("a__c\n{operator} (b__c)")), ["a__c", "b__c"], "{operator}");
        assert!(error(&format!("a__c {operator}")).contains("the formula ends, expected"), "{operator}");
        assert!(error(&format!("F(a__c {operator}, 1)")).contains("found `,`, expected"), "{operator}");
        if !["+", "-"].contains(&operator) {
            assert!(error(&format!("{operator} a__c")).contains("byte 0: found"), "{operator}");
            assert!(error(&format!("a__c + {operator} b__c")).contains("byte 7: found"));
        }
    }
}

#[test]
fn prefixes_stack() {
    assert_eq!(paths("- + -a__c"), ["a__c"]);
    assert_eq!(paths("a__c - -b__c + +1"), ["a__c", "b__c"]);
    assert_eq!(paths("!!a__c && ! (b__c)"), ["a__c", "b__c"]);
    assert_eq!(paths("NOT a__c || not(NOT b__c)"), ["a__c", "b__c"]);
    assert_eq!(
        error("NOT()"),
        "byte 4: found `)`, expected a field, text in quotes, a number, a function or `(`"
    );
    assert!(error("NOT(a__c, b__c)").contains("byte 8: found `,`, expected an operator or `)`"));
    assert!(error("a__c ! b__c").contains("byte 5: found `!`, expected an operator"));
}

#[test]
fn numbers() {
    for number in ["0", "12", "1.5", ".5", "1.", "1e3", "1.5E-7", ".5e+2", "1.e3"] {
        assert_eq!(paths(&format!("a__c*{number}")), ["a__c"], "{number}");
        assert_eq!(paths(&format!("ROUND({number},2)")), [""; 0], "{number}");
    }
    for wrong in ["1x", "1e", "1..5", "1.2.3", "1 2", ".", "1e+", "1_000", "0x1F"] {
        assert!(!error(wrong).contains("is empty"), "{wrong}");
    }
}

#[test]
fn text_is_text() {
    assert_eq!(paths(r#""a__c" & 'b__c' & c__c"#), ["c__c"]);
    assert_eq!(paths(r#"'it\'s "x' & c__c"#), ["c__c"]);
    assert_eq!(paths(r#""say \"hi\" 'x" & c__c"#), ["c__c"]);
    assert_eq!(paths(r#"'\\' & c__c & '\\\\'"#), ["c__c"]);
    assert_eq!(paths(r#"REGEX(c__c, "\\d{3}-\d*/* no comment")"#), ["c__c"]);
    assert_eq!(paths("'Lønn 💰 \\💰' & c__c & '\n'"), ["c__c"]);
    assert_eq!(
        error("'abc\" & c__c"),
        "byte 0: a text is never closed; end it with the quote it starts with"
    );
    assert!(error(r"c__c & '\'").contains("byte 7: a text is never closed"));
    assert!(error(r"'\").contains("never closed"));
    assert!(error("'a' 'b'").contains("byte 4: found `'b'`, expected an operator"));
    assert!(error("\u{201C}a\u{201D}").starts_with("byte 0: `\u{201C}` has no meaning in a formula"));
}

#[test]
fn comments_are_blank() {
    assert_eq!(paths("/* a__c */ b__c /**/ + /* ' */ c__c /***/"), ["b__c", "c__c"]);
    assert_eq!(paths("IF /* x */ (b__c, 1/*,*/, 2)"), ["b__c"]);
    assert_eq!(paths("/* /* not nested */ b__c"), ["b__c"]);
    assert_eq!(paths(r"/* a \*/ b__c */ c__c"), ["c__c"], "an escaped end is none");
    assert!(error(r"/*\*/ b__c").contains("never closed"));
    assert_eq!(error("b__c /* x"), "byte 5: a comment is never closed; end it with `*/`");
    assert!(error("b__c /*/").contains("never closed"));
    assert!(error("b__c */ 1").contains("byte 6: found"));
}

#[test]
fn white_space_of_any_kind() {
    assert_eq!(
        paths("\u{A0}\t a__c\r\n+\u{2003}b__c\u{B}\u{C}\u{3000}\u{2028}+NOW\n(\u{A0})"),
        ["a__c", "b__c"]
    );
    assert!(error("Account . Name").contains("byte 8: `.` has no meaning"));
    assert!(error("Account Name").contains("byte 8: found `Name`, expected an operator or the end"));
    assert!(error("a\u{200B}").contains("byte 1: "));
}

#[test]
fn functions_and_literals_are_no_references() {
    assert_eq!(paths("NOW() - today( ) + TRUE() + f_2(true, False, NULL, null())"), [""; 0]);
    assert_eq!(paths("YEAR(Year__c) + Date__c.Month + Day"), ["Year__c", "Date__c.Month", "Day"]);
    assert_eq!(paths("true.X + Null__c + NotX + Owner.True"), ["true.X", "Null__c", "NotX", "Owner.True"]);
    for wrong in
        ["F(,)", "F(1,)", "F(,1)", "F(1,,2)", "F(1 2)", "F(1", "F 1", "()", "(1", "1)", "1,2", "(1,2)"]
    {
        assert!(!error(wrong).is_empty(), "{wrong}");
    }
    assert!(error("A.B(1)").contains("byte 3: found `(`, expected an operator, since no path is a function"));
    assert!(error("$Flow(1)").contains("byte 5: found `(`"));
    assert!(error("1(2)").contains("byte 1: found `(`, expected an operator or the end of the formula"));
    assert_eq!(error("IF(a, (b"), "byte 6: `(` is never closed; add `)`");
}

#[test]
fn merge_braces_are_brackets() {
    assert_eq!(paths("{!Account.Name} & {! F({!b__c}) }"), ["Account.Name", "b__c"]);
    assert_eq!(error("{!a"), "byte 0: `{!` is never closed; add `}`");
    for wrong in ["{!}", "{a}", "a}", "{!a)", "({!a)}", "F(1}", "{!a,b}"] {
        assert!(!error(wrong).is_empty(), "{wrong}");
    }
}

#[test]
fn paths_are_split_and_checked() {
    assert_eq!(
        paths(
            "ns__F__c + Loc__Latitude__s + Account.Vip__pc + Account.Boss__pr.Name + $CustomMetadata.T__mdt.R1.F__c"
        ),
        [
            "ns__F__c",
            "Loc__Latitude__s",
            "Account.Vip__pc",
            "Account.Boss__pr.Name",
            "$CustomMetadata.T__mdt.R1.F__c"
        ]
    );
    let found = parse_formula("Owner:User.Manager.Email & $User.Id").unwrap();
    assert_eq!(found.references[0].path, ["Owner:User", "Manager", "Email"]);
    assert_eq!(found.globals[0].path, ["$User", "Id"]);
    for wrong in
        ["a.", "a..b", "a:", "a:.b", "a::b", "a:b:c", "$", "$.X", "a._", ".a", ":a", "_a", "#a", "a.b."]
    {
        assert!(error(wrong).contains("byte 0: "), "{wrong}");
    }
    assert_eq!(
        error("1 + Account..Name"),
        "byte 4: `Account..Name` is no path; join names with single dots, as in `Account.Name`"
    );
}

#[test]
fn build_tokens_are_taken_out() {
    assert_eq!(
        paths("%%%NAMESPACE%%%Gift__r.%%%NAMESPACE%%%Iban__c & $Setup.%%%NAMESPACED_ORG%%%S__c.F__c"),
        ["Gift__r.Iban__c", "$Setup.S__c.F__c"]
    );
    for wrong in ["%", "%%%", "%%%NS%%", "%%%ns%%%A__c", "%%%NAMESPACE%%%", "a % b", "a%"] {
        assert!(!error(wrong).is_empty(), "{wrong}");
    }
}

#[test]
fn letters_that_compare_like_ascii_hide_no_name() {
    assert_eq!(paths("Ban\u{212A}__c & \u{130}ban__c"), ["BanK__c", "Iban__c"]);
    assert!(error("Größe__c").contains("byte 2: `ö` has no meaning"));
}

#[test]
fn what_is_no_formula() {
    for blank in ["", " \n", "/* only a comment */"] {
        assert_eq!(error(blank), "byte 0: the formula is empty; write an expression or remove `<formula>`");
    }
    for (text, at) in
        [("a \0", 2), ("a ? b : c", 2), ("a;", 1), ("[a=1]", 0), ("a | b", 2), ("a ~ b", 2), ("a \\ b", 2)]
    {
        let error = parse_formula(text).unwrap_err();
        assert!(matches!(error, FormulaError::Character { .. }) && error.at() == at, "{text:?}: {error}");
    }
    assert_eq!(
        error("\0"),
        "byte 0: `\\0` has no meaning in a formula; put text in straight quotes or remove the character"
    );
}

#[test]
fn no_nesting_is_too_deep_for_the_stack() {
    let n = 100_000;
    let nested = |open: &str, close: &str| paths(&format!("{}a__c{}", open.repeat(n), close.repeat(n)));
    assert_eq!(nested("(", ")"), ["a__c"]);
    assert_eq!(nested("IF(x,1,", ")").len(), n + 1);
    assert_eq!(nested("{!", "}"), ["a__c"]);
    for prefix in ["-", "!", "NOT ", "+ "] {
        assert_eq!(nested(prefix, ""), ["a__c"]);
    }
    assert_eq!(
        error(&"(".repeat(n)),
        format!("byte {n}: the formula ends, expected a field, text in quotes, a number, a function or `(`")
    );
    assert!(error(&format!("1{}", ")".repeat(n))).contains("byte 1: found `)`"));
}

#[test]
fn hostile_length_costs_no_more_than_it_reads() {
    let n = 200_000;
    let long = "a".repeat(n);
    assert_eq!(error(&long), "byte 0: a name is longer than 255 letters; no API name is");
    assert_eq!(parse_formula(&"a.".repeat(n)).map_err(|e| e.to_string().len() < 200), Err(true));
    assert_eq!(paths(&format!("{}a", "a.".repeat(n))).len(), 1);
    assert!(error(&format!("%%%{}", "A".repeat(n))).contains("byte 0: "));
    assert!(error(&"%%%A".repeat(n)).contains("byte 0: "));
    assert!(error(&"/* ".repeat(n)).contains("never closed"));
    assert!(error(&format!("/*{}", r"\*/".repeat(n))).contains("never closed"));
    assert!(error(&format!("'{}", r"\'".repeat(n))).contains("never closed"));
    assert_eq!(paths(&format!("{}1", "1+/**/".repeat(n))), [""; 0]);
}
