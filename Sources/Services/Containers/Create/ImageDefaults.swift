import DockerAPI
import OCI

extension ContainerConfig {
    /// Fills in what the image says and the request does not, by Docker's rules.
    mutating func merge(_ image: OCI.ImageConfig) {
        if user.isEmpty { user = image.user ?? "" }
        if workingDir.isEmpty { workingDir = image.workingDir ?? "" }
        if stopSignal.isEmpty { stopSignal = image.stopSignal ?? "" }
        stopTimeout = stopTimeout ?? image.stopTimeout
        shell = shell ?? image.shell
        exposedPorts = NameSet((image.exposedPorts?.sorted ?? []) + (exposedPorts?.sorted ?? []))
        if exposedPorts?.isEmpty == true { exposedPorts = nil }
        volumes = NameSet((image.volumes?.sorted ?? []) + (volumes?.sorted ?? []))
        if volumes?.isEmpty == true { volumes = nil }
        labels = (image.labels ?? [:]).merging(labels ?? [:]) { _, own in own }

        // A name without value stays, to take away what the engine would add.
        let own = env ?? [], names = Set(own.map { $0.prefix { $0 != "=" } })
        env = own + (image.env ?? []).filter { !names.contains($0.prefix { $0 != "=" }) }

        // An entrypoint of the request's own discards the image's command; one that is a single empty string also discards the image's entrypoint.
        let givenEntrypoint = entrypoint.flatMap { $0.isEmpty ? nil : $0 }
        if let givenEntrypoint {
            entrypoint = givenEntrypoint == [""] ? nil : givenEntrypoint
            if cmd?.isEmpty == true { cmd = nil }
        } else {
            entrypoint = image.entrypoint
            if cmd?.isEmpty ?? true { cmd = image.cmd }
        }

        if let check = image.healthcheck {
            var merged = healthcheck ?? DockerAPI.HealthConfig()
            merged.merge(
                DockerAPI.HealthConfig(
                    test: check.test, interval: Int(check.interval ?? 0), timeout: Int(check.timeout ?? 0), startPeriod: Int(check.startPeriod ?? 0),
                    startInterval: Int(check.startInterval ?? 0), retries: check.retries ?? 0))
            healthcheck = merged
        }
    }
}
