import Foundation
import Synchronization

/// A TCP proxy before a PostgreSQL server, on a port of its own, that loses connections where a test says.
final class CuttingProxy: Sendable {
    /// Where connections are lost.
    enum Cut: Sendable {
        case never
        /// The next answer to a COMMIT does not arrive, and the connection is gone.
        case atAnswerToCommit
        /// As `atAnswerToCommit`, and nobody connects any more.
        case forGoodAtAnswerToCommit
    }

    /// The port to connect to.
    let port: UInt16
    private let listener: Int32
    private let server: UInt16
    private let state = Mutex((cut: Cut.never, cuts: 0, isRefusing: false, open: [Int32]()))

    init(server: UInt16) throws {
        self.server = server
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.listener = listener
        var address = CuttingProxy.loopback(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 16) == 0 && getsockname(listener, $0, &length) == 0
            }
        }
        guard isBound else { throw CocoaError(.fileReadUnknown) }
        port = UInt16(bigEndian: address.sin_port)
        Thread.detachNewThread { [self] in accept() }
    }

    /// How many connections were lost at an answer to COMMIT.
    var cuts: Int { state.withLock { $0.cuts } }

    /// Loses a connection where `cut` says.
    func cut(_ cut: Cut) {
        state.withLock { $0.cut = cut }
    }

    /// Loses all connections, and refuses new ones until told otherwise.
    func refuse(_ isRefusing: Bool) {
        let open = state.withLock { state in
            state.isRefusing = isRefusing
            defer { if isRefusing { state.open = [] } }
            return isRefusing ? state.open : []
        }
        for socket in open { shutdown(socket, Int32(SHUT_RDWR)) }
    }

    /// Ends the proxy. Its threads end with their connections.
    func close() {
        refuse(true)
        shutdown(listener, Int32(SHUT_RDWR))
    }

    private func accept() {
        while true {
            let client = Foundation.accept(listener, nil, nil)
            guard client >= 0 else { return }
            let upstream = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            var address = CuttingProxy.loopback(port: server)
            let isConnected = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(upstream, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                }
            }
            let isWanted = state.withLock { state in
                if !state.isRefusing { state.open += [client, upstream] }
                return !state.isRefusing
            }
            guard isWanted, isConnected else {
                Foundation.close(client)
                Foundation.close(upstream)
                continue
            }
            // Descriptors stay open to the end of the test process: nobody else is given their numbers meanwhile.
            Thread.detachNewThread { [self] in copy(from: client, to: upstream, isAnswer: false) }
            Thread.detachNewThread { [self] in copy(from: upstream, to: client, isAnswer: true) }
        }
    }

    private func copy(from source: Int32, to sink: Int32, isAnswer: Bool) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let commit = Array("COMMIT\0".utf8)
        while true {
            let count = recv(source, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            if isAnswer, state.withLock({ if case .never = $0.cut { false } else { true } }),
                (0...max(0, count - commit.count)).contains(where: { buffer[$0..<count].starts(with: commit) })
            {
                let isForGood = state.withLock { state in
                    defer { state.cut = .never }
                    state.cuts += 1
                    if case .forGoodAtAnswerToCommit = state.cut { return true }
                    return false
                }
                if isForGood { refuse(true) }
                break
            }
            var sent = 0
            while sent < count {
                let more = buffer[sent..<count].withUnsafeBytes { send(sink, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
                guard more > 0 else { break }
                sent += more
            }
        }
        shutdown(source, Int32(SHUT_RDWR))
        shutdown(sink, Int32(SHUT_RDWR))
    }

    private static func loopback(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }
}
