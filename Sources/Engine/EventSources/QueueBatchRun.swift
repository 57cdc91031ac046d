import JSONCore
import Logging
import StatesInterpreter
import Store
import TimeSource

/// One batch from its receipt to its end: filtered, invoked, deleted.
struct QueueBatchRun: Sendable {
    /// The first pause after a throttled invocation; later ones are twice as long each.
    private static let firstPause = Duration.milliseconds(250)
    private static let longestPause = Duration.seconds(15)
    /// How often deleting is tried while the database is unavailable. In vain, the messages come again.
    private static let deletionAttempts = 5

    let mapping: QueueMapping
    let poller: QueuePoller

    /// Processes received messages.
    /// - Returns: whether the function was throttled.
    func process(_ messages: [ReceivedMessage]) async -> Bool {
        let queues = poller.dependencies.queues
        // Hidden until then, at least.
        let deadline =
            poller.dependencies.clock.monotonic + (queues.record(of: mapping.queue)?.attributes.visibilityTimeout ?? .zero)
        var entries: [QueueBatch.Entry] = []
        var unwanted: [ReceivedMessage] = []
        for message in messages {
            let record = QueueEvent.record(of: message, queueARN: mapping.queueARN, region: queues.region)
            if mapping.filter.passes(record) {
                let size = JSONWriter.bytes(of: .object(record)).count
                entries.append(QueueBatch.Entry(message: message, record: record, size: size))
            } else {
                unwanted.append(message)
            }
        }
        await delete(unwanted)
        var wasThrottled = false
        for batch in QueueBatch.split(entries, limit: mapping.settings.batchSize) {
            switch await invoke(batch, until: deadline) {
            case .processed: continue
            case .throttled: wasThrottled = true
            case .failed: break
            }
            // The order of a group holds: nothing of it overtakes what failed.
            if mapping.queue.isFIFO { break }
        }
        return wasThrottled
    }

    private enum Ending {
        case processed
        case failed
        case throttled
    }

    /// Invokes the function, again while it is throttled and the messages are still hidden.
    private func invoke(_ batch: QueueBatch, until deadline: MonotonicInstant) async -> Ending {
        let dependencies = poller.dependencies
        let event = batch.event
        let requestID = dependencies.identifiers.uuid()
        var pause = QueueBatchRun.firstPause
        while true {
            let outcome = await dependencies.invoker.invoke(
                function: mapping.function, account: mapping.queue.account, payload: event, requestID: requestID)
            switch outcome {
            case .succeeded(let answer): return await settle(batch, answer)
            case .failed(let reason):
                log("a batch of messages failed", batch, reason)
                return .failed
            case .missing:
                await release(batch)
                return .failed
            case .notStarted(let reason):
                poller.throttle()
                guard !poller.isStopping else {
                    await release(batch)
                    return .throttled
                }
                guard dependencies.clock.monotonic + pause < deadline else {
                    log("a batch of messages found no room in its function", batch, reason)
                    return .throttled
                }
                try? await dependencies.clock.sleep(for: pause)
                pause = min(pause * 2, QueueBatchRun.longestPause)
            }
        }
    }

    /// Deletes what the function has processed by its answer.
    private func settle(_ batch: QueueBatch, _ answer: [UInt8]) async -> Ending {
        guard mapping.settings.reportsItemFailures else {
            await delete(batch.entries.map(\.message))
            return .processed
        }
        switch BatchReport(answer: answer, of: batch.messageIDs) {
        case .processed(let failed):
            await delete(batch.entries.map(\.message).filter { !failed.contains($0.messageID) })
            return failed.isEmpty ? .processed : .failed
        case .failed(let reason):
            log("a batch of messages failed", batch, reason)
            return .failed
        }
    }

    private func delete(_ messages: [ReceivedMessage]) async {
        guard !messages.isEmpty else { return }
        for attempt in 1...QueueBatchRun.deletionAttempts {
            do throws(QueueError) {
                // A handle that is refused is of a message that became visible meanwhile: it comes again.
                _ = try await poller.dependencies.queues.delete(messages.map(\.receiptHandle), from: mapping.queue)
                return
            } catch {
                guard case .store = error, attempt < QueueBatchRun.deletionAttempts else { return }
            }
            guard (try? await poller.dependencies.clock.sleep(for: .seconds(1))) != nil else { return }
        }
    }

    /// Lets others have the messages of a batch at once; in vain, they do when the visibility timeout is over.
    private func release(_ batch: QueueBatch) async {
        let changes = batch.entries.map { QueueEngine.VisibilityChange(receiptHandle: $0.message.receiptHandle, timeout: .zero) }
        _ = try? await poller.dependencies.queues.changeVisibility(changes, in: mapping.queue)
    }

    private func log(_ message: Logger.Message, _ batch: QueueBatch, _ reason: String) {
        poller.dependencies.logger.info(
            message,
            metadata: [
                "function": "\(mapping.function)", "queue": "\(mapping.queueARN)", "messages": "\(batch.entries.count)",
                "reason": "\(reason)",
            ])
    }
}
