import AWSProtocols

/// The errors of the SQS API in AWS's words (Amazon SQS API Reference, "Errors" of each action; the texts as AWS answers them).
enum SQSError {
    /// A parameter that the request must have.
    static func missing(_ parameter: String) -> APIError {
        APIError("MissingParameter", "The request must contain the parameter \(parameter).", httpStatus: 400)
    }

    /// A parameter that is wrong in the service's own words.
    static func invalidParameter(_ message: String) -> APIError {
        APIError("InvalidParameterValue", message, httpStatus: 400)
    }

    /// A parameter whose value is wrong.
    static func invalidValue(_ value: String, of parameter: String, _ reason: String) -> APIError {
        invalidParameter("Value \(value) for parameter \(parameter) is invalid. Reason: \(reason)")
    }

    /// There is no such queue, or it is another account's.
    static func queueDoesNotExist() -> APIError {
        APIError("QueueDoesNotExist", "The specified queue does not exist.")
    }

    /// What was given for a queue's URL is none.
    static func invalidAddress(_ url: String) -> APIError {
        APIError("InvalidAddress", "The address \(url) is not valid for this endpoint.")
    }

    /// There is a queue of this name, and it differs.
    static func queueNameExists(differingIn attribute: String) -> APIError {
        APIError(
            "QueueNameExists", "A queue already exists with the same name and a different value for attribute \(attribute)")
    }

    /// An attribute that queues do not have, or that cannot be set.
    static func unknownAttribute(_ name: String, _ more: String = "") -> APIError {
        APIError("InvalidAttributeName", "Unknown Attribute \(name).\(more)")
    }

    /// An attribute that goes not with others.
    static func invalidAttributeName(_ message: String) -> APIError {
        APIError("InvalidAttributeName", message)
    }

    /// A queue's attribute has a value out of its range.
    static func invalidAttributeValue(_ name: String, _ more: String = "") -> APIError {
        APIError("InvalidAttributeValue", "Invalid value for the parameter \(name).\(more)")
    }

    /// A character that no message may have, by its code point.
    static func invalidCharacter(_ scalar: Unicode.Scalar, in place: String) -> APIError {
        APIError(
            "InvalidMessageContents",
            "Invalid binary character '#x\(String(scalar.value, radix: 16, uppercase: true))' was found in the \(place), the set of "
                + "allowed characters is #x9 | #xA | #xD | [#x20-#xD7FF] | [#xE000-#xFFFD] | [#x10000-#x10FFFF].")
    }

    /// Body and attributes are longer than the queue allows.
    static func messageTooLong(limit: Int) -> APIError {
        invalidParameter("One or more parameters are invalid. Reason: Message must be shorter than \(limit) bytes.")
    }

    /// A text that is no receipt handle of any queue, or not of this one.
    static func receiptHandleIsInvalid(_ handle: String) -> APIError {
        APIError("ReceiptHandleIsInvalid", "The input receipt handle \"\(handle)\" is not a valid receipt handle.")
    }

    /// A message of a FIFO queue whose group is missing.
    static func missingGroup() -> APIError { missing("MessageGroupId") }

    /// A message of a FIFO queue that cannot be told from its duplicates.
    static func missingDeduplication() -> APIError {
        invalidParameter("The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly")
    }

    /// A parameter that the queue's type does not have.
    static func notOfThisQueueType(_ value: String, _ parameter: String) -> APIError {
        invalidValue(value, of: parameter, "The request include parameter that is not valid for this queue type.")
    }

    /// Something named by its ARN is not there.
    static func resourceNotFound(_ message: String) -> APIError {
        APIError("ResourceNotFoundException", message)
    }
}
