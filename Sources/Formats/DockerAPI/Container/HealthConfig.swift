package import JSON
package import Values

/// How a container's health is checked. Durations are nanoseconds; zero inherits.
package struct HealthConfig: JSONRecord, Sendable, Hashable {
    /// `["NONE"]`, `["CMD", …]`, `["CMD-SHELL", command]`; nil inherits the image's.
    package var test: [String]?
    package var interval: Int = 0
    package var timeout: Int = 0
    package var startPeriod: Int = 0
    package var startInterval: Int = 0
    package var retries: Int = 0

    package init(test: [String]? = nil, interval: Int = 0, timeout: Int = 0, startPeriod: Int = 0, startInterval: Int = 0, retries: Int = 0) {
        self.test = test
        self.interval = interval
        self.timeout = timeout
        self.startPeriod = startPeriod
        self.startInterval = startInterval
        self.retries = retries
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("Test", &test, .unlessEmpty)
        try m("Interval", &interval, .unlessEmpty)
        try m("Timeout", &timeout, .unlessEmpty)
        try m("StartPeriod", &startPeriod, .unlessEmpty)
        try m("StartInterval", &startInterval, .unlessEmpty)
        try m("Retries", &retries, .unlessEmpty)
    }
}

/// What the health checks of a container have said so far.
package struct Health: JSONRecord, Sendable, Hashable {
    /// `none`, `starting`, `healthy` or `unhealthy`.
    package var status: String = ""
    package var failingStreak: Int = 0
    package var log: [HealthcheckResult]?

    package init(status: String = "", failingStreak: Int = 0, log: [HealthcheckResult]? = nil) {
        self.status = status
        self.failingStreak = failingStreak
        self.log = log
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("Status", &status)
        try m("FailingStreak", &failingStreak)
        try m("Log", &log)
    }
}

/// One run of a health check.
package struct HealthcheckResult: JSONRecord, Sendable, Hashable {
    package var start: Timestamp = .never
    package var end: Timestamp = .never
    package var exitCode: Int = 0
    package var output: String = ""

    package init(start: Timestamp = .never, end: Timestamp = .never, exitCode: Int = 0, output: String = "") {
        self.start = start
        self.end = end
        self.exitCode = exitCode
        self.output = output
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("Start", &start)
        try m("End", &end)
        try m("ExitCode", &exitCode)
        try m("Output", &output)
    }
}
