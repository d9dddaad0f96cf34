//! The matrix as one page that needs no network.

use super::{Matrix, json};
use crate::report::page;
use std::io::{self, Write};

pub(super) fn write(matrix: &Matrix, out: &mut dyn Write) -> io::Result<()> {
    page::write(&page::MATRIX, &matrix.title, &json::text(matrix)?, out)
}
