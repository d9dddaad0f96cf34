//! The matrix as one page that needs no network.

use super::{Matrix, tables};
use crate::report::page;
use std::io::{self, Write};

pub(super) fn write(matrix: &Matrix, out: &mut dyn Write) -> io::Result<()> {
    page::write(&page::MATRIX, &matrix.title, &tables::text(matrix)?, out)
}
