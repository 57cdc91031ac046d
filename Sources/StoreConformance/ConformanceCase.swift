package import Store

/// One promise of the store, put to the test on an empty database of the driver under test.
///
/// The cases know no driver and no test framework: a driver's tests run `ConformanceCase.all`, each on data of its own. A case that
/// fails throws `ConformanceFailure`.
package struct ConformanceCase: Sendable, CustomStringConvertible {
    /// What must be true, as a sentence.
    package let description: String
    private let body: @Sendable (ConformanceSubject) async throws -> Void

    init(_ description: String, _ body: @escaping @Sendable (ConformanceSubject) async throws -> Void) {
        self.description = description
        self.body = body
    }

    /// Runs the case.
    package func run(on subject: ConformanceSubject) async throws {
        try await body(subject)
    }

    /// Every case.
    package static let all: [ConformanceCase] =
        batches + groups + values + reads + fences + migrations + stateMachines + versions + executions + histories + timers + outbox + redrives + mapRuns + taskJobs + activities + nodes + resourceGroups + commands + documents + queues + buses + archives + eventSources + objects + pruning + expressStarts
}

/// The database under test: opened as often as a case asks, always over the same data, which is empty at first.
package struct ConformanceSubject: Sendable {
    /// Opens the database; a case that opens it again closes it before.
    package let open: @Sendable () async throws -> any Database

    /// A subject that is opened this way.
    package init(open: @escaping @Sendable () async throws -> any Database) {
        self.open = open
    }
}

/// A promise that was not kept.
package struct ConformanceFailure: Error, CustomStringConvertible {
    /// What was expected, and what was there.
    package let description: String
}

/// Fails unless both are equal.
func expect<Value: Equatable>(
    _ actual: Value, _ expected: Value, _ what: @autoclosure () -> String = "value", line: Int = #line, file: String = #fileID
) throws(ConformanceFailure) {
    guard actual != expected else { return }
    throw ConformanceFailure(description: "\(file):\(line): \(what()) is \(actual), expected \(expected)")
}

/// Fails unless the condition holds.
func require(
    _ condition: Bool, _ what: @autoclosure () -> String, line: Int = #line, file: String = #fileID
) throws(ConformanceFailure) {
    guard !condition else { return }
    throw ConformanceFailure(description: "\(file):\(line): \(what())")
}

/// Fails unless the value is there.
func unwrap<Value>(
    _ value: Value?, _ what: @autoclosure () -> String = "value", line: Int = #line, file: String = #fileID
) throws(ConformanceFailure) -> Value {
    guard let value else { throw ConformanceFailure(description: "\(file):\(line): \(what()) is missing") }
    return value
}

extension Database {
    /// Applies a batch that must fail in this way, without a trace.
    func refuse(
        _ batch: [Statement], with code: StoreError.Code, line: Int = #line, file: String = #fileID
    ) async throws {
        do throws(StoreError) {
            try await apply(batch)
        } catch {
            try expect(error.code, code, "code of \(error)", line: line, file: file)
            try expect(error.outcome, .notApplied, "outcome of \(error)", line: line, file: file)
            return
        }
        throw ConformanceFailure(description: "\(file):\(line): the batch was applied, expected \(code)")
    }
}
