import Synchronization
import Testing
import TimeSource

@testable import FunctionRuntimes

@Suite struct LogTests {
    @Test func reportLinesReadAsOnAWS() {
        var report = InvocationReport(
            duration: .microseconds(1_234), initDuration: .microseconds(112_500), memorySize: 128, maxMemoryUsed: 40, failure: nil)
        #expect(
            LogLines.report(requestID: "r", report)
                == "REPORT RequestId: r\tDuration: 1.23 ms\tBilled Duration: 2 ms\tMemory Size: 128 MB\tMax Memory Used: 40 MB\tInit Duration: 112.50 ms\t\n"
        )
        report.initDuration = nil
        report.failure = .timeout
        report.duration = .seconds(3)
        #expect(
            LogLines.report(requestID: "r", report)
                == "REPORT RequestId: r\tDuration: 3000.00 ms\tBilled Duration: 3000 ms\tMemory Size: 128 MB\tMax Memory Used: 40 MB\tStatus: timeout\n"
        )
        report.failure = .error(type: "Runtime.ExitError")
        #expect(LogLines.report(requestID: "r", report).hasSuffix("\tStatus: error\tError Type: Runtime.ExitError\n"))
    }

    @Test func otherLinesReadAsOnAWS() {
        let now = Timestamp(milliseconds: 1_795_217_756_123)
        #expect(LogLines.start(requestID: "r", version: "$LATEST") == "START RequestId: r Version: $LATEST\n")
        #expect(LogLines.end(requestID: "r") == "END RequestId: r\n")
        #expect(
            LogLines.timedOut(requestID: "r", after: .seconds(3), at: now)
                == "\(now.iso8601Milliseconds) r Task timed out after 3.00 seconds")
        #expect(LogLines.streamName(day: Timestamp(milliseconds: 0), version: "$LATEST", unique: "ab") == "1970/01/01/[$LATEST]ab")
    }

    @Test(arguments: [
        (Duration.zero, Int64(1)), (.microseconds(1), 1), (.milliseconds(1), 1), (.microseconds(1_001), 2), (.seconds(3), 3_000),
    ])
    func billingRoundsUp(duration: Duration, milliseconds: Int64) {
        let report = InvocationReport(duration: duration, initDuration: nil, memorySize: 128, maxMemoryUsed: 0, failure: nil)
        #expect(report.billedDuration == .milliseconds(milliseconds))
    }

    @Test func linesAreCutAtLineFeeds() {
        var splitter = LineSplitter()
        #expect(splitter.append("one\ntw".utf8) == ["one\n"])
        #expect(splitter.append("o\r\nthree".utf8) == ["two\n"])
        #expect(splitter.finish() == "three\n")
        #expect(splitter.finish() == nil)
        #expect(splitter.append("[ERROR] x\rTraceback\r  File\n".utf8) == ["[ERROR] x\nTraceback\n  File\n"])
    }

    @Test func aLineWithoutEndIsCut() {
        var splitter = LineSplitter()
        let messages = splitter.append(repeatElement(UInt8(ascii: "x"), count: LineSplitter.longestMessage + 10))
        #expect(messages.map(\.utf8.count) == [LineSplitter.longestMessage])
        #expect(splitter.finish()?.utf8.count == 11)
    }

    @Test func theTailIsTheEndOfOneInvocation() {
        let batches = Mutex<[FunctionLogBatch]>([])
        let log = ProcessLog(streamName: "s", specification: .fixture(), clock: ManualClock()) { batch in
            batches.withLock { $0.append(batch) }
        }
        log.receive("importing\nhalf".utf8)
        log.write(["START\n"])
        log.receive("x".utf8)
        #expect(String(decoding: log.finish(["END\n"]), as: UTF8.self) == "importing\nhalf\nSTART\nx\nEND\n")
        log.receive(repeatElement(UInt8(ascii: "y"), count: 10_000))
        let tail = log.finish(["END\n"])
        #expect(tail.count == ProcessLog.tailLength)
        #expect(String(decoding: tail, as: UTF8.self).hasSuffix("yy\nEND\n"))
        #expect(batches.withLock { $0.allSatisfy { $0.logGroup == "/aws/lambda/fixture" && $0.logStream == "s" && !$0.records.isEmpty } })
    }

    @Test(arguments: [
        (ProcessExit.status(0), "Runtime exited without providing a reason"), (.status(1), "Runtime exited with error: exit status 1"),
        (.signal(9), "Runtime exited with error: signal: killed"), (.signal(11), "Runtime exited with error: signal: segmentation fault"),
    ])
    func exitsAreNamed(exit: ProcessExit, sentence: String) {
        #expect(exit.sentence == sentence)
    }
}
