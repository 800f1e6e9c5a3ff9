//! The context in which credential providers read files, the environment, HTTP and processes.
