import Cgroups
import Database
import Diagnostics
package import DockerAPI
package import Images
import JSON
import Linux
import Networks
package import OCI
import Values
import Volumes

extension Containers {
    /// Makes a container: its directory, its volumes, its row. Nothing runs yet.
    ///
    /// Throws `notFound` for an image that is not there, `conflict` for a name that is taken, `invalid` for the rest; then
    /// nothing of it is left. `image`: what to make it of, when that need not be looked up. `isShallow`: see `MountResolution`.
    package func create(name: String?, platform: Platform?, request: ContainerCreateRequest, image given: Image? = nil, isShallow: Bool = false) throws -> ContainerCreateResponse {
        if let name, !name.isEmpty { try ContainerName.validate(name.hasPrefix("/") ? String(name.dropFirst()) : name) }
        var config = request.config
        var host = request.hostConfig ?? HostConfig()
        // What cannot work at all is told before the image is looked for, which clients would pull.
        try Self.validate(config)
        // A port without a binding is published at any port of the host.
        host.portBindings = host.portBindings?.mapValues { $0?.isEmpty == false ? $0 : [PortBinding()] }
        for mode in [\HostConfig.networkMode, \.ipcMode, \.pidMode] { host[keyPath: mode] = byID(host[keyPath: mode]) }
        let choice = try NetworkChoice(&config, &host, request.networkingConfig, hasBridge: !networks.isDefaultBridgeDisabled)
        var warnings = try choice.warnings + host.validate()
        host.runtime = try RuntimeChoices.read().name(host.runtime)
        if host.resources.pidsLimit == 0 { host.resources.pidsLimit = nil }
        let links = try resolveLinks(host)
        if host.pidMode.hasPrefix("container:") { _ = try named(String(host.pidMode.dropFirst("container:".count))) }
        // The image must not go before the row that names it is there.
        let hold = try images.hold()
        defer { _ = hold }
        let image = try given ?? images.resolve(config.image, platform: platform)
        config.merge(image.config)
        if !config.workingDir.isEmpty { config.workingDir = MountResolution.clean(config.workingDir) }
        if (config.entrypoint ?? []).isEmpty, (config.cmd ?? []).isEmpty { throw Fault(.invalid, "no command specified") }
        try Self.validate(config)
        // Published ports are exposed too.
        if let bindings = host.portBindings, !bindings.isEmpty { config.exposedPorts = NameSet((config.exposedPorts?.sorted ?? []) + bindings.keys) }
        if platform == nil, !image.platform.satisfies(.host) {
            warnings.append(
                "The requested image's platform (\(image.platform)) does not match the detected host platform (\(Platform.host)) and no specific platform was requested")
        }

        let id = Identifier.random()
        if config.hostname.isEmpty { config.hostname = host.utsMode == "host" || host.networkMode == "host" ? Machine.names.host : id.short }
        let inherited = try inheritedMounts(host.volumesFrom ?? [])
        let resolution = try MountResolution(host: host, imageVolumes: config.volumes?.sorted ?? [], inherited: inherited, isShallow: isShallow)
        var record = ContainerRecord(
            id: id, name: "", created: .now, imageID: image.id.description, imageName: config.image, config: config, hostConfig: host,
            mounts: resolution.mounts, layers: layers(of: image))
        guard Cgroup.isValid(record.cgroupPath) else {
            throw Fault(.invalid, "invalid cgroup parent '\(host.resources.cgroupParent)': it must be a path that cgroups can have")
        }
        try finishInterrupted()
        // It tells of what is being made: should this process be killed, the next one that makes or lists containers removes the rest.
        let path = "\(paths.tickets)/\(id)"
        let ticket = try acquire(path, in: paths.tickets, waiting: true)
        defer { withExtendedLifetime(ticket) {} }
        Failpoint.hit(.createAfterTicket)
        do {
            try makeDirectories(paths.container(id))
            Failpoint.hit(.createAfterDirectories)
            try provideSources(&record)
            Failpoint.hit(.createAfterVolumes)
            // Nobody looks into what is gone when it has ended.
            if !host.autoRemove { try FileSystem.replace(paths.container(id).hostConfig, with: try JSONValue(encoding: host).compact, mode: 0o600) }
            try insert(&record, choice.endpoints, host.portBindings ?? [:], links, name: name)
            Failpoint.hit(.createAfterRow)
        } catch {
            // Whatever was made goes again; the row is not there. Should that fail the ticket stays, and with it the task; why the creation
            // failed is what the caller must know.
            do {
                try forget(id)
                _ = try FileSystem.removeFile(path)
            } catch {}
            throw error
        }
        // With a row behind it a ticket that stays says nothing.
        _ = try? FileSystem.removeFile(path)
        publish("create", record)
        return ContainerCreateResponse(id: id.description, warnings: warnings)
    }

    private static func validate(_ config: ContainerConfig) throws(Fault) {
        for variable in config.env ?? [] where variable.isEmpty || variable.hasPrefix("=") {
            throw Fault(.invalid, "invalid environment variable: \(variable)")
        }
        if !config.workingDir.isEmpty, !config.workingDir.hasPrefix("/") {
            throw Fault(.invalid, "the working directory '\(config.workingDir)' is invalid, it needs to be an absolute path")
        }
        if !config.stopSignal.isEmpty, Signal.number(config.stopSignal) == nil { throw Fault(.invalid, "invalid signal: \(config.stopSignal)") }
        try config.healthcheck?.validate()
        let name = config.hostname
        if name.utf8.count > 63 || name.hasPrefix("-") || name.hasSuffix("-")
            || name.contains(where: { !($0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "." || $0 == "_")) })
        {
            throw Fault(.invalid, "invalid hostname format: \(name)")
        }
        for text in (config.cmd ?? []) + (config.entrypoint ?? []) + (config.env ?? []) where text.utf8.contains(0) {
            throw Fault(.invalid, "a command or environment variable contains a null byte")
        }
    }

    private func makeDirectories(_ place: ContainerPaths) throws {
        do throws(SyscallError) {
            try FileSystem.makeDirectories(place.data, mode: 0o710)
            let directory = try FileDescriptor.open(place.data, [.path, .directory])
            try directory.makeDirectory("upper", mode: 0o755)
            try directory.makeDirectory("work", mode: 0o700)
        } catch { throw Fault(.internal, "make the directory of the container", cause: error) }
    }

    /// Makes what mounts need: directories on the host for `-v`, and volumes.
    private func provideSources(_ record: inout ContainerRecord) throws {
        for index in record.mounts.indices {
            switch record.mounts[index].kind {
            case .bind:
                do throws(SyscallError) { try makeSource(record.mounts[index].source) } catch {
                    throw Fault(.invalid, "error while creating mount source path '\(record.mounts[index].source)': \(error)", cause: nil)
                }
            case .volume:
                record.mounts[index].name = try volumes.reserve([volumeRequest(record.mounts[index], record.hostConfig)], for: record.id.description)[0].name
            case .image:
                let name = record.mounts[index].name
                // By its whole id also one that is only lent.
                let image = try Digest(name).flatMap { try images.image(id: $0) } ?? images.resolve(name)
                record.mounts[index].source = image.id.description
                record.mounts[index].layers = layers(of: image)
            case .tmpfs: break
            }
        }
    }

    /// How a volume is made that is not there.
    private func volumeRequest(_ mount: ContainerMount, _ host: HostConfig) -> VolumeCreateRequest {
        guard let index = mount.request, let asked = host.mounts, asked.indices.contains(index) else {
            return VolumeCreateRequest(driver: host.volumeDriver, name: mount.name)
        }
        let options = asked[index].volumeOptions, driver = options?.driverConfig
        return VolumeCreateRequest(driver: driver?.name ?? "", driverOpts: driver?.options, labels: options?.labels, name: mount.name)
    }

    /// Below the data root where they are there, so that it can be moved.
    private func layers(of image: Image) -> [String] {
        images.layerDirectories(of: image).map { $0.hasPrefix(paths.dataRoot + "/") ? String($0.dropFirst(paths.dataRoot.count + 1)) : $0 }
    }

    private func makeSource(_ path: String) throws(SyscallError) {
        if try FileSystem.status(path) == nil { try FileSystem.makeDirectories(path) }
    }

    private func insert(
        _ record: inout ContainerRecord, _ endpoints: [String: EndpointSettings], _ ports: PortMap, _ links: [ContainerLink], name: String?
    ) throws {
        let definition = try record.definition()
        // All of it, or nothing.
        func add(_ record: ContainerRecord, _ t: borrowing Transaction) throws {
            try record.insert(definition, t)
            for (name, settings) in endpoints {
                do { try Networks.add([name: settings], first: record.hostConfig.networkMode, of: record.id, in: t) } catch let fault as Fault {
                    throw Fault(fault.kind, "invalid config for network \(name): \(fault.message)", cause: fault.cause)
                }
            }
            for link in links { try link.insert(parent: record.id, t) }
            try Self.insert(ports, of: record.id, t)
        }
        // Whoever creates a container mostly starts it next.
        Definition.remember(definition, of: record.id, in: definitions)
        if let name, !name.isEmpty {
            record.name = name.hasPrefix("/") ? String(name.dropFirst()) : name
            guard let holder = try insert(record, add) else { return }
            // It may be one that only waits for somebody to see that it has ended and was to be removed.
            if let id = Identifier(holder) { try recover(id) }
            if let holder = try insert(record, add) { throw Self.nameConflict(record.name, holder) }
            return
        }
        for attempt in 0..<20 {
            record.name = ContainerName.random(attempt: attempt)
            do {
                try database.transaction { [record] t in try add(record, t) }
                return
            } catch let fault as Fault where fault.kind == .conflict { continue }
        }
        throw Fault(.internal, "no free name was found for the container")
    }

    /// The id of the container that has the name already; nil when the row is there.
    private func insert(_ record: ContainerRecord, _ add: (ContainerRecord, borrowing Transaction) throws -> Void) throws -> String? {
        try database.transaction { t in
            if let row = try t.first("SELECT id FROM containers WHERE name = ?", .text(record.name)) { return try row.text("id") }
            try add(record, t)
            return nil
        }
    }

    static func nameConflict(_ name: String, _ holder: String) -> Fault {
        Fault(
            .conflict,
            "Conflict. The container name \"/\(name)\" is already in use by container \"\(holder)\". You have to remove (or rename) that container to be able to reuse that name.")
    }

    /// `--volumes-from`: the mounts of other containers, each `container[:mode]`.
    private func inheritedMounts(_ sources: [String]) throws -> [ContainerMount] {
        try sources.flatMap { source -> [ContainerMount] in
            let parts = source.split(separator: ":", maxSplits: 1).map(String.init)
            guard let name = parts.first else { throw Fault(.invalid, "invalid volumes-from specification: '\(source)'") }
            let mode = parts.count > 1 ? parts[1] : ""
            guard ["", "ro", "rw", "z", "Z"].contains(mode) else { throw Fault(.invalid, "invalid mode: \(mode)") }
            return try named(name).mounts.filter { $0.kind != .tmpfs }.map { mount in
                var mount = mount
                mount.anonymous = false
                // What it holds is the other container's.
                mount.noCopy = true
                if mode == "ro" { mount.readOnly = true }
                return mount
            }
        }
    }

    /// `container:NAME` with the id, which stays when that one is renamed. What is not there is refused by whoever needs it.
    private func byID(_ mode: String) -> String {
        let prefix = "container:"
        guard mode.hasPrefix(prefix), let other = try? find(String(mode.dropFirst(prefix.count))) else { return mode }
        return "\(prefix)\(other.id)"
    }

    /// Another container that a request names: "not found" would make clients look for the image.
    private func named(_ name: String) throws -> ContainerRecord {
        do { return try find(name) } catch let fault as Fault where fault.kind == .notFound { throw Fault(.invalid, fault.message) }
    }
}
