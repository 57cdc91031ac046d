import AWSProtocols
import Store

/// What a caller asks for: a parameter by name or ARN, and possibly one of its versions by number or label.
struct ParameterReference: Sendable, Hashable {
    /// Which version is meant.
    enum Selector: Sendable, Hashable {
        case current
        case version(Int64)
        case label(String)
    }

    /// The names to look for, in this order. An ARN does not tell whether a name at the top begins with a slash.
    let names: [String]
    /// Which version is meant.
    let selector: Selector
    /// The selector as it was written, with its colon; nil without one.
    let selectorText: String?

    /// Reads `name`, `name:3`, `name:label` or an ARN with or without a selector. Nil when it cannot be a parameter of the caller's.
    init?(_ text: String, _ context: RequestContext) {
        self.init(text, account: context.account, region: context.region)
    }

    /// As above, for a caller of this account and region.
    init?(_ text: String, account: String, region: String) {
        var parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        var names = [parts[0]]
        if text.hasPrefix("arn:") {
            guard let arn = ARN(text), arn.service == "ssm", arn.region == region, arn.account == account,
                arn.resource.hasPrefix("parameter/")
            else { return nil }
            parts = arn.resourceParts
            let path = String(parts[0].dropFirst("parameter".utf8.count))
            names = path.dropFirst().contains("/") ? [path] : [String(path.dropFirst()), path]
        }
        guard parts.count <= 2 else { return nil }
        self.names = names
        guard parts.count == 2 else {
            (selector, selectorText) = (.current, nil)
            return
        }
        selectorText = ":" + parts[1]
        selector = parts[1].allSatisfy(\.isASCIIDigit) ? .version(Int64(parts[1]) ?? 0) : .label(parts[1])
    }

    /// The version that is meant.
    /// - Throws: `ParameterNotFound`, `ParameterVersionNotFound`.
    func find(account: String, in transaction: any ReadTransaction) throws -> ParameterVersion {
        for name in names {
            guard let current = try ParameterStore.find(name, account: account, in: transaction) else { continue }
            switch selector {
            case .current: return current
            case .version(let number):
                guard let version = try ParameterStore.find(name, version: number, account: account, in: transaction) else {
                    throw ParameterError.versionNotFound(number, of: name)
                }
                return version
            case .label(let label):
                guard let version = try ParameterStore.find(name, label: label, account: account, in: transaction) else {
                    throw ParameterError.labelNotFound(label, of: name)
                }
                return version
            }
        }
        throw ParameterError.notFound(names[0])
    }
}

extension Character {
    /// Whether this is one of the digits 0 to 9.
    fileprivate var isASCIIDigit: Bool { isASCII && isNumber }
}
