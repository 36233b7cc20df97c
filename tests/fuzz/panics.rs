//! Panics that the code under test catches.

/// Keeps a panic that is caught from ending the program, as the fuzzer's own hook would: tantivy panics at some damage, and
/// the store turns that into an error. A panic that nobody catches ends the program without the hook too.
pub(crate) fn may_be_caught() {
    let _ = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
}
