//! The console's loop: messages in, effects out, a frame when something changed.
