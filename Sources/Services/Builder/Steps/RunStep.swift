internal import Containers
internal import Diagnostics
internal import Dockerfile
internal import DockerAPI
internal import Images
internal import Linux
internal import OCI
internal import Values

/// One `RUN`: a container whose changes become a layer.
struct RunStep {
    let builder: Builder
    let workplace: Workplace
    let request: BuildRequest
    let state: BuildState
    let report: any BuildReport
    let step: BuildStep
    let cancellation: Cancellation

    /// The program and its arguments.
    var words: [String]
    /// `NAME=value` of the build's arguments beside the image's environment.
    var environment: [String]
    var network: String
    var isPrivileged = false
    var mounts: [StepMount] = []

    /// Nil when it changed nothing. Throws what the program ended with, in Docker's words.
    func run() throws -> ImageLayer? {
        let image = try builder.images.lend(document, layers: state.layers)
        let mountPoints = mounts.flatMap { missing($0.target) }
        let container = try builder.containers.create(name: nil, platform: nil, request: create(image), image: image).id
        var isOver = false
        defer {
            // What stays is removed by the next build.
            if !isOver { try? builder.containers.remove(container, force: true, removeVolumes: true) }
        }
        try report.running(step, container: container)
        let code = try outcome(container)
        guard code == 0 else {
            if request.style == .classic, !request.removesFailed {
                // Docker keeps the container, for whoever wants to know.
                isOver = true
            }
            throw RunFailure(words: words, code: code)
        }
        let layer = try builder.containers.takeChanges(container, over: state.layers, removing: mountPoints, keeping: !request.removes)
        isOver = true
        if !request.removes { return layer }
        try builder.containers.remove(container, force: true, removeVolumes: true)
        try report.removed(step, container: container)
        return layer
    }

    /// An image of the state, without what is meant for containers only that are run later.
    private var document: ImageDocument {
        var document = state.document
        var config = state.config
        (config.cmd, config.entrypoint, config.healthcheck, config.volumes, config.exposedPorts, config.onBuild) = (nil, nil, nil, nil, nil, nil)
        document.config = config
        document.history = nil
        return document
    }

    private func create(_ image: Image) -> ContainerCreateRequest {
        var create = ContainerCreateRequest()
        create.config.image = image.id.description
        create.config.cmd = words
        create.config.entrypoint = []
        create.config.env = environment + mounts.compactMap(\.variable)
        create.config.labels = request.labels.merging([Builder.label: workplace.id]) { _, own in own }
        create.config.hostname = request.hostname
        create.config.workingDir = state.config.workingDir ?? ""
        var host = HostConfig()
        host.resources = request.resources
        host.logConfig = LogConfig(type: "none")
        host.networkMode = network
        host.extraHosts = request.extraHosts.isEmpty ? nil : request.extraHosts
        host.shmSize = request.shmSize
        host.privileged = isPrivileged
        host.securityOpt = request.securityOptions.isEmpty ? nil : request.securityOptions
        host.mounts = mounts.compactMap(\.mount)
        host.tmpfs = Dictionary(mounts.compactMap { mount in mount.memory.map { (mount.target, $0) } }) { first, _ in first }
        create.hostConfig = host
        return create
    }

    /// Paths, each before what is in it, that are not there yet and will be made to mount something on.
    private func missing(_ target: String) -> [String] {
        let directories = builder.images.directories(of: state.layers)
        var path = "", result: [String] = []
        for part in target.split(separator: "/") {
            path += "/\(part)"
            if !directories.contains(where: { FileSystem.exists($0 + path) }) { result.append(path) }
        }
        return result
    }

    /// Runs it to its end, telling what it writes.
    private func outcome(_ container: String) throws -> Int {
        var options = AttachOptions(stdin: false, stdout: true, stderr: true)
        options.isLifeline = true
        let streams = try builder.containers.attach(container, options)
        let end = try builder.containers.wait(container, condition: .nextExit)
        _ = try builder.containers.start(container)
        var decoder = StreamFrameDecoder()
        while true {
            try cancellation.check()
            var set = PollSet()
            set.add(streams.descriptor, read: true, token: 0)
            // Now and then somebody may have lost interest.
            if try set.wait(timeoutMilliseconds: 200).isEmpty { continue }
            let bytes = try streams.descriptor.read(upTo: 64 << 10)
            if bytes.isEmpty { break }
            for frame in try decoder.decode(bytes) { try report.output(step, frame.payload, isError: frame.stream == .stderr) }
        }
        return try end.result().statusCode
    }
}

/// A program that ended with something else than 0.
struct RunFailure: Error {
    var words: [String]
    var code: Int

    /// In Docker's words.
    func message(_ style: BuildRequest.Style) -> String {
        let command = words.joined(separator: " ")
        if style == .classic { return "The command '\(command)' returned a non-zero code: \(code)" }
        return "process \(Words.quoted(command)) did not complete successfully: exit code: \(code)"
    }
}

/// Something to mount while a `RUN` runs.
struct StepMount {
    var target: String
    var mount: Mount?
    /// The options of a file system in memory.
    var memory: String?
    /// `NAME=value`.
    var variable: String?
    /// What keeps others away from it.
    var lock: OpenFile?
}
