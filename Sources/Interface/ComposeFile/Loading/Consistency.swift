internal import JSON
internal import Values

/// Whether the parts of a project fit together.
extension ComposeProject {
    func checkConsistency() throws(ComposeFileError) {
        for name in services.keys.sorted() { if let service = services[name] { try check(name, service) } }
        try check(secrets, "secrets", ["file", "environment"])
        try check(configs, "configs", ["file", "environment", "content"])
        for (name, volume) in volumes.sorted(by: { $0.key < $1.key }) where volume.isExternal {
            let others = (model["volumes"]?[name]?.object?.members ?? []).map(\.name).filter { $0 != "name" && $0 != "external" && !$0.hasPrefix("x-") }
            if let first = others.first { throw ComposeFileError("volumes.\(name): conflicting parameters \"external\" and \"\(first)\" specified") }
        }
        try checkCycles()
    }

    /// Each must come from one place.
    private func check(_ files: [String: ComposeFileObject], _ kind: String, _ sources: [String]) throws(ComposeFileError) {
        for (name, file) in files.sorted(by: { $0.key < $1.key }) {
            let said = model[kind]?[name] ?? .null
            let count = sources.filter { said[$0] != nil && ($0 != "content" || file.environment.isEmpty) }.count
            if count > 1 { throw ComposeFileError("\(kind).\(name): \(sources.joined(separator: "|")) attributes are mutually exclusive") }
            if count == 0, file.driver.isEmpty, !file.isExternal {
                throw ComposeFileError("\(kind).\(name): one of \(sources.joined(separator: "|")) must be set")
            }
        }
    }

    private func invalid(_ text: String) -> ComposeFileError { ComposeFileError("\(text): invalid compose project") }

    private func check(_ name: String, _ service: ComposeService) throws(ComposeFileError) {
        if service.build == nil, service.image.isEmpty, service.provider == nil {
            throw invalid("service \"\(name)\" has neither an image nor a build context specified")
        }
        if let build = service.build { try check(name, service, build) }
        if !service.networkMode.isEmpty, !service.networks.isEmpty {
            throw invalid("service \(name) declares mutually exclusive `network_mode` and `networks`")
        }
        if service.networkMode == "host", !service.ports.isEmpty { throw invalid("service \(name): \"host\" network_mode is incompatible with port_bindings") }
        for network in service.networks.keys.sorted() where networks[network] == nil {
            throw invalid("service \"\(name)\" refers to undefined network \(network)")
        }
        if let first = service.healthcheck?.test.first, !["CMD", "CMD-SHELL", "NONE"].contains(first) {
            throw ComposeFileError("healthcheck.test must start either by \"CMD\", \"CMD-SHELL\" or \"NONE\"")
        }
        for (other, dependency) in service.dependsOn.sorted(by: { $0.key < $1.key }) where services[other] == nil {
            if disabled[other] != nil, !dependency.required { continue }
            throw invalid("service \"\(name)\" depends on undefined service \"\(other)\"")
        }
        if service.networkMode.hasPrefix("service:") {
            let other = String(service.networkMode.dropFirst("service:".count))
            if services[other] == nil { throw ComposeFileError("service \"\(other)\" not found for network_mode 'service:\(other)'") }
        }
        for volume in service.volumes where volume.type == "volume" && !volume.source.isEmpty && volumes[volume.source] == nil {
            throw invalid("service \"\(name)\" refers to undefined volume \(volume.source)")
        }
        if service.volumes.contains(where: { $0.type == "bind" && $0.source.isEmpty }) {
            throw ComposeFileError("invalid mount config for type \"bind\": field Source must not be empty")
        }
        for port in service.ports where !port.hostIp.isEmpty && IPAddress(port.hostIp) == nil {
            throw ComposeFileError("services.\(name).ports.[]: invalid ip address: \(port.hostIp)")
        }
        for config in service.configs where configs[config.source] == nil {
            throw invalid("service \"\(name)\" refers to undefined config \(config.source)")
        }
        for model in service.models.keys.sorted() where models[model] == nil {
            throw invalid("service \"\(name)\" refers to undefined model \(model)")
        }
        for secret in service.secrets where secrets[secret.source] == nil {
            throw invalid("service \"\(name)\" refers to undefined secret \(secret.source)")
        }
        try checkAmounts(name, service)
        try checkTargets(name, service)
        for watch in service.develop?.watch ?? [] where watch.target.isEmpty && watch.action != "rebuild" && watch.action != "restart" {
            throw invalid("services.\(name).develop.watch: target is required for non-rebuild actions")
        }
    }

    private func check(_ name: String, _ service: ComposeService, _ build: ComposeBuild) throws(ComposeFileError) {
        if !build.dockerfile.isEmpty, !build.dockerfileInline.isEmpty {
            throw invalid("service \"\(name)\" declares mutualy exclusive dockerfile and dockerfile_inline")
        }
        if !build.platforms.isEmpty, !service.platform.isEmpty, !build.platforms.contains(service.platform) {
            throw invalid("service.build.platforms MUST include service.platform \"\(service.platform)\"")
        }
        for (context, place) in build.additionalContexts.sorted(by: { $0.key < $1.key }) where place.hasPrefix("service:") {
            let other = String(place.dropFirst("service:".count))
            guard let service = services[other] else {
                throw ComposeFileError("service \"\(name)\" declares unknown service \"\(other)\" as additional contexts \(context)")
            }
            if service.build == nil {
                throw ComposeFileError("service \"\(name)\" declares non-buildable service \"\(other)\" as additional contexts \(context)")
            }
        }
        for secret in build.secrets where secrets[secret.source] == nil {
            throw invalid("service \"\(name)\" refers to undefined build secret \(secret.source)")
        }
    }

    private func checkAmounts(_ name: String, _ service: ComposeService) throws(ComposeFileError) {
        func distinct(_ own: String, _ deployed: String) -> ComposeFileError {
            invalid("services.\(name): can't set distinct values on '\(own)' and '\(deployed)'")
        }
        if let scale = service.scale, let replicas = service.deploy?.replicas, scale != replicas { throw distinct("scale", "deploy.replicas") }
        if let scale = service.scale, scale < 0 { throw ComposeFileError("services.\(name).scale: must be greater than or equal to 0") }
        if let replicas = service.deploy?.replicas, replicas < 0 {
            throw ComposeFileError("services.\(name).deploy.replicas: must be greater than or equal to 0")
        }
        if let limits = service.deploy?.resources.limits {
            if service.cpus != 0, limits.cpus != service.cpus { throw distinct("cpus", "deploy.resources.limits.cpus") }
            if !service.memLimit.isEmpty, limits.memory != service.memLimit { throw distinct("mem_limit", "deploy.resources.limits.memory") }
            if service.pidsLimit != 0, limits.pids != service.pidsLimit { throw distinct("pids_limit", "deploy.resources.limits.pids") }
        }
        if let reserved = service.deploy?.resources.reservations, !service.memReservation.isEmpty, reserved.memory != service.memReservation {
            throw distinct("mem_reservation", "deploy.resources.reservations.memory")
        }
        if service.replicas > 1, !service.containerName.isEmpty {
            throw invalid(
                "services.\(service.scale == nil ? "deploy.replicas" : "scale"): can't set container_name and \(name) as container name must be unique")
        }
    }

    private func checkTargets(_ name: String, _ service: ComposeService) throws(ComposeFileError) {
        var places: [String: String] = [:]
        let tmpfs = service.tmpfs.enumerated().map { ("services.\(name).tmpfs[\($0)]", String($1.prefix { $0 != ":" })) }
        let volumes = service.volumes.enumerated().map { ("services.\(name).volumes[\($0)]", $1.target) }
        for (place, target) in tmpfs + volumes {
            if let other = places.updateValue(place, forKey: target) { throw ComposeFileError("\(place): target \(target) already mounted as \(other)") }
        }
    }

    private func checkCycles() throws(ComposeFileError) {
        var done: Set<String> = []
        func visit(_ name: String, _ way: [String]) throws(ComposeFileError) {
            if let start = way.firstIndex(of: name) {
                throw ComposeFileError("dependency cycle detected: \((way[start...] + [name]).joined(separator: " -> "))")
            }
            if done.contains(name) { return }
            for other in (services[name]?.dependsOn.keys.sorted() ?? []) { try visit(other, way + [name]) }
            done.insert(name)
        }
        for name in services.keys.sorted() { try visit(name, []) }
    }
}
