import AWSProtocols
import Engine
import JSONCore
import Services
import Testing
import TimeSource

@Suite("Subscriptions") struct SubscriptionTests {
    private let topic: APIValue = .string(TopicStory.arn("alerts"))

    private func subscribe(_ way: String, _ endpoint: String, attributes: [(String, String)] = []) -> APIStructure {
        ["TopicArn": topic, "Protocol": .string(way), "Endpoint": .string(endpoint), "Attributes": .stringMap(attributes)]
    }

    @Test func anEmailSubscriptionIsConfirmedByTheLinkInItsMail() async throws {
        let story = try await TopicStory()
        try await story.call("CreateTopic", ["Name": "alerts"])
        #expect(try await story.call("Subscribe", subscribe("email", "ops@example.com")) == ["SubscriptionArn": "pending confirmation"])
        let listed = try await story.call("ListSubscriptionsByTopic", ["TopicArn": topic]).structures("Subscriptions")
        #expect(listed.map { $0.string("SubscriptionArn") } == ["PendingConfirmation"])

        let mail = try #require(try await story.mails().first)
        #expect(mail.to == "ops@example.com")
        #expect(mail.subject == "AWS Notification - Subscription Confirmation")
        let token = try await story.token(of: "ops@example.com")
        #expect(
            mail.text.contains("http://nightshift:7070/?Action=ConfirmSubscription&TopicArn=\(TopicStory.arn("alerts"))&Token=\(token)\n"))

        let confirmed = try await story.call("ConfirmSubscription", ["TopicArn": topic, "Token": .string(token)], isSigned: false)
        let arn = try #require(confirmed.string("SubscriptionArn"))
        #expect(arn.hasPrefix(TopicStory.arn("alerts") + ":"))
        // Opening the link again does no harm.
        #expect(try await story.call("ConfirmSubscription", ["TopicArn": topic, "Token": .string(token)], isSigned: false) == confirmed)
        let shown = try await story.call("GetSubscriptionAttributes", ["SubscriptionArn": .string(arn)]).structure("Attributes")
        #expect(shown?.string("PendingConfirmation") == "false")
        #expect(shown?.string("ConfirmationWasAuthenticated") == "false")
        #expect(shown?.string("Endpoint") == "ops@example.com")
        #expect(shown?.string("RawMessageDelivery") == "false")
    }

    @Test func aTokenIsValidForThreeDays() async throws {
        let story = try await TopicStory()
        try await story.call("CreateTopic", ["Name": "alerts"])
        try await story.call("Subscribe", subscribe("email", "ops@example.com"))
        let input: APIStructure = ["TopicArn": topic, "Token": .string(try await story.token(of: "ops@example.com"))]
        story.clock.advance(by: .seconds(3 * 86_400))
        #expect(await story.error("ConfirmSubscription", input)?.message == "Invalid parameter: Token")
        // Subscribing again sends another mail, and the token is valid again.
        try await story.call("Subscribe", subscribe("email", "ops@example.com"))
        #expect(try await story.mails().count == 2)
        try await story.call("ConfirmSubscription", input)
    }

    @Test(arguments: [
        ("", "Invalid token"), ("nonsense", "Invalid token"), (String(repeating: "0", count: 96), "Invalid parameter: Token"),
        (String(repeating: "0", count: 288), "Invalid parameter: Token"),
    ])
    func aWrongTokenConfirmsNothing(token: String, message: String) async throws {
        let story = try await TopicStory()
        try await story.call("CreateTopic", ["Name": "alerts"])
        try await story.call("Subscribe", subscribe("email", "ops@example.com"))
        let error = await story.error("ConfirmSubscription", ["TopicArn": topic, "Token": .string(token)], isSigned: false)
        #expect(error?.message == message)
    }

    @Test func subscribingTwiceAnswersTheSameSubscription() async throws {
        let story = try await TopicStory()
        let arn = try await story.subscribed()
        #expect(try await story.call("Subscribe", subscribe("email", "ops@example.com")) == ["SubscriptionArn": .string(arn)])
        #expect(try await story.mails().isEmpty)
        let other = await story.error("Subscribe", subscribe("email", "ops@example.com", attributes: [("RawMessageDelivery", "true")]))
        #expect(other?.message == "Invalid parameter: Attributes Reason: Subscription already exists with different attributes")
    }

    @Test func aLinkUnsubscribesUnlessThatNeedsASignature() async throws {
        let story = try await TopicStory()
        let open = try await story.subscribed()
        try await story.call("Unsubscribe", ["SubscriptionArn": .string(open)], isSigned: false)
        try await story.call("Unsubscribe", ["SubscriptionArn": .string(open)], isSigned: false)
        #expect(try await story.call("ListSubscriptions", [:]) == ["Subscriptions": []])

        let subscribed = try await story.call(
            "Subscribe", ["TopicArn": topic, "Protocol": "email", "Endpoint": "a@b.c", "ReturnSubscriptionArn": true])
        let arn = try #require(subscribed.string("SubscriptionArn"))
        try await story.call(
            "ConfirmSubscription",
            ["TopicArn": topic, "Token": .string(try await story.token(of: "a@b.c")), "AuthenticateOnUnsubscribe": "true"])
        #expect(await story.error("Unsubscribe", ["SubscriptionArn": .string(arn)], isSigned: false)?.code == "AuthorizationError")
        try await story.call("Unsubscribe", ["SubscriptionArn": .string(arn)])
        let shown = try await story.call("GetTopicAttributes", ["TopicArn": topic]).structure("Attributes")
        #expect(shown?.string("SubscriptionsDeleted") == "2")
    }

    @Test(arguments: [
        ("email", "nobody", "Invalid parameter: Email address"),
        ("email-json", "a b@c", "Invalid parameter: Email address"),
        ("http", "https://host/", "Invalid parameter: Endpoint must match the specified protocol"),
        ("https", "ftp://host/", "Invalid parameter: Endpoint must match the specified protocol"),
        ("http", "http:///path", "Invalid parameter: Endpoint"),
        ("lambda", "nightly", "Invalid parameter: Lambda endpoint ARN"),
        ("lambda", "arn:aws:lambda:us-east-1:111111111111:function:f", "Invalid parameter: Lambda endpoint ARN"),
        (
            "sms", "+15550100",
            "Invalid parameter: Protocol Reason: the protocol sms is not supported by Nightshift yet"
        ),
        ("carrier-pigeon", "x", "Invalid parameter: Amazon SNS does not support this protocol string: carrier-pigeon"),
        ("email", "", "Invalid parameter: Endpoint"),
    ])
    func badEndpoints(way: String, endpoint: String, message: String) async throws {
        let story = try await TopicStory()
        try await story.call("CreateTopic", ["Name": "alerts"])
        #expect(await story.error("Subscribe", subscribe(way, endpoint))?.message == message)
    }

    @Test(arguments: [
        (
            "FilterPolicy", "{",
            "Invalid parameter: Attributes Reason: FilterPolicy: failed to parse JSON. Unexpected end-of-input\n at [Source: "
                + "REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, column: 2]"
        ),
        (
            "FilterPolicyScope", "Body",
            "Invalid parameter: Attributes Reason: FilterPolicyScope: Invalid value [Body]. Please use either MessageBody or MessageAttributes"
        ),
        (
            "RawMessageDelivery", "maybe",
            "Invalid parameter: Attributes Reason: RawMessageDelivery: Invalid value [maybe]. Must be true or false."
        ),
        ("Colour", "red", "Invalid parameter: Attributes Reason: Unknown attribute Colour"),
    ])
    func badAttributes(name: String, value: String, message: String) async throws {
        let story = try await TopicStory()
        try await story.call("CreateTopic", ["Name": "alerts"])
        #expect(await story.error("Subscribe", subscribe("email", "a@b.c", attributes: [(name, value)]))?.message == message)
    }

    @Test func aWebAddressIsAskedToConfirm() async throws {
        let story = try await TopicStory()
        try await story.call("CreateTopic", ["Name": "alerts"])
        try await story.call("Subscribe", subscribe("http", "http://user:secret@127.0.0.1:8080/hook"))
        let delivery = try #require(try await story.deliveries().first)
        let webhook = try #require(WebhookDelivery(encoded: delivery.body))
        #expect(webhook.headers.contains(.init("x-amz-sns-message-type", "SubscriptionConfirmation")))
        let posted = try JSONParser.parse(webhook.content)
        #expect(posted["Type"]?.text == "SubscriptionConfirmation")
        #expect(posted["Token"]?.text == (try await story.token(of: "http://user:secret@127.0.0.1:8080/hook")))
        #expect(posted["SubscribeURL"]?.text?.hasPrefix("http://nightshift:7070/?Action=ConfirmSubscription&") == true)
        let listed = try await story.call("ListSubscriptions", [:]).structures("Subscriptions")
        #expect(listed.first?.string("Endpoint") == "http://user:****@127.0.0.1:8080/hook")
    }

    @Test func aFilterPolicyCanBeSetChangedAndRemoved() async throws {
        let story = try await TopicStory()
        let arn: APIValue = .string(try await story.subscribed())
        func set(_ name: String, _ value: String) async throws {
            try await story.call(
                "SetSubscriptionAttributes", ["SubscriptionArn": arn, "AttributeName": .string(name), "AttributeValue": .string(value)])
        }
        func shown(_ name: String) async throws -> String? {
            try await story.call("GetSubscriptionAttributes", ["SubscriptionArn": arn]).structure("Attributes")?.string(name)
        }
        try await set("FilterPolicy", #"{"state":["FAILED"]}"#)
        #expect(try await shown("FilterPolicy") == #"{"state":["FAILED"]}"#)
        #expect(try await shown("FilterPolicyScope") == "MessageAttributes")
        try await set("FilterPolicyScope", "MessageBody")
        #expect(try await shown("FilterPolicyScope") == "MessageBody")
        try await set("FilterPolicy", "")
        #expect(try await shown("FilterPolicy") == nil)
        #expect(
            await story.error("SetSubscriptionAttributes", ["SubscriptionArn": arn, "AttributeName": "X"])?.message
                == "Invalid parameter: AttributeName")
    }
}
