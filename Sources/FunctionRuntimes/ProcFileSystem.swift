import Glibc

/// The few things that the pool reads from Linux's `/proc` (proc(5)).
enum ProcFileSystem {
    /// A line of `/proc/PID/stat`.
    struct Status: Equatable {
        /// One letter: `Z` for a process that has ended and was not waited for.
        var state: UInt8
        /// The session it belongs to.
        var session: pid_t
        /// When it started, in clock ticks since boot.
        var startTime: UInt64
    }

    /// The state of a process; nil when there is none of that number.
    static func status(of pid: pid_t) -> Status? {
        contents("/proc/\(pid)/stat").flatMap { status(parsing: $0) }
    }

    /// Whether a process of ours has ended, be it waited for or not.
    static func hasEnded(_ pid: pid_t) -> Bool {
        guard let status = status(of: pid) else { return true }
        return status.state == UInt8(ascii: "Z")
    }

    /// Parses `PID (NAME) STATE PPID PGRP SESSION …`, where the name may hold anything, blanks and parentheses too.
    static func status(parsing line: [UInt8]) -> Status? {
        guard let close = line.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        let fields = line[(close + 1)...].split(whereSeparator: isBlank)
        guard fields.count > 19, let state = fields[0].first, let session = number(fields[3]), let start = number(fields[19])
        else { return nil }
        return Status(state: state, session: pid_t(session), startTime: UInt64(start))
    }

    /// The ids of all processes.
    static func processes() -> [pid_t] {
        entries(of: "/proc").compactMap { pid_t($0) }
    }

    /// The memory that a process has resident now, in bytes; nil when it is gone.
    static func residentMemory(of pid: pid_t) -> Int? {
        guard let fields = contents("/proc/\(pid)/statm")?.split(whereSeparator: isBlank), fields.count > 1 else { return nil }
        return number(fields[1]).map { $0 * sysconf(Int32(_SC_PAGESIZE)) }
    }

    /// The most memory that a process ever had resident, in bytes; nil when it is gone.
    static func peakMemory(of pid: pid_t) -> Int? {
        guard let lines = contents("/proc/\(pid)/status")?.split(separator: UInt8(ascii: "\n")) else { return nil }
        let label = Array("VmHWM:".utf8)
        guard let line = lines.first(where: { $0.starts(with: label) }) else { return nil }
        let fields = line.split(whereSeparator: isBlank)
        return fields.count > 1 ? number(fields[1]).map { $0 * 1_024 } : nil
    }

    /// The effective user of a process.
    static func owner(of pid: pid_t) -> UInt32? {
        var information = stat()
        return stat("/proc/\(pid)", &information) == 0 ? information.st_uid : nil
    }

    /// A value that differs between two boots of the machine.
    static func bootID() -> String {
        let text = contents("/proc/sys/kernel/random/boot_id") ?? []
        return String(decoding: text.prefix { !isBlank($0) }, as: UTF8.self)
    }

    /// The client's socket of a connection over 127.0.0.1: its inode and user, from the table of all connections.
    ///
    /// A client that asked for IPv6 and got IPv4 inside it stands in the other table.
    static func tabledSocket(from client: UInt16, to server: UInt16) -> (inode: Int, uid: UInt32)? {
        socket(in: "/proc/net/tcp", loopback: "0100007F", from: client, to: server)
            ?? socket(in: "/proc/net/tcp6", loopback: "0000000000000000FFFF00000100007F", from: client, to: server)
    }

    /// Whether a process has that socket open; nil when its descriptors may not be looked at.
    static func holds(_ pid: pid_t, socketInode inode: Int) -> Bool? {
        let directory = "/proc/\(pid)/fd"
        guard access(directory, R_OK) == 0 else { return errno == EACCES || errno == EPERM ? nil : false }
        let wanted = Array("socket:[\(inode)]".utf8)
        var target = [UInt8](repeating: 0, count: 64)
        return entries(of: directory).contains { name in
            let count = readlink("\(directory)/\(name)", &target, target.count)
            return count == wanted.count && target.prefix(count).elementsEqual(wanted)
        }
    }

    // MARK: - Private

    private static func socket(
        in table: String, loopback: String, from client: UInt16, to server: UInt16
    ) -> (inode: Int, uid: UInt32)? {
        guard let bytes = contents(table) else { return nil }
        let key = Array("\(loopback):\(hexadecimal(client)) \(loopback):\(hexadecimal(server)) ".utf8)
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            // "   0: LOCAL REMOTE STATE TX:RX TR:WHEN RETRNSMT UID TIMEOUT INODE …"
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")), line[(colon + 1)...].dropFirst().starts(with: key) else { continue }
            let fields = line.split(whereSeparator: isBlank)
            guard fields.count > 9, let uid = number(fields[7]), let inode = number(fields[9]) else { continue }
            return (inode, UInt32(uid))
        }
        return nil
    }

    private static func hexadecimal(_ port: UInt16) -> String {
        let digits = String(port, radix: 16, uppercase: true)
        return String(repeating: "0", count: 4 - digits.utf8.count) + digits
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\n")
    }

    private static func number(_ digits: some Sequence<UInt8>) -> Int? {
        var value = 0
        for digit in digits {
            guard (48...57).contains(digit), value < Int.max / 10 - 9 else { return nil }
            value = value * 10 + Int(digit - 48)
        }
        return value
    }

    private static func entries(of directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            names.append(withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
        }
        return names
    }

    private static func contents(_ path: String) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = read(file, &block, block.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return count < 0 && bytes.isEmpty ? nil : bytes }
            bytes.append(contentsOf: block.prefix(count))
        }
    }
}
