import APIModels
import AWSProtocols
import Testing

/// SQS as SDKs from before November 2023 speak it.
@Suite struct QueryOverlayTests {
    private let model: ServiceModel

    init() throws {
        model = try #require(ModelCatalogue().model("sqs"))
    }

    private func input(_ action: String, _ form: String, path: String = "/", method: String = "POST") throws -> APIStructure {
        let operation = try #require(model.operations[action])
        let text = "Action=\(action)&Version=2012-11-05" + (form.isEmpty ? "" : "&" + form)
        let request =
            method == "GET"
            ? WireRequest(method: method, path: path, query: text)
            : WireRequest(method: method, path: path, body: Array(text.utf8))
        return try WireCodec(model: model, wireProtocol: .query).decode(request, operation)
    }

    private func xml(_ output: APIStructure, of operation: String) throws -> String {
        let operation = try #require(model.operations[operation])
        let response = WireCodec(model: model, wireProtocol: .query).encode(output, of: operation, requestID: "r")
        return String(decoding: response.body, as: UTF8.self)
    }

    @Test func aQueueIsCreatedWithAttributesAndTags() throws {
        let input = try input(
            "CreateQueue",
            "QueueName=q&Attribute.1.Name=DelaySeconds&Attribute.1.Value=5&Attribute.2.Name=Policy&Attribute.2.Value="
                + "&Tag.1.Key=a&Tag.1.Value=b")
        #expect(
            input == [
                "QueueName": "q", "Attributes": ["DelaySeconds": "5", "Policy": ""], "tags": ["a": "b"],
            ])
    }

    @Test func anAttributeMayStandWithoutNumber() throws {
        let set = try input("SetQueueAttributes", "QueueUrl=u&Attribute.Name=DelaySeconds&Attribute.Value=5")
        #expect(set["Attributes"] == ["DelaySeconds": "5"])
        #expect(try input("GetQueueAttributes", "QueueUrl=u&AttributeName=All")["AttributeNames"] == ["All"])
        #expect(try input("GetQueueAttributes", "QueueUrl=u&AttributeName.1=A&AttributeName.2=B")["AttributeNames"] == ["A", "B"])
    }

    @Test func aMessageHasAttributes() throws {
        let input = try input(
            "SendMessage",
            "QueueUrl=u&MessageBody=a%26b&DelaySeconds=3&MessageAttribute.1.Name=n&MessageAttribute.1.Value.DataType=String"
                + "&MessageAttribute.1.Value.StringValue=v&MessageAttribute.2.Name=b&MessageAttribute.2.Value.DataType=Binary"
                + "&MessageAttribute.2.Value.BinaryValue=AQI%3D&MessageSystemAttribute.1.Name=AWSTraceHeader"
                + "&MessageSystemAttribute.1.Value.DataType=String&MessageSystemAttribute.1.Value.StringValue=Root%3D1")
        #expect(input["MessageBody"] == "a&b")
        #expect(input["DelaySeconds"] == 3)
        #expect(
            input["MessageAttributes"] == [
                "n": ["StringValue": "v", "DataType": "String"], "b": ["BinaryValue": .blob([1, 2]), "DataType": "Binary"],
            ])
        #expect(
            input["MessageSystemAttributes"] == ["AWSTraceHeader": ["StringValue": "Root=1", "DataType": "String"]])
    }

    @Test func batchesHaveEntries() throws {
        let input = try input(
            "SendMessageBatch",
            "QueueUrl=u&SendMessageBatchRequestEntry.2.Id=two&SendMessageBatchRequestEntry.2.MessageBody=B"
                + "&SendMessageBatchRequestEntry.1.Id=one&SendMessageBatchRequestEntry.1.MessageBody=A"
                + "&SendMessageBatchRequestEntry.1.MessageAttribute.1.Name=n"
                + "&SendMessageBatchRequestEntry.1.MessageAttribute.1.Value.DataType=Number"
                + "&SendMessageBatchRequestEntry.1.MessageAttribute.1.Value.StringValue=1")
        #expect(
            input["Entries"] == [
                ["Id": "one", "MessageBody": "A", "MessageAttributes": ["n": ["StringValue": "1", "DataType": "Number"]]],
                ["Id": "two", "MessageBody": "B"],
            ])
    }

    @Test(arguments: [
        ("AddPermission", "AWSAccountId.1=1&ActionName.1=SendMessage", "AWSAccountIds"),
        ("AddPermission", "AWSAccountId.1=1&ActionName.1=SendMessage", "Actions"),
        ("UntagQueue", "TagKey.1=a", "TagKeys"), ("TagQueue", "Tag.1.Key=a&Tag.1.Value=b", "Tags"),
        ("DeleteMessageBatch", "DeleteMessageBatchRequestEntry.1.Id=a", "Entries"),
        ("ChangeMessageVisibilityBatch", "ChangeMessageVisibilityBatchRequestEntry.1.VisibilityTimeout=1", "Entries"),
        ("ReceiveMessage", "AttributeName.1=All", "AttributeNames"),
        ("ReceiveMessage", "MessageSystemAttributeName.1=All", "MessageSystemAttributeNames"),
        ("ReceiveMessage", "MessageAttributeName.1=All", "MessageAttributeNames"),
    ])
    func listsHaveTheirOldNames(action: String, form: String, member: String) throws {
        #expect(try input(action, form).contains(member))
    }

    @Test(arguments: ["GET", "POST"])
    func aRequestMayGoToTheQueuesURL(method: String) throws {
        let input = try input("ReceiveMessage", "MaxNumberOfMessages=2", path: "/000000000000/q", method: method)
        #expect(input["QueueUrl"] == "/000000000000/q")
        #expect(input["MaxNumberOfMessages"] == 2)
        #expect(try self.input("SendMessage", "QueueUrl=http://h/000000000000/p", path: "/000000000000/q")["QueueUrl"]
            == "http://h/000000000000/p")
        #expect(try self.input("ListQueues", "", path: "/000000000000/q").isEmpty)
    }

    @Test func messagesAreAnsweredWithoutLists() throws {
        let message: APIValue = [
            "MessageId": "m", "Body": "<b>", "Attributes": ["SenderId": "s", "SentTimestamp": "1"],
            "MessageAttributes": ["n": ["StringValue": "v", "DataType": "String"]],
        ]
        #expect(
            try xml(["Messages": [message]], of: "ReceiveMessage")
                == "<ReceiveMessageResponse xmlns=\"http://queue.amazonaws.com/doc/2012-11-05/\"><ReceiveMessageResult><Message>"
                + "<MessageId>m</MessageId><Body>&lt;b&gt;</Body><Attribute><Name>SenderId</Name><Value>s</Value></Attribute>"
                + "<Attribute><Name>SentTimestamp</Name><Value>1</Value></Attribute><MessageAttribute><Name>n</Name><Value>"
                + "<StringValue>v</StringValue><DataType>String</DataType></Value></MessageAttribute></Message></ReceiveMessageResult>"
                + "<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></ReceiveMessageResponse>")
    }

    @Test(arguments: [
        ("ListQueues", ["QueueUrls": ["a", "b"]], "<QueueUrl>a</QueueUrl><QueueUrl>b</QueueUrl>"),
        ("GetQueueAttributes", ["Attributes": ["QueueArn": "x"]], "<Attribute><Name>QueueArn</Name><Value>x</Value></Attribute>"),
        ("ListQueueTags", ["Tags": ["a": "b"]], "<Tag><Key>a</Key><Value>b</Value></Tag>"),
        ("ListDeadLetterSourceQueues", ["queueUrls": ["a"]], "<QueueUrl>a</QueueUrl>"),
        ("DeleteMessageBatch", ["Successful": [["Id": "a"]], "Failed": [["Id": "b", "SenderFault": true]]],
            "<DeleteMessageBatchResultEntry><Id>a</Id></DeleteMessageBatchResultEntry><BatchResultErrorEntry><Id>b</Id>"
                + "<SenderFault>true</SenderFault></BatchResultErrorEntry>"),
    ] as [(String, APIStructure, String)])
    func answersHaveTheirOldNames(operation: String, output: APIStructure, result: String) throws {
        #expect(try xml(output, of: operation).contains("<\(operation)Result>\(result)</\(operation)Result>"))
    }

    @Test func operationsWithoutOutputHaveNoResult() throws {
        #expect(
            try xml([:], of: "DeleteQueue")
                == "<DeleteQueueResponse xmlns=\"http://queue.amazonaws.com/doc/2012-11-05/\"><ResponseMetadata><RequestId>r</RequestId>"
                + "</ResponseMetadata></DeleteQueueResponse>")
    }

    @Test(arguments: [
        ("QueueDoesNotExist", "com.amazonaws.sqs#QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue", 400),
        ("QueueNameExists", "com.amazonaws.sqs#QueueNameExists", "QueueAlreadyExists", 400),
        ("PurgeQueueInProgress", "com.amazonaws.sqs#PurgeQueueInProgress", "AWS.SimpleQueueService.PurgeQueueInProgress", 403),
        ("ReceiptHandleIsInvalid", "com.amazonaws.sqs#ReceiptHandleIsInvalid", "ReceiptHandleIsInvalid", 404),
        ("InvalidAttributeName", "com.amazonaws.sqs#InvalidAttributeName", "InvalidAttributeName", 400),
        ("InvalidParameterValue", "com.amazon.coral.service#InvalidParameterValueException", "InvalidParameterValue", 400),
        ("MissingParameter", "com.amazon.coral.service#MissingRequiredParameterException", "MissingParameter", 400),
        ("UnrecognizedClientException", "com.amazon.coral.service#UnrecognizedClientException", "InvalidClientTokenId", 400),
    ])
    func errorsHaveTheirOldCodesToo(error: String, type: String, code: String, status: Int) throws {
        let json = WireCodec(model: model, wireProtocol: .json10).encode(APIError(error, "words"), requestID: "r")
        #expect(json.status == status)
        #expect(json.header("x-amzn-query-error") == "\(code);Sender")
        #expect(String(decoding: json.body, as: UTF8.self) == #"{"__type":"\#(type)","message":"words"}"#)
        let query = WireCodec(model: model, wireProtocol: .query).encode(APIError(error, "words"), requestID: "r")
        #expect(query.status == status)
        #expect(String(decoding: query.body, as: UTF8.self).contains("<Type>Sender</Type><Code>\(code)</Code>"))
    }

    @Test func theQueryProtocolStillKnowsItsWSDL() {
        let error = APIError("QueueDoesNotExist", "The specified queue does not exist.")
        let text = String(
            decoding: WireCodec(model: model, wireProtocol: .query).encode(error, requestID: "r").body, as: UTF8.self)
        #expect(
            text == "<ErrorResponse xmlns=\"http://queue.amazonaws.com/doc/2012-11-05/\"><Error><Type>Sender</Type>"
                + "<Code>AWS.SimpleQueueService.NonExistentQueue</Code><Message>The specified queue does not exist for this wsdl version."
                + "</Message><Detail></Detail></Error><RequestId>r</RequestId></ErrorResponse>")
    }
}
