import Diagnostics
import DockerAPI
import Supervisor

extension HealthConfig {
    /// What is run; nil when nothing is to be: there is no check, it was switched off, or is of a kind that nobody knows.
    func command(shell: [String]?) -> [String]? {
        guard let kind = test?.first else { return nil }
        let words = Array((test ?? []).dropFirst())
        switch kind {
        case "CMD": return words
        case "CMD-SHELL": return (shell.flatMap { $0.isEmpty ? nil : $0 } ?? ["/bin/sh", "-c"]) + words
        default: return nil
        }
    }

    /// What the image says stands where this says nothing.
    mutating func merge(_ image: HealthConfig) {
        if (test ?? []).isEmpty { test = image.test }
        if interval == 0 { interval = image.interval }
        if timeout == 0 { timeout = image.timeout }
        if startPeriod == 0 { startPeriod = image.startPeriod }
        if startInterval == 0 { startInterval = image.startInterval }
        if retries == 0 { retries = image.retries }
    }

    /// Refuses in Docker's words.
    func validate() throws(Fault) {
        for (name, value) in [("Interval", interval), ("Timeout", timeout), ("StartPeriod", startPeriod), ("StartInterval", startInterval)]
        where value != 0 && value < 1_000_000 { throw Fault(.invalid, "\(name) in Healthcheck cannot be less than 1ms") }
        if retries < 0 { throw Fault(.invalid, "Retries in Healthcheck cannot be negative") }
    }
}

extension Containers {
    /// How a container's health is to be checked; nil when it is not.
    func healthPlan(_ record: ContainerRecord) throws -> HealthPlan? {
        guard let check = record.config.healthcheck, let command = check.command(shell: record.config.shell) else { return nil }
        var request = ExecCreateRequest(cmd: command)
        request.attachStdout = true
        request.attachStderr = true
        return HealthPlan(check, session: try execPlan(record, "", request, detach: true))
    }
}

extension Health {
    /// As `ps` shows it after the time that a container is up.
    var suffix: String {
        switch status {
        case "healthy", "unhealthy": " (\(status))"
        case "starting": " (health: starting)"
        default: ""
        }
    }
}
