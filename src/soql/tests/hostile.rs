//! Text that means harm: depth and length.

use super::super::*;
use super::{reads, refused};

#[test]
fn no_nesting_is_too_deep_for_the_stack() {
    let n = 100_000;
    let nested = |open: &str, close: &str| {
        format!("SELECT Id FROM A WHERE {}a = 1{}", open.repeat(n), close.repeat(n))
    };
    assert_eq!(reads(&nested("(", ")")), "A: s/Id w/a");
    assert_eq!(reads(&nested("NOT (", ")")), "A: s/Id w/a");
    assert_eq!(refused(&nested("(", "")).at(), 23 + n as u32 - 1);
    assert_eq!(refused(&format!("SELECT Id FROM A WHERE {}", "(".repeat(n))).at(), 23 + n as u32);
    let functions = format!("SELECT {}a{} FROM A", "FORMAT(".repeat(n), ")".repeat(n));
    assert_eq!(reads(&functions), "A: s/a");
    let brackets = format!("SELECT Id FROM A WHERE a = :f{}{}", "([{".repeat(n), "}])".repeat(n));
    assert_eq!(reads(&brackets), "A: s/Id w/a");
    let deep = "the query stands inside more than 10 others; write it as a query of its own";
    assert_eq!(refused(&"SELECT (".repeat(n)).to_string(), deep);
    let deep = "SELECT a FROM B WHERE c IN (".repeat(n);
    assert!(refused(&deep).to_string().contains("more than 10 others"));
    let ten = format!("{}SELECT a FROM B{}", "SELECT (".repeat(10), ") FROM B".repeat(10));
    assert!(reads(&ten).starts_with("B: sub{B: sub{B:"));
}

#[test]
fn hostile_length_costs_no_more_than_it_reads() {
    let n = 100_000;
    let long = |part: &str| part.repeat(n);
    assert!(refused(&format!("SELECT {} FROM A", long("a"))).to_string().starts_with("a name"));
    assert!(refused(&format!("SELECT {}", long("a."))).to_string().len() < 200);
    assert!(refused(&long("/* ")).to_string().contains("never closed"));
    assert!(refused(&long("/**/")).to_string().contains("no query"));
    assert!(refused(&long("\n//")).to_string().contains("no query"));
    assert!(
        refused(&format!("SELECT Id FROM A WHERE a = '{}", long(r"\'"))).to_string().contains("never closed")
    );
    assert_eq!(reads(&format!("SELECT Id FROM A WHERE a = {}", long("1"))), "A: s/Id w/a");
    assert!(refused(&format!("SELECT Id FROM A WHERE a = {}", long("1-"))).to_string().contains("no value"));
    assert!(refused(&format!("SELECT {}", long("%%%A"))).to_string().len() < 200);
    assert_eq!(parse_soql(&format!("SELECT a{} FROM A", long(",a"))).unwrap().fields.len(), n + 1);
    let chain: String = (0..n).map(|i| format!(", a{i}.B a{}", i + 1)).collect();
    assert!(refused(&format!("SELECT Id FROM A a0{chain}")).to_string().contains("has more than 20 names"));
    let many: String = (0..n).map(|i| format!(", a.B b{i}")).collect();
    assert!(refused(&format!("SELECT Id FROM A a{many}")).to_string().contains("one more than the 56"));
    assert_eq!(reads(&format!("SELECT {}b FROM B", "a.".repeat(19))), format!("B: s/{}b", "a.".repeat(19)));
    assert!(
        refused(&format!("SELECT {}b FROM A", "a.".repeat(20))).to_string().contains("more than 20 names")
    );
    assert_eq!(parse_queries(&long("SELECT a FROM A;")).unwrap().len(), n);
}
