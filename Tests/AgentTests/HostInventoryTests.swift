import AgentProtocol
import Testing
import TimeSource

@testable import Agent

/// What the agent tells of its host.
@Suite struct HostInventoryTests {
    private static let status = """
        Package: zlib1g
        Status: install ok installed
        Section: libs
        Maintainer: Mark Brown <broonie@debian.org>
        Architecture: amd64
        Version: 1:1.2.13.dfsg-1
        Description: compression library - runtime
         zlib is a library implementing the deflate compression method.
        Homepage: http://zlib.net/

        Package: gone
        Status: deinstall ok config-files
        Version: 1

        Package: adduser
        Status: install ok installed
        Version: 3.134

        """

    @Test("dpkg's status file gives a row for each package that is installed, by name")
    func dpkg() {
        let rows = PackageList.parse(status: Array(Self.status.utf8)) { name, architecture in name == "zlib1g" ? "at \(architecture)" : nil }
        #expect(rows.map { $0.first?.value } == ["adduser", "zlib1g"])
        #expect(rows[0].map(\.name) == ["Name", "Version"])
        let zlib = Dictionary(uniqueKeysWithValues: rows[1].map { ($0.name, $0.value) })
        #expect(
            zlib == [
                "Name": "zlib1g", "ApplicationType": "libs", "Publisher": "Mark Brown <broonie@debian.org>", "Version": "1:1.2.13.dfsg-1",
                "InstalledTime": "at amd64", "Architecture": "amd64", "URL": "http://zlib.net/",
                "Summary": "compression library - runtime",
            ])
    }

    @Test("rpm's list gives a row for each line; what a package does not say is left out")
    func rpm() {
        let line = "bash\tFedora Project\t5.2.15\t3.fc38\t(none)\t1700000000\tx86_64\tUnspecified\thttps://www.gnu.org/software/bash\tbash-5.2.15-3.fc38.src.rpm\tThe GNU Bourne Again shell"
        let rows = PackageList.parse(rpm: Array("\(line)\nbroken\n".utf8))
        #expect(rows.count == 1)
        let bash = Dictionary(uniqueKeysWithValues: rows[0].map { ($0.name, $0.value) })
        #expect(bash["Release"] == "3.fc38")
        #expect(bash["Epoch"] == nil)
        #expect(bash["InstalledTime"] == "2023-11-14T22:13:20Z")
        #expect(bash["PackageId"] == "bash-5.2.15-3.fc38.src.rpm")
    }

    @Test("processors are counted by sockets and cores where the kernel names them")
    func processors() {
        let text = (0..<4).map { "processor\t: \($0)\nmodel name\t: A CPU @ 2.50GHz\ncpu MHz\t\t: 2499.\($0)\nphysical id\t: \($0 / 2)\ncore id\t\t: 0\n" }
        let facts = ProcessorFacts(cpuinfo: text.joined(separator: "\n"))
        #expect(facts.processors == 4 && facts.sockets == 2 && facts.cores == 2)
        #expect(facts.model == "A CPU @ 2.50GHz" && facts.megahertz == "2499")
        #expect(facts.attributes.contains(NamedValue(name: "CPUHyperThreadEnabled", value: "true")))
        let arm = ProcessorFacts(cpuinfo: "processor\t: 0\nBogoMIPS\t: 1\n\nprocessor\t: 1\n")
        #expect(arm.processors == 2 && arm.sockets == 1 && arm.cores == 2)
    }

    @Test("routes and resolvers are read as the kernel and libc write them")
    func network() {
        let routes = "Iface\tDestination\tGateway\tFlags\neth0\t00000000\t0100000A\t0003\neth0\t0000000A\t00000000\t0001\n"
        #expect(NetworkInterface.gateways(routes: routes) == ["eth0": "10.0.0.1"])
        #expect(NetworkInterface.nameServers(resolvConf: "# a\nnameserver 10.0.0.2\nsearch x\nnameserver ::1\n") == ["10.0.0.2", "::1"])
    }

    @Test("a summary has the hashes of the rows that follow, and unchanged packages keep theirs")
    func summary() async throws {
        let directory = TemporaryDirectory()
        TemporaryDirectory.write(Self.status, to: "\(directory.path)/status")
        let inventory = HostInventory(clock: LiveClock(), packages: PackageList(directory: directory.path))
        let subject = HostInventory.Identity(instanceID: "mi-0", facts: NodeFacts(hostname: "host", agentVersion: "1"))
        let summary = await inventory.summary(of: subject)
        #expect(
            Set(summary.map(\.typeName)) == ["AWS:InstanceInformation", "AWS:InstanceDetailedInformation", "AWS:Network", "AWS:Application"])
        #expect(summary.allSatisfy { $0.content == nil })
        let full = await inventory.items(["AWS:Application", "AWS:InstanceInformation"], of: subject)
        #expect(full.count == 2)
        for item in full {
            #expect(item.content?.isEmpty == false)
            #expect(item.contentHash == summary.first { $0.typeName == item.typeName }?.contentHash)
            #expect(try InventoryReport(bytes: InventoryReport(items: [item]).bytes) == InventoryReport(items: [item]))
        }
        #expect(await inventory.summary(of: subject).map(\.contentHash) == summary.map(\.contentHash))
    }
}
