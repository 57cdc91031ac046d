import AWSProtocols
import Services
import Testing

@Suite("Topics") struct TopicTests {
    @Test func creatingATopicTwiceAnswersTheSameOne() async throws {
        let story = try await TopicStory()
        let first = try await story.call("CreateTopic", ["Name": "alerts"])
        #expect(first == ["TopicArn": "arn:aws:sns:us-east-1:000000000000:alerts"])
        #expect(try await story.call("CreateTopic", ["Name": "alerts"]) == first)
    }

    @Test func anExistingTopicWithOtherAttributesIsAnError() async throws {
        let story = try await TopicStory()
        try await story.call("CreateTopic", ["Name": "alerts", "Attributes": ["DisplayName": "A"]])
        let error = await story.error("CreateTopic", ["Name": "alerts", "Attributes": ["DisplayName": "B"]])
        #expect(error?.message == "Invalid parameter: Attributes Reason: Topic already exists with different attributes")
    }

    @Test(arguments: ["", "no spaces", "a/b", String(repeating: "x", count: 257), "queue.fifo"])
    func badNames(name: String) async throws {
        let error = try await TopicStory().error("CreateTopic", ["Name": .string(name)])
        #expect(error?.code == "InvalidParameter")
        #expect(error?.message == "Invalid parameter: Topic Name")
    }

    @Test func deletingIsIdempotentAndTakesTheSubscriptionsAlong() async throws {
        let story = try await TopicStory()
        let subscription = try await story.subscribed()
        let arn: APIValue = .string(TopicStory.arn("alerts"))
        try await story.call("DeleteTopic", ["TopicArn": arn])
        try await story.call("DeleteTopic", ["TopicArn": arn])
        #expect(await story.error("GetTopicAttributes", ["TopicArn": arn])?.code == "NotFound")
        #expect(await story.error("GetTopicAttributes", ["TopicArn": arn])?.message == "Topic does not exist")
        #expect(try await story.call("ListSubscriptions", [:]) == ["Subscriptions": []])
        #expect(await story.error("GetSubscriptionAttributes", ["SubscriptionArn": .string(subscription)])?.code == "NotFound")
    }

    @Test func listsComeInPagesOfAHundred() async throws {
        let story = try await TopicStory()
        for number in 0..<101 { try await story.call("CreateTopic", ["Name": .string("t\(1000 + number)")]) }
        let first = try await story.call("ListTopics", [:])
        #expect(first.list("Topics")?.count == 100)
        let token = try #require(first.string("NextToken"))
        let second = try await story.call("ListTopics", ["NextToken": .string(token)])
        #expect(second == ["Topics": [["TopicArn": .string(TopicStory.arn("t1100"))]]])
        #expect(await story.error("ListTopics", ["NextToken": "nonsense"])?.message == "Invalid parameter: NextToken")
        #expect(await story.error("ListSubscriptions", ["NextToken": .string(token)])?.code == "InvalidParameter")
    }

    @Test func attributesAreShownWithTheirDefaults() async throws {
        let story = try await TopicStory()
        _ = try await story.subscribed()
        let arn = TopicStory.arn("alerts")
        try await story.call("SetTopicAttributes", ["TopicArn": .string(arn), "AttributeName": "DisplayName", "AttributeValue": "Batch"])
        let shown = try #require(try await story.call("GetTopicAttributes", ["TopicArn": .string(arn)]).structure("Attributes"))
        #expect(shown.string("TopicArn") == arn)
        #expect(shown.string("Owner") == TopicStory.account)
        #expect(shown.string("DisplayName") == "Batch")
        #expect(shown.string("SubscriptionsConfirmed") == "1")
        #expect(shown.string("SubscriptionsPending") == "0")
        #expect(shown.string("SubscriptionsDeleted") == "0")
        #expect(shown.string("Policy")?.contains("__default_policy_ID") == true)
        #expect(shown.string("EffectiveDeliveryPolicy")?.contains("\"numRetries\":3") == true)
    }

    @Test(arguments: [
        ("Nonsense", "x", "Invalid parameter: AttributeName"), ("Policy", "{", "Invalid parameter: Policy Error: null"),
        ("DisplayName", String(repeating: "x", count: 101), "Invalid parameter: DisplayName"),
        (
            "DeliveryPolicy", #"{"http":{"defaultHealthyRetryPolicy":{"numRetries":101}}}"#,
            "Invalid parameter: DeliveryPolicy: numRetries must be between 0 and 100"
        ),
    ])
    func badAttributes(name: String, value: String, message: String) async throws {
        let story = try await TopicStory()
        try await story.call("CreateTopic", ["Name": "alerts"])
        let error = await story.error(
            "SetTopicAttributes",
            ["TopicArn": .string(TopicStory.arn("alerts")), "AttributeName": .string(name), "AttributeValue": .string(value)])
        #expect(error?.message == message)
    }

    @Test(arguments: [
        ("nonsense", "InvalidParameter", "Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not 1"),
        ("arn:aws:sqs:us-east-1:000000000000:alerts", "InvalidParameter", "Invalid parameter: TopicArn"),
        ("arn:aws:sns:eu-west-1:000000000000:alerts", "InvalidParameter", "Invalid parameter: TopicArn"),
        ("arn:aws:sns:us-east-1:000000000000:other", "NotFound", "Topic does not exist"),
        (
            "arn:aws:sns:us-east-1:111111111111:alerts", "AuthorizationError",
            "User: arn:aws:iam::000000000000:user/admin is not authorized to perform: SNS:GetTopicAttributes on resource: arn:aws:sns:us-east-1:111111111111:alerts"
        ),
    ])
    func foreignAndUnknownARNs(arn: String, code: String, message: String) async throws {
        let error = try await TopicStory().error("GetTopicAttributes", ["TopicArn": .string(arn)])
        #expect(error?.code == code)
        #expect(error?.message == message)
    }

    @Test func tags() async throws {
        let story = try await TopicStory()
        let arn: APIValue = .string(TopicStory.arn("alerts"))
        try await story.call("CreateTopic", ["Name": "alerts", "Tags": [["Key": "team", "Value": "batch"]]])
        try await story.call("TagResource", ["ResourceArn": arn, "Tags": [["Key": "env", "Value": "prod"]]])
        try await story.call("UntagResource", ["ResourceArn": arn, "TagKeys": ["team"]])
        #expect(try await story.call("ListTagsForResource", ["ResourceArn": arn]) == ["Tags": [["Key": "env", "Value": "prod"]]])
        #expect(await story.error("CreateTopic", ["Name": "alerts", "Tags": [["Key": "a", "Value": "b"]]])?.code == "InvalidParameter")
        let unknown: APIValue = .string(TopicStory.arn("other"))
        #expect(await story.error("ListTagsForResource", ["ResourceArn": unknown])?.code == "ResourceNotFound")
    }
}
