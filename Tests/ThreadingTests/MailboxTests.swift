import Synchronization
import Testing
import Threading

@Suite("Mailbox") struct MailboxTests {
    @Test func takesAllThatWaitsInOrder() {
        let mailbox = Mailbox<Int>()
        for number in 0..<5 { mailbox.post(number) }
        #expect(mailbox.drain() == [0, 1, 2, 3, 4])
        #expect(mailbox.drain(timeoutMilliseconds: 0) == [])
    }

    @Test func aClosedOneRefusesAndGivesWhatIsLeftBeforeItEnds() {
        let mailbox = Mailbox<Int>()
        #expect(mailbox.post(1))
        mailbox.close()
        #expect(!mailbox.post(2))
        #expect(mailbox.drain() == [1])
        #expect(mailbox.drain() == nil)
        #expect(mailbox.drain(timeoutMilliseconds: 1000) == nil)
    }

    @Test func nothingIsLostOrReorderedUnderManySenders() async {
        let mailbox = Mailbox<(sender: Int, number: Int)>()
        let taken = Mutex<[[Int]]>(Array(repeating: [], count: 8))
        let reader = DedicatedThread(name: "reader") {
            while let messages = mailbox.drain() {
                taken.withLock { taken in
                    for message in messages { taken[message.sender].append(message.number) }
                }
            }
        }
        await withTaskGroup(of: Void.self) { group in
            for sender in 0..<8 {
                group.addTask { for number in 0..<2_000 { mailbox.post((sender, number)) } }
            }
        }
        mailbox.close()
        await ended(reader)
        for numbers in taken.withLock({ $0 }) { #expect(numbers == Array(0..<2_000)) }
    }

    @Test func aWaitingReaderIsWokenByAMessageAndByTheClosing() async {
        let mailbox = Mailbox<Int>()
        let (seen, sees) = AsyncStream<[Int]?>.makeStream()
        let reader = DedicatedThread(name: "reader") {
            while let messages = mailbox.drain() { sees.yield(messages) }
            sees.yield(nil)
            sees.finish()
        }
        var iterator = seen.makeAsyncIterator()
        mailbox.post(1)
        #expect(await iterator.next() == [1])
        mailbox.post(2)
        #expect(await iterator.next() == [2])
        mailbox.close()
        #expect(await iterator.next() == .some(nil))
        await ended(reader)
    }
}

@Suite("DedicatedThread") struct DedicatedThreadTests {
    @Test func joinReturnsAfterTheBodyForEverybody() async {
        let isDone = Mutex(false)
        let gate = Mailbox<Int>()
        let thread = DedicatedThread(name: "a name that is longer than the kernel takes") {
            _ = gate.drain()
            isDone.withLock { $0 = true }
        }
        async let first: Void = ended(thread)
        async let second: Void = ended(thread)
        gate.post(0)
        _ = await (first, second)
        #expect(isDone.withLock { $0 })
        await ended(thread)
    }

    @Test func hasTheStackThatWasAskedFor() async {
        let depth = Mutex(0)
        await ended(DedicatedThread(name: "deep", stackSize: 64 << 20) { depth.withLock { $0 = deep(200_000) } })
        #expect(depth.withLock { $0 } == 200_000)
    }
}

/// Joins on a thread of its own: joining blocks.
private func ended(_ thread: DedicatedThread) async {
    await withCheckedContinuation { continuation in
        _ = DedicatedThread(name: "join") {
            thread.join()
            continuation.resume()
        }
    }
}

/// Uses a frame a level.
@inline(never) private func deep(_ levels: Int) -> Int {
    levels == 0 ? 0 : 1 + deep(levels - 1)
}
