package import JSONCore

/// What a host says of itself; shown by DescribeInstanceInformation under AWS's names.
package struct NodeFacts: WireMessage {
    /// `ComputerName`: the host name, fully qualified where the host knows it.
    package var hostname: String
    /// `IPAddress`: the first address that is not loopback; empty when there is none.
    package var ipAddress: String
    /// `PlatformType`: `Linux`.
    package var platformType: String
    /// `PlatformName`: NAME of os-release(5), such as `Debian GNU/Linux`.
    package var platformName: String
    /// `PlatformVersion`: VERSION_ID of os-release(5).
    package var platformVersion: String
    /// Machine type of uname(2), such as `x86_64`.
    package var architecture: String
    /// `AgentVersion`.
    package var agentVersion: String

    package init(
        hostname: String, ipAddress: String = "", platformType: String = "Linux", platformName: String = "",
        platformVersion: String = "", architecture: String = "", agentVersion: String
    ) {
        self.hostname = hostname
        self.ipAddress = ipAddress
        self.platformType = platformType
        self.platformName = platformName
        self.platformVersion = platformVersion
        self.architecture = architecture
        self.agentVersion = agentVersion
    }

    package init(json: JSONValue) throws(WireError) {
        let reader = try WireReader(json)
        hostname = try reader.text("hostname")
        ipAddress = try reader.optionalText("ipAddress") ?? ""
        platformType = try reader.optionalText("platformType") ?? "Linux"
        platformName = try reader.optionalText("platformName") ?? ""
        platformVersion = try reader.optionalText("platformVersion") ?? ""
        architecture = try reader.optionalText("architecture") ?? ""
        agentVersion = try reader.text("agentVersion")
    }

    package var json: JSONValue {
        [
            "hostname": .text(hostname), "ipAddress": .text(ipAddress), "platformType": .text(platformType),
            "platformName": .text(platformName), "platformVersion": .text(platformVersion),
            "architecture": .text(architecture), "agentVersion": .text(agentVersion),
        ]
    }
}
