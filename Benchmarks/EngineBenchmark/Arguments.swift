import Foundation

/// The command line: a command and options with a value each.
struct Arguments {
    /// What is wrong with a command line.
    struct Wrong: Error, CustomStringConvertible {
        /// For whoever typed it.
        let description: String
    }

    /// The first word.
    let command: String
    private let options: [String: String]

    /// Takes the words apart.
    init(_ words: [String]) throws {
        guard let command = words.first, words.count % 2 == 1 else { throw Wrong(description: "COMMAND [--OPTION VALUE]…") }
        self.command = command
        var options: [String: String] = [:]
        for index in stride(from: 1, to: words.count, by: 2) {
            guard words[index].hasPrefix("--") else { throw Wrong(description: "\(words[index]) is no option") }
            options[String(words[index].dropFirst(2))] = words[index + 1]
        }
        self.options = options
    }

    /// The value of an option that must be there.
    func text(_ name: String) throws -> String {
        guard let value = options[name] else { throw Wrong(description: "--\(name) is missing") }
        return value
    }

    /// The value of an option that may be missing.
    func optional(_ name: String) -> String? { options[name] }

    /// A whole number.
    func integer(_ name: String) throws -> Int {
        guard let value = Int(try text(name)) else { throw Wrong(description: "--\(name) is no number") }
        return value
    }

    /// A length of time, given in seconds.
    func seconds(_ name: String) throws -> Duration {
        guard let value = Double(try text(name)) else { throw Wrong(description: "--\(name) is no number") }
        return .milliseconds(Int64(value * 1_000))
    }
}
