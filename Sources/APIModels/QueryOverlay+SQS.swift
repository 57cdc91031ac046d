/// SQS spoke the Query protocol alone until November 2023; older SDKs still do. The names are those of its model of that time
/// (botocore 1.29, `sqs/2012-11-05/service-2.json`), the codes also those of the errors' `awsQueryError` trait today.
extension QueryOverlay {
    static let sqs = QueryOverlay(
        namespace: "http://queue.amazonaws.com/doc/2012-11-05/",
        members: [
            "Attributes": "Attribute", "MessageAttributes": "MessageAttribute", "MessageSystemAttributes": "MessageSystemAttribute",
            "tags": "Tag", "Tags": "Tag", "StringListValues": "StringListValue", "BinaryListValues": "BinaryListValue",
        ],
        elements: [
            "AWSAccountIdList": "AWSAccountId", "ActionNameList": "ActionName", "AttributeNameList": "AttributeName",
            "BatchResultErrorEntryList": "BatchResultErrorEntry", "BinaryList": "BinaryListValue",
            "ChangeMessageVisibilityBatchRequestEntryList": "ChangeMessageVisibilityBatchRequestEntry",
            "ChangeMessageVisibilityBatchResultEntryList": "ChangeMessageVisibilityBatchResultEntry",
            "DeleteMessageBatchRequestEntryList": "DeleteMessageBatchRequestEntry",
            "DeleteMessageBatchResultEntryList": "DeleteMessageBatchResultEntry",
            "ListMessageMoveTasksResultEntryList": "ListMessageMoveTasksResultEntry", "MessageAttributeNameList": "MessageAttributeName",
            "MessageList": "Message", "MessageSystemAttributeList": "MessageSystemAttributeName", "QueueUrlList": "QueueUrl",
            "SendMessageBatchRequestEntryList": "SendMessageBatchRequestEntry",
            "SendMessageBatchResultEntryList": "SendMessageBatchResultEntry", "StringList": "StringListValue", "TagKeyList": "TagKey",
        ],
        entries: [
            "MessageBodyAttributeMap": ("Name", "Value"), "MessageBodySystemAttributeMap": ("Name", "Value"),
            "MessageSystemAttributeMap": ("Name", "Value"), "QueueAttributeMap": ("Name", "Value"), "TagMap": ("Key", "Value"),
        ],
        errors: [
            "BatchEntryIdsNotDistinct": ErrorName(code: "AWS.SimpleQueueService.BatchEntryIdsNotDistinct"),
            "BatchRequestTooLong": ErrorName(code: "AWS.SimpleQueueService.BatchRequestTooLong"),
            "EmptyBatchRequest": ErrorName(code: "AWS.SimpleQueueService.EmptyBatchRequest"),
            "InvalidAddress": ErrorName(code: "InvalidAddress", httpStatus: 404),
            "InvalidBatchEntryId": ErrorName(code: "AWS.SimpleQueueService.InvalidBatchEntryId"),
            "InvalidSecurity": ErrorName(code: "InvalidSecurity", httpStatus: 403),
            "MessageNotInflight": ErrorName(code: "AWS.SimpleQueueService.MessageNotInflight"),
            "OverLimit": ErrorName(code: "OverLimit", httpStatus: 403),
            "PurgeQueueInProgress": ErrorName(code: "AWS.SimpleQueueService.PurgeQueueInProgress", httpStatus: 403),
            "QueueDeletedRecently": ErrorName(code: "AWS.SimpleQueueService.QueueDeletedRecently"),
            "QueueDoesNotExist": ErrorName(
                code: "AWS.SimpleQueueService.NonExistentQueue",
                message: "The specified queue does not exist for this wsdl version."),
            "QueueNameExists": ErrorName(code: "QueueAlreadyExists"),
            "ReceiptHandleIsInvalid": ErrorName(code: "ReceiptHandleIsInvalid", httpStatus: 404),
            "RequestThrottled": ErrorName(code: "RequestThrottled", httpStatus: 403),
            "ResourceNotFoundException": ErrorName(code: "ResourceNotFoundException", httpStatus: 404),
            "TooManyEntriesInBatchRequest": ErrorName(code: "AWS.SimpleQueueService.TooManyEntriesInBatchRequest"),
            "UnsupportedOperation": ErrorName(code: "AWS.SimpleQueueService.UnsupportedOperation"),
        ],
        commonErrors: [
            common("InvalidParameterValueException", code: "InvalidParameterValue"),
            common("MissingRequiredParameterException", code: "MissingParameter"),
            common("SerializationException", code: "MalformedInput"),
            common("UnknownOperationException", code: "InvalidAction"),
            common("UnrecognizedClientException", code: "InvalidClientTokenId"),
            common("MissingAuthenticationTokenException", code: "MissingAuthenticationToken"),
            common("InvalidSignatureException", code: "SignatureDoesNotMatch"),
            common("AccessDeniedException", code: "AccessDenied"),
            common("ThrottlingException", code: "ThrottlingException"),
        ])
}
