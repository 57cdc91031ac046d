import Testing

@testable import FunctionRuntimes

@Suite struct ProcessLifeTests {
    @Test func aColdProcessGetsTheEventThatWaitsForIt() {
        var life = ProcessLife()
        #expect(life.assign("a") == .hold)
        #expect(life.nextAsked() == .deliver("a"))
        #expect(life.phase == .busy("a"))
        #expect(life.answered("a") == .accept)
        #expect(life.nextAsked() == .park)
        #expect(life.phase == .idle)
    }

    @Test func aWarmProcessGetsAnEventAtOnce() {
        var life = ProcessLife.idle
        #expect(life.assign("b") == .deliver)
        #expect(life.phase == .busy("b"))
    }

    @Test func anEventGivenBeforeTheProcessAsksAgainIsHeld() {
        var life = ProcessLife.busy("a")
        #expect(life.answered("a") == .accept)
        #expect(life.assign("b") == .hold)
        #expect(life.assign("c") == .refuse)
        #expect(life.nextAsked() == .deliver("b"))
    }

    @Test func aProcessMayNotAskWhileItWorks() {
        var life = ProcessLife.busy("a")
        #expect(life.nextAsked() == .refuse)
        #expect(life.assign("b") == .refuse)
    }

    @Test func onlyTheCurrentEventIsAnsweredAndOnlyOnce() {
        var life = ProcessLife.busy("a")
        #expect(life.answered("b") == .wrongRequest)
        #expect(life.answered("a") == .accept)
        #expect(life.answered("a") == .wrongState)
    }

    @Test func aLostConnectionIsAskedForAgain() {
        var life = ProcessLife.idle
        life.nextLost()
        #expect(life.assign("b") == .hold)
        #expect(life.nextAsked() == .deliver("b"))
    }

    @Test func initFailsOnlyBeforeTheFirstEvent() {
        var life = ProcessLife()
        _ = life.assign("a")
        #expect(life.initFailed() == .start("a"))
        #expect(!life.isUsable)
        #expect(life.ended() == nil, "the event was settled by the report")
        var later = ProcessLife.idle
        #expect(later.initFailed() == nil)
    }

    @Test func retiringTellsWhatItInterrupts() {
        var starting = ProcessLife()
        _ = starting.assign("a")
        #expect(starting.retire() == .start("a"))
        var settling = ProcessLife.busy("a")
        _ = settling.answered("a")
        _ = settling.assign("b")
        #expect(settling.retire() == .held("b"))
        var busy = ProcessLife.busy("a")
        #expect(busy.retire() == .delivered("a"))
        #expect(busy.retire() == nil, "once is enough")
        #expect(busy.nextAsked() == .refuse)
        #expect(busy.answered("a") == .wrongState, "an answer after the timeout is too late")
        #expect(busy.assign("b") == .refuse)
        #expect(busy.ended() == nil)
        #expect(busy.phase == .ended)
        var idle = ProcessLife.idle
        #expect(idle.retire() == .nothing)
    }

    @Test func endingByItselfTellsWhatItInterrupts() {
        var busy = ProcessLife.busy("a")
        #expect(busy.ended() == .delivered("a"))
        var starting = ProcessLife()
        _ = starting.assign("a")
        #expect(starting.ended() == .start("a"))
        var idle = ProcessLife.idle
        #expect(idle.ended() == .nothing)
    }
}

extension ProcessLife {
    fileprivate static var idle: ProcessLife {
        var life = ProcessLife()
        _ = life.nextAsked()
        return life
    }

    fileprivate static func busy(_ requestID: String) -> ProcessLife {
        var life = idle
        _ = life.assign(requestID)
        return life
    }
}
