import AWSProtocols
import Testing

@testable import Services

@Suite("Listings of parameters") struct ParameterListingTests {
    private func story() async throws -> ParameterStory {
        let story = try await ParameterStory()
        try await story.put("top", "1", ["Tags": [["Key": "team", "Value": "batch"]]])
        try await story.put("/top2", "2", ["Type": "StringList"])
        try await story.put("/prod/db", "3", ["Type": "SecureString", "KeyId": "alias/k"])
        try await story.put("/prod/db/host", "4", ["Tier": "Advanced"])
        try await story.put("/prod/db/port", "5")
        try await story.put("/prod/web/a/b", "6")
        try await story.put("/production", "7")
        return story
    }

    @Test(arguments: [
        ("/prod", false, ["/prod/db"]), ("/prod/", true, ["/prod/db", "/prod/db/host", "/prod/db/port", "/prod/web/a/b"]),
        ("/prod/db", false, ["/prod/db/host", "/prod/db/port"]), ("/", false, ["/production", "/top2", "top"]),
        ("/none", true, []), ("/prod/web", false, []),
    ])
    func aPathHasTheParametersBelow(_ path: String, recursive: Bool, expected: [String]) async throws {
        let story = try await story()
        let found = try await story.names("GetParametersByPath", ["Path": .string(path), "Recursive": .bool(recursive)])
        #expect(found.names == expected)
        #expect(found.token == nil)
    }

    @Test func pagesJoinWithoutGapsOrDoubles() async throws {
        let story = try await story()
        var names: [String] = []
        var token: String?
        repeat {
            let page = try await story.names(
                "GetParametersByPath", ["Path": "/", "Recursive": true, "MaxResults": 2, "NextToken": .optional(token)])
            #expect(page.names.count <= 2)
            names += page.names
            token = page.token
        } while token != nil
        #expect(names == ["/prod/db", "/prod/db/host", "/prod/db/port", "/prod/web/a/b", "/production", "/top2", "top"])
        let other = try await story.names("DescribeParameters", ["MaxResults": 3]).token
        #expect(await story.error("GetParametersByPath", ["Path": "/", "NextToken": .optional(other)]) == "InvalidNextToken")
        #expect(await story.error("DescribeParameters", ["NextToken": "x"]) == "InvalidNextToken")
    }

    private static let filters: [(APIStructure, [String])] = [
        (["Key": "Name", "Values": ["top"]], ["top"]),
        (["Key": "Name", "Values": ["/top", "top2"]], ["/top2", "top"]),
        (["Key": "Name", "Option": "BeginsWith", "Values": ["prod"]], ["/prod/db", "/prod/db/host", "/prod/db/port", "/prod/web/a/b", "/production"]),
        (["Key": "Name", "Option": "Contains", "Values": ["db/"]], ["/prod/db/host", "/prod/db/port"]),
        (["Key": "Type", "Values": ["StringList", "SecureString"]], ["/prod/db", "/top2"]),
        (["Key": "KeyId", "Values": ["alias/k"]], ["/prod/db"]),
        (["Key": "Tier", "Values": ["Advanced"]], ["/prod/db/host"]),
        (["Key": "Path", "Values": ["/prod"]], ["/prod/db"]),
        (["Key": "Path", "Option": "Recursive", "Values": ["/prod/db", "/prod/web"]], ["/prod/db/host", "/prod/db/port", "/prod/web/a/b"]),
        (["Key": "tag:team", "Values": ["batch"]], ["top"]), (["Key": "tag:team"], ["top"]),
        (["Key": "tag:team", "Values": ["other"]], []),
    ]

    @Test(arguments: filters)
    func filtersSelect(_ filter: APIStructure, expected: [String]) async throws {
        let found = try await story().names("DescribeParameters", ["ParameterFilters": [.structure(filter)]])
        #expect(found.names == expected)
    }

    @Test func oldFiltersSelectByTheBeginningOfTheName() async throws {
        let found = try await story().names("DescribeParameters", ["Filters": [["Key": "Name", "Values": ["/prod/db/"]]]])
        #expect(found.names == ["/prod/db/host", "/prod/db/port"])
    }

    private static let refusedFilters: [(APIValue, String)] = [
        ([["Key": "Label", "Values": ["x"]]], "InvalidFilterKey"), ([["Key": "Type"]], "InvalidFilterValue"),
        ([["Key": "Type", "Values": ["Text"]]], "InvalidFilterOption"),
        ([["Key": "Type", "Option": "Contains", "Values": ["String"]]], "InvalidFilterOption"),
        ([["Key": "Path", "Values": ["prod"]]], "ValidationException"),
        ([["Key": "Name", "Values": ["a"]], ["Key": "Name", "Values": ["b"]]], "InvalidFilterKey"),
    ]

    @Test(arguments: refusedFilters)
    func filtersThatAreRefused(_ filters: APIValue, code: String) async throws {
        let story = try await story()
        #expect(await story.error("DescribeParameters", ["ParameterFilters": filters]) == code)
    }

    @Test func byPathALabelShowsTheVersionThatHasIt() async throws {
        let story = try await story()
        try await story.put("/prod/db/port", "5433", ["Overwrite": true])
        try await story.call("LabelParameterVersion", ["Name": "/prod/db/port", "ParameterVersion": 1, "Labels": ["live"]])
        let output = try await story.call(
            "GetParametersByPath", ["Path": "/prod/db", "ParameterFilters": [["Key": "Label", "Values": ["live"]]]])
        #expect(output.structures("Parameters").map { $0.string("Value") } == ["5"])
        #expect(await story.error("GetParametersByPath", ["Path": "/", "ParameterFilters": [["Key": "Name", "Values": ["x"]]]]) == "InvalidFilterKey")
    }

    @Test func descriptionsNeverShowValues() async throws {
        let output = try await story().call("DescribeParameters", [:])
        for parameter in output.structures("Parameters") {
            #expect(!parameter.contains("Value"))
            #expect(parameter.string("LastModifiedUser") == "arn:aws:iam::000000000000:user/admin")
        }
    }
}
