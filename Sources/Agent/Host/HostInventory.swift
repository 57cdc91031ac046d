import AgentProtocol
import Crypto
import Glibc
import JSONCore
import TimeSource

/// What is on this host, as Systems Manager's inventory names it. Types and attributes: "Metadata collected by inventory" in the user
/// guide of Systems Manager.
///
/// Files are read and nothing is run, but for `rpm` on a host without dpkg. Its work blocks, so it has an executor of its own.
actor HostInventory {
    /// How to fill in what only the agent knows.
    struct Identity: Sendable {
        var instanceID: String
        var facts: NodeFacts
    }

    nonisolated let executor = BlockingExecutor(label: "agent-inventory")
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private let clock: any ClockSource
    private let packages: PackageList
    /// The packages' hash, for as long as their database is unchanged: reading it takes milliseconds and a megabyte.
    private var known: (stamp: PackageList.Stamp, hash: String)?

    init(clock: any ClockSource, packages: PackageList = PackageList()) {
        self.clock = clock
        self.packages = packages
    }

    /// All types, without their content.
    func summary(of identity: Identity) -> [InventoryReport.Item] {
        small(identity).map { item in
            var item = item
            item.content = nil
            return item
        } + [applicationSummary()]
    }

    /// The named types with their content.
    func items(_ wanted: Set<String>, of identity: Identity) -> [InventoryReport.Item] {
        var items = small(identity).filter { wanted.contains($0.typeName) }
        if wanted.contains(Self.applicationType) { items.append(application()) }
        return items
    }

    private static let applicationType = "AWS:Application"

    private func small(_ identity: Identity) -> [InventoryReport.Item] {
        [
            item("AWS:InstanceInformation", "1.0", [Self.information(identity)]),
            item("AWS:InstanceDetailedInformation", "1.0", [ProcessorFacts.read().attributes]),
            item("AWS:Network", "1.0", NetworkInterface.all().map(\.attributes)),
        ]
    }

    private func applicationSummary() -> InventoryReport.Item {
        let stamp = packages.stamp()
        if let known, let stamp, known.stamp == stamp {
            return InventoryReport.Item(
                typeName: Self.applicationType, schemaVersion: "1.1", captureTime: captureTime, contentHash: known.hash)
        }
        var item = application()
        item.content = nil
        return item
    }

    private func application() -> InventoryReport.Item {
        // Before reading: a change meanwhile is seen at the next look.
        let stamp = packages.stamp()
        let item = item(Self.applicationType, "1.1", packages.read())
        known = stamp.map { ($0, item.contentHash) }
        return item
    }

    private func item(_ type: String, _ version: String, _ content: [[NamedValue]]) -> InventoryReport.Item {
        let text = JSONWriter.bytes(of: InventoryReport.Item.json(content))
        return InventoryReport.Item(
            typeName: type, schemaVersion: version, captureTime: captureTime,
            contentHash: hexadecimal(SHA256.hash(data: text)), content: content)
    }

    private var captureTime: String { clock.now.iso8601Seconds }

    private static func information(_ identity: Identity) -> [NamedValue] {
        let facts = identity.facts
        return [
            NamedValue(name: "AgentType", value: "nightshift-agent"),
            NamedValue(name: "AgentVersion", value: facts.agentVersion),
            NamedValue(name: "ComputerName", value: facts.hostname),
            NamedValue(name: "InstanceId", value: identity.instanceID),
            NamedValue(name: "InstanceStatus", value: "Active"),
            NamedValue(name: "IpAddress", value: facts.ipAddress),
            NamedValue(name: "PlatformName", value: facts.platformName),
            NamedValue(name: "PlatformType", value: facts.platformType),
            NamedValue(name: "PlatformVersion", value: facts.platformVersion),
            NamedValue(name: "ResourceType", value: "ManagedInstance"),
        ]
    }
}
