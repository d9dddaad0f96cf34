//! Random text: no panic, every span inside it; and random queries, each read back as it was built.

use super::super::*;
use super::told;

/// A small generator of numbers (xorshift64*), so that a failure can be run again by its seed.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % n
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }
}

/// Every span of a query lies inside the text and holds what it says.
fn check(text: &str, query: &Query) {
    let name = |name: &Name, what: &str| {
        let found = &text[name.start as usize..name.end as usize];
        assert!(found.ends_with(&name.text), "{what} `{found}` in {text:?}");
    };
    let field = |f: &FieldRef| {
        let found = &text[f.start as usize..f.end as usize];
        assert!(f.path.last().is_some_and(|last| found.ends_with(last.as_str())), "`{found}` in {text:?}");
        assert!(f.start >= query.start && f.end <= query.end, "`{found}` in {text:?}");
    };
    name(&query.object, "object");
    query.aliases.iter().for_each(|a| name(a, "alias"));
    query.fields.iter().for_each(field);
    for whole in &query.whole {
        let found = &text[whole.start as usize..whole.end as usize];
        assert!(found.to_ascii_lowercase().starts_with("fields") && found.ends_with(')'), "{text:?}");
    }
    for t in &query.type_of {
        field(&t.relationship);
        t.otherwise.iter().chain(t.branches.iter().flat_map(|(_, f)| f)).for_each(field);
    }
    for inner in query.subqueries.iter().chain(&query.joins) {
        assert!(inner.start > query.start && inner.end < query.end, "{text:?}");
        check(text, inner);
    }
}

/// Reads the text both ways; whether it is a query.
fn read(text: &str) -> bool {
    let one = parse_soql(text);
    match &one {
        Ok(query) => check(text, query),
        Err(error) => {
            assert!(error.at() as usize <= text.len(), "{text:?}: {error}");
            assert!(text.is_char_boundary(error.at() as usize), "{text:?}: {error}");
            assert!(error.to_string().len() < 600, "{text:?}");
        }
    }
    match parse_queries(text) {
        Ok(queries) => queries.iter().for_each(|query| check(text, query)),
        Err(error) => assert!(one.is_err() && error.at() as usize <= text.len(), "{text:?}: {error}"),
    }
    one.is_ok()
}

#[test]
fn random_bytes_never_panic() {
    let mut random = Random(1);
    for _ in 0..5_000 {
        let length = random.below(60);
        let bytes: Vec<u8> = (0..length).map(|_| random.below(256) as u8).collect();
        read(&String::from_utf8_lossy(&bytes));
        let ascii: String = (0..length).map(|_| random.below(128) as u8 as char).collect();
        read(&ascii);
        read(&format!("SELECT Id FROM A WHERE {ascii}"));
    }
}

#[test]
fn random_tokens_never_panic() {
    let tokens = "SELECT FROM WHERE Id Name a.b A__c , ( ) ( ) = != < >= LIKE IN NOT AND OR 'x' '\\'' 1 -2.5 2026-01-01 TODAY \
        LAST_N_DAYS : 30 :x TYPEOF WHEN THEN ELSE END FIELDS ALL COUNT SUM FORMAT DISTANCE GEOLOCATION GROUP BY ORDER HAVING \
        ROLLUP LIMIT OFFSET FOR UPDATE VIEW WITH DATA CATEGORY AT USING SCOPE AS NULLS LAST ASC null ; [ ] { } . /* */ // ø \
        INCLUDES %%%NS%%%X__c SET OPTIONS ALL ROWS";
    let tokens: Vec<&str> = tokens.split_whitespace().collect();
    let mut random = Random(2);
    let mut queries = 0;
    for round in 0..30_000 {
        let mut text = String::from(if round % 2 == 0 { "SELECT Id FROM A " } else { "" });
        for _ in 0..random.below(14) {
            text.push_str(random.pick(&tokens));
            text.push_str(random.pick(&[" ", " ", "", "\n", "\n\n"]));
        }
        queries += usize::from(read(&text));
    }
    assert!(queries > 500, "some are queries: {queries}");
}

#[test]
fn what_is_cut_off_never_panics() {
    let text = "SELECT a.Id, SUM(b) t, (SELECT FIELDS(ALL) FROM a.Cs) , TYPEOF What WHEN X THEN p, q ELSE r END FROM A a USING SCOPE \
        mine WHERE NOT (x = 'ø' AND y IN (SELECT z FROM B)) WITH USER_MODE GROUP BY ROLLUP(g) HAVING SUM(b) > 1 ORDER BY o \
        DESC NULLS LAST LIMIT 1 OFFSET :n FOR VIEW";
    assert!(read(text));
    for (at, _) in text.char_indices() {
        read(&text[..at]);
        read(&text[at..]);
        read(&format!("{}\u{0}{}", &text[..at], &text[at..]));
    }
}

/// A query built at random, and what it must be told as.
struct Built {
    text: String,
    told: String,
}

/// Words in random case with random blanks between, so that only the meaning is the same.
fn put(random: &mut Random, text: &mut String, word: &str) {
    let keyword = word.bytes().all(|b| b.is_ascii_uppercase() || b == b'_' || b == b' ');
    let flip = keyword && random.below(2) == 0;
    text.push_str(&if flip { word.to_ascii_lowercase() } else { word.to_owned() });
    text.push_str(random.pick(&[" ", " ", "\n", "\t ", " /* Ssn__c, */ ", " // Pan__c\n"]));
}

fn path(random: &mut Random) -> String {
    let mut parts = Vec::new();
    for _ in 0..random.below(3) {
        parts.push(random.pick(&["Owner", "Account", "Parent__r", "Order"]));
    }
    parts.push(random.pick(&["Id", "Name", "Pan__c", "Group", "Limit", "ns__X__c", "Today", "Desc"]));
    parts.join(".")
}

fn build(random: &mut Random, object: &str, depth: usize) -> Built {
    let mut text = String::new();
    let (mut fields, mut whole, mut subs, mut joins, mut aliases) = (vec![], vec![], vec![], vec![], vec![]);
    let alias = random.below(2) == 0;
    let write =
        |random: &mut Random, text: &mut String, letter: &str, fields: &mut Vec<String>, call: bool| {
            let p = path(random);
            let written = if alias && random.below(2) == 0 { format!("q.{p}") } else { p.clone() };
            let calls = if call { random.below(3) } else { 0 };
            for _ in 0..calls {
                let name = random.pick(&["MAX", "FORMAT", "toLabel", "CALENDAR_YEAR"]);
                put(random, text, name);
                put(random, text, "(");
            }
            put(random, text, &written);
            (0..calls).for_each(|_| put(random, text, ")"));
            fields.push(format!("{letter}/{p}"));
            calls > 0
        };
    put(random, &mut text, "SELECT");
    for n in 0..1 + random.below(4) {
        if n > 0 {
            put(random, &mut text, ",");
        }
        match random.below(8) {
            0 if depth < 3 => {
                let inner = build(random, "Contacts", depth + 1);
                put(random, &mut text, &format!("({})", inner.text));
                subs.push(format!("sub{{{}}}", inner.told));
            }
            1 => {
                put(random, &mut text, "FIELDS(CUSTOM)");
                whole.push("Custom".to_owned());
            }
            _ => {
                if write(random, &mut text, "s", &mut fields, true) && random.below(2) == 0 {
                    put(random, &mut text, "total");
                    aliases.push("as/total".to_owned());
                }
            }
        }
    }
    put(random, &mut text, "FROM");
    put(random, &mut text, object);
    if alias {
        put(random, &mut text, "q");
    }
    if random.below(2) == 0 {
        put(random, &mut text, "WHERE");
        for n in 0..1 + random.below(4) {
            if n > 0 {
                let word = random.pick(&["AND", "OR", "AND NOT"]);
                put(random, &mut text, word);
            }
            let open = random.below(3);
            (0..open).for_each(|_| put(random, &mut text, "("));
            write(random, &mut text, "w", &mut fields, true);
            if depth < 3 && random.below(5) == 0 {
                let inner = build(random, "Opportunity", depth + 1);
                put(random, &mut text, &format!("IN ({})", inner.text));
                joins.push(format!("in{{{}}}", inner.told));
            } else {
                let rest = random.pick(&[
                    "= 'a (b'",
                    "LIKE '%\\''",
                    "IN (1, :x)",
                    "< LAST_N_DAYS:3",
                    "NOT IN :f(')')",
                    "!= null",
                ]);
                put(random, &mut text, rest);
            }
            (0..open).for_each(|_| put(random, &mut text, ")"));
        }
    }
    if random.below(3) == 0 {
        put(random, &mut text, "GROUP BY");
        write(random, &mut text, "g", &mut fields, true);
        put(random, &mut text, "HAVING");
        write(random, &mut text, "h", &mut fields, true);
        put(random, &mut text, "> 1");
    }
    if random.below(3) == 0 {
        put(random, &mut text, "ORDER BY");
        write(random, &mut text, "o", &mut fields, true);
        let rest = random.pick(&["DESC", "NULLS LAST", "LIMIT 5 OFFSET 2", "FOR UPDATE"]);
        put(random, &mut text, rest);
    }
    let told = [vec![format!("{object}:")], fields, whole, subs, joins, aliases].concat().join(" ");
    Built { text, told }
}

#[test]
fn a_query_is_read_as_it_was_built() {
    let mut random = Random(3);
    for _ in 0..4_000 {
        let built = build(&mut random, "Deal__c", 0);
        assert!(read(&built.text), "{}: {:?}", built.text, parse_soql(&built.text));
        assert_eq!(told(&parse_soql(&built.text).unwrap()), built.told, "{}", built.text);
    }
}
