//! placeholder

/// x
pub fn main() -> std::process::ExitCode {
    todo!()
}
