import AWSProtocols
import AgentProtocol
import JSONCore
import Testing
import YAMLReading

@testable import Services

/// The operations on documents, over a database.
struct DocumentServiceTests {
    @Test func aDocumentIsCreatedShownAndFound() async throws {
        let story = try await DocumentStory()
        let made = try #require(
            try await story.create(
                "hello", DocumentStory.content("hello"),
                [
                    "VersionName": "one", "TargetType": "/AWS::EC2::Instance", "DisplayName": "Hello",
                    "Tags": [["Key": "team", "Value": "night"]],
                ]))
        #expect(made.string("Status") == "Active")
        #expect(made.string("Owner") == DocumentStory.account)
        #expect(made.string("DocumentVersion") == "1")
        #expect(made.strings("PlatformTypes") == ["Linux", "MacOS"])
        let shown = try await story.call("DescribeDocument", ["Name": "hello"]).structure("Document")
        #expect(shown == made)
        #expect(try await story.find("hello").steps(with: [])[0].commands == ["echo hello"])
        let arn: APIValue = "arn:aws:ssm:us-east-1:000000000000:document/hello"
        #expect(try await story.call("GetDocument", ["Name": arn]).string("Content") == DocumentStory.content("hello"))
    }

    @Test(
        arguments: [
            (["Name": "hello"], "DocumentAlreadyExists"), (["Name": "AWS-RunShellScript"], "DocumentAlreadyExists"),
            (["Name": "aws-mine"], "ValidationException"), (["Name": "Amazon-mine"], "ValidationException"),
            (["Name": "other", "DocumentType": "Automation"], "InvalidDocumentContent"),
            (["Name": "other", "DocumentFormat": "TEXT"], "InvalidDocumentContent"),
            (["Name": "other", "DocumentFormat": "YAML", "Content": "["], "InvalidDocumentContent"),
            (["Name": "other", "Content": "{}"], "InvalidDocumentContent"),
            (["Name": "other", "Attachments": [["Key": "SourceUrl"]]], "ValidationException"),
            (["Name": "other", "Requires": [["Name": "x"]]], "ValidationException"),
            (["Name": "other", "Tags": [["Key": "aws:x", "Value": "y"]]], "ValidationException"),
            (["Name": "other", "Content": .string(String(repeating: " ", count: 65_537))], "MaxDocumentSizeExceeded"),
        ] as [(APIStructure, String)])
    func aCreationIsRefused(_ more: APIStructure, code: String) async throws {
        let story = try await DocumentStory()
        try await story.create("hello", DocumentStory.content("hello"))
        var input: APIStructure = ["Content": .string(DocumentStory.content("x"))]
        for member in more.members { input[member.name] = member.value }
        #expect(await story.error("CreateDocument", input) == code)
    }

    @Test func versionsComeAndGo() async throws {
        let story = try await DocumentStory()
        try await story.create("d", DocumentStory.content("1"), ["VersionName": "one"])
        let second = try #require(try await story.update("d", DocumentStory.content("2"), ["VersionName": "two"]))
        #expect(second.string("DocumentVersion") == "2")
        #expect(second.string("LatestVersion") == "2")
        #expect(second.string("DefaultVersion") == "1")
        try await story.update("d", DocumentStory.content("3"))
        func commands(_ version: String?) async throws -> [String] {
            try await story.find("d", version: version).steps(with: [])[0].commands
        }
        #expect(try await commands(nil) == ["echo 1"])
        #expect(try await commands("$LATEST") == ["echo 3"])
        #expect(try await commands("2") == ["echo 2"])
        #expect(try await commands("two") == ["echo 2"])
        await #expect(throws: APIError.self) { try await commands("9") }

        let moved = try await story.call("UpdateDocumentDefaultVersion", ["Name": "d", "DocumentVersion": "2"])
        #expect(moved.structure("Description")?.string("DefaultVersionName") == "two")
        #expect(try await commands("$DEFAULT") == ["echo 2"])
        #expect(await story.error("DeleteDocument", ["Name": "d", "VersionName": "two"]) == "InvalidDocumentOperation")
        try await story.call("DeleteDocument", ["Name": "d", "DocumentVersion": "3"])
        let shown = try await story.call("DescribeDocument", ["Name": "d"]).structure("Document")
        #expect(shown?.string("LatestVersion") == "2")
        #expect(try await story.update("d", DocumentStory.content("4"))?.string("DocumentVersion") == "4", "numbers do not come back")

        let first = try await story.call("ListDocumentVersions", ["Name": "d", "MaxResults": 2])
        #expect(first.structures("DocumentVersions").compactMap { $0.string("DocumentVersion") } == ["1", "2"])
        #expect(first.structures("DocumentVersions").map { $0.bool("IsDefaultVersion") } == [false, true])
        let rest = try await story.call("ListDocumentVersions", ["Name": "d", "NextToken": .optional(first.string("NextToken"))])
        #expect(rest.structures("DocumentVersions").compactMap { $0.string("DocumentVersion") } == ["4"])
        #expect(rest.string("NextToken") == nil)
    }

    @Test func anUpdateIsRefused() async throws {
        let story = try await DocumentStory()
        try await story.create("d", DocumentStory.content("1"), ["VersionName": "one"])
        try await story.update("d", DocumentStory.content("2"))
        func error(_ more: APIStructure) async -> String? {
            var input: APIStructure = ["Name": "d", "Content": .string(DocumentStory.content("3")), "DocumentVersion": "$LATEST"]
            for member in more.members { input[member.name] = member.value }
            return await story.error("UpdateDocument", input)
        }
        #expect(await error(["Name": "none"]) == "InvalidDocument")
        #expect(await error(["Name": "AWS-RunShellScript"]) == "InvalidDocumentOperation")
        #expect(await error(["DocumentVersion": "1"]) == "InvalidDocumentVersion")
        #expect(await error(["DocumentVersion": "7"]) == "InvalidDocumentVersion")
        #expect(await error(["Content": .string(DocumentStory.content("1"))]) == "DuplicateDocumentContent")
        #expect(await error(["VersionName": "one"]) == "DuplicateDocumentVersionName")
        #expect(await error(["Content": "{}"]) == "InvalidDocumentContent")
        #expect(await error(["DocumentVersion": "2"]) == nil)
        let old = #"{"schemaVersion":"1.2","runtimeConfig":{"aws:runShellScript":{"properties":[{"runCommand":["a"]}]}}}"#
        try await story.create("old", old)
        #expect(await error(["Name": "old"]) == "InvalidDocumentSchemaVersion")
    }

    @Test func aThousandVersionsAreEnough() async throws {
        let story = try await DocumentStory()
        try await story.create("d", DocumentStory.content("1"))
        for number in 2...1_000 { try await story.update("d", DocumentStory.content(String(number))) }
        let input: APIStructure = ["Name": "d", "Content": .string(DocumentStory.content("x")), "DocumentVersion": "$LATEST"]
        #expect(await story.error("UpdateDocument", input) == "DocumentVersionLimitExceeded")
    }

    @Test func updatesAtOnceEachMakeAVersion() async throws {
        let story = try await DocumentStory()
        try await story.create("d", DocumentStory.content("0"))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 1...4 { group.addTask { try await story.update("d", DocumentStory.content(String(number))) } }
            try await group.waitForAll()
        }
        let versions = try await story.call("ListDocumentVersions", ["Name": "d"]).structures("DocumentVersions")
        #expect(versions.compactMap { $0.string("DocumentVersion") } == ["1", "2", "3", "4", "5"])
    }

    @Test func contentIsGivenInEitherFormat() async throws {
        let story = try await DocumentStory()
        let yaml =
            "schemaVersion: '2.2'\ndescription: d\nmainSteps:\n- action: aws:runShellScript\n  name: s\n  inputs:\n    runCommand: [a]\n"
        try await story.create("y", yaml, ["DocumentFormat": "YAML"])
        #expect(try await story.call("GetDocument", ["Name": "y", "DocumentFormat": "YAML"]).string("Content") == yaml)
        let json = try await story.call("GetDocument", ["Name": "y"])
        #expect(json.string("DocumentFormat") == "JSON")
        #expect(try JSONParser.parse(json.string("Content") ?? "") == YAMLReader.parse(yaml))
        try await story.create("j", DocumentStory.content("x"))
        let asYAML = try await story.call("GetDocument", ["Name": "j", "DocumentFormat": "YAML"]).string("Content") ?? ""
        #expect(try YAMLReader.parse(asYAML) == JSONParser.parse(DocumentStory.content("x")))
        #expect(await story.error("GetDocument", ["Name": "j", "DocumentFormat": "TEXT"]) == "InvalidDocumentContent")
    }

    @Test func aDocumentIsDeletedWithItsVersionsAndTags() async throws {
        let story = try await DocumentStory()
        try await story.create("d", DocumentStory.content("1"), ["Tags": [["Key": "a", "Value": "b"]]])
        try await story.update("d", DocumentStory.content("2"))
        let resource: APIStructure = ["ResourceType": "Document", "ResourceId": "d"]
        #expect(try await story.call("ListTagsForResource", resource).structures("TagList").count == 1)
        try await story.call("DeleteDocument", ["Name": "d"])
        #expect(await story.error("ListTagsForResource", resource) == "InvalidResourceId")
        #expect(await story.error("DescribeDocument", ["Name": "d"]) == "InvalidDocument")
        #expect(await story.error("DeleteDocument", ["Name": "d"]) == "InvalidDocument")
        #expect(await story.error("DeleteDocument", ["Name": "AWS-RunShellScript"]) == "InvalidDocumentOperation")
        try await story.create("d", DocumentStory.content("1"))
        #expect(try await story.call("ListTagsForResource", resource).structures("TagList").isEmpty)
    }

    @Test func aNameThatIsNotThereIsToldByEveryOperation() async throws {
        let story = try await DocumentStory()
        for operation in ["DescribeDocument", "GetDocument", "ListDocumentVersions", "DeleteDocument", "DescribeDocumentPermission"] {
            #expect(await story.error(operation, ["Name": "none", "PermissionType": "Share"]) == "InvalidDocument", "\(operation)")
        }
        #expect(await story.error("UpdateDocumentDefaultVersion", ["Name": "none", "DocumentVersion": "1"]) == "InvalidDocument")
        #expect(await story.error("DescribeDocument", ["Name": "AWS-RunShellScript", "DocumentVersion": "2"]) == "InvalidDocumentVersion")
        #expect(await story.error("DescribeDocument", ["Name": "AWS-RunShellScript", "VersionName": "x"]) == "InvalidDocumentVersion")
    }

    @Test func documentsAreListedByFilters() async throws {
        let story = try await DocumentStory()
        try await story.create(
            "alpha", DocumentStory.content("a"), ["Tags": [["Key": "env", "Value": "prod"]], "TargetType": "/AWS::S3::Bucket"])
        try await story.create("beta", DocumentStory.content("b"), ["Tags": [["Key": "env", "Value": "test"]]])
        try await story.create("foreign", DocumentStory.content("f"))
        try await story.call(
            "CreateDocument", ["Name": "theirs", "Content": .string(DocumentStory.content("t"))], account: DocumentStory.other)
        func names(_ filters: [(String, [String])]) async throws -> [String] {
            let list = filters.map { ["Key": .string($0.0), "Values": .strings($0.1)] as APIValue }
            return try await story.call("ListDocuments", ["Filters": .list(list)]).structures("DocumentIdentifiers")
                .compactMap { $0.string("Name") }
        }
        let builtIn = ["AWS-RunPowerShellScript", "AWS-RunRemoteScript", "AWS-RunShellScript", "Nightshift-RunShellScript"]
        #expect(try await names([]) == builtIn + ["alpha", "beta", "foreign"])
        #expect(try await names([("Owner", ["Self"])]) == ["alpha", "beta", "foreign"])
        #expect(try await names([("Owner", ["Amazon"])]) == Array(builtIn.dropLast()))
        #expect(try await names([("Owner", ["Public"])]) == builtIn)
        #expect(try await names([("Name", ["al", "AWS-RunS"])]) == ["AWS-RunShellScript", "alpha"])
        #expect(try await names([("PlatformTypes", ["Windows"])]) == ["AWS-RunPowerShellScript", "AWS-RunRemoteScript"])
        #expect(try await names([("tag:env", ["prod"])]) == ["alpha"])
        #expect(try await names([("tag:env", ["prod", "test"]), ("SearchKeyword", ["PRINTS B"])]) == ["beta"])
        #expect(try await names([("TargetType", ["/AWS::S3::Bucket"])]) == ["alpha"])
        #expect(try await names([("DocumentType", ["Automation"])]).isEmpty)
        #expect(await story.error("ListDocuments", ["Filters": [["Key": "Colour", "Values": ["x"]]]]) == "InvalidFilterKey")
        let older = try await story.call("ListDocuments", ["DocumentFilterList": [["key": "Owner", "value": "Self"]]])
        #expect(older.structures("DocumentIdentifiers").count == 3)

        var paged: [String] = []
        var token: String?
        repeat {
            let page = try await story.call("ListDocuments", ["MaxResults": 1, "NextToken": .optional(token)])
            paged += page.structures("DocumentIdentifiers").compactMap { $0.string("Name") }
            token = page.string("NextToken")
        } while token != nil
        #expect(paged == builtIn + ["alpha", "beta", "foreign"])
        #expect(await story.error("ListDocuments", ["NextToken": "x"]) == "InvalidNextToken")
    }

    @Test func aSharedDocumentIsFoundByItsARN() async throws {
        let story = try await DocumentStory()
        try await story.create("d", DocumentStory.content("1"))
        try await story.update("d", DocumentStory.content("2"))
        let arn = "arn:aws:ssm:us-east-1:000000000000:document/d"
        await #expect(throws: APIError.self) { try await story.find(arn, account: DocumentStory.other) }
        try await story.call(
            "ModifyDocumentPermission", ["Name": "d", "PermissionType": "Share", "AccountIdsToAdd": [.string(DocumentStory.other)]])
        #expect(try await story.find(arn, account: DocumentStory.other).version == "1")
        await #expect(throws: APIError.self) { try await story.find(arn, version: "2", account: DocumentStory.other) }
        await #expect(throws: APIError.self) { try await story.find("d", account: DocumentStory.other) }
        let shown = try await story.call("DescribeDocumentPermission", ["Name": "d", "PermissionType": "Share"])
        #expect(shown.strings("AccountIds") == [DocumentStory.other])
        #expect(shown.structures("AccountSharingInfoList").first?.string("SharedDocumentVersion") == "$DEFAULT")
        let described = try await story.call("DescribeDocument", ["Name": .string(arn)], account: DocumentStory.other).structure("Document")
        #expect(described?.string("Name") == arn)
        for (operation, more) in [("DeleteDocument", [:]), ("UpdateDocumentDefaultVersion", ["DocumentVersion": "2"])]
            as [(String, APIStructure)]
        {
            var input: APIStructure = ["Name": .string(arn)]
            for member in more.members { input[member.name] = member.value }
            #expect(await story.error(operation, input, account: DocumentStory.other) == "InvalidDocument", "\(operation)")
        }
        #expect(await story.error("DeleteDocument", ["Name": "d"]) == "InvalidDocumentOperation")
        try await story.call(
            "ModifyDocumentPermission", ["Name": "d", "PermissionType": "Share", "AccountIdsToRemove": [.string(DocumentStory.other)]])
        await #expect(throws: APIError.self) { try await story.find(arn, account: DocumentStory.other) }
        try await story.call("DeleteDocument", ["Name": "d"])
    }
}
