package import JSON
package import DockerAPI
import Values

/// How a container's health is checked: Docker's HEALTHCHECK with nothing left to default.
package struct HealthPlan: JSONRecord, Sendable {
    /// Run like an exec session that nobody is attached to.
    package var session: ExecPlan = ExecPlan()
    /// Nanoseconds, as are the following.
    package var interval: Int64 = 0
    package var timeout: Int64 = 0
    package var startPeriod: Int64 = 0
    package var startInterval: Int64 = 0
    /// Failures in a row that make it unhealthy.
    package var retries: Int = 0

    /// Docker's values stand where `config` gives none: 30 s, 30 s, 0 s, 5 s and 3.
    package init(_ config: HealthConfig, session: ExecPlan) {
        func given(_ value: Int, _ otherwise: Int64) -> Int64 { value > 0 ? Int64(value) : otherwise }
        self.session = session
        interval = given(config.interval, 30_000_000_000)
        timeout = given(config.timeout, 30_000_000_000)
        startPeriod = given(config.startPeriod, 0)
        startInterval = given(config.startInterval, 5_000_000_000)
        retries = config.retries > 0 ? config.retries : 3
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("session", &session, .required)
        try m("interval", &interval, .required)
        try m("timeout", &timeout, .required)
        try m("startPeriod", &startPeriod, .required)
        try m("startInterval", &startInterval, .required)
        try m("retries", &retries, .required)
    }
}

/// What the checks have said since the process started, and when the next one is due. Decides; runs nothing.
///
/// `starting` lasts until the first success, or until so many failures outside of the start period.
struct HealthMonitor {
    /// Results kept, the newest last.
    static let logLimit = 5

    let plan: HealthPlan
    private(set) var health = Health(status: "starting", log: [])
    /// By the clock that never jumps.
    private let started: Duration
    private(set) var due: Duration

    init(_ plan: HealthPlan, now: Duration) {
        self.plan = plan
        started = now
        due = now
        schedule(now: now)
    }

    /// The next check, counted from now.
    mutating func schedule(now: Duration) {
        let isEarly = now - started < .nanoseconds(plan.startPeriod) && health.status == "starting"
        due = now + .nanoseconds(isEarly ? plan.startInterval : plan.interval)
    }

    /// Puts off the next check.
    mutating func delay(until time: Duration) { due = time }

    /// Takes a result in; `began` is when that check did. True when the status is another now.
    mutating func record(_ result: HealthcheckResult, began: Duration, now: Duration) -> Bool {
        let before = health.status
        health.log = (health.log ?? []).suffix(Self.logLimit - 1) + [result]
        if result.exitCode == 0 {
            health.failingStreak = 0
            health.status = "healthy"
        } else if before != "starting" || began - started >= .nanoseconds(plan.startPeriod) {
            health.failingStreak += 1
            if health.failingStreak >= plan.retries { health.status = "unhealthy" }
        }
        schedule(now: now)
        return health.status != before
    }

    /// What is left when nothing runs any more: `unhealthy`, as Docker has it.
    var last: Health { Health(status: "unhealthy", failingStreak: health.failingStreak, log: health.log) }
}

/// The beginning of what a check printed.
final class LimitedOutput {
    /// Bytes; the rest is dropped, and three dots say so.
    static let limit = 4096

    private var bytes: [UInt8] = []
    private var isCut = false

    func append(_ more: [UInt8]) {
        let room = Self.limit - bytes.count
        if more.count > room { isCut = true }
        bytes += more.prefix(room)
    }

    var text: String { String(decoding: bytes, as: UTF8.self) + (isCut ? "..." : "") }
}
