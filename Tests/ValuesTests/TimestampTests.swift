import Testing
import Values

@Suite struct TimestampTests {
    /// A sum that does not fit is the nearest moment that does, and can be printed.
    @Test func sumsStayInRange() {
        let last = Timestamp(seconds: .max), first = Timestamp(seconds: .min), now = Timestamp(seconds: 1_700_000_000)
        for far: Duration in [.seconds(Int64.max), .seconds(9_223_372_036), .nanoseconds(Int64.max)] {
            #expect(now + far == last && last + far == last)
        }
        for far: Duration in [.seconds(Int64.min), .nanoseconds(Int64.min)] {
            let sum = first + far
            #expect(sum <= first && sum != .never && sum.description.hasPrefix("1677"))
        }
        #expect(now + .milliseconds(1500) == Timestamp(seconds: 1_700_000_001, nanoseconds: 500_000_000))
        #expect(now + .milliseconds(-1500) == Timestamp(seconds: 1_699_999_998, nanoseconds: 500_000_000))
    }
}
