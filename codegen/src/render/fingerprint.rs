//! `SCHEMA`: what the code was generated from, small enough to be compared with a server at run time.
//!
//! What is hashed is what `supabase-core` finds in the server's own description again (`schema/fingerprint.rs` there):
//! of every column its name, its type without modifiers and below domains, and, of tables, whether it may be NULL.

use super::doc;
use super::text::{Quoted, Text};
use crate::model::ty::without_modifier;
use crate::name::{Named, NamedTable};

/// The constant at the root.
pub(super) fn item(text: &mut Text, named: &Named) {
    let library = &named.crate_path;
    let tables: Vec<(String, &NamedTable)> = named
        .schemas
        .iter()
        .flat_map(|schema| {
            let folder = if named.has_folders() { format!("{}::", schema.module.name.rust) } else { String::new() };
            schema.tables.iter().map(move |table| (format!("self::{folder}{}::Table", table.module.name.rust), table))
        })
        .collect();
    let hashes: Vec<u64> = tables.iter().map(|(_, table)| of(table)).collect();
    let mut whole = Hash::new();
    hashes.iter().for_each(|hash| whole.add(&format!("{hash:016x}")));
    doc::outer(text, "What these modules were generated from, for `client.verify_schema(&SCHEMA)`.", None);
    text.open(format_args!("pub const SCHEMA: {library}::schema::SchemaInfo = {library}::schema::SchemaInfo {{"));
    text.line(format_args!("fingerprint: {},", Quoted(&format!("{:016x}", whole.0))));
    text.block("tables: &[", "],", |text| {
        for ((path, table), hash) in tables.iter().zip(&hashes) {
            let known = table.nullness_is_told;
            let spelled = spelled(table).join(", ");
            let info =
                format_args!("{library}::schema::TableInfo::of::<{path}>(0x{hash:016x}, {known}, &[{spelled}]),");
            text.line(info);
        }
    });
    text.close("};");
}

/// Columns whose type REST spells otherwise: domains.
fn spelled(table: &NamedTable) -> Vec<String> {
    let otherwise = table.columns.iter().filter(|column| column.told != without_modifier(&column.sql));
    otherwise.map(|column| format!("({}, {})", Quoted(&column.name.db), Quoted(&column.told))).collect()
}

/// The hash of one table.
fn of(table: &NamedTable) -> u64 {
    let mut columns: Vec<_> = table.columns.iter().collect();
    columns.sort_by(|left, right| left.name.db.cmp(&right.name.db));
    let mut hash = Hash::new();
    hash.add(&table.schema);
    hash.add(&table.name);
    for column in columns {
        hash.add(&column.name.db);
        hash.add(&column.told);
        hash.add(if table.nullness_is_told && column.told_not_null { "not null" } else { "" });
    }
    hash.0
}

/// FNV-1a with 64 bits: the same in every version of Rust, and nobody is to be kept from finding another schema with
/// the same one.
struct Hash(u64);

impl Hash {
    fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    fn add(&mut self, text: &str) {
        for byte in text.bytes().chain([0]) {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}
