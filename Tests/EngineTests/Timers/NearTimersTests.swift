import Store
import Testing
import TimeSource

@testable import Engine

@Suite("Timers in memory") struct NearTimersTests {
    private typealias Entry = NearTimers.Entry

    /// The timer queue and the database in small: rows, and what is in memory of them.
    private struct World {
        let random: SeededRandomSource
        var near: NearTimers
        var rows: Set<Entry> = []
        var now: Int64 = 1_000
        var firedForNothing = 0
        var fired = 0

        mutating func below(_ bound: Int) -> Int { Int(random.nextWord() % UInt64(bound)) }

        mutating func arm() {
            let entry = Entry(due: now + Int64(below(300)) - 20, execution: Int64(below(1_000)))
            rows.insert(entry)
            _ = near.arm(entry)
        }

        mutating func disarm() {
            guard !rows.isEmpty, let entry = rows.sorted().dropFirst(below(rows.count)).first else { return }
            rows.remove(entry)
            near.disarm(entry)
        }

        mutating func extend() {
            let room = near.room
            guard room > 0 else { return }
            let old = near.end
            let wanted = Entry(due: now + 60, execution: .min)
            near.extend(to: wanted)
            // What is committed before the database looks, and what after it: both while the horizon is moved already.
            if below(3) == 0 { arm() }
            let read = rows.sorted().filter { !($0 < old) && $0 < wanted }.prefix(room)
            if below(3) == 0 { disarm() }
            if below(3) == 0 { arm() }
            for entry in read { near.add(entry) }
            if read.count == room, let last = read.last { near.cut(to: last.next) }
        }

        mutating func fire() {
            for entry in near.takeDue(Timestamp(milliseconds: now), limit: 1 + below(30)) {
                #expect(entry.due <= now)
                if rows.remove(entry) == nil { firedForNothing += 1 } else { fired += 1 }
                near.disarm(entry)
            }
        }
    }

    @Test(arguments: 0..<40) func noTimerIsLostAndMemoryIsBounded(seed: UInt64) {
        var world = World(random: SeededRandomSource(seed: seed), near: NearTimers(capacity: 50))
        for _ in 0..<3_000 {
            switch world.below(12) {
            case 0..<6: world.arm()
            case 6..<8: world.disarm()
            case 8: world.extend()
            case 9: world.fire()
            // The wall clock may go back and forth.
            case 10: world.now += Int64(world.below(20))
            default: world.now += Int64(world.below(60)) - 30
            }
            #expect(world.near.count <= 160, "seed \(seed)")
        }
        for _ in 0..<2_000 {
            world.extend()
            world.fire()
        }
        let overdue = world.rows.filter { $0.due <= world.now }
        #expect(overdue.isEmpty, "seed \(seed)")
        #expect(world.firedForNothing < world.fired / 2, "seed \(seed): \(world.firedForNothing) of \(world.fired)")
    }

    @Test func aTimerThatIsDisarmedAndArmedAgainFires() {
        var near = NearTimers(capacity: 10)
        near.extend(to: Entry(due: 1_000, execution: 0))
        let entry = Entry(due: 5, execution: 1)
        _ = near.arm(entry)
        near.disarm(entry)
        let due4 = near.takeDue(Timestamp(milliseconds: 4), limit: 9)
        #expect(due4 == [])
        _ = near.arm(entry)
        let due5 = near.takeDue(Timestamp(milliseconds: 5), limit: 9)
        #expect(due5 == [entry])
    }

    @Test func whatIsBehindTheHorizonIsLeftToTheDatabase() {
        var near = NearTimers(capacity: 10)
        near.extend(to: Entry(due: 1_000, execution: 0))
        for due in 0..<100 { _ = near.arm(Entry(due: Int64(due), execution: 1)) }
        #expect(near.count <= 20)
        #expect(near.end.due < 100)
        let due = near.takeDue(Timestamp(milliseconds: 2_000), limit: 100)
        #expect(due.map(\.due) == Array(0..<near.end.due))
    }

    @Test func timersThatChangeOftenLeaveNothingBehind() {
        var near = NearTimers(capacity: 100_000)
        near.extend(to: Entry(due: .max, execution: 0))
        for number in 0..<50_000 {
            let entry = Entry(due: 60_000 + Int64(number), execution: Int64(number))
            _ = near.arm(entry)
            near.disarm(entry)
        }
        #expect(near.count < 3_000)
    }

    @Test(arguments: 0..<20) func theHeapGivesItsElementsInOrder(seed: UInt64) {
        let random = SeededRandomSource(seed: seed)
        var heap = BinaryHeap<Int>()
        var model: [Int] = []
        for _ in 0..<500 {
            let number = Int(random.nextWord() % 200)
            heap.insert(number)
            model.append(number)
        }
        model.sort()
        for rank in stride(from: 0, to: 500, by: 37) { #expect(heap.element(ofRank: rank) == model[rank]) }
        heap.removeAll { $0 % 3 == 0 }
        model.removeAll { $0 % 3 == 0 }
        var popped: [Int] = []
        while let number = heap.popFirst() { popped.append(number) }
        #expect(popped == model)
    }
}
