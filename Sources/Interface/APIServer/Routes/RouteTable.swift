internal import HTTP
internal import HTTPTransport

extension Route {
    /// Whether it is served where nothing may be changed: not what reads files of containers and images, opens a stream to one, or has this host
    /// ask others. Environments and logs, which may have secrets, are among what is shown.
    var isForReaders: Bool { (method == .get || method == .head) && Self.forReaders.contains(pattern) }

    private static let forReaders: Set<String> = [
        "/_ping", "/version", "/info", "/events", "/system/df", "/containers/json", "/containers/{id}/json", "/containers/{id}/top",
        "/containers/{id}/stats", "/containers/{id}/logs", "/containers/{id}/changes", "/exec/{id}/json", "/images/json",
        "/images/{name:.*}/json", "/images/{name:.*}/history", "/volumes", "/volumes/{name}", "/networks", "/networks/{id}",
    ]
}

extension Context {
    /// Every call of the API. The first that matches wins.
    var routes: [Route] {
        system + containers + execs + images + builds + volumes + networks + Self.swarm + Self.notYet
    }

    private var system: [Route] {
        [
            Route(.get, "/_ping", ping),
            Route(.head, "/_ping", ping),
            Route(.get, "/version", version),
            Route(.get, "/info", information),
            Route(.get, "/events", events),
            Route(.get, "/system/df", diskUsage),
        ]
    }

    private var containers: [Route] {
        [
            Route(.get, "/containers/json", listContainers),
            Route(.post, "/containers/create", createContainer),
            Route(.post, "/containers/prune", pruneContainers),
            Route(.get, "/containers/{id}/json", inspectContainer),
            Route(.get, "/containers/{id}/top", topContainer),
            Route(.get, "/containers/{id}/stats", containerStats),
            Route(.get, "/containers/{id}/logs", containerLogs),
            Route(.get, "/containers/{id}/changes", containerChanges),
            Route(.get, "/containers/{id}/export", exportContainer),
            Route(.head, "/containers/{id}/archive", statContainerPath),
            Route(.get, "/containers/{id}/archive", readContainerPath),
            Route(.put, "/containers/{id}/archive", writeContainerPath),
            Route(.post, "/containers/{id}/start", startContainer),
            Route(.post, "/containers/{id}/stop", stopContainer),
            Route(.post, "/containers/{id}/restart", restartContainer),
            Route(.post, "/containers/{id}/kill", killContainer),
            Route(.post, "/containers/{id}/rename", renameContainer),
            Route(.post, "/containers/{id}/update", updateContainer),
            Route(.post, "/containers/{id}/pause", pauseContainer),
            Route(.post, "/containers/{id}/unpause", unpauseContainer),
            Route(.post, "/containers/{id}/attach", attachContainer),
            Route(.get, "/containers/{id}/attach/ws", attachContainerByWebSocket),
            Route(.post, "/containers/{id}/resize", resizeContainer),
            Route(.post, "/containers/{id}/wait", waitForContainer),
            Route(.delete, "/containers/{id:.*}", deleteContainer),
        ]
    }

    private var execs: [Route] {
        [
            Route(.post, "/containers/{id}/exec", createExec),
            Route(.post, "/exec/{id}/start", startExec),
            Route(.post, "/exec/{id}/resize", resizeExec),
            Route(.get, "/exec/{id}/json", inspectExec),
        ]
    }

    private var images: [Route] {
        [
            Route(.get, "/images/json", listImages),
            Route(.get, "/images/search", searchImages),
            Route(.post, "/images/create", createImage),
            Route(.post, "/images/load", loadImages),
            Route(.post, "/images/bootstrap", bootstrapImage),
            Route(.get, "/images/get", saveImages),
            Route(.get, "/images/{name:.*}/get", saveImages),
            Route(.post, "/commit", commitContainer),
            Route(.post, "/images/prune", pruneImages),
            Route(.get, "/images/{name:.*}/json", inspectImage),
            Route(.get, "/images/{name:.*}/history", imageHistory),
            Route(.post, "/images/{name:.*}/tag", tagImage),
            Route(.post, "/images/{name:.*}/squash", squashImage),
            Route(.post, "/images/{name:.*}/push", pushImage),
            Route(.get, "/distribution/{name:.*}/json", distribution),
            Route(.post, "/auth", login),
            Route(.delete, "/images/{name:.*}", deleteImage),
        ]
    }

    private var builds: [Route] {
        [
            Route(.post, "/build", build),
            Route(.post, "/build/cancel", cancelBuild),
            Route(.post, "/build/prune", pruneBuildCache),
            Route(.post, "/grpc", callBuildKit),
            Route(.post, "/session", answerBuildKit),
        ]
    }

    private var volumes: [Route] {
        [
            Route(.get, "/volumes", listVolumes),
            Route(.post, "/volumes/create", createVolume),
            Route(.post, "/volumes/prune", pruneVolumes),
            Route(.get, "/volumes/{name}", inspectVolume),
            Route(.delete, "/volumes/{name}", deleteVolume),
        ]
    }

    private var networks: [Route] {
        [
            Route(.get, "/networks", listNetworks),
            Route(.post, "/networks/create", createNetwork),
            Route(.post, "/networks/prune", pruneNetworks),
            Route(.get, "/networks/{id}", inspectNetwork),
            Route(.post, "/networks/{id}/connect", connectNetwork),
            Route(.post, "/networks/{id}/disconnect", disconnectNetwork),
            Route(.delete, "/networks/{id}", deleteNetwork),
        ]
    }
}
