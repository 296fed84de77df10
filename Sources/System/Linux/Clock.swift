internal import CLinux
package import Values

extension Timestamp {
    /// Now, by the clock on the wall: clock_gettime(2) `CLOCK_REALTIME`.
    package static var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(seconds: Int64(time.tv_sec), nanoseconds: Int64(time.tv_nsec))
    }
}

/// Time that never jumps: clock_gettime(2) `CLOCK_MONOTONIC`.
package enum MonotonicClock {
    /// Since some moment before this process began.
    package static var now: Duration {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return .seconds(Int64(time.tv_sec)) + .nanoseconds(Int64(time.tv_nsec))
    }
}
