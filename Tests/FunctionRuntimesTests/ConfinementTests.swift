import FoundationEssentials
import Glibc
import NIOCore
import NIOPosix
import ServiceLifecycle
import Testing
import TimeSource

@testable import FunctionRuntimes

@Suite struct ConfinementTests {
    private static let socketClient = """
        #!/usr/bin/env python3
        import http.client, os, sys, json
        connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
        connection.request("GET", "/2018-06-01/runtime/invocation/next")
        response = connection.getresponse()
        response.read()
        id = response.headers["Lambda-Runtime-Aws-Request-Id"]
        print("api", os.environ["AWS_LAMBDA_RUNTIME_API"], flush=True)
        open(os.environ["TMPDIR"] + "/written", "w").write("x")
        answer = json.dumps({"uid": os.getuid(), "groups": os.getgroups(), "scratch": os.listdir(os.environ["HOME"])})
        connection.request("POST", "/2018-06-01/runtime/invocation/" + id + "/response", answer)
        connection.getresponse().read()
        import time; time.sleep(1000)
        """

    @Test func theRuntimeAPIAnswersNobodyElse() async throws {
        try await TestPool.run { test in
            let function = try test.function("bootstrap", Self.socketClient)
            _ = await test.invoke(function, "{}")
            let line = await test.log.message(with: "api 127.0.0.1:")
            let port = try #require(Int(line.split(separator: ":").last?.dropLast() ?? ""))
            // This test is another process than the function's: the connection is closed before anything is read from it.
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connect(host: "127.0.0.1", port: port)
                .get()
            try? await channel.writeAndFlush(ByteBuffer(string: "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: x\r\n\r\n"))
            try await channel.closeFuture.get()
        }
    }

    @Test func theOwnerOfAConnectionIsFound() async throws {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton).bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(server.localAddress?.port)
        let client = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connect(host: "127.0.0.1", port: port).get()
        let (from, to) = (UInt16(try #require(client.localAddress?.port)), UInt16(port))
        let asked = SocketDiagnosis.loopbackSocket(from: from, to: to)
        let read = ProcFileSystem.tabledSocket(from: from, to: to)
        #expect(read?.uid == geteuid())
        #expect(asked == nil || (asked?.inode == read?.inode && asked?.uid == read?.uid), "the two ways agree")
        #expect(ProcFileSystem.holds(getpid(), socketInode: try #require(read?.inode)) == true)
        let stranger = ProcessSession(leader: 1, startTime: ProcFileSystem.status(of: 1)?.startTime ?? 0)
        #expect(!stranger.owns(connectionFrom: from, to: to))
        try await client.close()
        try await server.close()
    }

    @Test(.enabled(if: geteuid() == 0, "only root can run functions as another user"))
    func functionsRunAsTheirOwnUser() async throws {
        try await TestPool.run(adjust: { $0.user = "65534:65534" }) { test in
            chmod(test.directory, 0o711)
            let function = try test.function("bootstrap", Self.socketClient)
            #expect(await test.invoke(function, "{}").text == #"{"uid": 65534, "groups": [65534], "scratch": ["written"]}"#)
        }
    }

    @Test(.enabled(if: geteuid() == 0, "only root can run functions as another user"))
    func aFolderClosedToTheUserIsNamed() async throws {
        try await TestPool.run(adjust: { $0.user = "65534:65534" }) { test in
            chmod(test.directory, 0o700)
            let function = try test.function("bootstrap", Self.socketClient)
            guard case .unavailable(let message) = await test.invoke(function, "{}").outcome else {
                Issue.record("it ran")
                return
            }
            #expect(message.contains("must be able to pass through"))
        }
    }

    /// What the kernel does not end with a killed server, the next server does.
    @Test func leftoversOfAnEarlierServerAreEndedAtStart() async throws {
        let directory = try TemporaryDirectory()
        let folders = ProcessFolders(directory: directory.path, user: nil)
        #expect(try folders.prepare() == 0)
        let keeper = ProcessKeeper()
        let ended = Latch<ProcessExit>()
        let launch = ProcessLaunch(
            path: "/bin/sh", arguments: ["sh", "-c", "sleep 1000 & echo up; wait"], environment: ["PATH=/usr/bin:/bin"],
            workingDirectory: "/")
        let up = Latch<Void>()
        let started = try await keeper.start(launch, receive: { _ in up.resolve(()) }, ended: { ended.resolve($0) })
        let session = try #require(ProcessSession(leader: started.pid))
        await up.wait()
        #expect(session.members().count == 2)
        try folders.record("a", session: session)
        _ = try folders.makeScratch("b")
        // A record of another boot, and one whose number now belongs to a process of another start (this test itself).
        try Data("another-boot \(getpid()) 1\n".utf8).write(to: URL(filePath: directory.path + "/processes/c"))
        try folders.record("d", session: ProcessSession(leader: getsid(0), startTime: 1))
        #expect(try folders.prepare() >= 2)
        #expect(await ended.wait() == .signal(SIGKILL))
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path + "/processes").isEmpty)
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path + "/scratch").isEmpty)
        keeper.stop()
    }

    @Test func aGracefulShutdownLetsAnInvocationFinish() async throws {
        let clock = ManualClock()
        let test = try TestPool(clock: clock) { _ in }
        let function = try test.function(
            "bootstrap",
            """
            #!/usr/bin/env python3
            import http.client, os, time
            connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
            connection.request("GET", "/2018-06-01/runtime/invocation/next")
            response = connection.getresponse(); response.read()
            print("working", flush=True)
            while not os.path.exists("/proc/self/cwd/finish"): time.sleep(0.01)
            id = response.headers["Lambda-Runtime-Aws-Request-Id"]
            connection.request("POST", "/2018-06-01/runtime/invocation/" + id + "/response", "1")
            connection.getresponse().read()
            time.sleep(1000)
            """)
        let group = ServiceGroup(
            configuration: .init(services: [.init(service: test.pool)], logger: test.pool.dependencies.logger))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            async let pending = test.invoke(function, "{}")
            _ = await test.log.message(with: "working")
            await group.triggerGracefulShutdown()
            // The sleepers: house-keeping, the function's timeout, and the drain limit, which says that the shutdown has begun.
            await clock.sleepers(atLeast: 3)
            guard case .unavailable = await test.invoke(function, "{}", id: "late").outcome else {
                Issue.record("accepted after shutdown")
                return
            }
            try Data().write(to: URL(filePath: function.codeDirectory + "/finish"))
            #expect(await pending.text == "1")
            try await tasks.waitForAll()
        }
        #expect(test.pool.statistics.processes == 0)
    }
}
