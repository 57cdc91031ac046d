package import AWSProtocols

/// Whose topic, and which: what a topic's ARN says.
package struct TopicName: Sendable, Hashable {
    /// The account.
    package let account: String
    /// The name in the account.
    package let name: String

    /// A topic's name.
    package init(account: String, name: String) {
        self.account = account
        self.name = name
    }

    /// Whether it is a FIFO topic's: the suffix decides, as such topics must have it and others must not.
    package var isFIFO: Bool { name.utf8.reversed().starts(with: ".fifo".utf8.reversed()) }

    /// Reads the ARN of a topic of this region.
    /// - Parameter parameter: the request's parameter that it stands in, for the error.
    package init(arn text: String, parameter: String = "TopicArn", region: String) throws(APIError) {
        let elements = text.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false).count
        guard elements >= 6 else {
            throw SNSError.invalidParameter("\(parameter) Reason: An ARN must have at least 6 elements, not \(elements)")
        }
        guard elements == 6, let arn = ARN(text), arn.service == "sns", arn.region == region, !arn.account.isEmpty,
            TopicName.isValid(arn.resource)
        else { throw SNSError.invalidParameter(parameter) }
        self.init(account: arn.account, name: arn.resource)
    }

    /// The topic's ARN.
    package func arn(region: String) -> String {
        ARN(service: "sns", region: region, account: account, resource: name).description
    }

    /// Whether a topic may have this name: letters, digits, hyphens and underscores, 256 at most (CreateTopic, parameter Name). Names
    /// of FIFO topics end in `.fifo`.
    static func isValid(_ name: String) -> Bool {
        var base = Substring(name)
        if base.hasSuffix(".fifo") { base = base.dropLast(5) }
        return (1...256).contains(name.utf8.count) && !base.isEmpty
            && base.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }
}
