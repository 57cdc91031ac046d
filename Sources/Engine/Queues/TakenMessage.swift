import Store
import TimeSource

/// A message that a consumer gets, once the batch is durable.
struct TakenMessage: Sendable {
    /// Its place.
    let sequence: Int64
    /// Random, of this receive.
    let nonce: Int64
    /// How often it was received, this time included.
    let receives: Int
    /// By the wall clock.
    let firstReceivedAt: Timestamp
    /// What the sender made; nil when it has to be read.
    let content: MessageContent?

    /// The row that makes the receive durable.
    func row(visibleAt: Timestamp) -> InFlightRow {
        InFlightRow(sequence: sequence, visibleAt: visibleAt, receives: receives, nonce: nonce, firstReceivedAt: firstReceivedAt)
    }
}
