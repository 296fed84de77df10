package import Diagnostics
package import DockerAPI
internal import Layers
package import OCI
internal import Values

extension Images {
    /// What `docker image inspect` shows; with `manifests` also all that the name's index has.
    package func inspect(_ name: String, platform: Platform? = nil, manifests: Bool = false) throws(Fault) -> ImageInspect {
        let image = try resolve(name, platform: platform)
        let document = image.document
        var result = ImageInspect()
        result.id = image.id.description
        result.repoTags = image.repoTags
        result.repoDigests = image.repoDigests
        result.parent = image.parent?.description ?? ""
        result.comment = document.comment ?? image.history.last?.comment ?? ""
        result.created = document.created
        result.dockerVersion = document.dockerVersion ?? ""
        result.author = document.author ?? ""
        result.config = ContainerConfig(image.config)
        result.architecture = document.architecture
        result.variant = document.variant ?? ""
        result.os = document.os
        result.osVersion = document.osVersion ?? ""
        result.size = Int(image.size)
        result.graphDriver = DriverData(data: graphData(of: image), name: "overlay2")
        result.rootFS = RootFS(type: "layers", layers: image.diffIDs.map(\.description))
        result.metadata = ImageMetadata(lastTagTime: image.lastTagged ?? .never)
        if manifests { result.manifests = try self.manifests(of: image) }
        return result
    }

    /// Where the layers are, in the words of Docker's driver. What an image has no use for (a work directory, a place to mount) is
    /// named all the same, as clients expect all four.
    private func graphData(of image: Image) -> [String: String] {
        let directories = layerDirectories(of: image)
        var data = ["UpperDir": directories[0], "MergedDir": "\(paths.layers)/merged", "WorkDir": "\(paths.layers)/work"]
        if directories.count > 1 { data["LowerDir"] = directories.dropFirst().joined(separator: ":") }
        return data
    }

    /// The steps an image was made in, the newest first; `<missing>` where a step is no image here.
    package func history(_ name: String, platform: Platform? = nil) throws(Fault) -> [ImageHistoryItem] {
        let image = try resolve(name, platform: platform)
        var layers = image.layers[...]
        var items = image.history.map { step in
            var item = ImageHistoryItem(comment: step.comment ?? "", createdBy: step.createdBy ?? "", id: "<missing>")
            if let created = step.created, created != .never { item.created = Int(created.seconds) }
            if step.emptyLayer != true { item.size = Int(layers.popFirst()?.size ?? 0) }
            return item
        }
        // Documents of other tools may tell less than they have.
        items += layers.map { ImageHistoryItem(id: "<missing>", size: Int($0.size)) }
        items.reverse()
        var next: Image? = image
        for index in items.indices {
            guard let current = next else { break }
            items[index].id = current.id.description
            if !current.repoTags.isEmpty { items[index].tags = current.repoTags }
            next = try current.parent.flatMap { id throws(Fault) in try self.image(id: id) }
        }
        return items
    }
}

extension ContainerConfig {
    /// An image's defaults in the form the API shows them in.
    package init(_ image: ImageConfig) {
        self.init()
        hostname = image.hostname ?? ""
        domainname = image.domainname ?? ""
        user = image.user ?? ""
        attachStdin = image.attachStdin ?? false
        attachStdout = image.attachStdout ?? false
        attachStderr = image.attachStderr ?? false
        exposedPorts = image.exposedPorts.map { NameSet(Array($0.words)) }
        tty = image.tty ?? false
        openStdin = image.openStdin ?? false
        stdinOnce = image.stdinOnce ?? false
        env = image.env
        cmd = image.cmd
        healthcheck = image.healthcheck.map {
            DockerAPI.HealthConfig(
                test: $0.test, interval: Int($0.interval ?? 0), timeout: Int($0.timeout ?? 0), startPeriod: Int($0.startPeriod ?? 0),
                startInterval: Int($0.startInterval ?? 0), retries: $0.retries ?? 0)
        }
        argsEscaped = image.argsEscaped ?? false
        self.image = image.image ?? ""
        volumes = image.volumes.map { NameSet(Array($0.words)) }
        workingDir = image.workingDir ?? ""
        entrypoint = image.entrypoint
        networkDisabled = image.networkDisabled ?? false
        macAddress = image.macAddress ?? ""
        onBuild = image.onBuild
        labels = image.labels
        stopSignal = image.stopSignal ?? ""
        stopTimeout = image.stopTimeout
        shell = image.shell
    }
}

extension ImageConfig {
    /// A container's configuration as the defaults of an image made of it; what is empty is left out.
    package init(_ container: ContainerConfig) {
        func word(_ text: String) -> String? { text.isEmpty ? nil : text }
        func flag(_ value: Bool) -> Bool? { value ? true : nil }
        self.init()
        hostname = word(container.hostname)
        domainname = word(container.domainname)
        user = word(container.user)
        attachStdin = flag(container.attachStdin)
        attachStdout = flag(container.attachStdout)
        attachStderr = flag(container.attachStderr)
        exposedPorts = container.exposedPorts.flatMap { $0.isEmpty ? nil : KeySet($0.names) }
        tty = flag(container.tty)
        openStdin = flag(container.openStdin)
        stdinOnce = flag(container.stdinOnce)
        env = container.env
        cmd = container.cmd
        healthcheck = container.healthcheck.map { check in
            var result = OCI.HealthConfig(test: check.test)
            func time(_ value: Int) -> Int64? { value == 0 ? nil : Int64(value) }
            result.interval = time(check.interval)
            result.timeout = time(check.timeout)
            result.startPeriod = time(check.startPeriod)
            result.startInterval = time(check.startInterval)
            result.retries = check.retries == 0 ? nil : check.retries
            return result
        }
        argsEscaped = flag(container.argsEscaped)
        image = word(container.image)
        volumes = container.volumes.flatMap { $0.isEmpty ? nil : KeySet($0.names) }
        workingDir = word(container.workingDir)
        entrypoint = container.entrypoint
        networkDisabled = flag(container.networkDisabled)
        macAddress = word(container.macAddress)
        onBuild = container.onBuild
        labels = container.labels
        stopSignal = word(container.stopSignal)
        stopTimeout = container.stopTimeout
        shell = container.shell
    }
}
