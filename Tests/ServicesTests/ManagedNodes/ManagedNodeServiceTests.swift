import AWSProtocols
import Engine
import Store
import Testing
import TimeSource

@testable import Services

@Suite struct ManagedNodeServiceTests {
    private func filter(_ key: String, _ values: String...) -> APIValue { ["Key": .string(key), "Values": .strings(values)] }

    @Test func manyNodesAreListedByPagesAndFilters() async throws {
        let story = try await NodeStory()
        try await story.enrol(0..<2_000)
        try await story.enrol([20_000], account: "111111111111")
        let whole = try await story.pages("DescribeInstanceInformation", "InstanceInformationList")
        #expect(whole.elements.count == 2_000 && whole.sizes.allSatisfy { $0 == 50 })
        #expect(Set(whole.elements.compactMap { $0.string("InstanceId") }).count == 2_000)
        for (filters, count): ([APIValue], Int) in [
            ([filter("tag:rest", "3")], 200), ([filter("tag:rest", "3", "4")], 400), ([filter("tag:rest", "3"), filter("IamRole", "even")], 0),
            ([filter("tag-key", "other", "rest"), filter("IamRole", "odd")], 1_000), ([filter("PingStatus", "Online")], 0),
            ([filter("PingStatus", "ConnectionLost"), filter("ActivationIds", "activation-0")], 667), ([filter("AgentVersion", "9")], 0),
            ([filter("InstanceIds", NodeStory.id(1), NodeStory.id(20_000))], 1), ([filter("ResourceType", "EC2Instance")], 0),
            ([filter("AssociationStatus", "Success")], 0),
        ] {
            let found = try await story.pages("DescribeInstanceInformation", "InstanceInformationList", ["Filters": .list(filters)])
            #expect(found.elements.count == count, "\(filters)")
        }
    }

    @Test func aFullLastPageHasNoToken() async throws {
        let story = try await NodeStory()
        try await story.enrol(0..<10)
        let input: APIStructure = ["MaxResults": 5, "Filters": [filter("PingStatus", "ConnectionLost")]]
        #expect(try await story.pages("DescribeInstanceInformation", "InstanceInformationList", input).sizes == [5, 5])
        #expect(try await story.pages("DescribeInstanceInformation", "InstanceInformationList", ["MaxResults": 5]).sizes == [5, 5])
    }

    @Test func aNodeIsOnlineThenLostThenInactive() async throws {
        let story = try await NodeStory()
        try await story.enrol([1])
        func status() async throws -> String? {
            try await story.call("DescribeInstanceInformation").structures("InstanceInformationList").first?.string("PingStatus")
        }
        #expect(try await status() == "ConnectionLost")
        story.coordinator.sessions.begin("session", of: NodeStory.id(1), capacity: 1)
        #expect(try await status() == "Online")
        #expect(try await story.call("GetConnectionStatus", ["Target": .string(NodeStory.id(1))]).string("Status") == "connected")
        story.clock.advance(by: .seconds(61))
        #expect(try await status() == "ConnectionLost")
        #expect(try await story.call("GetConnectionStatus", ["Target": .string(NodeStory.id(1))]).string("Status") == "notconnected")
        story.clock.advance(by: .seconds(31 * 86_400))
        #expect(try await status() == "Inactive")
        #expect(
            try await story.pages("DescribeInstanceInformation", "InstanceInformationList", ["Filters": [filter("PingStatus", "Inactive")]]).elements.count
                == 1)
    }

    @Test func propertiesAreComparedByOperators() async throws {
        let story = try await NodeStory()
        try await story.enrol([1], version: "3.9.0")
        try await story.enrol([2], version: "3.10.0")
        for (comparison, value, ids) in [
            ("Equal", "3.9.0", [1]), ("NotEqual", "3.9.0", [2]), ("BeginWith", "3.1", [2]), ("LessThan", "3.10", [1]), ("GreaterThan", "3.9.0", [2]),
        ] {
            let filter: APIValue = ["Key": "AgentVersion", "Values": [.string(value)], "Operator": .string(comparison)]
            let found = try await story.pages("DescribeInstanceProperties", "InstanceProperties", ["FiltersWithOperator": [filter]])
            #expect(found.elements.map { $0.string("InstanceId") } == ids.map(NodeStory.id), "\(comparison)")
        }
    }

    @Test func refusals() async throws {
        let story = try await NodeStory()
        #expect(await story.error("DescribeInstanceInformation", ["Filters": [filter("Colour", "red")]]) == "InvalidFilterKey")
        #expect(await story.error("DescribeInstanceInformation", ["Filters": [filter("tag:", "red")]]) == "InvalidFilterKey")
        #expect(
            await story.error("DescribeInstanceInformation", ["Filters": [filter("PlatformTypes", "BeOS")]])
                == "InvalidInstanceInformationFilterValue")
        #expect(await story.error("DescribeInstanceInformation", ["NextToken": "x"]) == "InvalidNextToken")
    }

    @Test(arguments: [
        ("3.9", "3.10", true), ("3.10", "3.9", false), ("1.0", "1.0.1", true), ("1.0", "1.0", false), ("1.a", "1.b", true), ("007", "7", false), ("2", "10", true),
    ])
    func versionsAreOrderedByTheirNumbers(_ left: String, _ right: String, _ isBefore: Bool) {
        #expect((VersionOrder(left) < VersionOrder(right)) == isBefore)
    }
}
