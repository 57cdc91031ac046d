import AWSProtocols
import AgentProtocol
import Testing

@testable import Services

@Suite struct ConfigQueryServiceTests {
    private func network(_ story: NodeStory, _ number: Int, _ interfaces: [(name: String, ipv4: String)]) async throws {
        let rows = interfaces.map { [NamedValue(name: "Name", value: $0.name), NamedValue(name: "IPV4", value: $0.ipv4)] }
        let item = InventoryReport.Item(
            typeName: "AWS:Network", schemaVersion: "1.0", captureTime: "2026-11-21T10:00:00Z", contentHash: "h", content: rows)
        _ = try await story.intake.take(InventoryReport(items: [item]), node: NodeStory.id(number), account: NodeStory.account)
    }

    private func select(_ story: NodeStory, _ expression: String, limit: Int64 = 100) async throws -> (rows: [String], pages: Int) {
        var (rows, pages): ([String], Int) = ([], 0)
        var input: APIStructure = ["Expression": .string(expression), "Limit": .integer(limit)]
        while true {
            let page = try await story.call("SelectResourceConfig", input, service: "config")
            rows += page.strings("Results")
            pages += 1
            guard let token = page.string("NextToken") else { return (rows, pages) }
            input["NextToken"] = .string(token)
        }
    }

    @Test func publicAddressesAreFound() async throws {
        let story = try await NodeStory()
        try await story.enrol(1...3)
        try await network(story, 1, [("eth0", "10.0.0.1, 198.51.100.4"), ("eth1", "172.16.0.1")])
        try await network(story, 2, [("eth0", "169.254.0.1")])
        let found = try await select(
            story,
            """
            SELECT resouceId, resourceName, resourceType, configuration.association.publicIp, availabilityZone, awsRegion
            WHERE resourceType='AWS::EC2::NetworkInterface' AND configuration.association.publicIp>'0.0.0.0'
            """)
        #expect(
            found.rows == [
                #"{"resourceName":"eth0","resourceType":"AWS::EC2::NetworkInterface","configuration":{"association":{"publicIp":"198.51.100.4"}},"#
                    + #""availabilityZone":"Not Applicable","awsRegion":"us-east-1"}"#
            ])
    }

    @Test func pagesOfOneRowAreTheWhole() async throws {
        let story = try await NodeStory()
        try await story.enrol(1...5)
        try await network(story, 2, [("eth0", "10.0.0.1"), ("eth1", "10.0.0.2"), ("eth2", "10.0.0.3")])
        let whole = try await select(story, "SELECT resourceId")
        #expect(whole.rows.count == 8 && whole.pages == 1)
        let single = try await select(story, "SELECT resourceId", limit: 1)
        #expect(single.rows == whole.rows && single.pages == 8)
        let ordered = try await select(story, "SELECT resourceId ORDER BY resourceId DESC", limit: 3)
        #expect(ordered.rows == whole.rows.sorted(by: >) && ordered.pages == 3)
    }

    @Test func aQuerySeesTheCallersAccountAlone() async throws {
        let story = try await NodeStory()
        try await story.enrol([1])
        try await story.enrol([2], account: "111111111111")
        #expect(try await select(story, "SELECT COUNT(*)").rows == [#"{"COUNT(*)":1}"#])
        #expect(try await select(story, "SELECT resourceId WHERE resourceId = '\(NodeStory.id(2))'").rows.isEmpty)
    }

    @Test func refusals() async throws {
        let story = try await NodeStory()
        for (input, code): (APIStructure, String) in [
            (["Expression": "SELEC"], "InvalidExpressionException"), (["Expression": "SELECT a", "Limit": 101], "InvalidLimitException"),
            (["Expression": "SELECT a", "NextToken": "x"], "InvalidNextTokenException"),
        ] {
            #expect(await story.error("SelectResourceConfig", input, service: "config") == code)
        }
    }

    @Test(arguments: [
        ("8.8.8.8", true), ("198.51.100.1", true), ("172.15.0.1", true), ("172.32.0.1", true), ("100.63.0.1", true), ("10.0.0.1", false), ("127.0.0.1", false),
        ("172.16.0.1", false), ("172.31.255.255", false), ("192.168.1.1", false), ("169.254.1.1", false), ("100.64.0.1", false), ("224.0.0.1", false),
        ("255.255.255.255", false), ("0.0.0.0", false), ("2001:db8::1", false), ("", false),
    ])
    func publicAddresses(_ text: String, _ isPublic: Bool) {
        #expect(PublicAddress.isPublic(text) == isPublic)
    }
}
