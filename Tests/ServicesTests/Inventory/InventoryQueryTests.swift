import AWSProtocols
import AgentProtocol
import Testing

@testable import Services

@Suite struct InventoryQueryTests {
    /// Three nodes: two with packages, one of them with a service too.
    private func story() async throws -> NodeStory {
        let story = try await NodeStory()
        try await story.enrol(1...3)
        try await put(story, 1, "AWS:Application", [["Name": "curl", "Version": "7.88"], ["Name": "vim", "Version": "9.0"]])
        try await put(story, 2, "AWS:Application", [["Name": "curl", "Version": "8.1"], ["Name": "vim", "Version": "7.88"]])
        try await put(story, 2, "AWS:Service", [["Name": "cron"]])
        return story
    }

    private func put(_ story: NodeStory, _ number: Int, _ type: String, _ entries: [KeyValuePairs<String, String>]) async throws {
        let item: APIValue = [
            "TypeName": .string(type), "SchemaVersion": "1.0", "CaptureTime": "2026-11-21T10:00:00Z",
            "Content": .list(entries.map { .stringMap($0.map { ($0.key, $0.value) }) }),
        ]
        try await story.call("PutInventory", ["InstanceId": .string(NodeStory.id(number)), "Items": [item]])
    }

    private func filter(_ key: String, _ type: String, _ values: String...) -> APIValue {
        ["Key": .string(key), "Type": .string(type), "Values": .strings(values)]
    }

    @Test func nodesAreFoundByWhatOneEntryHas() async throws {
        let story = try await story()
        for (filters, numbers): ([APIValue], [Int]) in [
            ([filter("AWS:Application.Name", "Equal", "curl")], [1, 2]),
            ([filter("AWS:Application.Name", "Equal", "curl"), filter("AWS:Application.Version", "LessThan", "7.100")], [1]),
            ([filter("AWS:Application.Version", "GreaterThan", "9")], [1]), ([filter("AWS:Application.Name", "NotEqual", "curl")], [3]),
            ([filter("TypeName", "Exists", "AWS:Service", "AWS:File")], [2]), ([filter("TypeName", "NotEqual", "AWS:Application")], [3]),
            ([filter("AWS:Application.Name", "Exists", "false")], [3]), ([filter("AWS:InstanceInformation.ComputerName", "BeginWith", "host-")], [1, 2, 3]),
        ] {
            let found = try await story.pages("GetInventory", "Entities", ["Filters": .list(filters), "MaxResults": 1])
            #expect(found.elements.map { $0.string("Id") } == numbers.map(NodeStory.id), "\(filters)")
        }
    }

    @Test func nodesAreCountedByTheirValues() async throws {
        let story = try await story()
        let nested: APIValue = [
            "Expression": "AWS:Application.Name",
            "Aggregators": [["Expression": "AWS:Application.Version", "Aggregators": [["Expression": "AWS:InstanceInformation.PlatformName"]]]],
        ]
        let answer = try await story.call("GetInventory", ["Aggregators": [["Expression": "AWS:Application.Name"], nested]])
        let entities = answer.structures("Entities").compactMap { $0.structure("Data")?.structure("AWS:Application")?.list("Content") }
        #expect(entities.count == 2)
        #expect(entities[0] == [.stringMap([("Name", "curl"), ("Count", "2")]), .stringMap([("Name", "vim"), ("Count", "2")])])
        // A name goes with its own version only.
        #expect(
            entities[1]
                == [("curl", "7.88"), ("curl", "8.1"), ("vim", "7.88"), ("vim", "9.0")].map {
                    .stringMap([("Name", $0.0), ("Version", $0.1), ("PlatformName", "Debian"), ("Count", "1")])
                })
    }

    @Test func groupsTellHowManyPass() async throws {
        let story = try await story()
        let groups: APIValue = [
            ["Name": "both", "Filters": [filter("TypeName", "Exists", "AWS:Application"), filter("TypeName", "Exists", "AWS:Service")]],
            ["Name": "either", "Filters": [filter("TypeName", "Exists", "AWS:Application", "AWS:Service")]],
        ]
        let answer = try await story.call("GetInventory", ["Aggregators": [["Groups": groups]]])
        let data = answer.structures("Entities").first?.structure("Data")
        #expect(answer.structures("Entities").count == 1)
        for (name, matching) in [("both", 1), ("either", 2)] {
            #expect(
                data?.structure(name)?.list("Content")
                    == [.stringMap([("notMatchingCount", "\(3 - matching)")]), .stringMap([("matchingCount", "\(matching)")])])
        }
    }

    @Test func refusals() async throws {
        let story = try await story()
        for (input, code): (APIStructure, String) in [
            (["Filters": [filter("Name", "Equal", "x")]], "InvalidFilter"), (["Filters": [filter("TypeName", "Exists", "AWS:Nothing")]], "InvalidFilter"),
            (["Aggregators": [["Expression": "AWS:Nothing.Name"]]], "InvalidAggregatorException"), (["Aggregators": [[:]]], "InvalidAggregatorException"),
            (["ResultAttributes": [["TypeName": "AWS:Nothing"]]], "InvalidTypeNameException"),
            (["Aggregators": [["Groups": [["Name": "a", "Filters": []], ["Name": "a", "Filters": []]]]]], "InvalidInventoryGroupException"),
        ] {
            #expect(await story.error("GetInventory", input) == code)
        }
    }
}
