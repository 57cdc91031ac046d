/// The types of inventory that AWS defines, with their attributes (Systems Manager User Guide, "Metadata collected by inventory").
enum InventoryTypes {
    /// A type: its version, and the attributes that its entries may have.
    struct Schema: Sendable, Hashable {
        let typeName: String
        let version: String
        /// Name and whether it is a number.
        let attributes: [Attribute]
        /// How consoles call it; nil for none.
        var displayName: String?
    }

    /// An attribute of a type.
    struct Attribute: Sendable, Hashable {
        let name: String
        let isNumber: Bool

        init(_ name: String, isNumber: Bool = false) {
            self.name = name
            self.isNumber = isNumber
        }
    }

    /// All of AWS's types, ordered by name.
    static let defined: [Schema] = [
        schema("AWS:AWSComponent", "1.0", "Name ApplicationType Publisher Version InstalledTime Architecture URL"),
        schema("AWS:Application", "1.1", "Name ApplicationType Publisher Version Release Epoch InstalledTime Architecture URL Summary PackageId"),
        schema("AWS:BillingInfo", "1.0", "BillingProductId"),
        schema(
            "AWS:ComplianceItem", "1.0",
            "Id Title Status Severity ComplianceType ExecutionId ExecutionType ExecutionTime DocumentName DocumentVersion "
                + "Classification InstalledTime PatchBaselineId PatchGroup PatchState PatchSeverity"),
        schema(
            "AWS:ComplianceSummary", "1.0",
            "ComplianceType Status OverallSeverity ExecutionId ExecutionType ExecutionTime PatchBaselineId PatchGroup",
            numbers: "CompliantCriticalCount CompliantHighCount CompliantMediumCount CompliantLowCount CompliantInformationalCount "
                + "CompliantUnspecifiedCount NonCompliantCriticalCount NonCompliantHighCount NonCompliantMediumCount "
                + "NonCompliantLowCount NonCompliantInformationalCount NonCompliantUnspecifiedCount"),
        schema(
            "AWS:File", "1.0",
            "Name Size Description FileVersion InstalledDir CompanyName ProductName ProductVersion ProductLanguage ModificationTime LastAccessTime"),
        schema(
            "AWS:InstanceDetailedInformation", "1.0", "CPUModel OSServicePack CPUHyperThreadEnabled KernelVersion",
            numbers: "CPUSpeedMHz CPUs CPUSockets CPUCores"),
        schema(
            "AWS:InstanceInformation", "1.0",
            "AgentType AgentVersion ComputerName IamRole InstanceId InstanceStatus IpAddress PlatformName PlatformType PlatformVersion "
                + "ResourceType"),
        schema("AWS:Network", "1.0", "Name SubnetMask Gateway DHCPServer DNSServer MacAddress IPV4 IPV6"),
        schema("AWS:PatchSummary", "1.0", "BaselineId InstalledCount MissingCount FailedCount PatchGroup OperationType"),
        schema("AWS:ResourceGroup", "1.0", "Name Arn"),
        schema("AWS:Service", "1.0", "Name DisplayName ServiceType Status DependentServices ServicesDependedOn StartType"),
        schema("AWS:Tag", "1.0", "Key Value"),
        schema("AWS:WindowsRegistry", "1.0", "KeyPath ValueName ValueType Value"),
        schema("AWS:WindowsRole", "1.0", "Name DisplayName Path FeatureType DependsOn Description Installed InstalledState SubFeatures ServerComponentDescriptor Parent"),
        schema("AWS:WindowsUpdate", "1.0", "HotFixId Description InstalledTime InstalledBy"),
    ]

    /// What nodes can be counted by (User Guide, "Aggregating inventory data").
    static let aggregated: [Schema] = [
        ("AWS:Application", "Application", "Name Version"), ("AWS:InstanceInformation", "Platform", "PlatformName PlatformType PlatformVersion"),
        ("AWS:ResourceGroup", "ResourceGroup", "Name"), ("AWS:Service", "Service", "Name DisplayName ServiceType Status StartType"),
        ("AWS:WindowsRole", "WindowsRole", "Name DisplayName FeatureType Installed"),
    ].map { (typeName: String, displayName: String, names: String) in
        var schema = schema(typeName, InventoryTypes.schema(typeName)?.version ?? "1.0", names)
        schema.displayName = displayName
        return schema
    }

    /// AWS's type of a name; nil for custom and unknown ones.
    static func schema(_ typeName: String) -> Schema? { defined.first { $0.typeName == typeName } }

    /// Whether it is a custom type's name.
    static func isCustom(_ typeName: String) -> Bool { typeName.utf8.starts(with: "Custom:".utf8) && typeName.utf8.count > 7 }

    /// Whether a type of this name may have items.
    static func isTypeName(_ typeName: String) -> Bool { isCustom(typeName) && typeName.utf8.count <= 100 || schema(typeName) != nil }

    private static func schema(_ typeName: String, _ version: String, _ names: String, numbers: String = "") -> Schema {
        Schema(
            typeName: typeName, version: version,
            attributes: names.split(separator: " ").map { Attribute(String($0)) }
                + numbers.split(separator: " ").map { Attribute(String($0), isNumber: true) })
    }
}
