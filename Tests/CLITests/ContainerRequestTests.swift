import Arguments
import DockerAPI
import Testing

@testable import CLI

/// What `docker run WORDS` asks the engine for.
private func request(_ words: String...) throws -> ContainerCreateRequest {
    let command = Command<Int>("run", "", usage: "", arity: .atLeast(1), interspersed: false, flags: { ContainerFlags.common() }, action: 0)
    let root = Command<Int>(group: "", "", subcommands: { [command] })
    guard case .run(let invocation) = try Parser(program: "docker", root: root).parse(["run"] + words) else { throw Invalid("not run") }
    return try ContainerRequest.make(invocation.flags, image: invocation.arguments[0], command: Array(invocation.arguments.dropFirst()))
}

private func problem(_ words: String...) -> String {
    let command = Command<Int>("run", "", usage: "", arity: .atLeast(1), interspersed: false, flags: { ContainerFlags.common() }, action: 0)
    let root = Command<Int>(group: "", "", subcommands: { [command] })
    do {
        guard case .run(let invocation) = try Parser(program: "docker", root: root).parse(["run"] + words) else { return "not run" }
        _ = try ContainerRequest.make(invocation.flags, image: invocation.arguments[0], command: [])
        return ""
    } catch let failure as UsageFailure {
        return failure.text.split(separator: "\n").first.map(String.init) ?? ""
    } catch { return "\(error)" }
}

@Suite struct ContainerRequestTests {
    @Test func streams() throws {
        let interactive = try request("-it", "busybox", "sh").config
        #expect(interactive.attachStdin && interactive.attachStdout && interactive.attachStderr && interactive.tty)
        #expect(interactive.openStdin && interactive.stdinOnce && interactive.cmd == ["sh"])
        let plain = try request("busybox").config
        #expect(!plain.attachStdin && plain.attachStdout && !plain.openStdin && plain.cmd == nil && plain.entrypoint == nil)
        let only = try request("-a", "STDERR", "busybox").config
        #expect(!only.attachStdin && !only.attachStdout && only.attachStderr)
    }

    @Test func processes() throws {
        let made = try request(
            "-e", "A=1", "--env", "B=", "-w", "/w", "-u", "1:2", "--entrypoint", "", "-h", "box", "-l", "x=y", "-l", "z", "--stop-timeout", "3",
            "--stop-signal", "INT", "--health-cmd", "true", "--health-interval", "1m", "busybox")
        #expect(made.config.env == ["A=1", "B="] && made.config.workingDir == "/w" && made.config.user == "1:2")
        #expect(made.config.entrypoint == [""] && made.config.hostname == "box" && made.config.labels == ["x": "y", "z": ""])
        #expect(made.config.stopTimeout == 3 && made.config.stopSignal == "INT")
        #expect(made.config.healthcheck == HealthConfig(test: ["CMD-SHELL", "true"], interval: 60_000_000_000))
    }

    @Test func limits() throws {
        let host = try #require(
            try request(
                "-m", "64m", "--memory-swap", "-1", "--cpus", "1.5", "--pids-limit", "10", "--ulimit", "nofile=10:20", "--device", "/dev/null:/dev/x:r",
                "--shm-size", "1g", "--oom-score-adj", "-5", "busybox"
            ).hostConfig)
        #expect(host.resources.memory == 64 << 20 && host.resources.memorySwap == -1 && host.resources.nanoCpus == 1_500_000_000)
        #expect(host.resources.pidsLimit == 10 && host.resources.ulimits == [Ulimit(name: "nofile", hard: 20, soft: 10)])
        #expect(host.resources.devices == [DeviceMapping(pathOnHost: "/dev/null", pathInContainer: "/dev/x", cgroupPermissions: "r")])
        #expect(host.shmSize == 1 << 30 && host.oomScoreAdj == -5 && host.resources.memorySwappiness == -1)
    }

    @Test func filesystems() throws {
        let made = try request(
            "-v", "/a:/b:ro", "-v", "vol:/c", "-v", "/anon", "--mount", "type=bind,src=/x,dst=/y,ro", "--mount", "type=tmpfs,target=/t,tmpfs-size=1m,tmpfs-mode=1777",
            "--tmpfs", "/run:size=5m", "--read-only", "busybox")
        let host = try #require(made.hostConfig)
        #expect(host.binds == ["/a:/b:ro", "vol:/c"] && made.config.volumes == ["/anon"] && host.tmpfs == ["/run": "size=5m"] && host.readonlyRootfs)
        #expect(host.mounts?[0] == Mount(type: "bind", source: "/x", target: "/y", readOnly: true))
        #expect(host.mounts?[1].tmpfsOptions == TmpfsOptions(sizeBytes: 1 << 20, mode: 0o1777))
        let old = try #require(try request("--mount", #"type=bind,src=/x,"dst=/y",bind-nonrecursive"#, "busybox").hostConfig?.mounts?.first)
        #expect(old == Mount(type: "bind", source: "/x", target: "/y", bindOptions: BindOptions(nonRecursive: true)))
        let relative = try #require(try request("-v", "./x:/y", "busybox").hostConfig?.binds?.first)
        #expect(relative.hasPrefix("/") && relative.hasSuffix("/x:/y"))
    }

    @Test func ports() throws {
        let made = try request("-p", "8080:80", "-p", "127.0.0.1:53:53/udp", "-p", "9000-9001:90-91", "--expose", "7-8", "busybox")
        let bindings = try #require(made.hostConfig?.portBindings)
        #expect(bindings["80/tcp"] == [PortBinding(hostPort: "8080")] && bindings["53/udp"] == [PortBinding(hostIp: "127.0.0.1", hostPort: "53")])
        #expect(bindings["91/tcp"] == [PortBinding(hostPort: "9001")])
        #expect(made.config.exposedPorts == ["80/tcp", "53/udp", "90/tcp", "91/tcp", "7/tcp", "8/tcp"])
    }

    @Test(
        "-p in all its forms",
        arguments: [
            ("80", ["80/tcp": [PortBinding()]]), (":80", ["80/tcp": [PortBinding()]]), ("80/UDP", ["80/udp": [PortBinding()]]),
            ("80:80/", ["80/tcp": [PortBinding(hostPort: "80")]]),
            ("127.0.0.1::80", ["80/tcp": [PortBinding(hostIp: "127.0.0.1")]]), ("[::1]:81:80/sctp", ["80/sctp": [PortBinding(hostIp: "::1", hostPort: "81")]]),
            ("::1:81:80", ["80/tcp": [PortBinding(hostIp: "::1", hostPort: "81")]]), ("8000-8010:80", ["80/tcp": [PortBinding(hostPort: "8000-8010")]]),
            ("80-81", ["80/tcp": [PortBinding()], "81/tcp": [PortBinding()]]), ("0:80", ["80/tcp": [PortBinding(hostPort: "0")]]),
            ("published=81,target=80,protocol=udp", ["80/udp": [PortBinding(hostPort: "81")]]), ("target=80", ["80/tcp": [PortBinding()]]),
            ("1.2.3.4:81-82:91-92", ["91/tcp": [PortBinding(hostIp: "1.2.3.4", hostPort: "81")], "92/tcp": [PortBinding(hostIp: "1.2.3.4", hostPort: "82")]]),
        ])
    func publish(_ text: String, _ expected: [String: [PortBinding]]) throws { #expect(try PortFlag.bindings([text]) == expected) }

    @Test("--add-host in all its forms") func hosts() throws {
        let made = try request("--add-host", "a=1.2.3.4", "--add-host", "b:[::1]", "--add-host", "c:::1", "--add-host", "host.docker.internal=host-gateway", "x")
        #expect(made.hostConfig?.extraHosts == ["a:1.2.3.4", "b:::1", "c:::1", "host.docker.internal:host-gateway"])
    }

    @Test func security() throws {
        let host = try #require(
            try request("--security-opt", "no-new-privileges", "--security-opt", "seccomp=unconfined", "--security-opt", "systempaths=unconfined", "--cap-drop", "ALL", "x")
                .hostConfig)
        #expect(host.securityOpt == ["no-new-privileges", "seccomp=unconfined"] && host.maskedPaths == [] && host.readonlyPaths == [])
        #expect(host.capDrop == ["ALL"] && host.capAdd == nil)
    }

    @Test func networks() throws {
        let none = try request("--network", "none", "x")
        #expect(none.hostConfig?.networkMode == "none" && none.networkingConfig?.endpointsConfig == [:])
        #expect(try request("x").networkingConfig?.endpointsConfig == ["default": EndpointSettings()])
        let named = try request("--network", "name=front,alias=web,ip=10.0.0.5", "x")
        #expect(named.networkingConfig?.endpointsConfig?["front"]?.aliases == ["web"])
        #expect(named.networkingConfig?.endpointsConfig?["front"]?.ipamConfig?.ipv4Address == "10.0.0.5")
    }

    @Test(arguments: [
        (["--rm", "--restart", "always"], "conflicting options: cannot specify both --restart and --rm"),
        (["-a", "nope"], #"invalid argument "nope" for "-a, --attach" flag: valid streams are STDIN, STDOUT and STDERR"#),
        (["-e", "=x"], #"invalid argument "=x" for "-e, --env" flag: invalid environment variable: =x"#),
        (["-v", ":/x"], "invalid spec: :/x: empty section between colons"),
        (["-p", "80x"], "invalid containerPort: 80x"), (["-p", "70000:80"], "invalid hostPort: 70000"), (["-p", "80/xyz"], "invalid proto: xyz"),
        (["-p", "[::1:80:80"], "invalid IP address [::1: address [::1:: missing ']' in address"), (["-p", "1.2.3:80:80"], "invalid IP address: 1.2.3"),
        (["-p", "80:90-91"], "invalid ranges specified for container and host Ports: 90-91 and 80"), (["-p", "9-8:80"], "invalid hostPort: 9-8"),
        (["-p", "80-82:90-91"], "invalid ranges specified for container and host Ports: 90-91 and 80-82"), (["-p", "80:x"], "invalid containerPort: x"),
        (["-p", ":"], "no port specified: :<empty>"), (["-p", "+80:80"], "invalid hostPort: +80"), (["-p", "80:99999"], "invalid containerPort: 99999"),
        (["-p", "a=b"], "no port specified: :/tcp<empty>"), (["-p", "published=1,target"], "invalid publish opts format (should be name=value but got 'target')"),
        (["--expose", "x"], #"invalid range format for --expose: x, error: strconv.ParseUint: parsing "x": invalid syntax"#),
        (["--expose", "99999"], #"invalid range format for --expose: 99999, error: strconv.ParseUint: parsing "99999": value out of range"#),
        (["--expose", "9-8"], "invalid range format for --expose: 9-8, error: invalid range specified for port: 9-8"),
        (["--expose", "80:90"], "invalid port format for --expose: 80:90"),
        (["--network", "name=a,mac-address=zz"], "zz is not a valid mac address"),
        (["--network", "bridge", "--network-alias", "x"], "network-scoped aliases are only supported for user-defined networks"),
        (
            ["--network", "name=a,link-local-ip=1.1.1.1", "--link-local-ip", "2.2.2.2"],
            "conflicting options: cannot specify both --link-local-ip and per-network link-local IP addresses"
        ),
        (["--network", "alias=b"], #"invalid argument "alias=b" for "--network" flag: network name/id is not specified"#),
        (["--network", "a", "--network", "a"], #"network "a" is specified multiple times"#),
        (["--link", "a:b:c"], #"invalid argument "a:b:c" for "--link" flag: bad format for links: a:b:c"#),
        (["--network", "a", "--network", "host"], "conflicting options: cannot attach both user-defined and non-user-defined network-modes"),
        (["--dns", "x"], #"invalid argument "x" for "--dns" flag: IP address is not correctly formatted: x"#),
        (["--dns-search", "a..b"], #"invalid argument "a..b" for "--dns-search" flag: a..b is not a valid domain"#),
        (["--add-host", "a:b:1.2.3.4"], #"invalid argument "a:b:1.2.3.4" for "--add-host" flag: invalid IP address in add-host: "b:1.2.3.4""#),
        (["--mount", "type=bind,nope=1,target=/x"], #"invalid argument "type=bind,nope=1,target=/x" for "--mount" flag: unknown option 'nope' in 'nope=1'"#),
        (
            ["--mount", "type=tmpfs,target=/x,bind-recursive=disabled"],
            #"invalid argument "type=tmpfs,target=/x,bind-recursive=disabled" for "--mount" flag: cannot mix 'bind-*' options with mount type 'tmpfs'"#
        ),
        (
            ["--mount", "type=bind,bind-nonrecursive=x"],
            #"invalid argument "type=bind,bind-nonrecursive=x" for "--mount" flag: invalid value for 'bind-nonrecursive': invalid boolean value ("x"): must be one of "true", "1", "false", or "0" (default "true")"#
        ),
        (
            ["--mount", "type=bind,bind-recursive=writable,target=/x"],
            #"invalid argument "type=bind,bind-recursive=writable,target=/x" for "--mount" flag: option 'bind-recursive=writable' requires 'readonly' to be specified in conjunction"#
        ),
        (
            ["--mount", "type=bind,bind-recursive=readonly,ro,target=/x"],
            #"invalid argument "type=bind,bind-recursive=readonly,ro,target=/x" for "--mount" flag: option 'bind-recursive=readonly' requires 'bind-propagation=rprivate' to be specified in conjunction"#
        ),
        (["--mount", #"type=volume,ta"rget=/x"#], #"invalid argument "type=volume,ta\"rget=/x" for "--mount" flag: parse error on line 1, column 15: bare " in non-quoted-field"#),
        (
            ["--mount", #"type=volume,"target"=/x"#],
            #"invalid argument "type=volume,\"target\"=/x" for "--mount" flag: parse error on line 1, column 20: extraneous or missing " in quoted-field"#
        ),
        (
            ["--mount", #"type=volume,"target=/x"#],
            #"invalid argument "type=volume,\"target=/x" for "--mount" flag: parse error on line 1, column 23: extraneous or missing " in quoted-field"#
        ),
        (["--security-opt", "what"], #"invalid --security-opt: "what""#),
        (["--security-opt", "seccomp=/does/not/exist"], "opening seccomp profile (/does/not/exist) failed: open /does/not/exist: no such file or directory"),
        (["--memory-swappiness", "101"], "invalid value: 101. Valid memory swappiness range is 0-100"), (["--pid", "x"], "--pid: invalid PID mode"),
        (["--cpus", "0.1234567891"], #"invalid argument "0.1234567891" for "--cpus" flag: value is too precise"#),
        (["--ulimit", "nofile=x"], #"invalid argument "nofile=x" for "--ulimit" flag: strconv.ParseInt: parsing "x": invalid syntax"#),
        (["--ulimit", "nofile=20:10"], #"invalid argument "nofile=20:10" for "--ulimit" flag: ulimit soft limit must be less than or equal to hard limit: 20 > 10"#),
        (["--sysctl", "vm.swappiness=1"], #"invalid argument "vm.swappiness=1" for "--sysctl" flag: sysctl 'vm.swappiness=1' is not allowed"#),
        (["--no-healthcheck", "--health-cmd", "x"], "--no-healthcheck conflicts with --health-* options"),
        (["--device", "/dev/a:/dev/b:x"], "bad mode specified: x"), (["--mac-address", "zz"], "zz is not a valid mac address"),
        (["--env-file", "/does/not/exist"], "open /does/not/exist: no such file or directory"),
    ])
    func refuses(_ words: [String], _ expected: String) {
        let all = words + ["busybox"]
        let found: String =
            switch all.count {
            case 3: problem(all[0], all[1], all[2])
            case 4: problem(all[0], all[1], all[2], all[3])
            default: problem(all[0], all[1], all[2], all[3], all[4])
            }
        #expect(found == expected)
    }
}

@Suite struct KeyValueFileTests {
    @Test func followsDockersRules() throws {
        let text = "\u{FEFF}# comment\n\n  A=1 \r\nB=x=y\nHOME\nUNSET\nC=\"q\"\n"
        let entries = try KeyValueFile.parse(Array(text.utf8)) { $0 == "HOME" ? "/h" : nil }
        #expect(entries == ["A=1 ", "B=x=y", "HOME=/h", "C=\"q\""])
        #expect(throws: Invalid.self) { try KeyValueFile.parse(Array("A B=1".utf8)) { _ in nil } }
        #expect(throws: Invalid.self) { try KeyValueFile.parse(Array("=1".utf8)) { _ in nil } }
        #expect(throws: Invalid.self) { try KeyValueFile.parse([65, 61, 255]) { _ in nil } }
    }
}

@Suite struct TextTests {
    @Test func times() throws {
        #expect(try Clock.parameter("2013-01-02T13:23:37Z", "since") == "1357133017.000000000")
        #expect(try Clock.parameter("2013-01-02", "since") == "1357084800.000000000")
        #expect(try Clock.parameter("1357133017.5", "since") == "1357133017.5" && Clock.parameter(nil, "since") == nil)
        #expect(throws: Invalid.self) { try Clock.parameter("yesterday", "since") }
    }

    @Test func imageRows() {
        let image = ImageSummary(id: "sha256:0123456789abcdef", repoDigests: ["a@sha256:1", "b@sha256:2"], repoTags: ["a:1", "a:2"])
        #expect(ImageRow.names(of: image, digests: false, filtered: false).map(\.tag) == ["1", "2", "<none>"])
        #expect(ImageRow.names(of: ImageSummary(), digests: false, filtered: false) == [ImageRow.Name()])
        #expect(ImageRow.short(image.id) == "0123456789ab")
    }
}
