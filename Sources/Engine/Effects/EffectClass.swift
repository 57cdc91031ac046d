/// What happens to an effect that may or may not have left when the server died (core rule 1).
package enum EffectClass: Sendable, Hashable {
    /// Sent again under the same key; the receiver remembers.
    case deduplicated
    /// Marked as started before it is sent, and never sent twice: after a crash its outcome is an error.
    case unrepeatable
}
