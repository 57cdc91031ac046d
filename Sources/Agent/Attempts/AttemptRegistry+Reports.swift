import AgentProtocol
import TimeSource

/// What the server is told of the attempts.
extension AttemptRegistry {
    /// Whether there is nothing to look after.
    var isAtRest: Bool { entries.isEmpty && supervisors.isEmpty }

    /// What the spool holds, for a greeting.
    func summary() -> [SessionRequest.SpooledAttempt] {
        order.compactMap { attempt in
            switch entries[attempt]?.machine.state {
            case .accepted: .init(attempt: attempt, state: .accepted)
            case .running: .init(attempt: attempt, state: .running)
            case .draining, .reporting: .init(attempt: attempt, state: .ended)
            case .waiting, .gone, nil: nil
            }
        }
    }

    /// Yields whenever there may be something to report. Ends the stream of an earlier session.
    func wakeups() -> AsyncStream<Void> {
        wakeup?.finish()
        let (stream, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        wakeup = continuation
        continuation.yield()
        return stream
    }

    /// The next report: first what changed, then output, the attempts taking turns at being first.
    func nextBatch() -> ReportBatch {
        var batch = ReportBatch()
        for attempt in order {
            guard let outbox = entries[attempt]?.outbox, !outbox.isEmpty else { continue }
            batch.report.messages += outbox
            batch.told[attempt] = outbox
        }
        turn &+= 1
        for index in order.indices {
            let attempt = order[(index + turn) % order.count]
            let room = min(ReportBatch.mostBytesOfOneAttempt, ReportBatch.mostOutputBytes - batch.outputBytes)
            guard room > 0, let entry = entries[attempt], entry.forwardsOutput, entry.reader.mayHaveMore() else { continue }
            guard let (chunks, end) = try? entry.reader.read(limit: room) else { continue }
            if chunks.isEmpty {
                // Nothing there but what the server has already, or damage.
                entries[attempt]?.reader.deliver(to: end)
                continue
            }
            batch.report.messages += chunks.map { .output($0) }
            batch.outputBytes += chunks.reduce(0) { $0 + $1.bytes.count + ReportBatch.chunkOverhead }
            batch.ends[attempt] = end
        }
        return batch
    }

    /// The server has a report durably.
    func delivered(_ batch: ReportBatch, reply: ReportReply) {
        for (attempt, told) in batch.told {
            entries[attempt]?.outbox.removeAll { told.contains($0) }
            if let entry = entries[attempt], entry.machine.awaitsAnswer, entry.outbox.isEmpty, entry.askedAt == nil {
                entries[attempt]?.askedAt = clock.monotonic
            }
        }
        for (attempt, end) in batch.ends { entries[attempt]?.reader.deliver(to: end) }
        for message in reply.messages { handle(message) }
        // Its output may have been the last.
        for attempt in batch.ends.keys { look(at: attempt) }
        settle()
    }

    func hasSomethingToSend(_ entry: SpooledEntry) -> Bool {
        !entry.outbox.isEmpty || entry.forwardsOutput && entry.reader.mayHaveMore()
    }
}
