//! What a deployment leaves of a profile: "Profile metadata deployment is designed to overlay the existing settings"
//! (*Metadata API Developer Guide*, Profile). Only an explicit `false` revokes.

use super::granted::{FieldPermission, Permissions};
use super::object_permission::ObjectPermission;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

impl Permissions {
    /// What of these permissions the org keeps where `others` are deployed over them, all together.
    pub fn kept_beside(&self, others: &[Arc<Permissions>]) -> Permissions {
        let all = || others.iter();
        // Leaving `readable` out says nothing.
        let says = |entry: &&FieldPermission| entry.readable().is_some() || entry.access().is_some();
        let fields: HashSet<_> =
            all().flat_map(|other| &other.fields).filter(says).map(|entry| &entry.field).collect();
        let users: HashSet<String> =
            all().flat_map(|other| &other.users).map(|user| user.name.value.to_ascii_lowercase()).collect();
        let types: HashSet<String> = all()
            .flat_map(|other| &other.types)
            .map(|access| access.name.value.to_ascii_lowercase())
            .collect();
        let mut objects: HashMap<String, Vec<&ObjectPermission>> = HashMap::new();
        for object in all().flat_map(|other| &other.objects) {
            objects.entry(object.object.value.to_ascii_lowercase()).or_default().push(object);
        }
        let object = |own: &ObjectPermission| {
            let said = objects.get(&own.object.value.to_ascii_lowercase());
            said.map_or_else(|| own.clone(), |said| own.kept_beside(said))
        };
        Permissions {
            fields: self.fields.iter().filter(|entry| !fields.contains(&entry.field)).cloned().collect(),
            objects: self.objects.iter().map(object).filter(ObjectPermission::says_yes).collect(),
            users: self
                .users
                .iter()
                .filter(|u| !users.contains(&u.name.value.to_ascii_lowercase()))
                .cloned()
                .collect(),
            types: self
                .types
                .iter()
                .filter(|access| !types.contains(&access.name.value.to_ascii_lowercase()))
                .cloned()
                .collect(),
            // No element of profiles.
            activation: None,
            slips: Vec::new(),
            license: self.license.clone().filter(|_| all().all(|other| other.license.is_none())),
        }
    }
}

impl ObjectPermission {
    /// Whether the entry gives anything.
    fn says_yes(&self) -> bool {
        let given = [
            self.read,
            self.edit,
            self.create,
            self.view_all_fields,
            self.view_all_records,
            self.modify_all_records,
        ];
        given.iter().any(Option::is_some)
    }

    /// What of this entry is kept beside others of the same object.
    fn kept_beside(&self, others: &[&ObjectPermission]) -> ObjectPermission {
        let refused = |says: fn(&ObjectPermission) -> bool| others.iter().any(|other| says(other));
        let no_read = refused(|other| other.refuses_read);
        let no_edit = no_read || refused(|other| other.refuses_edit);
        let no_create = no_read || refused(|other| other.refuses_create);
        let no_fields = no_read || refused(|other| other.refuses_view_all_fields);
        ObjectPermission {
            read: self.read.filter(|_| !no_read),
            edit: self.edit.filter(|_| !no_edit),
            allow_read: self.allow_read.filter(|_| !no_read),
            allow_edit: self.allow_edit.filter(|_| !no_edit),
            create: self.create.filter(|_| !no_create),
            view_all_fields: self.view_all_fields.filter(|_| !no_fields),
            // An entry for the object says what records it opens.
            view_all_records: None,
            modify_all_records: None,
            ..self.clone()
        }
    }
}
