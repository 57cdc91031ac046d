import Testing

@testable import TimeSource

@Suite struct TimestampTests {
    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
        (1_795_217_756_123, "2026-11-20T23:35:56.123Z"),
        (951_782_400_000, "2000-02-29T00:00:00.000Z"),
        (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
        (-62_135_596_800_000, "0001-01-01T00:00:00.000Z"),
    ])
    func formatsAndParsesMilliseconds(milliseconds: Int, text: String) {
        let instant = Timestamp(milliseconds: Int64(milliseconds))
        #expect(instant.iso8601Milliseconds == text)
        #expect(Timestamp(rfc3339: text) == instant)
    }

    @Test func formatsSecondsTowardsThePast() {
        let instant = Timestamp(milliseconds: 1_795_217_756_999)
        #expect(instant.iso8601Seconds == "2026-11-20T23:35:56Z")
        #expect(instant.iso8601Basic == "20261120T233556Z")
        #expect(instant.basicDate == "20261120")
        #expect(instant.seconds == 1_795_217_756)
        #expect(Timestamp(milliseconds: -1).seconds == -1)
    }

    @Test(arguments: [
        ("2016-08-18T17:33:00Z", "2016-08-18T17:33:00.000Z"),
        ("2016-08-18T17:33:00+02:00", "2016-08-18T15:33:00.000Z"),
        ("2016-08-18T17:33:00.5-05:30", "2016-08-18T23:03:00.500Z"),
        ("2016-08-18T17:33:00.123456789Z", "2016-08-18T17:33:00.123Z"),
        ("2016-01-01T00:30:00+01:00", "2015-12-31T23:30:00.000Z"),
    ])
    func parsesOffsetsAndFractions(text: String, expected: String) {
        #expect(Timestamp(rfc3339: text)?.iso8601Milliseconds == expected)
    }

    @Test(arguments: [
        "", "2016-08-18", "2016-08-18t17:33:00Z", "2016-08-18T17:33:00z", "2016-08-18T17:33:00", "2016-08-18T17:33Z",
        "2016-02-30T17:33:00Z", "2016-13-01T17:33:00Z", "2016-08-18T24:00:00Z", "2016-08-18T17:33:60Z",
        "2016-08-18T17:33:00.Z", "2016-08-18T17:33:00+0200", "2016-08-18T17:33:00Z ", "+016-08-18T17:33:00Z",
    ])
    func refusesEverythingElse(text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }

    @Test func parsesTheBasicFormat() {
        #expect(Timestamp(iso8601Basic: "20150830T123600Z")?.iso8601Seconds == "2015-08-30T12:36:00Z")
        #expect(Timestamp(iso8601Basic: "20150830T123600") == nil)
        #expect(Timestamp(iso8601Basic: "20150832T123600Z") == nil)
    }

    @Test func formatsAndParsesHTTPDates() {
        let instant = Timestamp(seconds: 784_111_777)
        #expect(instant.httpDate == "Sun, 06 Nov 1994 08:49:37 GMT")
        #expect(Timestamp(httpDate: "Sun, 06 Nov 1994 08:49:37 GMT") == instant)
        #expect(Timestamp(httpDate: "Sunday, 06-Nov-94 08:49:37 GMT") == nil)
    }

    @Test func addsAndSubtractsDurations() {
        let instant = Timestamp(milliseconds: 1_000)
        #expect(instant + .milliseconds(250) == Timestamp(milliseconds: 1_250))
        #expect(instant - .seconds(2) == Timestamp(milliseconds: -1_000))
        #expect(Timestamp(milliseconds: 5_000) - instant == .seconds(4))
        #expect(instant + .microseconds(1_999) == Timestamp(milliseconds: 1_001))
    }

    @Test func everyDayOfEightCenturiesRoundTrips() {
        var previous = CivilDate(daysSince1970: -146_098)
        for day in -146_097...146_097 {
            let date = CivilDate(daysSince1970: day)
            #expect(date.isValid && date > previous && date.daysSince1970 == day)
            #expect(date.weekday == (previous.weekday + 1) % 7)
            previous = date
        }
    }
}
