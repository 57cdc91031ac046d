import AgentProtocol
import Glibc

/// Processors and kernel: one row of `AWS:InstanceDetailedInformation`.
struct ProcessorFacts: Equatable {
    var model = ""
    var megahertz = ""
    /// Logical processors.
    var processors = 0
    var cores = 0
    var sockets = 0
    var kernel = ""

    /// Those of this host.
    static func read() -> ProcessorFacts {
        let text = (try? PosixFile.read("/proc/cpuinfo")) ?? nil
        var facts = ProcessorFacts(cpuinfo: String(decoding: text ?? [], as: UTF8.self))
        var system = utsname()
        uname(&system)
        facts.kernel = withUnsafeBytes(of: &system.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        if facts.model.isEmpty {
            facts.model = withUnsafeBytes(of: &system.machine) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        }
        return facts
    }

    /// Reads the text of `/proc/cpuinfo`: proc(5). Where it names no sockets and cores, as on ARM, each processor counts as a core of one
    /// socket.
    init(cpuinfo: String) {
        var socketsSeen: Set<Substring> = []
        var coresSeen: Set<String> = []
        var socket: Substring = "0"
        for line in cpuinfo.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { continue }
            let value = parts[1].drop { $0 == " " }
            switch parts[0].prefix(while: { $0 != "\t" }) {
            case "processor": processors += 1
            case "model name": if model.isEmpty { model = String(value) }
            // The first one's and without its fraction: it changes by the moment, and each change would be reported.
            case "cpu MHz": if megahertz.isEmpty { megahertz = String(value.prefix { $0 != "." }) }
            case "physical id":
                socket = value
                socketsSeen.insert(value)
            case "core id": coresSeen.insert("\(socket) \(value)")
            default: break
            }
        }
        sockets = max(socketsSeen.count, processors > 0 ? 1 : 0)
        cores = coresSeen.isEmpty ? processors : coresSeen.count
    }

    /// Under AWS's names.
    var attributes: [NamedValue] {
        [
            NamedValue(name: "CPUModel", value: model),
            NamedValue(name: "CPUSpeedMHz", value: megahertz),
            NamedValue(name: "CPUs", value: String(processors)),
            NamedValue(name: "CPUSockets", value: String(sockets)),
            NamedValue(name: "CPUCores", value: String(cores)),
            NamedValue(name: "CPUHyperThreadEnabled", value: processors > cores ? "true" : "false"),
            NamedValue(name: "KernelVersion", value: kernel),
        ]
    }
}
