import HummingbirdCore
import NIOCore

/// The body of a request on its way from a connection to whoever reads it, a few pieces at a time.
///
/// The connection's event loop alone calls it; the body is read by one, wherever.
final class RequestBodyPipe {
    private typealias Producer = NIOThrowingAsyncSequenceProducer<
        ByteBuffer, any Error, NIOAsyncSequenceProducerBackPressureStrategies.HighLowWatermark, Demand
    >

    private struct Demand: NIOAsyncSequenceProducerDelegate {
        let onDemand: @Sendable () -> Void

        func produceMore() { onDemand() }
        func didTerminate() { onDemand() }
    }

    private let source: Producer.Source
    /// What is read.
    let body: RequestBody
    /// Whether enough pieces wait to be read.
    private(set) var isFull = false

    /// A body without pieces.
    /// - Parameter onDemand: called, on any thread, when pieces were read or none will be any more: for `demanded()` to be called.
    init(onDemand: @escaping @Sendable () -> Void) {
        // Pieces are what came with one read of the socket, a few kilobytes each.
        let new = Producer.makeSequence(
            elementType: ByteBuffer.self, failureType: (any Error).self,
            backPressureStrategy: NIOAsyncSequenceProducerBackPressureStrategies.HighLowWatermark(lowWatermark: 8, highWatermark: 32),
            finishOnDeinit: true, delegate: Demand(onDemand: onDemand))
        source = new.source
        body = RequestBody(asyncSequence: new.sequence)
    }

    /// Hands a piece on; it is dropped when nobody reads any more.
    func push(_ piece: ByteBuffer) {
        if source.yield(piece) == .stopProducing { isFull = true }
    }

    /// More is wanted, or nothing ever again.
    func demanded() {
        isFull = false
    }

    /// The body is whole.
    func finish() {
        source.finish()
    }

    /// The rest of the body will not come.
    func fail(_ error: any Error) {
        source.finish(error)
    }
}
