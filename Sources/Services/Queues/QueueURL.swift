import AWSProtocols
import Store

/// The URLs by which clients know queues: `http://127.0.0.1:7070/000000000000/orders`.
///
/// Only the path counts when one comes back, so that a queue answers under every name that the server has. Clients may also give the
/// bare name of a queue of their account, as on AWS.
enum QueueURL {
    /// The URL of a queue at the server's address as the client wrote it.
    static func text(_ queue: QueueName, endpoint: String) -> String {
        "\(endpoint)/\(queue.account)/\(queue.name)"
    }

    /// The queue that a URL names, whether it exists or not.
    /// - Parameter account: the caller's, whose queues alone there are for it.
    /// - Throws: `InvalidAddress` when the text names no queue, `QueueDoesNotExist` when it names another account's.
    static func queue(_ url: String, account: String) throws(APIError) -> QueueName {
        let path = url.utf8
        guard let last = path.lastIndex(of: UInt8(ascii: "/")) else {
            guard QueueNameRules.isName(url) else { throw SQSError.invalidAddress(url) }
            return QueueName(account: account, name: url)
        }
        let name = url[path.index(after: last)...]
        let start = path[..<last].lastIndex(of: UInt8(ascii: "/")).map { path.index(after: $0) } ?? path.startIndex
        let owner = url[start..<last]
        guard !name.isEmpty, owner.utf8.count == 12, owner.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw SQSError.invalidAddress(url)
        }
        guard owner == account else { throw SQSError.queueDoesNotExist() }
        return QueueName(account: account, name: String(name))
    }
}
