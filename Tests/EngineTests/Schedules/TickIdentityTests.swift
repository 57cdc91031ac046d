import Engine
import Testing
import TimeSource

struct TickIdentityTests {
    private let due = Timestamp(milliseconds: 1_795_212_000_000)

    @Test("The ids of a tick are the same each time, and differ from those of other ticks, targets and purposes")
    func fixed() {
        let tick = TickIdentity(schedule: "rule-1", due: due)
        #expect(tick.eventID == TickIdentity(schedule: "rule-1", due: due).eventID)
        #expect(tick.deliveryID(target: "a") == TickIdentity(schedule: "rule-1", due: due).deliveryID(target: "a"))
        let others = [
            tick.eventID, tick.deliveryID(target: ""), tick.deliveryID(target: "a"), tick.deliveryID(target: "b"),
            TickIdentity(schedule: "rule-2", due: due).deliveryID(target: "a"),
            TickIdentity(schedule: "rule-1", due: due + .milliseconds(1)).deliveryID(target: "a"),
        ]
        #expect(Set(others).count == others.count)
    }

    @Test("Ids are version 7 UUIDs, ordered by the due time")
    func shape() {
        let first = TickIdentity(schedule: "rule-1", due: due).eventID
        let second = TickIdentity(schedule: "rule-0", due: due + .seconds(60)).eventID
        let parts = first.split(separator: "-")
        #expect(parts.map(\.count) == [8, 4, 4, 4, 12])
        #expect(parts[2].first == "7")
        #expect("89ab".contains(parts[3].first ?? "x"))
        #expect(first < second)
    }
}
