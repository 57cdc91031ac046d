package import JSONCore

/// As whom and within which limits a step runs.
///
/// What is nil is left to the next in this order: the step's own (document), the node's setting (`CommandGo.runAs`), the agent's
/// flags (`--default-user`), the agent's own user. A group belongs to the user that it came with: `over(_:)`.
package struct RunAs: WireMessage, Hashable {
    /// A name, or a number in digits.
    package var user: String?
    /// The primary group, a name or a number; nil for the user's own. The supplementary groups are always the user's.
    package var group: String?
    /// File mode creation mask, 0 to 0o777.
    package var umask: Int?
    /// -20 to 19; added to nothing: it is the step's niceness.
    package var nice: Int?
    /// At most one of a name.
    package var limits: [ResourceLimit]
    /// How much memory the step's processes may use together, bytes; what exceeds it is killed by the kernel.
    package var memoryBytes: Int64?
    /// Processor time that they may use together, in hundredths of one core: 250 are two and a half cores.
    package var cpuPercent: Int?
    /// How many processes and threads there may be.
    package var tasks: Int?

    package init(
        user: String? = nil, group: String? = nil, umask: Int? = nil, nice: Int? = nil, limits: [ResourceLimit] = [],
        memoryBytes: Int64? = nil, cpuPercent: Int? = nil, tasks: Int? = nil
    ) {
        self.user = user
        self.group = group
        self.umask = umask
        self.nice = nice
        self.limits = limits
        self.memoryBytes = memoryBytes
        self.cpuPercent = cpuPercent
        self.tasks = tasks
    }

    /// Whether nothing is asked for.
    package var isEmpty: Bool { self == RunAs() }

    /// Whether it asks for limits that only a control group can keep.
    package var needsControlGroup: Bool { memoryBytes != nil || cpuPercent != nil || tasks != nil }

    /// This one, completed by what is less specific. Another user's group is not taken; limits complete each other by name.
    package func over(_ next: RunAs?) -> RunAs {
        guard let next else { return self }
        let own = Set(limits.map(\.name))
        return RunAs(
            user: user ?? next.user, group: user == nil ? group ?? next.group : group, umask: umask ?? next.umask,
            nice: nice ?? next.nice, limits: limits + next.limits.filter { !own.contains($0.name) },
            memoryBytes: memoryBytes ?? next.memoryBytes, cpuPercent: cpuPercent ?? next.cpuPercent, tasks: tasks ?? next.tasks)
    }

    package init(json: JSONValue) throws(WireError) {
        let reader = try WireReader(json)
        user = try reader.optionalText("user")
        group = try reader.optionalText("group")
        umask = try reader.optionalInt("umask")
        nice = try reader.optionalInt("nice")
        limits = try reader.list("limits") { (value: JSONValue) throws(WireError) in try ResourceLimit(json: value) }
        memoryBytes = try reader.optionalInteger("memoryBytes")
        cpuPercent = try reader.optionalInt("cpuPercent")
        tasks = try reader.optionalInt("tasks")
    }

    package var json: JSONValue {
        var object = JSONObject()
        object.setText("user", user)
        object.setText("group", group)
        object.setInteger("umask", umask)
        object.setInteger("nice", nice)
        if !limits.isEmpty { object["limits"] = .array(limits.map(\.json)) }
        object.setInteger("memoryBytes", memoryBytes)
        object.setInteger("cpuPercent", cpuPercent)
        object.setInteger("tasks", tasks)
        return .object(object)
    }
}
