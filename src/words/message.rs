//! Pieces of messages.

/// A count with its noun.
pub fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// Why a text is no JSON, by the words of the JSON crate, without the place.
pub fn no_json(error: &str) -> &str {
    if error.starts_with("EOF while parsing") {
        return "it ends too early: a closing bracket or quote is missing";
    }
    error.split(" at line ").next().unwrap_or_default()
}

/// A number with its thousands apart: `1,240`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Hostile text for a message: the first characters are enough to find it.
pub(crate) fn shorten(text: &str) -> String {
    const MAX: usize = 60;
    match text.char_indices().nth(MAX) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}
