//! Queries as people write them, each with what it reads, found by hand; queries that are none, each with
//! the byte that is wrong; and text that means harm.

mod hostile;
mod random;

use super::*;

/// What a query reads on one line: fields with the first letters of their clause, then `FIELDS()`,
/// `TYPEOF`, subqueries, queries in conditions, new names.
fn told(query: &Query) -> String {
    let path = |f: &FieldRef| f.path.join(".");
    let list = |fields: &[FieldRef]| fields.iter().map(path).collect::<Vec<_>>().join(",");
    let mut out = vec![format!("{}:", query.object.text)];
    for field in &query.fields {
        let clause = match field.clause {
            Clause::Select => "s",
            Clause::Where => "w",
            Clause::With => "with",
            Clause::GroupBy => "g",
            Clause::Having => "h",
            Clause::OrderBy => "o",
        };
        out.push(format!("{clause}/{}", path(field)));
    }
    out.extend(query.whole.iter().map(|w| format!("{:?}", w.function)));
    for t in &query.type_of {
        let branches: Vec<_> = t.branches.iter().map(|(o, f)| format!("{}>{}", o.text, list(f))).collect();
        out.push(format!("{}[{}|{}]", path(&t.relationship), branches.join(";"), list(&t.otherwise)));
    }
    out.extend(query.subqueries.iter().map(|q| format!("sub{{{}}}", told(q))));
    out.extend(query.joins.iter().map(|q| format!("in{{{}}}", told(q))));
    out.extend(query.aliases.iter().map(|name| format!("as/{}", name.text)));
    out.join(" ")
}

#[track_caller]
fn reads(text: &str) -> String {
    told(&parse_soql(text).unwrap_or_else(|e| panic!("{text:?}: {e}")))
}

#[track_caller]
fn refused(text: &str) -> SoqlError {
    match parse_soql(text) {
        Ok(query) => panic!("{text:?} is read as {}", told(&query)),
        Err(error) => error,
    }
}

#[test]
fn every_query_of_the_table_reads_what_its_author_meant() {
    let table: &[(&str, &str)] = &[
        // Lists, paths, names.
        ("SELECT Id FROM Account", "Account: s/Id"),
        ("select id,name , BillingCity\tfrom\r\nAccount", "Account: s/id s/name s/BillingCity"),
        ("SELECT Account.Owner.Profile.Name FROM Contact", "Contact: s/Account.Owner.Profile.Name"),
        (
            "SELECT Mother_of_Child__r.LastName__c FROM Daughter__c",
            "Daughter__c: s/Mother_of_Child__r.LastName__c",
        ),
        (
            "SELECT Contact.FirstName, Contact.Account.Name FROM Contact",
            "Contact: s/FirstName s/Account.Name",
        ),
        ("SELECT ns__F__c, ns__R__r.ns__F__c FROM ns__O__c", "ns__O__c: s/ns__F__c s/ns__R__r.ns__F__c"),
        ("SELECT %%%NAMESPACE%%%F__c FROM ___NAMESPACE___O__c", "O__c: s/F__c"),
        ("\u{feff}SELECT Id FROM Account", "Account: s/Id"),
        // Names that are keywords elsewhere.
        (
            "SELECT Name FROM Group WHERE Type = 'Queue' ORDER BY CreatedDate ASC",
            "Group: s/Name w/Type o/CreatedDate",
        ),
        (
            "SELECT Order, Group, Limit, Select, Where, End, Format, Fields FROM Order",
            "Order: s/Order s/Group s/Limit s/Select s/Where s/End s/Format s/Fields",
        ),
        (
            "SELECT TypeOf, Count FROM X__c WHERE In = 1 AND Like LIKE 'a' AND Today = TODAY",
            "X__c: s/TypeOf s/Count w/In w/Like w/Today",
        ),
        ("SELECT Id FROM X__c GROUP BY Rollup, Cube ORDER BY Desc DESC", "X__c: s/Id g/Rollup g/Cube o/Desc"),
        // Functions and new names.
        ("SELECT COUNT() FROM Contact", "Contact:"),
        ("SELECT count ( ) FROM Contact WHERE Email != null", "Contact: w/Email"),
        ("SELECT COUNT(Id) FROM Contact", "Contact: s/Id"),
        (
            "SELECT SUM(Amount) total, AVG(Amount), MIN(Owner.Age__c)m FROM Opportunity",
            "Opportunity: s/Amount s/Amount s/Owner.Age__c as/total as/m",
        ),
        (
            "SELECT CALENDAR_YEAR(CreatedDate), COUNT_DISTINCT(Company) FROM Lead GROUP BY CALENDAR_YEAR(CreatedDate)",
            "Lead: s/CreatedDate s/Company g/CreatedDate",
        ),
        (
            "SELECT HOUR_IN_DAY(convertTimezone(CreatedDate)), SUM(Amount) FROM Opportunity GROUP BY HOUR_IN_DAY(convertTimezone(CreatedDate))",
            "Opportunity: s/CreatedDate s/Amount g/CreatedDate",
        ),
        (
            "SELECT toLabel(Status) s, toLabel(Recordtype.Name) FROM Case WHERE toLabel(Status) = 'Neu'",
            "Case: s/Status s/Recordtype.Name w/Status as/s",
        ),
        (
            "SELECT FORMAT(MIN(closedate)) Amt, format(convertCurrency(amount)) FROM Opportunity",
            "Opportunity: s/closedate s/amount as/Amt",
        ),
        (
            "SELECT LeadSource, GROUPING(LeadSource) g, COUNT(Name) FROM Lead GROUP BY ROLLUP(LeadSource, Rating)",
            "Lead: s/LeadSource s/LeadSource s/Name g/LeadSource g/Rating as/g",
        ),
        (
            "SELECT Type, COUNT(Id) FROM Account GROUP BY CUBE ( Type , CALENDAR_YEAR(CreatedDate) )",
            "Account: s/Type s/Id g/Type g/CreatedDate",
        ),
        (
            "SELECT Name n, MAX(Amount) max FROM Opportunity GROUP BY Name",
            "Opportunity: s/Name s/Amount g/Name as/n as/max",
        ),
        ("SELECT DISTANCE(Loc__c, GEOLOCATION(37.7, -122.4), 'mi') d FROM W__c", "W__c: s/Loc__c as/d"),
        (
            "SELECT Id FROM W__c WHERE DISTANCE(A.Loc__c, :here, 'km') < 20 ORDER BY DISTANCE(Loc__c, GEOLOCATION(:a,:b), 'km') DESC",
            "W__c: s/Id w/A.Loc__c o/Loc__c",
        ),
        ("SELECT DISTANCE(GEOLOCATION(1,2), Loc__c, 'mi') FROM W__c", "W__c: s/Loc__c"),
        ("SELECT FORMAT(DISTANCE(Loc__c, Home__c, 'mi')) FROM W__c", "W__c: s/Loc__c s/Home__c"),
        ("SELECT FIELDS(ALL) FROM Account LIMIT 200", "Account: All"),
        ("SELECT Name, fields( custom ), FIELDS(STANDARD) FROM Account", "Account: s/Name Custom Standard"),
        // Subqueries.
        (
            "SELECT Name, (SELECT LastName, Owner.Name FROM Contacts) FROM Account",
            "Account: s/Name sub{Contacts: s/LastName s/Owner.Name}",
        ),
        (
            "SELECT Account.Name, (SELECT Contact.LastName FROM Account.Contacts) FROM Account",
            "Account: s/Name sub{Contacts: s/Contact.LastName}",
        ),
        (
            "SELECT (SELECT Id FROM a.Contacts c WHERE c.Email = null ORDER BY c.Name) FROM Account a",
            "Account: sub{Contacts: s/Id w/Email o/Name}",
        ),
        (
            "SELECT (SELECT FIELDS(ALL), (SELECT Id FROM Tasks) FROM Contacts LIMIT 5), Id FROM Account",
            "Account: s/Id sub{Contacts: All sub{Tasks: s/Id}}",
        ),
        // Queries in conditions.
        (
            "SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact WHERE LastName LIKE 'apple%')",
            "Account: s/Id w/Id in{Contact: s/AccountId w/LastName}",
        ),
        (
            "SELECT Id FROM Account WHERE Id NOT IN (SELECT AccountId FROM Opportunity WHERE IsClosed = false) AND (Name = 'a' OR Id IN (select X__c from Y__c))",
            "Account: s/Id w/Id w/Name w/Id in{Opportunity: s/AccountId w/IsClosed} in{Y__c: s/X__c}",
        ),
        // TYPEOF.
        (
            "SELECT TYPEOF What WHEN Account THEN Phone, NumberOfEmployees WHEN Opportunity THEN Amount ELSE Name, Email END FROM Event",
            "Event: What[Account>Phone,NumberOfEmployees;Opportunity>Amount|Name,Email]",
        ),
        (
            "SELECT Id, typeof e.Owner when User then Profile.Name end, Subject FROM Event e",
            "Event: s/Id s/Subject Owner[User>Profile.Name|]",
        ),
        // Aliases of objects.
        (
            "SELECT a.Id, a.Owner.Email FROM Account a WHERE A.Rating = 'x'",
            "Account: s/Id s/Owner.Email w/Rating",
        ),
        ("SELECT Account.Id FROM Account AS a", "Account: s/Id"),
        ("SELECT count() FROM Contact c, c.Account a WHERE a.name = 'MyriadPubs'", "Contact: w/Account.name"),
        ("SELECT a.Name, c.LastName FROM Account a, a.Contacts c", "Account: s/Name s/Contacts.LastName"),
        (
            "SELECT o.Email FROM Contact c, c.Account a, a.Owner o, Contact.Owner",
            "Contact: s/Account.Owner.Email",
        ),
        ("SELECT a FROM Account a", "Account: s/a"),
        ("SELECT Contact.Name FROM Contact c, c.Account Contact", "Contact: s/Account.Name"),
        // Operators and values.
        (
            "SELECT Id FROM A WHERE a=1 AND b!=-1.5 AND c<>.5 AND d<1e3 AND e<=+2 AND f>1. AND g>=0",
            "A: s/Id w/a w/b w/c w/d w/e w/f w/g",
        ),
        (
            "SELECT Id FROM A WHERE a LIKE '%x' AND b IN ('x', 'y') AND c NOT IN (1) AND d INCLUDES ('A;B','C') AND e excludes ('z')",
            "A: s/Id w/a w/b w/c w/d w/e",
        ),
        ("SELECT Id FROM A WHERE NOT a = null AND NOT (b = TRUE OR NOT c = False)", "A: s/Id w/a w/b w/c"),
        (
            "SELECT Id FROM A WHERE ((a = 'it\\'s' OR (b = '\\\\')) AND c = 'FROM \"B\" /* SSN__c */ // no')",
            "A: s/Id w/a w/b w/c",
        ),
        (
            "SELECT Id FROM A WHERE a = 2026-06-30 AND b > 2005-10-08T01:02:03Z AND c < 2005-10-08T01:02:03.000+01:00 AND d = 2005-10-08t01:02:03-0800 AND e = 10:00:00.000Z",
            "A: s/Id w/a w/b w/c w/d w/e",
        ),
        (
            "SELECT Id FROM A WHERE a = TODAY AND b > LAST_N_DAYS:30 AND c = this_fiscal_quarter AND d < N_FISCAL_YEARS_AGO:3 AND e = NEXT_90_DAYS AND f = NEXT_N_WEEKS : 2",
            "A: s/Id w/a w/b w/c w/d w/e w/f",
        ),
        ("SELECT Id FROM A WHERE a > USD500 AND b < eur1.50", "A: s/Id w/a w/b"),
        (
            "SELECT Id FROM A WHERE a = :x AND b IN :ids AND c = : r.Account.Name AND d IN (:y, 'z') AND e = :(p + q) AND f = :m.get('x (')[i + 1].F__c.size() LIMIT :n OFFSET :o",
            "A: s/Id w/a w/b w/c w/d w/e w/f",
        ),
        // Other clauses.
        (
            "SELECT Id FROM A USING SCOPE mine WHERE b = 1 WITH SECURITY_ENFORCED ORDER BY c DESC NULLS LAST, d.e NULLS FIRST LIMIT 5 OFFSET 10 FOR VIEW",
            "A: s/Id w/b o/c o/d.e",
        ),
        ("SELECT Id FROM A WITH DATA CATEGORY g__c AT c__c WITH USER_MODE", "A: s/Id"),
        ("SELECT Id FROM A WITH system_mode LIMIT 1 ALL ROWS FOR UPDATE", "A: s/Id"),
        (
            "SELECT Title FROM Q WHERE L = 'e' WITH DATA CATEGORY Geo__c ABOVE usa__c AND Product__c AT (a__c, b__c) FOR REFERENCE UPDATE VIEWSTAT, TRACKING",
            "Q: s/Title w/L",
        ),
        (
            "SELECT Id FROM UserProfileFeed WITH UserId='005' ORDER BY CreatedDate",
            "UserProfileFeed: s/Id with/UserId o/CreatedDate",
        ),
        (
            "SELECT Id, RecordVisibility.VisibilityAttribute FROM A WITH RecordVisibilityContext (maxDescriptorPerRecord=100, supportsDomains=true)",
            "A: s/Id s/RecordVisibility.VisibilityAttribute",
        ),
        ("SELECT Id FROM A SET OPTIONS (x = 1, y = 'z') FOR UPDATE", "A: s/Id"),
        (
            "SELECT Name, COUNT(Id) FROM A GROUP BY Name HAVING COUNT(Id) > 1 AND Name LIKE 'x' ORDER BY COUNT(Id), MAX(b) DESC",
            "A: s/Name s/Id g/Name h/Id h/Name o/Id o/b",
        ),
        // Comments are blanks.
        ("SELECT Id /* , SSN__c */, // Pan__c\n Name FROM/**/A // end", "A: s/Id s/Name"),
    ];
    for (text, expected) in table {
        assert_eq!(&reads(text), expected, "{text}");
    }
    assert!(table.len() >= 60);
}

#[test]
fn every_text_that_is_no_query_is_refused_at_its_byte() {
    let table: &[(&str, u32, &str)] = &[
        ("", 0, "there is no query"),
        (" /* none */ ", 0, "there is no query"),
        ("Id FROM A", 0, "expected `SELECT`"),
        ("SELECT FROM A", 7, "found `FROM`, expected a field, a function"),
        ("SELECT Id, FROM A", 11, "expected a field, a function"),
        ("SELECT Id", 9, "the query ends here, expected `,` or `FROM`"),
        ("SELECT Id FROM", 14, "the query ends here, expected an object"),
        ("SELECT Id Name FROM A", 10, "`Name` renames a field in a query without `GROUP BY`"),
        ("SELECT Id, Name Pan__c, b FROM A WHERE c = 1", 16, "add the missing comma"),
        ("SELECT Id A.Name FROM A", 10, "found `A.Name`, expected `,` or `FROM`"),
        ("SELECT Id.  FROM A", 7, "`Id.` is no path"),
        ("SELECT a..b FROM A", 7, "`a..b` is no path"),
        ("SELECT _a FROM A", 7, "is no path"),
        ("SELECT Account . Name FROM A", 15, "found `.`, expected `,` or `FROM`"),
        ("SELECT * FROM A", 7, "found `*`, expected a field"),
        ("SELECT \"Id\" FROM A", 7, "put text in straight single quotes"),
        ("SELECT Größe FROM A", 9, "`ö` has no meaning"),
        ("SELECT Id FROM A\0", 16, "`\\0` has no meaning"),
        ("SELECT Id FROM A WHERE a = 'x", 27, "the text that starts here is never closed"),
        ("SELECT Id FROM A WHERE a = 'x\\'", 27, "is never closed"),
        ("SELECT Id FROM A /* x", 17, "the comment that starts here"),
        (
            "SELECT LENGTH(Id) FROM A",
            7,
            "`LENGTH` is no function that can be read; the functions are aggregate",
        ),
        ("SELECT Id FROM A WHERE FORMULA('SSN__c') = 'x'", 23, "is no function"),
        ("SELECT Id FROM A WHERE FIELDS(ALL) = 1", 23, "is no function"),
        ("SELECT FORMAT(FIELDS(ALL)) FROM A", 14, "is no function"),
        ("SELECT FIELDS(SOME) FROM A", 14, "expected `ALL`, `STANDARD` or `CUSTOM`"),
        ("SELECT SUM() FROM A", 11, "expected a field or a function"),
        ("SELECT SUM(a, b) FROM A", 12, "found `,`, expected `)`"),
        ("SELECT SUM(a FROM A", 13, "found `FROM`, expected `)`"),
        ("SELECT SUM(a", 10, "`(` is never closed"),
        ("SELECT DISTANCE(a, b) FROM A", 20, "expected `,`"),
        ("SELECT DISTANCE(SUM(a), b, 'mi') FROM A", 16, "expected a field or `GEOLOCATION(…)`"),
        ("SELECT TYPEOF What THEN a END FROM A", 19, "expected `WHEN`"),
        ("SELECT TYPEOF What WHEN B THEN a FROM A", 33, "expected `,`, `WHEN`, `ELSE` or `END`"),
        ("SELECT (SELECT Id FROM B", 7, "`(` is never closed"),
        ("SELECT (Id) FROM A", 8, "found `Id`, expected `SELECT`"),
        (
            "SELECT (SELECT Id FROM X.Contacts) FROM Account a",
            23,
            "`X` is neither the query's object nor an alias",
        ),
        ("SELECT (SELECT Id FROM a.b.c) FROM Account a", 23, "expected the name of one object"),
        ("SELECT Id FROM a.b", 15, "expected the name of one object"),
        ("SELECT Id FROM A, B", 18, "`B` is neither"),
        ("SELECT Id FROM A ASC", 17, "found `ASC`, expected another clause"),
        ("SELECT Id FROM A a b", 19, "found `b`, expected another clause or the end of the query"),
        ("SELECT Id FROM A WHERE", 22, "expected a field, a function, `NOT` or `(`"),
        ("SELECT Id FROM A WHERE a", 24, "the query ends here, expected `=`"),
        ("SELECT Id FROM A WHERE a == 1", 26, "found `=`, expected a value"),
        ("SELECT Id FROM A WHERE a = b__c", 27, "`b__c` is no value; compare with"),
        ("SELECT Id FROM A WHERE a = LAST_N_DAYS", 38, "expected `:` and a number"),
        ("SELECT Id FROM A WHERE a = LAST_N_DAYS:x", 39, "expected a whole number"),
        ("SELECT Id FROM A WHERE a IN 'x'", 28, "expected `(` or a variable"),
        ("SELECT Id FROM A WHERE a IN ()", 29, "expected a value"),
        ("SELECT Id FROM A WHERE a = (SELECT Id FROM B)", 27, "found `(`, expected a value"),
        ("SELECT Id FROM A WHERE a NOT LIKE 'x'", 29, "expected `IN`"),
        ("SELECT Id FROM A WHERE (a = 1", 23, "`(` is never closed"),
        ("SELECT Id FROM A WHERE (a = 1 b = 2)", 30, "expected `AND`, `OR` or `)`"),
        ("SELECT Id FROM A WHERE a = 1)", 28, "found `)`, expected another clause"),
        ("SELECT Id FROM A WHERE a = 1 b = 2", 29, "expected another clause"),
        ("SELECT Id FROM A WHERE a = :", 28, "expected a variable"),
        ("SELECT Id FROM A WHERE a = :x + 1", 30, "found `+`, expected another clause"),
        ("SELECT Id FROM A WHERE a = :f([)", 31, "found `)`, expected the bracket"),
        ("SELECT Id FROM A WHERE a = :f('x'", 29, "`(` is never closed"),
        ("SELECT Id FROM A ORDER Name", 23, "expected `BY`"),
        ("SELECT Id FROM A ORDER BY a NULLS", 33, "expected `FIRST` or `LAST`"),
        ("SELECT Id FROM A ORDER BY a WHERE b = 1", 28, "found `WHERE`, expected another clause"),
        ("SELECT Id FROM A LIMIT ten", 23, "found `ten`, expected a whole number or a variable"),
        ("SELECT Id FROM A LIMIT 1.5", 23, "expected a whole number"),
        ("SELECT Id FROM A FOR SALE", 21, "expected `VIEW`, `REFERENCE` or `UPDATE`"),
        ("SELECT Id FROM A WITH DATA CATEGORY g NEAR x", 38, "expected `AT`, `ABOVE`"),
        ("SELECT Id FROM A;", 16, "found `;`, expected another clause"),
        ("[SELECT Id FROM A]", 0, "found `[`, expected `SELECT`"),
        ("FIND {x} IN ALL FIELDS", 0, "expected `SELECT`"),
        ("UPDATE A SET b = 1", 0, "expected `SELECT`"),
    ];
    for (text, at, message) in table {
        let error = refused(text);
        assert!(error.to_string().contains(message), "{text:?}: {error}");
        assert_eq!(error.at(), *at, "{text:?}: {error}");
    }
}

#[test]
fn values_have_one_of_few_shapes() {
    let right = "'x' 0 -1 +1.5 .5 -.5 1. 1e3 1E-3 2026-06-30 10:00:00 10:00:00.5Z 2026-06-30T10:00:00Z \
        2026-06-30T10:00:00.000+01:00 2026-06-30T10:00:00-0100 null TRUE false USD5 eur1.50 today NEXT_N_DAYS:7 :x :x.y";
    for value in right.split_whitespace() {
        assert_eq!(reads(&format!("SELECT Id FROM A WHERE a = {value}")), "A: s/Id w/a", "{value}");
    }
    let wrong = "x a.b 1.x 1x 1e 1e+ 1.2.3 1-2 2026-6-30 2026-06-3 2026-06 20260-06-30 2026-06-30T 2026-06-30T10:00Z \
        2026-06-30T10:00:00+1 2026-06-30T10:00:00+01:0x 10:00 10:00:00. 10:00:00.Z 10:00:00:00 10:00:00ZZ 10:0:00 \
        US5 USD USDX USD5.x USD5. __c5 LAST_N_DAY LAST_DAYS N_DAYS N_DAYS_AGO_ THIS_DAY LAST_N_EONS";
    for value in wrong.split_whitespace() {
        let error = refused(&format!("SELECT Id FROM A WHERE a = {value}"));
        assert!(error.to_string().starts_with(&format!("`{value}` is no value; ")), "{error}");
    }
}

#[test]
fn offsets_count_bytes() {
    //          0123456789 12 (ø: 2)   22      30
    let text = "SELECT /*ø*/ a.Owner.Email, b FROM A a WHERE c__c = 'x'";
    let query = parse_soql(text).unwrap();
    let spans: Vec<_> = query.fields.iter().map(|f| (f.start, f.end)).collect();
    assert_eq!(spans, [(14, 27), (29, 30), (46, 50)]);
    assert_eq!(&text[14..27], "a.Owner.Email");
    assert_eq!((query.object.start, query.object.end), (36, 37));
    assert_eq!((query.start, query.end as usize), (0, text.len()));
}

#[test]
fn queries_of_a_file_stand_apart() {
    let told_all = |text: &str| {
        parse_queries(text).map(|all| all.iter().map(told).collect::<Vec<_>>()).map_err(|e| e.to_string())
    };
    let two = vec!["A: s/Id".to_owned(), "B: s/Name".to_owned()];
    for text in [
        "SELECT Id FROM A; SELECT Name FROM B",
        "SELECT Id FROM A\n\nSELECT Name FROM B\n",
        "SELECT Id\n\nFROM A\r\n \t\r\nSELECT Name\n\n\nFROM B;",
        ";;\n// one\nSELECT Id FROM A;\n// two\nSELECT Name FROM B;;",
        "SELECT Id FROM A\n\n// two\nSELECT Name FROM B",
    ] {
        assert_eq!(told_all(text), Ok(two.clone()), "{text:?}");
    }
    let error = told_all("SELECT Id FROM A\nSELECT Name FROM B").unwrap_err();
    assert_eq!(
        error,
        "found `SELECT`, expected another clause, or `;` or an empty line before the next query"
    );
    assert!(told_all("SELECT Id FROM A\n\nname").unwrap().contains(&"A: s/Id".to_owned()), "an alias");
    assert!(told_all("SELECT Id FROM A; x").unwrap_err().contains("found `x`, expected `SELECT`"));
    assert!(told_all(" ;; // none").unwrap_err().starts_with("there is no query"));
    let second = &parse_queries("SELECT Id FROM A;\nSELECT Name FROM B").unwrap()[1];
    assert_eq!((second.start, second.fields[0].start), (18, 25));
}
