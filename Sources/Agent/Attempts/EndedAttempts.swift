import AgentProtocol
import Glibc
import JSONCore

/// What became of attempts that the server has closed, asked when one of them is offered again: a server that was restored from a backup
/// knows no better, and what ran must not run twice.
///
/// `ended` and `ended.former` in the data directory hold a line for each, of its outcome in the protocol's form; when the first is
/// full it takes the place of the second. A line is written before the attempt's directory goes. It is not synced: to be missed the host
/// would have to lose its power at the moment that the server is restored to.
struct EndedAttempts {
    private static let name = "ended"
    private static let formerName = "ended.former"

    private let directory: String
    /// At which size, in bytes, a file is full.
    private let limit: Int
    private var size: Int
    /// Hashes, so that a common offer costs no read; a file tells for certain.
    private var current: Set<Int>
    private var former: Set<Int>

    /// Reads what an earlier agent wrote in the data directory.
    init(directory: String, limit: Int = 2 << 20) {
        self.directory = directory
        self.limit = limit
        let lines = EndedAttempts.lines(of: "\(directory)/\(EndedAttempts.name)")
        size = lines.reduce(0) { $0 + $1.count + 1 }
        current = Set(lines.compactMap(EndedAttempts.outcome).map(\.attempt.hashValue))
        former = Set(
            EndedAttempts.lines(of: "\(directory)/\(EndedAttempts.formerName)").compactMap(EndedAttempts.outcome).map(\.attempt.hashValue))
    }

    /// How an attempt ended; nil when it has not, or so long ago that it is forgotten.
    func outcome(of attempt: AttemptID) -> AttemptOutcome? {
        for (name, known) in [(EndedAttempts.name, current), (EndedAttempts.formerName, former)] where known.contains(attempt.hashValue) {
            let outcomes = EndedAttempts.lines(of: "\(directory)/\(name)").compactMap(EndedAttempts.outcome)
            if let outcome = outcomes.last(where: { $0.attempt == attempt }) { return outcome }
        }
        return nil
    }

    /// Writes down how an attempt ended, unless that is known.
    mutating func remember(_ outcome: AttemptOutcome) throws(SystemError) {
        guard self.outcome(of: outcome.attempt) == nil else { return }
        if size >= limit {
            guard rename("\(directory)/\(EndedAttempts.name)", "\(directory)/\(EndedAttempts.formerName)") == 0 else {
                throw SystemError("rename \(directory)/\(EndedAttempts.name)")
            }
            (former, current, size) = (current, [], 0)
        }
        let line = JSONWriter.bytes(of: outcome.json) + [0x0A]
        try PosixFile.append(line, to: "\(directory)/\(EndedAttempts.name)")
        size += line.count
        current.insert(outcome.attempt.hashValue)
    }

    private static func lines(of path: String) -> [ArraySlice<UInt8>] {
        ((try? PosixFile.read(path)) ?? nil ?? []).split(separator: 0x0A)
    }

    /// nil for a line that a crash tore.
    private static func outcome(_ line: ArraySlice<UInt8>) -> AttemptOutcome? {
        (try? JSONParser.parse(Array(line))).flatMap { try? AttemptOutcome(json: $0) }
    }
}
