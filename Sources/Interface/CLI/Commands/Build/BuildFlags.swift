internal import Arguments

/// The flags of `build`: those of buildx, and of Docker's own client what it has beside them.
enum BuildFlags {
    @Sendable static func all() -> [Flag] { common + buildx + classic }

    private static var common: [Flag] {
        [
            .list("add-host", type: "strings", "Add a custom host-to-IP mapping (format: \"host:ip\")", problem: Problems.extraHost),
            .list("build-arg", type: "stringArray", "Set build-time variables"),
            .list("cache-from", type: "stringArray", "External cache sources (e.g., \"user/app:cache\", \"type=local,src=path/to/dir\")"),
            .value("cgroup-parent", "Set the parent cgroup for the \"RUN\" instructions during build"),
            .value("file", short: "f", "Name of the Dockerfile (default: \"PATH/Dockerfile\")"),
            .value("iidfile", "Write the image ID to a file"), .list("label", type: "stringArray", "Set metadata for an image"),
            .value("network", default: "default", "Set the networking mode for the \"RUN\" instructions during build"),
            .bool("no-cache", "Do not use cache when building the image"),
            .list("platform", type: "stringArray", "Set target platform for build"), .bool("pull", "Always attempt to pull all referenced images"),
            .bool("quiet", short: "q", "Suppress the build output and print image ID on success"), .bytes("shm-size", "Shared memory size for build containers"),
            .list("tag", short: "t", type: "stringArray", "Image identifier (format: \"[registry/]repository[:tag]\")"),
            .value("target", "Set the target build stage to build"),
            .list("ulimit", type: "ulimit", "Ulimit options", problem: Problems.text { try DeviceFlags.ulimit($0) }),
        ]
    }

    private static var buildx: [Flag] {
        [
            .list("allow", type: "stringArray", "Allow extra privileged entitlement (e.g., \"network.host\", \"security.insecure\")"),
            .list("annotation", type: "stringArray", "Add annotation to the image"),
            .list("attest", type: "stringArray", "Attestation parameters (format: \"type=sbom,generator=image\")"),
            .list("build-context", type: "stringArray", "Additional build contexts (e.g., name=path)"),
            .value("builder", "Override the configured builder instance"),
            .list("cache-to", type: "stringArray", "Cache export destinations (e.g., \"user/app:cache\", \"type=local,dest=path/to/dir\")"),
            .value("call", default: "build", "Set method for evaluating build (\"check\", \"outline\", \"targets\")"),
            .bool("check", "Shorthand for \"--call=check\""), .bool("debug", short: "D", "Enable debug logging"),
            .bool("load", "Shorthand for \"--output=type=docker\""), .value("metadata-file", "Write build result metadata to a file"),
            .list("no-cache-filter", type: "stringArray", "Do not cache specified stages"),
            .list("output", short: "o", type: "stringArray", "Output destination (format: \"type=local,dest=path\")"),
            .value("progress", default: "auto", "Set type of progress output (\"auto\", \"none\", \"plain\", \"quiet\", \"rawjson\", \"tty\")"),
            .value("provenance", "Shorthand for \"--attest=type=provenance\""), .bool("push", "Shorthand for \"--output=type=registry\""),
            .value("sbom", "Shorthand for \"--attest=type=sbom\""),
            .list("secret", type: "stringArray", "Secret to expose to the build (format: \"id=mysecret[,src=/local/secret]\")"),
            .list("ssh", type: "stringArray", "SSH agent socket or keys to expose to the build (format: \"default|<id>[=<socket>|<key>[,<key>]]\")"),
        ]
    }

    /// Help shows those that a build of today takes.
    private static var classic: [Flag] {
        let flags: [Flag] = [
            .bool("compress", "Compress the build context using gzip"), .int("cpu-period", "Limit the CPU CFS (Completely Fair Scheduler) period"),
            .int("cpu-quota", "Limit the CPU CFS (Completely Fair Scheduler) quota"), .int("cpu-shares", short: "c", "CPU shares (relative weight)"),
            .value("cpuset-cpus", "CPUs in which to allow execution (0-3, 0,1)"), .value("cpuset-mems", "MEMs in which to allow execution (0-3, 0,1)"),
            .bool("force-rm", "Always remove intermediate containers"), .value("isolation", "Container isolation technology"),
            .bytes("memory", short: "m", "Memory limit"),
            .bytes("memory-swap", allowsUnlimited: true, "Swap limit equal to memory plus swap: -1 to enable unlimited swap"),
            .bool("rm", default: true, "Remove intermediate containers after a successful build"), .list("security-opt", type: "stringSlice", "Security options"),
            .bool("squash", "Squash newly built layers into a single new layer").unsupported("use image squash"),
        ]
        return flags.map { $0.hidden() }
    }
}
