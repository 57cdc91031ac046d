import Foundation

/// What the process was given besides its arguments: variables, home directory, and whether it runs as root.
package struct ProcessEnvironment: Sendable {
    /// The environment's variables.
    package var variables: [String: String]
    /// The user's home directory, without a slash at its end.
    package var homeDirectory: String
    /// Whether the process runs as root.
    package var isRoot: Bool

    /// An environment of these parts.
    package init(variables: [String: String], homeDirectory: String, isRoot: Bool) {
        self.variables = variables
        self.homeDirectory = homeDirectory
        self.isRoot = isRoot
    }

    /// The running process's own.
    package static var current: ProcessEnvironment {
        let variables = ProcessInfo.processInfo.environment
        return ProcessEnvironment(
            variables: variables, homeDirectory: variables["HOME"] ?? NSHomeDirectory(), isRoot: geteuid() == 0)
    }

    /// The first of these variables that is set and not empty, with its name.
    package func first(_ names: String...) -> (name: String, value: String)? {
        for name in names {
            if let value = variables[name], !value.isEmpty { return (name, value) }
        }
        return nil
    }

    /// A path with a leading `~` replaced by the home directory.
    package func expand(_ path: String) -> String {
        path == "~" ? homeDirectory : path.hasPrefix("~/") ? homeDirectory + path.dropFirst() : path
    }

    /// The server's data directory unless it was told otherwise.
    package var defaultDataDirectory: String {
        first("NIGHTSHIFT_DATA").map { expand($0.value) }
            ?? (isRoot ? "/var/lib/nightshift" : homeDirectory + "/.local/share/nightshift")
    }
}
