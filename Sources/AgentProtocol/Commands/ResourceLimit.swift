package import JSONCore

/// One limit of setrlimit(2) for the processes of a step.
package struct ResourceLimit: WireMessage, Hashable {
    /// What may be limited, each with its word: those of systemd.exec(5), `Limit…=`, in small letters.
    package static let names = [
        "as", "core", "cpu", "data", "fsize", "memlock", "msgqueue", "nice", "nofile", "nproc", "rss", "rtprio", "rttime", "sigpending",
        "stack",
    ]

    /// One of `names`; the agent refuses any other.
    package var name: String
    /// In the resource's own unit (bytes, seconds, a count); nil is unlimited.
    package var soft: Int64?
    package var hard: Int64?

    package init(name: String, soft: Int64?, hard: Int64?) {
        self.name = name
        self.soft = soft
        self.hard = hard
    }

    package init(json: JSONValue) throws(WireError) {
        let reader = try WireReader(json)
        name = try reader.text("name")
        soft = try reader.optionalInteger("soft")
        hard = try reader.optionalInteger("hard")
    }

    package var json: JSONValue {
        var object = JSONObject.of(("name", .text(name)))
        object.setInteger("soft", soft)
        object.setInteger("hard", hard)
        return .object(object)
    }
}
