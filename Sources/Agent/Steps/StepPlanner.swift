import AgentProtocol
import Glibc

/// Turns the steps of an order into what this node runs, or says why it does not: before anything of the order has run.
struct StepPlanner: Sendable {
    typealias Refusal = SupervisorLauncher.Refusal

    let defaultUser: String?
    let deniesRoot: Bool
    /// What a control group can limit here.
    var controllers: Set<ControlGroups.Controller>
    /// Where interpreters are looked for.
    let searchPath: String
    /// Where content is fetched; nil where that is not possible.
    var contentServer: ContentServer?

    /// All steps of an order.
    func plan(_ go: CommandGo) throws(Refusal) -> [StepPlan] {
        guard (1...64).contains(go.steps.count) else { throw Refusal(message: "a command has 1 to 64 steps") }
        var plans: [StepPlan] = []
        for step in go.steps { plans.append(try plan(step, go)) }
        return plans
    }

    private func plan(_ step: PluginStep, _ go: CommandGo) throws(Refusal) -> StepPlan {
        // What is not run need not be possible here: a step for another platform, for instance.
        guard step.preconditions.allSatisfy({ $0.holds(platform: HostFacts.platformType) }) else { return StepPlan(step: step, job: nil) }
        let program = try StepProgram(step, searchPath: searchPath, contentServer: contentServer)
        let runAs = (step.runAs ?? RunAs()).over(go.runAs).over(RunAs(user: defaultUser))
        try check(step.environment)
        try check(runAs)
        let (user, changesUser) = try identity(runAs)
        if deniesRoot, user.uid == 0 {
            throw Refusal(message: "step \(step.name) would run as \(user.name), and this agent runs no commands as root (--deny-root)")
        }
        return StepPlan(
            step: step,
            job: StepPlan.Job(program: program, user: user, changesUser: changesUser, limits: try limits(runAs.limits), runAs: runAs))
    }

    // MARK: - As whom

    private func identity(_ runAs: RunAs) throws(Refusal) -> (user: RunAsUser, changes: Bool) {
        let own = RunAsUser.current()
            ?? RunAsUser(name: "\(geteuid())", uid: geteuid(), gid: getegid(), groups: [], home: "/", shell: "/bin/sh")
        var user = own
        if let name = runAs.user {
            guard let found = RunAsUser.named(name) else { throw Refusal(message: "there is no user \(name) on this host") }
            guard geteuid() == 0 || found.uid == own.uid else {
                throw Refusal(message: "only an agent that runs as root can run commands as \(name)")
            }
            user = found
        }
        var changes = user.uid != own.uid
        if let name = runAs.group {
            guard let group = RunAsUser.groupID(named: name) else { throw Refusal(message: "there is no group \(name) on this host") }
            if group != user.gid || group != getegid() { changes = true }
            guard geteuid() == 0 || !changes else {
                throw Refusal(message: "only an agent that runs as root can run commands with the group \(name)")
            }
            user.gid = group
        }
        return (user, changes)
    }

    // MARK: - Within which limits

    private func check(_ runAs: RunAs) throws(Refusal) {
        if let umask = runAs.umask, !(0...0o777).contains(umask) {
            throw Refusal(message: "the umask \(String(umask, radix: 8)) is not between 0 and 777")
        }
        if let nice = runAs.nice, !(-20...19).contains(nice) { throw Refusal(message: "the niceness \(nice) is not between -20 and 19") }
        try check(runAs.memoryBytes, .memory, "a limit of memory")
        try check(runAs.cpuPercent.map(Int64.init), .cpu, "a limit of processor time")
        try check(runAs.tasks.map(Int64.init), .pids, "a limit of processes")
    }

    private func check(_ limit: Int64?, _ controller: ControlGroups.Controller, _ name: String) throws(Refusal) {
        guard let limit else { return }
        guard limit > 0 else { throw Refusal(message: "\(name) must be more than 0") }
        guard controllers.contains(controller) else {
            throw Refusal(
                message: "\(name) was asked for, which this agent cannot set: it has no control group (cgroup v2) with the"
                    + " controller \(controller.rawValue)")
        }
    }

    private func limits(_ limits: [ResourceLimit]) throws(Refusal) -> [StepPlan.Limit] {
        var result: [StepPlan.Limit] = []
        for limit in limits {
            guard let resource = Self.resources[limit.name] else { throw Refusal(message: "there is no resource limit \(limit.name)") }
            guard !result.contains(where: { $0.resource == resource }) else {
                throw Refusal(message: "the resource limit \(limit.name) is given twice")
            }
            let soft = limit.soft.map { UInt64(clamping: $0) } ?? .max
            let hard = limit.hard.map { UInt64(clamping: $0) } ?? .max
            guard soft <= hard else { throw Refusal(message: "the resource limit \(limit.name) is above its own hard limit") }
            result.append(StepPlan.Limit(resource: resource, soft: soft, hard: hard))
        }
        return result
    }

    /// getrlimit(2), by the names of `ResourceLimit`.
    private static let resources: [String: Int32] = [
        "as": RLIMIT_AS, "core": RLIMIT_CORE, "cpu": RLIMIT_CPU, "data": RLIMIT_DATA, "fsize": RLIMIT_FSIZE, "memlock": __RLIMIT_MEMLOCK,
        "msgqueue": __RLIMIT_MSGQUEUE, "nice": __RLIMIT_NICE, "nofile": RLIMIT_NOFILE, "nproc": __RLIMIT_NPROC, "rss": __RLIMIT_RSS,
        "rtprio": __RLIMIT_RTPRIO, "rttime": __RLIMIT_RTTIME, "sigpending": __RLIMIT_SIGPENDING, "stack": RLIMIT_STACK,
    ].mapValues { Int32(bitPattern: $0.rawValue) }

    /// What no process can be given is refused here, in words, and not by the supervisor.
    private func check(_ environment: [NamedValue]) throws(Refusal) {
        for variable in environment {
            let isName = !variable.name.isEmpty && !variable.name.utf8.contains(0x3D) && !variable.name.utf8.contains(0)
            guard isName else { throw Refusal(message: "\(variable.name) cannot be the name of an environment variable") }
            guard !variable.value.utf8.contains(0) else {
                throw Refusal(message: "the environment variable \(variable.name) holds a NUL character")
            }
        }
    }
}
