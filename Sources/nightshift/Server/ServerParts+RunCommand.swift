import APIServer
import Engine
import ObjectStorage
import ServiceLifecycle
import Services
import Store
import TimeSource

/// What follows from commands: messages to topics, and output as objects.
struct CommandParts {
    /// Tells topics of statuses.
    let notices: CommandNoticePerformer
    /// Makes objects of output.
    let outputs: CommandOutputPerformer
    private let notifier: CommandNotifier
    private let objects: CommandObjectOutput
    private let secrets: SecureParameterResolver
    private let live: LiveOutput
    /// What `nightshift tail` asks.
    let tails: CommandTailService

    init(core: ServerCore, ownEvents: OwnEvents, clock: EngineClock) async throws {
        let region = core.settings.api.region
        let folder = try await StagingFolder(opening: core.directory.path("command-output"))
        notices = CommandNoticePerformer(database: core.database, region: region)
        outputs = CommandOutputPerformer(
            database: core.database, folder: folder, logger: core.logger("command-output"),
            context: { [endpoint = core.localEndpoint] account in
                RequestContext(
                    requestID: core.identifiers.uuid(), account: account, region: region,
                    principal: Principal(
                        accessKeyID: "", arn: "arn:aws:sts::\(account):assumed-role/nightshift-ssm/nightshift-ssm", name: "nightshift-ssm"),
                    receivedAt: core.clock.now, endpoint: endpoint, logger: core.logger("command-output"))
            })
        notifier = CommandNotifier(clock: clock, identifiers: core.identifiers) { ownEvents.offer($0) }
        objects = CommandObjectOutput(folder: folder, clock: clock) { ownEvents.offer($0) }
        live = LiveOutput(next: objects, clock: core.clock)
        tails = CommandTailService(database: core.database, folder: folder, live: live)
        secrets = SecureParameterResolver(database: core.database, vault: core.vault, region: region)
    }

    /// What delivers, for the queue of deliveries.
    var performers: [any DeliveryPerformer] { [notices, outputs] }

    /// What takes part in commands, with what else prepares a go.
    func hooks(_ preparers: [any GoPreparer] = []) -> CommandHooks {
        CommandHooks(observers: [notifier, objects], outputSink: live, goPreparers: [secrets] + preparers)
    }
}

extension ServerParts {
    /// Resource groups, which commands may be sent to, and what `nightshift tail` asks of commands.
    mutating func addResourceGroups() {
        commands.tails.register(in: &registry)
        ResourceGroupService(database: core.database, clock: core.clock).register(in: &registry)
    }
}
