import Testing
import TimeSource

@testable import FunctionRuntimes

@Suite struct PoolPlacementTests {
    private func ticket(_ value: UInt64) -> Ticket { Ticket(value: value) }
    private func process(_ value: UInt64) -> ProcessNumber { ProcessNumber(value: value) }
    private func instant(_ seconds: Int64) -> MonotonicInstant { MonotonicInstant(nanoseconds: seconds * 1_000_000_000) }
    private func claim(_ name: String, revision: String = "1", reserved: Int? = nil) -> PoolPlacement.Claim {
        PoolPlacement.Claim(key: FunctionKey(arn: name, version: "$LATEST"), revision: revision, reserved: reserved)
    }
    private func pool(processes: Int = 2, waiting: Int = 2) -> PoolPlacement {
        PoolPlacement(limits: .init(processes: processes, waiting: waiting))
    }

    @Test func theFirstInvocationStartsAProcessAndTheNextUsesIt() {
        var pool = pool()
        #expect(pool.request(ticket(1), claim("f")) == [.start(ticket(1), process(1))])
        #expect(pool.released(process(1), at: instant(1)) == [])
        #expect(pool.request(ticket(2), claim("f")) == [.use(ticket(2), process(1))])
        #expect(pool.idleCount == 0)
    }

    @Test func concurrentInvocationsHaveAProcessEach() {
        var pool = pool()
        _ = pool.request(ticket(1), claim("f"))
        #expect(pool.request(ticket(2), claim("f")) == [.start(ticket(2), process(2))])
    }

    @Test func theProcessUsedLastIsUsedAgain() {
        var pool = pool()
        _ = pool.request(ticket(1), claim("f"))
        _ = pool.request(ticket(2), claim("f"))
        _ = pool.released(process(2), at: instant(1))
        _ = pool.released(process(1), at: instant(2))
        #expect(pool.request(ticket(3), claim("f")) == [.use(ticket(3), process(1))])
    }

    @Test func anIdleProcessOfAnotherFunctionMakesRoom() {
        var pool = pool()
        _ = pool.request(ticket(1), claim("f"))
        _ = pool.request(ticket(2), claim("g"))
        _ = pool.released(process(1), at: instant(1))
        _ = pool.released(process(2), at: instant(2))
        #expect(pool.request(ticket(3), claim("h")) == [.retire(process(1))], "the one used longest ago")
        #expect(pool.request(ticket(4), claim("g")) == [.use(ticket(4), process(2))])
        #expect(pool.ended(process(1)) == [.start(ticket(3), process(3))])
    }

    @Test func atTheLimitInvocationsWaitInOrderAndThenAreRefused() {
        var pool = pool(processes: 1)
        _ = pool.request(ticket(1), claim("f"))
        #expect(pool.request(ticket(2), claim("f")) == [])
        #expect(pool.request(ticket(3), claim("f")) == [])
        #expect(pool.request(ticket(4), claim("f")) == [.refuse(ticket(4), .serverConcurrency)])
        #expect(pool.waitingCount == 2)
        #expect(pool.released(process(1), at: instant(1)) == [.use(ticket(2), process(1))])
        #expect(pool.released(process(1), at: instant(2)) == [.use(ticket(3), process(1))])
    }

    @Test func whoHasWaitedTooLongIsRefusedOnce() {
        var pool = pool(processes: 1)
        _ = pool.request(ticket(1), claim("f"))
        _ = pool.request(ticket(2), claim("f"))
        #expect(pool.giveUp(ticket(2)) == [.refuse(ticket(2), .serverConcurrency)])
        #expect(pool.giveUp(ticket(2)) == [])
        #expect(pool.released(process(1), at: instant(1)) == [])
    }

    @Test func reservedConcurrencyRefusesAtOnce() {
        var pool = pool(processes: 5)
        _ = pool.request(ticket(1), claim("f", reserved: 1))
        #expect(pool.request(ticket(2), claim("f", reserved: 1)) == [.refuse(ticket(2), .reservedConcurrency)])
        _ = pool.released(process(1), at: instant(1))
        #expect(pool.request(ticket(3), claim("f", reserved: 1)) == [.use(ticket(3), process(1))])
        #expect(pool.request(ticket(4), claim("g", reserved: 0)) == [.refuse(ticket(4), .reservedConcurrency)])
    }

    @Test func aNewRevisionRetiresTheOldOne() {
        var pool = pool(processes: 5)
        _ = pool.request(ticket(1), claim("f", revision: "1"))
        _ = pool.request(ticket(2), claim("f", revision: "1"))
        _ = pool.released(process(1), at: instant(1))
        #expect(pool.request(ticket(3), claim("f", revision: "2")) == [.retire(process(1)), .start(ticket(3), process(3))])
        #expect(pool.released(process(2), at: instant(2)) == [.retire(process(2))], "busy ones go when they are through")
    }

    @Test func aDeletedFunctionKeepsNoProcess() {
        var pool = pool(processes: 5)
        _ = pool.request(ticket(1), claim("f"))
        _ = pool.request(ticket(2), claim("f"))
        _ = pool.released(process(1), at: instant(1))
        #expect(pool.retireAll(arn: "f") == [.retire(process(1))])
        #expect(pool.released(process(2), at: instant(2)) == [.retire(process(2))])
    }

    @Test func idleProcessesExpire() {
        var pool = pool()
        _ = pool.request(ticket(1), claim("f"))
        _ = pool.released(process(1), at: instant(10))
        #expect(pool.expire(idleSince: instant(9)) == [])
        #expect(pool.expire(idleSince: instant(10)) == [.retire(process(1))])
        #expect(pool.expire(idleSince: instant(11)) == [], "it is ending already")
        #expect(pool.processCount == 1)
        #expect(pool.ended(process(1)) == [])
        #expect(pool.processCount == 0)
    }

    @Test func closingRefusesWhoWaitsAndRetiresWhatIsIdle() {
        var pool = pool(processes: 2)
        _ = pool.request(ticket(1), claim("f"))
        _ = pool.request(ticket(2), claim("g"))
        _ = pool.request(ticket(3), claim("f"))
        #expect(pool.close() == [.refuse(ticket(3), .serverConcurrency)])
        #expect(pool.released(process(1), at: instant(1)) == [.retire(process(1))])
    }

    /// Whatever happens in whatever order: never too many processes, no process used twice at a time, nobody forgotten.
    @Test(arguments: UInt64(1)...20) func anyOrderKeepsTheLimits(seed: UInt64) {
        let random = SeededRandomSource(seed: seed)
        var pool = pool(processes: 3, waiting: 4)
        var busy: Set<ProcessNumber> = []
        var ending: Set<ProcessNumber> = []
        var unanswered: Set<Ticket> = []
        func apply(_ actions: [PoolPlacement.Action]) {
            for action in actions {
                switch action {
                case .use(let ticket, let process), .start(let ticket, let process):
                    #expect(unanswered.remove(ticket) != nil)
                    #expect(busy.insert(process).inserted && !ending.contains(process))
                case .refuse(let ticket, _): #expect(unanswered.remove(ticket) != nil)
                case .retire(let process):
                    #expect(!busy.contains(process))
                    #expect(ending.insert(process).inserted)
                }
            }
        }
        for step in 1...400 {
            switch random.number(below: 4) {
            case 0, 1:
                unanswered.insert(ticket(UInt64(step)))
                let name = ["f", "g", "h"][Int(random.number(below: 3))]
                apply(pool.request(ticket(UInt64(step)), claim(name, revision: "\(step / 100)", reserved: name == "h" ? 1 : nil)))
            case 2:
                if let process = busy.min() {
                    busy.remove(process)
                    apply(pool.released(process, at: instant(Int64(step))))
                }
            default:
                if let process = ending.popFirst() { apply(pool.ended(process)) }
            }
            #expect(pool.processCount <= 3)
            #expect(pool.waitingCount == unanswered.count && unanswered.count <= 4)
        }
        while !busy.isEmpty || !ending.isEmpty {
            if let process = busy.popFirst() { apply(pool.released(process, at: instant(1_000))) }
            if let process = ending.popFirst() { apply(pool.ended(process)) }
        }
        #expect(unanswered.isEmpty, "seed \(seed)")
    }
}
