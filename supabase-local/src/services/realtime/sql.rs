//! Text that becomes part of SQL.

/// A string literal, whatever `standard_conforming_strings` says.
pub(super) fn literal(text: &str) -> String {
    let text = text.replace('\0', "");
    if text.contains('\\') {
        format!(" E'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
    } else {
        format!("'{}'", text.replace('\'', "''"))
    }
}

/// A quoted name.
pub(super) fn name(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\"").replace('\0', ""))
}
