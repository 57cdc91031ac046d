import AWSProtocols
import ByteCoding
import DatabaseSQLite
import Store
import Testing
import TimeSource

@testable import Services

@Suite("Parameter Store") struct ParameterServiceTests {
    @Test func aParameterIsReadBack() async throws {
        let story = try await ParameterStory()
        try await story.put("/prod/db/host", "db1", ["Description": "where"])
        let parameter = try #require(try await story.call("GetParameter", ["Name": "/prod/db/host"]).structure("Parameter"))
        #expect(parameter.string("Value") == "db1")
        #expect(parameter.string("ARN") == "arn:aws:ssm:us-east-1:000000000000:parameter/prod/db/host")
        #expect(parameter.integer("Version") == 1)
        #expect(parameter.timestamp("LastModifiedDate") == story.clock.now.milliseconds)
        #expect(parameter["Selector"]?.isNull == true)
    }

    @Test func aTakenNameNeedsOverwrite() async throws {
        let story = try await ParameterStory()
        try await story.put("p", "a")
        #expect(await story.error("PutParameter", ["Name": "p", "Value": "b", "Type": "String"]) == "ParameterAlreadyExists")
        #expect(try await story.put("p", "b", ["Overwrite": true]) == 2)
        #expect(try await story.value("p") == "b")
        #expect(try await story.value("p:1") == "a")
        #expect(await story.error("GetParameter", ["Name": "p:3"]) == "ParameterVersionNotFound")
        #expect(await story.error("GetParameter", ["Name": "p:live"]) == "ParameterVersionNotFound")
        #expect(await story.error("GetParameter", ["Name": "q"]) == "ParameterNotFound")
    }

    @Test func aSecureStringIsSealedInTheDatabase() async throws {
        let story = try await ParameterStory()
        try await story.put("secret", "correct horse", ["Type": "SecureString"])
        #expect(try await story.value("secret") == "correct horse")
        let shown = try #require(try await story.value("secret", decrypted: false))
        let stored = try #require(try await story.database.read { try $0.row("SELECT value FROM parameter_version")?.blob(0) })
        #expect(Base64.decode(shown.utf8) == stored)
        #expect(stored.firstRange(of: Array("correct".utf8)) == nil)
    }

    @Test func aSealedValueOpensOnlyInItsPlace() async throws {
        let story = try await ParameterStory()
        try await story.put("a", "one", ["Type": "SecureString"])
        try await story.put("b", "two", ["Type": "SecureString"])
        try await story.database.apply([
            Statement("UPDATE parameter_version SET value = (SELECT v.value FROM parameter_version v WHERE v.name = 'b') WHERE name = 'a'")
        ])
        await #expect(throws: (any Error).self) { try await story.value("a") }
        #expect(try await story.value("b") == "two")
    }

    @Test func severalParametersAreReadAtOnce() async throws {
        let story = try await ParameterStory()
        try await story.put("a", "1")
        try await story.put("b", "2")
        let output = try await story.call("GetParameters", ["Names": ["b", "none", "a:1", "a:2"]])
        #expect(output.structures("Parameters").compactMap { $0.string("Value") } == ["2", "1"])
        #expect(output.structures("Parameters").compactMap { $0.string("Selector") } == [":1"])
        #expect(output.strings("InvalidParameters") == ["none", "a:2"])
    }

    @Test func accountsAreApart() async throws {
        let story = try await ParameterStory()
        try await story.put("p", "a")
        #expect(await story.error("GetParameter", ["Name": "p"], account: "111111111111") == "ParameterNotFound")
        #expect(await story.error("DeleteParameter", ["Name": "p"], account: "111111111111") == "ParameterNotFound")
    }

    @Test func aDeletedParameterIsGoneWithAllThatItHad() async throws {
        let story = try await ParameterStory()
        try await story.put("p", "a", ["Tags": [["Key": "team", "Value": "batch"]]])
        try await story.call("LabelParameterVersion", ["Name": "p", "Labels": ["live"]])
        try await story.call("DeleteParameter", ["Name": "p"])
        #expect(await story.error("DeleteParameter", ["Name": "p"]) == "ParameterNotFound")
        #expect(try await story.put("p", "b") == 1)
        #expect(await story.error("GetParameter", ["Name": "p:live"]) == "ParameterVersionNotFound")
        let tags = try await story.call("ListTagsForResource", ["ResourceType": "Parameter", "ResourceId": "p"])
        #expect(tags.list("TagList") == [])
        let output = try await story.call("DeleteParameters", ["Names": ["p", "q"]])
        #expect(output.strings("DeletedParameters") == ["p"])
        #expect(output.strings("InvalidParameters") == ["q"])
    }

    @Test func theOldestOfAHundredVersionsGoesUnlessItHasALabel() async throws {
        let story = try await ParameterStory()
        for number in 1...101 { #expect(try await story.put("p", "v\(number)", ["Overwrite": true]) == Int64(number)) }
        #expect(await story.error("GetParameter", ["Name": "p:1"]) == "ParameterVersionNotFound")
        try await story.call("LabelParameterVersion", ["Name": "p", "ParameterVersion": 2, "Labels": ["keep"]])
        #expect(await story.error("PutParameter", ["Name": "p", "Value": "w", "Overwrite": true]) == "ParameterMaxVersionLimitExceeded")
        #expect(try await story.value("p:keep") == "v2")
        let history = try await story.call("GetParameterHistory", ["Name": "p"])
        #expect(history.structures("Parameters").compactMap { $0.integer("Version") } == Array(2...51))
        #expect(history.structures("Parameters").first?.strings("Labels") == ["keep"])
        let rest = try await story.call("GetParameterHistory", ["Name": "p", "NextToken": .optional(history.string("NextToken"))])
        #expect(rest.structures("Parameters").compactMap { $0.integer("Version") } == Array(52...101))
        #expect(rest.string("NextToken") == nil)
    }

    @Test func aLabelMovesFromVersionToVersion() async throws {
        let story = try await ParameterStory()
        try await story.put("p", "a")
        try await story.put("p", "b", ["Overwrite": true])
        let labelled = try await story.call("LabelParameterVersion", ["Name": "p", "ParameterVersion": 1, "Labels": ["live", "9"]])
        #expect(labelled.strings("InvalidLabels") == ["9"])
        #expect(labelled.integer("ParameterVersion") == 1)
        #expect(try await story.value("p:live") == "a")
        try await story.call("LabelParameterVersion", ["Name": "p", "Labels": ["live"]])
        #expect(try await story.value("p:live") == "b")
        let removed = try await story.call("UnlabelParameterVersion", ["Name": "p", "ParameterVersion": 2, "Labels": ["live", "x"]])
        #expect(removed.strings("RemovedLabels") == ["live"])
        #expect(removed.strings("InvalidLabels") == ["x"])
        let many = APIValue.strings((0...10).map { "l\($0)" })
        #expect(await story.error("LabelParameterVersion", ["Name": "p", "Labels": many]) == "ParameterVersionLabelLimitExceeded")
        #expect(await story.error("LabelParameterVersion", ["Name": "p", "ParameterVersion": 7, "Labels": ["x"]]) == "ParameterVersionNotFound")
    }

    @Test func concurrentWritesEachMakeAVersion() async throws {
        let story = try await ParameterStory()
        try await story.put("p", "0")
        let versions = try await withThrowingTaskGroup(of: Int64?.self) { group in
            for number in 1...4 { group.addTask { try await story.put("p", "\(number)", ["Overwrite": true]) } }
            return try await group.reduce(into: [Int64]()) { $0.append($1 ?? 0) }
        }
        #expect(versions.sorted() == [2, 3, 4, 5])
    }

    @Test func tagsComeWithTheFirstVersionOnly() async throws {
        let story = try await ParameterStory()
        let tags: APIValue = [["Key": "team", "Value": "batch"]]
        try await story.put("p", "a", ["Tags": tags])
        #expect(await story.error("PutParameter", ["Name": "p", "Value": "b", "Overwrite": true, "Tags": tags]) == "ValidationException")
        let resource: APIStructure = ["ResourceType": "Parameter", "ResourceId": "p"]
        var change = resource
        change["Tags"] = [["Key": "owner", "Value": "x"]]
        try await story.call("AddTagsToResource", change)
        change["TagKeys"] = ["team"]
        try await story.call("RemoveTagsFromResource", change)
        #expect(try await story.call("ListTagsForResource", resource).list("TagList") == [["Key": "owner", "Value": "x"]])
        #expect(await story.error("ListTagsForResource", ["ResourceType": "Parameter", "ResourceId": "q"]) == "InvalidResourceId")
    }
}
