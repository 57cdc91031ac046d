import Foundation

/// Standard input and output of the fleet: orders come as lines, each answer is a line of JSON.
final class FleetConsole: Sendable {
    /// The orders, each as its words; ends with the input.
    let orders: AsyncStream<[String]>

    init() {
        let (stream, continuation) = AsyncStream<[String]>.makeStream()
        orders = stream
        // Reading blocks, so it has a thread of its own; it ends with the input or the process.
        Thread.detachNewThread {
            while let line = readLine() { continuation.yield(line.split(separator: " ").map(String.init)) }
            continuation.finish()
        }
    }

    /// Writes the answer to an order.
    func answer(_ figures: [(name: String, value: Double)]) {
        let fields = figures.map { figure in
            let isWhole = figure.value == figure.value.rounded() && abs(figure.value) < 1e15
            return "\"\(figure.name)\": " + (isWhole ? String(Int64(figure.value)) : String(figure.value))
        }
        FileHandle.standardOutput.write(Data("{\(fields.joined(separator: ", "))}\n".utf8))
    }
}
