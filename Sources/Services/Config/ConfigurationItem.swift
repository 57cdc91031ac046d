import AWSProtocols
import JSONCore
import Store
import TimeSource

/// A node as AWS Config would record it: its inventory, and each of its network interfaces, as configuration items.
struct ConfigurationItem: Sendable {
    static let inventoryType = "AWS::SSM::ManagedInstanceInventory"
    static let interfaceType = "AWS::EC2::NetworkInterface"
    /// The inventory that network interfaces are made of.
    static let networkType = "AWS:Network"

    /// The item, ready to be queried.
    let json: JSONValue

    /// All items of a node, in the order of their ids.
    /// - Parameters:
    ///   - types: which resource types are asked for; nil for all.
    ///   - tags: the tags of the node.
    static func items(
        of node: NodeInventory, inventory: [String], tags: [(key: String, value: String)], types: Set<String>?, region: String
    ) -> [ConfigurationItem] {
        func isWanted(_ type: String) -> Bool { types?.contains(type) ?? true }
        var items: [ConfigurationItem] = []
        if isWanted(inventoryType) { items.append(item(of: node, inventory, tags, region)) }
        if isWanted(interfaceType) {
            items += node.entries(of: networkType).map { interface($0, of: node, tags, region) }.sorted { $0.id < $1.id }
        }
        return items
    }

    /// Distinguishes the items of a node, and orders them.
    var id: String { json["resourceId"]?.text ?? "" }

    private static func item(
        of node: NodeInventory, _ inventory: [String], _ tags: [(key: String, value: String)], _ region: String
    ) -> ConfigurationItem {
        let id = node.node.record.id
        var configuration = JSONObject()
        for typeName in inventory {
            guard let result = node.result(of: typeName)?.structure else { continue }
            configuration[JSONString(typeName)] = [
                "SchemaVersion": .text(result.string("SchemaVersion") ?? ""), "CaptureTime": .text(result.string("CaptureTime") ?? ""),
                "Content": .object(content(node.entries(of: typeName), node: id)),
            ]
        }
        return ConfigurationItem(
            node, type: inventoryType, id: id, name: id, arn: "arn:aws:ssm:\(region):\(node.node.record.account):managed-instance-inventory/\(id)",
            tags: tags, region: region, configuration: configuration, relationships: [])
    }

    /// The entries by name, as AWS Config records them; of equal names the later ones carry their architecture or version too.
    private static func content(_ entries: [JSONObject], node: String) -> JSONObject {
        var content = JSONObject(capacity: entries.count)
        for (index, entry) in entries.enumerated() {
            let name = entry["InstanceId"]?.text ?? entry["Name"]?.text ?? (entries.count == 1 ? node : "\(index)")
            let candidates = [
                name, "\(name) \(entry["Architecture"]?.text ?? "")", "\(name) \(entry["Version"]?.text ?? "")", "\(name) \(index)",
            ]
            for candidate in candidates where !content.contains(JSONString(candidate)) {
                content[JSONString(candidate)] = .object(entry)
                break
            }
        }
        return content
    }

    private static func interface(
        _ entry: JSONObject, of node: NodeInventory, _ tags: [(key: String, value: String)], _ region: String
    ) -> ConfigurationItem {
        let (host, account) = (node.node.record.id, node.node.record.account)
        let name = entry["Name"]?.text ?? ""
        let (ipv4, ipv6) = (addresses(entry["IPV4"]), addresses(entry["IPV6"]))
        let id = "\(host):\(name)"
        func association(_ address: String) -> JSONValue { ["publicIp": .text(address), "ipOwnerId": .text(account)] }
        let privateAddresses: [JSONValue] = ipv4.enumerated().map { index, address in
            var one: JSONObject = ["primary": .bool(index == 0), "privateIpAddress": .text(address)]
            if PublicAddress.isPublic(address) { one["association"] = association(address) }
            return .object(one)
        }
        var configuration: JSONObject = [
            "networkInterfaceId": .text(id), "description": .text(name), "macAddress": entry["MacAddress"] ?? "",
            "ownerId": .text(account), "status": "in-use", "attachment": ["instanceId": .text(host), "status": "attached"],
            "ipv6Addresses": .array(ipv6.map { ["ipv6Address": .text($0)] }), "privateIpAddresses": .array(privateAddresses),
        ]
        if let first = ipv4.first { configuration["privateIpAddress"] = .text(first) }
        if let address = ipv4.first(where: PublicAddress.isPublic) { configuration["association"] = association(address) }
        for (member, attribute) in [("gateway", "Gateway"), ("subnetMask", "SubnetMask"), ("dnsServer", "DNSServer")] as [(JSONString, JSONString)] {
            if let value = entry[attribute], value.text?.isEmpty == false { configuration[member] = value }
        }
        return ConfigurationItem(
            node, type: interfaceType, id: id, name: name, arn: "arn:aws:ec2:\(region):\(account):network-interface/\(id)", tags: tags,
            region: region, configuration: configuration,
            relationships: [["resourceType": .text(inventoryType), "resourceId": .text(host), "relationshipName": "Is attached to Instance"]])
    }

    private static func addresses(_ value: JSONValue?) -> [String] {
        (value?.text ?? "").split { $0 == "," || $0 == " " || $0 == ";" }.map(String.init)
    }

    private init(
        _ node: NodeInventory, type: String, id: String, name: String, arn: String, tags: [(key: String, value: String)], region: String,
        configuration: JSONObject, relationships: [JSONValue]
    ) {
        json = [
            "accountId": .text(node.node.record.account), "arn": .text(arn), "availabilityZone": "Not Applicable", "awsRegion": .text(region),
            "configurationItemCaptureTime": .text(node.node.lastPingAt.iso8601Milliseconds), "configurationItemStatus": "OK",
            "resourceCreationTime": .text(node.node.record.registeredAt.iso8601Milliseconds), "resourceId": .text(id), "resourceName": .text(name),
            "resourceType": .text(type), "version": "1.3", "relationships": .array(relationships),
            "tags": .array(tags.map { ["key": .text($0.key), "value": .text($0.value), "tag": .text("\($0.key)=\($0.value)")] }),
            "configuration": .object(configuration),
        ]
    }
}
