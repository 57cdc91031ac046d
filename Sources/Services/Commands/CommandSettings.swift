import AWSProtocols
import JSONCore
import Store

/// What a command's request asks for beside running it.
struct CommandSettings: Sendable, Hashable {
    /// Who is told of statuses.
    let notice: CommandNotice?
    /// Where output goes as objects.
    let bucket: OutputBucket?

    init(_ command: CommandRecord) {
        let request = (try? JSONParser.parse(command.request))?.object.map { APIStructure($0) } ?? [:]
        // It was checked when the command was sent.
        notice = try? CommandNotice(request.structure("NotificationConfig"))
        bucket = OutputBucket(request)
    }
}
