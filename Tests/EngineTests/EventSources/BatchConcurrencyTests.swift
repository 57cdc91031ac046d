import Engine
import Testing

/// How many batches run side by side.
@Suite struct BatchConcurrencyTests {
    @Test func fiveAtFirstAndMoreWhileTheWindowIsFull() {
        var window = BatchConcurrency(ceiling: 7)
        #expect(window.limit == 5)
        for _ in 0..<5 { window.begin() }
        #expect(!window.hasRoom)
        window.end(wasThrottled: false)
        #expect(window.limit == 6)
        // The window is not full now, so it does not grow.
        window.end(wasThrottled: false)
        #expect(window.limit == 6)
        #expect(window.hasRoom)
    }

    @Test func neverMoreThanTheCeiling() {
        var window = BatchConcurrency(ceiling: 2)
        for _ in 0..<10 {
            while window.hasRoom { window.begin() }
            window.end(wasThrottled: false)
        }
        #expect(window.limit == 2)
    }

    @Test func aThrottledFunctionHalvesIt() {
        var window = BatchConcurrency(ceiling: 100)
        window.begin()
        window.throttle()
        #expect(window.limit == 2)
        window.throttle()
        window.throttle()
        #expect(window.limit == 1)
        window.end(wasThrottled: true)
        #expect(window.limit == 1)
    }

    @Test func aLowerCeilingHoldsAtOnce() {
        var window = BatchConcurrency(ceiling: 100)
        window.setCeiling(3)
        #expect(window.limit == 3)
    }
}
