import Store
import TimeSource

/// What a receive comes to.
enum ReceiveOutcome: Sendable {
    /// These, durably taken.
    case messages([TakenMessage])
    /// Nothing came in time.
    case none
    /// The receive failed.
    case failure(QueueError)
}

/// Somebody who asks for messages, and perhaps waits.
struct Consumer: Sendable {
    /// Who came later has a larger one.
    let number: Int
    /// How many messages it takes at most.
    let maxMessages: Int
    /// Nil as the queue says.
    let visibilityTimeout: Duration?
    /// FIFO: under what it may ask again.
    let attemptID: String?
    /// Waits until then, in engine time.
    let deadline: Timestamp
    /// Goes on with the outcome.
    let continuation: CheckedContinuation<ReceiveOutcome, Never>
}

/// The consumers that wait at a queue, in the order of arrival. No timer for each: the engine sleeps until the first is late.
struct ConsumerLine {
    private struct Deadline: Comparable {
        let at: Timestamp
        let number: Int

        static func < (left: Deadline, right: Deadline) -> Bool {
            left.at == right.at ? left.number < right.number : left.at < right.at
        }
    }

    private var waiting: [Int: Consumer] = [:]
    /// Those who have gone are skipped.
    private var order = SlidingArray<Int>()
    private var deadlines = BinaryHeap<Deadline>()

    /// How many wait.
    var count: Int { waiting.count }

    /// True when nobody waits.
    var isEmpty: Bool { waiting.isEmpty }

    /// Adds one at the end.
    mutating func append(_ consumer: Consumer) {
        waiting[consumer.number] = consumer
        order.append(consumer.number)
        deadlines.insert(Deadline(at: consumer.deadline, number: consumer.number))
        tidy()
    }

    /// Who is next.
    mutating func first() -> Consumer? {
        while let number = order.first {
            if let consumer = waiting[number] { return consumer }
            _ = order.popFirst()
        }
        return nil
    }

    /// Lets one go, whether served or not.
    mutating func remove(_ number: Int) -> Consumer? {
        waiting.removeValue(forKey: number)
    }

    /// When the first is late; nil when nobody waits.
    mutating func firstDeadline() -> Timestamp? {
        while let first = deadlines.first {
            if waiting[first.number] != nil { return first.at }
            deadlines.popFirst()
        }
        return nil
    }

    /// Lets one go who is late.
    mutating func popLate(at now: Timestamp) -> Consumer? {
        guard let at = firstDeadline(), at <= now, let late = deadlines.popFirst() else { return nil }
        return waiting.removeValue(forKey: late.number)
    }

    /// Lets all go.
    mutating func removeAll() -> [Consumer] {
        defer { self = ConsumerLine() }
        return waiting.values.sorted { $0.number < $1.number }
    }

    /// Forgets those who have gone, once they are the most.
    private mutating func tidy() {
        let limit = 2 * waiting.count + 64
        if order.count > limit { order.keep { waiting[$0] != nil } }
        if deadlines.count > limit { deadlines.removeAll { waiting[$0.number] == nil } }
    }
}
