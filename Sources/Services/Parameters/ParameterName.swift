import AWSProtocols
import Store

/// What a parameter may be called (Systems Manager User Guide, "Requirements and constraints for parameter names").
enum ParameterName {
    /// The most levels that a name may have: `/a/b` has two.
    static let levelLimit = 15
    /// The most characters that a name may have, those of its ARN before it included.
    private static let lengthLimit = 1_011

    private static let syntax = """
        Parameter name: can't be prefixed with "ssm" (case-insensitive). If formed as a path, it can consist of sub-paths divided by \
        slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_
        """

    /// Checks the name of a parameter that is about to be created.
    static func check(_ name: String, _ context: RequestContext) throws(APIError) {
        let isPath = name.utf8.count { $0 == slash } > 1
        let start = name.lowercased().drop { $0 == "/" }
        if start.hasPrefix("aws") || start.hasPrefix("ssm") {
            guard isPath else {
                throw .validation("Parameter name: can't be prefixed with \"aws\" or \"ssm\" (case-insensitive).")
            }
            guard !start.hasPrefix("aws") else { throw .accessDenied("No access to reserved parameter name: \(name).") }
            throw .validation(syntax)
        }
        if !name.utf8.starts(with: [slash]), name.utf8.contains(slash) {
            throw .validation("Parameter name must be a fully qualified name.")
        }
        let levels = name.utf8.split(separator: slash, omittingEmptySubsequences: false).dropFirst(name.hasPrefix("/") ? 1 : 0)
        guard levels.allSatisfy({ !$0.isEmpty && $0.allSatisfy(isNameByte) }) else { throw .validation(syntax) }
        guard levels.count <= levelLimit else { throw ParameterError.tooManyLevels() }
        guard arn(of: name, context).utf8.count <= lengthLimit else {
            throw .validation("Parameter name: can't be longer than \(lengthLimit) characters, those of its ARN included.")
        }
    }

    /// The ARN of a parameter; the slash that a name begins with is the one after `parameter`.
    static func arn(of name: String, _ context: RequestContext) -> String {
        ARN(
            service: "ssm", region: context.region, account: context.account,
            resource: "parameter" + (name.hasPrefix("/") ? "" : "/") + name
        ).description
    }

    /// Reads a level of the hierarchy as GetParametersByPath and the filter `Path` take it: `/prod/db`, with a slash at the end or
    /// without.
    static func scope(ofPath path: String, recursive: Bool) throws(APIError) -> ParameterStore.Scope {
        guard path.hasPrefix("/"), !path.contains("//"), path.utf8.allSatisfy({ $0 == slash || isNameByte($0) }) else {
            throw .validation(
                """
                The parameter doesn't meet the parameter name requirements. The parameter name must begin with a forward slash "/". \
                It can't be prefixed with "aws" or "ssm" (case-insensitive). It must use only letters, numbers, or the following \
                symbols: . (period), - (hyphen), _ (underscore). Special characters are not allowed. All sub-paths, if specified, \
                must use the forward slash symbol "/". Valid example: /get/parameters2-/by1./path0_.
                """)
        }
        let level = path.utf8.last == slash ? String(path.dropLast()) : path
        if recursive { return .under(level) }
        return .directlyIn(level.isEmpty ? "/" : level)
    }

    private static let slash = UInt8(ascii: "/")

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
