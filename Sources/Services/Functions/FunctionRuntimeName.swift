import AWSProtocols

/// Which runtimes functions can have here.
enum FunctionRuntimeName {
    private static let provided = ["provided", "provided.al2", "provided.al2023"]

    /// Takes every Python 3, whatever versions AWS still has, and all that bring their own `bootstrap`.
    static func check(_ name: String) throws(APIError) {
        guard !isPython(name), !provided.contains(name) else { return }
        throw LambdaError.invalidParameter(
            "Value \(name) at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [python3.x, \(provided.joined(separator: ", "))]. Nightshift runs no other runtimes yet."
        )
    }

    private static func isPython(_ name: String) -> Bool {
        let prefix = "python3."
        guard name.hasPrefix(prefix) else { return false }
        let minor = name.dropFirst(prefix.count)
        return (1...3).contains(minor.utf8.count) && minor.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
    }
}
