//! The thin binary: arguments in, exit status out.

use std::io::{self, BufWriter};
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut out = BufWriter::new(io::stdout().lock());
    // Not locked: threads that read tell there how far they are, and would wait for the lock for ever.
    let mut err = io::stderr();
    ExitCode::from(flsgate::cli::main(std::env::args_os(), &mut out, &mut err))
}
