import AWSProtocols
import AgentProtocol

extension CommandDocument {
    /// The references to Parameter Store, `name` or `name:3` of `{{ssm:name:3}}`, that the steps hold with a caller's values, each
    /// once, in the order in which they stand there. Those to secure strings (`{{ssm-secure:name}}`) are none: they stay as they are.
    /// - Throws: `InvalidParameters`, as `steps(with:references:)`.
    func references(with values: [(String, [String])]) throws(APIError) -> [String] {
        []
    }

    /// The steps that a node runs, with a caller's values and the values of the references filled in: one text for a String, the
    /// elements for a StringList. A reference that is not in `references` stays as it is.
    /// - Throws: `InvalidParameters` for values that the document does not declare or allow, and for missing ones.
    func steps(with values: [(String, [String])], references: [String: [String]]) throws(APIError) -> [PluginStep] {
        try steps(with: values)
    }
}
