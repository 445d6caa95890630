//! Variables by name, as a process gets them.

use std::collections::BTreeMap;

/// Variables by name.
pub type Variables = BTreeMap<String, String>;
