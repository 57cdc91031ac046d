import AWSProtocols
import AgentProtocol
import DatabaseSQLite
import Store
import Testing
import TimeSource

@testable import Services

@Suite struct InventoryIntakeTests {
    private func item(_ type: String, _ hash: String, _ names: [String]?) -> InventoryReport.Item {
        InventoryReport.Item(
            typeName: type, schemaVersion: "1.0", captureTime: "2026-11-21T10:00:00Z", contentHash: hash,
            content: names.map { $0.map { [NamedValue(name: "Name", value: $0)] } })
    }

    private func take(_ story: NodeStory, _ items: InventoryReport.Item...) async throws -> [String] {
        try await story.intake.take(InventoryReport(items: items), node: NodeStory.id(1), account: NodeStory.account)
    }

    private func stored(_ story: NodeStory, _ type: String) async throws -> InventoryItem? {
        try await story.database.read { try InventoryStore.find(type, of: NodeStory.id(1), account: NodeStory.account, in: $0) }
    }

    @Test func onlyWhatHasChangedIsWantedAndWritten() async throws {
        let story = try await NodeStory()
        try await story.enrol([1])
        #expect(try await take(story, item("AWS:Application", "a", nil), item("AWS:Network", "n", nil)) == ["AWS:Application", "AWS:Network"])
        #expect(try await take(story, item("AWS:Application", "a", ["curl"]), item("AWS:Network", "n", ["eth0"])).isEmpty)
        let before = try await stored(story, "AWS:Application")
        story.clock.advance(by: .seconds(60))
        #expect(try await take(story, item("AWS:Application", "a", nil), item("AWS:Network", "m", nil)) == ["AWS:Network"])
        #expect(try await take(story, item("AWS:Application", "a", ["curl"])).isEmpty)
        #expect(try await stored(story, "AWS:Application") == before)
        #expect(try await take(story, item("AWS:Application", "b", ["curl", "vim"])).isEmpty)
        #expect(try await stored(story, "AWS:Application")?.changedAt == story.clock.now)
    }

    @Test func whatIsNoTypeIsIgnored() async throws {
        let story = try await NodeStory()
        try await story.enrol([1])
        #expect(try await take(story, item("AWS:Nothing", "a", nil), item("Custom:", "a", ["x"])).isEmpty)
        #expect(try await stored(story, "AWS:Nothing") == nil)
    }

    @Test func theInventoryOfANodeThatHasLeftIsGone() async throws {
        let story = try await NodeStory()
        try await story.enrol([1])
        _ = try await take(story, item("AWS:Network", "n", ["eth0"]))
        try await story.call("DeregisterManagedInstance", ["InstanceId": .string(NodeStory.id(1))])
        let rows = try await story.database.read { try InventoryStore.hashes(of: NodeStory.id(1), account: NodeStory.account, in: $0) }
        #expect(rows.isEmpty)
    }

    @Test func everyNodeHasItsInformation() async throws {
        let story = try await NodeStory()
        try await story.enrol(1...3)
        let found = try await story.pages("GetInventory", "Entities", ["MaxResults": 2])
        #expect(found.sizes == [2, 1])
        let information = found.elements[0].structure("Data")?.structure("AWS:InstanceInformation")
        #expect(information?.structures("Content").first?.string("ComputerName") == "host-1")
        #expect(information?.structures("Content").first?.string("InstanceStatus") == "ConnectionLost")
    }
}
