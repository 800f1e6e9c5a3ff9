//! The look at a bucket before its payer changes: what the clouds' documents say, what follows from it, and what is sent.

mod documents;
mod engine;
mod hands;
mod judged;
mod watch;
