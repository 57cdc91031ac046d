import Glibc

/// Asks the kernel about one TCP connection over netlink (sock_diag(7)).
///
/// `/proc/net/tcp` tells the same, but the kernel walks its whole table of connections for it: tens of milliseconds on a machine with
/// much memory, against some microseconds here.
enum SocketDiagnosis {
    // From linux/sock_diag.h and linux/inet_diag.h, which Swift does not see.
    private static let netlinkFamily: Int32 = 16
    private static let socketDiagnosisProtocol: Int32 = 4
    private static let byFamily: UInt16 = 20
    private static let requestFlag: UInt16 = 1
    private static let headerLength = 16
    private static let requestLength = 56
    private static let answerLength = 72

    /// The inode and user of the socket at the client's end of a connection over 127.0.0.1; nil when the kernel does not tell.
    static func loopbackSocket(from client: UInt16, to server: UInt16) -> (inode: Int, uid: UInt32)? {
        let link = socket(netlinkFamily, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), socketDiagnosisProtocol)
        guard link >= 0 else { return nil }
        defer { close(link) }
        let request = request(from: client, to: server)
        guard send(link, request, request.count, 0) == request.count else { return nil }
        var answer = [UInt8](repeating: 0, count: 8_192)
        // The kernel answers within the call of `send`.
        let count = recv(link, &answer, answer.count, Int32(MSG_DONTWAIT))
        return count > 0 ? parse(answer.prefix(count)) : nil
    }

    /// An `nlmsghdr` and an `inet_diag_req_v2` for one exact connection.
    static func request(from client: UInt16, to server: UInt16) -> [UInt8] {
        var bytes: [UInt8] = []
        append(UInt32(headerLength + requestLength), to: &bytes)
        append(byFamily, to: &bytes)
        append(requestFlag, to: &bytes)
        append(UInt32(1), to: &bytes)
        append(UInt32(0), to: &bytes)
        bytes += [UInt8(AF_INET), UInt8(IPPROTO_TCP), 0, 0]
        append(UInt32.max, to: &bytes)  // in any state
        append(client.bigEndian, to: &bytes)
        append(server.bigEndian, to: &bytes)
        let loopback: [UInt8] = [127, 0, 0, 1] + [UInt8](repeating: 0, count: 12)
        bytes += loopback + loopback
        append(UInt32(0), to: &bytes)  // on any interface
        append(UInt64.max, to: &bytes)  // whatever its cookie
        return bytes
    }

    /// The user and inode of an `inet_diag_msg`; nil for an error.
    static func parse(_ bytes: ArraySlice<UInt8>) -> (inode: Int, uid: UInt32)? {
        guard bytes.count >= headerLength + answerLength, word(bytes, at: 4) & 0xFFFF == UInt32(byFamily) else { return nil }
        let inode = word(bytes, at: headerLength + 68)
        return inode == 0 ? nil : (Int(inode), word(bytes, at: headerLength + 64))
    }

    private static func append(_ value: some FixedWidthInteger, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: value) { bytes.append(contentsOf: $0) }
    }

    private static func word(_ bytes: ArraySlice<UInt8>, at offset: Int) -> UInt32 {
        bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: UInt32.self) }
    }
}
