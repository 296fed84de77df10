import DockerAPI
import OCI
import Testing
import Values

@testable import Supervisor

private typealias HealthConfig = DockerAPI.HealthConfig

struct HealthMonitorTests {
    private func plan(_ config: HealthConfig) -> HealthPlan {
        HealthPlan(
            config,
            session: ExecPlan(
                id: "", process: RuntimeProcess(), user: nil, additionalGroups: [], seccompFilter: nil,
                streams: StreamSelection(stdin: false, stdout: true, stderr: true), detached: true, detachKeys: nil))
    }

    private func result(_ code: Int) -> HealthcheckResult { HealthcheckResult(exitCode: code) }

    @Test func defaults() {
        let plan = plan(HealthConfig(test: ["CMD", "true"]))
        #expect(plan.interval == 30_000_000_000 && plan.timeout == 30_000_000_000 && plan.startPeriod == 0 && plan.retries == 3)
        #expect(HealthMonitor(plan, now: .seconds(100)).due == .seconds(130))
    }

    @Test func failuresAddUp() {
        var monitor = HealthMonitor(plan(HealthConfig(retries: 2)), now: .zero)
        var changed = monitor.record(result(1), began: .seconds(30), now: .seconds(31))
        #expect(!changed)
        #expect(monitor.health.status == "starting" && monitor.health.failingStreak == 1 && monitor.due == .seconds(61))
        changed = monitor.record(result(1), began: .seconds(61), now: .seconds(61))
        #expect(changed)
        #expect(monitor.health.status == "unhealthy")
        changed = monitor.record(result(0), began: .seconds(91), now: .seconds(91))
        #expect(changed)
        #expect(monitor.health.status == "healthy" && monitor.health.failingStreak == 0)
        changed = monitor.record(result(1), began: .seconds(121), now: .seconds(121))
        #expect(!changed)
        #expect(monitor.health.status == "healthy" && monitor.last.status == "unhealthy")
        for _ in 0..<10 { _ = monitor.record(result(0), began: .seconds(200), now: .seconds(200)) }
        #expect(monitor.health.log?.count == 5)
    }

    @Test func startPeriod() {
        var monitor = HealthMonitor(plan(HealthConfig(startPeriod: 60_000_000_000, startInterval: 1_000_000_000, retries: 1)), now: .zero)
        #expect(monitor.due == .seconds(1))
        var changed = monitor.record(result(1), began: .seconds(59), now: .seconds(61))
        #expect(!changed)
        #expect(monitor.health.failingStreak == 0 && monitor.due == .seconds(91))
        changed = monitor.record(result(1), began: .seconds(91), now: .seconds(91))
        #expect(changed)
        var healthy = HealthMonitor(plan(HealthConfig(startPeriod: 60_000_000_000, startInterval: 1_000_000_000, retries: 1)), now: .zero)
        _ = healthy.record(result(0), began: .seconds(1), now: .seconds(1))
        #expect(healthy.due == .seconds(31))
        // Once healthy, the period protects no more.
        changed = healthy.record(result(1), began: .seconds(31), now: .seconds(31))
        #expect(changed)
    }

    @Test func outputIsCut() {
        let output = LimitedOutput()
        output.append(Array(repeating: 120, count: 4096))
        #expect(output.text.utf8.count == 4096)
        output.append([120])
        #expect(output.text.hasSuffix("x...") && output.text.utf8.count == 4099)
    }

    @Test func delays() {
        var delay = RestartDelay()
        let waits = [Duration.zero, .zero, .zero, .seconds(10), .zero].map { delay.after(run: $0) }
        #expect(waits == [.milliseconds(100), .milliseconds(200), .milliseconds(400), .milliseconds(100), .milliseconds(200)])
        var long = RestartDelay(afterRestarts: 1000)
        let longest = long.after(run: .zero)
        #expect(longest == .seconds(60))
    }

    @Test func goDurations() {
        let texts = [0, 1, 1500, 1_500_000, 200_000_000, 30_000_000_000, 90_500_000_000, 3_600_000_000_000, -5_000_000_000].map { GoDuration.text(nanoseconds: $0) }
        #expect(texts == ["0s", "1ns", "1.5µs", "1.5ms", "200ms", "30s", "1m30.5s", "1h0m0s", "-5s"])
        #expect(GoDuration.text(nanoseconds: .min) == "-2562047h47m16.854775808s")
    }
}
