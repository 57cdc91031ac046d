import Engine
import Store
import Testing
import TimeSource

/// What a queue must do, said as simply as possible.
private struct QueueModel {
    struct Message {
        let body: String
        let group: String
        let sentAt: Timestamp
        var visibleAt: Timestamp
        var receives = 0
        var handle: String?
    }

    let isFIFO: Bool
    /// In the order of sending.
    var messages: [Message] = []

    func visible(_ now: Timestamp) -> [Message] { messages.filter { $0.visibleAt <= now } }

    /// What a receive gets: of a FIFO queue exactly these, of another one as many.
    func next(_ count: Int, _ now: Timestamp) -> [String] {
        guard isFIFO else { return Array(visible(now).map(\.body).prefix(count)) }
        let blocked = Set(messages.filter { $0.visibleAt > now && $0.receives > 0 }.map(\.group))
        var taken: [String] = []
        var seen: Set<String> = []
        for head in messages where !blocked.contains(head.group) && seen.insert(head.group).inserted {
            for message in messages where message.group == head.group {
                guard message.visibleAt <= now, taken.count < count else { break }
                taken.append(message.body)
            }
        }
        return taken
    }

    /// Whether a receive may get these when not everything is in memory: something, in the order of the groups.
    func allows(_ bodies: [String], _ count: Int, _ now: Timestamp) -> Bool {
        guard bodies.isEmpty == next(count, now).isEmpty, bodies.count <= count else { return false }
        guard isFIFO else { return Set(bodies).isSubset(of: visible(now).map(\.body)) }
        let all = next(.max, now)
        let taken = messages.filter { bodies.contains($0.body) }
        return Set(taken.map(\.group)).allSatisfy { group in
            let mine = messages.filter { $0.group == group && all.contains($0.body) }.map(\.body)
            return mine.starts(with: bodies.filter(mine.contains))
        } && Set(bodies).isSubset(of: all)
    }

    mutating func change(_ body: String, _ change: (inout Message) -> Void) {
        guard let index = messages.firstIndex(where: { $0.body == body }) else { return }
        change(&messages[index])
    }

    func counts(_ now: Timestamp) -> [Int] {
        [
            visible(now).count, messages.count { $0.visibleAt > now && $0.receives > 0 },
            messages.count { $0.visibleAt > now && $0.receives == 0 },
        ]
    }
}

@Suite("Queues against a model")
struct QueueModelTests {
    /// A window so small that everything about windows happens.
    private static func limits(_ isSmall: Bool) -> QueueEngine.Limits {
        var limits = QueueEngine.Limits()
        guard isSmall else { return limits }
        limits.queue.ready = 6
        limits.queue.low = 3
        limits.queue.page = 4
        limits.queue.delayed = 3
        limits.bytes = 2_000
        limits.prune = 2
        return limits
    }

    @Test(
        "Whatever is done in whatever order, over restarts: what comes, its order and its counts are the model's",
        arguments: 0..<12 as Range<UInt64>)
    func random(seed: UInt64) async throws {
        let story = try QueueStory()
        let random = SeededRandomSource(seed: seed)
        let isFIFO = seed % 2 == 0
        let isSmall = seed % 3 != 0
        var model = QueueModel(isFIFO: isFIFO)
        var sent = 0
        for _ in 0..<5 {
            (model, sent) = try await story.life(limits: QueueModelTests.limits(isSmall)) { [model, sent] life in
                var model = model
                var sent = sent
                let queue = try await life.queue(isFIFO ? "q.fifo" : "q") { $0.visibilityTimeout = .seconds(20) }
                for step in 0..<60 {
                    let now = life.clock.now
                    switch random.number(below: 11) {
                    case 0...3:
                        let delay: Duration? = isFIFO || random.number(below: 3) > 0 ? nil : .seconds(Int64(random.number(below: 40)))
                        let group = "g\(random.number(below: 4))"
                        let bodies = (0...random.number(below: 6)).map { _ in
                            sent += 1
                            return "m\(sent)"
                        }
                        try await life.send(bodies, to: queue, delay: delay, group: group)
                        for body in bodies {
                            model.messages.append(
                                QueueModel.Message(body: body, group: group, sentAt: now, visibleAt: delay.map { now + $0 } ?? now))
                        }
                    case 4...6:
                        let count = Int(random.number(below: 10)) + 1
                        let timeout: Duration? = random.number(below: 4) == 0 ? .seconds(Int64(random.number(below: 60))) : nil
                        let expected = model.next(count, now)
                        let got = try await life.receive(count, from: queue, timeout: timeout)
                        if isSmall {
                            #expect(model.allows(got.map(\.body), count, now), "seed \(seed), step \(step)")
                        } else if isFIFO {
                            #expect(got.map(\.body) == expected, "seed \(seed), step \(step)")
                        } else {
                            #expect(got.count == expected.count, "seed \(seed), step \(step)")
                            #expect(Set(got.map(\.body)).isSubset(of: Set(model.visible(now).map(\.body))))
                        }
                        for message in got {
                            model.change(message.body) {
                                $0.receives += 1
                                $0.visibleAt = now + (timeout ?? .seconds(20))
                                $0.handle = message.receiptHandle
                                #expect($0.receives == message.receiveCount, "seed \(seed), step \(step)")
                            }
                        }
                    case 7, 8:
                        let held = model.messages.filter { $0.visibleAt > now && $0.handle != nil }
                        let some = held.filter { _ in random.number(below: 2) == 0 }
                        guard !some.isEmpty else { break }
                        let errors = try await life.engine.delete(some.compactMap(\.handle), from: queue)
                        #expect(errors.allSatisfy { $0 == nil }, "seed \(seed), step \(step)")
                        model.messages.removeAll { message in some.contains { $0.body == message.body } }
                    case 9:
                        guard let message = model.messages.first(where: { $0.visibleAt > now && $0.handle != nil }),
                            let handle = message.handle
                        else { break }
                        let timeout = Duration.seconds(Int64(random.number(below: 3)) * 30)
                        let change = QueueEngine.VisibilityChange(receiptHandle: handle, timeout: timeout)
                        #expect(try await life.engine.changeVisibility([change], in: queue) == [nil])
                        model.change(message.body) { $0.visibleAt = now + timeout }
                    default:
                        life.clock.advance(by: .seconds(Int64(random.number(below: 25))))
                    }
                    let counts = try await life.counts(queue)
                    #expect(counts == model.counts(life.clock.now), "seed \(seed), step \(step)")
                    if counts != model.counts(life.clock.now) { return (model, sent) }
                }
                return (model, sent)
            }
        }
        story.source.advance(by: .seconds(1_000))
        try await story.life { [model] life in
            let bodies = try await life.drain(QueueName(account: QueueLife.account, name: isFIFO ? "q.fifo" : "q"))
            #expect(bodies.sorted() == model.messages.map(\.body).sorted())
            #expect(try await life.rows("queue_message") == 0)
            #expect(try await life.rows("queue_inflight") == 0)
        }
    }
}
