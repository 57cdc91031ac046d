import AWSProtocols
import AgentProtocol
import DatabaseSQLite
import Engine
import Store
import Testing
import TimeSource

@testable import Services

@Suite struct NodeSettingsTests {
    private func own(_ story: NodeStory, _ operation: String, _ input: APIStructure) async throws -> APIStructure {
        var input = input
        input["InstanceId"] = .string(NodeStory.id(1))
        return try await story.call(operation, input, service: "nightshift")
    }

    @Test func whatIsNotNamedStays() async throws {
        let story = try await NodeStory()
        try await story.enrol([1])
        _ = try await own(story, "UpdateNodeSettings", ["RunAsUser": "batch", "Limits": .stringMap([("nofile", "64"), ("core", "0:unlimited")])])
        let changed = try await own(story, "UpdateNodeSettings", ["Nice": "-3", "Limits": .stringMap([("nofile", "")])])
        #expect(changed.string("RunAsUser") == "batch" && changed.string("Nice") == "-3")
        #expect(changed.stringMap("Limits").map(\.0) == ["core"] && changed.stringMap("Limits").map(\.1) == ["0:unlimited"])
        let record = try await story.database.read { try ManagedNodeStore.find(NodeStory.id(1), in: $0) }
        let runAs = try RunAs(bytes: try #require(record?.runAs))
        #expect(runAs == RunAs(user: "batch", nice: -3, limits: [ResourceLimit(name: "core", soft: 0, hard: nil)]))
        #expect(record?.maintenance == false)
    }

    @Test func settingAllBackLeavesNothing() async throws {
        let story = try await NodeStory()
        try await story.enrol([1])
        _ = try await own(story, "UpdateNodeSettings", ["MemoryMax": "1G", "Maintenance": true])
        let back = try await own(story, "UpdateNodeSettings", ["MemoryMax": "", "Maintenance": false])
        #expect(!back.contains("MemoryMax") && back.bool("Maintenance") == false && !back.contains("MaintenanceSince"))
        let record = try await story.database.read { try ManagedNodeStore.find(NodeStory.id(1), in: $0) }
        #expect(record?.runAs == nil)
    }

    @Test func maintenanceKeepsItsBeginning() async throws {
        let story = try await NodeStory()
        try await story.enrol([1])
        let first = try await own(story, "UpdateNodeSettings", ["Maintenance": true]).timestamp("MaintenanceSince")
        story.clock.advance(by: .seconds(60))
        #expect(first != nil)
        #expect(try await own(story, "UpdateNodeSettings", ["Maintenance": true]).timestamp("MaintenanceSince") == first)
    }

    @Test func rolesAndStrangersMayNotSetAnything() async throws {
        let story = try await NodeStory()
        try await story.enrol([1])
        for operation in ["UpdateNodeSettings", "DeclareNodeLost"] {
            let input: APIStructure = ["InstanceId": .string(NodeStory.id(1))]
            #expect(await story.error(operation, input, service: "nightshift", principal: "role/states") == "AccessDeniedException")
            #expect(await story.error(operation, ["InstanceId": "mi-none"], service: "nightshift") == "InvalidInstanceId")
        }
    }

    @Test func aConnectedNodeIsLostOnlyByForce() async throws {
        let story = try await NodeStory()
        try await story.enrol([1])
        story.coordinator.sessions.begin("session", of: NodeStory.id(1), capacity: 1)
        let input: APIStructure = ["InstanceId": .string(NodeStory.id(1))]
        #expect(await story.error("DeclareNodeLost", input, service: "nightshift") == "NodeOnlineException")
        #expect(try await own(story, "DeclareNodeLost", ["Force": true]).integer("FailedCommands") == 0)
    }

    @Test(arguments: [
        ("512M", 536_870_912), ("1k", 1_024), ("77", 77), ("2T", 2_199_023_255_552), ("0", nil), ("", nil), ("M", nil), ("-1M", nil), ("1.5G", nil),
        ("99999999999T", nil), ("5B", nil),
    ] as [(String, Int64?)])
    func sizes(_ text: String, _ bytes: Int64?) {
        #expect(RunAsText.bytes(text) == bytes)
        if let bytes { #expect(RunAsText.bytes(RunAsText.text(bytes: bytes)) == bytes) }
    }

    @Test(arguments: [
        ("nofile", "5", "5"), ("nofile", "5:6", "5:6"), ("core", "unlimited", "unlimited"), ("core", "3:infinity", "3:unlimited"), ("nofile", "6:5", nil),
        ("nofile", "unlimited:5", nil), ("nofile", "", nil), ("nofile", "5:", nil), ("doors", "5", nil), ("nofile", "-1", nil),
    ] as [(String, String, String?)])
    func limits(_ name: String, _ text: String, _ shown: String?) {
        #expect(RunAsText.limit(name, text).map(RunAsText.text(limit:)) == shown)
    }
}
