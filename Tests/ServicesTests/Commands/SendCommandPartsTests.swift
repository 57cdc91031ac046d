import AWSProtocols
import Store
import Testing
import TimeSource

@testable import Services

/// What SendCommand reads of its input, without a database.
struct SendCommandPartsTests {
    @Test func `targets are read`() throws {
        func read(_ key: String, _ values: String...) throws -> CommandTarget {
            try CommandTarget(["Key": .string(key), "Values": .strings(values)])
        }
        #expect(try read("InstanceIds", "mi-1", "mi-2") == .ids(["mi-1", "mi-2"]))
        #expect(try read("instanceids", "*") == .ids(nil))
        #expect(try read("tag:a:b", "x", "y") == .tags(.tag(key: "a:b", values: ["x", "y"])))
        #expect(try read("tag-key", "a") == .tags(.oneOfKeys(["a"])))
        #expect(try read("resource-groups:Name", "night") == .group("night"))
        for (key, values) in [("tag:", ["x"]), ("Tag:a", ["x"]), ("tag:a", []), ("resource-groups:Name", ["a", "b"]), ("", ["x"])] {
            #expect(throws: APIError.self, "\(key)") { try CommandTarget(["Key": .string(key), "Values": .strings(values)]) }
        }
    }

    @Test func `types of resources are compared whatever their case`() throws {
        let types = try ResourceTypeFilter(["AWS::SSM::MANAGEDINSTANCE", "AWS::EC2::VPC"])
        #expect(types.containsNodes && types.contains("AWS::EC2::Vpc") && !types.contains("AWS::S3::Bucket"))
        #expect(try ResourceTypeFilter(["AWS::AllSupported"]).contains("AWS::S3::Bucket"))
        #expect(throws: APIError.self) { try ResourceTypeFilter(["EC2"]) }
    }

    @Test func `queries say what tags must say`() throws {
        let query = try ResourceQuery(
            text: #"{"ResourceTypeFilters":["AWS::AllSupported"],"TagFilters":[{"Key":"a","Values":["1","2"]},{"Key":"b"}]}"#)
        #expect(query.tags == [.tag(key: "a", values: ["1", "2"]), .tag(key: "b", values: [])])
        for text in ["", "[]", "{}", #"{"ResourceTypeFilters":["AWS::AllSupported"],"TagFilters":[]}"#, #"{"Other":1}"#] {
            #expect(throws: APIError.self, "\(text)") { try ResourceQuery(text: text) }
        }
    }

    @Test func `a notification wants the statuses that it names`() throws {
        func notice(_ events: [String], type: String = "Command") throws -> CommandNotice? {
            try CommandNotice([
                "NotificationArn": "arn:aws:sns:us-east-1:000000000000:t", "NotificationEvents": .strings(events),
                "NotificationType": .string(type),
            ])
        }
        let some = try #require(try notice(["Failed", "TimedOut"], type: "Invocation"))
        #expect(some.isForInvocations && some.wants("Failed") && some.wants("TimedOut") && !some.wants("Success"))
        for all in [try notice(["All"]), try notice([]), try notice(["Failed", "All"])] {
            let all = try #require(all)
            #expect(!all.isForInvocations && all.wants("InProgress") && all.wants("Success"))
            #expect(!all.wants("Pending") && !all.wants("Cancelling"))
        }
        #expect(try CommandNotice(nil) == nil)
        #expect(try CommandNotice(["NotificationArn": "", "NotificationEvents": []]) == nil)
    }

    @Test(arguments: [
        (Int64(1_556_215_029_170), "2019-04-25T17:57:09.17Z"), (1_556_215_029_236, "2019-04-25T17:57:09.236Z"),
        (1_556_215_029_000, "2019-04-25T17:57:09Z"), (1_556_215_029_100, "2019-04-25T17:57:09.1Z"),
    ])
    func `instants are written as in AWS's examples`(_ milliseconds: Int64, _ text: String) {
        #expect(CommandNoticeMessage.instant(Timestamp(milliseconds: milliseconds)) == text)
    }

    @Test func `deliveries to topics are read as they were written`() {
        let deliveries: [CommandNoticeDelivery] = [
            .complete(topic: "t", message: "{}"), .pending(topic: "t", command: 7, status: nil, time: Timestamp(milliseconds: 5)),
            .pending(topic: "t", command: 7, status: "InProgress", time: Timestamp(milliseconds: 5)),
        ]
        for delivery in deliveries { #expect(CommandNoticeDelivery(stored: delivery.stored) == delivery) }
        #expect(CommandNoticeDelivery(stored: Array("{}".utf8)) == nil)
    }

    @Test func `names of staged output say which stream it is`() throws {
        let stream = CommandOutputStore.StreamKey(
            invocation: .init(command: 123, node: "mi-0abc"), attempt: 1, step: 2, stream: "stderr")
        #expect(StagedOutput(stream).name == "123.mi-0abc.1.2.stderr")
        #expect(StagedOutput(name: "123.mi-0abc.1.2.stderr") == StagedOutput(stream))
        #expect(StagedOutput(name: "else") == nil)
        let delivery = InvocationOutputDelivery(command: 1, node: "mi-1", attempt: 1)
        #expect(InvocationOutputDelivery(stored: delivery.stored) == delivery)
    }
}
