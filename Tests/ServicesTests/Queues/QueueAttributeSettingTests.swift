import AWSProtocols
import Store
import Testing

@testable import Services

@Suite struct QueueAttributeSettingTests {
    private static let region = "us-east-1"

    private func set(
        _ values: [(String, String)], _ name: String = "q", isNew: Bool = true, on attributes: QueueAttributes = QueueAttributes()
    ) throws(APIError) -> QueueAttributes {
        var attributes = attributes
        try QueueAttributeSetting(queue: QueueName(account: "000000000000", name: name), isNew: isNew).apply(values, to: &attributes)
        return attributes
    }

    private func refusal(_ values: [(String, String)], _ name: String = "q", isNew: Bool = true) -> String? {
        do {
            _ = try set(values, name, isNew: isNew)
            return nil
        } catch {
            return "\(error.code): \(error.message)"
        }
    }

    @Test(arguments: [
        ("VisibilityTimeout", "0", "43200", "43201"), ("DelaySeconds", "0", "900", "901"),
        ("MessageRetentionPeriod", "60", "1209600", "59"), ("MaximumMessageSize", "1024", "1048576", "1048577"),
        ("ReceiveMessageWaitTimeSeconds", "0", "20", "21"), ("KmsDataKeyReusePeriodSeconds", "60", "86400", "x"),
    ])
    func numbersHaveTheirRanges(name: String, least: String, greatest: String, wrong: String) throws {
        for value in [least, greatest] {
            #expect(try set([(name, value)]).shown(name, region: QueueAttributeSettingTests.region) == value)
        }
        #expect(refusal([(name, wrong)]) == "InvalidAttributeValue: Invalid value for the parameter \(name).")
    }

    @Test(arguments: [
        ("QueueArn", "x", "q", true, "InvalidAttributeName: Unknown Attribute QueueArn."),
        ("Nothing", "x", "q", true, "InvalidAttributeName: Unknown Attribute Nothing."),
        ("FifoQueue", "true", "q", true, "InvalidAttributeName: Unknown Attribute FifoQueue."),
        ("FifoQueue", "true", "q.fifo", true, nil),
        ("FifoQueue", "false", "q.fifo", false,
            "InvalidAttributeValue: Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported."),
        ("ContentBasedDeduplication", "true", "q", true,
            "InvalidAttributeName: Unknown Attribute ContentBasedDeduplication. Should be used only with FIFO Queues."),
        ("DeduplicationScope", "queue", "q", false,
            "InvalidAttributeName: You can specify the DeduplicationScope only when FifoQueue is set to true."),
        ("FifoThroughputLimit", "perMessageGroupId", "q.fifo", true,
            "InvalidParameterValue: The perMessageGroupId value is allowed only when the value for DeduplicationScope is messageGroup"),
        ("Policy", "{", "q", true, "InvalidAttributeValue: Invalid value for the parameter Policy."),
        ("Policy", "", "q", true, nil),
        ("SqsManagedSseEnabled", "yes", "q", true, "InvalidAttributeValue: Invalid value for the parameter SqsManagedSseEnabled."),
    ] as [(String, String, String, Bool, String?)])
    func otherAttributesHaveRules(name: String, value: String, queue: String, isNew: Bool, words: String?) {
        #expect(refusal([(name, value)], queue, isNew: isNew) == words)
    }

    @Test func aKeyEndsTheOtherEncryption() throws {
        let region = QueueAttributeSettingTests.region
        #expect(QueueAttributes().shown("SqsManagedSseEnabled", region: region) == "true")
        let keyed = try set([("KmsMasterKeyId", "alias/k")], on: set([("SqsManagedSseEnabled", "true")]))
        #expect(keyed.shown("SqsManagedSseEnabled", region: region) == "false")
        #expect(keyed.shown("KmsMasterKeyId", region: region) == "alias/k")
        #expect(throws: APIError.self) { try set([("SqsManagedSseEnabled", "true")], on: keyed) }
        #expect(try set([("SqsManagedSseEnabled", "true"), ("KmsMasterKeyId", "")], on: keyed).kmsMasterKeyID == nil)
    }

    @Test func redrivePoliciesReadBack() throws {
        let text = #"{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:d","maxReceiveCount":"5"}"#
        let attributes = try set([("RedrivePolicy", text)])
        #expect(attributes.redrivePolicy?.maxReceiveCount == 5)
        #expect(
            attributes.shown("RedrivePolicy", region: QueueAttributeSettingTests.region)
                == #"{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:d","maxReceiveCount":5}"#)
        #expect(try set([("RedrivePolicy", "")], on: attributes).redrivePolicy == nil)
    }

    @Test(arguments: [
        ("x", "Invalid value for the parameter RedrivePolicy. Reason: Redrive policy is not a valid JSON map."),
        ("{}",
            "Value {} for parameter RedrivePolicy is invalid. Reason: Redrive policy does not contain mandatory attribute: "
                + "maxReceiveCount."),
        (#"{"deadLetterTargetArn": "dummy", "maxReceiveCount": 42}"#,
            #"Value {"deadLetterTargetArn": "dummy", "maxReceiveCount": 42} for parameter RedrivePolicy is invalid. Reason: Invalid "#
                + "value for deadLetterTargetArn."),
        (#"{"deadLetterTargetArn":"a","maxReceiveCount":0}"#,
            #"Value {"deadLetterTargetArn":"a","maxReceiveCount":0} for parameter RedrivePolicy is invalid. Reason: Invalid value for "#
                + "maxReceiveCount: 0, valid values are from 1 to 1000 both inclusive."),
    ])
    func redrivePoliciesHaveRules(text: String, words: String) {
        #expect(refusal([("RedrivePolicy", text)]) == "InvalidParameterValue: " + words)
    }

    @Test(arguments: [
        #"{"redrivePermission":"allowAll"}"#, #"{"redrivePermission":"denyAll"}"#,
        #"{"redrivePermission":"byQueue","sourceQueueArns":["arn:aws:sqs:us-east-1:000000000000:s"]}"#,
    ])
    func redriveAllowPoliciesReadBack(text: String) throws {
        #expect(
            try set([("RedriveAllowPolicy", text)]).shown("RedriveAllowPolicy", region: QueueAttributeSettingTests.region) == text)
    }

    @Test(arguments: [
        "x", #"{"redrivePermission":"some"}"#, #"{"redrivePermission":"byQueue"}"#,
        #"{"redrivePermission":"denyAll","sourceQueueArns":["arn:aws:sqs:us-east-1:000000000000:s"]}"#,
        #"{"redrivePermission":"allowAll","more":1}"#,
    ])
    func otherRedriveAllowPoliciesAreRefused(text: String) {
        #expect(refusal([("RedriveAllowPolicy", text)]) != nil)
    }
}
