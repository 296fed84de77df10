import JSON
import Testing
import Values

@testable import DockerAPI

private func decode<T: Decodable>(_ type: T.Type, _ json: String) throws -> T { try JSON.decode(type, from: json) }

private func encode(_ value: some Encodable) throws -> String { String(decoding: try JSON.encode(value), as: UTF8.self) }

/// What docker 28 sends for `docker run -it --rm -p 8080:80 -v /tmp:/t:ro --memory 64m busybox sh`.
private let stockRun = #"""
    {"Hostname":"","Domainname":"","User":"","AttachStdin":true,"AttachStdout":true,"AttachStderr":true,"ExposedPorts":{"80/tcp":{}},
    "Tty":true,"OpenStdin":true,"StdinOnce":true,"Env":null,"Cmd":["sh"],"Image":"busybox","Volumes":{},"WorkingDir":"",
    "Entrypoint":null,"OnBuild":null,"Labels":{},
    "HostConfig":{"Binds":["/tmp:/t:ro"],"ContainerIDFile":"","LogConfig":{"Type":"","Config":{}},"NetworkMode":"default",
    "PortBindings":{"80/tcp":[{"HostIp":"","HostPort":"8080"}]},"RestartPolicy":{"Name":"no","MaximumRetryCount":0},
    "AutoRemove":true,"VolumeDriver":"","VolumesFrom":null,"ConsoleSize":[30,120],"CapAdd":null,"CapDrop":null,"CgroupnsMode":"",
    "Dns":[],"DnsOptions":[],"DnsSearch":[],"ExtraHosts":null,"GroupAdd":null,"IpcMode":"","Cgroup":"","Links":null,"OomScoreAdj":0,
    "PidMode":"","Privileged":false,"PublishAllPorts":false,"ReadonlyRootfs":false,"SecurityOpt":null,"UTSMode":"","UsernsMode":"",
    "ShmSize":0,"Isolation":"","CpuShares":0,"Memory":67108864,"NanoCpus":0,"CgroupParent":"","BlkioWeight":0,"BlkioWeightDevice":[],
    "BlkioDeviceReadBps":[],"BlkioDeviceWriteBps":[],"BlkioDeviceReadIOps":[],"BlkioDeviceWriteIOps":[],"CpuPeriod":0,"CpuQuota":0,
    "CpuRealtimePeriod":0,"CpuRealtimeRuntime":0,"CpusetCpus":"","CpusetMems":"","Devices":[],"DeviceCgroupRules":null,
    "DeviceRequests":null,"MemoryReservation":0,"MemorySwap":0,"MemorySwappiness":-1,"OomKillDisable":false,"PidsLimit":0,
    "Ulimits":[],"CpuCount":0,"CpuPercent":0,"IOMaximumIOps":0,"IOMaximumBandwidth":0,"MaskedPaths":null,"ReadonlyPaths":null},
    "NetworkingConfig":{"EndpointsConfig":{"default":{"IPAMConfig":null,"Links":null,"Aliases":null,"MacAddress":"","DriverOpts":null,
    "GwPriority":0,"NetworkID":"","EndpointID":"","Gateway":"","IPAddress":"","IPPrefixLen":0,"IPv6Gateway":"","GlobalIPv6Address":"",
    "GlobalIPv6PrefixLen":0,"DNSNames":null}}}}
    """#

@Suite struct WireTests {
    @Test func readsWhatTheStockClientSends() throws {
        let request = try decode(ContainerCreateRequest.self, stockRun)
        #expect(request.config.image == "busybox")
        #expect(request.config.cmd == ["sh"])
        #expect(request.config.entrypoint == nil)
        #expect(request.config.exposedPorts == ["80/tcp"])
        #expect(request.hostConfig?.binds == ["/tmp:/t:ro"])
        #expect(request.hostConfig?.resources.memory == 67_108_864)
        #expect(request.hostConfig?.resources.memorySwappiness == -1)
        #expect(request.hostConfig?.portBindings?["80/tcp"] == [PortBinding(hostPort: "8080")])
        #expect(request.hostConfig?.consoleSize == [30, 120])
        #expect(request.hostConfig?.maskedPaths == nil)
        #expect(request.networkingConfig?.endpointsConfig?["default"]?.gwPriority == 0)
    }

    @Test func writesBackEveryField() throws {
        let request = try decode(ContainerCreateRequest.self, stockRun)
        let again = try encode(request)
        #expect(try decode(ContainerCreateRequest.self, again) == request)
        // Same keys as Docker's own, no more and no fewer, with null kept apart from [].
        for field in [#""CapAdd":null"#, #""Dns":[]"#, #""Entrypoint":null"#, #""Memory":67108864"#, #""ExposedPorts":{"80/tcp":{}}"#] {
            #expect(again.contains(field))
        }
        #expect(!again.contains("StorageOpt") && !again.contains("Healthcheck") && !again.contains("\"Init\""))
    }

    @Test func readsACommandGivenAsAString() throws {
        let config = try decode(ContainerConfig.self, #"{"Cmd":"date","Entrypoint":["sh","-c"]}"#)
        #expect(config.cmd == ["date"])
        #expect(config.entrypoint == ["sh", "-c"])
        #expect(throws: DecodingError.self) { try decode(ContainerConfig.self, #"{"Cmd":5}"#) }
    }

    @Test func missingFieldsAreZero() throws {
        let request = try decode(ContainerCreateRequest.self, #"{"Image":"x","Future":1}"#)
        #expect(request.config.image == "x" && request.hostConfig == nil && !request.config.tty)
        #expect(try decode(ContainerState.self, "{}").startedAt == .never)
    }

    @Test func timesAreDockers() throws {
        let state = ContainerState(status: "running", running: true, startedAt: Timestamp(seconds: 1_700_000_000, nanoseconds: 5))
        let text = try encode(state)
        #expect(text.contains(#""StartedAt":"2023-11-14T22:13:20.000000005Z""#))
        #expect(text.contains(#""FinishedAt":"0001-01-01T00:00:00Z""#))
    }

    @Test func exposedButUnpublishedPortsAreNull() throws {
        var settings = NetworkSettings()
        settings.ports = ["80/tcp": nil, "443/tcp": [PortBinding(hostIp: "0.0.0.0", hostPort: "443")]]
        let text = try encode(settings)
        #expect(text.contains(#""80/tcp":null"#))
        #expect(try decode(NetworkSettings.self, text) == settings)
    }

    @Test func messagesLeaveOutWhatTheyDoNotSay() throws {
        #expect(try encode(JSONMessage(status: "Pulling from library/busybox", id: "latest")) == #"{"status":"Pulling from library/busybox","id":"latest"}"#)
        let failed = try decode(JSONMessage.self, #"{"errorDetail":{"message":"no space"},"error":"no space"}"#)
        #expect(failed.errorDetail?.message == "no space")
    }
}

@Suite struct FilterTests {
    @Test func readsBothForms() throws {
        #expect(try Filters(json: #"{"status":["running","paused"],"label":["a=b"]}"#)["status"] == ["running", "paused"])
        #expect(try Filters(json: #"{"status":{"running":true}}"#)["status"] == ["running"])
        #expect(try Filters(json: nil).isEmpty && Filters(json: "").isEmpty)
        for bad in ["[]", "{", "null", #"{"a":1}"#, #"{"a":{"b":"c"}}"#] {
            #expect(throws: Filters.Invalid.self) { try Filters(json: bad) }
        }
    }

    @Test func writesTheNewForm() throws {
        var filters = Filters()
        filters.add("label", "a=\"b\"")
        filters.add("status", "running")
        filters.add("status", "running")
        #expect(filters.json == #"{"label":{"a=\"b\"":true},"status":{"running":true}}"#)
        #expect(try Filters(json: filters.json) == filters)
    }

    @Test func matches() throws {
        let filters = Filters(["label": ["a", "b=c"], "dangling": ["true"]])
        #expect(filters.matchesLabels(["a": "", "b": "c"]) && !filters.matchesLabels(["a": ""]))
        #expect(try filters.flag("dangling") == true && filters.flag("other") == nil)
        #expect(throws: Filters.Invalid(description: "invalid filter 'label'")) { try filters.validate(["dangling"]) }
        #expect(throws: Filters.Invalid.self) { try Filters(["dangling": ["maybe"]]).flag("dangling") }
    }
}

@Suite struct StreamFrameTests {
    @Test func comesApartInAnyPieces() throws {
        let bytes = StreamFrame(.stdout, Array("hello".utf8)).encoded + StreamFrame(.stderr, []).encoded + StreamFrame(.stderr, Array("no".utf8)).encoded
        for size in 1...bytes.count {
            var decoder = StreamFrameDecoder()
            var out: [UInt8] = [], err: [UInt8] = []
            var rest = bytes[...]
            while !rest.isEmpty {
                for frame in try decoder.decode(rest.prefix(size)) {
                    if frame.stream == .stdout { out += frame.payload } else { err += frame.payload }
                }
                rest = rest.dropFirst(size)
            }
            #expect(out == Array("hello".utf8) && err == Array("no".utf8) && decoder.isBetweenFrames)
        }
    }

    @Test func refusesWhatIsNotAFrame() {
        var decoder = StreamFrameDecoder()
        #expect(throws: StreamFrameError(stream: 72)) { try decoder.decode(Array("HTTP/1.1 ".utf8)) }
    }
}
