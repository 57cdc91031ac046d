/// An Amazon Resource Name, `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`.
///
/// See "Identify AWS resources with Amazon Resource Names" in the IAM User Guide. The resource may hold colons and slashes itself.
package struct ARN: Hashable, Sendable {
    /// `aws`, `aws-cn`, `aws-us-gov`, …
    package var partition: String
    /// The service's prefix: `states`, `lambda`, `sns`.
    package var service: String
    /// The region; empty for global services.
    package var region: String
    /// The account of twelve digits; empty where a service leaves it out, `aws` for AWS's own resources.
    package var account: String
    /// All that follows the account: `stateMachine:nightly`, `rule/every-night`.
    package var resource: String

    /// A name of these parts.
    package init(partition: String = "aws", service: String, region: String, account: String, resource: String) {
        self.partition = partition
        self.service = service
        self.region = region
        self.account = account
        self.resource = resource
    }

    /// Reads a name; nil when the text has not the six parts, or a part has characters that no name has.
    ///
    /// Whether the account is the caller's and the resource is of the right type is for the service to say.
    package init?(_ text: String) {
        var parts: [String] = []
        var start = text.utf8.startIndex
        while parts.count < 5, let colon = text.utf8[start...].firstIndex(of: UInt8(ascii: ":")) {
            parts.append(String(text[start..<colon]))
            start = text.utf8.index(after: colon)
        }
        let resource = String(text[start...])
        guard parts.count == 5, parts[0] == "arn", ARN.isPartition(parts[1]), !parts[2].isEmpty, !resource.isEmpty,
            parts[2].utf8.allSatisfy(ARN.isNameByte), parts[3].utf8.allSatisfy(ARN.isNameByte),
            ARN.isAccount(parts[4]), resource.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F })
        else { return nil }
        self.init(partition: parts[1], service: parts[2], region: parts[3], account: parts[4], resource: resource)
    }

    /// The resource cut at its colons: `["execution", "nightly", "run-1"]`. Slashes stay inside the parts.
    package var resourceParts: [String] {
        resource.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    }

    /// The resource up to its first colon or slash: its type in most services (`stateMachine`, `rule`, `parameter`).
    package var resourceType: String {
        String(resource.prefix { $0 != ":" && $0 != "/" })
    }

    /// The resource after its first colon or slash; nil when it has neither, as with topics and queues.
    package var resourceID: String? {
        guard let separator = resource.firstIndex(where: { $0 == ":" || $0 == "/" }) else { return nil }
        return String(resource[resource.index(after: separator)...])
    }

    private static func isPartition(_ text: String) -> Bool {
        text == "aws" || (text.hasPrefix("aws-") && text.utf8.allSatisfy(isNameByte))
    }

    private static func isAccount(_ text: String) -> Bool {
        text.isEmpty || text == "aws" || (text.utf8.count == 12 && text.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 })
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), 0x30...0x39, UInt8(ascii: "-"): true
        default: false
        }
    }
}

extension ARN: CustomStringConvertible {
    /// The name as text.
    package var description: String { "arn:\(partition):\(service):\(region):\(account):\(resource)" }
}
