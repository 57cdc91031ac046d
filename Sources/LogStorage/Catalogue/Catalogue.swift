import Synchronization

/// The store's index in memory. The writer's thread alone changes it (subscriptions of live tails apart); everybody reads it.
final class Catalogue: Sendable {
    /// What the lock guards.
    struct Contents: Sendable {
        var groups: [Int: GroupState] = [:]
        var numbers: [LogGroupName: Int] = [:]
        var nextGroupNumber = 1
        var nextTailNumber = 1

        /// The state of a group.
        func group(_ name: LogGroupName) throws(LogStoreError) -> GroupState {
            guard let number = numbers[name], let group = groups[number] else {
                throw LogStoreError(.groupNotFound, "log group \(name) does not exist")
            }
            return group
        }

        /// The numbers of a stream and its group.
        func locate(_ stream: String, in group: LogGroupName) throws(LogStoreError) -> (group: Int, stream: Int) {
            guard let groupNumber = numbers[group] else {
                throw LogStoreError(.groupNotFound, "log group \(group) does not exist")
            }
            guard let number = groups[groupNumber]?.streamNumbers[ExactText(stream)] else {
                throw LogStoreError(.streamNotFound, "log stream \(stream) does not exist in log group \(group)")
            }
            return (groupNumber, number)
        }
    }

    private let contents: Mutex<Contents>

    /// A catalogue of what recovery found.
    init(_ contents: sending Contents) {
        self.contents = Mutex(contents)
    }

    /// Looks at the contents or changes them; `body` must be short.
    func access<Value: Sendable>(_ body: (inout Contents) throws(LogStoreError) -> Value) throws(LogStoreError) -> Value {
        let result: Result<Value, LogStoreError> = contents.withLock { contents in
            do throws(LogStoreError) {
                return .success(try body(&contents))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    /// As `access`, for what cannot fail.
    func update<Value: Sendable>(_ body: (inout Contents) -> Value) -> Value {
        contents.withLock { body(&$0) }
    }
}
