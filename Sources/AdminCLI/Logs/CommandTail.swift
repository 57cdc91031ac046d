import Foundation
import JSONCore
import TimeSource

/// Shows the output of a command, byte for byte, as it comes: of one node as it is, of several each line with its node before it.
struct CommandTail {
    /// A stream of a step on a node.
    private struct Stream: Hashable {
        let node: String
        let step: Int64
        let isError: Bool
    }

    /// What was found at a look.
    struct Look {
        /// Whether nothing more can come.
        let hasEnded: Bool
        /// The command's status in detail.
        let details: String
        /// On which nodes it runs.
        let nodes: [String]
    }

    private static let unfinished: Set<String> = ["Pending", "InProgress", "Delayed", "Cancelling"]

    private let server: any APICaller
    private let command: String
    private let show: (_ bytes: ArraySlice<UInt8>, _ isError: Bool) -> Void
    private let remark: (String) -> Void
    private var positions: [Stream: Int64] = [:]
    /// Beginnings of lines, of several nodes.
    private var lines: [Stream: [UInt8]] = [:]

    /// A follower at the command's beginning.
    /// - Parameters:
    ///   - show: takes output.
    ///   - remark: takes what there is to say of it.
    init(
        _ server: any APICaller, command: String, show: @escaping (_ bytes: ArraySlice<UInt8>, _ isError: Bool) -> Void,
        remark: @escaping (String) -> Void
    ) {
        self.server = server
        self.command = command
        self.show = show
        self.remark = remark
    }

    /// Whether a text is the id of a command; the names of log groups hardly ever look like one.
    static func isCommandID(_ text: String) -> Bool {
        let groups = text.split(separator: "-", omittingEmptySubsequences: false)
        return groups.map(\.utf8.count) == [8, 4, 4, 4, 12] && groups.allSatisfy { $0.allSatisfy(\.isHexDigit) }
    }

    /// Shows what came since the last look.
    mutating func next() async throws -> Look {
        var call = APICall.nightshift("DescribeCommandOutput", ["CommandId": .text(command)])
        var nodes: [String] = []
        var answer: JSONObject
        repeat {
            answer = try await server.call(call)
            let invocations = answer["Invocations"]?.array ?? []
            let isAlone = answer["TargetCount"]?.integer ?? 0 <= 1
            for invocation in invocations {
                let node = invocation["InstanceId"]?.text ?? ""
                nodes.append(node)
                for stream in invocation["Streams"]?.array ?? [] {
                    try await read(
                        Stream(node: node, step: stream["Step"]?.integer ?? 0, isError: stream["Stream"]?.text == "stderr"),
                        upTo: stream["Length"]?.integer ?? 0, isAlone: isAlone)
                }
                if !CommandTail.unfinished.contains(invocation["Status"]?.text ?? "") { finishLines(of: node) }
            }
            if let token = answer["NextToken"] { call.input["NextToken"] = token }
        } while answer["NextToken"]?.text != nil
        let status = answer["Status"]?.text ?? ""
        return Look(
            hasEnded: !CommandTail.unfinished.contains(status), details: answer["StatusDetails"]?.text ?? status, nodes: nodes)
    }

    /// With what the process ends: the command's own exit code on one node; else 0 when it succeeded everywhere, and 1.
    func exitCode(after look: Look) async throws -> Int32 {
        guard look.nodes.count == 1 else { return look.details == "Success" || look.nodes.isEmpty ? 0 : 1 }
        let answer = try await server.call(
            .systemsManager("GetCommandInvocation", ["CommandId": .text(command), "InstanceId": .text(look.nodes[0])]))
        if answer["Status"]?.text == "Success" { return 0 }
        guard let code = answer["ResponseCode"]?.integer, (1...255).contains(code) else { return 1 }
        return Int32(code)
    }

    private mutating func read(_ stream: Stream, upTo length: Int64, isAlone: Bool) async throws {
        var position = positions[stream] ?? 0
        while position < length {
            let answer = try await server.call(
                .nightshift(
                    "ReadCommandOutput",
                    [
                        "CommandId": .text(command), "InstanceId": .text(stream.node), "Step": .integer(stream.step),
                        "Stream": .text(stream.isError ? "stderr" : "stdout"), "Offset": .integer(position),
                    ]))
            let start = answer["Offset"]?.integer ?? length
            let bytes = Data(base64Encoded: answer["Data"]?.text ?? "").map(Array.init) ?? []
            if start > position {
                remark(
                    """
                    \(start - position) bytes of \(stream.node) are not kept here: all of a command's output is in the log group or the \
                    bucket that it was sent with
                    """)
            }
            position = start + Int64(bytes.count)
            positions[stream] = position
            if isAlone { show(bytes[...], stream.isError) } else { showLines(bytes, of: stream) }
        }
        positions[stream] = position
    }

    private mutating func showLines(_ bytes: [UInt8], of stream: Stream) {
        var rest = (lines[stream] ?? []) + bytes
        if let end = rest.lastIndex(of: 0x0A) {
            let prefix = Array("\(stream.node): ".utf8)
            var shown: [UInt8] = []
            for line in rest[..<end].split(separator: 0x0A, omittingEmptySubsequences: false) { shown += prefix + line + [0x0A] }
            show(shown[...], stream.isError)
            rest.removeSubrange(...end)
        }
        lines[stream] = rest.isEmpty ? nil : rest
    }

    /// The last line of a stream needs no line break.
    private mutating func finishLines(of node: String) {
        for (stream, rest) in lines where stream.node == node && !rest.isEmpty {
            show((Array("\(node): ".utf8) + rest + [0x0A])[...], stream.isError)
            lines[stream] = nil
        }
    }
}
