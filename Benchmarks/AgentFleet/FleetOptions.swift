/// The command line of the fleet: options with a value each.
struct FleetOptions {
    /// What is wrong with a command line.
    struct Wrong: Error, CustomStringConvertible {
        /// For whoever typed it.
        let description: String
    }

    /// The server's URL, without a slash at its end.
    let server: String
    /// How many agents.
    let agents: Int
    let activationID: String
    let activationCode: String
    /// Whose commands `dispatch` sends; empty when it is not used.
    let accessKey: String
    let secretKey: String
    let region: String

    init(_ words: [String]) throws {
        guard words.count % 2 == 0 else { throw Wrong(description: "each option has a value") }
        var values: [String: String] = [:]
        for index in stride(from: 0, to: words.count, by: 2) {
            guard words[index].hasPrefix("--") else { throw Wrong(description: "\(words[index]) is no option") }
            values[String(words[index].dropFirst(2))] = words[index + 1]
        }
        func value(_ name: String) throws -> String {
            guard let value = values[name] else { throw Wrong(description: "--\(name) is missing") }
            return value
        }
        server = try value("server")
        guard let agents = Int(try value("agents")), agents > 0 else { throw Wrong(description: "--agents is no number of agents") }
        self.agents = agents
        activationID = try value("activation-id")
        activationCode = try value("activation-code")
        accessKey = values["access-key"] ?? ""
        secretKey = values["secret-key"] ?? ""
        region = values["region"] ?? "us-east-1"
    }
}
