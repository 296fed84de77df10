package import Values

/// How a container's health is checked. Durations are nanoseconds; zero inherits.
package struct HealthConfig: Codable, Sendable, Hashable {
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

    private enum CodingKeys: String, CodingKey {
        case test = "Test"
        case interval = "Interval"
        case timeout = "Timeout"
        case startPeriod = "StartPeriod"
        case startInterval = "StartInterval"
        case retries = "Retries"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        test = try fields.optional(.test)
        interval = try fields.value(.interval)
        timeout = try fields.value(.timeout)
        startPeriod = try fields.value(.startPeriod)
        startInterval = try fields.value(.startInterval)
        retries = try fields.value(.retries)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.putUnlessEmpty(test, .test)
        try fields.putUnlessZero(interval, .interval)
        try fields.putUnlessZero(timeout, .timeout)
        try fields.putUnlessZero(startPeriod, .startPeriod)
        try fields.putUnlessZero(startInterval, .startInterval)
        try fields.putUnlessZero(retries, .retries)
    }
}

/// What the health checks of a container have said so far.
package struct Health: Codable, Sendable, Hashable {
    /// `none`, `starting`, `healthy` or `unhealthy`.
    package var status: String = ""
    package var failingStreak: Int = 0
    package var log: [HealthcheckResult]?

    package init(status: String = "", failingStreak: Int = 0, log: [HealthcheckResult]? = nil) {
        self.status = status
        self.failingStreak = failingStreak
        self.log = log
    }

    private enum CodingKeys: String, CodingKey {
        case status = "Status"
        case failingStreak = "FailingStreak"
        case log = "Log"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        status = try fields.value(.status)
        failingStreak = try fields.value(.failingStreak)
        log = try fields.optional(.log)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.put(status, .status)
        try fields.put(failingStreak, .failingStreak)
        try fields.put(log, .log)
    }
}

/// One run of a health check.
package struct HealthcheckResult: Codable, Sendable, Hashable {
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

    private enum CodingKeys: String, CodingKey {
        case start = "Start"
        case end = "End"
        case exitCode = "ExitCode"
        case output = "Output"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        start = try fields.value(.start)
        end = try fields.value(.end)
        exitCode = try fields.value(.exitCode)
        output = try fields.value(.output)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.put(start, .start)
        try fields.put(end, .end)
        try fields.put(exitCode, .exitCode)
        try fields.put(output, .output)
    }
}

extension HealthConfig: GoZero { package static var zero: Self { Self() } }
extension Health: GoZero { package static var zero: Self { Self() } }
extension HealthcheckResult: GoZero { package static var zero: Self { Self() } }
