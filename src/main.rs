//! The thin binary: arguments in, exit status out.

use std::io::{self, BufWriter};
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut out = BufWriter::new(io::stdout().lock());
    let mut err = io::stderr().lock();
    ExitCode::from(flsgate::cli::main(std::env::args_os(), &mut out, &mut err))
}
