import JSONCore
import Synchronization
import TimeSource

/// What a worker writes: a line for each message's outcome, and what the commands write, each line whole.
final class WorkerOutput: Sendable {
    private let terminal: Terminal
    private let isJSON: Bool
    private let clock: any ClockSource
    /// Held while a line is written, so that the lines of different commands do not run into each other.
    private let turn = Mutex(())

    /// Output to these streams.
    init(_ terminal: Terminal, isJSON: Bool, clock: any ClockSource) {
        self.terminal = terminal
        self.isJSON = isJSON
        self.clock = clock
    }

    /// Tells what happened.
    func tell(_ report: WorkerReport) {
        turn.withLock { _ in
            if case .outcome(let outcome) = report {
                terminal.line(
                    isJSON
                        ? JSONWriter.text(of: outcome.document(at: clock.now))
                        : "\(stamp) \(outcome.line(terminal.style))")
            } else if let remark = report.remark {
                terminal.remark("\(stamp) \(remark)")
            }
        }
    }

    /// Shows a line of a command, behind the end of its message's id: its beginning is the time, and alike for neighbours. With JSON on
    /// standard output all of it goes to standard error.
    func show(_ line: [UInt8], of message: QueueMessage, isError: Bool) {
        let text = "\(terminal.style.paint(String(message.id.suffix(8)), .faint)) | \(String(decoding: line, as: UTF8.self))"
        turn.withLock { _ in
            if isError || isJSON { terminal.remark(text) } else { terminal.line(text) }
        }
    }

    private var stamp: String { terminal.style.paint(LocalTime.system.dateAndTime(clock.now), .faint) }
}
