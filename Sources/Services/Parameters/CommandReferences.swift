import AWSProtocols
import Store

/// The references to Parameter Store in commands and documents: `{{ssm:name}}`, `{{ssm:name:3}}`, `{{ssm:name:label}}` (Systems Manager
/// User Guide, "Working with Parameter Store parameters in Run Command commands").
enum CommandReferences {
    /// The values of references, as they stand behind `ssm:`: one text of a String, the elements of a StringList.
    /// - Throws: `InvalidParameters` naming the first one that cannot be resolved.
    static func values(
        of references: [String], account: String, region: String, in transaction: any ReadTransaction
    ) throws -> [String: [String]] {
        var values: [String: [String]] = [:]
        for reference in references {
            let version = try find(reference, prefix: "ssm", account: account, region: region, in: transaction)
            guard version.type != "SecureString" else {
                throw APIError(
                    "InvalidParameters",
                    "The parameter {{ssm:\(reference)}} is a SecureString: refer to it as {{ssm-secure:\(reference)}}.")
            }
            let text = String(decoding: version.value, as: UTF8.self)
            values[reference] =
                version.type == "StringList"
                ? text.split(separator: ",", omittingEmptySubsequences: false).map(String.init) : [text]
        }
        return values
    }

    /// The version that a reference means.
    /// - Throws: `InvalidParameters` naming it.
    static func find(
        _ reference: String, prefix: String, account: String, region: String, in transaction: any ReadTransaction
    ) throws -> ParameterVersion {
        let name = "{{\(prefix):\(reference)}}"
        guard let found = ParameterReference(reference, account: account, region: region) else {
            throw APIError("InvalidParameters", "The parameter \(name) is not valid.")
        }
        do {
            return try found.find(account: account, in: transaction)
        } catch let error as APIError {
            throw APIError("InvalidParameters", "The parameter \(name) cannot be resolved: \(error.code): \(error.message)")
        }
    }
}
