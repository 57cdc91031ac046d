import JSONCore

/// A queue's policy as AddPermission and RemovePermission edit it: a statement for each label.
struct QueuePolicyDocument {
    private var document: JSONObject

    /// The policy that a queue has, or a new one.
    /// - Parameter arn: the queue's.
    init(text: String?, arn: String) {
        let present = text.flatMap { (try? JSONParser.parse(Array($0.utf8)))?.object }
        document =
            present ?? ["Version": "2008-10-17", "Id": .text("\(arn)/SQSDefaultPolicy"), "Statement": .array([])]
    }

    /// The policy as it is stored; nil when it has no statement left.
    var text: String? {
        statements.isEmpty ? nil : String(decoding: JSONWriter.bytes(of: .object(document)), as: UTF8.self)
    }

    /// Whether there is a statement of this label.
    func contains(_ label: String) -> Bool {
        statements.contains { $0["Sid"] == .text(label) }
    }

    /// Adds a statement that allows accounts to do something; one of each stands for itself, several in a list.
    mutating func add(label: String, accounts: [String], actions: [String], arn: String) {
        let principals = accounts.map { JSONValue.text("arn:aws:iam::\($0):root") }
        let actions = actions.map { JSONValue.text("SQS:\($0)") }
        statements.append([
            "Sid": .text(label), "Effect": "Allow",
            "Principal": ["AWS": principals.count == 1 ? principals[0] : .array(principals)],
            "Action": actions.count == 1 ? actions[0] : .array(actions), "Resource": .text(arn),
        ])
    }

    /// Removes the statements of a label.
    mutating func remove(_ label: String) {
        statements.removeAll { $0["Sid"] == .text(label) }
    }

    /// A policy may have one statement without a list around it.
    private var statements: [JSONValue] {
        get { document["Statement"].map { $0.array ?? [$0] } ?? [] }
        set { document.set("Statement", .array(newValue)) }
    }
}
