import CSpawn
import Glibc
import Testing

@testable import Agent

/// `CSpawn` by itself: what other users of it rely on.
@Suite struct SpawnTests {
    private struct Failure: Error, Equatable {
        var stage: String
        var code: Int32
    }

    /// Starts a program; `configure` sets what is special.
    private func start(
        _ arguments: [String], gated: Bool = false, configure: (inout cspawn_request) -> Void = { _ in }
    ) throws -> cspawn_child {
        var copies: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
        copies.append(nil)
        defer { for copy in copies { free(copy) } }
        var child = cspawn_child()
        var error = cspawn_error()
        var request = cspawn_request()
        let result = copies.withUnsafeBufferPointer { buffer in
            cspawn_request_init(&request)
            request.path = UnsafePointer(buffer[0])
            request.argv = buffer.baseAddress
            if gated { request.flags |= Int32(CSPAWN_GATED) }
            configure(&request)
            return cspawn_start(&request, &child, &error)
        }
        guard result == 0 else { throw Failure(stage: String(cString: cspawn_stage_name(error.stage)), code: error.code) }
        return child
    }

    private func finish(_ child: cspawn_child) -> (code: Int32, signal: Int32) {
        var code: Int32 = 0
        var signal: Int32 = 0
        #expect(cspawn_wait(child.pid, 0, &code, &signal) == child.pid)
        if child.pidfd >= 0 { close(child.pidfd) }
        return (code, signal)
    }

    @Test func exitCodesAndSignalsComeBack() throws {
        #expect(finish(try start(["/bin/sh", "-c", "exit 42"])) == (42, 0))
        #expect(finish(try start(["/bin/sh", "-c", "kill -TERM $$"])) == (-1, SIGTERM))
    }

    @Test(arguments: [false, true]) func failuresNameTheirStageAndLeaveNoChild(_ gated: Bool) throws {
        #expect(throws: Failure(stage: "working directory", code: ENOENT)) {
            try start(["/bin/true"], gated: gated) { request in
                request.cwd = UnsafePointer(strdup("/no/such/directory"))
            }
        }
        #expect(throws: Failure(stage: "descriptors", code: EBADF)) {
            try start(["/bin/true"], gated: gated) { $0.stdout_fd = 1_000_000 }
        }
        if !gated { #expect(throws: Failure(stage: "exec", code: ENOENT)) { try start(["/no/such/program"]) } }
    }

    @Test func aProgramThatCannotBeRunIsKnownWhenTheGateOpens() throws {
        var child = try start(["/no/such/program"], gated: true)
        var error = cspawn_error()
        #expect(cspawn_release(&child, &error) == -1)
        #expect(error.stage == CSPAWN_STAGE_EXEC && error.code == ENOENT)
        #expect(child.pid == -1)
    }

    @Test func nothingRunsUntilTheGateOpens() throws {
        let root = TemporaryDirectory()
        var child = try start(["/bin/sh", "-c", "echo ran > \(root.path)/ran"], gated: true)
        #expect(!PosixFile.exists("\(root.path)/ran"))
        var error = cspawn_error()
        #expect(cspawn_release(&child, &error) == 0)
        #expect(finish(child).code == 0)
        #expect(TemporaryDirectory.text("\(root.path)/ran") == "ran\n")
    }

    @Test func anAbandonedChildNeverRuns() throws {
        let root = TemporaryDirectory()
        var child = try start(["/bin/sh", "-c", "echo ran > \(root.path)/ran"], gated: true)
        cspawn_abandon(&child)
        #expect(!PosixFile.exists("\(root.path)/ran"))
        #expect(child.pid == -1 && child.pidfd == -1)
    }

    @Test func theChildHasOnlyItsOwnDescriptorsAndNoIgnoredSignals() throws {
        let root = TemporaryDirectory()
        let output = open("\(root.path)/out", O_WRONLY | O_CREAT, 0o600)
        let extra = open("/etc/hostname", O_RDONLY)
        defer { for file in [output, extra] { close(file) } }
        let child = try withUnsafePointer(to: extra) { extras in
            try start(["/bin/sh", "-c", "set -- /proc/$$/fd/*; echo $#; grep SigIgn /proc/$$/status"]) { request in
                request.stdout_fd = output
                request.extra_fds = extras
                request.extra_fd_count = 1
                request.flags |= Int32(CSPAWN_SETSID)
            }
        }
        #expect(finish(child).code == 0)
        // Three streams, the extra one, and that of the shell's look into the directory.
        #expect(TemporaryDirectory.text("\(root.path)/out") == "5\nSigIgn:\t0000000000000000\n")
    }

    @Test func limitsMaskAndPrivilegesApply() throws {
        let root = TemporaryDirectory()
        let output = open("\(root.path)/out", O_WRONLY | O_CREAT, 0o600)
        defer { close(output) }
        let limit = cspawn_limit(resource: Int32(RLIMIT_NOFILE.rawValue), soft: 99, hard: 100)
        let child = try withUnsafePointer(to: limit) { limits in
            try start(["/bin/sh", "-c", "ulimit -Sn; ulimit -Hn; umask; grep NoNewPrivs /proc/$$/status"]) { request in
                request.stdout_fd = output
                request.limits = limits
                request.limit_count = 1
                request.file_mask = 0o077
                request.flags |= Int32(CSPAWN_NO_NEW_PRIVILEGES)
            }
        }
        #expect(finish(child).code == 0)
        #expect(TemporaryDirectory.text("\(root.path)/out") == "99\n100\n0077\nNoNewPrivs:\t1\n")
    }

    @Test func nicenessAppliesAndAGroupNeedsAGate() throws {
        let root = TemporaryDirectory()
        let output = open("\(root.path)/out", O_WRONLY | O_CREAT, 0o600)
        defer { close(output) }
        let child = try start(["/bin/sh", "-c", "nice"]) { request in
            request.stdout_fd = output
            request.nice = 11
            request.flags |= Int32(CSPAWN_SET_NICE)
        }
        #expect(finish(child).code == 0)
        #expect(TemporaryDirectory.text("\(root.path)/out") == "11\n")
        #expect(throws: Failure(stage: "control group", code: EINVAL)) { try start(["/bin/true"]) { $0.cgroup_fd = 0 } }
        // Not the directory of a control group.
        #expect(throws: Failure.self) { try start(["/bin/true"], gated: true) { $0.cgroup_fd = output } }
    }

    @Test func idsAreTakenWholeOrRefused() throws {
        guard geteuid() == 0 else { return }
        let root = TemporaryDirectory()
        chmod(root.path, 0o755)
        let output = open("\(root.path)/out", O_WRONLY | O_CREAT, 0o600)
        defer { close(output) }
        let groups: [gid_t] = [33, 34]
        let child = try groups.withUnsafeBufferPointer { groups in
            try start(["/bin/sh", "-c", "id -u; id -g; id -G"]) { request in
                request.stdout_fd = output
                request.uid = 33
                request.gid = 33
                request.groups = groups.baseAddress
                request.group_count = groups.count
                request.flags |= Int32(CSPAWN_SET_IDS)
            }
        }
        #expect(finish(child).code == 0)
        #expect(TemporaryDirectory.text("\(root.path)/out") == "33\n33\n33 34\n")
    }

    @Test func manyThreadsMayStartAtOnce() async throws {
        try await withThrowingTaskGroup(of: Int32.self) { group in
            for index in 0..<64 {
                group.addTask { finish(try start(["/bin/sh", "-c", "exit \(index)"], gated: false)).code }
            }
            var codes: Set<Int32> = []
            for try await code in group { codes.insert(code) }
            #expect(codes.count == 64)
        }
    }

    @Test func memoryFilesReadFromTheirBeginningAndCannotBeChanged() {
        let file = cspawn_memory_file("test", "secret", 6)
        defer { close(file) }
        var buffer = [UInt8](repeating: 0, count: 16)
        #expect(read(file, &buffer, 16) == 6)
        #expect(write(file, "x", 1) == -1)
        #expect(errno == EPERM)
    }
}
