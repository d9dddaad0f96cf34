//! Small orgs at random, the same everywhere.

use std::collections::BTreeMap;

pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// A generator that gives the same numbers everywhere.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }

    pub(crate) fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    pub(crate) fn pick<T: Copy>(&mut self, all: &[T]) -> T {
        all[usize::try_from(self.below(all.len() as u64)).unwrap()]
    }
}

const OBJECTS: [&str; 2] = ["Contact", "Claim__c"];
const FIELDS: [&str; 4] = ["A__c", "B__c", "C__c", "D__c"];
const SETS: [&str; 3] = ["One", "Two", "Three"];

pub(crate) fn file(root: &str, body: &str) -> Vec<u8> {
    format!("<{root} xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n{body}</{root}>\n").into()
}

fn entries(random: &mut Random, percent: u64) -> String {
    let mut body = String::new();
    for object in OBJECTS {
        for field in FIELDS {
            if random.chance(percent) {
                let (read, edit) = (random.chance(80), random.chance(40));
                body.push_str(&format!(
                    "<fieldPermissions><editable>{edit}</editable><field>{object}.{field}</field><readable>{read}</readable></fieldPermissions>\n"
                ));
            }
        }
        if random.chance(25) {
            let (all, read, edit) = (random.chance(50), random.chance(70), random.chance(30));
            body.push_str(&format!(
                "<objectPermissions><allowEdit>{edit}</allowEdit><allowRead>{read}</allowRead><object>{object}</object><viewAllFields>{all}</viewAllFields></objectPermissions>\n"
            ));
        }
    }
    if random.chance(10) {
        let name = random.pick(&["ViewAllFieldsGlobal", "EditReadonlyFields", "ViewEncryptedData"]);
        body.push_str(&format!(
            "<userPermissions><enabled>true</enabled><name>{name}</name></userPermissions>\n"
        ));
    }
    body
}

fn field(random: &mut Random) -> Vec<u8> {
    let mut body = String::new();
    if random.chance(15) {
        let read = random.pick(&FIELDS);
        body.push_str(&format!("<formula>LEFT({read}, 2)</formula>\n"));
    }
    if random.chance(15) {
        body.push_str("<required>true</required>\n");
    }
    if random.chance(70) {
        let label = random.pick(&["Public", "Internal", "Confidential", "Restricted", "Odd"]);
        body.push_str(&format!("<securityClassification>{label}</securityClassification>\n"));
    }
    body.push_str(if random.chance(10) { "<type>EncryptedText</type>\n" } else { "<type>Text</type>\n" });
    file("CustomField", &body)
}

/// One file of the org, by number; `None` where it is not there.
pub(crate) fn one(random: &mut Random, number: u64) -> (String, Option<Vec<u8>>) {
    let there = random.chance(75);
    let (path, bytes) = match number {
        0..8 => {
            let (object, name) = (OBJECTS[number as usize / 4], FIELDS[number as usize % 4]);
            (format!("objects/{object}/fields/{name}.field-meta.xml"), field(random))
        }
        8..11 => {
            let name = SETS[number as usize - 8];
            let license = if random.chance(10) { "<license>Customer Community</license>\n" } else { "" };
            let body = entries(random, 40) + license;
            (format!("permissionsets/{name}.permissionset-meta.xml"), file("PermissionSet", &body))
        }
        11 => ("profiles/P.profile-meta.xml".to_owned(), file("Profile", &entries(random, 30))),
        12 => {
            let body = entries(random, 40);
            ("muting/M.mutingpermissionset-meta.xml".to_owned(), file("MutingPermissionSet", &body))
        }
        13 => {
            let mut body = String::new();
            for set in SETS {
                if random.chance(50) {
                    body.push_str(&format!("<permissionSets>{set}</permissionSets>\n"));
                }
            }
            if random.chance(60) {
                body.push_str("<mutingPermissionSets>M</mutingPermissionSets>\n");
            }
            ("groups/G.permissionsetgroup-meta.xml".to_owned(), file("PermissionSetGroup", &body))
        }
        // A second definition of a permission set.
        14 => {
            let bytes = file("PermissionSet", &entries(random, 40));
            ("addon/permissionsets/One.permissionset-meta.xml".to_owned(), bytes)
        }
        _ => {
            let what = random.pick(&[("MutingPermissionSet", "M"), ("CustomField", "Contact.A__c")]);
            let body = format!("<types><members>{}</members><name>{}</name></types>\n", what.1, what.0);
            ("destructiveChanges.xml".to_owned(), file("Package", &body))
        }
    };
    (path, there.then_some(bytes))
}

pub(crate) fn org(random: &mut Random) -> Files {
    let mut files = Files::from([("README.md".to_owned(), b"x".to_vec())]);
    for number in 0..16 {
        let (path, bytes) = one(random, number);
        files.extend(bytes.filter(|_| number < 14 || random.chance(20)).map(|b| (path, b)));
    }
    files
}
